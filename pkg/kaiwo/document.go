package kaiwo

import rbacv1 "k8s.io/api/rbac/v1"

// DocumentRoleName is what the documentation calls its example of a role for scientists. Source: docs/docs/admin/auth.md.
const DocumentRoleName = "kaiwo-scientist-role"

// DocumentRules returns the rules of that example. Source: docs/docs/admin/auth.md.
func DocumentRules() []rbacv1.PolicyRule {
	read := []string{"get", "list", "watch"}
	return []rbacv1.PolicyRule{
		rule(Group, []string{JobResource, ServiceResource}, "get", "list", "watch", "create", "update", "patch", "delete"),
		rule("", []string{"pods", "pods/log", "services", "events", "persistentvolumeclaims", "configmaps", "secrets"}, read...),
		rule("", []string{"pods/exec"}, "create"),
		rule("batch", []string{"jobs"}, read...),
		rule("apps", []string{"deployments"}, read...),
		rule("ray.io", []string{"rayjobs", "rayservices", "rayclusters"}, read...),
	}
}
