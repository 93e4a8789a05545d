package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// tidy takes out of a styled text the styles in which nothing stands. What cuts texts leaves them behind.
func tidy(s string) string {
	if !strings.Contains(s, "m"+ansi.ResetStyle) && !strings.HasPrefix(s, ansi.ResetStyle) {
		return s
	}
	var b strings.Builder
	styled := false
	for s != "" {
		end := stylesAt(s)
		if end == 0 {
			end = strings.IndexByte(s, ansi.ESC)
			if end <= 0 {
				end = len(s)
			}
			b.WriteString(s[:end])
			s = s[end:]
			continue
		}
		styles := s[:end]
		s = s[end:]
		if last := strings.LastIndex(styles, ansi.ResetStyle); last >= 0 {
			styles = styles[last:]
			if !styled {
				styles = styles[len(ansi.ResetStyle):]
			}
		}
		if styles != "" {
			styled = styles != ansi.ResetStyle
			b.WriteString(styles)
		}
	}
	return b.String()
}

// stylesAt is how many bytes at the start of a text are styles, one behind the other.
func stylesAt(s string) int {
	end := 0
	for {
		parameters, found := strings.CutPrefix(s[end:], "\x1b[")
		if !found {
			return end
		}
		rest := strings.TrimLeft(parameters, "0123456789;:")
		if !strings.HasPrefix(rest, "m") {
			return end
		}
		end = len(s) - len(rest) + 1
	}
}
