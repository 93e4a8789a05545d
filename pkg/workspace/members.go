package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// OwnerBinding is the name of the owner's role binding in a native workspace.
const OwnerBinding = "gatehouse-owner"

// Members returns the members of a workspace, or of all when namespace is empty: by workspace, subject and role. They
// come out of all role bindings, as the API server would see them, and not only of those that a dashboard lists; what a
// binding is called does not matter. Left out are the two service accounts that Kubeflow itself puts into each profile,
// subjects that Kubernetes made, and service accounts with a role of their own that nobody marked: those are workloads.
// [State.MembersAll] has them too. The slice of one workspace is shared.
func (s *State) Members(namespace string) []Member {
	if namespace != "" {
		return s.guests(namespace)
	}
	var out []Member
	for _, ns := range s.namespaces() {
		out = append(out, s.guests(ns)...)
	}
	return out
}

// MembersAll returns everybody whom a role binding or a policy of the workspace names, or of all workspaces when
// namespace is empty.
func (s *State) MembersAll(namespace string) []Member {
	if namespace != "" {
		return slices.Clone(s.all(namespace))
	}
	var out []Member
	for _, ns := range s.namespaces() {
		out = append(out, s.all(ns)...)
	}
	return out
}

func compareMembers(a, b *Member) int {
	if c := rbac.CompareSubjects(a.Subject, b.Subject); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(b.Role.Rank(), a.Role.Rank()), cmp.Compare(a.ObjectName(), b.ObjectName()))
}

// ObjectName returns the name of the binding, or else of the policy.
func (m *Member) ObjectName() string {
	switch {
	case m.Binding != nil:
		return m.Binding.Name
	case m.Kalm != nil:
		return m.Kalm.Name
	case m.Policy != nil:
		return m.Policy.GetName()
	}
	return ""
}

// Objects returns the names of the member's objects as findings have them: "rolebinding team-a/x".
func (m *Member) Objects() []string {
	var names []string
	if m.Binding != nil {
		names = append(names, "rolebinding "+m.Workspace+"/"+m.Binding.Name)
	}
	if m.Kalm != nil {
		names = append(names, KalmObject+" "+m.Workspace+"/"+m.Kalm.Name)
	}
	if m.Policy != nil {
		names = append(names, "authorizationpolicy "+m.Workspace+"/"+m.Policy.GetName())
	}
	return names
}

// KalmObject is what Kalm's RoleBindings are called where those of RBAC may be meant too.
const KalmObject = "rolebinding.core.kalm.dev"

// RoleText returns the role word, or else the role as commands take it: "clusterrole/x", "role/x". Of a member of Kalm's it
// is the word in its binding: "clusterViewer", "suspended".
func (m *Member) RoleText() string {
	if m.Kalm != nil {
		return string(m.Kalm.Role)
	}
	if m.Role != "" || m.RoleRef.Name == "" {
		return string(m.Role)
	}
	return strings.ToLower(m.RoleRef.Kind) + "/" + m.RoleRef.Name
}

// isWorkload reports whether a member is part of how a namespace works, and nobody's guest.
func isWorkload(m *Member) bool {
	switch {
	case m.Binding == nil:
		return false
	case m.Subject.IsSystem():
		return true
	}
	if m.Subject.Kind != rbacv1.ServiceAccountKind {
		return false
	}
	own := m.Binding.Name == m.Subject.Name && m.Subject.Namespace == m.Workspace &&
		(m.Subject.Name == kubeflow.EditorAccount || m.Subject.Name == kubeflow.ViewerAccount)
	return own || m.Role == "" && m.Binding.Annotations[RoleAnnotation] == ""
}

func (s *State) how(m *Member) How {
	switch {
	case m.Flavor == Kubeflow && m.Binding.Name == kubeflow.OwnerBinding, m.Flavor == Native && s.isNativeOwner(m):
		return ByOwnership
	case m.Policy != nil:
		return ByPair
	case Annotated(m.Binding.Annotations):
		return ByBinding
	}
	return ByHand
}

// howByPolicy is how somebody is a member whom a policy names, and no binding that was read.
func (s *State) howByPolicy(namespace string) How {
	if s.Unread(inventory.RoleBindings, namespace) {
		return Unseen
	}
	return ByPolicy
}

// isNativeOwner reports whether a binding is what makes the owner of a native workspace its owner: that of our name, or
// one that somebody made by hand for whom the namespace names.
func (s *State) isNativeOwner(m *Member) bool {
	if m.Binding.Name == OwnerBinding {
		return true
	}
	ns := s.Namespace(m.Workspace)
	if ns == nil || m.Role != Owner {
		return false
	}
	owner, err := rbac.ParseSubject(ns.Annotations[OwnerAnnotation])
	return err == nil && owner == m.Subject
}

// Annotated reports whether an object has the annotations of a contributor: a role, and a user or a group.
func Annotated(annotations map[string]string) bool {
	return kubeflow.IsPair(annotations)
}

// RoleOf returns the role word that a role reference stands for, empty for a role of one's own.
func RoleOf(ref rbacv1.RoleRef) Role {
	if ref.Kind != "ClusterRole" {
		return ""
	}
	for _, role := range Roles() {
		if ref.Name == role.ClusterRole(Kubeflow) || ref.Name == role.ClusterRole(Native) {
			return role
		}
	}
	return ""
}

// expiry returns the time of the annotation, zero when there is none or it is no time.
func expiry(annotations map[string]string) time.Time {
	t, _ := ParseExpiry(annotations[ExpiresAnnotation])
	return t
}

// ParseExpiry reads the value of [ExpiresAnnotation]: a time in RFC 3339, or a date, which means its first moment in UTC.
// Nothing at all is no time and no error.
func ParseExpiry(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("parse expiry %q: want a date or a time such as 2026-12-31T00:00:00Z", text)
}

// ExpiryText writes an expiry as --expires takes it: a day, or a time in RFC 3339; empty for the zero time.
func ExpiryText(at time.Time) string {
	at = at.UTC()
	switch {
	case at.IsZero():
		return ""
	case at.Equal(at.Truncate(24 * time.Hour)):
		return at.Format(time.DateOnly)
	}
	return at.Format(time.RFC3339)
}

// byPolicy is the member that a policy without a binding makes.
func (s *State) byPolicy(namespace string, flavor Flavor, p *policy) Member {
	m := Member{
		Workspace: namespace, Flavor: flavor, How: s.howByPolicy(namespace), Policy: p.object, Subject: p.subject(),
		HTTP: len(p.users) > 0, HTTPKnown: true, Expires: expiry(p.object.GetAnnotations()),
	}
	m.Role, _ = ParseRole(p.role)
	if !m.HTTP {
		m.HTTPWhy = "the policy names no user"
	}
	return m
}

// tellHTTP fills in whether Istio lets a member in.
func (s *State) tellHTTP(m *Member, policies *policies) {
	switch {
	case !s.Istio:
		m.HTTPKnown, m.HTTPWhy = true, "no Istio"
	case len(s.Inventory.Missing(inventory.Policies)) > 0 && len(policies.all) == 0:
		m.HTTPWhy = "policies cannot be read"
	case m.Subject.Kind == rbacv1.ServiceAccountKind:
		m.HTTPKnown, m.HTTPWhy = true, "service accounts have no user header"
	case policies.admits(m):
		m.HTTP, m.HTTPKnown = true, true
	case m.Subject.Kind == rbacv1.GroupKind:
		m.HTTPKnown, m.HTTPWhy = true, "no policy names the group"
	case m.Binding.Annotations[HTTPAnnotation] == "false":
		m.HTTPKnown, m.HTTPWhy = true, "left out on purpose"
	case m.Policy != nil:
		m.HTTPKnown, m.HTTPWhy = true, "the policy does not let the user in from the gateway, or not everywhere"
	default:
		m.HTTPKnown, m.HTTPWhy = true, "no policy lets the user in"
	}
}
