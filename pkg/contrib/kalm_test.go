package contrib_test

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// inKalm returns a RoleBinding of Kalm's under the name that its API gives; subjects are written as commands take them.
func inKalm(namespace, subject string, role kalm.Role, change ...func(*kalm.Binding)) *unstructured.Unstructured {
	name, group := strings.CutPrefix(subject, "group:")
	b := kalm.Binding{Namespace: namespace, Subject: name, Group: group, Role: role, Creator: "root@x.com"}
	for _, c := range change {
		c(&b)
	}
	return kalm.NewBinding(b)
}

func endsAt(text string) func(*kalm.Binding) { return func(b *kalm.Binding) { b.Expires = text } }

func isCalled(name string) func(*kalm.Binding) { return func(b *kalm.Binding) { b.Name = name } }

// kalmShop is Kalm's own namespace, an application, and a namespace that is none; a first binding says that Kalm is there.
func kalmShop(objects ...runtime.Object) []runtime.Object {
	ns := func(name string, labels map[string]string) *corev1.Namespace {
		return &corev1.Namespace{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels},
		}
	}
	application := map[string]string{kalm.EnabledLabel: kalm.EnabledValue}
	return append([]runtime.Object{
		ns(kalm.SystemNamespace, application), ns("shop", application), ns("plain", nil), ns(kalm.TrapNamespace, application),
		inKalm(kalm.SystemNamespace, "root@x.com", kalm.ClusterOwner),
	}, objects...)
}

func asked(c *cluster) { c.options.Asker = "me@x.com" }

func everywhere(g *contrib.Grant) { g.ClusterWide = true }

func TestKalmGive(t *testing.T) {
	t.Parallel()
	addBob := add(grant("shop", bob, workspace.Editor))
	group := rbac.Group("bob@x.com")
	suspended := inKalm(kalm.SystemNamespace, "bob@x.com", kalm.Suspended)
	runGolden(t, "kalm-give", map[string]given{
		"add":                     {objects: kalmShop(), adjust: asked, do: addBob},
		"add, nobody asks":        {objects: kalmShop(), do: addBob},
		"add, until":              {objects: kalmShop(), adjust: asked, do: add(grant("shop", bob, workspace.Owner, until(7)))},
		"add, there":              {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Editor)), do: addBob},
		"add, there for a while":  {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Editor, endsAt("2027-01-01T00:00:00Z"))), do: addBob},
		"add, another role":       {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Viewer)), adjust: asked, do: addBob},
		"add, name of a group's":  {objects: kalmShop(inKalm("shop", "group:bob@x.com", kalm.Viewer)), adjust: asked, do: addBob},
		"add, both names taken":   {objects: kalmShop(inKalm("shop", "group:bob@x.com", kalm.Viewer), inKalm("shop", "ann@x.com", kalm.Viewer, isCalled(kalm.BindingName("shop", kalm.Viewer, "bob@x.com")+"-user"))), adjust: asked, do: addBob},
		"add, by another name":    {objects: kalmShop(inKalm("shop", "group:bob@x.com", kalm.Viewer)), adjust: asked, do: add(grant("shop", bob, workspace.Editor, called("bobs")))},
		"add, suspended":          {objects: kalmShop(suspended), adjust: asked, do: addBob},
		"add, bound natively too": {objects: kalmShop(bindingOf("shop", "bobs", "view", nil, bob)), adjust: asked, do: addBob},
		"add, cluster-wide":       {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Viewer)), adjust: asked, do: add(grant(kalm.SystemNamespace, bob, workspace.Editor, everywhere))},
		"add, in Kalm's own":      {objects: kalmShop(), adjust: asked, do: add(grant(kalm.SystemNamespace, bob, workspace.Editor))},
		"add, no application":     {objects: kalmShop(), adjust: asked, do: add(grant("plain", bob, workspace.Editor))},
		"add, trap":               {objects: kalmShop(), adjust: asked, do: add(grant(kalm.TrapNamespace, bob, workspace.Editor))},
		"add, capitals":           {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Viewer)), adjust: asked, do: add(grant("shop", rbac.User("Bob@x.com"), workspace.Editor))},
		"add, comma":              {objects: kalmShop(), adjust: asked, do: add(grant("shop", rbac.User("bob, role_cluster_owner"), workspace.Viewer))},
		"add, line break":         {objects: kalmShop(), adjust: asked, do: add(grant("shop", rbac.Group("a\nb"), workspace.Viewer))},
		"add, account":            {objects: kalmShop(), adjust: asked, do: add(grant("shop", rbac.ServiceAccount("shop", "ci"), workspace.Viewer))},
		"add, own role":           {objects: kalmShop(), adjust: asked, do: add(grant("shop", bob, "", ownRole("ClusterRole", "view")))},
		"add, past":               {objects: kalmShop(), adjust: asked, do: add(grant("shop", bob, workspace.Viewer, until(-1)))},
		"set-role":                {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Viewer, endsAt("2027-01-01T00:00:00Z"))), do: setRole(grant("shop", bob, workspace.Owner))},
		"set-role, two":           {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Viewer), inKalm("shop", "bob@x.com", kalm.Editor, isCalled("by-hand"))), do: setRole(grant("shop", bob, workspace.Owner))},
		"set-role, none":          {objects: kalmShop(), do: setRole(grant("shop", bob, workspace.Owner))},
		"set-role, over":          {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Viewer, endsAt("2026-01-01T00:00:00Z"))), do: setRole(grant("shop", bob, workspace.Owner))},
		"set-role, no date":       {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Viewer, endsAt("soon"))), do: setRole(grant("shop", bob, workspace.Owner))},
		"apply, prune": {
			objects: kalmShop(inKalm("shop", "ann@x.com", kalm.Viewer), inKalm("shop", "group:bob@x.com", kalm.Viewer), bindingOf("shop", "anns", "view", nil, rbac.User("ann@x.com"))),
			adjust:  asked,
			do: func(s *workspace.State) (plan.Plan, []string, error) {
				return contrib.Apply(s, []contrib.Grant{grant("shop", bob, workspace.Owner), grant("shop", group, workspace.Editor)}, true)
			},
		},
	})
}

func TestKalmTake(t *testing.T) {
	t.Parallel()
	offboard := func(s *workspace.State) (plan.Plan, []string, error) {
		p, _, notes, err := contrib.Offboard(s, bob)
		return p, notes, err
	}
	renameTo := func(to string) func(*workspace.State) (plan.Plan, []string, error) {
		return func(s *workspace.State) (plan.Plan, []string, error) {
			p, _, notes, err := contrib.Rename(s, bob, rbac.User(to))
			return p, notes, err
		}
	}
	expire := func(s *workspace.State) (plan.Plan, []string, error) {
		p, notes, _, err := contrib.Expire(s)
		return p, notes, err
	}
	with := func(f func(*workspace.State, rbac.Subject) (plan.Plan, []string, error)) func(*workspace.State) (plan.Plan, []string, error) {
		return func(s *workspace.State) (plan.Plan, []string, error) { return f(s, bob) }
	}
	suspended := inKalm(kalm.SystemNamespace, "bob@x.com", kalm.Suspended, endsAt("2026-01-01T00:00:00Z"))
	both := kalmShop(inKalm("shop", "bob@x.com", kalm.Owner), suspended, bindingOf("shop", "bobs", "edit", nil, bob, carol))
	native := ofNative("dev", "alice@x.com")
	runGolden(t, "kalm-take", map[string]given{
		"remove":               {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Owner)), do: remove("shop", "", bob)},
		"remove, everywhere":   {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Owner), inKalm(kalm.SystemNamespace, "bob@x.com", kalm.ClusterViewer)), do: remove("shop", "", bob)},
		"remove, both systems": {objects: both, do: remove("shop", "", bob)},
		"remove, another role": {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Owner)), do: remove("shop", workspace.Viewer, bob)},
		"remove, nobody":       {objects: kalmShop(inKalm("shop", "Bob@x.com", kalm.Owner)), do: remove("shop", "", bob)},
		"remove, cluster-wide": {objects: kalmShop(inKalm(kalm.SystemNamespace, "bob@x.com", kalm.ClusterEditor), bindingOf(kalm.SystemNamespace, "bobs", "view", nil, bob)), do: remove(kalm.SystemNamespace, "", bob)},
		"offboard":             {objects: both, do: offboard},
		"rename":               {objects: both, adjust: asked, do: renameTo("robert@x.com")},
		"rename, has more":     {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Viewer), inKalm("shop", "robert@x.com", kalm.Owner)), adjust: asked, do: renameTo("robert@x.com")},
		"rename, bad":          {objects: kalmShop(suspended), adjust: asked, do: renameTo("a,b")},
		"expire":               {objects: kalmShop(suspended, inKalm("shop", "bob@x.com", kalm.Owner, endsAt("2026-01-01T00:00:00Z")), inKalm("plain", "ann@x.com", kalm.Owner, endsAt("2026-01-01T00:00:00Z")), inKalm("shop", "zed@x.com", kalm.Owner, endsAt("2027-01-01T00:00:00Z"))), do: expire},
		"suspend":              {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Owner), inKalm("shop", "group:devs", kalm.Viewer)), adjust: asked, do: with(contrib.Suspend)},
		"suspend, listed":      {objects: kalmShop(inKalm(kalm.SystemNamespace, "bob@x.com", kalm.Placeholder)), adjust: asked, do: with(contrib.Suspend)},
		"suspend, unknown":     {objects: kalmShop(inKalm("shop", "ann@x.com", kalm.Owner)), adjust: asked, do: with(contrib.Suspend)},
		"suspend, nobody asks": {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Owner)), do: with(contrib.Suspend)},
		"suspend, native":      {objects: all(native, one(bindingOf("dev", "bobs", "edit", nil, bob, carol), bindingOf("dev", "alone", "view", nil, bob))), do: with(contrib.Suspend)},
		"suspend, owner":       {objects: all(ofKubeflow("team-a", "bob@x.com"), ofNative("lab", "bob@x.com")), do: with(contrib.Suspend)},
		"suspend, let in":      {objects: all(ofKubeflow("team-a", "alice@x.com"), pairOf("team-a", "bob@x.com", "edit")[1:]), do: with(contrib.Suspend)},
		"suspend, account": {objects: native, do: func(s *workspace.State) (plan.Plan, []string, error) {
			return contrib.Suspend(s, rbac.ServiceAccount("dev", "ci"))
		}},
		"suspend, token": {objects: native, do: func(s *workspace.State) (plan.Plan, []string, error) {
			return contrib.Suspend(s, rbac.User("token:0a1b"))
		}},
		"suspend, Kubeflow":       {objects: all(ofKubeflow("team-a", "alice@x.com"), pairOf("team-a", "bob@x.com", "edit")), do: with(contrib.Suspend)},
		"unsuspend":               {objects: both, do: with(contrib.Unsuspend)},
		"unsuspend, native":       {objects: all(native, one(bindingOf("dev", "bobs", "edit", map[string]string{contrib.SuspendedAnnotation: `["user:bob@x.com","user:eve@x.com"]`}, carol))), do: with(contrib.Unsuspend)},
		"unsuspend, not at all":   {objects: native, do: with(contrib.Unsuspend)},
		"unsuspend, not readable": {objects: all(native, one(bindingOf("dev", "bobs", "edit", map[string]string{contrib.SuspendedAnnotation: `bob`}, carol))), do: with(contrib.Unsuspend)},
	})
}

func TestKalmExport(t *testing.T) {
	t.Parallel()
	c := newCluster(kalmShop(
		inKalm("shop", "ann@x.com", kalm.Viewer, endsAt("2027-01-01T00:00:00Z")), inKalm("shop", "group:devs", kalm.Editor, isCalled("by-hand")),
		inKalm("shop", "bad,one", kalm.Viewer), inKalm("shop", "odd@x.com", kalm.Owner, endsAt("soon")),
		bindingOf("shop", "natively", "view", map[string]string{workspace.RoleAnnotation: "viewer"}, bob),
		inKalm(kalm.SystemNamespace, "bob@x.com", kalm.Placeholder),
	)...)
	grants, notes := contrib.Export(c.state(), "shop", kalm.SystemNamespace)
	text, err := contrib.MembersFile(grants)
	if err != nil {
		t.Fatal(err)
	}
	want := `shop:
  ann@x.com:
    expires: "2027-01-01T00:00:00Z"
    role: viewer
  group:devs:
    name: by-hand
    role: editor
  odd@x.com: owner
`
	if string(text) != want {
		t.Errorf("got\n%s", text)
	}
	if len(notes) != 5 {
		t.Errorf("notes:\n%s", strings.Join(notes, "\n"))
	}
	objects, _, err := contrib.ExportManifests(c.state(), "shop")
	if err != nil || len(objects) != 5 {
		t.Errorf("%d objects, %v", len(objects), err)
	}
	// What is exported is there.
	grants = slices.DeleteFunc(grants, func(g contrib.Grant) bool { return g.Subject.Name == "odd@x.com" })
	p, _, err := contrib.Apply(c.state(), grants, false)
	if err != nil || len(p.Changes().Steps) > 0 {
		t.Errorf("%s", listing(p.Changes(), nil, err))
	}
}

// TestKalmAdvice asks nobody who has a role in Kalm to do with kubectl what it gives no right to.
func TestKalmAdvice(t *testing.T) {
	t.Parallel()
	c := newCluster(kalmShop(inKalm("shop", "ann@x.com", kalm.Owner))...)
	advise := contrib.Adviser(c.state(), "kubectl contrib add bob@x.com", false)
	rule := rbacv1.PolicyRule{APIGroups: []string{kalm.Group}, Resources: []string{"rolebindings"}, Verbs: []string{"create"}}
	if got := advise(rule, "shop"); !strings.Contains(got, "use Kalm's pages, or ask an administrator") {
		t.Errorf("advice %q", got)
	}
}
