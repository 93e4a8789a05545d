package workspace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// OwnerBinding is the name of the owner's role binding in a native workspace.
const OwnerBinding = "gatehouse-owner"

// Members returns the members of a workspace, or of all when namespace is empty: by workspace, subject and role. They
// come out of all role bindings, as the API server would see them, and not only of those that a dashboard lists; what a
// binding is called does not matter. Left out are the two service accounts that Kubeflow itself puts into each profile,
// subjects that Kubernetes made, and service accounts with a role of their own that nobody marked: those are workloads. [State.MembersAll] has them too.
func (s *State) Members(namespace string) []Member {
	return slices.DeleteFunc(s.MembersAll(namespace), func(m Member) bool { return m.Binding != nil && m.isWorkload() })
}

// MembersAll returns everybody whom a role binding or a policy of the workspace names, or of all workspaces when
// namespace is empty.
func (s *State) MembersAll(namespace string) []Member {
	names := []string{namespace}
	if namespace == "" {
		names = s.namespaces()
	}
	var out []Member
	for _, ns := range names {
		out = append(out, s.membersOf(ns)...)
	}
	slices.SortStableFunc(out, compareMembers)
	return out
}

func compareMembers(a, b Member) int {
	return cmp.Or(
		cmp.Compare(a.Workspace, b.Workspace),
		rbac.CompareSubjects(a.Subject, b.Subject),
		cmp.Compare(b.Role.Rank(), a.Role.Rank()),
		cmp.Compare(a.ObjectName(), b.ObjectName()),
	)
}

// ObjectName returns the name of the binding, or else of the policy.
func (m *Member) ObjectName() string {
	switch {
	case m.Binding != nil:
		return m.Binding.Name
	case m.Policy != nil:
		return m.Policy.GetName()
	}
	return ""
}

// RoleText returns the role word, or else the role as commands take it: "clusterrole/x", "role/x".
func (m *Member) RoleText() string {
	if m.Role != "" || m.RoleRef.Name == "" {
		return string(m.Role)
	}
	return strings.ToLower(m.RoleRef.Kind) + "/" + m.RoleRef.Name
}

// isWorkload reports whether the member is part of how a namespace works, and nobody's guest.
func (m *Member) isWorkload() bool {
	if m.Subject.IsSystem() {
		return true
	}
	if m.Subject.Kind != rbacv1.ServiceAccountKind {
		return false
	}
	own := m.Binding.Name == m.Subject.Name && m.Subject.Namespace == m.Workspace &&
		(m.Subject.Name == kubeflow.EditorAccount || m.Subject.Name == kubeflow.ViewerAccount)
	return own || m.Role == "" && m.Binding.Annotations[RoleAnnotation] == ""
}

// membersOf reads one namespace: every subject of every binding, then the policies that belong to none of them.
func (s *State) membersOf(namespace string) []Member {
	var (
		index    = s.byNamespace()
		flavor   = s.FlavorOf(namespace)
		policies = s.readPolicies(namespace)
		out      []Member
	)
	for _, binding := range index.bindings[namespace] {
		first := len(out)
		for _, subject := range binding.Subjects {
			who, ok := rbac.NewSubject(subject, namespace)
			if !ok || slices.ContainsFunc(out[first:], func(m Member) bool { return m.Subject == who }) {
				continue // somebody who is named twice is one member
			}
			out = append(out, Member{
				Workspace: namespace, Flavor: flavor, Subject: who, Role: RoleOf(binding.RoleRef), RoleRef: binding.RoleRef,
				Binding: binding, Expires: expiry(binding.Annotations),
			})
		}
	}
	// Names first: a policy goes to the binding that has its name before another binding of the same user gets it.
	for _, belongs := range []func(*Member, *policy) bool{sameName, sameRole, sameSubject} {
		for i := range out {
			if m := &out[i]; m.Policy == nil {
				m.Policy = policies.take(m, belongs)
			}
		}
	}
	for i := range out {
		out[i].How = s.how(&out[i])
		s.tellHTTP(&out[i], policies)
	}
	for _, p := range policies.rest() {
		out = append(out, s.byPolicy(namespace, flavor, p))
	}
	return out
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
	return kubeflow.IsPair(&metav1.ObjectMeta{Annotations: annotations})
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

// byPolicy is the member that a policy without a binding makes.
func (s *State) byPolicy(namespace string, flavor Flavor, p *policy) Member {
	m := Member{
		Workspace: namespace, Flavor: flavor, How: ByPolicy, Policy: p.object, Subject: p.subject(),
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
