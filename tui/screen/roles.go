package screen

import (
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// mostRules is how many lines of rights a detail shows.
const mostRules = 30

// rolesPage lists all roles, also those that bindings refer to and that are not there.
func rolesPage(w *world.World, _ Place) (*Page, error) {
	all := w.Roles()
	var ofCluster, inNamespaces, unused, dangling int
	for _, r := range all {
		switch {
		case r.Dangling():
			dangling++
		case r.Object == nil:
		case r.Unused:
			unused++
		}
		switch {
		case r.Object == nil:
		case r.ID.Namespace == "":
			ofCluster++
		default:
			inNamespaces++
		}
	}
	facts := []Fact{
		{Name: "cluster roles", Value: strconv.Itoa(ofCluster)},
		{Name: "roles", Value: strconv.Itoa(inNamespaces)},
		{Name: "unused", Value: countCell(w, "", unused, bindingKinds()...).Text},
	}
	if dangling > 0 {
		facts = append(facts, Fact{Name: "missing", Value: strconv.Itoa(dangling), Tone: Bad})
	}
	return &Page{
		Title: Roles.Title(), Facts: facts, Command: listCommand(w, "clusterroles,roles"), Notes: rightsNotes(w, ""),
		List: Table[*world.Role]{
			Columns: roleColumns(w),
			Key:     func(r *world.Role) string { return r.ID.String() },
			Open:    func(r *world.Role) Place { return rolePlace(r.ID) },
			Jump:    roleJump,
			Command: func(r *world.Role) string { return roleCommand(w, r) },
			Detail:  func(r *world.Role) *Text { return roleDetail(w, r) },
			Empty:   emptyWords(w, "", "there are no roles", clusterRoles, roles),
		}.Of(all),
	}, nil
}

func roleColumns(w *world.World) []TypedColumn[*world.Role] {
	return []TypedColumn[*world.Role]{
		{Column{Name: "Name", Min: nameWidth, Shrink: true}, func(r *world.Role) Cell { return Cell{Text: r.ID.Name, Tone: Strong} }},
		{Column{Name: "Namespace", Min: 7, Shrink: true}, func(r *world.Role) Cell { return namespaceCell(r.ID.Namespace) }},
		{Column{Name: "Rules", Right: true, Numeric: true, Min: 5, Drop: 3}, rulesCell},
		{Column{Name: "Holders", Right: true, Numeric: true, Min: 7, Drop: 1}, func(r *world.Role) Cell { return holdersCell(w, r) }},
		{Column{Name: "Bound", Numeric: true, Min: 10, Drop: 2, Shrink: true}, func(r *world.Role) Cell { return boundCell(r.Everywhere, r.Namespaces) }},
		{Column{Name: "State", Min: 7}, roleState},
		{Column{Name: "Allows", Numeric: true, Min: 10, Drop: 4, Shrink: true}, strengthCell},
	}
}

// holdersCell counts who has a role.
func holdersCell(w *world.World, r *world.Role) Cell {
	return countCell(w, r.ID.Namespace, r.Holders, bindingKinds()...)
}

func rulesCell(r *world.Role) Cell {
	if r.Object == nil {
		return cell("", Plain)
	}
	return numberCell(len(r.Object.Rules))
}

// roleState says what is special about a role, the gravest only.
func roleState(r *world.Role) Cell {
	switch {
	case r.Dangling():
		return Cell{Text: "missing", Tone: Bad}
	case r.Object == nil:
		return Cell{Text: "unread", Tone: Warn}
	case r.Unused && builtIn(r):
		return Cell{Text: "unused, built-in", Tone: Quiet}
	case r.Unused:
		return Cell{Text: "unused", Tone: Warn}
	case len(r.Object.Aggregates) > 0:
		return Cell{Text: "aggregated"}
	case len(r.Into) > 0:
		return Cell{Text: "part of " + r.Into[0].ID.Name, Tone: Quiet}
	}
	return cell("", Plain)
}

// builtIn reports whether Kubernetes made the role: then nobody wonders that it is unused.
func builtIn(r *world.Role) bool {
	return r.Object.Labels["kubernetes.io/bootstrapping"] == "rbac-defaults" || strings.HasPrefix(r.ID.Name, "system:")
}

// roleJump leads to the role, its namespace, and to its binding and holder where there is one only.
func roleJump(r *world.Role, to Kind) Place {
	var (
		subject rbac.Subject
		binding rbac.ObjectID
	)
	if len(r.Bindings) == 1 {
		binding = r.Bindings[0].ID()
		if len(r.Bindings[0].Subjects) == 1 {
			subject = r.Bindings[0].Subjects[0].Subject
		}
	}
	return JumpTo(to, subject, binding, r.ID, r.ID.Namespace)
}

// roleDetail says what a role allows, in words.
func roleDetail(w *world.World, r *world.Role) *Text {
	text := &Text{}
	if r.Object == nil {
		text.Lines = append(text.Lines, line(absentWords(r), roleState(r).Tone))
		return text
	}
	rights := roleRights(w, r)
	for i := range rights[:min(mostRules, len(rights))] {
		text.Lines = append(text.Lines, rightLine(&rights[i]))
	}
	if more := len(rights) - mostRules; more > 0 {
		text.Lines = append(text.Lines, line("and "+strconv.Itoa(more)+" more", Quiet))
	}
	if len(rights) == 0 {
		text.Lines = append(text.Lines, line("it has no rules", Quiet))
	}
	return text
}

// roleRights are the rules of a role, line by line. Those of a Role count in its namespace only.
func roleRights(w *world.World, r *world.Role) []rbac.Right {
	return w.Index.Catalog().Lines(r.Object.Rules, r.ID.Namespace != "")
}

// absentWords says what it means that a role is not there.
func absentWords(r *world.Role) string {
	if r.Unread {
		return "what this role allows could not be read"
	}
	return "there is no such role: what refers to it gives nothing, until somebody makes a role of this name"
}

// rolesOf and bindingsOf are the kind that an object in a namespace or in none is of.
func rolesOf(id rbac.ObjectID) inventory.Kind {
	if id.Namespace == "" {
		return clusterRoles
	}
	return roles
}

func bindingsOf(id rbac.ObjectID) inventory.Kind {
	if id.Namespace == "" {
		return clusterRoleBindings
	}
	return inventory.RoleBindings
}
