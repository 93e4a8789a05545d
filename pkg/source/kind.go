package source

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// The kinds that are read from manifests.
const (
	kindRole               = "Role"
	kindClusterRole        = "ClusterRole"
	kindRoleBinding        = "RoleBinding"
	kindClusterRoleBinding = "ClusterRoleBinding"
	kindNamespace          = "Namespace"
	kindServiceAccount     = "ServiceAccount"
	kindCRD                = "CustomResourceDefinition"
)

const groupCRD = "apiextensions.k8s.io"

// wanted reports whether objects of a kind are read, of whatever group.
func wanted(kind string) bool {
	switch kind {
	case kindRole, kindClusterRole, kindRoleBinding, kindClusterRoleBinding, kindNamespace, kindServiceAccount, kindCRD:
		return true
	}
	return false
}

// isList reports whether a kind is that of a list.
func isList(kind string) bool { return strings.HasSuffix(kind, "List") }

// itemKind is the kind of a list's items that don't say it: those of a RoleList are Roles.
func itemKind(list string) string { return strings.TrimSuffix(list, "List") }

// isRBAC reports whether an apiVersion is one of RBAC's.
func isRBAC(apiVersion string) bool { return strings.HasPrefix(apiVersion, rbacv1.GroupName+"/") }

// groupOf returns the group of an apiVersion; empty for the core group.
func groupOf(apiVersion string) string {
	group, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		return ""
	}
	return group
}
