package theme

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Sign is a character with a meaning. Each has a form for every terminal, and one for terminals that show ASCII only; both
// take one cell.
type Sign uint8

// The signs.
const (
	Live     Sign = iota // what is shown is current
	Polling              // it is read now and then
	Still                // it is as it was read
	Lost                 // the connection is lost
	Ellipsis             // something was cut, or is awaited

	SortUp   // sorted, the least first
	SortDown // sorted, the greatest first
	Cursor   // the row under the cursor
	Came     // a row that was not there before
	Changed  // a row that was otherwise before
	Back     // more to the left; where one came from
	Onward   // more to the right; where something leads

	Tick    // done, allowed
	Cross   // failed, denied
	Warning // to be looked at
	Bullet  // an item

	BarLeft // the frame of a bar
	BarRight
	BarFull // the part of a bar that is used, and the one that is free
	BarFree

	Rule // a horizontal line, and a vertical one
	Wall
	TopLeft // the corners of a box
	TopRight
	BottomLeft
	BottomRight

	Branch // a line of a tree with others below it, and the last one
	LastBranch

	ArrowUp // keys
	ArrowDown
	ArrowLeft
	ArrowRight
)

// forms are the signs, in their order: for every terminal, and in ASCII.
const (
	forms      = "●◐□✗…" + "▲▼►+~‹›" + "✓✗!•" + "▕▏█░" + "─│┌┐└┘" + "├└" + "↑↓←→"
	asciiForms = "*%=x~" + "^v>+~<>" + "+x!*" + "[]#." + "-|++++" + "+`" + "^v<>"
)

// Sign returns the form of a sign that the terminal can show.
func (t *Theme) Sign(s Sign) string {
	if t.ASCII {
		return asciiForms[s : s+1]
	}
	return string([]rune(forms)[s])
}

// notASCII is text that a terminal can't show which shows ASCII only.
var notASCII = regexp.MustCompile(`[^\x00-\x7f]+`)

// Frame returns drawn text as the terminal can show it: with [Theme.ASCII], signs that are not ASCII give way to their other
// forms, also those that came in with a cut text, and each cell of any other character to a question mark. Widths stay what
// they are.
func (t *Theme) Frame(drawn string) string {
	if !t.ASCII {
		return drawn
	}
	var pairs []string
	for i, form := range []rune(forms) {
		pairs = append(pairs, string(form), asciiForms[i:i+1])
	}
	return notASCII.ReplaceAllStringFunc(strings.NewReplacer(pairs...).Replace(drawn), func(other string) string {
		return strings.Repeat("?", ansi.StringWidth(other))
	})
}
