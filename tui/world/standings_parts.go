package world

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Part is a ClusterRole out of which an aggregated one gets rules.
type Part struct {
	*Role
	// Selector is the first selector of the aggregated role that finds the part, as "kubectl get -l" takes it.
	Selector string
	// Rules counts the rules of the aggregated role that are put down to the part. A rule that several parts have is put
	// down to the first of them, and one of a part that is aggregated itself to where that has it from.
	Rules int
}

// Parts returns what an aggregated ClusterRole is made of: the ClusterRoles that its selectors find, in the order in which
// the aggregation controller takes them. There are none of any other role.
func (w *World) Parts(r *Role) []Part {
	if r.Object == nil {
		return nil
	}
	numbers := w.Index.Parts(r.number)
	out := make([]Part, len(numbers))
	at := make(map[*Role]int, len(numbers))
	for i, n := range numbers {
		part := w.standings().compiled[n]
		out[i] = Part{Role: part, Selector: selectorOf(r.Object.Aggregates, part.Object.Labels)}
		at[part] = i
	}
	for i := range r.Object.Rules {
		if from := w.Origin(r, i); from != nil {
			if n, found := at[from]; found {
				out[n].Rules++
			}
		}
	}
	return out
}

// selectorOf returns the first selector that matches the labels.
func selectorOf(selectors []metav1.LabelSelector, of map[string]string) string {
	for i := range selectors {
		compiled, err := metav1.LabelSelectorAsSelector(&selectors[i])
		if err == nil && compiled.Matches(labels.Set(of)) {
			return compiled.String()
		}
	}
	return ""
}

// Origin returns the ClusterRole out of which an aggregated one got the rule with that number in Object.Rules; nil for a
// rule that is the role's own.
func (w *World) Origin(r *Role, rule int) *Role {
	part, _ := w.Index.Origin(r.number, rule)
	if part == nil {
		return nil
	}
	return w.Role(part.ID())
}

// Holder is a subject that has a role through a binding.
type Holder struct {
	*Subject
	Binding *Binding
}

// Held returns who has the role: an entry for each subject of each binding, in the order of the bindings.
func (r *Role) Held() []Holder {
	count := 0
	for _, b := range r.Bindings {
		count += len(b.Subjects)
	}
	out := make([]Holder, 0, count)
	for _, b := range r.Bindings {
		for _, s := range b.Subjects {
			out = append(out, Holder{s, b})
		}
	}
	return out
}

// Holding is a binding that gives its role to somebody, by name or as a member of a group.
type Holding struct {
	*Binding
	// Via is the subject that the binding names: the one that was asked about, or a group of it.
	Via rbac.Subject
}

// Holdings returns what a subject has got: by its own name first, then through each of the groups that it is known to be
// in, sorted by name. See [World.Identity].
func (w *World) Holdings(s rbac.Subject) []Holding {
	var out []Holding
	add := func(via rbac.Subject) {
		for _, b := range w.Subject(via).Bindings {
			out = append(out, Holding{b, via})
		}
	}
	add(s)
	for _, name := range w.Identity(s).Groups {
		if group := rbac.Group(name); group != s {
			add(group)
		}
	}
	return out
}

// Crowd says who is in a group to which the API server itself adds people and programs, so that nobody need know of it.
type Crowd struct {
	// Who is it in words.
	Who string
	// ServiceAccounts counts the service accounts in it; Counted is false when they were not all read.
	ServiceAccounts int
	Counted         bool
}

// Crowd returns who is in a group that the API server fills; false for any other subject.
func (w *World) Crowd(s rbac.Subject) (Crowd, bool) {
	a := w.accounts()
	namespace, ofNamespace := strings.CutPrefix(s.Name, rbac.GroupServiceAccounts+":")
	switch {
	case s.Kind != rbacv1.GroupKind:
		return Crowd{}, false
	case s.Name == rbac.GroupUnauthenticated:
		return Crowd{Who: "whoever reaches the API server, without logging in", Counted: true}, true
	case s.Name == rbac.GroupAuthenticated:
		return Crowd{"every user and every service account", len(a.known), a.known != nil}, true
	case s.Name == rbac.GroupServiceAccounts:
		return Crowd{"every service account, and so every pod", len(a.known), a.known != nil}, true
	case ofNamespace:
		return Crowd{"every service account of " + namespace + ", and so every pod there", a.in[namespace], a.known != nil}, true
	}
	return Crowd{}, false
}
