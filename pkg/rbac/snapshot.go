package rbac

import (
	"slices"
	"strings"
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
	// Marked says that the annotations of RoleBindings and Namespaces by which workspaces are known were read. Otherwise
	// they have none here, whatever they have in the cluster.
	Marked bool
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

// Namespace is a namespace, what selectors need of it, and what says whose it is.
type Namespace struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
	// Annotations are those that say what the namespace is for, where the snapshot is marked.
	Annotations map[string]string `json:"annotations,omitempty"`
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
	// Annotations are those that say what the binding is for, where the snapshot is marked. They grant nothing.
	Annotations map[string]string
	// Origin is where the object was read, such as "roles.yaml:12"; empty for a live cluster.
	Origin string
}

// ToldOrigin is the origin of roles and bindings that are no objects: they hold what the API server told the caller of his
// own rights, and stand for those that he may not read.
const ToldOrigin = "SelfSubjectRulesReview"

// Told reports whether the binding is no object: see [ToldOrigin].
func (b *Binding) Told() bool { return b.Origin == ToldOrigin }

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

// Concerns reports whether the gap may hide something of a namespace; of any, when it is empty. Who may not read a kind
// everywhere has read his own namespace whole, and only the text of the gap tells that.
func (g *Gap) Concerns(namespace string) bool {
	switch {
	case namespace == "":
		return true
	case g.Namespace != "":
		return g.Namespace == namespace
	}
	return !strings.HasSuffix(g.What, " outside of namespace "+namespace)
}

// GapsOf returns those of the gaps that concern a resource: whose missing rule names it, or whose text begins with it when
// no rule would help.
func GapsOf(gaps []Gap, resource string) []Gap {
	var out []Gap
	for _, gap := range gaps {
		first, _, _ := strings.Cut(gap.What, " ")
		if gap.Missing == nil && first == resource || gap.Missing != nil && slices.Contains(gap.Missing.Resources, resource) {
			out = append(out, gap)
		}
	}
	return out
}

// Complete reports whether everything that was wanted could be read.
func (s *Snapshot) Complete() bool { return len(s.Gaps) == 0 }
