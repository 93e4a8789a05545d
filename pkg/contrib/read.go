package contrib

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Wanted is what is read to know the members of a workspace, or of all when namespace is empty.
func Wanted(namespace string) inventory.Want {
	return inventory.Want{
		Kinds: []inventory.Kind{
			inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Controller,
			inventory.KalmBindings,
		},
		Namespace: namespace,
	}
}

// Beside are the kinds that members can be read without: they tell what else there is to know, such as the flavor.
func Beside() []inventory.Kind {
	return []inventory.Kind{inventory.Profiles, inventory.Namespaces, inventory.Controller}
}

// Needless are the kinds that an answer about the members of the namespaces (of all when there are none) doesn't need,
// whether or not they could be read: those of [Beside], policies where no workspace has any, and Kalm's role bindings where
// no workspace is Kalm's. Where it is not known whether one is, both these and what would tell it are needed.
func Needless(s *workspace.State, namespaces ...string) []inventory.Kind {
	kinds := Beside()
	if slices.ContainsFunc(namespaces, func(namespace string) bool { return mayBeKalms(s, namespace) }) {
		return slices.DeleteFunc(kinds, func(k inventory.Kind) bool { return k == inventory.Namespaces })
	}
	without := func(flavor workspace.Flavor) bool {
		return len(namespaces) > 0 && !slices.ContainsFunc(namespaces, func(namespace string) bool {
			return namespace == "" || s.FlavorOf(namespace) == flavor
		})
	}
	if without(workspace.Kubeflow) {
		kinds = append(kinds, inventory.Policies)
	}
	if without(workspace.Kalm) || !kalmSeen(s) {
		kinds = append(kinds, inventory.KalmBindings)
	}
	return kinds
}

// mayBeKalms reports whether a namespace could be an application of Kalm's for all that is known: it can't be read, and there
// is nothing else in it that says whose it is. The flavor of the state is a guess then.
func mayBeKalms(s *workspace.State, namespace string) bool {
	if namespace == "" || !s.KalmServed() || s.Flavor == workspace.Native || s.Namespace(namespace) != nil ||
		len(s.Inventory.Missing(inventory.Namespaces)) == 0 || s.Profile(namespace) != nil || len(s.KalmBindings(namespace)) > 0 {
		return false
	}
	return !slices.ContainsFunc(s.Bindings(namespace), func(b *rbacv1.RoleBinding) bool {
		return b.Name == kubeflow.OwnerBinding || b.Name == workspace.OwnerBinding
	}) && !slices.ContainsFunc(s.Policies(namespace), func(p *unstructured.Unstructured) bool { return p.GetName() == kubeflow.OwnerPolicy })
}

// kalmSeen reports whether anything says that Kalm is there: its objects, its namespace, an application, or that not all
// namespaces are known. A snapshot that was taken without its role bindings is whole where there is none.
func kalmSeen(s *workspace.State) bool {
	inv := s.Inventory
	return len(inv.Objects(inventory.KalmBindings)) > 0 || inv.Live && s.KalmServed() ||
		len(inv.Missing(inventory.Namespaces)) > 0 ||
		slices.ContainsFunc(inv.Namespaces, func(ns *corev1.Namespace) bool {
			return ns.Name == kalm.SystemNamespace || workspace.IsKalm(ns)
		})
}

// Adviser tells whom to ask when the caller may not write the objects of members: command is what somebody with more
// rights would run, and skip says that it could do without new policies.
func Adviser(s *workspace.State, command string, skip bool) func(rule rbacv1.PolicyRule, namespace string) string {
	return func(rule rbacv1.PolicyRule, namespace string) string {
		ask := "ask an administrator to run: " + command
		if slices.Contains(rule.APIGroups, kalm.Group) {
			return "no role of Kalm's lets anybody write its objects with kubectl, owners included: use Kalm's pages, or " + ask
		}
		if !slices.Contains(rule.Resources, string(inventory.Policies)) {
			if w, ok := s.Workspace(namespace); ok && w.Owner.Name != "" {
				return "ask the owner, " + w.Owner.String() + ", or an administrator to run: " + command
			}
			return ask
		}
		advice := "no role of Kubeflow lets anybody write AuthorizationPolicies, owners included: use the dashboard, or " + ask
		if skip && slices.Equal(rule.Verbs, []string{"create"}) {
			advice += "; --no-http gives the rights in Kubernetes alone"
		}
		return advice
	}
}
