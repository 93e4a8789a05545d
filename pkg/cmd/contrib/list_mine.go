package contrib

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// byRights is how the caller is a member when the objects behind it can't be read: the API server says what the caller
// may do, and that amounts to the role.
const byRights workspace.How = "rights"

// mostOwn is how many workspaces are read one by one for somebody who may not read all at once.
const mostOwn = 50

// complete completes rows when the caller may not read all role bindings: with the members of workspaces in which they
// can be read, and with the caller in the others.
func (o *listOptions) complete(ctx context.Context, l *workspaces.Loaded, rows []row) ([]row, error) {
	if l.Cluster == nil || len(l.State.Inventory.Missing(inventory.RoleBindings)) == 0 {
		return rows, nil
	}
	seen := map[string]bool{} // workspaces whose bindings were read
	for i := range rows {
		if rows[i].Binding != nil {
			seen[rows[i].Workspace] = true
		}
	}
	candidates := []string{o.namespace}
	if o.namespace == "" {
		candidates = l.Candidates()
	}
	candidates = slices.DeleteFunc(candidates, func(ns string) bool { return seen[ns] })
	roles, err := l.MyWorkspaces(ctx, candidates)
	if err != nil {
		return nil, err
	}
	self, err := l.Self(ctx)
	if err != nil {
		return nil, err
	}
	for i, name := range slices.Sorted(maps.Keys(roles)) {
		others, all, err := o.others(ctx, name, i)
		if err != nil {
			return nil, err
		}
		if all {
			rows = append(slices.DeleteFunc(rows, func(r row) bool { return r.Workspace == name }), others...)
			continue
		}
		me := workspace.Member{
			Workspace: name, Flavor: l.State.FlavorOf(name), Subject: self.Subject, Role: roles[name], How: byRights,
			HTTPWhy: "role bindings and policies cannot be read",
		}
		rows = slices.DeleteFunc(rows, func(r row) bool {
			mine := r.Workspace == name && r.Subject == self.Subject
			if mine {
				me.Policy, me.HTTP, me.HTTPKnown, me.HTTPWhy = r.Policy, r.HTTP, r.HTTPKnown, r.HTTPWhy
			}
			return mine
		})
		if o.wants(&me) {
			rows = append(rows, row{Member: me})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.Workspace, b.Workspace), rbac.CompareSubjects(a.Subject, b.Subject))
	})
	return rows, nil
}

// others reads the i-th workspace by itself, where it was only read together with all others. The second result is
// false when its role bindings can't be read.
func (o *listOptions) others(ctx context.Context, name string, i int) ([]row, bool, error) {
	if o.namespace != "" || i >= mostOwn {
		return nil, false, nil
	}
	l, err := o.from.Load(ctx, contrib.Wanted(name))
	if err != nil {
		return nil, false, err
	}
	if len(l.State.Inventory.Missing(inventory.RoleBindings)) > 0 {
		return nil, false, nil
	}
	return o.rows(l.State, name), true, nil
}
