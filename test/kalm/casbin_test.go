package kalm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/casbin/casbin/v2/persist"
	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

// The model as Kalm's API has it: four words of a request, roles of subjects, and any line that allows is enough.
// Source: api/rbac/model.go of kalmhq/kalm.
const asked = `
[request_definition]
r = who, does, where, what

[policy_definition]
p = who, does, where, what

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = g(r.who, p.who) && (p.where == "*" || r.where == p.where) && matches(r.what, p.what) && r.does == p.does
`

// lines is a policy that is text in memory.
type lines []string

func (l lines) LoadPolicy(m model.Model) error {
	for _, text := range l {
		for line := range strings.SplitSeq(text, "\n") {
			persist.LoadPolicyLine(line, m)
		}
	}
	return nil
}

var errFixed = errors.New("the policy is fixed")

func (lines) SavePolicy(model.Model) error                              { return errFixed }
func (lines) AddPolicy(string, string, []string) error                  { return errFixed }
func (lines) RemovePolicy(string, string, []string) error               { return errFixed }
func (lines) RemoveFilteredPolicy(string, string, int, ...string) error { return errFixed }

// load makes an enforcer of a policy; stopped says that it panics or fails over it, which ends Kalm's API.
func load(t *testing.T, text []string) (e *casbin.Enforcer, stopped bool) {
	t.Helper()
	m, err := model.NewModelFromString(asked)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() != nil {
			e, stopped = nil, true
		}
	}()
	e, err = casbin.NewEnforcer(m, lines(text))
	if err != nil {
		return nil, true
	}
	e.AddFunction("matches", func(args ...any) (any, error) {
		object, pattern := args[0].(string), args[1].(string)
		star := strings.IndexByte(pattern, '*')
		switch {
		case star < 0:
			return object == pattern, nil
		case len(object) > star:
			return object[:star] == pattern[:star], nil
		}
		return object == pattern[:star], nil
	})
	return e, false
}

// enforce asks as Kalm's API does: an error is a no.
func enforce(e *casbin.Enforcer, subject string, r kalm.Request) bool {
	ns := r.Namespace
	if ns == "" {
		ns = "*"
	}
	ok, err := e.Enforce(subject, string(r.Action), ns, r.Object())
	return err == nil && ok
}

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// world makes a world by chance. Odd ones have texts that break out of their lines.
func world(r *rand.Rand, odd bool) kalm.World {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	w := kalm.World{Now: now}
	places := []string{"shop", "desk", "cluster", "plain", "kalm-system"}
	for _, ns := range places {
		w.Namespaces = append(w.Namespaces, kalm.Namespace{Name: ns, Enabled: r.IntN(4) > 0})
	}
	ends := []string{"", "", "", "2026-06-01T11:00:00Z", "2026-06-01T13:00:00Z", "2026-06-01T12:00:00Z"}
	subject := func() string {
		if odd && r.IntN(6) == 0 {
			return pick("a@x, role_cluster_owner", "a@x,role_shop_owner", "b@x, ", "\nc@x", "d\"@x", " a@x", "a@x ", "team, user-a@x",
				"a@x, role_desk_editor, role_shop_viewer", "#", ",", "a@x\r")
		}
		return pick("a@x", "b@x", "c@x", "A@x", "team", "ops", "t1", "t2")
	}
	kind := func() string {
		if odd && r.IntN(8) == 0 {
			return pick("a\ng, user-b@x, role_cluster_viewer\n#", "comp*", "pods\np, user-c@x, manage, *, *\n#", "x,y", "a\nb", "a\n\"", "a\ng, x\n#",
				"a\ng, role_shop_viewer, role_desk_owner\n#", "a\n, b", "a\np2, x\n#", "a\n #", "a\n ", "a\ne, b", "\"a\"", "a\nb\n#", "a\np\n#",
				"a\ng, role_cluster_viewer, user-a@x\n#", "a\r", "a\n# x")
		}
		return pick("*", "components", "applications", "pods")
	}
	roles := kalm.Roles()
	for range r.IntN(9) {
		w.Bindings = append(w.Bindings, kalm.Binding{
			Namespace: pick(places...), Name: "b", Subject: subject(), Group: r.IntN(3) == 0,
			Role: roles[r.IntN(len(roles))], Expires: pick(ends...),
		})
	}
	for i := range r.IntN(4) {
		tok := kalm.Token{Name: fmt.Sprintf("t%d", i+1), Expires: pick(ends...)}
		for range 1 + r.IntN(3) {
			tok.Rules = append(tok.Rules, kalm.Rule{
				Verb: pick("view", "edit", "manage"), Namespace: pick(append(places, "*")...), Kind: kind(), Name: pick("*", "web", "api"),
			})
		}
		w.Tokens = append(w.Tokens, tok)
	}
	return w
}

// TestCasbin asks Casbin and our own policy the same things about worlds made by chance.
func TestCasbin(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		worlds int
		odd    bool
	}{
		"plain": {worlds: 30},
		"odd":   {worlds: 90, odd: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(7, uint64(tc.worlds)))
			var asked, yes, stopped, broken int
			for range tc.worlds {
				w := world(r, tc.odd)
				p := kalm.NewPolicy(w)
				text := policyText(r, w)
				e, ends := load(t, text)
				if ends != p.Stopped() {
					t.Fatalf("casbin stops: %t, we say %t\n%q", ends, p.Stopped(), text)
				}
				if ends {
					stopped++
					continue
				}
				if p.Broken() {
					broken++
				}
				n, m := compare(t, p, e)
				asked, yes = asked+n, yes+m
			}
			t.Logf("%d decisions, %d of them yes; %d worlds stop Kalm's API, and in %d it says no to everybody", asked, yes, stopped, broken)
			if yes == 0 || tc.odd && (stopped == 0 || broken == 0) {
				t.Error("the worlds do not show what they are made for")
			}
		})
	}
}

// compare asks everything about everybody, and returns how much was asked and how often the answer was yes.
func compare(t *testing.T, p *kalm.Policy, e *casbin.Enforcer) (asked, yes int) {
	t.Helper()
	users := []string{"a@x", "b@x", "c@x", "A@x", "t1", "t2", "t3", " a@x", "a@x ", "d\"@x", "a@x, role_cluster_owner"}
	for _, action := range kalm.Actions() {
		for _, ns := range []string{"", "shop", "desk", "cluster", "plain", "kalm-system"} {
			for _, object := range [][2]string{{"", ""}, {"components", "web"}, {"components", ""}, {"pods", "api"}, {"storageClasses", ""}, {"registries", ""}, {"a", ""}} {
				req := kalm.Request{Action: action, Namespace: ns, Kind: object[0], Name: object[1]}
				who := map[string]bool{}
				for _, way := range p.Who(req) {
					if !way.Subject.Group {
						who[way.Subject.Name] = true
					}
				}
				for _, name := range users {
					want := enforce(e, "user-"+name, req)
					got := p.Decide(kalm.Asker{User: name}, req).Allowed
					if got != want {
						t.Fatalf("%s %s %q %q: we say %t, casbin %t\n%q", name, action, ns, object, got, want, p.Text())
					}
					known := strings.HasPrefix(name, "t") // a token that has run out is nobody, though a role is bound to its name
					if !p.Broken() && who[name] != want && !known {
						t.Fatalf("%s %s %q %q: listed %t, casbin %t\n%q", name, action, ns, object, who[name], want, p.Text())
					}
					asked++
					if want {
						yes++
					}
				}
				groups := []string{"team", "ops"}
				want := enforce(e, "user-a@x", req) || enforce(e, "group-team", req) || enforce(e, "group-ops", req)
				if got := p.Decide(kalm.Asker{User: "a@x", Groups: groups}, req).Allowed; got != want {
					t.Fatalf("a@x with groups %s %q %q: we say %t, casbin %t\n%q", action, ns, object, got, want, p.Text())
				}
			}
		}
	}
	return asked, yes
}

// TestInherited follows roles of roles as far as Casbin does, and no further.
func TestInherited(t *testing.T) {
	t.Parallel()
	for depth := range 14 {
		var kind strings.Builder
		kind.WriteString("a\ng, user-a@x, r0\n")
		for i := range depth {
			fmt.Fprintf(&kind, "g, r%d, r%d\n", i, i+1)
		}
		fmt.Fprintf(&kind, "g, r%d, role_cluster_viewer\n#", depth)
		p := kalm.NewPolicy(kalm.World{Now: now, Tokens: []kalm.Token{{Name: "t", Rules: []kalm.Rule{{Verb: "view", Namespace: "x", Kind: kind.String(), Name: "*"}}}}})
		e, stopped := load(t, p.Text())
		if stopped {
			t.Fatalf("depth %d: casbin stops", depth)
		}
		req := kalm.Request{Action: kalm.View}
		if diff := cmp.Diff(enforce(e, "user-a@x", req), p.Decide(kalm.Asker{User: "a@x"}, req).Allowed); diff != "" {
			t.Errorf("depth %d (-casbin +ours):\n%s", depth, diff)
		}
	}
}
