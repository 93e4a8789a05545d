package rbac

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// With returns the snapshot as it would be after the objects of change were applied: added, or put in the place of
// those with the same kind, namespace and name. Aggregated ClusterRoles that a changed ClusterRole is or was a part of
// get new rules when the result is compiled, as the aggregation controller would give them; where not all ClusterRoles
// could be read they keep their rules, and a gap says so. The snapshot itself does not change.
func (s *Snapshot) With(change *Snapshot) *Snapshot {
	replaced := make(map[ObjectID]bool, len(change.Roles)+len(change.Bindings))
	for _, id := range change.ObjectIDs() {
		replaced[id] = true
	}
	next, touched := s.drop(replaced)
	next.Roles = append(next.Roles, change.Roles...)
	next.Bindings = append(next.Bindings, change.Bindings...)
	next.Namespaces = merge(next.Namespaces, change.Namespaces, func(n Namespace) string { return n.Name })
	next.ServiceAccounts = merge(next.ServiceAccounts, change.ServiceAccounts, func(r ObjectRef) ObjectRef { return r })
	next.Resources = MergeResources(next.Resources, change.Resources)
	next.Gaps = append(slices.Clip(next.Gaps), change.Gaps...)
	for i := range change.Roles {
		if change.Roles[i].Namespace == "" {
			touched = append(touched, &change.Roles[i])
		}
	}
	next.aggregateAnew(touched)
	return next
}

// Without returns the snapshot as it would be after the objects were deleted, and those of them that it does not have.
// Aggregated ClusterRoles lose the rules of deleted parts, as in [Snapshot.With]. The snapshot itself does not change.
func (s *Snapshot) Without(ids ...ObjectID) (next *Snapshot, unknown []ObjectID) {
	deleted := make(map[ObjectID]bool, len(ids))
	known := s.ObjectIDs()
	for _, id := range ids {
		if _, found := slices.BinarySearchFunc(known, id, compareIDs); !found {
			unknown = append(unknown, id)
		}
		deleted[id] = true
	}
	next, touched := s.drop(deleted)
	next.aggregateAnew(touched)
	return next, unknown
}

// drop returns a copy without the objects, and the ClusterRoles among them.
func (s *Snapshot) drop(ids map[ObjectID]bool) (*Snapshot, []*Role) {
	next := *s
	var dropped []*Role
	next.Roles = make([]Role, 0, len(s.Roles))
	for i := range s.Roles {
		switch {
		case !ids[s.Roles[i].ID()]:
			next.Roles = append(next.Roles, s.Roles[i])
		case s.Roles[i].Namespace == "":
			dropped = append(dropped, &s.Roles[i])
		}
	}
	next.Bindings = make([]Binding, 0, len(s.Bindings))
	for i := range s.Bindings {
		if !ids[s.Bindings[i].ID()] {
			next.Bindings = append(next.Bindings, s.Bindings[i])
		}
	}
	return &next, dropped
}

// AggregateAnew has the rules computed anew of the aggregated ClusterRoles that the changed ClusterRoles are, or are or
// were a part of, as in [Snapshot.With]; for who puts a snapshot together out of several. It changes the roles of the
// snapshot itself.
func (s *Snapshot) AggregateAnew(changed ...Role) {
	touched := make([]*Role, len(changed))
	for i := range changed {
		touched[i] = &changed[i]
	}
	s.aggregateAnew(touched)
}

// aggregateAnew has the rules computed anew of all aggregated ClusterRoles that are touched themselves, or have a
// touched part, or a part that is computed anew.
func (s *Snapshot) aggregateAnew(touched []*Role) {
	affected := map[string]bool{}
	var stale []*Role
	for len(touched) > 0 {
		part := touched[0]
		touched = touched[1:]
		for i := range s.Roles {
			r := &s.Roles[i]
			if r.Namespace != "" || len(r.Aggregates) == 0 || affected[r.Name] || r.Name != part.Name && !selects(r, part) {
				continue
			}
			affected[r.Name] = true
			touched = append(touched, r)
			if r.Stored {
				stale = append(stale, r)
			}
		}
	}
	if len(stale) == 0 {
		return
	}
	if cause, missing := s.lacksClusterRoles(); missing {
		names := make([]string, 0, len(stale))
		for _, r := range stale {
			names = append(names, r.Name)
		}
		slices.Sort(names)
		s.Gaps = append(slices.Clip(s.Gaps), Gap{
			What:  "the parts of aggregated clusterroles that the change touches: " + strings.Join(names, ", "),
			Cause: cause,
		})
		return
	}
	for _, r := range stale {
		r.Stored, r.Rules = false, nil // they are the controller's, which takes them away when no part has any
	}
}

// selects reports whether the aggregated role gathers the rules of part. With a selector that is not valid it gathers
// nothing, and keeps what it has.
func selects(r, part *Role) bool {
	found := false
	for i := range r.Aggregates {
		selector, err := metav1.LabelSelectorAsSelector(&r.Aggregates[i])
		if err != nil {
			return false
		}
		found = found || selector.Matches(labels.Set(part.Labels))
	}
	return found
}

// lacksClusterRoles reports whether ClusterRoles could not be read, and why.
func (s *Snapshot) lacksClusterRoles() (cause string, lacks bool) {
	for _, gap := range s.Gaps {
		if strings.Contains(gap.What, "clusterroles") || gap.Missing != nil && slices.Contains(gap.Missing.Resources, "clusterroles") {
			return gap.Cause, true
		}
	}
	return "", false
}

// RoleRefChanges lists the bindings that change would give another roleRef, which an API server refuses: they have to be
// deleted first.
func (s *Snapshot) RoleRefChanges(change *Snapshot) []ObjectID {
	refs := make(map[ObjectID]*Binding, len(change.Bindings))
	for i := range change.Bindings {
		refs[change.Bindings[i].ID()] = &change.Bindings[i]
	}
	var out []ObjectID
	for i := range s.Bindings {
		have := &s.Bindings[i]
		want := refs[have.ID()]
		if want != nil && (want.RoleRef.Kind != have.RoleRef.Kind || want.RoleRef.Name != have.RoleRef.Name) {
			out = append(out, have.ID())
		}
	}
	slices.SortFunc(out, compareIDs)
	return out
}

// MergeResources returns the resources of both lists, those of the first in front; of a resource in both it takes the
// first list's. An empty list stands for what Kubernetes itself serves; two of them give another.
func MergeResources(first, second []Resource) []Resource {
	switch {
	case len(second) == 0:
		return first
	case len(first) == 0:
		first = builtinResources()
	}
	key := func(r Resource) [2]string { return [2]string{r.Group, r.Name} }
	return append(slices.Clone(first), lacking(second, first, key)...)
}

// merge returns the items of list and those of over, which take the place of items with the same key.
func merge[T any, K comparable](list, over []T, key func(T) K) []T {
	return append(lacking(list, over, key), over...)
}

// lacking returns the items of list whose key none of the others has.
func lacking[T any, K comparable](list, others []T, key func(T) K) []T {
	have := make(map[K]bool, len(others))
	for _, item := range others {
		have[key(item)] = true
	}
	out := make([]T, 0, len(list))
	for _, item := range list {
		if !have[key(item)] {
			out = append(out, item)
		}
	}
	return out
}
