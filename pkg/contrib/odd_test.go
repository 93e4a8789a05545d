package contrib_test

import (
	"maps"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func apply(prune bool, grants ...contrib.Grant) func(*workspace.State) (plan.Plan, []string, error) {
	return func(s *workspace.State) (plan.Plan, []string, error) { return contrib.Apply(s, grants, prune) }
}

func offboard(who rbac.Subject) func(*workspace.State) (plan.Plan, []string, error) {
	return func(s *workspace.State) (plan.Plan, []string, error) {
		p, owned, notes, err := contrib.Offboard(s, who)
		for _, name := range owned {
			notes = append(notes, "owned: "+name)
		}
		return p, notes, err
	}
}

func rename(old, to rbac.Subject) func(*workspace.State) (plan.Plan, []string, error) {
	return func(s *workspace.State) (plan.Plan, []string, error) {
		p, owned, notes, err := contrib.Rename(s, old, to)
		for _, name := range owned {
			notes = append(notes, "owned: "+name)
		}
		return p, notes, err
	}
}

// deny makes a policy one that turns away.
func deny(p *unstructured.Unstructured) *unstructured.Unstructured {
	p.Object["spec"].(map[string]any)["action"] = "DENY"
	return p
}

// dressed puts metadata of people's own on an object.
func dressed[T metav1.Object](o T) T {
	o.SetLabels(map[string]string{"app": "x"})
	a := map[string]string{"example.com/ticket": "42", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
	maps.Copy(a, o.GetAnnotations())
	o.SetAnnotations(a)
	return o
}

// Objects that other tools, or people, have left in a state that no command of ours would make.
func TestOddObjects(t *testing.T) {
	t.Parallel()
	alice, robert := rbac.User("alice@x.com"), rbac.User("robert@x.com")
	team, native := ofKubeflow("team-a", "alice@x.com"), ofNative("dev", "alice@x.com")
	edit, carols := pairOf("team-a", "bob@x.com", "edit"), pairOf("team-a", "carol@x.com", "edit")
	twice := bindingOf("team-a", "user-bob-x-com-clusterrole-edit", "kubeflow-edit", listed("bob@x.com"), bob, bob)
	hidden := bindingOf("team-a", "system:metrics", "kubeflow-admin", nil, bob)
	open := lettingIn("user-bob-x-com-clusterrole-edit", "bob@x.com", "carol@x.com")
	orphan := ofKubeflow("team-a", "alice@x.com")[1:]
	coOwned := bindingOf("dev", workspace.OwnerBinding, "admin", map[string]string{workspace.RoleAnnotation: "owner"}, alice, bob)
	undated := dated(kubeflow.PairBinding("team-a", bob, "edit"), "soon")
	denied := deny(lettingIn("deny-bob", "bob@x.com"))
	token := func(short string) []runtime.Object {
		user := rbac.Subject{Kind: rbacv1.UserKind, Name: "system:serviceaccount:ci:robot"}
		return []runtime.Object{
			kubeflow.PairBinding("team-a", user, short), kubeflow.PairPolicy("team-a", user, short, kubeflow.DefaultConfig()),
		}
	}
	robot := rbac.ServiceAccount("ci", "robot")
	foreign := kubeflow.PairPolicy("dev", bob, "edit", kubeflow.DefaultConfig())
	cases := map[string]given{
		"subject twice, apply":    {objects: all(team, one(twice), edit[1:]), do: apply(true, grant("team-a", bob, workspace.Editor))},
		"subject twice, set-role": {objects: all(team, one(twice), edit[1:]), do: setRole(grant("team-a", bob, workspace.Editor))},
		"subject twice, remove":   {objects: all(team, one(twice), edit[1:]), do: remove("team-a", "", bob)},
		"named like the system's": {objects: all(team, one(hidden)), do: remove("team-a", "", bob)},
		"system's own": {
			objects: all(team, one(bindingOf("team-a", "leader", "kubeflow-view", nil, rbac.User("system:kube-scheduler")))),
			do:      remove("team-a", "", rbac.User("system:kube-scheduler")),
		},
		"in another's policy, remove":       {objects: all(team, edit[:1], carols[:1], one(open)), do: remove("team-a", "", carol)},
		"in another's policy, no binding":   {objects: all(team, edit[:1], one(open)), do: remove("team-a", "", carol)},
		"in another's policy, offboard":     {objects: all(team, edit[:1], one(open)), do: offboard(carol)},
		"in another's policy, closed":       {objects: all(team, edit[:1], carols[:1], one(open)), do: add(grant("team-a", carol, workspace.Editor, noHTTP))},
		"in another's policy, rename":       {objects: all(team, edit[:1], carols[:1], one(open)), do: rename(carol, robert)},
		"in another's policy, expire":       {objects: all(team, edit[:1], one(dated(kubeflow.PairBinding("team-a", carol, "edit"), "2026-01-01")), one(open)), do: expire},
		"in another's policy, prune":        {objects: all(team, edit[:1], carols[:1], one(open)), do: apply(true, grant("team-a", bob, workspace.Editor))},
		"in a policy by hand, offboard":     {objects: all(team, one(unannotated(lettingIn("mine", "carol@x.com")))), do: offboard(carol)},
		"in a policy by hand, remove":       {objects: all(team, one(unannotated(lettingIn("mine", "carol@x.com")))), do: remove("team-a", "", carol)},
		"in a pattern, remove":              {objects: all(team, edit, one(unannotated(lettingIn("all", "*@x.com")))), do: remove("team-a", "", bob)},
		"profile is gone, offboard":         {objects: orphan, do: offboard(alice)},
		"profile is gone, remove":           {objects: orphan, do: remove("team-a", "", alice)},
		"profile is there, offboard":        {objects: team, do: offboard(alice)},
		"second in the owner's binding":     {objects: all(native[:1], one(coOwned)), do: remove("dev", "", bob)},
		"first in the owner's binding":      {objects: all(native[:1], one(coOwned)), do: remove("dev", "", alice)},
		"no date, add":                      {objects: all(team, one(undated), edit[1:]), do: add(grant("team-a", bob, workspace.Editor))},
		"no date, apply":                    {objects: all(team, one(undated), edit[1:]), do: apply(false, grant("team-a", bob, workspace.Editor))},
		"no date, set-role":                 {objects: all(team, one(undated), edit[1:]), do: setRole(grant("team-a", bob, workspace.Viewer))},
		"plain date stays":                  {objects: all(team, one(dated(kubeflow.PairBinding("team-a", bob, "edit"), "2030-01-31")), edit[1:]), do: setRole(grant("team-a", bob, workspace.Viewer))},
		"turned away, add":                  {objects: all(team, edit, one(denied)), do: add(grant("team-a", bob, workspace.Editor))},
		"turned away, remove":               {objects: all(team, edit, one(denied)), do: remove("team-a", "", bob)},
		"turned away under the name":        {objects: all(team, one(deny(lettingIn("user-bob-x-com-clusterrole-edit", "bob@x.com")))), do: add(grant("team-a", bob, workspace.Editor))},
		"rename, the other ends sooner":     {objects: all(team, edit, datedPair("robert@x.com", "edit", "2026-12-01T00:00:00Z")), do: rename(bob, robert)},
		"rename, the other has ended":       {objects: all(team, edit, datedPair("robert@x.com", "admin", "2026-01-01T00:00:00Z")), do: rename(bob, robert)},
		"rename, the weaker lasts":          {objects: all(team, datedPair("bob@x.com", "edit", "2026-12-01T00:00:00Z"), pairOf("team-a", "robert@x.com", "view")), do: rename(bob, robert)},
		"rename, the other is closed":       {objects: all(team, edit, one(closed("robert@x.com", "edit"))), do: rename(bob, robert)},
		"rename, two that do not end alike": {objects: all(team, datedPair("bob@x.com", "edit", "2026-12-01T00:00:00Z"), pairOf("team-a", "bob@x.com", "view")), do: rename(bob, robert)},
		"rename, the policy says whose it is": {
			objects: all(team, one(bindingOf("team-a", "user-bob-x-com-clusterrole-edit", "kubeflow-edit", nil, bob)), edit[1:]), do: rename(bob, robert),
		},
		"rename, metadata":                   {objects: all(team, one(dressed(kubeflow.PairBinding("team-a", bob, "edit")), dressed(kubeflow.PairPolicy("team-a", bob, "edit", kubeflow.DefaultConfig())))), do: rename(bob, robert)},
		"set-role, metadata":                 {objects: all(team, one(dressed(kubeflow.PairBinding("team-a", bob, "edit")), dressed(kubeflow.PairPolicy("team-a", bob, "edit", kubeflow.DefaultConfig())))), do: setRole(grant("team-a", bob, workspace.Viewer))},
		"policy in a native workspace":       {objects: all(team, native, one(foreign)), do: apply(true, grant("dev", carol, workspace.Editor))},
		"policy in a native one, remove":     {objects: all(team, native, one(foreign, workspace.NativeBinding("dev", bob, editRole()))), do: remove("dev", "", bob)},
		"token's pair, set-role":             {objects: all(team, token("edit")), do: setRole(grant("team-a", robot, workspace.Viewer))},
		"token's pair, interrupted":          {objects: all(team, token("edit"), token("view")[:1]), do: setRole(grant("team-a", robot, workspace.Viewer))},
		"token's pair, rename":               {objects: all(team, token("edit")), do: rename(robot, rbac.ServiceAccount("ci", "droid"))},
		"names change hands":                 {objects: all(team, pairOf("team-a", "a.b@x.com", "edit")), do: apply(true, grant("team-a", rbac.User("a-b@x.com"), workspace.Editor))},
		"names change hands, role too":       {objects: all(team, pairOf("team-a", "a.b@x.com", "view"), one(bindingOf("team-a", "user-a-b-x-com-clusterrole-edit", "kubeflow-view", listed("a.b@x.com"), rbac.User("a.b@x.com")))), do: apply(true, grant("team-a", rbac.User("a-b@x.com"), workspace.Editor))},
		"names do not change hands":          {objects: all(team, pairOf("team-a", "a.b@x.com", "edit")), do: apply(false, grant("team-a", rbac.User("a-b@x.com"), workspace.Editor))},
		"Kubeflow's role in a native one":    {objects: all(native, one(bindingOf("dev", "kf", "kubeflow-edit", map[string]string{workspace.RoleAnnotation: "editor"}, bob))), do: add(grant("dev", bob, workspace.Editor))},
		"workspaces without members, prune":  {objects: all(team, edit, native, one(workspace.NativeBinding("dev", bob, editRole()))), do: applyEmpty(true)},
		"workspaces without members, no one": {objects: all(team, edit), do: applyEmpty(false)},
		"half a transfer, rename": {objects: team, adjust: func(c *cluster) {
			p := kubeflow.NewProfile("team-a", robert.RBAC(), nil, nil)
			c.objects[keyOf(p)] = p
		}, do: rename(alice, bob)},
		"one cannot be read, expire": {
			objects: all(team, native, datedPair("bob@x.com", "edit", "2026-01-01T00:00:00Z"), one(dated(workspace.NativeBinding("dev", bob, editRole()), "2026-01-01"))),
			adjust:  noPolicies, do: expire,
		},
	}
	runGolden(t, "odd", cases)
}

// applyEmpty applies a list that names two workspaces, and nobody in them.
func applyEmpty(prune bool) func(*workspace.State) (plan.Plan, []string, error) {
	return func(s *workspace.State) (plan.Plan, []string, error) {
		return contrib.Apply(s, nil, prune, "dev", "team-a")
	}
}

// What a list of members can't say is no reason to change it.
func TestExportOddObjects(t *testing.T) {
	t.Parallel()
	zoe, dora := rbac.User("zoe@x.com"), rbac.User("dora@x.com")
	omars := pairOf("team-a", "omar@x.com", "edit")
	shared := lettingIn("user-bob-x-com-clusterrole-edit", "bob@x.com", "dora@x.com")
	marked := map[string]string{workspace.RoleAnnotation: "viewer"}
	objects := all(
		ofKubeflow("team-a", "alice@x.com"),
		// Zoe's binding has the name and the annotations of Omar's, and his policy is there.
		one(bindingOf("team-a", "user-omar-x-com-clusterrole-edit", "kubeflow-edit", listed("omar@x.com"), zoe)), omars[1:],
		// Carol has no policy, and nobody said why.
		pairOf("team-a", "carol@x.com", "view")[:1],
		// Dora is let in by Bob's.
		pairOf("team-a", "bob@x.com", "edit")[:1], one(shared), pairOf("team-a", dora.Name, "edit")[:1],
		one(kubeflow.PairBinding("team-a", rbac.Group("ml"), "view")),
		one(dated(kubeflow.PairBinding("team-a", rbac.User("soon@x.com"), "view"), "soon")),
		one(renamed(kubeflow.PairBinding("team-a", rbac.User("fay@x.com"), "edit"), "fay")),
		tokenPair("system:serviceaccount:ci:robot"),
		// Two in a binding: without policies, and until a day.
		one(bindingOf("team-a", "two", "kubeflow-view", marked, rbac.User("gil@x.com"), rbac.User("hal@x.com")),
			dated(bindingOf("team-a", "days", "kubeflow-view", marked, rbac.User("ida@x.com"), rbac.User("jan@x.com")), "2030-01-31")),
		ofNative("dev", "alice@x.com")[:1],
		one(bindingOf("dev", workspace.OwnerBinding, "admin", map[string]string{workspace.RoleAnnotation: "owner"}, rbac.User("alice@x.com"), bob)),
	)
	c := newCluster(objects...)
	grants, _ := contrib.Export(c.state(), "dev", "team-a")
	file, err := contrib.MembersFile(grants)
	if err != nil {
		t.Fatal(err)
	}
	if want := "fay@x.com:\n    http: false\n    name: fay\n"; !strings.Contains(string(file), want) {
		t.Errorf("want %q in\n%s", want, file)
	}
	again, _, err := contrib.ParseMembers(strings.NewReader(string(file)), "members.yaml", "")
	if err != nil {
		t.Fatal(err)
	}
	p, notes, err := contrib.Apply(c.state(), again, false)
	if changes := p.Changes(); err != nil || len(changes.Steps) > 0 {
		t.Errorf("what was exported is applied with changes:\n%s\n%s", file, listing(changes, notes, err))
	}
}
