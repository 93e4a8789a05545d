package conformance

import (
	"context"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/objects"
)

// probe is one world, as the engine sees it and as upstream does.
type probe struct {
	set      *objects.Set // as written
	filled   *objects.Set // as the aggregation controller leaves it
	ix       *rbac.Index
	up       *objects.Upstream
	subjects []rbac.Subject // whom bindings name, and the superusers
}

func newProbe(set *objects.Set) *probe {
	snapshot := set.Snapshot(false)
	snapshot.Resources = served()
	p := &probe{set: set, filled: set.Aggregated(), ix: rbac.Compile(snapshot)}
	p.up = p.filled.Upstream()
	p.subjects = append(p.subjects, rbac.Group(rbac.GroupMasters))
	for b := range p.bindings() {
		for _, s := range b.Subjects {
			if one, ok := rbac.NewSubject(s, b.Namespace); ok && !slices.Contains(p.subjects, one) {
				p.subjects = append(p.subjects, one)
			}
		}
	}
	return p
}

// served are the resources of the grammar that exist; they matter for rights that are written down and can't be used.
func served() []rbac.Resource {
	return []rbac.Resource{
		{Version: "v1", Name: "pods", Kind: "Pod", Namespaced: true},
		{Version: "v1", Name: "pods/exec", Kind: "PodExecOptions", Namespaced: true},
		{Version: "v1", Name: "secrets", Kind: "Secret", Namespaced: true},
		{Version: "v1", Name: "nodes", Kind: "Node"},
		{Version: "v1", Name: "namespaces", Kind: "Namespace"},
		{Version: "v1", Name: "namespaces/status", Kind: "Namespace"},
		{Group: "apps", Version: "v1", Name: "deployments", Kind: "Deployment", Namespaced: true},
		{Group: rbacv1.GroupName, Version: "v1", Name: "clusterroles", Kind: "ClusterRole"},
		{Group: rbacv1.GroupName, Version: "v1", Name: "roles", Kind: "Role", Namespaced: true},
	}
}

// bindings goes through all bindings of the world; those without a namespace are ClusterRoleBindings.
func (p *probe) bindings() func(yield func(*rbacv1.RoleBinding) bool) {
	return func(yield func(*rbacv1.RoleBinding) bool) {
		for _, b := range p.set.ClusterRoleBindings {
			if !yield(&rbacv1.RoleBinding{ObjectMeta: b.ObjectMeta, RoleRef: b.RoleRef, Subjects: b.Subjects}) {
				return
			}
		}
		for _, b := range p.set.RoleBindings {
			if !yield(b) {
				return
			}
		}
	}
}

// allowed is upstream's decision.
func (p *probe) allowed(id rbac.Identity, a rbac.Action) bool {
	decision, _, _ := p.up.Authorizer.Authorize(context.Background(), attributes(id, a))
	return decision == authorizer.DecisionAllow
}

// alone is somebody who is nothing but the subject: groups that everybody of his kind has are left out.
func alone(s rbac.Subject) rbac.Identity {
	if s.Kind == rbacv1.GroupKind {
		return rbac.Identity{Subject: s, Groups: []string{s.Name}}
	}
	return rbac.Identity{Subject: s, User: s.UserName()}
}

// rules are those of the role that a binding refers to, as upstream finds them.
func (p *probe) rules(b *rbacv1.RoleBinding) []rbacv1.PolicyRule {
	rules, err := p.up.Rules.GetRoleReferenceRules(context.Background(), b.RoleRef, b.Namespace)
	if err != nil {
		return nil
	}
	return rules
}

// names reports whether the binding's subject is the identity, as upstream compares them.
func names(id rbac.Identity, s rbacv1.Subject, bindingNamespace string) bool {
	switch s.Kind {
	case rbacv1.UserKind:
		return s.Name == id.User
	case rbacv1.GroupKind:
		return slices.Contains(id.Groups, s.Name)
	case rbacv1.ServiceAccountKind:
		namespace := s.Namespace
		if namespace == "" {
			namespace = bindingNamespace
		}
		return namespace != "" && serviceaccount.MatchesUsername(namespace, s.Name, id.User)
	}
	return false
}

// question is one request of somebody.
type question struct {
	id     rbac.Identity
	action rbac.Action
}
