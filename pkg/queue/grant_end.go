package queue

import (
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// keepEnd has a grant of which no end was said keep the one that it has: what was given for a week must not be for ever by
// the way. Of one that has ended it must be said.
func (d *granting) keepEnd(g *Grant, wanted *rbacv1.RoleBinding, own *Granted, others []*Granted) error {
	if !g.Expires.IsZero() {
		return nil
	}
	have := own
	for _, other := range others {
		if have == nil || own == nil && endOf(have) == "" {
			have = other
		}
	}
	if have == nil || endOf(have) == "" {
		return nil
	}
	const how = "--expires gives it another, and --expires never none"
	end := endOf(have)
	switch {
	case g.Endless:
		d.note("the grant in %s no longer ends (%s)", wanted.Namespace, end)
		return nil
	case have.Expired(d.state.Now):
		return workspace.Refuse("say when the new one ends with --expires; --expires never gives it for good",
			"give rights in %s: the grant of %s has ended (%s)", wanted.Namespace, Label(g.Subject), end)
	case have.Undated != "":
		d.note("the grant in %s ends at %q, which is no date: %s", wanted.Namespace, end, how)
	default:
		d.note("the grant in %s still ends at %s: %s", wanted.Namespace, end, how)
	}
	wanted.Annotations[workspace.ExpiresAnnotation] = end
	return nil
}

// endOf is when a grant ends, as its binding has it; empty for never.
func endOf(g *Granted) string { return g.Binding.Annotations[workspace.ExpiresAnnotation] }

// setApart plans that grants of the subject in other namespaces no longer say that they are for all of the queue's, when what
// is given here is something else: then it is a decision, and a check must not take it for one that is missing.
func (d *granting) setApart(g *Grant, given []*rbacv1.RoleBinding) {
	for _, namespace := range slices.Sorted(maps.Keys(d.granted)) {
		for _, have := range d.granted[namespace] {
			if have.Subject != g.Subject || have.Queue != g.Queue || slices.Contains(g.Namespaces, namespace) {
				continue
			}
			if slices.ContainsFunc(given, func(b *rbacv1.RoleBinding) bool {
				return b.RoleRef.Name != have.Binding.RoleRef.Name || b.Annotations[workspace.ExpiresAnnotation] != endOf(have)
			}) {
				d.unmark(have)
			}
		}
	}
}

// unmark plans that a grant no longer says that it is for all namespaces of its queue. One of several subjects stays as it is:
// it says so of the others, too.
func (d *granting) unmark(g *Granted) {
	if g.Shared || g.Binding.Annotations[AllAnnotation] == "" {
		return
	}
	now := g.Binding.DeepCopy()
	delete(now.Annotations, AllAnnotation)
	d.bind(g.Binding, now, "is no longer for all namespaces of queue "+g.Queue, Label(g.Subject)+" in "+g.Namespace)
}
