package contrib

import (
	"fmt"
	"reflect"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// The ClusterRoles that hold what Kalm's roles for the whole cluster have beside view and edit: what is in no namespace.
const (
	viewsCluster = "gatehouse-cluster-viewer"
	editsCluster = "gatehouse-cluster-editor"
)

// clusterRules returns what these roles hold.
func clusterRules(name string) []rbacv1.PolicyRule {
	read := []string{"get", "list", "watch"}
	if name == viewsCluster {
		return []rbacv1.PolicyRule{
			{Verbs: read, APIGroups: []string{""}, Resources: []string{"namespaces", "nodes", "persistentvolumes"}},
			{Verbs: read, APIGroups: []string{"storage.k8s.io"}, Resources: []string{"storageclasses"}},
		}
	}
	return []rbacv1.PolicyRule{
		{Verbs: []string{"create", "delete"}, APIGroups: []string{""}, Resources: []string{"namespaces"}},
		{Verbs: []string{"patch"}, APIGroups: []string{""}, Resources: []string{"nodes"}},
	}
}

// extraRoles plans the ClusterRoles of our own that the migration binds. One that is there with other rules stays as it is.
func (m *migration) extraRoles() {
	for i := range m.moved {
		for _, name := range m.moved[i].refs {
			if name != viewsCluster && name != editsCluster || m.roles[name] {
				continue
			}
			m.roles[name] = true
			m.extraRole(name, &m.moved[i])
		}
	}
}

func (m *migration) extraRole(name string, one *carried) {
	rules := clusterRules(name)
	if n, there := m.index.RoleNumber(rbac.ObjectID{Kind: "ClusterRole", Name: name}); there {
		if has := m.index.Roles()[n].Rules; !reflect.DeepEqual(has, rules) && len(rbac.Covers(has, rules)) > 0 {
			m.draft.notes.add("", "clusterrole %s is there with other rules, and stays as it is", name)
		}
		return
	}
	m.snapshot.Roles = append(m.snapshot.Roles, rbac.Role{Name: name, Rules: rules})
	o, err := plan.FromObjects(&rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: slices.Clone(rules),
	})
	if err != nil {
		m.draft.notes.add("", "clusterrole %s is not made: %v", name, err)
		return
	}
	m.steps = append(m.steps, plan.Step{
		Verb: plan.Create, Object: o[0], Unit: m.unit(one), Why: fmt.Sprintf("holds what %s has beside %s in Kalm", one.binding.Role, one.refs[0]),
	})
}
