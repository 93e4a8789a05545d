package dialog

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/sahilm/fuzzy"

	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// highlight draws clean text in a style, with what a query matches of it marked: each word of the query where it stands in
// the text, or else its letters one by one.
func highlight(clean, query string, base lipgloss.Style, t *theme.Theme) string {
	marked := make([]bool, len(clean))
	for word := range strings.FieldsSeq(query) {
		for _, at := range matched(clean, word) {
			marked[at] = true
		}
	}
	mark := t.Match.Inherit(base)
	var b strings.Builder
	for from := 0; from < len(clean); {
		to := from + 1
		// Matches are told by the first byte of a letter.
		for to < len(clean) && (marked[to] == marked[from] || clean[to]&0xc0 == 0x80) {
			to++
		}
		style := base
		if marked[from] {
			style = mark
		}
		b.WriteString(style.Render(clean[from:to]))
		from = to
	}
	return b.String()
}

// matched returns where the letters of a word begin in a text, in bytes.
func matched(clean, word string) []int {
	// Lower case may take other bytes than upper case: then letters are looked for one by one, too.
	if lower := strings.ToLower(clean); len(lower) == len(clean) {
		if at := strings.Index(lower, strings.ToLower(word)); at >= 0 {
			var all []int
			for i := range strings.ToLower(word) {
				all = append(all, at+i)
			}
			return all
		}
	}
	if found := fuzzy.Find(word, []string{clean}); len(found) > 0 {
		return found[0].MatchedIndexes
	}
	return nil
}
