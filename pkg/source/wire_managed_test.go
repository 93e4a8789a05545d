package source

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestUnmarshal reads random objects with and without their managed fields: the rest must be the same.
func TestUnmarshal(t *testing.T) {
	t.Parallel()
	managed := []metav1.ManagedFieldsEntry{
		{Manager: "one", Operation: metav1.ManagedFieldsOperationApply, FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{"f:labels":{}}}`)},
		{Manager: "another", Subresource: "status"},
	}
	for seed := range uint64(500) {
		f := newFiller(seed)
		binding := &rbacv1.RoleBinding{
			ObjectMeta: f.meta(), Subjects: []rbacv1.Subject{{Kind: f.text(), Name: f.text()}}, RoleRef: rbacv1.RoleRef{Name: f.text()},
		}
		namespace := &corev1.Namespace{ObjectMeta: f.meta(), Status: corev1.NamespaceStatus{Phase: corev1.NamespaceTerminating}}
		if seed%2 == 0 {
			binding.ManagedFields, namespace.ManagedFields = managed, managed[:1]
		}
		compareUnmarshal(t, binding, &rbacv1.RoleBinding{}, &rbacv1.RoleBinding{})
		compareUnmarshal(t, namespace, &corev1.Namespace{}, &corev1.Namespace{})
	}
}

// message is an object with its protobuf methods.
type message interface {
	metav1.Object
	Marshal() ([]byte, error)
	Unmarshal(data []byte) error
}

// compareUnmarshal reads an object, whole and cut off, into got by [unmarshal] and into want by its own method.
func compareUnmarshal(t *testing.T, object, got, want message) {
	t.Helper()
	data, err := object.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if err := want.Unmarshal(data); err != nil {
		t.Fatal(err)
	}
	want.SetManagedFields(nil)
	if err := unmarshal(got, data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("object (-its own method +got):\n%s", diff)
	}
	for end := range data {
		whole, lean := got.Unmarshal(data[:end]), unmarshal(got, data[:end])
		if whole != nil && lean == nil {
			t.Fatalf("%d of %d bytes are read without an error; its own method says %v", end, len(data), whole)
		}
	}
}
