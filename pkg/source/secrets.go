package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// secretsAtOnce is how many Secrets are asked for at a time.
const secretsAtOnce = 16

// LiveSecrets reads the Secrets of those names from a live cluster, a request for each, several at the same time. Names
// that come twice are asked for once, and incomplete ones not at all. Nothing is listed.
//
// The Secrets come by namespace and name. One that is not there is left out, and is no gap. What is refused (403) is a
// gap for each namespace, whose rule names the Secrets. Any other error ends the reading. No error and no gap shows what
// a Secret holds.
func LiveSecrets(
	ctx context.Context, cluster *kube.Cluster, names []types.NamespacedName,
) (secrets []*corev1.Secret, gaps []rbac.Gap, err error) {
	names = slices.DeleteFunc(slices.Clone(names), func(n types.NamespacedName) bool { return n.Namespace == "" || n.Name == "" })
	slices.SortFunc(names, func(a, b types.NamespacedName) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	names = slices.Compact(names)
	var (
		shelves         = make([]*secretShelf, len(names))
		refusals        = make([]error, len(names))
		group, groupCtx = errgroup.WithContext(ctx)
	)
	group.SetLimit(secretsAtOnce)
	for i, name := range names {
		shelves[i] = newSecretShelf()
		group.Go(func() error {
			err := readSecret(groupCtx, cluster, name, shelves[i])
			if refused(err) {
				refusals[i], err = err, nil
			}
			return err
		})
	}
	if err := errors.Join(group.Wait(), context.Cause(ctx)); err != nil {
		return nil, nil, err
	}
	var inv inventory.Inventory
	for _, shelf := range shelves {
		shelf.store(&inv)
	}
	return inv.Secrets, secretGaps(names, refusals), nil
}

// readSecret reads one Secret. That there is none is no error.
func readSecret(ctx context.Context, cluster *kube.Cluster, name types.NamespacedName, shelf *secretShelf) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx) // another one has failed
	}
	resource := corev1.SchemeGroupVersion.WithResource(string(inventory.Secrets))
	err := cluster.Item(ctx, resource, name.Namespace, name.Name, shelf)
	if err == nil || apierrors.IsNotFound(err) {
		return nil
	}
	return fmt.Errorf("read secrets of namespace %s: %w", name.Namespace, err)
}

// secretGaps returns a gap for each namespace of which a Secret was refused. The names are sorted.
func secretGaps(names []types.NamespacedName, refusals []error) []rbac.Gap {
	var gaps []rbac.Gap
	for i, name := range names {
		if refusals[i] == nil {
			continue
		}
		if n := len(gaps) - 1; n >= 0 && gaps[n].Namespace == name.Namespace {
			gaps[n].Missing.ResourceNames = append(gaps[n].Missing.ResourceNames, name.Name)
			continue
		}
		gaps = append(gaps, rbac.Gap{
			Namespace: name.Namespace, Cause: cause(refusals[i]),
			Missing: &rbacv1.PolicyRule{
				Verbs: []string{"get"}, APIGroups: []string{corev1.GroupName}, Resources: []string{string(inventory.Secrets)},
				ResourceNames: []string{name.Name},
			},
		})
	}
	for i, gap := range gaps {
		gaps[i].What = secretsIn(gap.Namespace, gap.Missing.ResourceNames)
	}
	return gaps
}

// secretsIn says in words which Secrets of a namespace are missing.
func secretsIn(namespace string, names []string) string {
	if len(names) == 1 {
		return fmt.Sprintf("secrets %s in namespace %s", names[0], namespace)
	}
	return fmt.Sprintf("%d secrets in namespace %s", len(names), namespace)
}
