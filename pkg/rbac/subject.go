package rbac

import (
	"errors"
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Names that the API server itself gives to users and groups.
const (
	GroupMasters         = "system:masters"
	GroupAuthenticated   = "system:authenticated"
	GroupUnauthenticated = "system:unauthenticated"
	GroupServiceAccounts = "system:serviceaccounts"
	UserAnonymous        = "system:anonymous"

	serviceAccountUserPrefix  = "system:serviceaccount:"
	serviceAccountGroupPrefix = "system:serviceaccounts:"
)

// Subject is a user, a group or a service account. It is comparable. A service account and the user name that the API
// server gives it are one subject: use [NewSubject] or [ParseSubject], which bring both to the same form.
type Subject struct {
	// Kind is User, Group or ServiceAccount.
	Kind string `json:"kind"`
	// Namespace is set for service accounts only.
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// User returns the subject of a user name; the user name of a service account gives the service account.
func User(name string) Subject {
	if rest, ok := strings.CutPrefix(name, serviceAccountUserPrefix); ok {
		if ns, sa, ok := strings.Cut(rest, ":"); ok && isServiceAccount(ns, sa) {
			return Subject{Kind: rbacv1.ServiceAccountKind, Namespace: ns, Name: sa}
		}
	}
	return Subject{Kind: rbacv1.UserKind, Name: name}
}

// Group returns the subject of a group name.
func Group(name string) Subject { return Subject{Kind: rbacv1.GroupKind, Name: name} }

// ServiceAccount returns the subject of a service account.
func ServiceAccount(namespace, name string) Subject {
	if !isServiceAccount(namespace, name) {
		return User(serviceAccountUserPrefix + namespace + ":" + name)
	}
	return Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: name}
}

// isServiceAccount reports whether there can be such a service account. Other words may stand in a binding or a user name:
// they mean nobody but a user who is really called so.
func isServiceAccount(namespace, name string) bool {
	return namespace != "" && name != "" && !strings.ContainsAny(namespace, ":/") && !strings.ContainsAny(name, ":/")
}

// NewSubject returns what a binding's subject means when the binding is in bindingNamespace (empty for a
// ClusterRoleBinding). A service account without a namespace is in the RoleBinding's. The second result is false when
// the subject can match nobody: an unknown kind, or a service account without a namespace in a ClusterRoleBinding.
func NewSubject(s rbacv1.Subject, bindingNamespace string) (Subject, bool) {
	switch s.Kind {
	case rbacv1.UserKind:
		return User(s.Name), true
	case rbacv1.GroupKind:
		return Group(s.Name), true
	case rbacv1.ServiceAccountKind:
		ns := s.Namespace
		if ns == "" {
			ns = bindingNamespace
		}
		if ns == "" {
			return Subject{}, false
		}
		return ServiceAccount(ns, s.Name), true
	}
	return Subject{}, false
}

// ParseSubject reads a subject as people write it: "user:alice@x.com", "group:ml-team", "sa:ns/name" (also
// "serviceaccount:ns/name"), the full user name of a service account, or a bare word, which is a user unless it starts
// with one of the groups that only the API server gives.
func ParseSubject(text string) (Subject, error) {
	if text == "" {
		return Subject{}, errors.New("parse subject: it is empty")
	}
	kind, name, ok := strings.Cut(text, ":")
	if !ok {
		return User(text), nil
	}
	switch strings.ToLower(kind) {
	case "user":
		return named(User, text, name)
	case "group":
		return named(Group, text, name)
	case "sa", "serviceaccount":
		ns, sa, ok := strings.Cut(name, "/")
		if !ok || ns == "" || sa == "" || strings.ContainsAny(sa, "/:") || strings.Contains(ns, ":") {
			return Subject{}, fmt.Errorf("parse subject %q: want sa:NAMESPACE/NAME", text)
		}
		return ServiceAccount(ns, sa), nil
	}
	switch {
	case text == GroupMasters, text == GroupAuthenticated, text == GroupUnauthenticated, text == GroupServiceAccounts,
		strings.HasPrefix(text, serviceAccountGroupPrefix), text == "system:nodes", text == "system:monitoring":
		return Group(text), nil
	}
	return User(text), nil
}

func named(form func(string) Subject, text, name string) (Subject, error) {
	if name == "" {
		return Subject{}, fmt.Errorf("parse subject %q: the name is empty", text)
	}
	return form(name), nil
}

// String returns the form that [ParseSubject] reads back: "user:alice@x.com", "group:ml-team", "sa:ns/name".
func (s Subject) String() string {
	switch s.Kind {
	case rbacv1.GroupKind:
		return "group:" + s.Name
	case rbacv1.ServiceAccountKind:
		return "sa:" + s.Namespace + "/" + s.Name
	}
	return "user:" + s.Name
}

// UserName returns the name under which the subject authenticates; empty for a group.
func (s Subject) UserName() string {
	switch s.Kind {
	case rbacv1.GroupKind:
		return ""
	case rbacv1.ServiceAccountKind:
		return serviceAccountUserPrefix + s.Namespace + ":" + s.Name
	}
	return s.Name
}

// IsSystem reports whether Kubernetes itself made up the subject: names in "system:", and service accounts of
// kube-system. The superusers of system:masters and groups that hold more than the system's own components, such as
// system:authenticated or all service accounts, are not: what they may do concerns everybody.
func (s Subject) IsSystem() bool {
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		return s.Namespace == "kube-system"
	case rbacv1.GroupKind:
		switch {
		case s.Name == GroupMasters, s.Name == GroupAuthenticated, s.Name == GroupUnauthenticated,
			s.Name == GroupServiceAccounts, strings.HasPrefix(s.Name, serviceAccountGroupPrefix):
			return false
		}
		return strings.HasPrefix(s.Name, "system:")
	}
	return strings.HasPrefix(s.Name, "system:") && s.Name != UserAnonymous
}

// RBAC returns the subject as it is written into a binding.
func (s Subject) RBAC() rbacv1.Subject {
	if s.Kind == rbacv1.ServiceAccountKind {
		return rbacv1.Subject{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name}
	}
	return rbacv1.Subject{Kind: s.Kind, APIGroup: rbacv1.GroupName, Name: s.Name}
}
