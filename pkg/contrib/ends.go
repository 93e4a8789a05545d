package contrib

import (
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// silent reports whether a grant says nothing about its end.
func (g Grant) silent() bool { return g.Expires.IsZero() && !g.Never }

// asBefore has a grant that says nothing about its end go on with that of the one that its subject has. One that has ended
// already is refused, to do what: it would be no grant, and without an end one that nobody asked for.
func (r *room) asBefore(g *Grant, has *workspace.Member, what string) error {
	if !g.silent() || has.Expires.IsZero() {
		return nil
	}
	end := has.Expires.Format(time.RFC3339)
	if has.Expired(r.draft.state.Now) {
		return workspace.Refuse("give a new date with --expires, or --expires never", "%s%s: the grant has ended at %s", g.at(), what, end)
	}
	g.Expires = has.Expires
	r.draft.notes.add(Label(g.Subject), "ends at %s, as before: --expires never lifts that", end)
	return nil
}

// noteUndated notes the end of a grant that can't be read, and stays.
func (r *room) noteUndated(g Grant, text string) {
	r.draft.notes.add(Label(g.Subject), "the end of the grant in %s, %q, is no date, and ends nothing: --expires WHEN or never puts that right", r.name, text)
}
