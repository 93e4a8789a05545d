package printer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape makes visible whatever in s could move a cursor, change a terminal's state, break a line, or make text look
// like other text: control characters (^[ for ESC, \n, \t, \u009b), invisible and direction-changing characters
// (\u202e), and bytes that are no UTF-8 (\xff). All other text is returned as it is, so that names stay pasteable.
func Escape(s string) string { return escape(s, "") }

// EscapeLines is Escape for text of several lines: line breaks and tabs stay.
func EscapeLines(s string) string { return escape(s, "\n\t") }

func escape(s, keep string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case !unsafe(r) || strings.ContainsRune(keep, r):
			b.WriteRune(r)
		default:
			b.WriteString(visible(r))
		}
		i += size
	}
	return b.String()
}

// isPlain is the fast way out: almost every name is printable ASCII.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// unsafe reports whether r must not be shown as it is: controls (C0, DEL, C1), format characters (direction, joiners,
// byte order mark, tags) and the Unicode line and paragraph separators.
func unsafe(r rune) bool {
	if r < 0x80 { // almost all there is, and looking it up in tables takes long
		return r < ' ' || r == 0x7f
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

func visible(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < ' ':
		return "^" + string(r+'@')
	case r == 0x7f:
		return "^?"
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
