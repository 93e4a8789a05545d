// Package effect says what a plan means for rights: who gains and who loses which, which of them are more than they look,
// and whether whoever carries the plan out may give them at all.
//
// It is a pure function of the plan and of the roles and bindings that are there before it. What could not be read is told,
// and left to the server.
package effect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Effect is what a plan means for one subject in one namespace; an empty one stands for the whole cluster.
type Effect struct {
	Subject   rbac.Subject
	Namespace string
	// Gained and Lost are actions as the rules of roles have them: their verb or resource may be "*".
	Gained, Lost []rbac.Action
}

// Bindings are the role bindings and cluster role bindings that a plan makes, changes and deletes, with the roles that it
// does the same with.
type Bindings struct {
	change     *rbac.Snapshot
	gone       []rbac.ObjectID
	places     []place
	namespaces map[string]bool
}

// place is where a binding of the plan gives something to somebody, or gave it.
type place struct {
	namespace string
	subject   rbac.Subject
}

// Read returns the bindings of a plan, and its roles. The error names one that is none.
func Read(p plan.Plan) (*Bindings, error) {
	b := &Bindings{change: &rbac.Snapshot{}, namespaces: map[string]bool{}}
	for _, s := range p.Changes().Steps {
		for _, o := range []*unstructured.Unstructured{s.Old, s.Object} {
			if o != nil && isRole(o) {
				if err := b.role(s, o); err != nil {
					return nil, err
				}
				continue
			}
			if o == nil || !isBinding(o) {
				continue
			}
			binding, err := read(o)
			if err != nil {
				return nil, err
			}
			b.name(binding)
			switch {
			case s.Verb == plan.Delete:
				b.gone = append(b.gone, binding.ID())
			case o == s.Object:
				b.change.Bindings = append(b.change.Bindings, binding)
			}
		}
	}
	slices.SortFunc(b.places, func(x, y place) int {
		return cmp.Or(cmp.Compare(x.namespace, y.namespace), rbac.CompareSubjects(x.subject, y.subject))
	})
	b.places = slices.Compact(b.places)
	return b, nil
}

func isBinding(o *unstructured.Unstructured) bool {
	kind := o.GroupVersionKind()
	return kind.Group == rbacv1.GroupName && (kind.Kind == "RoleBinding" || kind.Kind == "ClusterRoleBinding")
}

func isRole(o *unstructured.Unstructured) bool {
	kind := o.GroupVersionKind()
	return kind.Group == rbacv1.GroupName && (kind.Kind == "Role" || kind.Kind == "ClusterRole")
}

// role keeps a role of a step: the one that there is after it, or that it is gone.
func (b *Bindings) role(s plan.Step, o *unstructured.Unstructured) error {
	var r rbacv1.ClusterRole // a Role is one without aggregation
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &r); err != nil {
		return fmt.Errorf("read %s %s: %w", strings.ToLower(o.GetKind()), o.GetName(), err)
	}
	role := rbac.Role{Namespace: r.Namespace, Name: r.Name, Labels: r.Labels, Rules: r.Rules}
	if r.AggregationRule != nil {
		role.Aggregates = r.AggregationRule.ClusterRoleSelectors
	}
	switch {
	case s.Verb == plan.Delete:
		b.gone = append(b.gone, role.ID())
	case o == s.Object:
		b.change.Roles = append(b.change.Roles, role)
	default:
		return nil
	}
	b.namespaces[role.Namespace] = true
	return nil
}

// read reads a binding of either kind: they differ by the namespace alone.
func read(o *unstructured.Unstructured) (rbac.Binding, error) {
	var b rbacv1.RoleBinding
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &b); err != nil {
		return rbac.Binding{}, fmt.Errorf("read %s %s: %w", strings.ToLower(o.GetKind()), o.GetName(), err)
	}
	return rbac.Binding{Namespace: b.Namespace, Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects}, nil
}

// name keeps where a binding is, and whom it names.
func (b *Bindings) name(binding rbac.Binding) {
	b.namespaces[binding.Namespace] = true
	for _, s := range binding.Subjects {
		if subject, ok := rbac.NewSubject(s, binding.Namespace); ok {
			b.places = append(b.places, place{binding.Namespace, subject})
		}
	}
}

// Empty reports whether the plan has no bindings, and no roles, so that there is nothing to say about rights.
func (b *Bindings) Empty() bool { return len(b.change.Bindings)+len(b.change.Roles)+len(b.gone) == 0 }

// Rights are the rights before and after a plan.
type Rights struct {
	bindings *Bindings
	before   *rbac.Index
	// after holds what counts where the plan has bindings, and no more.
	after *rbac.Index
	// given is before with the roles that the plan makes: what is asked of who gives them.
	given *rbac.Index
}

// On returns the rights before and after the plan. The index holds the roles and bindings before it.
func (b *Bindings) On(before *rbac.Index) *Rights {
	// Deleted first: a binding whose role changes is deleted and made anew.
	next, _ := b.near(before.Snapshot()).Without(b.gone...)
	r := &Rights{bindings: b, before: before, after: rbac.Compile(next.With(b.change)), given: before}
	if len(b.change.Roles) > 0 {
		r.given = rbac.Compile(b.near(before.Snapshot()).With(&rbac.Snapshot{Roles: b.change.Roles}))
	}
	return r
}

// near returns the part of a snapshot that counts where the plan has bindings: the rest of a big cluster stays as it is, and
// need not be compiled again.
func (b *Bindings) near(s *rbac.Snapshot) *rbac.Snapshot {
	if b.touches("") {
		return s
	}
	next := *s
	next.Roles = slices.DeleteFunc(slices.Clone(s.Roles), func(r rbac.Role) bool { return r.Namespace != "" && !b.touches(r.Namespace) })
	next.Bindings = slices.DeleteFunc(slices.Clone(s.Bindings), func(o rbac.Binding) bool {
		return o.Namespace != "" && !b.touches(o.Namespace)
	})
	return &next
}

// touches reports whether the plan has bindings in a namespace, or cluster role bindings when it is empty.
func (b *Bindings) touches(namespace string) bool { return b.namespaces[namespace] }

// All returns the effects on everybody whom the plan's bindings name or named, by namespace and subject, without those who
// gain and lose nothing.
func (r *Rights) All() []Effect {
	out := []Effect{}
	for _, at := range r.bindings.places {
		e := r.Of(at.subject, at.namespace)
		if len(e.Gained)+len(e.Lost) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// Of returns the effect on one subject in a namespace, or in the whole cluster. What rights it has by groups that only an
// identity provider knows of is not known.
func (r *Rights) Of(subject rbac.Subject, namespace string) Effect {
	e := Effect{Subject: subject, Namespace: namespace}
	if r.bindings.touches("") || r.bindings.touches(namespace) {
		id := rbac.NewIdentity(subject)
		e.Gained, e.Lost = difference(r.before, r.after, id, namespace), difference(r.after, r.before, id, namespace)
	}
	return e
}

// difference returns the actions in a namespace that an identity has in the index to, and not in from.
func difference(from, to *rbac.Index, id rbac.Identity, namespace string) []rbac.Action {
	var out []rbac.Action
	for _, right := range to.Rights(id, namespace) {
		if right.Void != "" || namespace == "" && !right.Everywhere {
			continue
		}
		for _, a := range actions(&right, namespace) {
			if !from.Allowed(id, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// actions spells a right out. URLs are of no namespace.
func actions(right *rbac.Right, namespace string) []rbac.Action {
	var out []rbac.Action
	if right.URL != "" {
		if namespace == "" {
			for _, verb := range right.Verbs {
				out = append(out, rbac.Action{Verb: verb, Path: right.URL})
			}
		}
		return out
	}
	resource, subresource, _ := strings.Cut(right.Resource, "/")
	names := right.Names
	if len(names) == 0 {
		names = []string{""}
	}
	for _, verb := range right.Verbs {
		for _, name := range names {
			out = append(out, rbac.Action{
				Verb: verb, Group: right.Group, Resource: resource, Subresource: subresource, Name: name, Namespace: namespace,
			})
		}
	}
	return out
}

// Samples names a few of many actions: those that say most first.
func Samples(actions []rbac.Action) []string {
	const most = 4
	telling := []string{
		"create pods", "get secrets", "get pods", "create deployments.apps", "create notebooks.kubeflow.org",
		"create kaiwojobs.kaiwo.silogen.ai", "delete persistentvolumeclaims", "create rolebindings.rbac.authorization.k8s.io", "get pods/log",
	}
	var first, others []string
	for _, a := range actions {
		text := a.String()
		switch {
		case slices.Contains(first, text), slices.Contains(others, text):
		case slices.Contains(telling, text):
			first = append(first, text)
		case len(others) < most:
			others = append(others, text)
		}
	}
	slices.SortFunc(first, func(a, b string) int { return slices.Index(telling, a) - slices.Index(telling, b) })
	all := slices.Concat(first, others)
	return all[:min(most, len(all))]
}
