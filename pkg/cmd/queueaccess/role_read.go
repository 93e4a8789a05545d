package queueaccess

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// existing finds a role of the cluster, or of what --from names.
func (o *roleOptions) existing(ctx context.Context, kind, name string) ([]string, [][]rbacv1.PolicyRule, func() error, error) {
	namespace := ""
	if kind == "role" {
		var err error
		if namespace, err = o.env.Namespace(); err != nil {
			return nil, nil, nil, err
		}
	}
	r := o.reading.Nothing(&inventory.Inventory{})
	if !o.reading.Offline() {
		l, err := load(ctx, o.env, o.reading, true)
		if err != nil {
			return nil, nil, nil, err
		}
		r = l.Reading
	}
	index, err := r.Rights(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, role := range index.Snapshot().Roles {
		if role.Namespace == namespace && role.Name == name {
			return []string{o.compare}, [][]rbacv1.PolicyRule{role.Rules}, func() error { return o.reading.Finish(r) }, nil
		}
	}
	if r.Server != nil { // who may not list roles may be allowed to read this one
		role, err := o.single(ctx, r.Server, kind, namespace, name)
		if err == nil {
			return []string{o.compare}, [][]rbacv1.PolicyRule{role.Rules}, func() error { return nil }, nil
		}
		if !apierrors.IsNotFound(err) {
			return nil, nil, nil, err
		}
	} else if err := o.reading.Finish(r); err != nil {
		return nil, nil, nil, err
	}
	where := ""
	if namespace != "" {
		where = " in " + namespace
	}
	return nil, nil, nil, fmt.Errorf("compare %s: there is none%s", o.compare, where)
}

// single reads one role of the cluster by its name. Errors are those of the server, but for a refusal, which says what it takes.
func (o *roleOptions) single(ctx context.Context, server plan.Server, kind, namespace, name string) (*rbacv1.ClusterRole, error) {
	asked := &unstructured.Unstructured{}
	asked.SetGroupVersionKind(rbacv1.SchemeGroupVersion.WithKind(map[string]string{"role": "Role", "clusterrole": "ClusterRole"}[kind]))
	asked.SetNamespace(namespace)
	asked.SetName(name)
	found, err := server.Get(ctx, asked)
	if apierrors.IsForbidden(err) {
		rule := rbacv1.PolicyRule{APIGroups: []string{rbacv1.GroupName}, Resources: []string{kind + "s"}, ResourceNames: []string{name}, Verbs: []string{"get"}}
		where := ""
		if namespace != "" {
			where = " in " + namespace
		}
		return nil, cli.Hint(fmt.Errorf("compare %s: it can't be read%s", o.compare, where), "it takes the rule "+rbac.RuleText(&rule)+where)
	}
	if err != nil {
		return nil, err
	}
	role := &rbacv1.ClusterRole{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Object, role); err != nil {
		return nil, fmt.Errorf("compare %s: %w", o.compare, err)
	}
	return role, nil
}
