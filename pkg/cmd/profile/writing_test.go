package profile

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// TestDryRun compares what commands that write would do, without a cluster: on the example company, on a cluster in all
// states, and on none at all.
func TestDryRun(t *testing.T) {
	t.Parallel()
	states := []string{"--from", "testdata/states.yaml"}
	company := []string{"--from", acme}
	tests := map[string]struct {
		args []string
		from []string
	}{
		"create/lines":          {[]string{"create", "audio", "--owner", "ann@x.example", "--quota", "cpu=2,memory=2Gi", "--quota", "requests.nvidia.com/gpu=1"}, company},
		"create/yaml":           {[]string{"create", "audio", "--owner", "ann@x.example", "--quota", "cpu=2", "-o", "yaml"}, nil},
		"create/plugin":         {[]string{"create", "audio", "--owner", "ann@x.example", "--plugin", "AwsIamForServiceAccount:awsIamRole=arn:aws:iam::1:role/x,annotateOnly=true", "-o", "yaml"}, nil},
		"create/labels":         {[]string{"create", "audio", "--owner", "ann@x.example", "--label", "team=audio"}, nil},
		"create/native":         {[]string{"create", "audio", "--owner", "group:leads", "--flavor", "native", "--quota", "cpu=2", "--label", "team=audio", "--limit-range", "--default-deny", "--service-accounts", "-o", "yaml"}, nil},
		"create/limit-range":    {[]string{"create", "audio", "--owner", "ann@x.example", "--limit-range"}, nil},
		"create/there":          {[]string{"create", "team-vision", "--owner", "ann@x.example"}, company},
		"create/namespace":      {[]string{"create", "training", "--owner", "ann@x.example"}, company},
		"create/bad-name":       {[]string{"create", "Team_Audio", "--owner", "ann@x.example"}, nil},
		"apply/new":             {[]string{"apply", "-f", "testdata/apply/new.yaml"}, states},
		"apply/new-yaml":        {[]string{"apply", "-f", "testdata/apply/new.yaml", "-o", "yaml"}, nil},
		"apply/native":          {[]string{"apply", "-f", "testdata/apply/new.yaml", "--flavor", "native"}, nil},
		"apply/two-documents":   {[]string{"apply", "-f", "testdata/apply/profiles.yaml"}, nil},
		"apply/automator":       {[]string{"apply", "-f", "testdata/apply/automator.yaml"}, nil},
		"apply/change":          {[]string{"apply", "-f", "testdata/apply/change.yaml"}, states},
		"apply/directory":       {[]string{"apply", "-f", "testdata/apply"}, states},
		"apply/prune":           {[]string{"apply", "-f", "testdata/apply/change.yaml", "--prune"}, states},
		"quota/set":             {[]string{"quota", "set", "full", "cpu=4", "memory=8Gi"}, states},
		"quota/set-new":         {[]string{"quota", "set", "native", "cpu=4"}, states},
		"quota/set-same":        {[]string{"quota", "set", "full", "cpu=8"}, states},
		"quota/set-bad":         {[]string{"quota", "set", "full", "gpus=1"}, states},
		"quota/unset":           {[]string{"quota", "unset", "full", "requests.nvidia.com/gpu"}, states},
		"quota/unset-all":       {[]string{"quota", "unset", "full", "--all"}, states},
		"transfer/kubeflow":     {[]string{"transfer", "full", "--owner", "bob@x.example", "--keep-old-as", "editor"}, states},
		"transfer/half-done":    {[]string{"transfer", "conflict", "--owner", "ann@x.example"}, states},
		"transfer/native":       {[]string{"transfer", "native", "--owner", "bob@x.example"}, states},
		"transfer/same":         {[]string{"transfer", "full", "--owner", "ann@x.example"}, states},
		"adopt/kubeflow":        {[]string{"adopt", "plain", "--owner", "ann@x.example"}, states},
		"adopt/native":          {[]string{"adopt", "plain", "--owner", "ann@x.example", "--flavor", "native"}, states},
		"adopt/nowhere":         {[]string{"adopt", "nowhere", "--owner", "ann@x.example"}, states},
		"delete/kubeflow":       {[]string{"delete", "full"}, states},
		"delete/keep-namespace": {[]string{"delete", "full", "--keep-namespace"}, states},
		"delete/stuck":          {[]string{"delete", "stuck"}, states},
		"delete/native":         {[]string{"delete", "native"}, states},
		"delete/nowhere":        {[]string{"delete", "nowhere"}, states},
		"register/new":          {[]string{"register", "Bob.Smith+x@x.example", "-o", "yaml"}, nil},
		"register/name":         {[]string{"register", "bob@x.example", "--name", "lab"}, states},
		"register/taken":        {[]string{"register", "full@y.example"}, states},
		"register/no-address":   {[]string{"register", "bob"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(append(append([]string{}, tt.args...), tt.from...), "--dry-run=client")
			golden.Equal(t, execute(t, "", args...).String(), name)
		})
	}
}

// TestRoundTrip applies what was exported, in both forms: nothing may change.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	forms := map[string][]string{"-short": {"export", "--short"}, "-manifests": {"export"}, "-json": {"export", "-o", "json"}}
	for name, from := range map[string]string{"acme": acme, "states": "testdata/states.yaml"} {
		for form, export := range forms {
			t.Run(name+form, func(t *testing.T) {
				t.Parallel()
				exported := execute(t, "", append(export, "--from", from)...)
				if exported.Code != 0 {
					t.Fatalf("export:\n%s", exported)
				}
				got := execute(t, exported.Stdout, "apply", "-f", "-", "--from", from, "--dry-run=client")
				if got.Code != 0 || !strings.Contains(got.Stderr, "nothing to do") {
					t.Errorf("something changes:\n%s", got)
				}
				golden.Equal(t, got.String(), "apply/round-trip-"+name+form)
			})
		}
	}
}

// TestApplyManifests takes the members out of manifests as they are, with their end and without a way in, for a cluster
// that has none of them yet. Objects that do not say that they are a member's are not passed over in silence.
func TestApplyManifests(t *testing.T) {
	t.Parallel()
	exported := execute(t, "", "export", "full", "--from", "testdata/states.yaml")
	if exported.Code != 0 {
		t.Fatalf("export:\n%s", exported)
	}
	golden.Equal(t, execute(t, exported.Stdout, "apply", "-f", "-", "--dry-run=client", "-o", "yaml").String(), "apply/manifests")

	unmarked := strings.ReplaceAll(exported.Stdout, "    user: bob@x.example\n", "")
	got := execute(t, unmarked, "apply", "-f", "-", "--dry-run=client")
	const want = "RoleBinding full/user-bob-x-example-clusterrole-edit: it is no part of a workspace, and does not say that it is a member's"
	if got.Code != 1 || !strings.Contains(got.Stderr, want) {
		t.Errorf("want %q, got:\n%s", want, got)
	}
}

// TestApplyTwoRoles applies manifests that hold two roles of one member: Kubeflow's access management makes such, and
// what a file holds is not deleted for it.
func TestApplyTwoRoles(t *testing.T) {
	t.Parallel()
	exported := execute(t, "", "export", "full", "--from", "testdata/states.yaml")
	if exported.Code != 0 {
		t.Fatalf("export:\n%s", exported)
	}
	stronger := regexp.MustCompile(`(?s)apiVersion: rbac[^-]*annotations:\n    role: edit\n    user: bob@x.example.*?\n---\n`).FindString(exported.Stdout)
	weaker := strings.NewReplacer("role: edit", "role: view", "clusterrole-edit", "clusterrole-view", "kubeflow-edit", "kubeflow-view").Replace(stronger)
	states, err := os.ReadFile("testdata/states.yaml")
	if err != nil {
		t.Fatal(err)
	}
	both := filepath.Join(t.TempDir(), "both.yaml")
	if err := os.WriteFile(both, append([]byte(weaker), states...), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		file string
		want string
	}{
		"both": {weaker + exported.Stdout, "nothing to do"},
		"one":  {exported.Stdout, "delete rolebinding full/user-bob-x-example-clusterrole-view"},
	} {
		got := execute(t, tt.file, "apply", "-f", "-", "--from", both, "--dry-run=client")
		if weaker == "" || got.Code != 0 || !strings.Contains(got.Stderr, tt.want) {
			t.Errorf("%s: want %q:\n%s", name, tt.want, got)
		}
	}
}

// TestPruneLastMember takes the members away from a workspace whose list in the file is empty, and from none without one.
func TestPruneLastMember(t *testing.T) {
	t.Parallel()
	for list, pruned := range map[string]bool{"members: []": true, "members:": true, "quota: {}": false} {
		file := "profiles:\n- name: full\n  owner: ann@x.example\n  " + list + "\n"
		got := execute(t, file, "apply", "-f", "-", "--prune", "--from", "testdata/states.yaml", "--dry-run=client")
		if got.Code != 0 || strings.Contains(got.Stdout, "user-bob-x-example-clusterrole-edit deleted") != pruned {
			t.Errorf("%s: pruned should be %t:\n%s", list, pruned, got)
		}
	}
}

// TestApplyRefuses looks for mistakes in files that are told with their place.
func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one := "profiles:\n- {name: a, owner: x}\n"
	for file, text := range map[string]string{"a.yaml": one, "b.yml": one, "c.txt": "no manifest"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"twice in two files": {args: []string{"-f", dir}, want: "b.yml:2: profile a is described already"},
		"another kind":       {stdin: "kind: Pod\napiVersion: v1\n", args: []string{"-f", "-"}, want: `stdin:1: kind "Pod" (v1) describes no workspace`},
		"nothing":            {args: []string{"-f", "-"}, want: "stdin: it describes no workspace"},
		"no owner":           {stdin: "profiles:\n- name: a\n", args: []string{"-f", "-"}, want: `stdin:2: profile "a": the owner is missing`},
		"a bad member":       {stdin: "profiles:\n- name: a\n  owner: x\n  members: [{subject: b, role: king}]\n", args: []string{"-f", "-"}, want: `stdin:4: parse role "king"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, tt.stdin, append([]string{"apply", "--dry-run=client"}, tt.args...)...)
			if got.Code != 1 || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("got exit %d, stdout %q, stderr %q; want exit 1 and %q on stderr only", got.Code, got.Stdout, got.Stderr, tt.want)
			}
		})
	}
}
