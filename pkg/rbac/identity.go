package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Identity is somebody as the API server knows him after authentication: one user name and all groups.
type Identity struct {
	// Subject is who was asked about, for output.
	Subject Subject `json:"subject"`
	// User is empty when the identity stands for any member of a group.
	User   string   `json:"user,omitempty"`
	Groups []string `json:"groups,omitempty"`
}

// NewIdentity returns the identity of a subject that has the given groups beside those that the API server always
// gives: system:authenticated to everybody but the anonymous user, and to service accounts the groups of all service
// accounts and of those in their namespace. For a group the identity is that of any member.
func NewIdentity(s Subject, groups ...string) Identity {
	id := Identity{Subject: s, User: s.UserName()}
	add := func(names ...string) {
		for _, name := range names {
			if !slices.Contains(id.Groups, name) {
				id.Groups = append(id.Groups, name)
			}
		}
	}
	add(groups...)
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		add(GroupServiceAccounts, serviceAccountGroupPrefix+s.Namespace)
	case rbacv1.GroupKind:
		add(s.Name)
		if strings.HasPrefix(s.Name, serviceAccountGroupPrefix) {
			add(GroupServiceAccounts)
		}
	}
	if id.User == UserAnonymous || slices.Contains(id.Groups, GroupUnauthenticated) {
		add(GroupUnauthenticated)
	} else {
		add(GroupAuthenticated)
	}
	slices.Sort(id.Groups)
	return id
}

// Superuser reports whether the API server admits the identity before it asks RBAC.
func (id Identity) Superuser() bool { return slices.Contains(id.Groups, GroupMasters) }

// Via says how a grant reaches an identity.
type Via string

// The ways in which a binding's subject can be somebody.
const (
	ViaDirect   Via = "direct"
	ViaGroup    Via = "group"
	ViaEveryone Via = "everyone"
)

// via tells how the binding's subject s reaches the identity.
func (id Identity) via(s Subject) Via {
	switch {
	case s == id.Subject, s.Kind != rbacv1.GroupKind:
		return ViaDirect
	case s.Name == GroupAuthenticated, s.Name == GroupUnauthenticated:
		return ViaEveryone
	}
	return ViaGroup
}
