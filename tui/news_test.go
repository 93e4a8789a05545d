package tui_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// with is a moment with another snapshot, which the function may alter.
func with(m source.Moment, alter func(*rbac.Snapshot)) source.Moment {
	snapshot := *m.Snapshot
	alter(&snapshot)
	m.Snapshot = &snapshot
	return m
}

// without is a moment in which a role is gone.
func without(m source.Moment, name string) source.Moment {
	return with(m, func(s *rbac.Snapshot) {
		s.Roles = slices.DeleteFunc(slices.Clone(s.Roles), func(r rbac.Role) bool { return r.Name == name })
	})
}

// The cursor stays on its row when rows come and go above it, and rows that came or are otherwise are marked.
func TestNews(t *testing.T) {
	t.Parallel()
	m := acmeMoment(t)
	s := staged(t, m, 120, 40, func(o *tui.Options) { o.Start = screen.Place{Kind: screen.Roles} })
	play(s, "down", "down", "down")
	sees(t, s, "4/110", "► auditor-cost")
	s.Publish(with(m, func(snapshot *rbac.Snapshot) {
		snapshot.Roles = append(slices.Clone(snapshot.Roles), rbac.Role{Name: "auditor-bees"})
		for i := range snapshot.Roles {
			if role := &snapshot.Roles[i]; role.Name == "autoscaler" {
				role.Rules = nil
			}
		}
	}))
	sees(t, s, "5/111", "► auditor-cost", "+auditor-bees", "~autoscaler")
	s.Publish(without(m, "auditor-access"))
	sees(t, s, "3/109", "► auditor-cost")
	misses(t, s, "auditor-bees")
}

// A page that is gone says so, and is there again when its object is.
func TestGone(t *testing.T) {
	t.Parallel()
	m := acmeMoment(t)
	s := staged(t, m, 120, 40, func(o *tui.Options) { o.Start = screen.Place{Kind: screen.Role, Name: "autoscaler"} })
	sees(t, s, "clusterrole autoscaler", "[1 Rules 1]")
	s.Publish(with(without(m, "autoscaler"), func(snapshot *rbac.Snapshot) {
		snapshot.Bindings = slices.DeleteFunc(slices.Clone(snapshot.Bindings), func(b rbac.Binding) bool { return b.RoleRef.Name == "autoscaler" })
	}))
	sees(t, s, "clusterrole autoscaler is not there any more")
	play(s, "enter", "down", "s", "d", "y", "e", "/", "3", "w", "esc")
	s.Publish(m)
	play(s, "esc", "esc", "esc")
	sees(t, s, "clusterrole autoscaler", "[1 Rules 1]")
}

// A page that was left while it was in the background shows the state of now when one comes back.
func TestBackToNews(t *testing.T) {
	t.Parallel()
	m := acmeMoment(t)
	s := staged(t, m, 120, 40, func(o *tui.Options) { o.Start = screen.Place{Kind: screen.Roles} })
	play(s, "/", "=autoscaler", "enter", "enter")
	sees(t, s, "clusterrole autoscaler")
	s.Publish(with(m, func(snapshot *rbac.Snapshot) {
		snapshot.Roles = append(slices.Clone(snapshot.Roles), rbac.Role{Name: "autoscaler-two"})
	}))
	play(s, "esc")
	sees(t, s, "Roles  /autoscaler", "autoscaler-two", "► autoscaler ")
}

// Keys that are pressed before the list is filtered mean the row that the filter leaves.
func TestKeysWait(t *testing.T) {
	t.Parallel()
	s := acme(t)
	for _, key := range []string{"/", "v", "i", "s", "i", "o", "n", "enter", "enter"} {
		s.Touch(key)
	}
	sees(t, s, "► catalog") // nothing is done yet
	s.Settle()
	sees(t, s, "workspace team-vision")

	// Several pages ahead of what is shown.
	s = acme(t)
	for _, key := range []string{"2", "down", "down", "g", "tab"} {
		s.Touch(key)
	}
	s.Settle()
	sees(t, s, "user:luis@acme.example", "[2 Rights")

	// Going back is not held up, and forgets what was pressed ahead of it.
	s = acme(t)
	for _, key := range []string{"2", "down", "g", "esc"} {
		s.Touch(key)
	}
	s.Settle()
	sees(t, s, "[1 Namespaces]", "► catalog")
}

// Keys that are pressed before anything was read wait for the first page, and letters of a text are no keys.
func TestKeysWaitForTheFirstPage(t *testing.T) {
	t.Parallel()
	connecting := func() *tui.Stage {
		return staged(t, source.Moment{Link: source.Link{State: source.Loading}}, 120, 40, nil)
	}
	s := connecting()
	play(s, ":", "t", "e", "a", "m")
	s.Publish(acmeMoment(t))
	sees(t, s, "► team-nlp")

	s = connecting()
	play(s, "w", "q", "u", "e", "r", "y")
	s.Publish(acmeMoment(t))
	sees(t, s, "who can query")

	s = connecting()
	play(s, "down", "enter")
	s.Publish(acmeMoment(t))
	sees(t, s, "workspace checkout")

	s = connecting()
	play(s, "?")
	sees(t, s, "page down")
}

// Of questions that are asked faster than they are answered only the last is answered.
func TestLastQuestion(t *testing.T) {
	t.Parallel()
	s := acme(t)
	s.Press("w")
	for _, r := range "get secrets -n team-vision" {
		s.Touch(string(r))
	}
	misses(t, s, "user:bob@acme.example")
	s.Settle()
	sees(t, s, "who can get secrets in team-vision", "user:bob@acme.example")
}

// News that come while a page is on its way do not keep it from being shown.
func TestNewsOnTheWay(t *testing.T) {
	t.Parallel()
	m := acmeMoment(t)
	s := staged(t, m, 120, 40, nil)
	s.Touch("3")
	s.Publish(with(m, func(snapshot *rbac.Snapshot) {
		snapshot.Roles = append(slices.Clone(snapshot.Roles), rbac.Role{Name: "aardvark"})
	}))
	sees(t, s, "[3 Roles]", "aardvark", "/111")
}

// So many pages are kept that nobody misses one, but not all.
func TestLongWay(t *testing.T) {
	t.Parallel()
	const kept = 100
	s := acme(t)
	for i := range 2 * kept {
		s.Press(strconv.Itoa(2 + i%2))
	}
	sees(t, s, "[3 Roles]", "‹ Grants")
	for range kept - 1 {
		s.Press("esc")
	}
	sees(t, s, "[2 Grants]")
	misses(t, s, "‹")
	s.Press("esc")
	sees(t, s, "[2 Grants]")
	for range kept {
		s.Press("]")
	}
	sees(t, s, "[3 Roles]", "‹ Grants")
}
