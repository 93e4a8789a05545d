package terminal

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// fresh returns the modes that a terminal has before any program has changed them.
func fresh(t *testing.T) *term.State {
	t.Helper()
	file, other, err := pty.Open()
	if err != nil {
		t.Fatalf("open terminal: %v", err)
	}
	defer file.Close()  //nolint:errcheck // nothing was written
	defer other.Close() //nolint:errcheck // nothing was written
	state, err := term.GetState(int(other.Fd()))
	if err != nil {
		t.Fatalf("read modes of terminal: %v", err)
	}
	return state
}

// Restored reports whether the terminal was left as it was found: the main screen, a visible cursor, no mouse, no bracketed
// paste, keys as they were, and what is typed is shown and comes by the line. It says what was not, in words; empty when all
// is well.
func (x *Terminal) Restored() string {
	raw := x.Raw()
	var bad []string
	if state, err := term.GetState(int(x.file.Fd())); err != nil || !reflect.DeepEqual(state, x.found) {
		bad = append(bad, fmt.Sprintf("other modes (%v)", err))
	}
	for _, m := range []struct{ on, off, what string }{
		{"\x1b[?1049h", "\x1b[?1049l", "still on the other screen"},
		{"\x1b[?25l", "\x1b[?25h", "no cursor"},
		{"\x1b[?1002h", "\x1b[?1002l", "mouse still on"},
		{"\x1b[?1003h", "\x1b[?1003l", "mouse still on"},
		{"\x1b[?2004h", "\x1b[?2004l", "bracketed paste still on"},
		{"\x1b[>4;2m", "\x1b[>4m", "keys still sent in another way"},
		{"\x1b[>1u", "\x1b[<1u", "keys still sent in another way"},
	} {
		if strings.LastIndex(raw, m.on) > strings.LastIndex(raw, m.off) {
			bad = append(bad, m.what)
		}
	}
	return strings.Join(bad, ", ")
}
