package workspace

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// The ways to be a member of Kalm's. They say what comes of the RoleBinding, but for its date: see [Member.Expired].
const (
	ByKalm        How = "kalm"             // a RoleBinding of Kalm's that gives its role in the workspace
	ByKalmCluster How = "kalm-cluster"     // one that gives its role in all of them
	Suspended     How = "kalm-suspended"   // one that gives nothing, since its user is suspended; or what suspends the user
	Placeholder   How = "kalm-placeholder" // one that only makes Kalm's pages list the subject
	Inert         How = "kalm-inert"       // one that Kalm passes over: no application, or a word that it doesn't know
)

// OfKalm reports whether a member is one by a RoleBinding of Kalm's. Kubernetes knows nothing of it.
func (m *Member) OfKalm() bool { return m.Kalm != nil }

// Idle reports whether a member has no rights by its grant at all, whatever the date: suspended, or never in effect.
func (m *Member) Idle() bool { return m.How == Suspended || m.How == Placeholder || m.How == Inert }

// KalmServed reports whether Kalm's role bindings were asked for, and there is such a kind.
func (s *State) KalmServed() bool { return s.Inventory.Served[inventory.KalmBindings] }

// KalmGap returns why not all role bindings of Kalm's in a namespace are known, or nil when they are.
func (s *State) KalmGap(namespace string) *rbac.Gap {
	for _, gap := range s.Inventory.Missing(inventory.KalmBindings) {
		if gap.Concerns(namespace) {
			return &gap
		}
	}
	return nil
}

// KalmBindings returns the role bindings of Kalm's in a namespace, by name. The slice is shared.
func (s *State) KalmBindings(namespace string) []*unstructured.Unstructured {
	return s.byNamespace().kalm[namespace]
}

// IsKalm reports whether Kalm takes a namespace for an application, so that what is bound there counts.
func IsKalm(ns *corev1.Namespace) bool { return ns.Labels[kalm.EnabledLabel] == kalm.EnabledValue }

// isKalm reports whether the members of a namespace are Kalm's to keep. Who says that the flavor is Native says no; who
// says that it is Kalm may have manifests without any RoleBinding yet.
func (s *State) isKalm(name string, ns *corev1.Namespace) bool {
	switch {
	case !s.KalmServed() && s.Chosen != Kalm, s.Flavor == Native:
		return false
	case ns == nil:
		return len(s.KalmBindings(name)) > 0 || name == kalm.SystemNamespace
	}
	return IsKalm(ns) || name == kalm.SystemNamespace
}

// suspended returns the subjects that a RoleBinding of Kalm's suspends: exactly these, whatever its date. What a user's
// groups are given stays.
func suspended(bindings []*unstructured.Unstructured) map[rbac.Subject]bool {
	out := map[rbac.Subject]bool{}
	for _, o := range bindings {
		if b := kalm.ReadBinding(o); b.Role == kalm.Suspended {
			out[KalmSubject(&b)] = true
		}
	}
	return out
}

// IsSuspended reports whether Kalm suspends exactly this subject.
func (s *State) IsSuspended(who rbac.Subject) bool { return s.byNamespace().suspended[who] }

// KalmSubject returns whom a RoleBinding of Kalm's names.
func KalmSubject(b *kalm.Binding) rbac.Subject {
	if b.Group {
		return rbac.Group(b.Subject)
	}
	return rbac.Subject{Kind: rbacv1.UserKind, Name: b.Subject}
}

// kalmMembers reads the members that Kalm's role bindings make in one namespace.
func (s *State) kalmMembers(namespace string, flavor Flavor) []Member {
	objects := s.KalmBindings(namespace)
	if len(objects) == 0 || s.Flavor == Native {
		return nil // who says that the flavor is Native wants nothing of Kalm's
	}
	out := make([]Member, 0, len(objects))
	for _, o := range objects {
		b := kalm.ReadBinding(o)
		if b.Subject == "" {
			continue // nobody; its schema demands one
		}
		m := Member{
			Workspace: namespace, Flavor: flavor, Subject: KalmSubject(&b), Kalm: &b, HTTPKnown: true,
			HTTPWhy: "Kalm's own login decides", ClusterWide: b.Role.Cluster() && b.Role.Gives(),
		}
		m.Role, _ = ParseRole(b.Role.Word())
		if end, err := kalm.ParseExpiry(b.Expires); err == nil {
			m.Expires = end.At
		}
		m.How = s.howOfKalm(&b)
		out = append(out, m)
	}
	return out
}

func (s *State) howOfKalm(b *kalm.Binding) How {
	ns := s.Namespace(b.Namespace)
	switch {
	case b.Role == kalm.Suspended:
		return Suspended
	case b.Role == kalm.Placeholder:
		return Placeholder
	case !b.Role.Gives(), !b.Role.Cluster() && ns != nil && !IsKalm(ns):
		return Inert
	case s.IsSuspended(KalmSubject(b)):
		return Suspended
	case b.Role.Cluster():
		return ByKalmCluster
	}
	return ByKalm
}

// Everywhere returns the members that Kalm's roles for the whole cluster make: they are members of each workspace of
// Kalm's, and their bindings are in its own namespace. The slice is new.
func (s *State) Everywhere() []Member {
	return slices.DeleteFunc(slices.Clone(s.guests(kalm.SystemNamespace)), func(m Member) bool { return !m.ClusterWide })
}

// kalmOwner returns who owns an application of Kalm's, which may have several owners, or none: the first whose grant is in
// effect.
func (s *State) kalmOwner(w *Workspace) rbac.Subject {
	for i := range w.Members {
		if m := &w.Members[i]; m.OfKalm() && m.Role == Owner && m.How == ByKalm && (s.Now.IsZero() || !m.Expired(s.Now)) {
			return m.Subject
		}
	}
	return rbac.Subject{}
}

func (s *State) kalmStatus(w *Workspace) Status {
	switch gap := s.KalmGap(w.Name); {
	case w.Namespace == nil:
		return Status{Unknown, "its namespace cannot be read"}
	case w.Namespace.DeletionTimestamp != nil, w.Namespace.Status.Phase == corev1.NamespaceTerminating:
		return s.namespaceEnding(w)
	case gap != nil:
		return Status{Unknown, "Kalm's role bindings cannot be read"}
	case !IsKalm(w.Namespace):
		return Status{Partial, "Kalm takes it for no application: it has no label " + kalm.EnabledLabel + "=" + kalm.EnabledValue}
	}
	return Status{Phase: Ready}
}

// Beyond reports whether a namespace is another one than that which the inventory was read for: what is there of it counts
// everywhere, and is nobody's business here.
func (s *State) Beyond(namespace string) bool { return s.Only != "" && s.Only != namespace }
