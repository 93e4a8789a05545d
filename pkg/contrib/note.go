package contrib

import (
	"fmt"
	"slices"
	"strings"
)

// shown is how many names stand in front of a note: in a plan for a thousand members, the same note would drown the rest.
const shown = 3

// notes collects what a person should know, each text once.
type notes struct {
	texts []string
	about map[string][]string
}

// add notes a text about somebody; an empty name notes the text alone.
func (n *notes) add(about, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if n.about == nil {
		n.about = map[string][]string{}
	}
	names, known := n.about[text]
	if !known {
		n.texts = append(n.texts, text)
	}
	if about != "" {
		names = append(names, about)
	}
	n.about[text] = names
}

// list returns a line for each text, in the order in which they came up: "bob@x.com: text".
func (n *notes) list() []string {
	var out []string
	for _, text := range n.texts {
		names := slices.Clone(n.about[text])
		slices.Sort(names)
		names = slices.Compact(names)
		switch more := len(names) - shown; {
		case len(names) == 0:
			out = append(out, text)
		case more > 1:
			out = append(out, fmt.Sprintf("%s and %d others: %s", strings.Join(names[:shown], ", "), more, text))
		default:
			out = append(out, strings.Join(names, ", ")+": "+text)
		}
	}
	return out
}
