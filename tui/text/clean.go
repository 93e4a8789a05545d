package text

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// mostBytes is how many bytes are looked at for one character, which may have fewer by the last rune. No script needs as
// many; names that are made to pile marks into the lines above and below have hundreds.
const mostBytes = 40

// Clean makes visible what a terminal must not get, or what nobody would see: what [printer.Escape] escapes, which includes
// the joiners of emoji; variation selectors, about whose width terminals disagree; letters that are blank (\u3164), with which
// one name could pass for another; and marks that have no letter to stand on (\u0301). All other text is returned as it is.
func Clean(s string) string {
	if printable(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		shown, _, size := next(s)
		b.WriteString(shown)
		s = s[size:]
	}
	return b.String()
}

// Fit cuts raw text to at most w cells and cleans it; the last cell is "…" when something was cut. It looks at no more of a
// long text than that takes.
func Fit(s string, w int) string {
	s, _ = Fitted(s, w)
	return s
}

// Fitted is [Fit], and returns how many cells it takes too.
func Fitted(s string, w int) (fitted string, cells int) {
	if w <= 0 {
		return "", 0
	}
	if len(s) <= w && printable(s) {
		return s, len(s)
	}
	if len(s) > w && printable(s[:w+1]) {
		return s[:w-1] + Ellipsis, w
	}
	var b strings.Builder
	room, used := 0, 0 // how much of b, in how many cells, leaves a cell for the ellipsis
	for s != "" {
		shown, width, size := next(s)
		if cells+width > w {
			return b.String()[:room] + Ellipsis, used + 1
		}
		b.WriteString(shown)
		s, cells = s[size:], cells+width
		if cells < w {
			room, used = b.Len(), cells
		}
	}
	return b.String(), cells
}

// next returns how the first character of raw text is shown, in how many cells (at least one), and how many bytes of s that
// is. It looks at no more of s than a character may have.
func next(s string) (shown string, cells, size int) {
	if plain(s[0]) && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return s[:1], 1, 1
	}
	r, size := utf8.DecodeRuneInString(s)
	if !unicode.IsMark(r) {
		shown, cells = ansi.FirstGraphemeCluster(s[:min(len(s), mostBytes)], ansi.GraphemeWidth)
		if end := harmless(shown); end < len(shown) {
			shown, cells = ansi.FirstGraphemeCluster(shown[:end], ansi.GraphemeWidth)
		}
		if cells > 0 && len(shown) <= mostBytes-utf8.UTFMax {
			return shown, cells, len(shown)
		}
	}
	if shown = printer.Escape(s[:size]); shown == s[:size] && !plain(s[0]) {
		shown = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
	}
	return shown, len(shown), size
}

// harmless is how many bytes at the start of s need no escaping.
func harmless(s string) int {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if size == 1 && r == utf8.RuneError || unicode.In(r, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			return i
		}
		// What can be printed needs none, and is quicker to know.
		if !unicode.IsPrint(r) && printer.Escape(s[i:i+size]) != s[i:i+size] {
			return i
		}
		i += size
	}
	return len(s)
}
