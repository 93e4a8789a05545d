// Package text puts raw text on a screen: what must not reach a terminal is made visible, and widths are counted in the
// cells that a terminal uses, not in bytes or runes.
//
// Raw text, such as a name from the cluster, becomes clean text by [Clean] or [Fit]. Clean text, drawn in styles or not, is
// what the other functions take. A character is what a reader takes for one: a letter with its marks, a flag. Widths are
// those of x/ansi for such characters.
//
// Letters that are written from right to left are sent as they are, in the order in which they are stored, each with its
// width; marks and isolates that steer direction never are: terminals disagree about their width, and a name must not turn
// the rest of its line. A terminal that reorders does so within the line, so that other lines stay where they are.
package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Ellipsis stands where something was cut off. It takes one cell.
const Ellipsis = "…"

// Width is how many cells a clean or styled text takes.
func Width(s string) int {
	if printable(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Cut shortens a clean or styled text to at most w cells; the last of them is "…" when something was cut. A character is
// never split.
func Cut(s string, w int) string {
	if len(s) <= w && printable(s) {
		return s
	}
	return tidy(ansi.Truncate(s, max(w, 0), Ellipsis))
}

// Pad cuts or fills a clean or styled text to exactly w cells, with blanks in front when right is set.
func Pad(s string, w int, right bool) string {
	s = Cut(s, w)
	blanks := strings.Repeat(" ", max(w-Width(s), 0))
	if right {
		return blanks + s
	}
	return s + blanks
}

// Left returns the first w cells of a styled text: all of it when it has no more. A blank stands for a wide character of
// which only one half is within.
func Left(s string, w int) string {
	cut := ansi.Truncate(s, max(w, 0), "")
	if len(cut) < len(s) && Width(cut) < min(w, Width(s)) {
		cut += " "
	}
	return tidy(cut)
}

// From returns what of a styled text comes after its first w cells. A blank stands for a wide character of which only one
// half is left.
func From(s string, w int) string {
	w = max(w, 0)
	rest := ansi.TruncateLeft(s, w, "")
	if Width(rest) > max(Width(s)-w, 0) {
		rest = " " + ansi.TruncateLeft(s, w+1, "")
	}
	return tidy(rest)
}

// Plain returns a styled text without its styles.
func Plain(s string) string { return ansi.Strip(s) }

// printable reports whether s is printable ASCII, as almost every name is. Each byte takes a cell then.
func printable(s string) bool {
	for i := range len(s) {
		if !plain(s[i]) {
			return false
		}
	}
	return true
}

func plain(b byte) bool { return b >= ' ' && b < 0x7f }
