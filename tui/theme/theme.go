// Package theme holds the styles and the signs of the browser. A style never says anything alone: what it means stands in
// words or signs too, so that a screen without colours says the same, and one in ASCII as well.
package theme

import (
	"image/color"

	"charm.land/lipgloss/v2"

	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// Theme is the styles of everything that is drawn. The zero value styles nothing.
type Theme struct {
	// ASCII draws bars, borders and signs with ASCII only.
	ASCII bool

	Title, Crumb, Header, Footer     lipgloss.Style
	TabActive, TabIdle               lipgloss.Style
	ColumnHead, Cursor, Marked       lipgloss.Style
	Match, Border, Key, KeyText      lipgloss.Style
	Prompt, Suggestion, Toast, Alarm lipgloss.Style
	Added, Removed                   lipgloss.Style

	tones [6]lipgloss.Style
}

// Tone returns the style of a tone.
func (t *Theme) Tone(tone screen.Tone) lipgloss.Style {
	if int(tone) >= len(t.tones) {
		return t.tones[screen.Plain]
	}
	return t.tones[tone]
}

// New returns the theme for a dark or a light background, in the sixteen colours that every terminal lets its user choose.
func New(dark bool) *Theme {
	t := Colourless()
	c := lightColours()
	if dark {
		c = darkColours()
	}
	for _, part := range []struct {
		style      *lipgloss.Style
		foreground color.Color
	}{
		{&t.Title, c.accent},
		{&t.Key, c.accent},
		{&t.Prompt, c.accent},
		{&t.TabActive, c.accent},
		{&t.Match, c.match},
		{&t.Marked, c.match},
		{&t.Added, c.good},
		{&t.Removed, c.bad},
		{&t.tones[screen.Good], c.good},
		{&t.tones[screen.Warn], c.warn},
		{&t.tones[screen.Bad], c.bad},
	} {
		*part.style = part.style.Foreground(part.foreground)
	}
	// White on blue and on red is read in every palette.
	t.Header = lipgloss.NewStyle().Foreground(lipgloss.BrightWhite).Background(lipgloss.Blue)
	t.Alarm = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.BrightWhite).Background(lipgloss.Red)
	return t
}

// colours are those that differ with the background.
type colours struct{ accent, match, good, warn, bad color.Color }

func darkColours() colours {
	return colours{
		accent: lipgloss.BrightCyan, match: lipgloss.BrightMagenta,
		good: lipgloss.BrightGreen, warn: lipgloss.BrightYellow, bad: lipgloss.BrightRed,
	}
}

// lightColours have neither yellow nor cyan, nor anything bright: nobody can read those on white.
func lightColours() colours {
	return colours{
		accent: lipgloss.Blue, match: lipgloss.Magenta,
		good: lipgloss.Green, warn: lipgloss.Magenta, bad: lipgloss.Red,
	}
}

// Colourless returns the theme without any colour: bold, faint, underlined and reversed text only. What is of less weight
// is faint and not of a grey, which some palettes give to the background.
func Colourless() *Theme {
	plain, bold := lipgloss.NewStyle(), lipgloss.NewStyle().Bold(true)
	faint, reverse := lipgloss.NewStyle().Faint(true), lipgloss.NewStyle().Reverse(true)
	t := &Theme{
		Title: bold, Crumb: faint, Header: reverse, Footer: plain,
		TabActive: bold, TabIdle: plain,
		ColumnHead: bold, Cursor: reverse, Marked: bold,
		Match: plain.Underline(true), Border: faint, Key: bold, KeyText: faint,
		Prompt: bold, Suggestion: faint, Toast: reverse, Alarm: reverse.Bold(true),
		Added: plain, Removed: plain,
	}
	t.tones = [...]lipgloss.Style{
		screen.Plain: plain, screen.Quiet: faint, screen.Strong: bold,
		screen.Good: plain, screen.Warn: bold, screen.Bad: bold,
	}
	return t
}
