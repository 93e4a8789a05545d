package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/text"
)

// offersShown is how many completions are shown at once.
const offersShown = 8

// inputLines draws the line that is typed in, and below it what may come next.
func (a *App) inputLines(w int) []string {
	prompt := " " + a.line.prompt
	typed, x := a.line.field.View(max(1, w-text.Width(prompt)-1), "", a.theme)
	a.cursor = tea.NewCursor(text.Width(prompt)+x, a.bodyTop)
	lines := []string{text.Cut(a.theme.Prompt.Render(prompt)+typed, w)}
	if a.line.use != asking {
		return lines
	}
	var offers strings.Builder
	offers.WriteByte(' ')
	for i, o := range a.line.offers[:min(len(a.line.offers), offersShown)] {
		word := a.theme.Suggestion.Render(text.Fit(o.Word, 40))
		if i == 0 {
			word = a.theme.Key.Render("tab") + " " + word
		}
		if o.Hint != "" {
			word += " " + a.theme.KeyText.Render(text.Fit(o.Hint, 20))
		}
		offers.WriteString(word + "  ")
	}
	return append(lines, text.Cut(offers.String(), w))
}
