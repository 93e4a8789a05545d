package workspaces

import (
	"context"
	"fmt"
	"maps"
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Candidates returns the namespaces in which the caller may be a member, sorted: all, when they could be read. Else it is
// those of which objects could be read, the one of --namespace, and those of all contexts of the kubeconfig that are
// about the same server.
func (l *Loaded) Candidates() []string {
	inv := l.State.Inventory
	names := map[string]bool{}
	for _, ns := range inv.Namespaces {
		names[ns.Name] = true
	}
	if l.Cluster == nil || len(inv.Namespaces) > 0 && len(inv.Missing(inventory.Namespaces)) == 0 {
		return slices.Sorted(maps.Keys(names))
	}
	for _, p := range inv.Profiles {
		names[p.GetName()] = true
	}
	for _, b := range inv.RoleBindings {
		names[b.Namespace] = true
	}
	names[l.Cluster.Namespace()] = true
	for _, name := range l.contextNamespaces() {
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Introduce says who makes changes, where Kalm is: its objects hold that. It is the given name, or else whoever asks the
// cluster, or, where none is asked, the user of the kubeconfig.
func (l *Loaded) Introduce(ctx context.Context, name string) error {
	switch {
	case !l.State.KalmServed():
	case name != "":
		l.State.Asker = name
	case l.Cluster != nil:
		self, err := l.Self(ctx)
		if err != nil {
			return err
		}
		l.State.Asker = self.User
	default:
		// A kubeconfig that can't be read names nobody: a plan that needs the name says so.
		config, err := l.flags.env.Config.ToRawKubeConfigLoader().RawConfig()
		if err == nil && config.Contexts[config.CurrentContext] != nil {
			l.State.Asker = config.Contexts[config.CurrentContext].AuthInfo
		}
	}
	return nil
}

// contextNamespaces returns the namespaces that contexts of the same server name. A kubeconfig that can't be read names
// none: it was good enough to connect.
func (l *Loaded) contextNamespaces() []string {
	config, err := l.flags.env.Config.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return nil
	}
	server := l.Cluster.Config().Host
	var names []string
	for _, name := range slices.Sorted(maps.Keys(config.Contexts)) {
		context := config.Contexts[name]
		cluster := config.Clusters[context.Cluster]
		if context.Namespace != "" && cluster != nil && cluster.Server == server {
			names = append(names, context.Namespace)
		}
	}
	return names
}

// proofs are the requests that tell a role: who may do one has the role, and all that is weaker.
func proofs() []struct {
	role                  workspace.Role
	verb, group, resource string
} {
	return []struct {
		role                  workspace.Role
		verb, group, resource string
	}{
		{workspace.Owner, "create", rbacv1.GroupName, "rolebindings"},
		{workspace.Editor, "create", "", "pods"},
		{workspace.Viewer, "get", "", "pods"},
	}
}

// reviewsAtOnce is how many reviews are asked for at the same time.
const reviewsAtOnce = 32

// MyWorkspaces asks the cluster what the caller may do in each of the namespaces, and returns the role that this amounts
// to, however it came about: owner for who may create role bindings, editor for pods, viewer for who may read pods.
// Namespaces in which it is nothing are left out. It takes no right to ask.
func (l *Loaded) MyWorkspaces(ctx context.Context, candidates []string) (map[string]workspace.Role, error) {
	if l.Cluster == nil || len(candidates) == 0 {
		return map[string]workspace.Role{}, nil
	}
	all := proofs()
	var questions []authorizationv1.ResourceAttributes
	for _, namespace := range candidates {
		for _, p := range all {
			questions = append(questions, authorizationv1.ResourceAttributes{
				Namespace: namespace, Verb: p.verb, Group: p.group, Resource: p.resource,
			})
		}
	}
	answers, err := l.Cluster.May(ctx, questions, reviewsAtOnce)
	if err != nil {
		return nil, fmt.Errorf("ask for my workspaces: %w", err)
	}
	out := map[string]workspace.Role{}
	for i, namespace := range candidates {
		mine := answers[i*len(all) : (i+1)*len(all)]
		if n := slices.IndexFunc(mine, func(s authorizationv1.SubjectAccessReviewStatus) bool { return s.Allowed }); n >= 0 {
			out[namespace] = all[n].role
		}
	}
	return out, nil
}
