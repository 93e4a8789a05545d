package profile_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func full(name string, owner rbac.Subject) profile.Spec {
	return profile.Spec{
		Name: name, Owner: owner, Quota: corev1.ResourceQuotaSpec{Hard: list("cpu", "2", "nvidia.com/gpu", "1")},
		Labels: map[string]string{"team": "shop"}, Annotations: map[string]string{"contact": "x"},
		LimitRange: true, ServiceAccounts: true,
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	deny := full("shop", rbac.Group("leads"))
	deny.DefaultDeny = true
	tests := map[string]struct {
		world *world
		spec  profile.Spec
	}{
		"kubeflow":       {newWorld(t, workspace.Kubeflow), full("team-a", user(alice))},
		"kubeflow-plain": {newWorld(t, workspace.Kubeflow), profile.Spec{Name: "team-a", Owner: user(alice)}},
		"kubeflow-plugin": {newWorld(t, workspace.Kubeflow), profile.Spec{Name: "team-a", Owner: user(alice), Plugins: []kubeflow.Plugin{
			{Kind: "Unknown", Spec: map[string]any{"a": "b"}},
		}, ProfileLabels: map[string]string{"a": "b"}}},
		"kubeflow-there": {teamA(t), profile.Spec{Name: "team-a", Owner: user(alice), Quota: corev1.ResourceQuotaSpec{Hard: list("cpu", "4000m")}}},
		"native":         {newWorld(t, workspace.Native), deny},
		"native-there":   {nativeTeam(t), profile.Spec{Name: "shop", Owner: user(alice)}},
		"native-half":    {nativeTeam(t).remove("RoleBinding", "shop", "gatehouse-owner"), profile.Spec{Name: "shop", Owner: user(alice), LimitRange: true}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, notes, err := profile.Create(tc.world.state(), tc.spec)
			if err != nil {
				t.Fatalf("Create: %v", err)
			}
			golden.Equal(t, shown(t, p, notes), "create/"+name)
		})
	}
}

// A native workspace that was made in part is completed by the same command, whatever is missing but its namespace.
func TestCreateCompletes(t *testing.T) {
	t.Parallel()
	start := newWorld(t, workspace.Native)
	spec := full("shop", user(alice))
	spec.DefaultDeny = true
	whole, _, err := profile.Create(start.state(), spec)
	if err != nil {
		t.Fatal(err)
	}
	done := start.clone()
	done.carryOut(whole, -1)
	for n := range len(whole.Steps) {
		w := start.clone()
		w.carryOut(whole, n)
		rest, _, err := profile.Create(w.state(), spec)
		if err != nil {
			t.Fatalf("after %d steps: %v", n, err)
		}
		w.carryOut(rest, -1)
		if diff := cmp.Diff(done.manifests(), w.manifests()); diff != "" {
			t.Errorf("after %d steps (-want +got):\n%s", n, diff)
		}
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	someones := "{apiVersion: v1, kind: Namespace, metadata: {name: team-b}}"
	tests := map[string]struct {
		world *world
		spec  profile.Spec
		want  string
	}{
		"name": {
			newWorld(t, workspace.Kubeflow),
			profile.Spec{Name: "danielNamespace", Owner: user(alice)},
			"name \"danielNamespace\": it names a namespace too, and is no DNS label: want at most 63 lower-case letters, digits and \"-\", with a letter or digit at both ends\nhint: did you mean daniel-namespace?",
		},
		"namespace there": {
			newWorld(t, workspace.Kubeflow).yaml(someones),
			profile.Spec{Name: "team-b", Owner: user(alice)},
			"create profile \"team-b\": a namespace of this name exists, and is no workspace\nhint: kubectl profile adopt team-b --owner user:alice@example.com makes it a workspace",
		},
		"namespace there, native": {
			newWorld(t, workspace.Native).yaml(someones),
			profile.Spec{Name: "team-b", Owner: user(alice)},
			"create profile \"team-b\": a namespace of this name exists, and is no workspace\nhint: kubectl profile adopt team-b --owner user:alice@example.com makes it a workspace",
		},
		"namespace going": {
			newWorld(t, workspace.Native).yaml("{apiVersion: v1, kind: Namespace, metadata: {name: team-b}, status: {phase: Terminating}}"),
			profile.Spec{Name: "team-b", Owner: user(alice)},
			"create profile \"team-b\": the namespace of this name is being deleted\nhint: wait until it is gone, then try again",
		},
		"another owner": {
			teamA(t),
			profile.Spec{Name: "team-a", Owner: user(bob)},
			"profile \"team-a\": it belongs to user:alice@example.com, not to user:bob@example.com\nhint: kubectl profile transfer team-a --owner user:bob@example.com hands it on",
		},
		"another quota": {
			teamA(t),
			profile.Spec{Name: "team-a", Owner: user(alice), Quota: corev1.ResourceQuotaSpec{Hard: list("cpu", "5")}},
			"create profile \"team-a\": it exists, and differs from what is asked for (update profile team-a)\nhint: kubectl profile apply -f FILE changes workspaces; kubectl profile quota set changes limits",
		},
		"default deny on kubeflow": {
			newWorld(t, workspace.Kubeflow),
			profile.Spec{Name: "a", Owner: user(alice), DefaultDeny: true},
			"profile \"a\": a default-deny network policy would cut it off from Kubeflow's gateway\nhint: Istio's policies say who gets into a Kubeflow profile",
		},
		"plugins on native": {
			newWorld(t, workspace.Native),
			profile.Spec{Name: "a", Owner: user(alice), Plugins: []kubeflow.Plugin{{Kind: "X"}}},
			"profile \"a\": plugins are Kubeflow's, and this is a native workspace",
		},
		"resource": {
			newWorld(t, workspace.Native),
			profile.Spec{Name: "a", Owner: user(alice), Quota: corev1.ResourceQuotaSpec{Hard: list("gpu", "1")}},
			"profile \"a\": quota: resource \"gpu\": a quota cannot limit it; did you mean requests.nvidia.com/gpu?",
		},
		"annotation": {
			newWorld(t, workspace.Kubeflow),
			profile.Spec{Name: "a", Owner: user(alice), Annotations: map[string]string{"owner": "x"}},
			"annotation owner: it says whose a workspace is, and is not set by hand\nhint: kubectl profile transfer NAME --owner NEW hands a workspace on",
		},
		"label value": {
			newWorld(t, workspace.Native),
			profile.Spec{Name: "a", Owner: user(alice), Labels: map[string]string{"a": "b c"}},
			"label a: value \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
		},
		"blank": {
			newWorld(t, workspace.Native),
			profile.Spec{Name: "a", Owner: user(" x")},
			"owner \" x\": the name has blanks around it",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := profile.Create(tc.world.state(), tc.spec)
			refusal(t, err, tc.want)
		})
	}
}

func TestFollowUp(t *testing.T) {
	t.Parallel()
	w := teamA(t)
	p, notes, err := profile.FollowUp(w.state(), full("team-a", user(alice)))
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, shown(t, p, notes), "create/follow-up")
	w.carryOut(p, -1)
	if p, _, err = profile.FollowUp(w.state(), full("team-a", user(alice))); err != nil || len(p.Steps) > 0 {
		t.Errorf("the second time: %v, error %v", p.Strings(), err)
	}

	early := newWorld(t, workspace.Kubeflow, made("team-a", alice, "")[0])
	_, _, err = profile.FollowUp(early.state(), profile.Spec{Name: "team-a", Labels: map[string]string{"a": "b"}})
	refusal(t, err, "set up profile \"team-a\": its namespace is not there yet\nhint: kubectl profile wait team-a tells when it is there")
}

func TestApply(t *testing.T) {
	t.Parallel()
	w := teamA(t)
	w.add(made("team-b", bob, "")...)
	w.add(made("team-c", carol, "1")...)
	w.yaml("{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: team-c}}")
	specs := []profile.Spec{
		{Name: "team-a", Owner: user(alice), Quota: corev1.ResourceQuotaSpec{Hard: list("cpu", "8")}, Labels: map[string]string{"x": "y"}},
		{Name: "team-b", Owner: user(bob)},
		{Name: "team-d", Owner: user(bob), Labels: map[string]string{"x": "y"}},
	}
	p, notes, err := profile.Apply(w.state(), specs, false)
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, shown(t, p, notes), "apply/kubeflow")
	if p, notes, err = profile.Apply(w.state(), specs, true); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, shown(t, p, notes), "apply/kubeflow-prune")
	w.carryOut(p, -1)
	if p, _, err = profile.Apply(w.state(), specs, true); err != nil || len(p.Changes().Steps) > 0 {
		t.Errorf("the second time: %v, error %v", p.Strings(), err)
	}

	native := nativeTeam(t)
	spec := full("shop", user(alice))
	p, notes, err = profile.Apply(native.state(), []profile.Spec{spec}, false)
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, shown(t, p, notes), "apply/native")
	native.carryOut(p, -1)
	spec.Quota.Hard = corev1.ResourceList{}
	p, _, err = profile.Apply(native.state(), []profile.Spec{spec}, false)
	if diff := cmp.Diff([]string{"unchanged namespace shop", "delete resourcequota shop/gatehouse-quota"}, p.Strings()); diff != "" || err != nil {
		t.Errorf("no quota (-want +got), error %v:\n%s", err, diff)
	}
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	w := teamA(t)
	_, _, err := profile.Apply(w.state(), nil, true)
	refusal(t, err, "apply profiles: pruning to nothing would delete every workspace\nhint: kubectl profile delete NAME deletes one")
	_, _, err = profile.Apply(w.state(), []profile.Spec{
		{Name: "team-a", Owner: user(bob)}, {Name: "X", Owner: user(bob)}, {Name: "team-a", Owner: user(alice)},
	}, true)
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		`profile "team-a": it belongs to user:alice@example.com, not to user:bob@example.com`,
		`name "X": it names a namespace too, and is no DNS label: want at most 63 lower-case letters, digits and "-", with a letter or digit at both ends`,
		`apply profile "team-a": it is there twice`,
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

// An owner's binding whose role was changed by hand is made anew: a role cannot be changed.
func TestApplyRebindsOwner(t *testing.T) {
	t.Parallel()
	w := nativeTeam(t).change("RoleBinding", "shop", "gatehouse-owner", "edit", "roleRef", "name")
	p, _, err := profile.Apply(w.state(), []profile.Spec{{Name: "shop", Owner: user(alice)}}, false)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"unchanged namespace shop", "delete rolebinding shop/gatehouse-owner", "create rolebinding shop/gatehouse-owner"}
	if diff := cmp.Diff(want, p.Strings()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if got := p.Steps[2].Object.Object["roleRef"].(map[string]any)["name"]; got != "admin" {
		t.Errorf("role = %v", got)
	}
}

func TestApplyPlugins(t *testing.T) {
	t.Parallel()
	w := teamA(t)
	for _, tc := range []struct {
		plugins []kubeflow.Plugin
		want    string
		left    int
	}{
		{nil, "unchanged profile team-a", 0},
		{[]kubeflow.Plugin{{Kind: "A", Spec: map[string]any{"n": int64(1)}}, {Kind: "B"}}, "update profile team-a", 2},
		{[]kubeflow.Plugin{{Kind: "A", Spec: map[string]any{"n": int64(1)}}, {Kind: "B"}}, "unchanged profile team-a", 2},
		{[]kubeflow.Plugin{{Kind: "A", Spec: map[string]any{"n": int64(2)}}}, "update profile team-a", 1},
		{nil, "unchanged profile team-a", 1}, // what is not said stays
		{[]kubeflow.Plugin{}, "update profile team-a", 0},
	} {
		p, _, err := profile.Apply(w.state(), []profile.Spec{{Name: "team-a", Owner: user(alice), Plugins: tc.plugins}}, false)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{tc.want}, p.Strings()); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tc.plugins, diff)
		}
		w.carryOut(p, -1)
		read, err := kubeflow.ReadProfile(w.get("Profile", "", "team-a"))
		if err != nil || len(read.Plugins) != tc.left {
			t.Errorf("%v: plugins left: %v, error %v", tc.plugins, read.Plugins, err)
		}
	}
}
