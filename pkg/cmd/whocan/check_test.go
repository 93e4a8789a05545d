package whocan

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/expect"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const (
	acmeExpectations   = "../../../examples/acme-expectations.yaml"
	brokenExpectations = "testdata/expectations-broken.yaml"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"acme":          {"-f", acmeExpectations, "--groups-file", acmeGroups},
		"acme-junit":    {"-f", acmeExpectations, "--groups-file", acmeGroups, "-o", "junit"},
		"acme-sarif":    {"-f", acmeExpectations, "--groups-file", acmeGroups, "-o", "sarif"},
		"acme-ungroups": {"-f", acmeExpectations},
		"broken":        {"-f", brokenExpectations},
		"broken-wide":   {"-f", brokenExpectations, "-o", "wide"},
		"broken-json":   {"-f", brokenExpectations, "-o", "json"},
		"broken-junit":  {"-f", brokenExpectations, "-o", "junit"},
		"broken-sarif":  {"-f", brokenExpectations, "-o", "sarif"},
		"quiet-yes":     {"-f", acmeExpectations, "--groups-file", acmeGroups, "-q"},
		"quiet-no":      {"-f", brokenExpectations, "-q"},
		"never-fail":    {"-f", brokenExpectations, "--fail-on", "none", "-o", "jsonpath={.failed} of {.expectations}"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append([]string{"check", "--from", acme}, args...)...).String(), "check/"+name)
		})
	}
}

// Machine formats have to be what they say, whatever names are in them.
func TestCheckForms(t *testing.T) {
	t.Parallel()
	doc := "apiVersion: gatehouse.dev/v1alpha1\nkind: AccessExpectations\nexpectations:\n" +
		"- {name: \"\\e[31m<red> & 'quoted'\", nobodyBut: [], can: {verbs: [get], resources: [secrets]}}\n"
	for form, valid := range map[string]func([]byte) error{
		"json":  func(b []byte) error { return json.Unmarshal(b, new(any)) },
		"sarif": func(b []byte) error { return json.Unmarshal(b, new(any)) },
		"junit": func(b []byte) error { return xml.Unmarshal(b, new(struct{ XMLName xml.Name })) },
		"table": func([]byte) error { return nil },
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			got := execute(t, doc, "check", "-f", "-", "--from", acme, "-o", form)
			if err := valid([]byte(got.Stdout)); err != nil || got.Code != 1 || strings.Contains(got.Stdout+got.Stderr, "\x1b") {
				t.Errorf("exit %d, %v:\n%q", got.Code, err, got.Stdout)
			}
		})
	}
}

// A build server counts failures; they are what the exit code is about.
func TestCheckJUnitFailures(t *testing.T) {
	t.Parallel()
	for failOn, want := range map[string]string{
		"error": `tests="6" failures="5"`, "warning": `tests="6" failures="5"`, "none": `tests="6" failures="0"`,
	} {
		got := execute(t, "", "check", "-f", brokenExpectations, "--from", acme, "-o", "junit", "--fail-on", failOn)
		if !strings.Contains(got.Stdout, want) || (got.Code == 0) != (failOn == "none") {
			t.Errorf("--fail-on %s: exit %d, want %s in:\n%s", failOn, got.Code, want, got.Stdout)
		}
	}
}

func TestCheckFailOn(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: gatehouse.dev/v1alpha1\nkind: AccessExpectations\nexpectations:\n"
	const warns = head + "- {name: w, nobodyBut: [group:sre, 'group:none-*'], can: {verbs: [delete], resources: [nodes]}}\n"
	const informs = head + "- {name: i, subjects: [user:bbo@acme.example], cannot: {verbs: [get], resources: [nodes]}}\n"
	for name, tt := range map[string]struct {
		doc, failOn string
		code        int
	}{
		"warning, by default": {doc: warns, failOn: "error", code: 0},
		"warning":             {doc: warns, failOn: "warning", code: 1},
		"info":                {doc: informs, failOn: "info", code: 1},
		"info below warning":  {doc: informs, failOn: "warning", code: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := execute(t, tt.doc, "check", "-f", "-", "--from", acme, "--fail-on", tt.failOn); got.Code != tt.code || got.Stdout == "" {
				t.Errorf("exit %d, want %d:\n%s%s", got.Code, tt.code, got.Stdout, got.Stderr)
			}
		})
	}
}

func TestCheckPartial(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	partial, expectations := filepath.Join(dir, "partial.snapshot"), filepath.Join(dir, "expectations.yaml")
	writePartial(t, partial)
	doc := "apiVersion: gatehouse.dev/v1alpha1\nkind: AccessExpectations\nexpectations:\n" +
		"- {name: must, subjects: [group:dev], can: {verbs: [get], resources: [pods], namespaces: [dev]}}\n" +
		"- {name: must not, subjects: [group:ops], cannot: {verbs: [delete], resources: [nodes]}}\n"
	if err := os.WriteFile(expectations, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	got := execute(t, "", "check", "-f", expectations, "--from", partial)
	for _, want := range []string{"EX005", "warning", "must not", "not read: clusterroles: forbidden"} {
		if !strings.Contains(got.Stdout, want) {
			t.Errorf("no %q in:\n%s", want, got.Stdout)
		}
	}
	if got.Code != 0 || !strings.Contains(got.Stderr, "2 expectations, 0 failed, 1 undecided") {
		t.Errorf("exit %d, stderr:\n%s", got.Code, got.Stderr)
	}
	if got := execute(t, "", "check", "-f", expectations, "--from", partial, "--strict"); got.Code != 2 || got.Stdout == "" {
		t.Errorf("strict: exit %d, want 2, and the findings on stdout:\n%s", got.Code, got.Stdout)
	}
}

// writePartial writes a snapshot of a cluster whose ClusterRoles could not be read.
func writePartial(t *testing.T, file string) {
	t.Helper()
	var out bytes.Buffer
	err := source.WriteSnapshot(&out, &rbac.Snapshot{
		Cluster: "partial",
		Roles: []rbac.Role{{
			Namespace: "dev", Name: "reader", Stored: true,
			Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}},
		}},
		Bindings: []rbac.Binding{
			{Namespace: "dev", Name: "readers", RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "reader"}, Subjects: []rbacv1.Subject{{Kind: "Group", Name: "dev"}}},
			{Name: "ops", RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "ops"}, Subjects: []rbacv1.Subject{{Kind: "Group", Name: "ops"}}},
		},
		Gaps: []rbac.Gap{{What: "clusterroles", Cause: "forbidden", Missing: &rbacv1.PolicyRule{
			Verbs: []string{"list"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{"clusterroles"},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// One cluster that can't be reached leaves the expectations undecided there, and judged everywhere else.
func TestCheckSeveralClusters(t *testing.T) {
	t.Parallel()
	set, err := expect.Parse([]byte("apiVersion: gatehouse.dev/v1alpha1\nkind: AccessExpectations\nexpectations:\n"+
		"- {name: one, nobodyBut: [], can: {verbs: [get], resources: [pods]}}\n- {name: two, subjects: [user:a], can: {verbs: [get], resources: [pods]}}\n"), "f.yaml")
	if err != nil {
		t.Fatal(err)
	}
	up := &cluster{name: "up", index: rbac.Compile(&rbac.Snapshot{})}
	down := &cluster{name: "down", err: errors.New("connection refused")}
	got := (&checkOptions{set: set}).evaluate([]*cluster{up, down})
	want := checked{total: 4, Result: expect.Result{
		Passed: []string{"up: one"}, Failed: 1, Undecided: 2,
		Findings: []finding.Finding{
			{
				ID: "EX001", Severity: finding.Error, Object: "up: two", Message: "user:a may not get pods everywhere",
				Why: "no binding of user:a or of its groups comes near", Location: finding.Location{File: "f.yaml", Line: 5},
			},
			{
				ID: "EX005", Severity: finding.Error, Object: "down",
				Message: "nothing can be decided: the cluster could not be read", Why: "connection refused",
			},
		},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(checked{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := got.summary(), "4 expectations, 1 failed, 2 undecided"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
}

func TestCheckBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"no file":         {want: "no expectations: want -f FILE"},
		"missing file":    {args: []string{"-f", "nope.yaml"}, want: "read expectations: open nope.yaml"},
		"twice":           {args: []string{"-f", acmeExpectations, "-f", acmeExpectations}, want: "is given twice"},
		"stdin twice":     {args: []string{"-f", "-", "--from", "-"}, want: "stdin (-) can be read only once"},
		"another kind":    {args: []string{"-f", acme + "/namespaces.yaml"}, want: `namespaces.yaml:`},
		"nothing there":   {args: []string{"-f", "-"}, want: "stdin: it holds no expectations"},
		"line and hint":   {stdin: "apiVersion: gatehouse.dev/v1alpha1\nkind: AccessExpectations\nexpectations:\n- nam: x\n", args: []string{"-f", "-"}, want: `stdin:4: expectation: unknown field "nam"; did you mean name?`},
		"bad threshold":   {args: []string{"-f", acmeExpectations, "--fail-on", "bad"}, want: `bad --fail-on "bad": want error, warning, info or none`},
		"no groups file":  {args: []string{"-f", acmeExpectations, "--groups-file", "nope.yaml"}, want: "read groups file"},
		"no such format":  {args: []string{"-f", acmeExpectations, "-o", "csv"}, want: `unknown output format "csv"`},
		"broken manifest": {args: []string{"-f", acmeExpectations, "--from", "nope"}, want: "read nope"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, tt.stdin, append([]string{"check", "--from", acme}, tt.args...)...)
			if got.Code != 2 || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("got exit %d, stdout %q, stderr %q; want exit 2 and %q on stderr only", got.Code, got.Stdout, got.Stderr, tt.want)
			}
		})
	}
}

// A path that is wrong holds nothing, which must not pass for good.
func TestNothingToJudge(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for name, args := range map[string][]string{
		"check":     {"check", "-f", acmeExpectations, "--from", empty},
		"diff from": {"diff", "--from", empty, "--to", acme},
		"diff to":   {"diff", "--from", acme, "--to", empty},
		"diff with": {"diff", "--from", acme, "--with", empty},
	} {
		got := execute(t, "", args...)
		if got.Code != 2 || got.Stdout != "" || !strings.Contains(got.Stderr, "read "+empty+": ") {
			t.Errorf("%s: exit %d, stdout %q, stderr %q; want exit 2 and an error with the path", name, got.Code, got.Stdout, got.Stderr)
		}
	}
}
