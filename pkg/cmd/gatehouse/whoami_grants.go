package gatehouse

import (
	"cmp"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// byRights is how a role is known when the objects behind it can't be read.
const byRights = "rights"

// grant is a role that one has.
type grant struct {
	// Namespace is empty for everywhere.
	Namespace string `json:"namespace,omitempty"`
	// Role is a role word, or a role as "clusterrole/x".
	Role string `json:"role"`
	// Via is the object that gives it, as "rolebinding/x", or "rights" when that can't be read.
	Via string `json:"via"`
	// Subject is whom the object names: the user, or one of his groups.
	Subject string `json:"subject,omitempty"`
	// Expires is absent when the grant does not.
	Expires *time.Time `json:"expires,omitempty"`
	// Missing says that there is no such role: nothing is given, until somebody makes one of that name.
	Missing bool `json:"missing,omitempty"`

	// role is the object; zero when none is named, or none could be read.
	role rbac.ObjectID
}

func compareGrants(a, b grant) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Via, b.Via))
}

// memberships are the roles in namespaces: of the user, and of each of his groups.
func memberships(s *workspace.State, id rbac.Identity) []grant {
	grants := []grant{}
	for _, m := range s.MembersAll("") {
		if !isOneOf(m.Subject, id) {
			continue
		}
		g := grant{Namespace: m.Workspace, Role: m.RoleText(), Via: "rolebinding/" + m.ObjectName(), Subject: m.Subject.String()}
		if m.Binding == nil {
			g.Via = "authorizationpolicy/" + m.ObjectName()
		} else {
			g.role = roleOf(m.Binding.RoleRef, m.Workspace)
		}
		if m.How == workspace.ByPolicy {
			g.Role = strings.TrimSpace(g.Role + " (HTTP only)")
		}
		if !m.Expires.IsZero() {
			g.Expires = &m.Expires
		}
		grants = append(grants, g)
	}
	slices.SortStableFunc(grants, compareGrants)
	return grants
}

// isOneOf reports whether a subject of a binding is the identity, or one of its groups.
func isOneOf(s rbac.Subject, id rbac.Identity) bool {
	return s == id.Subject || slices.ContainsFunc(id.Groups, func(name string) bool { return s == rbac.Group(name) })
}

// clusterRoles are the roles everywhere. Those by which Kubernetes lets everybody look at its own API are only counted. Of
// a live cluster, bindings with an origin are none: they stand for what the server says of one's own rules.
func clusterRoles(index *rbac.Index, id rbac.Identity, live bool) (grants []grant, folded int) {
	grants = []grant{}
	if id.Superuser() {
		grants = append(grants, grant{Role: "everything", Via: "superuser (not checked against RBAC)"})
	}
	for _, b := range index.Snapshot().Bindings {
		if b.Namespace != "" || live && b.Origin != "" {
			continue
		}
		for _, subject := range b.Subjects {
			who, ok := rbac.NewSubject(subject, "")
			switch {
			case !ok || !isOneOf(who, id):
			case strings.HasPrefix(b.Name, "system:") && slices.Contains(everybody(), who):
				folded++
			default:
				grants = append(grants, grant{
					Role: strings.ToLower(b.RoleRef.Kind) + "/" + b.RoleRef.Name, Via: "clusterrolebinding/" + b.Name, Subject: who.String(),
					role: roleOf(b.RoleRef, ""),
				})
			}
		}
	}
	slices.SortStableFunc(grants, compareGrants)
	return grants, folded
}

// roleOf is the role that a binding of a namespace refers to.
func roleOf(ref rbacv1.RoleRef, namespace string) rbac.ObjectID {
	id := rbac.ObjectID{Kind: ref.Kind, Name: ref.Name}
	if ref.Kind == "Role" {
		id.Namespace = namespace
	}
	return id
}

// markMissing marks grants of roles that are not there. Where roles could not be read, nothing is known of them.
func markMissing(index *rbac.Index, grants []grant) {
	for i := range grants {
		g := &grants[i]
		_, there := index.RoleNumber(g.role)
		gaps := rbac.GapsOf(index.Snapshot().Gaps, strings.ToLower(g.role.Kind)+"s")
		unread := slices.ContainsFunc(gaps, func(gap rbac.Gap) bool { return gap.Concerns(g.role.Namespace) })
		g.Missing = g.role.Name != "" && !there && !unread
	}
}

// everybody are the groups that the API server puts whole kinds of callers into.
func everybody() []rbac.Subject {
	return []rbac.Subject{
		rbac.Group(rbac.GroupAuthenticated), rbac.Group(rbac.GroupUnauthenticated), rbac.Group(rbac.GroupServiceAccounts),
	}
}
