package contrib_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// given is one case: what is there, and what is asked for.
type given struct {
	objects []runtime.Object
	adjust  func(*cluster)
	do      func(*workspace.State) (plan.Plan, []string, error)
}

// runGolden makes every plan, compares all of them with one golden file, and makes each a second time after it has been
// carried out: then there is nothing to do any more.
func runGolden(t *testing.T, file string, cases map[string]given) {
	t.Helper()

	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := newCluster(cases[name].objects...)
		if cases[name].adjust != nil {
			cases[name].adjust(c)
		}
		p, notes, err := cases[name].do(c.state())
		out.WriteString("== " + name + "\n" + listing(p.Changes(), notes, err))
		if err != nil {
			continue
		}
		c.carryOut(t, p)
		again, notes, err := cases[name].do(c.state())
		if err != nil {
			out.WriteString("again: " + listing(again, notes, err))
			continue
		}
		if changes := again.Changes(); len(changes.Steps) > 0 {
			t.Errorf("%s: made again, the plan has changes:\n%s", name, listing(changes, notes, nil))
		}
	}
	golden.Equal(t, out.String(), file)
}

func grant(in string, subject rbac.Subject, role workspace.Role, change ...func(*contrib.Grant)) contrib.Grant {
	g := contrib.Grant{Workspace: in, Subject: subject, Role: role}
	for _, f := range change {
		f(&g)
	}
	return g
}

func until(days int) func(*contrib.Grant) {
	return func(g *contrib.Grant) { g.Expires = today.Add(time.Duration(days) * 24 * time.Hour) }
}

func noHTTP(g *contrib.Grant) { g.NoHTTP = true }

func called(name string) func(*contrib.Grant) { return func(g *contrib.Grant) { g.Name = name } }

func ownRole(kind, name string) func(*contrib.Grant) {
	return func(g *contrib.Grant) {
		g.Role, g.RoleRef = "", &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
	}
}

func add(grants ...contrib.Grant) func(*workspace.State) (plan.Plan, []string, error) {
	return func(s *workspace.State) (plan.Plan, []string, error) { return contrib.Add(s, grants...) }
}

func setRole(grants ...contrib.Grant) func(*workspace.State) (plan.Plan, []string, error) {
	return func(s *workspace.State) (plan.Plan, []string, error) { return contrib.SetRole(s, grants...) }
}

var (
	bob   = rbac.User("bob@x.com")
	carol = rbac.User("carol@x.com")
)

// noPolicies makes policies unreadable.
func noPolicies(c *cluster) {
	maps.DeleteFunc(c.objects, func(key string, _ runtime.Object) bool { return strings.HasPrefix(key, "AuthorizationPolicy/") })
	c.gaps = []rbac.Gap{{
		What: "authorizationpolicies in all namespaces", Cause: "forbidden",
		Missing: &rbacv1.PolicyRule{
			APIGroups: []string{"security.istio.io"}, Resources: []string{"authorizationpolicies"}, Verbs: []string{"list"},
		},
	}}
}

func noIstio(c *cluster) { c.options.Istio = new(false) }

func TestAdd(t *testing.T) {
	t.Parallel()
	team := ofKubeflow("team-a", "alice@x.com")
	native := ofNative("dev", "alice@x.com")
	pair := pairOf("team-a", "bob@x.com", "edit")
	cases := map[string]given{
		"new":         {objects: team, do: add(grant("team-a", bob, workspace.Editor))},
		"there":       {objects: all(team, pair), do: add(grant("team-a", bob, workspace.Editor))},
		"no policy":   {objects: all(team, pair[:1]), do: add(grant("team-a", bob, workspace.Editor))},
		"no binding":  {objects: all(team, pair[1:]), do: add(grant("team-a", bob, workspace.Editor))},
		"date":        {objects: all(team, pair), do: add(grant("team-a", bob, workspace.Editor, until(7)))},
		"no date":     {objects: all(team, datedPair("bob@x.com", "edit", "2026-12-01T00:00:00Z")), do: add(grant("team-a", bob, workspace.Editor))},
		"past":        {objects: team, do: add(grant("team-a", bob, workspace.Editor, until(-1)))},
		"no http":     {objects: team, do: add(grant("team-a", bob, workspace.Viewer, noHTTP))},
		"http off":    {objects: all(team, pair), do: add(grant("team-a", bob, workspace.Editor, noHTTP))},
		"http on":     {objects: all(team, one(closed("bob@x.com", "edit"))), do: add(grant("team-a", bob, workspace.Editor))},
		"viewer":      {objects: team, do: add(grant("team-a", bob, workspace.Viewer))},
		"co-owner":    {objects: team, do: add(grant("team-a", bob, workspace.Owner))},
		"owner":       {objects: team, do: add(grant("team-a", rbac.User("alice@x.com"), workspace.Editor))},
		"other role":  {objects: all(team, pair), do: add(grant("team-a", bob, workspace.Viewer))},
		"double role": {objects: all(team, pair, pairOf("team-a", "bob@x.com", "view")), do: add(grant("team-a", bob, workspace.Editor))},
		"collision": {
			objects: all(team, pairOf("team-a", "alice.b@x.com", "edit")),
			do:      add(grant("team-a", rbac.User("alice-b@x.com"), workspace.Editor)),
		},
		"collision in the plan": {
			objects: team,
			do:      add(grant("team-a", rbac.User("a.b@x.com"), workspace.Editor), grant("team-a", rbac.User("a_b@x.com"), workspace.Editor)),
		},
		"collision with a policy": {
			objects: all(team, pairOf("team-a", "alice.b@x.com", "edit")[1:]),
			do:      add(grant("team-a", rbac.User("alice-b@x.com"), workspace.Editor)),
		},
		"name": {
			objects: all(team, pairOf("team-a", "alice.b@x.com", "edit")),
			do:      add(grant("team-a", rbac.User("alice-b@x.com"), workspace.Editor, called("alice-dash-b"))),
		},
		"bad name":               {objects: team, do: add(grant("team-a", bob, workspace.Editor, called("Bob/x")))},
		"case":                   {objects: all(team, pair), do: add(grant("team-a", rbac.User("Bob@x.com"), workspace.Editor))},
		"case, another role":     {objects: all(team, pair), do: add(grant("team-a", rbac.User("Bob@x.com"), workspace.Viewer))},
		"case, native":           {objects: all(native, one(workspace.NativeBinding("dev", bob, editRole()))), do: add(grant("dev", rbac.User("Bob@x.com"), workspace.Editor))},
		"long":                   {objects: team, do: add(grant("team-a", rbac.User(strings.Repeat("a", 226)+"@x.com"), workspace.Editor))},
		"longest":                {objects: team, do: add(grant("team-a", rbac.User(strings.Repeat("a", 225)+"@x.com"), workspace.Editor))},
		"long, no http":          {objects: team, do: add(grant("team-a", rbac.User(strings.Repeat("a", 226)+"@x.com"), workspace.Editor, noHTTP))},
		"pattern":                {objects: team, do: add(grant("team-a", rbac.User("*"), workspace.Editor))},
		"no e-mail":              {objects: team, do: add(grant("team-a", rbac.User("bob"), workspace.Editor))},
		"group":                  {objects: team, do: add(grant("team-a", rbac.Group("ml"), workspace.Editor))},
		"everybody":              {objects: team, do: add(grant("team-a", rbac.Group("system:authenticated"), workspace.Viewer))},
		"service account":        {objects: team, do: add(grant("team-a", rbac.ServiceAccount("ci", "robot"), workspace.Editor, until(3)))},
		"default account":        {objects: team, do: add(grant("team-a", rbac.ServiceAccount("team-a", "default-editor"), workspace.Editor))},
		"no such namespace":      {objects: team, do: add(grant("taem-a", bob, workspace.Editor))},
		"bad namespace":          {objects: team, do: add(grant("Team A", bob, workspace.Editor), grant("Team A", carol, workspace.Editor))},
		"no workspace":           {objects: all(team, plainNamespace("lab")), do: add(grant("lab", bob, workspace.Editor))},
		"terminating":            {objects: all(team, ending("old")), do: add(grant("old", bob, workspace.Editor))},
		"no Istio":               {objects: team, adjust: noIstio, do: add(grant("team-a", bob, workspace.Editor))},
		"policies unread":        {objects: team, adjust: noPolicies, do: add(grant("team-a", bob, workspace.Editor))},
		"policies unread, close": {objects: team, adjust: noPolicies, do: add(grant("team-a", bob, workspace.Editor, noHTTP))},
		"own role":               {objects: team, do: add(grant("team-a", bob, "", ownRole("ClusterRole", "trainer")))},
		"own role in letters":    {objects: team, do: add(grant("team-a", bob, "", ownRole("ClusterRole", "kubeflow-edit")))},
		"Kubernetes' edit":       {objects: team, do: add(grant("team-a", bob, "", ownRole("ClusterRole", "edit")))},
		"namespaced role":        {objects: team, do: add(grant("team-a", bob, "", ownRole("Role", "pod:Reader")))},
		"which role":             {objects: team, do: add(grant("team-a", bob, ""))},
		"legacy name": {
			objects: all(team, one(renamed(kubeflow.PairBinding("team-a", rbac.User("Bob@x.com"), "edit"), "user-ob-x-com-clusterrole-edit"))),
			do:      add(grant("team-a", rbac.User("Bob@x.com"), workspace.Editor)),
		},
		"made by hand": {
			objects: all(team, one(bindingOf("team-a", "bobs", "kubeflow-edit", nil, bob))),
			do:      add(grant("team-a", bob, workspace.Editor, until(1))),
		},
		"made for another end": {
			objects: all(team, one(bindingOf("team-a", "logs", "log-reader", nil, bob))),
			do:      add(grant("team-a", bob, workspace.Editor)),
		},
		"several subjects": {
			objects: all(team, one(bindingOf("team-a", "both", "kubeflow-edit", nil, bob, carol))),
			do:      add(grant("team-a", bob, workspace.Editor)),
		},
		"several subjects, date": {
			objects: all(team, one(bindingOf("team-a", "both", "kubeflow-edit", nil, bob, carol))),
			do:      add(grant("team-a", bob, workspace.Editor, until(1))),
		},
		"several subjects, listed": {
			objects: all(team, one(bindingOf("team-a", "both", "kubeflow-edit", map[string]string{"user": "bob@x.com", "role": "edit"}, bob, carol))),
			do:      add(grant("team-a", bob, workspace.Editor)),
		},
		"old policy": {
			objects: all(team, pair[:1], one(withoutPrincipals(pair[1]))),
			do:      add(grant("team-a", bob, workspace.Editor)),
		},
		"wrong annotation": {
			objects: all(team, one(bindingOf("team-a", "user-bob-x-com-clusterrole-edit", "kubeflow-edit",
				map[string]string{"user": "dora@x.com", "role": "view"}, bob)), pair[1:]),
			do: add(grant("team-a", bob, workspace.Editor)),
		},
		"leftover without subjects": {
			objects: all(team, one(bindingOf("team-a", "user-bob-x-com-clusterrole-edit", "kubeflow-edit", nil))),
			do:      add(grant("team-a", bob, workspace.Editor)),
		},
		"twice":               {objects: team, do: add(grant("team-a", bob, workspace.Editor), grant("team-a", bob, workspace.Editor))},
		"twice, but not same": {objects: team, do: add(grant("team-a", bob, workspace.Editor), grant("team-a", bob, workspace.Viewer))},
		"two":                 {objects: team, do: add(grant("team-a", bob, workspace.Editor), grant("team-a", carol, workspace.Editor))},
		"native":              {objects: native, do: add(grant("dev", bob, workspace.Editor, until(1)))},
		"native, no http":     {objects: native, do: add(grant("dev", bob, workspace.Editor, noHTTP))},
		"native, own role":    {objects: native, do: add(grant("dev", bob, "", ownRole("Role", "deployer")))},
		"native, account":     {objects: native, do: add(grant("dev", rbac.ServiceAccount("ci", "robot"), workspace.Viewer))},
		"native, by hand": {
			objects: all(native, one(bindingOf("dev", "bobs", "edit", nil, bob))),
			do:      add(grant("dev", bob, workspace.Editor)),
		},
		"bindings unread": {objects: team, adjust: func(c *cluster) {
			c.objects = map[string]runtime.Object{}
			c.gaps = []rbac.Gap{{What: "rolebindings in all namespaces", Cause: "forbidden", Missing: &rbacv1.PolicyRule{
				APIGroups: []string{rbacv1.GroupName}, Resources: []string{"rolebindings"}, Verbs: []string{"list"},
			}}, {What: "namespaces", Cause: "forbidden"}}
		}, do: add(grant("team-a", bob, workspace.Editor))},
		"conflict": {objects: team, adjust: func(c *cluster) {
			ns := c.objects["Namespace//team-a"].DeepCopyObject().(*corev1.Namespace)
			ns.Annotations = map[string]string{kubeflow.OwnerAnnotation: "zoe@x.com"}
			c.objects["Namespace//team-a"] = ns
		}, do: add(grant("team-a", bob, workspace.Editor))},
		"not made yet": {objects: team[:1], adjust: func(c *cluster) { c.options.Istio = new(true) }, do: add(grant("team-a", bob, workspace.Editor))},
		"token's pair": {
			// kfam gives a pair to whatever name a token carries.
			objects: all(team, tokenPair("system:serviceaccount:ci:robot")),
			do:      add(grant("team-a", rbac.ServiceAccount("ci", "robot"), workspace.Editor, until(1))),
		},
		"policy alone, another name": {
			objects: all(team, one(renamed(kubeflow.PairPolicy("team-a", bob, "view", kubeflow.DefaultConfig()), "old"))),
			do:      add(grant("team-a", bob, workspace.Editor)),
		},
		"no http, policy by hand": {
			objects: all(team, one(unannotated(lettingIn("mine", "bob@x.com")))),
			do:      add(grant("team-a", bob, workspace.Editor, noHTTP)),
		},
		"nothing is known": {
			adjust: func(c *cluster) {
				c.offline, c.options.Flavor, c.options.Istio = true, workspace.Kubeflow, new(true)
			},
			do: add(grant("team-a", bob, workspace.Editor)),
		},
	}
	runGolden(t, "add", cases)
}

// tokenPair is the pair of a user whose name is that of a service account.
func tokenPair(name string) []runtime.Object {
	user := rbac.Subject{Kind: rbacv1.UserKind, Name: name}
	return []runtime.Object{
		kubeflow.PairBinding("team-a", user, "edit"), kubeflow.PairPolicy("team-a", user, "edit", kubeflow.DefaultConfig()),
	}
}

// datedPair is a pair that ends.
func datedPair(user, short, date string) []runtime.Object {
	return []runtime.Object{
		dated(kubeflow.PairBinding("team-a", rbac.User(user), short), date),
		dated(kubeflow.PairPolicy("team-a", rbac.User(user), short, kubeflow.DefaultConfig()), date),
	}
}

// closed is a binding without a policy, on purpose.
func closed(user, short string) *rbacv1.RoleBinding {
	b := kubeflow.PairBinding("team-a", rbac.User(user), short)
	b.Annotations[workspace.HTTPAnnotation] = "false"
	return b
}

func editRole() rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"}
}

func plainNamespace(name string) []runtime.Object {
	ns := &corev1.Namespace{}
	ns.APIVersion, ns.Kind, ns.Name = "v1", "Namespace", name
	return []runtime.Object{ns}
}

func ending(name string) []runtime.Object {
	ns := plainNamespace(name)
	ns[0].(*corev1.Namespace).Status.Phase = corev1.NamespaceTerminating
	return ns
}

// withoutPrincipals makes a policy as the releases up to 1.7 wrote it.
func withoutPrincipals(o runtime.Object) *unstructured.Unstructured {
	p := o.(*unstructured.Unstructured).DeepCopy()
	cfg := kubeflow.DefaultConfig()
	cfg.GatewayPrincipals = []string{}
	p.Object["spec"] = kubeflow.UserPolicySpec("bob@x.com", cfg)
	return p
}

func TestPairEqualsKubeflows(t *testing.T) {
	t.Parallel()
	c := newCluster(ofKubeflow("team-a", "alice@x.com")...)
	p, _, err := contrib.Add(c.state(), grant("team-a", rbac.User("Bob.Smith@x.com"), workspace.Editor))
	if err != nil {
		t.Fatal(err)
	}
	c.carryOut(t, p)
	want := newCluster(all(ofKubeflow("team-a", "alice@x.com"), pairOf("team-a", "Bob.Smith@x.com", "edit"))...)
	if diff := cmp.Diff(want.objects, c.objects); diff != "" {
		t.Errorf("objects differ (-kfam +ours):\n%s", diff)
	}
}
