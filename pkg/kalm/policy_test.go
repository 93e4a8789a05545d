package kalm_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const past, future = "2026-06-01T11:59:59Z", "2026-06-01T12:00:01Z"

func user(ns, subject string, role kalm.Role) kalm.Binding {
	return kalm.Binding{Namespace: ns, Name: kalm.BindingName(ns, role, subject), Subject: subject, Role: role, Creator: "root"}
}

func group(ns, subject string, role kalm.Role) kalm.Binding {
	b := user(ns, subject, role)
	b.Group = true
	return b
}

func until(b kalm.Binding, at string) kalm.Binding {
	b.Expires = at
	return b
}

func token(rules ...kalm.Rule) kalm.Token {
	return kalm.Token{Name: "t1", Creator: "root", Rules: rules}
}

func rule(verb kalm.Action, ns, kind, name string) kalm.Rule {
	return kalm.Rule{Verb: string(verb), Namespace: ns, Kind: kind, Name: name}
}

// apps are the namespaces of all tables: two applications, one namespace that is none, and the trap.
var apps = []kalm.Namespace{{Name: "shop", Enabled: true}, {Name: "desk", Enabled: true}, {Name: "plain"}, {Name: "cluster", Enabled: true}, {Name: "kalm-system"}}

func ask(who string, action kalm.Action, ns, kind, name string) string {
	return fmt.Sprintf("%s %s %s %s/%s", who, action, ns, kind, name)
}

// The table of roles: what each of them lets do, in its own namespace, in another one, and in the cluster.
func TestRoles(t *testing.T) {
	t.Parallel()
	asked := []kalm.Request{
		{Action: kalm.View, Namespace: "shop"},
		{Action: kalm.View, Namespace: "shop", Kind: "components", Name: "web"},
		{Action: kalm.Edit, Namespace: "shop", Kind: "components", Name: "web"},
		{Action: kalm.Manage, Namespace: "shop"},
		{Action: kalm.View, Namespace: "desk"},
		{Action: kalm.View, Kind: "storageClasses"},
		{Action: kalm.View, Kind: "registries"},
		{Action: kalm.Edit, Kind: "registries"},
		{Action: kalm.View},
		{Action: kalm.Edit},
		{Action: kalm.Manage},
	}
	tests := map[kalm.Role]string{
		kalm.Viewer:        "yy...y.....",
		kalm.Editor:        "yyy..yy....",
		kalm.Owner:         "yyyy.yy....",
		kalm.ClusterViewer: "yy..yyy.y..",
		kalm.ClusterEditor: "yyy.yyyyyy.",
		kalm.ClusterOwner:  "yyyyyyyyyyy",
		kalm.Suspended:     "...........",
		kalm.Placeholder:   "...........",
	}
	for role, want := range tests {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			place := "shop"
			if role.Cluster() {
				place = kalm.SystemNamespace
			}
			for _, b := range []kalm.Binding{user(place, "a@x", role), group(place, "team", role)} {
				p := kalm.NewPolicy(kalm.World{Namespaces: apps, Bindings: []kalm.Binding{b}, Now: now})
				who := kalm.Asker{User: "a@x", Groups: []string{"none"}}
				if b.Group {
					who = kalm.Asker{User: "other@x", Groups: []string{"none", "team"}}
				}
				got := ""
				for _, r := range asked {
					if p.Decide(who, r).Allowed {
						got += "y"
					} else {
						got += "."
					}
				}
				if got != want {
					t.Errorf("%s, group %t: got %s, want %s", role, b.Group, got, want)
				}
			}
		})
	}
}

// What decides in odd worlds. Every case asks a few things; yes lists which of them are allowed.
func TestDecide(t *testing.T) {
	t.Parallel()
	type question struct {
		who    kalm.Asker
		action kalm.Action
		ns     string
		kind   string
		name   string
	}
	a := kalm.Asker{User: "a@x"}
	member := kalm.Asker{User: "a@x", Groups: []string{"team"}}
	tok := kalm.Asker{Token: "t1"}
	tests := map[string]struct {
		bindings []kalm.Binding
		tokens   []kalm.Token
		asked    []question
		yes      []string
		marks    []kalm.Mark
	}{
		"owner of the namespace called cluster": {
			bindings: []kalm.Binding{user("cluster", "a@x", kalm.Owner)},
			asked:    []question{{a, kalm.Manage, "*", "*", ""}, {a, kalm.Edit, "shop", "components", "web"}},
			yes:      []string{"user a@x manage * */", "user a@x edit shop components/web"},
			marks:    []kalm.Mark{kalm.Trap},
		},
		"comma in the subject": {
			bindings: []kalm.Binding{user("shop", "a@x, role_cluster_owner", kalm.Viewer)},
			asked:    []question{{a, kalm.Manage, "*", "*", ""}},
			yes:      []string{"user a@x manage * */"},
		},
		"comma in the subject, the one who is named": {
			bindings: []kalm.Binding{user("shop", "a@x, role_cluster_owner", kalm.Viewer)},
			asked:    []question{{kalm.Asker{User: "a@x, role_cluster_owner"}, kalm.View, "shop", "*", ""}},
			marks:    []kalm.Mark{kalm.Injected},
		},
		"line break in the subject is taken out": {
			bindings: []kalm.Binding{user("shop", "a@\nx", kalm.Viewer)},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
			yes:      []string{"user a@x view shop */"},
		},
		"line break in a kind": {
			tokens: []kalm.Token{token(rule(kalm.View, "shop", "a\ng, user-a@x, role_cluster_owner\n#", "*"))},
			asked:  []question{{a, kalm.Manage, "*", "*", ""}, {tok, kalm.View, "shop", "a", ""}},
			yes:    []string{"user a@x manage * */"},
		},
		"line break in a kind that makes no line": {
			bindings: []kalm.Binding{user("shop", "a@x", kalm.Owner)},
			tokens:   []kalm.Token{token(rule(kalm.View, "shop", "a\nb", "*"))},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
			marks:    []kalm.Mark{kalm.Stops},
		},
		"comma in a kind": {
			bindings: []kalm.Binding{user("shop", "a@x", kalm.Owner)},
			tokens:   []kalm.Token{token(rule(kalm.View, "shop", "a, b", "*"))},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
			marks:    []kalm.Mark{kalm.Denies},
		},
		"quotation mark in a subject": {
			bindings: []kalm.Binding{user("shop", `a"@x`, kalm.Owner)},
			asked:    []question{{kalm.Asker{User: `a"@x`}, kalm.View, "shop", "*", ""}},
			marks:    []kalm.Mark{kalm.Dropped},
		},
		"capital letters": {
			bindings: []kalm.Binding{user("shop", "A@x", kalm.Owner)},
			asked:    []question{{a, kalm.View, "shop", "*", ""}, {kalm.Asker{User: "A@x"}, kalm.View, "shop", "*", ""}},
			yes:      []string{"user A@x view shop */"},
			marks:    []kalm.Mark{kalm.Case},
		},
		"no application": {
			bindings: []kalm.Binding{user("plain", "a@x", kalm.Owner)},
			asked:    []question{{a, kalm.View, "plain", "*", ""}},
			marks:    []kalm.Mark{kalm.Inert},
		},
		"run out": {
			bindings: []kalm.Binding{until(user("shop", "a@x", kalm.Owner), past)},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
			marks:    []kalm.Mark{kalm.Over},
		},
		"not yet run out": {
			bindings: []kalm.Binding{until(user("shop", "a@x", kalm.Owner), future)},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
			yes:      []string{"user a@x view shop */"},
		},
		"the end is this moment": {
			bindings: []kalm.Binding{until(user("shop", "a@x", kalm.Viewer), "2026-06-01T12:00:00Z")},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
			yes:      []string{"user a@x view shop */"},
		},
		"suspended": {
			bindings: []kalm.Binding{user("shop", "a@x", kalm.Owner), user(kalm.SystemNamespace, "a@x", kalm.Suspended)},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
			marks:    []kalm.Mark{kalm.Leaks, kalm.Withheld},
		},
		"suspended, and in a group": {
			bindings: []kalm.Binding{
				user("shop", "a@x", kalm.Owner), user(kalm.SystemNamespace, "a@x", kalm.Suspended), group("shop", "team", kalm.Editor),
			},
			asked: []question{{member, kalm.Edit, "shop", "*", ""}, {member, kalm.Manage, "shop", "*", ""}},
			yes:   []string{"user a@x edit shop */"},
			marks: []kalm.Mark{kalm.Leaks, kalm.Withheld},
		},
		"suspension that has run out suspends": {
			bindings: []kalm.Binding{user("shop", "a@x", kalm.Owner), until(user(kalm.SystemNamespace, "a@x", kalm.Suspended), past)},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
			marks:    []kalm.Mark{kalm.Leaks, kalm.Withheld},
		},
		"a group of the user's name is somebody else": {
			bindings: []kalm.Binding{group("shop", "a@x", kalm.Owner)},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
		},
		"token that may edit one component": {
			tokens: []kalm.Token{token(rule(kalm.Edit, "shop", "components", "web"))},
			asked: []question{
				{tok, kalm.Edit, "shop", "components", "web"},
				{tok, kalm.Edit, "shop", "components", "api"},
				{tok, kalm.View, "shop", "components", "web"},
				{tok, kalm.Edit, "desk", "components", "web"},
				{tok, kalm.Edit, "shop", "*", ""},
			},
			yes:   []string{"token t1 edit shop components/web"},
			marks: []kalm.Mark{kalm.Alone},
		},
		"token for all components is none for the namespace": {
			tokens: []kalm.Token{token(rule(kalm.Edit, "*", "components", "*"), rule(kalm.View, "*", "components", "*"))},
			asked: []question{
				{tok, kalm.Edit, "shop", "components", "web"}, {tok, kalm.View, "*", "components", ""}, {tok, kalm.Edit, "shop", "*", ""},
			},
			yes: []string{"token t1 edit shop components/web", "token t1 view * components/"},
		},
		"token for everything": {
			tokens: []kalm.Token{token(rule(kalm.View, "*", "*", "*"))},
			asked:  []question{{tok, kalm.View, "*", "*", ""}, {tok, kalm.Edit, "*", "*", ""}},
			yes:    []string{"token t1 view * */"},
		},
		"kind that begins like another": {
			tokens: []kalm.Token{token(rule(kalm.View, "shop", "comp*", "web"))},
			asked:  []question{{tok, kalm.View, "shop", "components", "api"}, {tok, kalm.View, "shop", "pods", "web"}},
			yes:    []string{"token t1 view shop components/api"},
			marks:  []kalm.Mark{kalm.Prefix},
		},
		"kind that begins with an asterisk": {
			tokens: []kalm.Token{token(rule(kalm.View, "shop", "*foo", "web"))},
			asked:  []question{{tok, kalm.View, "shop", "pods", "api"}},
			yes:    []string{"token t1 view shop pods/api"},
			marks:  []kalm.Mark{kalm.Prefix},
		},
		"every kind, and a name that does not count": {
			tokens: []kalm.Token{token(rule(kalm.View, "shop", "*", "web"))},
			asked:  []question{{tok, kalm.View, "shop", "pods", "api"}},
			yes:    []string{"token t1 view shop pods/api"},
			marks:  []kalm.Mark{kalm.Prefix},
		},
		"token that has run out": {
			tokens: []kalm.Token{{Name: "t1", Expires: past, Rules: []kalm.Rule{rule(kalm.View, "shop", "*", "*")}}},
			asked:  []question{{tok, kalm.View, "shop", "*", ""}},
			marks:  []kalm.Mark{kalm.Over},
		},
		"token that is bound to a role": {
			bindings: []kalm.Binding{user("shop", "t1", kalm.Viewer)},
			tokens:   []kalm.Token{token(rule(kalm.View, "desk", "*", "*"))},
			asked:    []question{{tok, kalm.View, "shop", "*", ""}},
			yes:      []string{"token t1 view shop */"},
		},
		"role that Kalm has not": {
			bindings: []kalm.Binding{user("shop", "a@x", "admin")},
			asked:    []question{{a, kalm.View, "shop", "*", ""}},
			marks:    []kalm.Mark{kalm.Unknown},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := kalm.NewPolicy(kalm.World{Namespaces: apps, Bindings: tc.bindings, Tokens: tc.tokens, Now: now})
			var yes []string
			var marks []kalm.Mark
			for _, q := range tc.asked {
				d := p.Decide(q.who, kalm.Request{Action: q.action, Namespace: q.ns, Kind: q.kind, Name: q.name})
				who := "user " + q.who.User
				if q.who.Token != "" {
					who = "token " + q.who.Token
				}
				if d.Allowed {
					yes = append(yes, ask(who, q.action, q.ns, q.kind, q.name))
				}
				if marks == nil {
					for _, f := range d.Flags {
						marks = append(marks, f.Mark)
						if f.Why() == "" || f.Object() == "" {
							t.Errorf("flag %s says nothing", f.Mark)
						}
					}
				}
			}
			if diff := cmp.Diff(tc.yes, yes); diff != "" {
				t.Errorf("allowed (-want +got):\n%s", diff)
			}
			if tc.marks != nil {
				if diff := cmp.Diff(tc.marks, marks); diff != "" {
					t.Errorf("marks (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestProof(t *testing.T) {
	t.Parallel()
	p := kalm.NewPolicy(kalm.World{
		Namespaces: apps, Now: now,
		Bindings: []kalm.Binding{user("shop", "a@x", kalm.Owner), group("shop", "team", kalm.Editor), user("kalm-system", "b@x", kalm.ClusterOwner)},
		Tokens:   []kalm.Token{token(rule(kalm.Edit, "shop", "components", "*"))},
	})
	r := kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "components", Name: "web"}
	var got []string
	for _, way := range p.Who(r) {
		text := fmt.Sprint(way.Subject)
		for _, line := range way.Path {
			text += " | " + line.String()
		}
		got = append(got, text)
	}
	want := []string{
		"{a@x false false} | g, user-a@x, role_shop_owner | g, role_shop_owner, role_shop_editor | p, role_shop_editor, edit, shop, *",
		"{b@x false false} | g, user-b@x, role_cluster_owner | g, role_cluster_owner, role_cluster_editor | p, role_cluster_editor, edit, *, *",
		"{team true false} | g, group-team, role_shop_editor | p, role_shop_editor, edit, shop, *",
		"{t1 false true} | p, user-t1, edit, shop, components/*",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ways (-want +got):\n%s", diff)
	}
	way := p.Who(r)[3]
	if tok, rule, ok := way.Rule(); !ok || tok.Name != "t1" || rule.String() != "edit components/* in shop" || way.Binding() != nil {
		t.Errorf("rule of the token: %v %v %t", tok, rule, ok)
	}
	if b := p.Who(r)[0].Binding(); b == nil || b.Subject != "a@x" {
		t.Errorf("binding of the first way: %v", b)
	}
}
