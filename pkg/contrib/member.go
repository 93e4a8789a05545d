package contrib

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// proven reports whether the objects of a member say that they are a member's: what a list of members may take away. A
// binding that somebody made by hand, for whatever purpose, says nothing of the kind.
func proven(m *workspace.Member) bool {
	if m.Binding == nil {
		return m.Policy != nil && m.Flavor == workspace.Kubeflow && workspace.Annotated(m.Policy.GetAnnotations())
	}
	a := m.Binding.Annotations
	if a[workspace.RoleAnnotation] != "" {
		return true
	}
	if !workspace.Annotated(a) {
		return false
	}
	if len(m.Binding.Subjects) == 1 {
		return true
	}
	// The annotations speak of one subject only.
	return m.Subject == rbac.User(a[kubeflow.UserAnnotation]) || m.Subject == rbac.Group(a[kubeflow.GroupAnnotation])
}

// Counts reports whether a member's binding gives a role in the workspace: one of the flavor's, or one that is marked.
// Other bindings serve other ends: [SetRole] and [Held] pass them over.
func Counts(m *workspace.Member) bool {
	if m.Binding == nil {
		return m.OfKalm() && m.Kalm.Role.Gives()
	}
	role := workspace.RoleOf(m.RoleRef)
	return role != "" && m.RoleRef.Name == role.ClusterRole(m.Flavor) || proven(m)
}

// shared reports whether a member's binding names others too.
func shared(m *workspace.Member) bool {
	return m.Binding != nil && slices.ContainsFunc(m.Binding.Subjects, func(subject rbacv1.Subject) bool {
		who, ok := rbac.NewSubject(subject, m.Workspace)
		return !ok || who != m.Subject
	})
}

// heldAs names the role of a member as commands take it: the word, where it stands for that role in the workspace.
func heldAs(m *workspace.Member) string {
	if m.Role != "" && m.RoleRef.Name != "" && m.RoleRef.Name != m.Role.ClusterRole(m.Flavor) {
		return strings.ToLower(m.RoleRef.Kind) + "/" + m.RoleRef.Name
	}
	return m.RoleText()
}

// badDate returns the text of a date that says when a grant ends, to nobody who can read it; empty when there is none.
func badDate(o metav1.Object) string {
	text := o.GetAnnotations()[workspace.ExpiresAnnotation]
	if _, err := workspace.ParseExpiry(text); err != nil {
		return text
	}
	return ""
}

// exclusive reports whether a policy lets in nobody but these subjects, so that it may be changed or taken away with
// them. A policy that lets nobody in belongs to whom its annotations name; one that turns away belongs to nobody.
func (r *room) exclusive(p *unstructured.Unstructured, subjects ...rbac.Subject) bool {
	if !kubeflow.LetsIn(p) {
		return false
	}
	users, groups := kubeflow.PolicyUsers(p, kubeflow.Config{}), kubeflow.PolicyGroups(p)
	annotations := p.GetAnnotations()
	for _, user := range users {
		if !r.anyIs(user, annotations[kubeflow.UserAnnotation], subjects) {
			return false
		}
	}
	for _, group := range groups {
		if !containsSubject(subjects, rbac.Group(group)) {
			return false
		}
	}
	if len(users)+len(groups) > 0 {
		return true
	}
	return containsSubject(subjects, rbac.User(annotations[kubeflow.UserAnnotation])) ||
		containsSubject(subjects, rbac.Group(annotations[kubeflow.UserAnnotation])) ||
		containsSubject(subjects, rbac.Group(annotations[kubeflow.GroupAnnotation]))
}

// anyIs reports whether a value of a header condition means one of the subjects: with the prefix of today's
// configuration, with none, or with another one while the annotation names the user.
func (r *room) anyIs(value, annotated string, subjects []rbac.Subject) bool {
	for _, subject := range subjects {
		name := subject.UserName()
		if name == "" {
			// Old tools wrote a group's name into the header condition: it lets nobody in.
			name = subject.Name
		}
		if value == name || value == r.config.UserIDPrefix+name {
			return true
		}
		if annotated == name && len(value) > len(name)+1 && value[len(value)-len(name)-1:] == ":"+name {
			return true
		}
	}
	return false
}

func containsSubject(subjects []rbac.Subject, who rbac.Subject) bool {
	for _, subject := range subjects {
		if subject == who && who.Name != "" {
			return true
		}
	}
	return false
}
