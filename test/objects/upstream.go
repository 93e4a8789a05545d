package objects

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/authorization/union"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"
	rbacauthorizer "k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
)

// Upstream decides with kube-apiserver's own code. It looks objects up by map, as the API server's informers do.
type Upstream struct {
	// Authorizer is what --authorization-mode=RBAC makes: superusers, then RBAC.
	Authorizer authorizer.Authorizer
	// Rules tells the rules of a user, for the checks against escalation.
	Rules validation.AuthorizationRuleResolver
	// Locator is upstream's own "who can".
	Locator *rbacauthorizer.SubjectAccessEvaluator
}

// Upstream returns the API server's view of the set, which must not change afterwards. Aggregated ClusterRoles count by the rules they have.
func (s *Set) Upstream() *Upstream {
	g := newGetter(s)
	return &Upstream{
		Authorizer: union.New(authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup), rbacauthorizer.New(g, g, g, g)),
		Rules:      validation.NewDefaultRuleResolver(g, g, g, g),
		Locator:    rbacauthorizer.NewSubjectAccessEvaluator(g, g, g, g, ""),
	}
}

// getter gives upstream's code the objects.
type getter struct {
	roles               map[[2]string]*rbacv1.Role
	clusterRoles        map[string]*rbacv1.ClusterRole
	roleBindings        map[string][]*rbacv1.RoleBinding
	clusterRoleBindings []*rbacv1.ClusterRoleBinding
}

func newGetter(s *Set) *getter {
	g := &getter{
		roles:               make(map[[2]string]*rbacv1.Role, len(s.Roles)),
		clusterRoles:        make(map[string]*rbacv1.ClusterRole, len(s.ClusterRoles)),
		roleBindings:        map[string][]*rbacv1.RoleBinding{},
		clusterRoleBindings: s.ClusterRoleBindings,
	}
	for _, r := range s.Roles {
		g.roles[[2]string{r.Namespace, r.Name}] = r
	}
	for _, r := range s.ClusterRoles {
		g.clusterRoles[r.Name] = r
	}
	for _, b := range s.RoleBindings {
		g.roleBindings[b.Namespace] = append(g.roleBindings[b.Namespace], b)
	}
	return g
}

func (g *getter) GetRole(_ context.Context, namespace, name string) (*rbacv1.Role, error) {
	if r, ok := g.roles[[2]string{namespace, name}]; ok && namespace != "" {
		return r, nil
	}
	return nil, fmt.Errorf("role %s/%s not found", namespace, name)
}

func (g *getter) GetClusterRole(_ context.Context, name string) (*rbacv1.ClusterRole, error) {
	if r, ok := g.clusterRoles[name]; ok {
		return r, nil
	}
	return nil, fmt.Errorf("clusterrole %s not found", name)
}

func (g *getter) ListRoleBindings(_ context.Context, namespace string) ([]*rbacv1.RoleBinding, error) {
	return g.roleBindings[namespace], nil
}

func (g *getter) ListClusterRoleBindings(context.Context) ([]*rbacv1.ClusterRoleBinding, error) {
	return g.clusterRoleBindings, nil
}
