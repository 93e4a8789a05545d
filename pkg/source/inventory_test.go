package source_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const (
	profilesPath = "/apis/kubeflow.org/v1/profiles"
	policiesPath = "/apis/security.istio.io/v1beta1/authorizationpolicies"
	bindingsPath = rbacPath + "rolebindings"
	lastApplied  = "kubectl.kubernetes.io/last-applied-configuration"
)

// allKinds are all that an inventory can have of workspaces.
func allKinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas,
		inventory.LimitRanges, inventory.NetworkPolicies, inventory.ServiceAccounts, inventory.Pods, inventory.Volumes,
		inventory.Notebooks, inventory.Events, inventory.ServiceRoles, inventory.ServiceRoleBindings, inventory.Controller,
	}
}

// meta is the metadata of an object that an API server has stored.
func meta(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace: namespace, Name: name, UID: "7", ResourceVersion: "1", Annotations: map[string]string{lastApplied: "{}"},
		ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl", Operation: "Apply", FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(`{"f:x":{}}`)}},
	}
}

// custom is a custom object as an API server has stored it.
func custom(apiVersion, kind, namespace, name string) map[string]any {
	metadata := map[string]any{
		"name": name, "uid": "7", "resourceVersion": "1", "generation": int64(2),
		"managedFields": []any{map[string]any{"manager": "kubectl"}},
	}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	return map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": metadata, "spec": map[string]any{"weight": int64(3)}}
}

// customList answers with custom objects, as JSON as always.
func customList(server *kubetest.Server, path, kind string, items ...map[string]any) {
	list := &unstructured.UnstructuredList{Object: map[string]any{"apiVersion": "x/v1", "kind": kind + "List", "metadata": map[string]any{}}}
	for _, item := range items {
		list.Items = append(list.Items, unstructured.Unstructured{Object: item})
	}
	server.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		data, err := list.MarshalJSON()
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = w.Write(data)
	})
}

// fullServer has two objects of every kind, in the wrong order.
func fullServer(t testing.TB) *kubetest.Server {
	t.Helper()
	server := kubetest.New(t)
	a, b := meta("team-a", "x"), meta("team-b", "a")
	for path, list := range map[string]runtime.Object{
		"/api/v1/namespaces": &corev1.NamespaceList{Items: []corev1.Namespace{{ObjectMeta: meta("", "team-b")}, {ObjectMeta: meta("", "team-a")}}},
		bindingsPath: &rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{
			{ObjectMeta: b, RoleRef: viewRef, Subjects: []rbacv1.Subject{bob}}, {ObjectMeta: a, RoleRef: viewRef},
		}},
		"/api/v1/resourcequotas": &corev1.ResourceQuotaList{Items: []corev1.ResourceQuota{
			{ObjectMeta: b}, {ObjectMeta: a, Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"cpu": resource.MustParse("2")}}},
		}},
		"/api/v1/limitranges":                           &corev1.LimitRangeList{Items: []corev1.LimitRange{{ObjectMeta: b}, {ObjectMeta: a}}},
		"/apis/networking.k8s.io/v1/networkpolicies":    &networkingv1.NetworkPolicyList{Items: []networkingv1.NetworkPolicy{{ObjectMeta: b}, {ObjectMeta: a}}},
		"/api/v1/serviceaccounts":                       &corev1.ServiceAccountList{Items: []corev1.ServiceAccount{{ObjectMeta: b}, {ObjectMeta: a}}},
		"/api/v1/pods":                                  &corev1.PodList{Items: []corev1.Pod{{ObjectMeta: b}, {ObjectMeta: a}}},
		"/api/v1/persistentvolumeclaims":                &corev1.PersistentVolumeClaimList{Items: []corev1.PersistentVolumeClaim{{ObjectMeta: b}, {ObjectMeta: a}}},
		"/api/v1/events":                                &corev1.EventList{Items: []corev1.Event{{ObjectMeta: b}, {ObjectMeta: a}}},
		"/apis/apps/v1/namespaces/kubeflow/deployments": &appsv1.DeploymentList{Items: []appsv1.Deployment{{ObjectMeta: meta("kubeflow", "profiles-deployment")}}},
		"/api/v1/namespaces/kubeflow/configmaps":        &corev1.ConfigMapList{Items: []corev1.ConfigMap{{ObjectMeta: meta("kubeflow", "profiles-config")}}},
	} {
		server.Object(path, list)
	}
	customList(server, profilesPath, "Profile", custom("kubeflow.org/v1", "Profile", "", "team-b"), custom("kubeflow.org/v1", "Profile", "", "team-a"))
	for path, kind := range map[string]string{
		policiesPath:                                       "security.istio.io/v1beta1 AuthorizationPolicy",
		"/apis/kubeflow.org/v1/notebooks":                  "kubeflow.org/v1 Notebook",
		"/apis/rbac.istio.io/v1alpha1/serviceroles":        "rbac.istio.io/v1alpha1 ServiceRole",
		"/apis/rbac.istio.io/v1alpha1/servicerolebindings": "rbac.istio.io/v1alpha1 ServiceRoleBinding",
	} {
		version, kind, _ := strings.Cut(kind, " ")
		customList(server, path, kind, custom(version, kind, "team-b", "a"), custom(version, kind, "team-a", "x"))
	}
	return server
}

// readLive reads the inventory of a server, and returns it with what was warned of.
func readLive(t testing.TB, server *kubetest.Server, want inventory.Want) (*inventory.Inventory, []string, error) {
	t.Helper()
	flags := server.Flags(t)
	home := "home"
	flags.Namespace = &home
	cluster, err := kube.New(flags, "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var warned []string
	inv, err := source.LiveInventory(t.Context(), cluster, clocktesting.NewFakePassiveClock(noon),
		func(format string, args ...any) { warned = append(warned, fmt.Sprintf(format, args...)) }, want)
	return inv, warned, err
}

// names are the objects of an inventory: "v1 Pod team-a/x".
func names(inv *inventory.Inventory) []string {
	var out []string
	add := func(object interface {
		metav1.Object
		runtime.Object
	},
	) {
		version, kind := object.GetObjectKind().GroupVersionKind().ToAPIVersionAndKind()
		text := version + " " + kind + " " + strings.TrimPrefix(object.GetNamespace()+"/"+object.GetName(), "/")
		if len(object.GetManagedFields()) > 0 {
			text += " with managed fields"
		}
		out = append(out, text)
	}
	for _, list := range [][]*unstructured.Unstructured{inv.Profiles, inv.Policies, inv.Notebooks, inv.Leftovers} {
		for _, o := range list {
			add(o)
		}
	}
	addAll(add, inv.Namespaces)
	addAll(add, inv.RoleBindings)
	addAll(add, inv.Quotas)
	addAll(add, inv.LimitRanges)
	addAll(add, inv.NetworkPolicies)
	addAll(add, inv.ServiceAccounts)
	addAll(add, inv.Pods)
	addAll(add, inv.Volumes)
	addAll(add, inv.Events)
	addAll(add, inv.Deployments)
	addAll(add, inv.ConfigMaps)
	for _, kind := range slices.Sorted(maps.Keys(inv.Custom)) {
		addAll(add, inv.Objects(kind))
	}
	addAll(add, inv.Secrets)
	return out
}

func addAll[P interface {
	metav1.Object
	runtime.Object
}](add func(interface {
	metav1.Object
	runtime.Object
}), list []P,
) {
	for _, o := range list {
		add(o)
	}
}

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestLiveInventory(t *testing.T) {
	t.Parallel()
	server := fullServer(t)
	inv, warned, err := readLive(t, server, inventory.Want{Kinds: allKinds()})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"kubeflow.org/v1 Profile team-a", "kubeflow.org/v1 Profile team-b",
		"security.istio.io/v1beta1 AuthorizationPolicy team-a/x", "security.istio.io/v1beta1 AuthorizationPolicy team-b/a",
		"kubeflow.org/v1 Notebook team-a/x", "kubeflow.org/v1 Notebook team-b/a",
		"rbac.istio.io/v1alpha1 ServiceRole team-a/x", "rbac.istio.io/v1alpha1 ServiceRoleBinding team-a/x",
		"rbac.istio.io/v1alpha1 ServiceRole team-b/a", "rbac.istio.io/v1alpha1 ServiceRoleBinding team-b/a",
		"v1 Namespace team-a", "v1 Namespace team-b",
		"rbac.authorization.k8s.io/v1 RoleBinding team-a/x", "rbac.authorization.k8s.io/v1 RoleBinding team-b/a",
	}
	for _, kind := range []string{
		"v1 ResourceQuota", "v1 LimitRange", "networking.k8s.io/v1 NetworkPolicy", "v1 ServiceAccount", "v1 Pod",
		"v1 PersistentVolumeClaim", "v1 Event",
	} {
		want = append(want, kind+" team-a/x", kind+" team-b/a")
	}
	want = append(want, "apps/v1 Deployment kubeflow/profiles-deployment", "v1 ConfigMap kubeflow/profiles-config")
	diff(t, "objects", want, names(inv))
	if len(warned) > 0 || len(inv.Gaps) > 0 || !inv.Live || !inv.Taken.Equal(noon) || inv.Source == "" {
		t.Errorf("warned %q, gaps %v, live %v, taken %v, source %q", warned, inv.Gaps, inv.Live, inv.Taken, inv.Source)
	}
	for _, kind := range allKinds() {
		if !inv.Served[kind] {
			t.Errorf("%s is not served", kind)
		}
	}
	// Objects are whole.
	binding := &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding"}, ObjectMeta: meta("team-b", "a"),
		RoleRef: viewRef, Subjects: []rbacv1.Subject{bob},
	}
	binding.ManagedFields = nil
	diff(t, "role binding", binding, inv.RoleBindings[1])
	diff(t, "quota", corev1.ResourceList{"cpu": resource.MustParse("2")}, inv.Quotas[0].Spec.Hard)
	profile := custom("kubeflow.org/v1", "Profile", "", "team-a")
	unstructured.RemoveNestedField(profile, "metadata", "managedFields")
	diff(t, "profile", profile, inv.Profiles[0].Object)

	// One request for each kind, two for the controller's; no discovery.
	requests := server.Requests()
	if len(requests) != len(allKinds())+1 {
		t.Errorf("%d requests: %q", len(requests), requests)
	}
	for _, r := range requests {
		if strings.Contains(r, "?") {
			t.Errorf("request %s: it may be answered with what is a moment old", r)
		}
	}
}

// TestLiveInventoryNamespace reads what concerns one workspace.
func TestLiveInventoryNamespace(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Object("/api/v1/namespaces/team-a", &corev1.Namespace{ObjectMeta: meta("", "team-a")})
	server.Object(rbacPath+"namespaces/team-a/rolebindings", &rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{{ObjectMeta: meta("team-a", "x"), RoleRef: viewRef}}})
	customList(server, "/apis/security.istio.io/v1/namespaces/team-a/authorizationpolicies", "AuthorizationPolicy",
		custom("security.istio.io/v1", "AuthorizationPolicy", "team-a", "x"))
	server.Handle(profilesPath+"/team-a", func(w http.ResponseWriter, r *http.Request) {
		status := kubetest.Failure(http.StatusNotFound, metav1.StatusReasonNotFound, `profiles.kubeflow.org "team-a" not found`)
		status.Details = &metav1.StatusDetails{Group: "kubeflow.org", Kind: "profiles", Name: "team-a"}
		kubetest.Write(w, r, http.StatusNotFound, status)
	})
	server.Forbid("/apis/apps/v1/namespaces/system/deployments", "no")
	server.Handle("/api/v1/namespaces/system/configmaps", func(w http.ResponseWriter, r *http.Request) {
		kubetest.Write(w, r, http.StatusInternalServerError, kubetest.Failure(http.StatusInternalServerError, metav1.StatusReasonInternalError, "broken"))
	})
	inv, warned, err := readLive(t, server, inventory.Want{
		Kinds: []inventory.Kind{
			inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Notebooks, inventory.Controller,
		},
		Namespace: "team-a", System: "system",
	})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{
		"security.istio.io/v1 AuthorizationPolicy team-a/x", "v1 Namespace team-a", "rbac.authorization.k8s.io/v1 RoleBinding team-a/x",
	}, names(inv))
	diff(t, "served", map[inventory.Kind]bool{
		inventory.Profiles: true, inventory.Namespaces: true, inventory.RoleBindings: true, inventory.Policies: true,
		inventory.Notebooks: false, inventory.Controller: true,
	}, inv.Served)
	diff(t, "gaps", []rbac.Gap(nil), inv.Gaps)
	diff(t, "warnings", []string{"the configuration of Kubeflow is not known: list configmaps in namespace system: broken"}, warned)
	diff(t, "requests", []string{
		"GET /api/v1/namespaces/system/configmaps",
		"GET /api/v1/namespaces/team-a",
		"GET /apis/apps/v1/namespaces/system/deployments",
		"GET /apis/kubeflow.org/v1/namespaces/team-a/notebooks",
		"GET /apis/kubeflow.org/v1/profiles/team-a",
		"GET /apis/kubeflow.org/v1beta1/namespaces/team-a/notebooks",
		"GET " + rbacPath + "namespaces/team-a/rolebindings",
		"GET /apis/security.istio.io/v1/namespaces/team-a/authorizationpolicies",
		"GET /apis/security.istio.io/v1beta1/namespaces/team-a/authorizationpolicies",
	}, server.Requests())
}
