// Package cluster makes the RBAC objects of big clusters for benchmarks: tenants with owners, teams, robots and pipelines, operators with
// roles of their own, and the aggregated roles that come with them. The same size always gives the same objects.
package cluster

import (
	"fmt"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/test/objects"
)

// Size says how many objects a cluster has.
type Size struct {
	Namespaces           int
	RolesPerNamespace    int
	BindingsPerNamespace int
	ClusterRoles         int
	ClusterRoleBindings  int
}

// Mid is a cluster of the size that people report: 4,500 RoleBindings in 450 namespaces.
func Mid() Size { return Size{450, 3, 10, 200, 200} }

// Huge is a stress test: 50,000 RoleBindings in 5,000 namespaces, 15,000 Roles.
func Huge() Size { return Size{5000, 3, 10, 2000, 2000} }

// Namespace returns the name of the n-th namespace.
func Namespace(n int) string { return fmt.Sprintf("team-%04d", n) }

// User returns the name of the n-th user. There are two thirds as many users as namespaces.
func User(n int) string { return fmt.Sprintf("user-%04d@acme.example", n) }

// New makes the objects. Rules of aggregated ClusterRoles are filled in, as on a server.
func New(size Size) *objects.Set {
	m := &maker{
		Rand:  rand.New(rand.NewPCG(uint64(size.Namespaces), 2)), //nolint:gosec // has to be repeatable
		size:  size,
		set:   &objects.Set{},
		users: max(1, size.Namespaces*2/3),
	}
	m.clusterRoles()
	m.clusterRoleBindings()
	for n := range size.Namespaces {
		m.namespace(n)
	}
	return m.set.Aggregated()
}

type maker struct {
	*rand.Rand
	size  Size
	set   *objects.Set
	users int
}

// operators is the number of operators: each has four ClusterRoles.
func (m *maker) operators() int { return max(1, (m.size.ClusterRoles-5)/4) }

func operator(n int) string { return fmt.Sprintf("operator-%03d", n) }

// clusterRoles makes the roles that everybody has, three of them aggregated, and those of the operators.
func (m *maker) clusterRoles() {
	aggregated := func(name string) {
		m.addClusterRole(name, nil).AggregationRule = &rbacv1.AggregationRule{
			ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{aggregateTo(name): "true"}}},
		}
	}
	for _, name := range []string{"team-view", "team-edit", "team-admin"} {
		aggregated(name)
	}
	m.addClusterRole("platform-admin", nil, rule("*", "*", "*"), rbacv1.PolicyRule{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}})
	m.addClusterRole("team-base", map[string]string{aggregateTo("team-view"): "true", aggregateTo("team-edit"): "true", aggregateTo("team-admin"): "true"},
		rule("get,list,watch", "", "pods,pods/log,services,configmaps,events,persistentvolumeclaims,namespaces"),
		rule("get,list,watch", "apps", "deployments,replicasets,statefulsets,daemonsets"), rule("get,list,watch", "batch", "jobs,cronjobs"))
	for n := range m.operators() {
		name := operator(n)
		group := name + ".example.io"
		m.addClusterRole(name, nil,
			rule("*", group, "*"), rule("get,list,watch,create,update,patch,delete", "apps", "deployments,statefulsets"),
			rule("get,list,watch", "", "configmaps,services,pods"), rule("create,patch", "", "events"))
		m.addClusterRole(name+"-view", m.aggregated("team-view", n), rule("get,list,watch", group, "widgets,widgets/status"))
		m.addClusterRole(name+"-edit", m.aggregated("team-edit", n), rule("create,update,patch,delete,deletecollection", group, "widgets"),
			rule("get,list,watch", "", secretsOr(n, "configmaps")))
		m.addClusterRole(name+"-metrics", nil, rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics", "/" + name + "/*"}})
	}
}

func aggregateTo(name string) string { return "acme.example/aggregate-to-" + name }

// secretsOr gives one operator in ten the right to read secrets.
func secretsOr(n int, other string) string {
	if n%10 == 0 {
		return "secrets"
	}
	return other
}

// aggregated lets one operator in ten add to the roles of teams.
func (m *maker) aggregated(to string, n int) map[string]string {
	if n%10 != 0 {
		return nil
	}
	return map[string]string{aggregateTo(to): "true", aggregateTo("team-admin"): "true"}
}

func (m *maker) clusterRoleBindings() {
	m.addClusterRoleBinding("platform-admins", "platform-admin", group("platform-admins"))
	for n := 1; n < m.size.ClusterRoleBindings; n++ {
		name, of := fmt.Sprintf("binding-%04d", n), operator(n/4%m.operators())
		switch n % 4 {
		case 0:
			m.addClusterRoleBinding(name, of, serviceAccount(of, of))
		case 1:
			m.addClusterRoleBinding(name, of+"-view", group(fmt.Sprintf("readers-%02d", n%40)))
		case 2:
			m.addClusterRoleBinding(name, of+"-metrics", serviceAccount("monitoring", "prometheus"), user(User(m.IntN(m.users))))
		case 3:
			m.addClusterRoleBinding(name, of+"-edit", serviceAccount(of, "default"))
		}
	}
}

// namespace makes a tenant.
func (m *maker) namespace(n int) {
	ns := Namespace(n)
	m.set.Namespaces = append(m.set.Namespaces, &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: ns, Labels: map[string]string{"acme.example/team": fmt.Sprintf("t%02d", n%60)}},
	})
	for i := range m.size.RolesPerNamespace {
		m.addRole(ns, fmt.Sprintf("role-%d", i), m.tenantRules(n, i)...)
	}
	for i := range m.size.BindingsPerNamespace {
		m.tenantBinding(n, i)
	}
}

// tenantRules are those of a tenant's own role: some are the same in every namespace, some name objects that only this one has.
func (m *maker) tenantRules(n, i int) []rbacv1.PolicyRule {
	app := fmt.Sprintf("app-%d", m.IntN(1+m.size.Namespaces/2))
	switch (n + i) % 6 {
	case 0:
		lock := rule("get,update,patch", "coordination.k8s.io", "leases")
		lock.ResourceNames = []string{app + "-lock"}
		return []rbacv1.PolicyRule{rule("create", "coordination.k8s.io", "leases"), lock, rule("create,patch", "", "events")}
	case 1:
		named := rule("get", "", "secrets")
		named.ResourceNames = []string{app + "-tls", app + "-token"}
		return []rbacv1.PolicyRule{named, rule("get,list,watch", "", "configmaps")}
	case 2:
		return []rbacv1.PolicyRule{
			rule("get,list,watch,create,update,patch,delete", "apps", "deployments,deployments/scale,statefulsets"),
			rule("get,list", "", "pods,pods/log"), rule("create", "", "pods/exec"),
		}
	case 3:
		return []rbacv1.PolicyRule{
			rule("get,list,watch", fmt.Sprintf("%s.example.io", operator(m.IntN(m.operators()))), "widgets"),
			rule("get,list,watch", "", "pods,services,endpoints"),
		}
	case 4:
		return []rbacv1.PolicyRule{rule("*", "batch", "jobs,cronjobs"), rule("get,list,watch,delete", "", "pods")}
	default:
		return []rbacv1.PolicyRule{rule("get,list,watch,create,update,patch,delete", "", "secrets,configmaps,services"), rule("*", "networking.k8s.io", "*")}
	}
}

// tenantBinding makes the i-th binding of a namespace: its owner, its team, its robots, people who help out, pipelines from elsewhere.
func (m *maker) tenantBinding(n, i int) {
	ns, name := Namespace(n), fmt.Sprintf("binding-%02d", i)
	own := fmt.Sprintf("role-%d", i%max(1, m.size.RolesPerNamespace))
	switch i % 10 {
	case 0:
		m.addRoleBinding(ns, name, "ClusterRole", "team-admin", user(User(n%m.users)))
	case 1:
		m.addRoleBinding(ns, name, "ClusterRole", "team-edit", group(fmt.Sprintf("team-%02d", n%60)))
	case 2:
		m.addRoleBinding(ns, name, "ClusterRole", "team-view", group("everybody"), user(User(m.IntN(m.users))))
	case 3, 4:
		m.addRoleBinding(ns, name, "Role", own, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: "default", Namespace: ns})
	case 5:
		m.addRoleBinding(ns, name, "Role", own, serviceAccount(ns, fmt.Sprintf("app-%d", m.IntN(5))), serviceAccount(ns, "worker"))
	case 6:
		m.addRoleBinding(ns, name, "ClusterRole", "team-edit", serviceAccount("ci", fmt.Sprintf("pipeline-%02d", n%50)))
	case 7:
		m.addRoleBinding(ns, name, "ClusterRole", operator(m.IntN(m.operators()))+"-view", user(User(m.IntN(m.users))), user(User(m.IntN(m.users))))
	case 8:
		m.addRoleBinding(ns, name, "Role", own, user(User(m.IntN(m.users))))
	default:
		m.addRoleBinding(ns, name, "ClusterRole", operator(m.IntN(m.operators()))+"-edit", user(User(m.IntN(m.users))))
	}
}
