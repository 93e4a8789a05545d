package contrib

import (
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// lastFirst puts what lasts longer first: of two RoleBindings of Kalm's that come to one, that one counts.
func (m *migration) lastFirst() {
	slices.SortStableFunc(m.moved, func(a, b carried) int {
		x, y := a.ends(), b.ends()
		switch {
		case x.Equal(y):
			return 0
		case lasts(x, y):
			return -1
		}
		return 1
	})
}

// ends returns when the grant ends; zero is never.
func (c *carried) ends() time.Time {
	e, _ := kalm.ParseExpiry(c.binding.Expires) // what can't be read is not carried
	return e.At
}

// holds reports whether somebody is bound to a role in a place, by whatever name, and for as long. What is bound for less,
// and has the name that the new binding would have, is all that there can be: that is noted.
func (m *migration) holds(one *carried, ref rbacv1.RoleRef) bool {
	lasting := func(b *rbac.Binding) bool {
		end := m.bindingEnds(b)
		if lasts(end, one.ends()) {
			return true
		}
		if b.Name != m.name(one, ref) {
			return false
		}
		m.draft.notes.add(Label(one.subject), "rolebinding %s/%s ends at %s, sooner than in Kalm: kubectl contrib add --expires moves that",
			b.Namespace, b.Name, workspace.ExpiryText(end))
		return true
	}
	return slices.ContainsFunc(m.index.Bindings(), func(b *rbac.Binding) bool {
		return b.Namespace == one.place && b.RoleRef.Kind == ref.Kind && b.RoleRef.Name == ref.Name &&
			slices.ContainsFunc(b.Subjects, func(subject rbacv1.Subject) bool {
				who, ok := rbac.NewSubject(subject, b.Namespace)
				return ok && who == one.subject
			}) && lasting(b)
	})
}

// bindingEnds returns when a binding of Kubernetes ends by its annotation; zero is never.
func (m *migration) bindingEnds(b *rbac.Binding) time.Time {
	for _, known := range m.draft.state.Bindings(b.Namespace) {
		if known.Name == b.Name {
			end, _ := workspace.ParseExpiry(known.Annotations[workspace.ExpiresAnnotation])
			return end
		}
	}
	return time.Time{}
}
