package whocan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	const grow, masters = "testdata/whatif/grow.yaml", "testdata/whatif/masters.yaml"
	tests := map[string][]string{
		"same":            {"--from", acme, "--to", acme},
		"same-json":       {"--from", acme, "--to", acme, "-o", "json"},
		"with":            {"--from", acme, "--with", grow},
		"with-wide":       {"--from", acme, "--with", grow, "-n", "team-nlp", "-o", "wide"},
		"with-json":       {"--from", acme, "--with", grow, "-n", "team-nlp", "-o", "json"},
		"with-markdown":   {"--from", acme, "--with", grow, "-n", "data-lake", "-o", "markdown"},
		"with-csv":        {"--from", acme, "--with", grow, "-o", "csv", "--no-headers"},
		"with-superusers": {"--from", acme, "--with", masters, "--fail-on", "any"},
		"without":         {"--from", acme, "--without", "rolebinding/team-vision/user-bob-acme-example-clusterrole-edit", "-n", "team-vision"},
		"without-part":    {"--from", acme, "--without", "clusterrole/auditor-cost", "--fail-on", "lost"},
		"without-role":    {"--from", acme, "--without", "role/stripe-key", "-n", "payments", "--fail-on", "any"},
		"swap":            {"--from", acme, "--without", "clusterrolebinding/finops", "--with", grow, "--fail-on", "none", "-o", "jsonpath={.gained} {.lost}"},
		"quiet-gained":    {"--from", acme, "--with", grow, "-q"},
		"quiet-lost":      {"--from", acme, "--without", "clusterrolebinding/finops", "-q"},
		"not-there":       {"--from", acme, "--without", "rolebinding/team-nlp/reader", "--without", "role/payments/readers"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append([]string{"diff"}, args...)...).String(), "diff/"+name)
		})
	}
}

// The same change, as two sources and as a what-if, from files and from stdin, has to look the same.
func TestDiffSourcesAgree(t *testing.T) {
	t.Parallel()
	change, err := os.ReadFile("testdata/whatif/grow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const replaced = "kind: ClusterRoleBinding\nmetadata:\n  name: finops\n"
	old, err := os.ReadFile(filepath.Join(acme, "platform", "auditors.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(old), replaced) {
		t.Fatal("the example has no binding finops any more")
	}
	both := execute(t, string(change), "diff", "--from", acme, "--to", acme, "--to", "-")
	whatIf := execute(t, string(change), "diff", "--from", acme, "--with", "-")
	if both.Stdout == "" || both.Stdout != whatIf.Stdout || both.Code != 1 || whatIf.Code != 1 {
		t.Errorf("two sources (exit %d):\n%s\nwhat if (exit %d):\n%s", both.Code, both.Stdout, whatIf.Code, whatIf.Stdout)
	}
	back := execute(t, string(change), "diff", "--from", acme, "--from", "-", "--to", acme, "--fail-on", "lost")
	if want := strings.ReplaceAll(back.Stdout, "\n-", "\n+"); back.Code != 1 || strings.Count(want, "\n+") != strings.Count(both.Stdout, "\n+")+strings.Count(both.Stdout, "\n-") {
		t.Errorf("the other way round (exit %d):\n%s\nand this way:\n%s", back.Code, back.Stdout, both.Stdout)
	}
}

// A snapshot has to give the answers of the objects that it was made of.
func TestDiffOnSnapshot(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "acme.snapshot")
	if got := execute(t, "", "snapshot", file, "--from", acme); got.Code != 0 {
		t.Fatalf("snapshot: exit %d: %s", got.Code, got.Stderr)
	}
	manifests := execute(t, "", "diff", "--from", acme, "--with", "testdata/whatif/grow.yaml")
	snapshot := execute(t, "", "diff", "--from", file, "--with", "testdata/whatif/grow.yaml")
	if snapshot.Stdout != manifests.Stdout || snapshot.Code != manifests.Code {
		t.Errorf("on a snapshot (exit %d):\n%s\non manifests (exit %d):\n%s", snapshot.Code, snapshot.Stdout, manifests.Code, manifests.Stdout)
	}
	if got := execute(t, "", "diff", "--from", file, "--to", acme, "--fail-on", "any"); got.Code != 0 || got.Stdout != "" {
		t.Errorf("snapshot against its source: exit %d\n%s", got.Code, got.Stdout)
	}
}

func TestDiffStrict(t *testing.T) {
	t.Parallel()
	partial := partialSnapshot(t)
	for name, tt := range map[string]struct {
		args []string
		code int
	}{
		"told, not failed":            {args: []string{"--from", partial, "--to", partial}, code: 0},
		"strict":                      {args: []string{"--from", partial, "--to", partial, "--strict"}, code: 2},
		"strict what-if":              {args: []string{"--from", partial, "--without", "clusterrolebinding/ops", "--strict", "-q"}, code: 2},
		"strict, and nothing missing": {args: []string{"--from", acme, "--to", acme, "--strict"}, code: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"diff"}, tt.args...)...)
			if told := strings.Contains(got.Stderr, "cannot read clusterroles"); got.Code != tt.code || told != strings.Contains(strings.Join(tt.args, " "), partial) {
				t.Errorf("exit %d, want %d; stderr:\n%s", got.Code, tt.code, got.Stderr)
			}
		})
	}
}

// partialSnapshot is a file of a cluster whose ClusterRoles could not be read.
func partialSnapshot(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "partial.snapshot")
	writePartial(t, file)
	return file
}

func TestDiffBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"nothing":             {want: "nothing to compare"},
		"an argument":         {args: []string{"x"}, want: `unknown command "x"`},
		"two and what-if":     {args: []string{"--from", acme, "--to", acme, "--with", "x.yaml"}, want: "leave --to out"},
		"stdin twice":         {args: []string{"--from", "-", "--with", "-"}, want: "stdin (-) can be read only once"},
		"bad threshold":       {args: []string{"--from", acme, "--to", acme, "--fail-on", "gain"}, want: `bad --fail-on "gain": want gained, lost, any or none`},
		"bad format":          {args: []string{"--from", acme, "--to", acme, "-o", "sarif"}, want: `unknown output format "sarif"`},
		"no such file":        {args: []string{"--from", acme, "--to", "nope.yaml"}, want: "read nope.yaml"},
		"no such change":      {args: []string{"--from", acme, "--with", "nope.yaml"}, want: "read nope.yaml"},
		"no object":           {args: []string{"--from", acme, "--without", "pod/x"}, want: `bad --without: parse object "pod/x"`},
		"no namespace":        {args: []string{"--from", acme, "--without", "rolebinding/x"}, want: "want rolebinding/NAMESPACE/NAME"},
		"several contexts":    {args: []string{"--to", acme, "--context", "a", "--context", "b"}, want: "context"},
		"a namespace that is": {args: []string{"--from", acme, "--to", acme, "-n", "Not/One"}, want: `bad --namespace "Not/One"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"diff"}, tt.args...)...)
			if got.Code != 2 || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("got exit %d, stdout %q, stderr %q; want exit 2 and %q on stderr only", got.Code, got.Stdout, got.Stderr, tt.want)
			}
		})
	}
}

func TestDiffCompletion(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"objects of files":  {args: []string{"--from", acme, "--without", "rolebinding/payments/"}, want: "rolebinding/payments/stripe-key\n"},
		"values of fail-on": {args: []string{"--fail-on", ""}, want: "gained\nlost\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"__complete", "diff"}, tt.args...)...)
			if got.Code != 0 || !strings.Contains(got.Stdout, tt.want) {
				t.Errorf("exit %d: %s", got.Code, got.Stdout)
			}
		})
	}
}
