package whocan

import (
	"context"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// objects completes KIND/NAMESPACE/NAME. The --from sources give all of them; a cluster gives those of the kind that is
// typed already, or RoleBindings, and of the namespace that is typed, or the current one.
func (g *guide) objects(ctx context.Context, prefix string) ([]string, error) {
	ix, err := g.index(ctx)
	if err != nil {
		return nil, err
	}
	var words []string
	if ix != nil {
		for _, id := range ix.Snapshot().ObjectIDs() {
			words = append(words, id.String())
		}
		return words, nil
	}
	kind, rest, slash := strings.Cut(prefix, "/")
	if !slash {
		kind = "rolebinding"
	}
	resource := rbacv1.SchemeGroupVersion.WithResource(strings.ToLower(kind) + "s")
	id := rbac.ObjectID{Kind: kind}
	if !strings.HasPrefix(resource.Resource, "cluster") {
		typed := false
		if id.Namespace, _, typed = strings.Cut(rest, "/"); !typed {
			if id.Namespace, err = g.at.namespace(false, ""); err != nil {
				return nil, err
			}
		}
	}
	names, err := g.list(ctx, resource, id.Namespace)
	for _, name := range names {
		id.Name = name
		words = append(words, id.String())
	}
	return words, err
}
