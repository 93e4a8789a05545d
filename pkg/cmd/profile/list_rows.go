package profile

import (
	"context"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// partial reports whether there may be workspaces that could not be read.
func partial(inv *inventory.Inventory) bool {
	return len(inv.Missing(inventory.Profiles)) > 0 || len(inv.Missing(inventory.Namespaces)) > 0 ||
		len(inv.Missing(inventory.RoleBindings)) > 0
}

// withMine adds the workspaces that the caller can prove to be in, and his role to all.
func (o *listOptions) withMine(ctx context.Context, loaded *workspaces.Loaded, rows []row) ([]row, error) {
	mine, err := loaded.MyWorkspaces(ctx, loaded.Candidates())
	if err != nil {
		return nil, err
	}
	for name, role := range mine {
		i := slices.IndexFunc(rows, func(r row) bool { return r.Name == name })
		if i < 0 {
			w, found := loaded.State.Workspace(name)
			if !found && loaded.State.Inventory.Namespace(name) != nil {
				continue // a namespace that was read, and is no workspace
			}
			if !found {
				w = workspace.Workspace{
					Name: name, Flavor: loaded.State.FlavorOf(name),
					Status: workspace.Status{Phase: workspace.Unknown, Why: "you may not read what would tell"},
				}
			}
			rows = append(rows, row{Workspace: w, hidden: len(loaded.State.Bindings(name)) == 0})
			i = len(rows) - 1
		}
		rows[i].role = string(role)
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.Name, b.Name) })
	return rows, nil
}

// ofUser keeps the rows in which the user is a member, himself or through a group, and says his roles.
func ofUser(rows []row, who rbac.Subject, groups []string) []row {
	id := rbac.NewIdentity(who, groups...)
	var out []row
	for _, r := range rows {
		var roles []string
		for i := range r.Members {
			m := &r.Members[i]
			through := ""
			switch {
			case m.Subject == who:
			case m.Subject.Kind == rbacv1.GroupKind && slices.Contains(id.Groups, m.Subject.Name):
				through = " (" + m.Subject.String() + ")"
			default:
				continue
			}
			text := m.RoleText()
			switch m.How {
			case workspace.ByPolicy:
				text = "http only"
			case workspace.Unseen:
				text += " (by its policy: role bindings cannot be read)"
			default:
			}
			if !slices.Contains(roles, text+through) {
				roles = append(roles, text+through)
			}
		}
		if len(roles) == 0 && r.Owner != who {
			continue
		}
		if len(roles) == 0 {
			roles = []string{"owner (no binding)"}
		}
		r.role = strings.Join(roles, ", ")
		out = append(out, r)
	}
	return out
}

// tellMine says in one line that the caller sees what is his. Somebody who may read nothing else wants no list of the
// rules that an administrator would need.
func (o *listOptions) tellMine(gaps []rbac.Gap) {
	if len(gaps) == 0 {
		return
	}
	var kinds []string
	for _, gap := range gaps {
		kind, _, _ := strings.Cut(gap.What, " ")
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	o.env.Warnf("cannot read %s: these are the workspaces that you can be seen to be in (--strict names the rules that all would take)",
		strings.Join(kinds, ", "))
}
