package world

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Namespace is a namespace: a workspace, or a plain one.
type Namespace struct {
	// Workspace has the name, the members and the quotas of any namespace, and the rest of a workspace.
	workspace.Workspace
	// Plain says that it is no workspace: it has no flavor, no owner, and no status but that it is being deleted.
	Plain bool
	// Counts are its members, by role.
	Counts workspace.RoleCount
	// Limits are those of its quotas, what people look at first in front; LimitNotes are remarks on them.
	Limits     []profile.Usage
	LimitNotes []string
}

// Namespaces returns every namespace that is known of, by name: those that were read, those that objects are in, those that
// profiles will have, and, for who may not list them, the one that he looks at. The slice is shared.
func (w *World) Namespaces() []*Namespace { return w.namespaces() }

// Namespace returns the namespace of that name; nil when nothing is known of it.
func (w *World) Namespace(name string) *Namespace {
	all := w.Namespaces()
	n, found := slices.BinarySearchFunc(all, name, func(have *Namespace, name string) int { return strings.Compare(have.Name, name) })
	if !found {
		return nil
	}
	return all[n]
}

// Closed reports whether not all namespaces of a cluster may be listed: then there may be some that nothing is known of.
func (w *World) Closed() bool {
	return !w.Frame.Offline && len(w.Inventory.Missing(inventory.Namespaces)) > 0
}

// Unlisted returns a namespace of which nothing is known but its name, which may be there or not.
func (w *World) Unlisted(name string) *Namespace { return w.plain(name) }

// Members returns the members of all namespaces, sorted by namespace, subject and role. They are shared.
func (w *World) Members() []*workspace.Member {
	var out []*workspace.Member
	for _, n := range w.Namespaces() {
		out = append(out, n.Grants()...)
	}
	return out
}

// Grants returns the members of the namespace, who are shared.
func (n *Namespace) Grants() []*workspace.Member {
	out := make([]*workspace.Member, len(n.Members))
	for i := range n.Members {
		out[i] = &n.Members[i]
	}
	return out
}

// settle finds out which namespaces there are, and who is in them. It does not wait for the index.
func (w *World) settle() []*Namespace {
	workspaces := w.State.Workspaces() // by name
	names := w.namespaceNames()
	made, out := make([]Namespace, len(names)), make([]*Namespace, len(names))
	for i, name := range names {
		n := &made[i]
		if len(workspaces) > 0 && workspaces[0].Name == name {
			n.Workspace, workspaces = workspaces[0], workspaces[1:]
		} else {
			*n = *w.plain(name)
		}
		n.Counts = w.State.CountRoles(n.Members)
		n.Limits, n.LimitNotes = profile.UsageOf(w.State, &n.Workspace)
		slices.SortStableFunc(n.Limits, profile.CompareUsage)
		out[i] = n
	}
	return out
}

// namespaceNames returns the names of all namespaces that are known of, sorted.
func (w *World) namespaceNames() []string {
	names, last := map[string]bool{}, ""
	add := func(name string) {
		if name != last { // most come one after the other
			names[name], last = true, name
		}
	}
	for i := range w.Snapshot.Namespaces {
		add(w.Snapshot.Namespaces[i].Name)
	}
	for i := range w.Snapshot.Roles {
		add(w.Snapshot.Roles[i].Namespace)
	}
	for i := range w.Snapshot.Bindings {
		add(w.Snapshot.Bindings[i].Namespace)
	}
	for i := range w.Snapshot.ServiceAccounts {
		add(w.Snapshot.ServiceAccounts[i].Namespace)
	}
	for _, p := range w.Inventory.Profiles {
		add(p.GetName())
	}
	for _, ns := range w.Inventory.Namespaces {
		add(ns.Name)
	}
	for _, binding := range w.Inventory.RoleBindings {
		add(binding.Namespace)
	}
	for _, policy := range w.Inventory.Policies {
		add(policy.GetNamespace())
	}
	if w.Closed() {
		add(w.Frame.Namespace)
	}
	delete(names, "")
	return slices.Sorted(maps.Keys(names))
}

// plain is a namespace that is no workspace.
func (w *World) plain(name string) *Namespace {
	n := &Namespace{Plain: true, Workspace: workspace.Workspace{
		Name: name, Namespace: w.State.Namespace(name), Members: w.State.Members(name), Quotas: w.State.Quotas(name),
	}}
	if n.Namespace == nil {
		return n
	}
	n.Created = n.Namespace.CreationTimestamp.Time
	if n.Namespace.DeletionTimestamp != nil || n.Namespace.Status.Phase == corev1.NamespaceTerminating {
		n.Status.Phase = workspace.Terminating
	}
	return n
}
