package controlplane_test

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestControllersWork(t *testing.T) {
	t.Parallel()
	if err := shared.Apply(t.Context(), "testdata/controllers"); err != nil {
		t.Fatal(err)
	}
	admin := client(t, shared.Admin())
	whole, err := admin.RbacV1().ClusterRoles().Get(t.Context(), "controllers-whole", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Rules) != 1 || whole.Rules[0].Resources[0] != "leases" { // Apply waits for it
		t.Errorf("aggregated rules: %v", whole.Rules)
	}
	eventually(t, "the quota's status", func(ctx context.Context) (bool, error) {
		quota, err := admin.CoreV1().ResourceQuotas("controllers").Get(ctx, "small", metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		used := quota.Status.Used[corev1.ResourceConfigMaps]
		return used.String() == "1", nil
	})
	if err := admin.CoreV1().Namespaces().Delete(t.Context(), "controllers", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the namespace's end", func(ctx context.Context) (bool, error) {
		_, err := admin.CoreV1().Namespaces().Get(ctx, "controllers", metav1.GetOptions{})
		return apierrors.IsNotFound(err), err
	})
}
