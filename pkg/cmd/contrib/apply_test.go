package contrib

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func TestApply(t *testing.T) {
	t.Parallel()
	const members = "team-a:\n  bob@x.com: viewer\n  erin@x.com: {role: editor, http: false}\n"
	tests := map[string][]string{
		"apply/changes": {"apply", "-f", "-", "--from", fixture, "--preview=none"},
		"apply/prune":   {"apply", "-f", "-", "--from", fixture, "--prune", "--preview=none"},
		"apply/alone":   {"apply", "-f", "-", "-o", "yaml"},
		"apply/native":  {"apply", "-f", "-", "-o", "name", "--flavor", "native"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, members, append(args, "--dry-run=client")...).String(), name)
		})
	}
}

// What export writes changes nothing where it came from.
func TestExportAndApply(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for format, ending := range map[string]string{"yaml": ".yaml", "csv": ".csv"} {
		exported := execute(t, "", "export", "-A", "-o", format, "--from", fixture)
		if exported.Code != 0 || !strings.Contains(exported.Stdout, "bob@x.com") {
			t.Fatalf("export: %s", exported)
		}
		// The role of carol has ended, and a role that has ended is not given.
		var kept []string
		for line := range strings.Lines(exported.Stdout) {
			if format == "csv" && !strings.Contains(line, "carol") {
				kept = append(kept, line)
			}
		}
		text := strings.Join(kept, "")
		if format == "yaml" {
			text, _, _ = strings.Cut(exported.Stdout, "  carol@x.com:")
		}
		file := filepath.Join(dir, "members"+ending)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		applied := execute(t, "", "apply", "-f", file, "--from", fixture, "--dry-run=client")
		if applied.Code != 0 || !strings.Contains(applied.Stderr, "nothing to do") || strings.Contains(applied.Stdout, "created") {
			t.Errorf("%s: apply what was exported:\n%s\n%s", format, text, applied)
		}
	}
}

// TestApplyDirectory: of a directory all files with members are read; a mistake in one is told with its place.
func TestApplyDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.yaml": "team-a:\n  erin@x.com: viewer\n", "sub/b.csv": "team-a,frank@x.com,editor\n", "README.md": "no members",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := execute(t, "", "apply", "-f", dir, "--dry-run=client", "-o", "name")
	const want = "rolebinding.rbac.authorization.k8s.io/user-erin-x-com-clusterrole-view\n" +
		"rolebinding.rbac.authorization.k8s.io/user-frank-x-com-clusterrole-edit\n" +
		"authorizationpolicy.security.istio.io/user-erin-x-com-clusterrole-view\n" +
		"authorizationpolicy.security.istio.io/user-frank-x-com-clusterrole-edit\n"
	if diff := cmp.Diff(want, got.Stdout); diff != "" || got.Code != 0 {
		t.Errorf("exit %d, %s (-want +got):\n%s", got.Code, got.Stderr, diff)
	}
	collision := filepath.Join(dir, "sub", "b.csv")
	if err := os.WriteFile(collision, []byte("team-a,bob-x@com,editor\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got = execute(t, "", "apply", "-f", dir, "--dry-run=client", "--from", fixture)
	const hint = "hint: \"name: NAME\" in the file gives the new objects another name"
	if got.Code != 1 || !strings.Contains(got.Stderr, collision+":1: give bob-x@com the role editor in team-a: the name") || !strings.Contains(got.Stderr, hint) {
		t.Errorf("a name that is taken: %s", got)
	}
}

func TestChanged(t *testing.T) {
	t.Parallel()
	steps := make([]plan.Step, 0, 2)
	for _, unit := range []string{"a, group:b in dev", "c in qa"} {
		steps = append(steps, plan.Step{Verb: plan.Delete, Unit: unit})
	}
	grants := []contrib.Grant{
		{Workspace: "dev", Subject: rbac.User("a")},
		{Workspace: "qa", Subject: rbac.User("a")},
		{Workspace: "dev", Subject: rbac.Group("b")},
		{Workspace: "qa", Subject: rbac.User("c")},
	}
	got := changed(grants, plan.Plan{Steps: steps})
	if diff := cmp.Diff([]contrib.Grant{grants[0], grants[2], grants[3]}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	grants := []contrib.Grant{{Workspace: "b"}, {Workspace: "a"}, {Workspace: "b"}}
	if diff := cmp.Diff([]string{"a", "b"}, places(grants, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMerged(t *testing.T) {
	t.Parallel()
	state := func(name string, served bool) *workspace.State {
		meta := metav1.ObjectMeta{Name: name}
		return workspace.NewState(&inventory.Inventory{
			Live: true, Served: map[inventory.Kind]bool{inventory.Profiles: served},
			Namespaces:   []*corev1.Namespace{{ObjectMeta: meta}},
			RoleBindings: []*rbacv1.RoleBinding{{ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: "x"}}},
			Gaps:         []rbac.Gap{{What: "profiles", Namespace: name}},
		}, workspace.Options{Flavor: workspace.Kubeflow, Now: now()})
	}
	one := state("a", false)
	got := merged([]*workspace.State{one, state("b", true), state("c", false)})
	var names []string
	for _, b := range got.Inventory.RoleBindings {
		names = append(names, b.Namespace)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, names); diff != "" {
		t.Errorf("bindings (-want +got):\n%s", diff)
	}
	if len(got.Inventory.Namespaces) != 3 || len(got.Inventory.Gaps) != 3 || !got.Inventory.Served[inventory.Profiles] ||
		!got.Inventory.Live || got.Flavor != workspace.Kubeflow || !got.Now.Equal(now()) {
		t.Errorf("merged: %+v", got.Inventory)
	}
	if len(one.Inventory.RoleBindings) != 1 || one.Inventory.Served[inventory.Profiles] {
		t.Errorf("the first state was changed: %+v", one.Inventory)
	}
}

// The example has objects that a list can't say: that is no reason to change them.
func TestExportAndApplyExample(t *testing.T) {
	t.Parallel()
	exported := execute(t, "", "export", "-A", "--from", acme)
	applied := execute(t, exported.Stdout, "apply", "-f", "-", "--from", acme, "--dry-run=client")
	if applied.Code != 0 || !strings.Contains(applied.Stderr, "nothing to do") {
		t.Errorf("apply what was exported:\n%s\n%s", exported.Stdout, applied)
	}
}

func TestApplyNobody(t *testing.T) {
	t.Parallel()
	args := []string{"apply", "-f", "-", "--from", fixture, "--dry-run=client"}
	got := execute(t, "team-a: {}\n", args...)
	if got.Code != 1 || !strings.Contains(got.Stderr, "--prune removes all members of team-a") {
		t.Errorf("without --prune: %s", got)
	}
	golden.Equal(t, execute(t, "team-a: {}\n", append(args, "--prune", "--preview=none")...).String(), "apply/nobody")
}

// TestApplyAgain: what a grant comes to is said when it is made, and not when it is there.
func TestApplyAgain(t *testing.T) {
	t.Parallel()
	const members = "team-a:\n  group:ml: viewer\n"
	made := execute(t, members, "apply", "-f", "-", "--flavor", "kubeflow", "--dry-run=client", "-o", "yaml")
	const note = "note: group:ml: Kubeflow's dashboard and web apps do not know groups"
	if made.Code != 0 || !strings.Contains(made.Stderr, note) {
		t.Fatalf("made: %s", made)
	}
	manifests := filepath.Join(t.TempDir(), "made.yaml")
	if err := os.WriteFile(manifests, []byte(made.Stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	again := execute(t, members, "apply", "-f", "-", "--flavor", "kubeflow", "--dry-run=client", "--from", manifests)
	if want := "nothing to do (apply 1 member of team-a): all is as it should be\n"; again.Code != 0 || again.Stderr != want {
		t.Errorf("again: %s\nwant on stderr only %q", again, want)
	}
}

func TestApplyNothing(t *testing.T) {
	t.Parallel()
	got := execute(t, "{}\n", "apply", "-f", "-", "--from", fixture, "--dry-run=client", "--prune")
	if got.Code != 1 || got.Stdout != "" || !strings.Contains(got.Stderr, "the file has none") {
		t.Errorf("an empty file: %s", got)
	}
}
