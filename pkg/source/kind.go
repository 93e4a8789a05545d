package source

import (
	"bytes"
	"slices"
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

// sieve says which objects of a file are read: those of these kinds, of whatever group.
type sieve []string

// rbacSieve lets through what says something about access.
func rbacSieve() sieve {
	return sieve{kindRole, kindClusterRole, kindRoleBinding, kindClusterRoleBinding, kindNamespace, kindServiceAccount, kindCRD}
}

// wants reports whether objects of a kind are read.
func (s sieve) wants(kind string) bool { return slices.Contains(s, kind) }

// mentions reports whether a text may name one of the kinds that are read, be it with escapes.
func (s sieve) mentions(text []byte) bool {
	for _, kind := range s {
		if bytes.Contains(text, []byte(kind)) {
			return true
		}
	}
	return bytes.Contains(text, []byte(`\x`)) || bytes.Contains(text, []byte(`\u`)) || bytes.Contains(text, []byte(`\U`))
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
