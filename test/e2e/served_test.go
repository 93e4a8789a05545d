package e2e

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/test/served"
)

// TestBuiltInResources compares the table of resources that questions without a cluster use with what the server serves
// by itself.
func TestBuiltInResources(t *testing.T) {
	t.Parallel()
	client, err := discovery.NewDiscoveryClientForConfig(shared.cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	all, err := served.Resources(client)
	if err != nil {
		t.Fatal(err)
	}
	custom := customGroups(t)
	var want []rbac.Resource
	for _, r := range all {
		if !slices.Contains(custom, r.Group) {
			want = append(want, r)
		}
	}
	// What exists for authorization only is no resource of a server.
	got := slices.DeleteFunc(rbac.NewCatalog(nil).Resources(), func(r rbac.Resource) bool { return r.Kind == "" })
	byName := cmpopts.SortSlices(func(a, b rbac.Resource) bool {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name)) < 0
	})
	if diff := gocmp.Diff(want, got, byName, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("built-in resources (-server +table):\n%s", diff)
	}
	t.Logf("%d resources", len(want))
}

// customGroups are the API groups of the example company's own kinds.
func customGroups(t *testing.T) []string {
	t.Helper()
	files, err := source.Files([]string{filepath.Join(shared.acme(), "crds")}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := files.Load(t.Context(), source.Want{Resources: true})
	if err != nil {
		t.Fatal(err)
	}
	known := rbac.NewCatalog(nil)
	var groups []string
	for _, r := range snapshot.Resources {
		if _, builtIn := known.Lookup(r.Group, r.Name); !builtIn {
			groups = append(groups, r.Group)
		}
	}
	return groups
}

// TestBuiltInRoles compares the roles and bindings that manifests are completed with to those that the server has made
// for itself.
func TestBuiltInRoles(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"a.yaml": someRole})
	files, err := source.Files([]string{dir}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := files.Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	builtIn := func(origin string) bool { return !strings.HasPrefix(origin, dir) }
	var got rbac.Snapshot
	for _, r := range snapshot.Roles {
		if builtIn(r.Origin) {
			got.Roles = append(got.Roles, r)
		}
	}
	for _, b := range snapshot.Bindings {
		if builtIn(b.Origin) {
			got.Bindings = append(got.Bindings, b)
		}
	}
	want := bootstrapped(t)
	options := gocmp.Options{
		cmpopts.IgnoreFields(rbac.Role{}, "Origin", "Stored"), cmpopts.IgnoreFields(rbac.Binding{}, "Origin"),
		cmpopts.EquateEmpty(),
		cmpopts.SortSlices(func(a, b rbac.Role) bool { return a.Namespace+"/"+a.Name < b.Namespace+"/"+b.Name }),
		cmpopts.SortSlices(func(a, b rbac.Binding) bool { return a.Namespace+"/"+a.Name < b.Namespace+"/"+b.Name }),
		// The controller fills an aggregated role.
		gocmp.Transformer("own", func(r rbac.Role) rbac.Role {
			if r.Aggregates != nil {
				r.Rules = nil
			}
			return r
		}),
	}
	if diff := gocmp.Diff(want.Roles, got.Roles, options[:len(options)-1], options[len(options)-1:]); diff != "" {
		t.Errorf("built-in roles (-server +table):\n%s", diff)
	}
	if diff := gocmp.Diff(want.Bindings, got.Bindings, options); diff != "" {
		t.Errorf("built-in bindings (-server +table):\n%s", diff)
	}
	if len(want.Roles) < 60 || len(want.Bindings) < 50 {
		t.Errorf("only %d roles and %d bindings", len(want.Roles), len(want.Bindings))
	}
}

// bootstrapped reads what the server has made for itself.
func bootstrapped(t *testing.T) *rbac.Snapshot {
	t.Helper()
	client, err := kubernetes.NewForConfig(shared.cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	api, ctx := client.RbacV1(), t.Context()
	defaults := metav1.ListOptions{LabelSelector: "kubernetes.io/bootstrapping=rbac-defaults"}
	clusterRoles, err1 := api.ClusterRoles().List(ctx, defaults)
	roles, err2 := api.Roles("").List(ctx, defaults)
	clusterBindings, err3 := api.ClusterRoleBindings().List(ctx, defaults)
	bindings, err4 := api.RoleBindings("").List(ctx, defaults)
	if err := cmp.Or(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	snapshot := &rbac.Snapshot{}
	for i := range clusterRoles.Items {
		r := &clusterRoles.Items[i]
		role := rbac.Role{Name: r.Name, Labels: r.Labels, Rules: r.Rules}
		if r.AggregationRule != nil {
			role.Aggregates = r.AggregationRule.ClusterRoleSelectors
		}
		snapshot.Roles = append(snapshot.Roles, role)
	}
	for i := range roles.Items {
		r := &roles.Items[i]
		snapshot.Roles = append(snapshot.Roles, rbac.Role{Namespace: r.Namespace, Name: r.Name, Rules: r.Rules})
	}
	for i := range clusterBindings.Items {
		b := &clusterBindings.Items[i]
		snapshot.Bindings = append(snapshot.Bindings, binding(&b.ObjectMeta, b.RoleRef, b.Subjects))
	}
	for i := range bindings.Items {
		b := &bindings.Items[i]
		snapshot.Bindings = append(snapshot.Bindings, binding(&b.ObjectMeta, b.RoleRef, b.Subjects))
	}
	return snapshot
}

func binding(meta *metav1.ObjectMeta, ref rbacv1.RoleRef, subjects []rbacv1.Subject) rbac.Binding {
	return rbac.Binding{Namespace: meta.Namespace, Name: meta.Name, RoleRef: ref, Subjects: subjects}
}
