package e2e

import (
	"context"
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// How big the cluster is on which requests are counted.
const (
	manyNamespaces = 300
	manyBindings   = 1000
)

// counting is a cluster with many namespaces and bindings, and a user who may read RBAC objects and no more.
type counting struct {
	cp   *controlplane.ControlPlane
	user string
}

func newCounting(t *testing.T) counting {
	t.Helper()
	c := counting{cp: controlplane.ForTest(t, controlplane.Options{AuditLog: true, WithoutControllers: true}), user: "reader"}
	client, err := kubernetes.NewForConfig(c.cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	if err := fill(t.Context(), client, c.user); err != nil {
		t.Fatal(err)
	}
	return c
}

// fill makes the namespaces and bindings, and lets the user read all RBAC objects.
func fill(ctx context.Context, client kubernetes.Interface, user string) error {
	kinds := []string{"roles", "rolebindings", "clusterroles", "clusterrolebindings"}
	for name, rule := range map[string]rbacv1.PolicyRule{
		"rbac-reader": {
			APIGroups: []string{"", rbacv1.GroupName}, Resources: append(kinds, "namespaces", "serviceaccounts"),
			Verbs: []string{"list"},
		},
		"member": {APIGroups: []string{""}, Resources: []string{"secrets", "configmaps"}, Verbs: []string{"*"}},
	} {
		role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbacv1.PolicyRule{rule}}
		if _, err := client.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "rbac-reader"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "rbac-reader"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}
	if _, err := client.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		return err
	}
	spaces, spacesCtx := errgroup.WithContext(ctx)
	spaces.SetLimit(32)
	for i := range manyNamespaces {
		spaces.Go(func() error {
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("space-%d", i)}}
			_, err := client.CoreV1().Namespaces().Create(spacesCtx, namespace, metav1.CreateOptions{})
			return err
		})
	}
	if err := spaces.Wait(); err != nil {
		return err
	}
	bindings, bindingsCtx := errgroup.WithContext(ctx)
	bindings.SetLimit(32)
	for i := range manyBindings {
		bindings.Go(func() error {
			local := &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("member-%d", i), Namespace: fmt.Sprintf("space-%d", i%manyNamespaces)},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "member"},
				Subjects: []rbacv1.Subject{
					{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: fmt.Sprintf("member-%d", i%200)},
				},
			}
			_, err := client.RbacV1().RoleBindings(local.Namespace).Create(bindingsCtx, local, metav1.CreateOptions{})
			return err
		})
	}
	return bindings.Wait()
}
