package e2e

import "testing"

// TestBrowserByMouse clicks on rows, tabs and the heads of columns, and turns the wheel.
func TestBrowserByMouse(t *testing.T) {
	t.Parallel()
	x := nowhere(t).browse(t, seat{columns: 120, rows: 30}, "--from", shared.acme())
	x.Wait(t, "► catalog", "4 errors")
	x.ClickOn(t, "team-vision")
	x.Wait(t, "► team-vision")
	x.ClickOn(t, "Members")
	x.Wait(t, "Members ▼")
	x.ClickOn(t, "Members")
	x.Wait(t, "Members ▲")
	x.ClickOn(t, "3 Roles")
	titled(t, x, "Roles")
	x.Wait(t, "[3 Roles]", "► admin")
	for range 5 {
		x.Wheel(t, true, 10, 10)
	}
	x.Gone(t, "► admin")
	for range 5 {
		x.Wheel(t, false, 10, 10)
	}
	x.Wait(t, " admin ")
	x.ClickOn(t, "1 Namespaces")
	titled(t, x, "Namespaces")
	x.ClickOn(t, "team-nlp")
	x.Wait(t, "► team-nlp")
	x.ClickOn(t, "team-nlp")
	titled(t, x, "workspace team-nlp")
	leave(t, x, "q")
}

// TestBrowserChangesNothing presses every key that changes something, in a browser that may not.
func TestBrowserChangesNothing(t *testing.T) {
	t.Parallel()
	for name, why := range map[string]string{"--read-only": "read-only: started with --read-only", "--from=" + shared.acme(): "read-only: this is no live cluster"} {
		t.Run(name[:6], func(t *testing.T) {
			t.Parallel()
			x := adminHome(t).browse(t, seat{columns: 120, rows: 30}, name, "-n", "team-vision")
			x.Wait(t, "► ", "user:bob@acme.example")
			for _, key := range []string{"a", "x", "r", "t", "f", "u"} {
				x.Press(t, key)
				x.Wait(t, why)
				x.Press(t, "?") // takes the remark's place
				x.Wait(t, "page down")
				x.Press(t, "?")
				x.Gone(t, "page down")
			}
			leave(t, x, "q")
		})
	}
}
