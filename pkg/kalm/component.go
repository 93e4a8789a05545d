package kalm

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Component is a Component of Kalm, as far as it concerns who may do what.
type Component struct {
	Namespace, Name string
	// Permission is what the component's service account is given; nil for nothing.
	Permission *Permission
	Object     *unstructured.Unstructured
}

// Permission is the runnerPermission of a Component: its controller, who is an administrator of the cluster, makes a service
// account and a role of these rules, whatever they say. Source: controller/api/v1alpha1/component_types.go and
// controller/controllers/permission.
type Permission struct {
	// Cluster says that the role is a ClusterRole: roleType clusterRole.
	Cluster bool
	Rules   []rbacv1.PolicyRule
}

// ReadComponent reads a Component; what is not as its schema demands is empty.
func ReadComponent(u *unstructured.Unstructured) Component {
	c := Component{Namespace: u.GetNamespace(), Name: u.GetName(), Object: u}
	permission, ok := specOf(u)["runnerPermission"].(map[string]any)
	if !ok {
		return c
	}
	c.Permission = &Permission{Cluster: str(permission, "roleType") == "clusterRole"}
	for _, rule := range records(permission, "rules") {
		c.Permission.Rules = append(c.Permission.Rules, rbacv1.PolicyRule{
			Verbs: texts(rule, "verbs"), APIGroups: texts(rule, "apiGroups"), Resources: texts(rule, "resources"),
			ResourceNames: texts(rule, "resourceNames"), NonResourceURLs: texts(rule, "nonResourceURLs"),
		})
	}
	return c
}

// PermissionName returns the name of the role, and of its binding, that is made for a component with a runnerPermission. It
// has no namespace in it: the ClusterRoles of components of one name are one, and the first one's rules stay.
func PermissionName(component string) string { return "kalm-permission-" + component }

// PermissionPrefix begins all names that [PermissionName] gives.
const PermissionPrefix = "kalm-permission-"

// RunnerAccount returns the name of the service account that a component runs as: one of its own if it has a permission.
func RunnerAccount(c Component) string {
	if c.Permission != nil {
		return PermissionName(c.Name)
	}
	return "component-" + c.Name
}
