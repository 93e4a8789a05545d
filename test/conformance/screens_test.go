package conformance

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/test/objects"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// browse returns what the browser knows of the objects of a case.
func browse(set *objects.Set) *world.World {
	moment := source.Moment{Snapshot: set.Snapshot(false), Inventory: &inventory.Inventory{}, Complete: true}
	return world.New(moment, world.Frame{}, time.Time{})
}

// build makes a page.
func build(t *testing.T, w *world.World, p screen.Place) *screen.Page {
	t.Helper()
	page, err := screen.Build(w, p)
	if err != nil {
		t.Fatalf("%+v: %v", p, err)
	}
	return page
}

// sheet returns the rows of a page, the named columns of each.
func sheet(page *screen.Page, columns ...string) []string {
	var rows []string
	for row := range page.List.Rows {
		var cells []string
		for _, name := range columns {
			cells = append(cells, said(page.List, row, name))
		}
		rows = append(rows, strings.Join(cells, " | "))
	}
	return rows
}

// said is what a cell says; empty when there is no such column.
func said(l *screen.List, row int, column string) string {
	i := slices.IndexFunc(l.Columns, func(c screen.Column) bool { return c.Name == column })
	if i < 0 {
		return ""
	}
	return l.Cell(row, i).Text
}

// TestScreens checks what the pages of roles, subjects and workspaces, and answers, say where other browsers go wrong: cases 02, 03, 11, 16 and 23.
func TestScreens(t *testing.T) {
	t.Parallel()
	rights := []string{"Where", "Resource", "Names", "get", "list", "create", "update", "delete", "delcoll", "Other"}
	of := func(s rbac.Subject) screen.Place {
		return screen.Place{Kind: screen.Subject, Subject: s, Tab: "rights"}
	}
	access := func(namespace, resource string) screen.Place {
		return screen.Place{Kind: screen.Workspace, Name: namespace, Tab: "access", Query: resource}
	}
	ask := func(query string) screen.Place { return screen.Place{Kind: screen.WhoCan, Query: query} }
	tests := map[string]struct {
		number  string
		place   screen.Place
		columns []string
		want    []string
	}{
		"02: a right to one secret is no right to all": {
			"02", of(rbac.User("alice")), rights,
			[]string{"dev | secrets | db | named | - | - | - | - | - | -"},
		},
		"02: nor in the matrix": {
			"02", access("dev", "secrets"),
			[]string{"Subject", "get", "list"},
			[]string{"group:system:masters | yes | yes", "user:alice | named | -"},
		},
		"02: nor on the page of the role": {
			"02",
			screen.Place{Kind: screen.Role, Namespace: "dev", Name: "one-secret"},
			rights[1:],
			[]string{"secrets | db | named | - | - | - | - | - | -"},
		},
		"02: nor to who asks for all": {
			"02", ask("get secrets -n dev"), []string{"Subject"}, []string{"group:system:masters"},
		},
		"02: but to who asks for the one": {
			"02", ask("get secrets db -n dev"), []string{"Subject", "Where"}, []string{"group:system:masters | everywhere", "user:alice | dev"},
		},
		"03: a RoleBinding gives no nodes, and of namespaces its own": {
			"03", of(rbac.User("bob")), rights,
			[]string{
				"dev | namespaces | any | yes | - | - | - | - | - | -",
				"dev | namespaces | any | - | void | - | - | - | - | -",
				"dev | nodes | any | void | void | - | - | - | - | -",
			},
		},
		"03: who may list nodes": {
			"03", access("dev", "nodes"), []string{"Subject", "list"}, []string{"group:system:masters | yes"},
		},
		"03: who may get the namespace": {
			"03", access("dev", "namespaces"),
			[]string{"Subject", "get", "list"},
			[]string{"group:system:masters | yes | yes", "user:bob | yes | -"},
		},
		"03: in the whole cluster": {
			"03", ask("list nodes"), []string{"Subject"}, []string{"group:system:masters"},
		},
		"03: nor all namespaces": {
			"03", ask("list namespaces"), []string{"Subject"}, []string{"group:system:masters"},
		},
		"11: an account without a namespace is the binding's": {
			"11", of(rbac.ServiceAccount("dev", "bot")), rights,
			[]string{"dev | secrets | any | yes | - | - | - | - | - | -"},
		},
		"11: and the other one is the other's": {
			"11", of(rbac.ServiceAccount("qa", "bot")), rights,
			[]string{"qa | pods | any | yes | - | - | - | - | - | -"},
		},
		"11: what it was given": {
			"11",
			screen.Place{Kind: screen.Subject, Subject: rbac.ServiceAccount("dev", "bot")},
			[]string{"Where", "Role", "Binding", "Via"},
			[]string{"dev | role/r | rolebinding/r | by name"},
		},
		"11: two accounts of the same name": {
			"11",
			screen.Place{Kind: screen.Subjects},
			[]string{"Subject", "Where", "Strongest role"},
			[]string{"sa:dev/bot | 1 namespace | role/r", "sa:qa/bot | 1 namespace | role/r"},
		},
		"11: who can": {
			"11", ask("get secrets -n dev"), []string{"Subject", "Where"}, []string{"group:system:masters | everywhere", "sa:dev/bot | dev"},
		},
		"16: three rules on one resource": {
			"16", of(rbac.ServiceAccount("dev", "bot")), rights,
			[]string{
				"dev | configmaps | any | yes | yes | yes | - | - | - | -",
				"dev | configmaps | lock | - | - | - | named | - | - | -",
				"dev | configmaps | other | - | - | - | - | named | - | -",
			},
		},
		"16: on the page of the role": {
			"16",
			screen.Place{Kind: screen.Role, Namespace: "dev", Name: "leader"},
			rights[1:],
			[]string{
				"configmaps | any | yes | yes | yes | - | - | - | -",
				"configmaps | lock | - | - | - | named | - | - | -",
				"configmaps | other | - | - | - | - | named | - | -",
			},
		},
		"16: who can change any": {
			"16", ask("update configmaps -n dev"), []string{"Subject"}, []string{"group:system:masters"},
		},
		"16: who can change the one": {
			"16", ask("update configmaps lock -n dev"), []string{"Subject"}, []string{"group:system:masters", "sa:dev/bot"},
		},
		"23: every verb on one pod, in two namespaces": {
			"23", of(rbac.User("gina")), rights,
			[]string{
				"dev, qa | pods | web-0 | named | named | named | named | named | void | * (every other verb)",
			},
		},
		"23: in the matrix of one of them": {
			"23", access("qa", "pods"),
			[]string{"Subject", "get", "list", "delete", "delcoll"},
			[]string{"group:system:masters | yes | yes | yes | yes", "user:gina | named | named | named | -"},
		},
		"23: who can, and where": {
			"23", ask("delete pods web-0 -A"), []string{"Subject", "Where"}, []string{"group:system:masters | everywhere", "user:gina | dev, qa"},
		},
		"23: who has the role, and where": {
			"23",
			screen.Place{Kind: screen.Role, Name: "reader", Tab: "holders"},
			[]string{"Subject", "Where", "Via"},
			[]string{"user:gina | dev | rolebinding/reader", "user:gina | qa | rolebinding/reader"},
		},
	}
	cases := readCases(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := build(t, browse(cases[tt.number]), tt.place)
			if diff := cmp.Diff(tt.want, sheet(page, tt.columns...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestScreensOracle reads every row of the oracle off the rights of a subject, as a person would who has nothing but the page.
func TestScreensOracle(t *testing.T) {
	t.Parallel()
	worlds := map[string]*world.World{}
	for number, set := range readCases(t) {
		set.Merge(objects.Bootstrap())
		worlds[number] = browse(set)
	}
	asked := 0
	for _, r := range readOracle(t) {
		if strings.HasPrefix(r.request, "SAR") && r.action.Resource == "nodes" && r.action.Namespace != "" {
			continue // no request can be like that, so no page is about it
		}
		asked++
		got := false
		subjects := []rbac.Subject{r.id.Subject}
		for _, group := range r.id.Groups {
			subjects = append(subjects, rbac.Group(group))
		}
		for _, s := range subjects {
			got = got || reads(build(t, worlds[r.number], screen.Place{Kind: screen.Subject, Subject: s, Tab: "rights"}), r.action)
		}
		if got != r.allowed {
			t.Errorf("%s: the page says %v", r.text, got)
		}
	}
	if asked < 60 {
		t.Errorf("%d rows were asked, want nearly all 65", asked)
	}
}

// reads reports whether the rights of a subject say that it may do the action.
func reads(page *screen.Page, a rbac.Action) bool {
	if slices.ContainsFunc(page.Notes, func(note string) bool { return strings.HasPrefix(note, "may do everything") }) {
		return true
	}
	for row := range page.List.Rows {
		cell := func(column string) string { return said(page.List, row, column) }
		where, names := strings.Split(cell("Where"), ", "), strings.Split(cell("Names"), ", ")
		placed := where[0] == "everywhere" || slices.Contains(where, a.Namespace)
		named := names[0] == "any" || slices.Contains(names, a.Name) || a.Name == "" && slices.Contains(names, `""`)
		if placed && named && is(cell("Resource"), a) && does(cell, a.Verb) {
			return true
		}
	}
	return false
}

// is reports whether an object, as it is written, is what the action is on.
func is(object string, a rbac.Action) bool {
	if a.IsURL() {
		prefix, wild := strings.CutSuffix(object, "*")
		return object == a.Path || wild && strings.HasPrefix(a.Path, strings.TrimRight(prefix, "*"))
	}
	resource, group, _ := strings.Cut(object, ".")
	fits := resource == a.ResourceName() || resource == "*" || a.Subresource != "" && resource == "*/"+a.Subresource
	return fits && (group == a.Group || group == "*")
}

// does reports whether a row says that a verb is allowed.
func does(cell func(string) string, verb string) bool {
	column := verb
	if verb == "deletecollection" {
		column = "delcoll"
	}
	switch cell(column) {
	case "yes", "named", "*":
		return true
	case "":
		others := cell("Other")
		return strings.HasPrefix(others, "*") || slices.Contains(strings.Fields(others), verb)
	}
	return false
}
