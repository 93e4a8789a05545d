package contrib_test

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func remove(in string, role workspace.Role, subjects ...rbac.Subject) func(*workspace.State) (plan.Plan, []string, error) {
	return func(s *workspace.State) (plan.Plan, []string, error) { return contrib.Remove(s, in, subjects, role) }
}

// listed are the annotations by which kfam lists the binding of an editor.
func listed(user string) map[string]string {
	return map[string]string{kubeflow.UserAnnotation: user, kubeflow.RoleAnnotation: "edit"}
}

func TestSetRole(t *testing.T) {
	t.Parallel()
	team := ofKubeflow("team-a", "alice@x.com")
	native := ofNative("dev", "alice@x.com")
	view, edit := pairOf("team-a", "bob@x.com", "view"), pairOf("team-a", "bob@x.com", "edit")
	toEditor := setRole(grant("team-a", bob, workspace.Editor))
	cases := map[string]given{
		"new role":                  {objects: all(team, view), do: toEditor},
		"same role":                 {objects: all(team, edit), do: toEditor},
		"interrupted, no policy":    {objects: all(team, view, edit[:1]), do: toEditor},
		"interrupted, both":         {objects: all(team, view, edit), do: toEditor},
		"interrupted, old binding":  {objects: all(team, view[:1], edit), do: toEditor},
		"no role":                   {objects: team, do: toEditor},
		"no role, case":             {objects: all(team, view), do: setRole(grant("team-a", rbac.User("Bob@x.com"), workspace.Editor))},
		"owner":                     {objects: team, do: setRole(grant("team-a", rbac.User("alice@x.com"), workspace.Viewer))},
		"date stays":                {objects: all(team, datedPair("bob@x.com", "view", "2026-12-01T00:00:00Z")), do: toEditor},
		"date is set":               {objects: all(team, view), do: setRole(grant("team-a", bob, workspace.Editor, until(1)))},
		"date is over":              {objects: all(team, datedPair("bob@x.com", "view", "2026-11-01T00:00:00Z")), do: toEditor},
		"closed stays closed":       {objects: all(team, one(closed("bob@x.com", "view"))), do: toEditor},
		"legacy name":               {objects: all(team, one(renamed(kubeflow.PairBinding("team-a", bob, "view"), "bob-view"))), do: toEditor},
		"two":                       {objects: all(team, view, pairOf("team-a", "carol@x.com", "view")), do: setRole(grant("team-a", bob, workspace.Editor), grant("team-a", carol, workspace.Owner))},
		"policies unread":           {objects: all(team, view), adjust: noPolicies, do: toEditor},
		"made by hand, another end": {objects: all(team, view, one(bindingOf("team-a", "logs", "log-reader", nil, bob))), do: toEditor},
		"made by hand":              {objects: all(team, one(bindingOf("team-a", "bobs", "kubeflow-view", nil, bob))), do: toEditor},
		"name of the new role": {
			// Somebody made the binding with the right name and the wrong role: a role reference cannot be changed.
			objects: all(team, one(bindingOf("team-a", "user-bob-x-com-clusterrole-edit", "kubeflow-view", listed("bob@x.com"), bob)), edit[1:]),
			do:      toEditor,
		},
		"several subjects": {
			objects: all(team, one(bindingOf("team-a", "viewers", "kubeflow-view", nil, bob, carol))),
			do:      toEditor,
		},
		"native": {
			objects: all(native, one(bindingOf("dev", "bobs", "view", map[string]string{workspace.RoleAnnotation: "viewer"}, bob))),
			do:      setRole(grant("dev", bob, workspace.Editor)),
		},
		"policy alone of the new role": {objects: all(team, view, edit[1:]), do: toEditor},
	}
	runGolden(t, "setrole", cases)
}

func TestRemove(t *testing.T) {
	t.Parallel()
	team := ofKubeflow("team-a", "alice@x.com")
	native := ofNative("dev", "alice@x.com")
	pair := pairOf("team-a", "bob@x.com", "edit")
	both := bindingOf("team-a", "both", "kubeflow-edit", listed("bob@x.com"), bob, carol)
	cases := map[string]given{
		"pair":             {objects: all(team, pair), do: remove("team-a", "", bob)},
		"binding alone":    {objects: all(team, pair[:1]), do: remove("team-a", "", bob)},
		"policy alone":     {objects: all(team, pair[1:]), do: remove("team-a", "", bob)},
		"nothing":          {objects: team, do: remove("team-a", "", bob)},
		"nothing, case":    {objects: all(team, pair), do: remove("team-a", "", rbac.User("Bob@x.com"))},
		"one role":         {objects: all(team, pair, pairOf("team-a", "bob@x.com", "view")), do: remove("team-a", workspace.Viewer, bob)},
		"another role":     {objects: all(team, pair), do: remove("team-a", workspace.Viewer, bob)},
		"owner":            {objects: team, do: remove("team-a", "", rbac.User("alice@x.com"))},
		"owner, pair too":  {objects: all(team, pairOf("team-a", "alice@x.com", "edit")), do: remove("team-a", "", rbac.User("alice@x.com"))},
		"native owner":     {objects: native, do: remove("dev", "", rbac.User("alice@x.com"))},
		"default account":  {objects: team, do: remove("team-a", "", rbac.ServiceAccount("team-a", "default-editor"))},
		"several subjects": {objects: all(team, one(both)), do: remove("team-a", "", bob)},
		"all of several":   {objects: all(team, one(both)), do: remove("team-a", "", bob, carol)},
		"namesake": {
			// Alice-B's objects have the name that Alice.B's would have.
			objects: all(team, pairOf("team-a", "alice-b@x.com", "edit")),
			do:      remove("team-a", "", rbac.User("alice.b@x.com")),
		},
		"namesake's policy": {
			objects: all(team, pairOf("team-a", "alice-b@x.com", "edit")[:1], pairOf("team-a", "alice.b@x.com", "edit")[1:]),
			do:      remove("team-a", "", rbac.User("alice-b@x.com")),
		},
		"policy of several": {
			objects: all(team, pair[:1], one(lettingIn("user-bob-x-com-clusterrole-edit", "bob@x.com", "carol@x.com"))),
			do:      remove("team-a", "", bob),
		},
		"policy of old prefix": {
			objects: all(team, pair[:1], one(lettingIn("user-bob-x-com-clusterrole-edit", "accounts.google.com:bob@x.com"))),
			do:      remove("team-a", "", bob),
		},
		"made by hand": {
			objects: all(team, one(bindingOf("team-a", "logs", "log-reader", nil, bob))),
			do:      remove("team-a", "", bob),
		},
		"policy by hand stays": {
			objects: all(team, pair, one(unannotated(lettingIn("mine", "bob@x.com")))),
			do:      remove("team-a", "", bob),
		},
		"policies unread":         {objects: all(team, pair), adjust: noPolicies, do: remove("team-a", "", bob)},
		"policies unread, closed": {objects: all(team, one(closed("bob@x.com", "edit"))), adjust: noPolicies, do: remove("team-a", "", bob)},
		"no Istio":                {objects: all(team, pair), adjust: noIstio, do: remove("team-a", "", bob)},
		"group": {
			objects: all(team, one(kubeflow.PairBinding("team-a", rbac.Group("ml"), "edit"),
				kubeflow.PairPolicy("team-a", rbac.Group("ml"), "edit", kubeflow.DefaultConfig()))),
			do: remove("team-a", "", rbac.Group("ml")),
		},
		"native":            {objects: all(native, one(workspace.NativeBinding("dev", bob, editRole()))), do: remove("dev", "", bob)},
		"no such workspace": {objects: team, do: remove("team-b", "", bob)},
	}
	runGolden(t, "remove", cases)
}

// lettingIn is an annotated policy with other values than kfam would write.
func lettingIn(name string, values ...string) *unstructured.Unstructured {
	p := kubeflow.PairPolicy("team-a", bob, "edit", kubeflow.DefaultConfig())
	rules := p.Object["spec"].(map[string]any)["rules"].([]any)
	when := rules[0].(map[string]any)["when"].([]any)[0].(map[string]any)
	list := make([]any, len(values))
	for i, value := range values {
		list[i] = value
	}
	when["values"] = list
	return renamed(p, name)
}

func unannotated(p *unstructured.Unstructured) *unstructured.Unstructured {
	p.SetAnnotations(nil)
	return p
}

func TestApply(t *testing.T) {
	t.Parallel()
	team := ofKubeflow("team-a", "alice@x.com")
	others := all(pairOf("team-a", "bob@x.com", "view"), pairOf("team-a", "dora@x.com", "edit"),
		one(bindingOf("team-a", "hand", "kubeflow-edit", nil, rbac.User("erin@x.com"))),
		one(bindingOf("team-a", "logs", "log-reader", nil, rbac.User("erin@x.com"))))
	list := []contrib.Grant{grant("team-a", bob, workspace.Editor), grant("team-a", carol, workspace.Viewer, noHTTP)}
	line := func(n int) func(*contrib.Grant) { return func(g *contrib.Grant) { g.Line = n } }
	cases := map[string]given{
		"without prune":            {objects: all(team, others), do: apply(false, list...)},
		"with prune":               {objects: all(team, others), do: apply(true, list...)},
		"other workspaces stay":    {objects: all(team, ofKubeflow("team-b", "alice@x.com"), pairOf("team-b", "bob@x.com", "edit")), do: apply(true, list...)},
		"owner as owner":           {objects: team, do: apply(true, grant("team-a", rbac.User("alice@x.com"), workspace.Owner))},
		"owner as editor":          {objects: team, do: apply(true, grant("team-a", rbac.User("alice@x.com"), workspace.Editor, line(3)))},
		"over":                     {objects: all(team, pairOf("team-a", "bob@x.com", "edit")), do: apply(false, grant("team-a", bob, workspace.Editor, until(-1), line(4)))},
		"over, with prune":         {objects: all(team, pairOf("team-a", "bob@x.com", "edit")), do: apply(true, grant("team-a", bob, workspace.Editor, until(-1)))},
		"nothing":                  {objects: team, do: apply(true)},
		"several refusals":         {objects: team, do: apply(true, grant("team-b", bob, workspace.Editor, line(1)), grant("team-b", carol, workspace.Editor, line(2)), grant("team-a", rbac.User("*"), workspace.Editor, line(3)))},
		"prune a policy alone":     {objects: all(team, pairOf("team-a", "dora@x.com", "edit")[1:]), do: apply(true, list[0])},
		"prune of several":         {objects: all(team, one(bindingOf("team-a", "both", "kubeflow-edit", listed("dora@x.com"), rbac.User("dora@x.com"), carol))), do: apply(true, list[0])},
		"prune, policies unread":   {objects: all(team, pairOf("team-a", "dora@x.com", "edit")), adjust: noPolicies, do: apply(true, list[1])},
		"same role held twice":     {objects: all(team, pairOf("team-a", "bob@x.com", "edit"), one(bindingOf("team-a", "again", "kubeflow-edit", listed("bob@x.com"), bob))), do: apply(false, list[0])},
		"native workspaces, prune": {objects: all(ofNative("dev", "alice@x.com"), one(workspace.NativeBinding("dev", carol, editRole()), bindingOf("dev", "x", "view", nil, carol))), do: apply(true, grant("dev", bob, workspace.Viewer))},
	}
	runGolden(t, "apply", cases)
}

func TestRename(t *testing.T) {
	t.Parallel()
	team := ofKubeflow("team-a", "alice@x.com")
	robert := rbac.User("robert@x.com")
	native := workspace.NativeBinding("dev", bob, editRole())
	cases := map[string]given{
		"pairs":             {objects: all(team, pairOf("team-a", "bob@x.com", "edit"), ofNative("dev", "alice@x.com"), one(native)), do: rename(bob, robert)},
		"case":              {objects: all(team, pairOf("team-a", "bob@x.com", "edit")), do: rename(bob, rbac.User("Bob@x.com"))},
		"case, native":      {objects: all(ofNative("dev", "alice@x.com"), one(native)), do: rename(bob, rbac.User("Bob@x.com"))},
		"date and http":     {objects: all(team, one(dated(closed("bob@x.com", "view"), "2026-12-01T00:00:00Z"))), do: rename(bob, robert)},
		"date is over":      {objects: all(team, datedPair("bob@x.com", "view", "2026-11-01T00:00:00Z")), do: rename(bob, robert)},
		"to a member":       {objects: all(team, pairOf("team-a", "bob@x.com", "edit"), pairOf("team-a", "robert@x.com", "view")), do: rename(bob, robert)},
		"to a strong one":   {objects: all(team, pairOf("team-a", "bob@x.com", "view"), pairOf("team-a", "robert@x.com", "edit")), do: rename(bob, robert)},
		"to the owner":      {objects: all(team, pairOf("team-a", "bob@x.com", "view")), do: rename(bob, rbac.User("alice@x.com"))},
		"owner":             {objects: team, do: rename(rbac.User("alice@x.com"), robert)},
		"nobody":            {objects: team, do: rename(bob, robert)},
		"same":              {objects: team, do: rename(bob, bob)},
		"kinds":             {objects: team, do: rename(bob, rbac.Group("ml"))},
		"two roles":         {objects: all(team, pairOf("team-a", "bob@x.com", "view"), pairOf("team-a", "bob@x.com", "edit")), do: rename(bob, robert)},
		"made by hand":      {objects: all(team, one(bindingOf("team-a", "both", "log-reader", nil, bob, carol))), do: rename(bob, robert)},
		"several subjects":  {objects: all(team, one(bindingOf("team-a", "both", "kubeflow-edit", listed("bob@x.com"), bob, carol))), do: rename(bob, robert)},
		"outside":           {objects: all(team, plainNamespace("lab"), one(bindingOf("lab", "x", "view", nil, bob))), do: rename(bob, robert)},
		"collision":         {objects: all(team, pairOf("team-a", "bob@x.com", "edit"), pairOf("team-a", "rob.ert@x.com", "edit")), do: rename(bob, rbac.User("rob-ert@x.com"))},
		"half, no policy":   {objects: all(team, pairOf("team-a", "bob@x.com", "edit")[:1]), do: rename(bob, robert)},
		"interrupted":       {objects: all(team, pairOf("team-a", "bob@x.com", "edit"), pairOf("team-a", "robert@x.com", "edit")[:1]), do: rename(bob, robert)},
		"interrupted, case": {objects: all(team, pairOf("team-a", "Bob@x.com", "edit")[:1], pairOf("team-a", "bob@x.com", "edit")[1:]), do: rename(bob, rbac.User("Bob@x.com"))},
		"policies unread":   {objects: all(team, pairOf("team-a", "bob@x.com", "edit")), adjust: noPolicies, do: rename(bob, robert)},
	}
	runGolden(t, "rename", cases)
}

func expire(s *workspace.State) (plan.Plan, []string, error) {
	p, notes, left, err := contrib.Expire(s)
	for _, one := range left {
		notes = append(notes, "left: "+one.Error())
	}
	return p, notes, err
}

func TestExpire(t *testing.T) {
	t.Parallel()
	team := ofKubeflow("team-a", "alice@x.com")
	cases := map[string]given{
		"some": {
			objects: all(team, datedPair("bob@x.com", "edit", "2026-11-22T12:00:00Z"), datedPair("carol@x.com", "edit", "2026-11-22T12:00:01Z"),
				ofNative("dev", "alice@x.com"), one(dated(workspace.NativeBinding("dev", bob, editRole()), "2020-01-01T00:00:00Z"))),
			do: expire,
		},
		"none":            {objects: team, do: expire},
		"no date":         {objects: all(team, one(dated(kubeflow.PairBinding("team-a", bob, "edit"), "soon"))), do: expire},
		"owner":           {objects: all(team[:0], ofNative("dev", "alice@x.com")[:1], one(dated(bindingOf("dev", workspace.OwnerBinding, "admin", nil, rbac.User("alice@x.com")), "2020-01-01T00:00:00Z"))), do: expire},
		"policy alone":    {objects: all(team, datedPair("bob@x.com", "edit", "2026-11-01T00:00:00Z")[1:]), do: expire},
		"several":         {objects: all(team, one(dated(bindingOf("team-a", "both", "kubeflow-edit", nil, bob, carol), "2026-11-01T00:00:00Z"))), do: expire},
		"outside":         {objects: all(plainNamespace("lab"), one(dated(workspace.NativeBinding("lab", bob, editRole()), "2026-11-01T00:00:00Z"))), do: expire},
		"policies unread": {objects: all(team, datedPair("bob@x.com", "edit", "2026-11-01T00:00:00Z")), adjust: noPolicies, do: expire},
	}
	runGolden(t, "expire", cases)
}

func TestOffboard(t *testing.T) {
	t.Parallel()
	c := newCluster(all(
		ofKubeflow("team-a", "alice@x.com"), pairOf("team-a", "bob@x.com", "edit"), pairOf("team-a", "Bob@x.com", "view"),
		ofKubeflow("team-b", "bob@x.com"), pairOf("team-b", "bob@x.com", "edit"), pairOf("team-b", "carol@x.com", "edit"),
		ofNative("dev", "bob@x.com"),
		ofNative("qa", "alice@x.com"), one(bindingOf("qa", "both", "view", nil, bob, carol)),
		plainNamespace("lab"), one(bindingOf("lab", "x", "view", nil, bob)), one(workspace.NativeBinding("lab", bob, editRole())),
	)...)
	p, owned, notes, err := contrib.Offboard(c.state(), bob)
	if want := []string{"dev", "team-b"}; !slices.Equal(owned, want) {
		t.Errorf("owned = %v, want %v", owned, want)
	}
	golden.Equal(t, listing(p, notes, err), "offboard")
	c.carryOut(t, p)
	for _, m := range c.state().Members("") {
		if m.Subject == bob && m.How != workspace.ByOwnership && m.Workspace != "lab" {
			t.Errorf("bob is still in %s by %s", m.Workspace, m.ObjectName())
		}
	}
	again, _, _, err := contrib.Offboard(c.state(), bob)
	if err != nil || len(again.Changes().Steps) > 0 {
		t.Errorf("made again, the plan has changes (error %v):\n%s", err, listing(again, nil, nil))
	}
}
