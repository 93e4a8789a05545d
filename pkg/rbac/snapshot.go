package rbac

import (
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Snapshot is the RBAC state of one cluster, or of a set of manifests, at one moment. The zero value is an empty,
// complete snapshot. Order carries no meaning: [Compile] sorts what it needs.
type Snapshot struct {
	// Cluster names where the objects come from, for headings: a context, a file, a directory.
	Cluster string
	// Taken is when the objects were read; zero for manifests.
	Taken time.Time
	// Roles holds Roles and ClusterRoles. A ClusterRole has no namespace.
	Roles []Role
	// Bindings holds RoleBindings and ClusterRoleBindings. A ClusterRoleBinding has no namespace.
	Bindings []Binding
	// Namespaces are those known to exist. Empty when they were not read: bindings name further ones.
	Namespaces []Namespace
	// ServiceAccounts are those known to exist. Empty when they were not read.
	ServiceAccounts []ObjectRef
	// Resources is what the cluster serves, or nil when it was not asked: then the built-in table is used.
	Resources []Resource
	// Gaps says what could not be read, and what would make it readable. Empty means complete.
	Gaps []Gap
}

// ObjectRef names a namespaced object of a kind that the context gives.
type ObjectRef struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// Namespace is a namespace and what selectors need of it.
type Namespace struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
}

// Role is a Role, or a ClusterRole when Namespace is empty.
type Role struct {
	Namespace string
	Name      string
	Labels    map[string]string
	Rules     []rbacv1.PolicyRule
	// Aggregates are the selectors of a ClusterRole's aggregationRule.
	Aggregates []metav1.LabelSelector
	// Stored says that Rules are as an API server holds them, so that a controller has filled in aggregated rules.
	// When false, [Compile] replaces the rules of an aggregated role by those that its selectors find, as the
	// controller would.
	Stored bool
	// Origin is where the object was read, such as "roles.yaml:12"; empty for a live cluster.
	Origin string
}

// Binding is a RoleBinding, or a ClusterRoleBinding when Namespace is empty.
type Binding struct {
	Namespace string
	Name      string
	RoleRef   rbacv1.RoleRef
	Subjects  []rbacv1.Subject
	// Origin is where the object was read, such as "roles.yaml:12"; empty for a live cluster.
	Origin string
}

// Gap is one thing that a source could not read.
type Gap struct {
	// What was wanted, in words: "rolebindings in all namespaces".
	What string `json:"what"`
	// Namespace limits What to one namespace; empty means cluster-wide.
	Namespace string `json:"namespace,omitempty"`
	// Cause is the error as the server or the file system gave it.
	Cause string `json:"cause"`
	// Missing is the exact rule that would close the gap, nil when no rule would.
	Missing *rbacv1.PolicyRule `json:"missing,omitempty"`
}

// Complete reports whether everything that was wanted could be read.
func (s *Snapshot) Complete() bool { return len(s.Gaps) == 0 }
