package e2e

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// inventoryKinds are those of which the example company has objects, or of which workspaces may.
func inventoryKinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas,
		inventory.LimitRanges, inventory.NetworkPolicies, inventory.ServiceAccounts, inventory.Volumes, inventory.Notebooks,
		inventory.Controller, inventory.ServiceRoles,
	}
}

// inventoryCluster connects as a user, whose context is about a namespace.
func inventoryCluster(t *testing.T, namespace, user string, groups ...string) *kube.Cluster {
	t.Helper()
	kubeconfig, err := shared.cp.Kubeconfig(user, groups...)
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	flags := cli.NewConnection()
	flags.KubeConfig, flags.Namespace, flags.CacheDir = &kubeconfig, &namespace, &cache
	cluster, err := kube.New(flags, "gatehouse-e2e", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// readInventory reads as the user of a cluster, and returns what the server saw of it.
func readInventory(t *testing.T, cluster *kube.Cluster, user string, want inventory.Want) (*inventory.Inventory, []string) {
	t.Helper()
	recorder, err := shared.cp.Record(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	warn := func(format string, args ...any) { t.Errorf("warned: "+format, args...) }
	inv, err := source.LiveInventory(t.Context(), cluster, clocktesting.NewFakePassiveClock(time.Now()), warn, want)
	if err != nil {
		t.Fatal(err)
	}
	requests, err := recorder.Requests(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range requests {
		out = append(out, r.Verb+" "+r.URI)
	}
	slices.Sort(out)
	return inv, out
}

// TestInventory compares what is read of the live example company with its manifests, object by object.
func TestInventory(t *testing.T) {
	const user = "librarian"
	want := inventory.Want{Kinds: inventoryKinds()}
	cluster := inventoryCluster(t, "default", user, "system:masters")
	// The first list of a custom resource ever makes the server fill its cache, and it may ask to come back for that.
	readInventory(t, cluster, user, want)
	live, requests := readInventory(t, cluster, user, want)
	files, err := source.FileInventory(t.Context(), []string{shared.acme()}, source.FilesOptions{
		Warn: func(format string, args ...any) { t.Errorf("warned: "+format, args...) },
	}, want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inventoryContents(files), inventoryContents(live), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-manifests +live):\n%s", diff)
	}
	if len(files.Profiles) != 2 || len(files.Policies) == 0 || len(files.RoleBindings) < 30 {
		t.Errorf("%d profiles, %d policies, %d role bindings", len(files.Profiles), len(files.Policies), len(files.RoleBindings))
	}
	if diff := cmp.Diff(files.Served, live.Served); diff != "" {
		t.Errorf("served (-manifests +live):\n%s", diff)
	}
	if len(live.Gaps)+len(files.Gaps) > 0 {
		t.Errorf("gaps: %v, %v", live.Gaps, files.Gaps)
	}
	var lists []string
	for _, path := range []string{
		"/api/v1/limitranges", "/api/v1/namespaces", "/api/v1/namespaces/kubeflow/configmaps", "/api/v1/persistentvolumeclaims",
		"/api/v1/resourcequotas", "/api/v1/serviceaccounts", "/apis/apps/v1/namespaces/kubeflow/deployments",
		"/apis/kubeflow.org/v1/notebooks", "/apis/kubeflow.org/v1/profiles", "/apis/networking.k8s.io/v1/networkpolicies",
		"/apis/rbac.authorization.k8s.io/v1/rolebindings", "/apis/rbac.istio.io/v1alpha1/serviceroles",
		"/apis/security.istio.io/v1beta1/authorizationpolicies",
	} {
		lists = append(lists, "list "+path)
	}
	if diff := cmp.Diff(lists, requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestInventoryOfOneWorkspace reads the same of one workspace.
func TestInventoryOfOneWorkspace(t *testing.T) {
	const user = "librarian"
	want := inventory.Want{Kinds: inventoryKinds(), Namespace: "team-vision"}
	cluster := inventoryCluster(t, "default", user, "system:masters")
	live, requests := readInventory(t, cluster, user, want)
	files, err := source.FileInventory(t.Context(), []string{shared.acme()}, source.FilesOptions{}, want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inventoryContents(files), inventoryContents(live), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-manifests +live):\n%s", diff)
	}
	if len(live.Profiles) != 1 || len(live.Namespaces) != 1 || len(live.Gaps) > 0 || len(requests) != len(inventoryKinds())+1 {
		t.Errorf("%d profiles, %d namespaces, gaps %v, requests %q", len(live.Profiles), len(live.Namespaces), live.Gaps, requests)
	}
	// A workspace that is not there is no error, and its kinds are served.
	none, _ := readInventory(t, cluster, user, inventory.Want{Kinds: inventoryKinds(), Namespace: "no-such-team"})
	if len(inventoryContents(none)) > 0 || len(none.Gaps) > 0 || !none.Served[inventory.Profiles] || none.Served[inventory.ServiceRoles] {
		t.Errorf("%v, gaps %v, served %v", inventoryContents(none), none.Gaps, none.Served)
	}
}

// TestInventoryRefused reads as people who may read little.
func TestInventoryRefused(t *testing.T) {
	const istio, kubeflow = "security.istio.io", "kubeflow.org"
	kinds := []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Controller, inventory.ServiceRoles,
	}
	for name, test := range map[string]struct {
		user, home, workspace string
		gaps                  []string
		objects               bool
		// requests are one for each kind and another for the controller's, and after a refusal those that look further.
		requests int
	}{
		"nobody": {
			user: "mallory@acme.example", home: "storefront", requests: 14,
			gaps: []string{
				"authorizationpolicies in all namespaces: list authorizationpolicies." + istio,
				"authorizationpolicies in namespace storefront: list authorizationpolicies." + istio,
				"namespaces: list namespaces",
				"profiles: list profiles." + kubeflow,
				"rolebindings in all namespaces: list rolebindings." + rbacv1.GroupName,
				"rolebindings in namespace storefront: list rolebindings." + rbacv1.GroupName,
			},
		},
		"owner, everywhere": {
			user: "dana@acme.example", home: "team-vision", objects: true, requests: 14,
			gaps: []string{
				"authorizationpolicies outside of namespace team-vision: list authorizationpolicies." + istio,
				"namespaces other than team-vision: list namespaces",
				"profiles: list profiles." + kubeflow,
				"rolebindings outside of namespace team-vision: list rolebindings." + rbacv1.GroupName,
			},
		},
		"owner, in the workspace": {
			user: "dana@acme.example", home: "default", workspace: "team-vision", objects: true, requests: 9,
			gaps: []string{"profiles team-vision: get profiles." + kubeflow + " team-vision"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inv, requests := readInventory(t, inventoryCluster(t, test.home, test.user), test.user, inventory.Want{Kinds: kinds, Namespace: test.workspace})
			var gaps []string
			for _, gap := range inv.Gaps {
				gaps = append(gaps, gap.What+": "+ruleOfGap(gap))
			}
			if diff := cmp.Diff(test.gaps, gaps); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			if len(inv.RoleBindings) > 0 != test.objects || len(inv.Namespaces) > 0 != test.objects || len(inv.Policies) > 0 != test.objects {
				t.Errorf("objects: %v", inventoryContents(inv))
			}
			// A refusal doesn't tell whether there is such a kind; the server tells everybody who asks.
			if !inv.Served[inventory.Profiles] || !inv.Served[inventory.Policies] || inv.Served[inventory.ServiceRoles] {
				t.Errorf("served: %v", inv.Served)
			}
			if len(requests) != test.requests {
				t.Errorf("%d requests, want %d: %q", len(requests), test.requests, requests)
			}
		})
	}
}

// ruleOfGap is the rule that would close a gap: "get profiles.kubeflow.org team-a".
func ruleOfGap(gap rbac.Gap) string {
	if gap.Missing == nil {
		return ""
	}
	rule := gap.Missing
	text := strings.Join(rule.Verbs, ",") + " " + strings.TrimSuffix(strings.Join(rule.Resources, ",")+"."+strings.Join(rule.APIGroups, ","), ".")
	return strings.TrimSpace(text + " " + strings.Join(rule.ResourceNames, ","))
}

// inventoryContents are the objects of an inventory, by kind and name, without what a server adds to them, and without the objects
// that every cluster has.
func inventoryContents(inv *inventory.Inventory) map[string]any {
	out := map[string]any{}
	collectInventory(out, inv.Profiles)
	collectInventory(out, inv.Namespaces)
	collectInventory(out, inv.RoleBindings)
	collectInventory(out, inv.Policies)
	collectInventory(out, inv.Quotas)
	collectInventory(out, inv.LimitRanges)
	collectInventory(out, inv.NetworkPolicies)
	collectInventory(out, inv.ServiceAccounts)
	collectInventory(out, inv.Volumes)
	collectInventory(out, inv.Notebooks)
	collectInventory(out, inv.Leftovers)
	collectInventory(out, inv.Deployments)
	collectInventory(out, inv.ConfigMaps)
	return out
}

func collectInventory[P interface {
	metav1.Object
	runtime.Object
}](out map[string]any, objects []P,
) {
	for _, o := range objects {
		kind := o.GetObjectKind().GroupVersionKind()
		at := o.GetNamespace()
		if kind.Kind == "Namespace" {
			at = o.GetName()
		}
		if at == "default" || strings.HasPrefix(at, "kube-") || o.GetName() == "kube-root-ca.crt" || kind.Kind == "ServiceAccount" && o.GetName() == "default" {
			continue
		}
		out[fmt.Sprintf("%s %s/%s", kind, o.GetNamespace(), o.GetName())] = bareObject(o)
	}
}

// bareObject returns an object without what a server adds.
func bareObject(object runtime.Object) any {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return err.Error()
	}
	content = runtime.DeepCopyJSON(content)
	delete(content, "status")
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation"} {
		unstructured.RemoveNestedField(content, "metadata", field)
	}
	if content["kind"] == "Namespace" {
		delete(content, "spec")
		unstructured.RemoveNestedField(content, "metadata", "labels", corev1.LabelMetadataName)
		if labels, _, _ := unstructured.NestedMap(content, "metadata", "labels"); len(labels) == 0 {
			unstructured.RemoveNestedField(content, "metadata", "labels")
		}
	}
	return content
}
