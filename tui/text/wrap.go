package text

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// hyphen stands for a hyphen while a text is broken: the library that breaks it does so behind hyphens too, which would take
// the flags of commands apart. It is for private use, and no text has it but one that is made to.
const hyphen = "\U000F0000"

// Wrap breaks clean text, drawn in styles or not, into lines of at most w cells: at blanks, and within a word only when it
// is longer than a line.
func Wrap(s string, w int) []string {
	if Width(s) <= w {
		return []string{s}
	}
	if strings.Contains(s, hyphen) {
		return broken(s, w)
	}
	lines := broken(strings.ReplaceAll(s, "-", hyphen), w)
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], hyphen, "-")
	}
	return lines
}

// broken breaks a text where the library does. Each line has the whole of its styles. The library miscounts blanks: what it
// leaves of them at the end of a line goes, a line that they made too long is broken once more, and no line is left for those
// in front of a word that is longer than a line.
func broken(s string, w int) []string {
	var lines []string
	for i, line := range strings.Split(lipgloss.Wrap(s, w, ""), "\n") {
		line = Left(line, Width(strings.TrimRight(Plain(line), " ")))
		for Width(line) > w {
			whole := max(Width(ansi.Truncate(line, w, "")), 1) // no half of a wide character
			lines = append(lines, Left(line, whole))
			line = From(line, whole)
		}
		if i > 0 || line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
