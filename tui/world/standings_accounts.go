package world

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// accounts are the service accounts that exist; nil when they were not all read.
type accounts struct {
	known map[rbac.ObjectRef]struct{}
	// in counts them by namespace.
	in map[string]int
	// manifests do not hold those that controllers make.
	manifests bool
}

func readAccounts(s *rbac.Snapshot) *accounts {
	a := &accounts{manifests: s.Taken.IsZero()}
	if len(s.ServiceAccounts) == 0 || len(rbac.GapsOf(s.Gaps, "serviceaccounts")) > 0 {
		return a
	}
	a.known, a.in = make(map[rbac.ObjectRef]struct{}, len(s.ServiceAccounts)), map[string]int{}
	for _, account := range s.ServiceAccounts {
		if _, twice := a.known[account]; !twice {
			a.in[account.Namespace]++
		}
		a.known[account] = struct{}{}
	}
	return a
}

// missing reports whether a subject is a service account that does not exist.
func (a *accounts) missing(s rbac.Subject) bool {
	if a.known == nil || s.Kind != rbacv1.ServiceAccountKind || a.manifests && (s.Name == "default" || s.IsSystem()) {
		return false
	}
	_, exists := a.known[rbac.ObjectRef{Namespace: s.Namespace, Name: s.Name}]
	return !exists
}
