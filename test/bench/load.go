package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/test/objects"
)

// loadParallel is how many creates are under way at once: two cores are busy with fewer.
const loadParallel = 24

// load creates the objects through the API, namespaces first. It returns how many there are.
func load(ctx context.Context, config *rest.Config, set *objects.Set) (int, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return 0, err
	}
	rbac := client.RbacV1()
	namespaces := map[string]bool{}
	for _, b := range set.RoleBindings {
		namespaces[b.Namespace] = true
	}
	var count atomic.Int64
	all := func(tasks func(do func(func() error))) error {
		group, groupCtx := errgroup.WithContext(ctx)
		group.SetLimit(loadParallel)
		tasks(func(create func() error) {
			if groupCtx.Err() != nil {
				return
			}
			group.Go(func() error {
				count.Add(1)
				return create()
			})
		})
		return group.Wait()
	}
	err = all(func(do func(func() error)) {
		for name := range namespaces {
			do(func() error {
				_, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
				return err
			})
		}
	})
	if err != nil {
		return 0, fmt.Errorf("create namespaces: %w", err)
	}
	err = all(func(do func(func() error)) {
		for _, o := range set.ClusterRoles {
			do(func() error { return present(rbac.ClusterRoles().Create(ctx, bare(o), metav1.CreateOptions{})) })
		}
		for _, o := range set.Roles {
			do(func() error { return present(rbac.Roles(o.Namespace).Create(ctx, o, metav1.CreateOptions{})) })
		}
		for _, o := range set.ClusterRoleBindings {
			do(func() error { return present(rbac.ClusterRoleBindings().Create(ctx, o, metav1.CreateOptions{})) })
		}
		for _, o := range set.RoleBindings {
			do(func() error { return present(rbac.RoleBindings(o.Namespace).Create(ctx, o, metav1.CreateOptions{})) })
		}
	})
	if err != nil {
		return 0, fmt.Errorf("create rbac objects: %w", err)
	}
	return int(count.Load()), nil
}

// present forgives objects that the API server has made by itself, such as the role cluster-admin.
func present(_ any, err error) error {
	var status apierrors.APIStatus
	if errors.As(err, &status) && status.Status().Code == http.StatusConflict {
		return nil
	}
	return err
}

// bare returns the role as a client may create it.
func bare(r *rbacv1.ClusterRole) *rbacv1.ClusterRole {
	r = r.DeepCopy()
	r.ResourceVersion, r.UID = "", ""
	return r
}
