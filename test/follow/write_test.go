package follow

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// kind is one kind of objects that the tests write.
type kind struct {
	schema.GroupVersionResource
	name       string
	namespaced bool
	content    string // beside the metadata
}

const roleRef = `"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},` +
	`"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"follower@acme.example"}]`

// kinds are those that the tests write, namespaces first.
func kinds() []kind {
	of := func(group, version, resource, name string, namespaced bool, content string) kind {
		return kind{schema.GroupVersionResource{Group: group, Version: version, Resource: resource}, name, namespaced, content}
	}
	const rbac, rules = "rbac.authorization.k8s.io", `"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]`
	return []kind{
		of("", "v1", "namespaces", "Namespace", false, ""),
		of("", "v1", "serviceaccounts", "ServiceAccount", true, ""),
		of(rbac, "v1", "roles", "Role", true, rules),
		of(rbac, "v1", "clusterroles", "ClusterRole", false, rules),
		of(rbac, "v1", "rolebindings", "RoleBinding", true, roleRef),
		of(rbac, "v1", "clusterrolebindings", "ClusterRoleBinding", false, roleRef),
		of("kubeflow.org", "v1", "profiles", "Profile", false, `"spec":{"owner":{"kind":"User","name":"follower@acme.example"}}`),
		of("security.istio.io", "v1beta1", "authorizationpolicies", "AuthorizationPolicy", true, `"spec":{"action":"ALLOW"}`),
		of("", "v1", "resourcequotas", "ResourceQuota", true, `"spec":{"hard":{"pods":"4"}}`),
		of("", "v1", "limitranges", "LimitRange", true, `"spec":{"limits":[{"type":"Container","max":{"cpu":"2"}}]}`),
		of("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true, `"spec":{"podSelector":{}}`),
	}
}

// named returns the kind of a resource.
func named(resource string) kind {
	all := kinds()
	return all[slices.IndexFunc(all, func(k kind) bool { return k.Resource == resource })]
}

// writer changes the cluster as its administrator.
type writer struct {
	t         testing.TB
	client    dynamic.Interface
	namespace string
}

// newWriter makes a namespace to write in, which goes away with the test.
func newWriter(t testing.TB, config *rest.Config, namespace string) *writer {
	t.Helper()
	config.QPS = -1
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{t, client, namespace}
	w.create(named("namespaces"), namespace)
	t.Cleanup(func() { w.remove(named("namespaces"), namespace) })
	return w
}

func (w *writer) of(k kind) dynamic.ResourceInterface {
	if k.namespaced {
		return w.client.Resource(k.GroupVersionResource).Namespace(w.namespace)
	}
	return w.client.Resource(k.GroupVersionResource)
}

// create makes an object, unless there is one of the name.
func (w *writer) create(k kind, name string) {
	w.t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{}}
	if k.content != "" {
		if err := json.Unmarshal([]byte("{"+k.content+"}"), &object.Object); err != nil {
			w.t.Error(err)
		}
	}
	object.SetGroupVersionKind(k.GroupVersion().WithKind(k.name))
	object.SetName(name)
	if _, err := w.of(k).Create(w.t.Context(), object, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		w.t.Errorf("create %s %s: %v", k.Resource, name, err)
	}
}

// patch changes an object, if it is there.
func (w *writer) patch(k kind, name, patch string) {
	w.t.Helper()
	_, err := w.of(k).Patch(w.t.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		w.t.Errorf("patch %s %s: %v", k.Resource, name, err)
	}
}

// remove deletes an object, if it is there. It works at the end of a test too.
func (w *writer) remove(k kind, name string) {
	w.t.Helper()
	err := w.of(k).Delete(context.Background(), name, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		w.t.Errorf("delete %s %s: %v", k.Resource, name, err)
	}
}
