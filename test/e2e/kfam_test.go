package e2e

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/test/kubeflow"
)

// roleWords are kfam's words for ours.
var roleWords = map[string]string{"viewer": "view", "editor": "edit", "owner": "admin"}

// TestOursInKfam lets both sides add the same contributors to two profiles, and compares what is stored. What we wrote
// is listed by kfam then, and removed by it without a rest.
func TestOursInKfam(t *testing.T) {
	t.Parallel()
	users := map[string]string{"Bob.Smith@x.com": "editor", "josé+a@x.com": "viewer", "eve@x.com": "owner", "no-address": "editor"}
	for release, name := range map[string]string{"1.6": "kfam-ours-1-6", "1.7": "kfam-ours-1-7", "1.10": "kfam-ours-1-10", "2.0": "kfam-ours-2-0"} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			ours, theirs := newSite(t, name, release), newSite(t, name+"-twin", release)
			var want []string
			for user, role := range users {
				ours.contrib("add", user, "--role", role, "--yes")
				if err := theirs.kfam.Create(t.Context(), siteOwner, kubeflow.NewBinding(theirs.name, "User", user, roleWords[role])); err != nil {
					t.Fatal(err)
				}
				want = append(want, "User "+user+" "+roleWords[role])
			}
			slices.Sort(want)
			ours.same("stored by kfam and by us", theirs.pairs(), ours.pairs())
			ours.same("listed by kfam", want, ours.theirs(""))
			ours.same("listed as theirs", theirs.ours(), ours.ours())
			for user, role := range users {
				if err := ours.kfam.Delete(t.Context(), siteOwner, kubeflow.NewBinding(ours.name, "User", user, roleWords[role])); err != nil {
					t.Error(err)
				}
				theirs.contrib("remove", user, "--yes")
			}
			ours.same("left by kfam", 0, len(ours.pairs()))
			theirs.same("left by us", 0, len(theirs.pairs()))
		})
	}
}

// TestKfamsInOurs lets every age of kfam add contributors, and us list, change and remove them.
func TestKfamsInOurs(t *testing.T) {
	t.Parallel()
	const user = "Alice2@Example.com"
	const canonical = "user-alice2-example-com-clusterrole-"
	pair := func(name string) grant { return grant{"user:" + user, "editor", "pair", "yes", name, name} }
	half := func(name string) grant { return grant{"user:" + user, "editor", "binding", "no", name, ""} }
	tests := map[string]struct {
		name string
		want grant
	}{
		"1.0":     {"kfam-theirs-1-0", half("user-alice-example-com-clusterrole-edit")},
		"1.2":     {"kfam-theirs-1-2", half("user-lice2-xample-com-clusterrole-edit")},
		"1.6":     {"kfam-theirs-1-6", pair(canonical + "edit")},
		"1.7":     {"kfam-theirs-1-7", pair(canonical + "edit")},
		"1.10":    {"kfam-theirs-1-10", pair(canonical + "edit")},
		"2.0":     {"kfam-theirs-2-0", pair(canonical + "edit")},
		"planned": {"kfam-theirs-planned", pair(canonical + "edit")},
	}
	for release, tt := range tests {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, tt.name, release)
			if err := s.kfam.Create(t.Context(), siteOwner, kubeflow.NewBinding(s.name, "User", user, "edit")); err != nil {
				t.Fatal(err)
			}
			s.same("listed", []grant{tt.want}, s.ours())

			s.contrib("set-role", user, "--role", "viewer", "--yes")
			s.same("as viewer", []grant{{"user:" + user, "viewer", "pair", "yes", canonical + "view", canonical + "view"}}, s.ours())
			s.same("as viewer, to kfam", []string{"User " + user + " view"}, s.theirs(user))

			s.contrib("remove", user, "--yes")
			s.same("objects that are left", 0, len(s.pairs()))
			s.same("to kfam", []string(nil), s.theirs(""))
		})
	}
}

// TestKfamsHalves removes what kfam can't: pairs of which one object is missing, and leaves a namesake alone.
func TestKfamsHalves(t *testing.T) {
	t.Parallel()
	s := newSite(t, "kfam-halves", "2.0")
	add := func(user string) string {
		t.Helper()
		if err := s.kfam.Create(t.Context(), siteOwner, kubeflow.NewBinding(s.name, "User", user, "edit")); err != nil {
			t.Fatal(err)
		}
		return facts.BindingName("User", user, "edit")
	}
	without := func(kind schema.GroupVersionResource, user string) string {
		t.Helper()
		name := add(user)
		if err := s.client.Resource(kind).Namespace(s.name).Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		return name
	}
	noPolicy, noBinding, namesake := without(pairKinds[1], "ann@x.com"), without(pairKinds[0], "ben@x.com"), add("alice.b@x.com")
	kept := grant{"user:alice.b@x.com", "editor", "pair", "yes", namesake, namesake}
	want := []grant{
		kept,
		{"user:ann@x.com", "editor", "binding", "no", noPolicy, ""},
		{"user:ben@x.com", "editor", "policy", "yes", "", noBinding},
	}
	s.same("listed", want, sortedGrants(s.ours()))
	s.contrib("remove", "ann@x.com", "ben@x.com", "--yes")
	s.same("after the halves are gone", []grant{kept}, s.ours())

	out := s.admin.kubectl(t, "contrib", "remove", "alice-b@x.com", "-n", s.name, "--yes")
	s.same("after a namesake who has nothing was removed", []grant{kept}, s.ours())
	if out.code == 0 {
		out.hears(t, "nothing")
	}
	out = s.admin.kubectl(t, "contrib", "add", "alice-b@x.com", "--role", "editor", "-n", s.name, "--yes")
	out.says(t, 1, "alice.b@x.com", "--name")
	s.same("after a namesake was refused", []grant{kept}, s.ours())
}

// TestBesideKfam has role bindings that kfam lists wrongly, or not at all, or that break its lists.
func TestBesideKfam(t *testing.T) {
	t.Parallel()
	s := newSite(t, "kfam-beside", "2.0")
	const ref = "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "
	user := func(kind, name string) string {
		return "{apiGroup: rbac.authorization.k8s.io, kind: " + kind + ", name: " + name + "}"
	}
	s.write("{metadata: {name: dora, annotations: {user: dora, role: edit}}, " + ref + "kubeflow-view}, subjects: [" + user("User", "someone-else") + "]}")
	s.write("{metadata: {name: custom, annotations: {user: carl, role: edit}}, " + ref + "trainer}, subjects: [" + user("User", "carl") + "]}")
	s.write("{metadata: {name: group, annotations: {group: ml, role: edit}}, " + ref + "kubeflow-edit}, subjects: [" + user("Group", "ml") + "]}")
	s.write("{metadata: {name: plain}, " + ref + "kubeflow-edit}, subjects: [" + user("User", "paul") + "]}")

	s.same("dora, to kfam", []string{"User someone-else view"}, s.theirs("dora"))
	s.same("someone-else, to kfam", []string(nil), s.theirs("someone-else"))
	s.same("all, to kfam", []string{"User carl ", "User someone-else view"}, s.theirs(""))
	s.same("all, to us", []grant{
		{"group:ml", "editor", "binding", "no", "group", ""},
		{"user:carl", "clusterrole/trainer", "binding", "no", "custom", ""},
		{"user:paul", "editor", "manual", "no", "plain", ""},
		{"user:someone-else", "viewer", "binding", "no", "dora", ""},
	}, sortedGrants(s.ours()))

	s.write("{metadata: {name: two, annotations: {user: tim, role: edit}}, " + ref + "kubeflow-edit}, subjects: [" +
		user("User", "tim") + ", " + user("User", "tom") + "]}")
	if _, err := s.kfam.List(t.Context(), kubeflow.Query{Namespace: s.name, User: "somebody"}); err == nil {
		t.Fatal("two subjects do not break kfam's list")
	}
	for _, name := range []string{"tim", "tom"} {
		if !slices.ContainsFunc(s.ours(), func(g grant) bool { return g.ID == "user:"+name && g.Role == "editor" && g.Binding == "two" }) {
			t.Errorf("%s is not listed", name)
		}
	}
	s.contrib("remove", "tom", "--yes")
	s.same("to kfam, when one of two was removed", []string{"User carl ", "User someone-else view", "User tim edit"}, s.theirs(""))
	for _, name := range []string{"tim", "someone-else", "carl", "paul", "group:ml"} {
		s.contrib("remove", name, "--yes")
	}
	s.same("objects that are left", 0, len(s.pairs()))
}

// TestGroupPairs compares a group's pair with the one that is planned upstream; today's kfam overlooks it.
func TestGroupPairs(t *testing.T) {
	t.Parallel()
	ours, theirs := newSite(t, "kfam-group", "planned"), newSite(t, "kfam-group-twin", "planned")
	ours.contrib("add", "group:ML Team", "--role", "editor", "--yes")
	if err := theirs.kfam.Create(t.Context(), siteOwner, kubeflow.NewBinding(theirs.name, "Group", "ML Team", "edit")); err != nil {
		t.Fatal(err)
	}
	ours.same("stored", theirs.pairs(), ours.pairs())
	ours.same("to kfam of today", []string(nil), ours.theirs(""))
	theirs.contrib("remove", "group:ML Team", "--yes")
	theirs.same("objects that are left", 0, len(theirs.pairs()))
}

// TestTransferBeforeKfam gives a profile to somebody else: the controller finds nothing to put right, and kfam knows the new
// owner as such, and the old one as what he became.
func TestTransferBeforeKfam(t *testing.T) {
	t.Parallel()
	const heir = "heir@example.com"
	s := newSite(t, "kfam-transfer", "2.0")
	s.admin.kubectl(t, "profile", "transfer", s.name, "--owner", heir, "--keep-old-as", "editor", "--yes").want(t, 0)
	versions := func() map[string]string {
		out := map[string]string{}
		for _, kind := range pairKinds {
			list, err := s.client.Resource(kind).Namespace(s.name).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range list.Items {
				out[kind.Resource+"/"+list.Items[i].GetName()] = list.Items[i].GetResourceVersion()
			}
		}
		return out
	}
	before := versions()
	s.reconcile()
	s.same("versions after the controller", before, versions())
	s.same("the new owner, to kfam", []string{"User " + heir + " admin"}, s.theirs(heir))
	entries, err := s.kfam.List(t.Context(), kubeflow.Query{Namespace: s.name, User: siteOwner})
	if err != nil {
		t.Fatal(err)
	}
	s.same("the old one, to kfam", []kubeflow.Binding{kubeflow.NewBinding(s.name, "User", siteOwner, "edit")}, entries.Bindings)
	if err := s.kfam.Create(t.Context(), heir, kubeflow.NewBinding(s.name, "User", "bob@x.com", "edit")); err != nil {
		t.Error(err)
	}
	if err := s.kfam.Create(t.Context(), siteOwner, kubeflow.NewBinding(s.name, "User", "eve@x.com", "edit")); err == nil {
		t.Error("the old owner still adds contributors")
	}
}
