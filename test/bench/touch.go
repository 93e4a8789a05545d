package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/test/objects"
)

// burst is how many objects change at once.
const burst = 5000

// touch changes as many RoleBindings, as fast as the server can take it.
func touch(ctx context.Context, config *rest.Config, set *objects.Set) error {
	config = rest.CopyConfig(config)
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{"acme.example/touched":%q}}}`, time.Now())
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(loadParallel)
	for _, b := range set.RoleBindings[:min(burst, len(set.RoleBindings))] {
		group.Go(func() error {
			_, err := client.RbacV1().RoleBindings(b.Namespace).Patch(ctx, b.Name, types.MergePatchType, patch, metav1.PatchOptions{})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("change role bindings: %w", err)
	}
	return nil
}
