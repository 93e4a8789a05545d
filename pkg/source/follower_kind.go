package source

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// tracks returns one for each resource, those of snapshots first. The resources that an inventory has too are read once
// for both, unless the inventory is to hold those of one namespace. The error names a kind that nobody knows.
func (f *Follower) tracks() ([]*track, error) {
	resources, err := wantedResources(f.want)
	if err != nil {
		return nil, err
	}
	var (
		tracks []*track
		home   = cmp.Or(f.want.Namespace, f.cluster.Namespace())
		own    = func(gv schema.GroupVersion, resource, kind string, namespaced bool, table records) {
			tracks = append(tracks, &track{
				resource: shelved{
					group: gv.Group, versions: []string{gv.Version}, resource: resource, kind: kind, namespaced: namespaced, whole: !namespaced,
				},
				records: table, namespace: home, access: true,
			})
		}
		shared = func(gv schema.GroupVersion, kind inventory.Kind, name string, namespaced bool, both, table records) {
			n := slices.IndexFunc(resources, func(r shelved) bool { return r.want == kind })
			if n < 0 || f.want.Namespace != "" {
				own(gv, string(kind), name, namespaced, table)
				return
			}
			tracks = append(tracks, &track{
				resource: resources[n], records: both, want: f.want, namespace: home, access: true, stock: true,
			})
			resources = slices.Delete(resources, n, n+1)
		}
		policies, core = rbacv1.SchemeGroupVersion, corev1.SchemeGroupVersion
	)
	shared(policies, inventory.RoleBindings, kindRoleBinding, true, bothBindings(), bindingTable())
	own(policies, "roles", kindRole, true, roleTable(collectRoles()))
	own(policies, "clusterroles", kindClusterRole, false, roleTable(collectClusterRoles()))
	own(policies, "clusterrolebindings", kindClusterRoleBinding, false, bindingTable())
	shared(core, inventory.Namespaces, kindNamespace, false, bothNamespaces(), namespaceTable())
	shared(core, inventory.ServiceAccounts, kindServiceAccount, true, bothServiceAccounts(), serviceAccountTable())
	for _, r := range resources {
		if r.want != inventory.Secrets {
			tracks = append(tracks, &track{resource: r, records: r.shelf().table(), want: f.want, namespace: home, stock: true})
		}
	}
	return tracks, nil
}

// Where the objects of each kind are in a snapshot.
func snapshotRoles(f *frame, list []rbac.Role) { concat(&f.snapshot.Roles, list) }

func snapshotBindings(f *frame, list []rbac.Binding) { concat(&f.snapshot.Bindings, list) }

func snapshotNamespaces(f *frame, list []rbac.Namespace) { concat(&f.snapshot.Namespaces, list) }

func snapshotServiceAccounts(f *frame, list []rbac.ObjectRef) {
	concat(&f.snapshot.ServiceAccounts, list)
}

// concat adds objects to a list, which is shared as long as nothing else is in it.
func concat[T any](list *[]T, items []T) {
	if len(*list) == 0 {
		*list = slices.Clip(items)
		return
	}
	*list = slices.Concat(*list, items)
}

func roleTable(from *collector[rbac.Role]) records {
	return newTable(from, func(r rbac.Role) objectKey { return objectKey{r.Namespace, r.Name} }, snapshotRoles)
}

func bindingTable() records {
	return newTable(collectBindings(true), func(b rbac.Binding) objectKey { return objectKey{b.Namespace, b.Name} }, snapshotBindings)
}

func namespaceTable() records {
	return newTable(collectNamespaces(true), func(n rbac.Namespace) objectKey { return objectKey{name: n.Name} }, snapshotNamespaces)
}

func serviceAccountTable() records {
	return newTable(collectServiceAccounts(), func(r rbac.ObjectRef) objectKey { return objectKey{r.Namespace, r.Name} }, snapshotServiceAccounts)
}

// both keeps whole objects for inventories, and of each what a snapshot has of it.
func both[P labelled, U any](table *table[P], form func(P) U, add func(*frame, []U)) records {
	table.also = &derived[P, U]{form: form, add: add}
	return table
}

func bothBindings() records {
	return both(inventoryTable(&typedDecoder[rbacv1.RoleBinding, *rbacv1.RoleBinding]{}, roleBindings),
		func(b *rbacv1.RoleBinding) rbac.Binding {
			return snapshotBindingOf(b, true)
		}, snapshotBindings)
}

func bothNamespaces() records {
	return both(inventoryTable(&typedDecoder[corev1.Namespace, *corev1.Namespace]{}, namespaces),
		func(n *corev1.Namespace) rbac.Namespace { return snapshotNamespaceOf(n, true) }, snapshotNamespaces)
}

func bothServiceAccounts() records {
	return both(inventoryTable(&typedDecoder[corev1.ServiceAccount, *corev1.ServiceAccount]{}, serviceAccounts),
		func(a *corev1.ServiceAccount) rbac.ObjectRef {
			return rbac.ObjectRef{Namespace: a.Namespace, Name: a.Name}
		},
		snapshotServiceAccounts)
}
