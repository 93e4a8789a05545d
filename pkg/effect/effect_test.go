package effect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/effect"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

// binding is a role binding of a cluster role, or with an empty namespace a cluster role binding.
func binding(t *testing.T, namespace, name, role string, subjects ...string) *unstructured.Unstructured {
	t.Helper()
	kind := "RoleBinding"
	if namespace == "" {
		kind = "ClusterRoleBinding"
	}
	o := object(t, `{apiVersion: rbac.authorization.k8s.io/v1, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: `+role+`}}`)
	o.SetKind(kind)
	o.SetNamespace(namespace)
	o.SetName(name)
	o.SetUID("u")
	list := []any{}
	for _, subject := range subjects {
		list = append(list, map[string]any{"apiGroup": rbacv1.GroupName, "kind": "User", "name": subject})
	}
	o.Object["subjects"] = list
	return o
}

func plans(t *testing.T, steps ...plan.Step) plan.Plan {
	t.Helper()
	p, err := plan.New("", steps...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func rules(verbs, groups, resources []string) []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{{Verbs: verbs, APIGroups: groups, Resources: resources}}
}

// world is a cluster in which ann holds "admin" in dev, and eve "view" in dev and qa.
func world() *rbac.Snapshot {
	ref := func(name string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}
	}
	user := func(name string) []rbacv1.Subject {
		return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: name}}
	}
	return &rbac.Snapshot{
		Roles: []rbac.Role{
			{Name: "view", Rules: rules([]string{"get"}, []string{""}, []string{"pods"})},
			{Name: "edit", Rules: rules([]string{"get", "create"}, []string{""}, []string{"pods", "secrets"})},
			{Name: "admin", Rules: rules([]string{"get", "create"}, []string{""}, []string{"pods", "secrets", "pods/exec"})},
			{Name: "lists", Rules: rules([]string{"list"}, []string{""}, []string{"secrets"})},
			{Name: "health", Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz"}}}},
			{Name: "one", Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{"a"}}}},
		},
		Bindings: []rbac.Binding{
			{Namespace: "dev", Name: "ann", RoleRef: ref("admin"), Subjects: user("ann")},
			{Namespace: "dev", Name: "eve", RoleRef: ref("view"), Subjects: user("eve")},
			{Namespace: "qa", Name: "eve", RoleRef: ref("view"), Subjects: user("eve")},
		},
	}
}

// texts shows effects: "bob in dev: + get pods, - get secrets".
func texts(effects []effect.Effect) []string {
	out := []string{}
	for _, e := range effects {
		line := e.Subject.String() + " in " + e.Namespace + ":"
		for _, a := range e.Gained {
			line += " +" + a.String()
		}
		for _, a := range e.Lost {
			line += " -" + a.String()
		}
		out = append(out, line)
	}
	return out
}

func TestRights(t *testing.T) {
	t.Parallel()
	create := func(o *unstructured.Unstructured) plan.Step { return plan.Step{Verb: plan.Create, Object: o} }
	remove := func(o *unstructured.Unstructured) plan.Step { return plan.Step{Verb: plan.Delete, Old: o} }
	tests := map[string]struct {
		steps   []plan.Step
		empty   bool
		effects []string
		// strong is what the first of them can then do.
		strong  []string
		unknown []string
		// mayGive is what ann is told.
		mayGive []string
	}{
		"nothing of roles": {steps: []plan.Step{create(object(t, `{apiVersion: v1, kind: Namespace, metadata: {name: dev}}`))}, empty: true},
		"a binding that stays": {
			steps: []plan.Step{{Verb: plan.Update, Old: binding(t, "dev", "eve", "view", "eve"), Object: binding(t, "dev", "eve", "view", "eve")}},
			empty: true,
		},
		"given": {
			steps:   []plan.Step{create(binding(t, "dev", "bob", "view", "bob"))},
			effects: []string{"user:bob in dev: +get pods"},
		},
		"given, and strong": {
			steps:   []plan.Step{create(binding(t, "dev", "bob", "admin", "bob"))},
			effects: []string{"user:bob in dev: +get pods +create pods +get pods/exec +create pods/exec +get secrets +create secrets"},
			strong:  []string{"read secrets", "run commands in pods (pods/exec)", "run pods with any secret and as any service account"},
		},
		"given to list": {
			steps:   []plan.Step{create(binding(t, "dev", "bob", "lists", "bob"))},
			effects: []string{"user:bob in dev: +list secrets"},
			strong:  []string{"read secrets"},
			mayGive: []string{"warning: you may not give clusterrole/lists in dev: you lack list secrets, and the verb bind on it"},
		},
		"given to list what was read before": {
			steps:   []plan.Step{create(binding(t, "dev", "lists", "lists", "ann"))},
			effects: []string{"user:ann in dev: +list secrets"},
			mayGive: []string{"warning: you may not give clusterrole/lists in dev: you lack list secrets, and the verb bind on it"},
		},
		"given to who has it": {steps: []plan.Step{create(binding(t, "dev", "again", "view", "eve"))}},
		"given by name": {
			steps:   []plan.Step{create(binding(t, "dev", "bob", "one", "bob"))},
			effects: []string{"user:bob in dev: +get pods a"},
		},
		"another role": {
			steps:   []plan.Step{remove(binding(t, "dev", "eve", "view", "eve")), create(binding(t, "dev", "eve", "edit", "eve"))},
			effects: []string{"user:eve in dev: +create pods +get secrets +create secrets"},
			strong:  []string{"read secrets", "run pods with any secret and as any service account"},
		},
		"a weaker role": {
			steps:   []plan.Step{create(binding(t, "dev", "ann-view", "view", "ann")), remove(binding(t, "dev", "ann", "admin", "ann"))},
			effects: []string{"user:ann in dev: -create pods -get pods/exec -create pods/exec -get secrets -create secrets"},
		},
		"another subject": {
			steps:   []plan.Step{{Verb: plan.Update, Old: binding(t, "qa", "eve", "view", "eve"), Object: binding(t, "qa", "eve", "view", "bob")}},
			effects: []string{"user:bob in qa: +get pods", "user:eve in qa: -get pods"},
			mayGive: []string{"warning: you may not give clusterrole/view in qa: you lack get pods, and the verb bind on it"},
		},
		"everywhere": {
			steps:   []plan.Step{create(binding(t, "", "health", "health", "eve")), create(binding(t, "", "view", "view", "eve"))},
			effects: []string{"user:eve in : +get pods +get /healthz"},
			mayGive: []string{
				"warning: you may not give clusterrole/health in the whole cluster: you lack get /healthz, and the verb bind on it",
				"warning: you may not give clusterrole/view in the whole cluster: you lack get pods, and the verb bind on it",
			},
		},
		"a role that is not there": {
			steps:   []plan.Step{create(binding(t, "dev", "bob", "gone", "bob")), create(binding(t, "dev", "dan", "gone", "dan"))},
			unknown: []string{"warning: clusterrole/gone does not exist: it gives nothing until it does"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bindings, err := effect.Read(plans(t, tt.steps...))
			if err != nil || bindings.Empty() != tt.empty {
				t.Fatalf("Read: %v; empty: %v, want %v", err, bindings.Empty(), tt.empty)
			}
			rights := bindings.On(rbac.Compile(world()))
			if e := rights.Of(rbac.User("ann"), "elsewhere"); len(e.Gained)+len(e.Lost) > 0 {
				t.Errorf("ann gains %v and loses %v where she has nothing", e.Gained, e.Lost)
			}
			if e := rights.Of(rbac.User("eve"), "qa"); len(e.Lost) > 0 != (name == "another subject") {
				t.Errorf("eve loses %v in qa", e.Lost)
			}
			effects := rights.All()
			if diff := cmp.Diff(append([]string{}, tt.effects...), texts(effects)); diff != "" {
				t.Errorf("effects (-want +got):\n%s", diff)
			}
			var strong []string
			if len(effects) > 0 {
				strong = rights.Strong(effects[0].Subject, effects[0].Namespace)
			}
			if diff := cmp.Diff(tt.strong, strong); diff != "" {
				t.Errorf("strong (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.unknown, rights.Unknown()); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.mayGive, rights.MayGive(rbac.NewIdentity(rbac.User("ann")))); diff != "" {
				t.Errorf("may give (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStrong warns of what is more than it looks, in one phrase for what comes to the same.
func TestStrong(t *testing.T) {
	t.Parallel()
	const runs = "run pods with any secret and as any service account"
	rule := func(verb, group, resource string, names ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: []string{resource}, ResourceNames: names}
	}
	tests := map[string]struct {
		rules []rbacv1.PolicyRule
		want  []string
	}{
		"to look at pods":         {rules: []rbacv1.PolicyRule{rule("list", "", "pods"), rule("get", "", "pods/log")}},
		"to make pods":            {rules: []rbacv1.PolicyRule{rule("create", "", "pods")}, want: []string{runs}},
		"to change a Deployment":  {rules: []rbacv1.PolicyRule{rule("patch", "apps", "deployments", "web")}, want: []string{runs}},
		"to look at a Deployment": {rules: []rbacv1.PolicyRule{rule("get", "apps", "deployments", "web"), rule("patch", "", "configmaps", "x")}},
		"to make jobs and pods":   {rules: []rbacv1.PolicyRule{rule("create", "batch", "jobs"), rule("update", "batch", "cronjobs"), rule("patch", "", "pods")}, want: []string{runs}},
		"to make jobs of others":  {rules: []rbacv1.PolicyRule{rule("create", "example.com", "jobs")}},
		"attach":                  {rules: []rbacv1.PolicyRule{rule("create", "", "pods/attach")}, want: []string{"get at the programs in pods (pods/attach)"}},
		"ephemeral containers":    {rules: []rbacv1.PolicyRule{rule("patch", "", "pods/ephemeralcontainers")}, want: []string{"put containers into pods (pods/ephemeralcontainers)"}},
		"to look at exec":         {rules: []rbacv1.PolicyRule{rule("get", "", "pods/exec")}, want: []string{"run commands in pods (pods/exec)"}},
		"exec and attach":         {rules: []rbacv1.PolicyRule{rule("create", "", "pods/exec"), rule("create", "", "pods/attach")}, want: []string{"run commands in pods (pods/exec)"}},
		"to bind a role":          {rules: []rbacv1.PolicyRule{rule("bind", rbacv1.GroupName, "clusterroles", "admin")}, want: []string{"give roles that hold more than their giver does (bind)"}},
		"to write bindings":       {rules: []rbacv1.PolicyRule{rule("patch", rbacv1.GroupName, "rolebindings")}, want: []string{"give rights to others (rolebindings)"}},
		"to escalate":             {rules: []rbacv1.PolicyRule{rule("escalate", rbacv1.GroupName, "roles")}, want: []string{"write roles that hold more than their writer does"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			snapshot := world()
			snapshot.Roles = append(snapshot.Roles, rbac.Role{Name: "new", Rules: tt.rules})
			bindings, err := effect.Read(plans(t, plan.Step{Verb: plan.Create, Object: binding(t, "dev", "bob", "new", "bob")}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, bindings.On(rbac.Compile(snapshot)).Strong(rbac.User("bob"), "dev")); diff != "" {
				t.Errorf("strong (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPartial leaves to the server what depends on what could not be read.
func TestPartial(t *testing.T) {
	t.Parallel()
	snapshot := world()
	snapshot.Gaps = []rbac.Gap{{What: "clusterroles", Cause: "forbidden"}}
	bindings, err := effect.Read(plans(t,
		plan.Step{Verb: plan.Create, Object: binding(t, "dev", "bob", "gone", "bob")},
		plan.Step{Verb: plan.Create, Object: binding(t, "qa", "bob", "view", "bob")}))
	if err != nil {
		t.Fatal(err)
	}
	rights := bindings.On(rbac.Compile(snapshot))
	want := []string{"note: the rules of clusterrole/gone can't be read: what is gained, and whether you may give it, is left to the server"}
	if diff := cmp.Diff(want, rights.Unknown()); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	want = []string{"note: not all roles and bindings can be read: whether you may give clusterrole/view in qa is left to the server"}
	if diff := cmp.Diff(want, rights.MayGive(rbac.NewIdentity(rbac.User("ann")))); diff != "" {
		t.Errorf("may give (-want +got):\n%s", diff)
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	odd := binding(t, "dev", "odd", "view")
	odd.Object["subjects"] = "bob"
	_, err := effect.Read(plan.Plan{Steps: []plan.Step{{Verb: plan.Create, Object: odd}}})
	if err == nil {
		t.Error("subjects that are no list are read")
	}
}

func TestSamples(t *testing.T) {
	t.Parallel()
	action := func(verb, resource string) rbac.Action {
		return rbac.Action{Verb: verb, Resource: resource, Namespace: "dev"}
	}
	got := effect.Samples([]rbac.Action{
		action("get", "events"), action("get", "pods"), action("get", "events"), action("list", "events"), action("watch", "events"),
		action("create", "pods"), action("list", "pods"),
	})
	want := []string{"create pods", "get pods", "get events", "list events"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
