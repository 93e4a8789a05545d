package kubeflow_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/kubeflow"
)

// add lets the owner add a contributor.
func (p *place) add(kind, name, role string) {
	p.Helper()
	if err := p.kfam.Create(p.Context(), owner, kubeflow.NewBinding(p.name, kind, name, role)); err != nil {
		p.Fatal(err)
	}
}

// list is what kfam answers for the profile, as JSON. Without a namespace, what other tests break would break it.
func (p *place) list(q kubeflow.Query) string {
	p.Helper()
	if q.Namespace == "" {
		q.Namespace = p.name
	}
	entries, err := p.kfam.List(p.Context(), q)
	if err != nil {
		p.Fatal(err)
	}
	text, err := json.Marshal(entries)
	if err != nil {
		p.Fatal(err)
	}
	return string(text)
}

// code is the status of a refusal; 200 without one.
func code(err error) int {
	if refusal, ok := errors.AsType[*kubeflow.Refusal](err); ok {
		return refusal.Code
	}
	return 200
}

// TestPairs adds contributors and compares the pair with pkg/kubeflow's, for every age that has one.
func TestPairs(t *testing.T) {
	t.Parallel()
	old := facts.DefaultConfig().WithoutPrincipals()
	group := rbac.Group("ML Team")
	tests := map[string]struct {
		release string
		subject rbac.Subject
		config  facts.Config
	}{
		"pair-1-6":   {"1.6", rbac.User("Bob.Smith@x.com"), old},
		"pair-1-7":   {"1.7", rbac.User("Bob.Smith@x.com"), old},
		"pair-1-10":  {"1.10", rbac.User("josé+a@x.com"), facts.DefaultConfig()},
		"pair-2-0":   {"2.0", rbac.User("Bob.Smith@x.com"), facts.DefaultConfig()},
		"pair-group": {"planned", group, facts.DefaultConfig()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProfile(t, name, tt.release, "")
			for _, role := range facts.Roles() {
				p.add(tt.subject.Kind, tt.subject.Name, role)
				pair := facts.PairName(tt.subject, role)
				policy := p.mine(policies, pair)
				equal(t, p.mine(bindings, pair), facts.PairBinding(p.name, tt.subject, role))
				equal(t, policy, facts.PairPolicy(p.name, tt.subject, role, tt.config))
				same(t, "differences", nobody, facts.PolicyDiffers(policy, tt.config))
				if err := p.kfam.Delete(t.Context(), owner, kubeflow.NewBinding(p.name, tt.subject.Kind, tt.subject.Name, role)); err != nil {
					t.Error(err)
				}
			}
			same(t, "role bindings", []string{"default-editor", "default-viewer", "namespaceAdmin"}, p.names(bindings))
			same(t, "policies", []string{"ns-owner-access-istio"}, p.names(policies))
		})
	}
}

// TestOldNames adds contributors as old releases did. Newer ones list them, and can't remove them.
func TestOldNames(t *testing.T) {
	t.Parallel()
	const user = "Alice2@Example.com"
	tests := map[string]struct{ release, want string }{
		"old-1-0": {"1.0", "user-alice-example-com-clusterrole-edit"},
		"old-1-2": {"1.2", "user-lice2-xample-com-clusterrole-edit"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProfile(t, name, tt.release, "")
			p.add("User", user, "edit")
			same(t, "annotation", user, annotationsOf(p.mine(bindings, tt.want)))
			p.mine(oldIstio, tt.want)
			same(t, "policies", []string{"ns-owner-access-istio"}, p.names(policies))
			if legacy := facts.LegacyBindingNames("User", user, "edit"); !strings.Contains(strings.Join(legacy, " "), tt.want) {
				t.Errorf("the name is not among %q", legacy)
			}
			newer := newPlace(t, name, "2.0")
			same(t, "list", `{"bindings":[{"user":{"kind":"User","name":"Alice2@Example.com"},"referredNamespace":"`+name+
				`","RoleRef":{"apiGroup":"","kind":"ClusterRole","name":"edit"}}]}`, newer.list(kubeflow.Query{User: user}))
			err := newer.kfam.Delete(t.Context(), owner, kubeflow.NewBinding(name, "User", user, "edit"))
			if code(err) != 403 || !apierrors.IsNotFound(err) {
				t.Errorf("delete: %v", err)
			}
		})
	}
}

// TestList shows what of a role binding counts: annotations for the query, subject and role for the answer.
func TestList(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "listed", "2.0", "")
	binding := func(name, annotations, role, subjects string) {
		t.Helper()
		p.write(bindings, "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {namespace: listed, name: "+name+
			", annotations: {"+annotations+"}}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "+role+"}, subjects: ["+subjects+"]}")
	}
	user := func(name string) string {
		return "{apiGroup: rbac.authorization.k8s.io, kind: User, name: " + name + "}"
	}
	entry := func(kind, name, role string) string {
		return `{"user":{"kind":"` + kind + `","name":"` + name + `"},"referredNamespace":"listed","RoleRef":{"apiGroup":"","kind":"ClusterRole","name":"` + role + `"}}`
	}
	answer := func(entries ...string) string { return `{"bindings":[` + strings.Join(entries, ",") + `]}` }
	binding("dora", "user: dora, role: edit", "kubeflow-view", user("someone-else"))
	binding("custom", "user: carl, role: edit", "trainer", user("carl"))
	binding("group", "group: ml, role: edit", "kubeflow-edit", "{apiGroup: rbac.authorization.k8s.io, kind: Group, name: ml}")
	binding("roleless", "user: ron", "kubeflow-edit", user("ron"))
	binding("plain", "", "kubeflow-edit", user("paul"))
	p.add("Group", "crowd", "view")

	same(t, "dora", answer(entry("User", "someone-else", "view")), p.list(kubeflow.Query{User: "dora"}))
	same(t, "someone-else", "{}", p.list(kubeflow.Query{User: "someone-else"}))
	same(t, "role of one's own", answer(entry("User", "carl", "")), p.list(kubeflow.Query{User: "carl"}))
	same(t, "by role", answer(entry("User", "carl", ""), entry("User", "someone-else", "view")), p.list(kubeflow.Query{Role: "edit"}))
	same(t, "group, as a person", answer(entry("Group", "crowd", "view")), p.list(kubeflow.Query{User: "crowd"}))
	for _, unseen := range []string{"ml", "ron", "paul"} {
		same(t, unseen, "{}", p.list(kubeflow.Query{User: unseen}))
	}
	same(t, "no such namespace", "{}", p.list(kubeflow.Query{Namespace: "not-there"}))
	same(t, "all of it", answer(entry("User", "carl", ""), entry("User", "someone-else", "view"),
		entry("Group", "crowd", "view"), entry("User", owner, "admin")), p.list(kubeflow.Query{}))
}

// TestTwoSubjects breaks the lists of everybody who looks at the namespace.
func TestTwoSubjects(t *testing.T) {
	t.Parallel()
	for name, subjects := range map[string]string{"two-subjects": "a b", "no-subjects": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProfile(t, name, "2.0", "")
			p.add("User", "bob@x.com", "edit")
			var list []string
			for s := range strings.FieldsSeq(subjects) {
				list = append(list, "{apiGroup: rbac.authorization.k8s.io, kind: User, name: "+s+"}")
			}
			p.patch(bindings, name, "user-bob-x-com-clusterrole-edit", "{subjects: ["+strings.Join(list, ",")+"]}")
			_, err := p.kfam.List(t.Context(), kubeflow.Query{User: "eve@x.com"})
			same(t, "status of everybody's list", 401, code(err))
			// Its annotations are what makes it count.
			p.patch(bindings, name, "user-bob-x-com-clusterrole-edit", "{metadata: {annotations: {role: null}}}")
			same(t, "list", "{}", p.list(kubeflow.Query{User: "eve@x.com"}))
		})
	}
}

// TestHalfDone looks at what is left when only one of the two objects can be written or found.
func TestHalfDone(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "half-done", "2.0", "")
	long := strings.Repeat("a", 232)
	binding := kubeflow.NewBinding(p.name, "User", long, "edit")
	same(t, "231 characters", nil, p.kfam.Create(t.Context(), owner, kubeflow.NewBinding(p.name, "User", long[1:], "edit")))
	same(t, "its check", nil, facts.CheckPair(long[1:], "edit"))
	if err := p.kfam.Create(t.Context(), owner, binding); code(err) != 403 || !apierrors.IsInvalid(err) {
		t.Errorf("232 characters: %v", err)
	}
	if facts.CheckPair(long, "edit") == nil {
		t.Error("the check takes 232 characters")
	}
	name := facts.BindingName("User", long, "edit")
	p.mine(bindings, name) // made, and not taken back
	if err := p.kfam.Delete(t.Context(), owner, binding); code(err) != 403 {
		t.Errorf("delete without a policy: %v", err)
	}
	p.mine(bindings, name)

	p.add("User", "bob@x.com", "edit")
	name = facts.BindingName("User", "bob@x.com", "edit")
	p.delete(bindings, name)
	if err := p.kfam.Delete(t.Context(), owner, kubeflow.NewBinding(p.name, "User", "bob@x.com", "edit")); code(err) != 403 {
		t.Errorf("delete without a role binding: %v", err)
	}
	same(t, "lets in", []string{"bob@x.com"}, facts.PolicyUsers(p.mine(policies, name), facts.DefaultConfig()))
}

// TestNamesake adds and removes somebody whose name makes the same object.
func TestNamesake(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "namesake", "2.0", "")
	p.add("User", "alice.b@example.com", "edit")
	namesake := kubeflow.NewBinding(p.name, "User", "alice-b@example.com", "edit")
	if err := p.kfam.Create(t.Context(), owner, namesake); code(err) != 403 || !apierrors.IsAlreadyExists(err) {
		t.Errorf("create: %v", err)
	}
	if err := p.kfam.Delete(t.Context(), owner, namesake); err != nil {
		t.Error(err)
	}
	same(t, "what is left of the other one", "{}", p.list(kubeflow.Query{User: "alice.b@example.com"}))
}

// TestWhoMay asks in the names of those who may and those who may not.
func TestWhoMay(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "who-may", "2.0", "")
	p.add("User", "admin@x.com", "admin")
	tests := map[string]struct {
		release, caller string
		binding         kubeflow.Binding
		want            int
	}{
		"owner":                 {"2.0", owner, kubeflow.NewBinding("who-may", "User", "a", "edit"), 200},
		"administrator":         {"2.0", "root@x.com", kubeflow.NewBinding("who-may", "User", "b", "edit"), 200},
		"co-admin":              {"2.0", "admin@x.com", kubeflow.NewBinding("who-may", "User", "c", "edit"), 403},
		"owner, other case":     {"2.0", "Daniel@x.com", kubeflow.NewBinding("who-may", "User", "d", "edit"), 403},
		"nobody":                {"2.0", "", kubeflow.NewBinding("who-may", "User", "e", "edit"), 403},
		"no such profile":       {"2.0", "root@x.com", kubeflow.NewBinding("not-there", "User", "f", "edit"), 403},
		"unknown role":          {"2.0", owner, kubeflow.NewBinding("who-may", "User", "g", "trainer"), 403},
		"without a role":        {"2.0", owner, kubeflow.Binding{Namespace: "who-may", User: &rbacv1.Subject{Kind: "User", Name: "h"}}, 500},
		"role under its name":   {"2.0", owner, kubeflow.NewBinding("who-may", "User", "i", "kubeflow-edit"), 200},
		"somebody, 1.10":        {"1.10", "eve@x.com", kubeflow.NewBinding("who-may", "User", "j", "edit"), 403},
		"administrator of 1.10": {"1.10", "root@x.com", kubeflow.NewBinding("who-may", "User", "k", "edit"), 200},
	}
	for name, tt := range tests {
		same(t, name, tt.want, code(newPlace(t, "who-may", tt.release).kfam.Create(t.Context(), tt.caller, tt.binding)))
	}
	builtIn, _, _ := unstructured.NestedString(p.mine(bindings, "user-i-clusterrole-kubeflow-edit").Object, "roleRef", "name")
	same(t, "role that is bound", "edit", builtIn)

	for release, want := range map[string]bool{"1.10": true, "2.0": false} {
		k, err := kubeflow.NewKfam(server.config, releaseOf(t, release), facts.Config{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, release+": nobody is an administrator", want, k.IsAdmin(""))
	}
}
