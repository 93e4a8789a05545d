package kubeflow_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

var (
	namespaces = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	accounts   = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}
	quotas     = schema.GroupVersionResource{Version: "v1", Resource: "resourcequotas"}
	bindings   = schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"}
)

// resources are the kinds of resource of what the controller makes.
var resources = map[string]schema.GroupVersionResource{
	"Namespace": namespaces, "ServiceAccount": accounts, "ResourceQuota": quotas, "RoleBinding": bindings, "AuthorizationPolicy": policies,
}

// read reads an object; nil when there is none.
func (p *place) read(kind schema.GroupVersionResource, namespace, name string) *unstructured.Unstructured {
	p.Helper()
	var api dynamic.ResourceInterface = server.dynamic.Resource(kind)
	if namespace != "" {
		api = server.dynamic.Resource(kind).Namespace(namespace)
	}
	object, err := api.Get(p.Context(), name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		p.Fatal(err)
	}
	return object
}

// mine reads an object of the profile's namespace, which has to be there.
func (p *place) mine(kind schema.GroupVersionResource, name string) *unstructured.Unstructured {
	p.Helper()
	object := p.read(kind, p.name, name)
	if object == nil {
		p.Fatalf("there is no %s %s", kind.Resource, name)
	}
	return object
}

// names lists the objects of a kind in the profile's namespace.
func (p *place) names(kind schema.GroupVersionResource) []string {
	p.Helper()
	list, err := server.dynamic.Resource(kind).Namespace(p.name).List(p.Context(), metav1.ListOptions{})
	if err != nil {
		p.Fatal(err)
	}
	var out []string
	for i := range list.Items {
		out = append(out, list.Items[i].GetName())
	}
	slices.Sort(out)
	return out
}

// delete deletes an object of the profile's namespace.
func (p *place) delete(kind schema.GroupVersionResource, name string) {
	p.Helper()
	if err := server.dynamic.Resource(kind).Namespace(p.name).Delete(p.Context(), name, metav1.DeleteOptions{}); err != nil {
		p.Fatal(err)
	}
}

// written is an object without what the server writes.
func written(object *unstructured.Unstructured) map[string]any {
	out := object.DeepCopy().Object
	for _, field := range []string{"creationTimestamp", "resourceVersion", "uid", "generation", "managedFields"} {
		unstructured.RemoveNestedField(out, "metadata", field)
	}
	unstructured.RemoveNestedField(out, "metadata", "labels", "kubernetes.io/metadata.name")
	delete(out, "status")
	return out
}

// equal compares an object that is stored with one of pkg/kubeflow, field by field.
func equal(t *testing.T, stored *unstructured.Unstructured, want runtime.Object) {
	t.Helper()
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(want)
	if err != nil {
		t.Fatal(err)
	}
	got, expected := written(stored), written(&unstructured.Unstructured{Object: fields})
	if stored.GetKind() == "Namespace" {
		delete(got, "spec") // finalizers of the server's own
		delete(expected, "spec")
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("%s %s (-pkg/kubeflow +stored):\n%s", stored.GetKind(), stored.GetName(), diff)
	}
}

// facts reads the profile as pkg/kubeflow does.
func (p *place) facts() facts.Profile {
	p.Helper()
	profile, err := facts.ReadProfile(p.profile())
	if err != nil {
		p.Fatal(err)
	}
	return profile
}

// same fails the test when two values differ.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
