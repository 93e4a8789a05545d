package clusterauth

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// Purpose is what Secrets are read for.
type Purpose string

// The purposes.
const (
	// CAs are the Secrets that ClusterAuthentications name.
	CAs Purpose = "cas"
	// AuthConfigs are the Secrets that KCM makes for API servers. Those of clusters of a region are there and not here.
	AuthConfigs Purpose = "auth-configs"
	// Kubeconfigs are the Secrets with the administrator's way into clusters.
	Kubeconfigs Purpose = "kubeconfigs"
)

// SecretsNeeded returns the names of the Secrets that have to be read for the purposes, sorted: those that the objects
// of the inventory lead to.
func SecretsNeeded(inv *inventory.Inventory, purposes ...Purpose) []types.NamespacedName {
	var out []types.NamespacedName
	add := func(namespace, name string) {
		out = append(out, types.NamespacedName{Namespace: namespace, Name: name})
	}
	if slices.Contains(purposes, CAs) {
		for _, object := range inv.Objects(inventory.ClusterAuthentications) {
			a, err := k0rdent.ReadClusterAuthentication(object)
			if err == nil && a.CASecret != nil && a.CASecret.Name != "" {
				add(a.CASecret.Namespace, a.CASecret.Name)
			}
		}
	}
	for _, object := range inv.Objects(inventory.ClusterDeployments) {
		if slices.Contains(purposes, AuthConfigs) && regionOf(inv, object.GetNamespace(), textAt(object.Object, "spec", "credential")) == "" {
			add(object.GetNamespace(), k0rdent.AuthSecretName(object.GetName()))
		}
		if slices.Contains(purposes, Kubeconfigs) {
			add(object.GetNamespace(), k0rdent.KubeconfigSecretName(object.GetName()))
		}
	}
	slices.SortFunc(out, func(a, b types.NamespacedName) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out)
}

// Secret returns a Secret that was read, or nil.
func (s *State) Secret(namespace, name string) *corev1.Secret {
	return s.Inventory.Secret(namespace, name)
}

// secretUnknown reports whether a Secret that is not in the inventory may be there all the same: because none were asked
// for, or because this one could not be read.
func (s *State) secretUnknown(namespace, name string) bool {
	return !s.Inventory.Served[inventory.Secrets] || s.Inventory.Withheld(namespace, name) != nil
}
