package theme_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// styles are all styles of a theme by their names.
func styles(t *theme.Theme) map[string]lipgloss.Style {
	out := map[string]lipgloss.Style{}
	fields := reflect.ValueOf(t).Elem()
	for i := range fields.NumField() {
		field := fields.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		if style, ok := reflect.TypeAssert[lipgloss.Style](fields.Field(i)); ok {
			out[field.Name] = style
		}
	}
	for tone := screen.Plain; tone <= screen.Bad; tone++ {
		out["tone "+string('0'+rune(tone))] = t.Tone(tone)
	}
	return out
}

// codes are what styles send to a terminal, without ESC [ and m.
func codes(t *testing.T, style lipgloss.Style) []string {
	t.Helper()
	var out []string
	for _, found := range regexp.MustCompile(`\x1b\[([0-9;]*)m`).FindAllStringSubmatch(style.Render("x"), -1) {
		out = append(out, strings.Split(found[1], ";")...)
	}
	return out
}

// The sixteen colours are 30 to 37 and 90 to 97, on 40 to 47 and 100 to 107; yellow and what is bright are not to be read on
// white, and blue is not on black.
func TestColours(t *testing.T) {
	t.Parallel()
	const attributes = `|1|2|4|7|`
	tests := map[string]struct {
		theme     *theme.Theme
		forbidden string // foregrounds
		colours   bool
	}{
		"dark":       {theme.New(true), `^(30|34|35|90|38)$`, true},
		"light":      {theme.New(false), `^(33|36|37|38|9[0-6])$`, true},
		"colourless": {theme.Colourless(), `.`, false},
		"zero":       {&theme.Theme{}, `.`, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forbidden, coloured := regexp.MustCompile(tc.forbidden), 0
			for part, style := range styles(tc.theme) {
				all := codes(t, style)
				for _, code := range all {
					if code == "" || strings.Contains(attributes, "|"+code+"|") {
						continue
					}
					coloured++
					if forbidden.MatchString(code) {
						t.Errorf("%s has the colour %s", part, code)
					}
				}
			}
			if (coloured > 0) != tc.colours {
				t.Errorf("%d colours, want some: %v", coloured, tc.colours)
			}
		})
	}
}

// What somebody has to tell apart looks different without colours too.
func TestDistinct(t *testing.T) {
	t.Parallel()
	for name, th := range map[string]*theme.Theme{"dark": theme.New(true), "light": theme.New(false), "colourless": theme.Colourless()} {
		for _, pair := range []struct {
			what string
			a, b lipgloss.Style
		}{
			{"the cursor", th.Cursor, th.Tone(screen.Plain)},
			{"a match", th.Match, th.Tone(screen.Plain)},
			{"a match under the cursor", th.Cursor.Inherit(th.Match), th.Cursor},
			{"the open tab", th.TabActive, th.TabIdle},
			{"what is strong", th.Tone(screen.Strong), th.Tone(screen.Plain)},
			{"what is quiet", th.Tone(screen.Quiet), th.Tone(screen.Plain)},
			{"a marked row", th.Marked, th.Tone(screen.Plain)},
		} {
			if pair.a.Render("x") == pair.b.Render("x") {
				t.Errorf("%s: %s looks like what it is not", name, pair.what)
			}
		}
	}
}

func TestToneOutOfRange(t *testing.T) {
	t.Parallel()
	if got := theme.New(true).Tone(99).Render("x"); got != "x" {
		t.Errorf("a tone that there is not draws %q, want it plain", got)
	}
}

func TestSigns(t *testing.T) {
	t.Parallel()
	for _, ascii := range []bool{false, true} {
		th, seen := &theme.Theme{ASCII: ascii}, 0
		for sign := theme.Live; sign <= theme.ArrowRight; sign++ {
			form := th.Sign(sign)
			if utf8.RuneCountInString(form) != 1 || ansi.StringWidth(form) != 1 {
				t.Errorf("sign %d is %q: want one cell", sign, form)
			}
			if ascii && len(form) != 1 {
				t.Errorf("sign %d is %q, want ASCII", sign, form)
			}
			seen++
		}
		if seen != int(theme.ArrowRight)+1 {
			t.Errorf("%d signs were seen", seen)
		}
	}
	for sign, want := range map[theme.Sign][2]string{
		theme.Live: {"●", "*"}, theme.Ellipsis: {"…", "~"}, theme.SortUp: {"▲", "^"}, theme.Cursor: {"►", ">"}, theme.Tick: {"✓", "+"},
		theme.BarLeft: {"▕", "["}, theme.BarFree: {"░", "."}, theme.Rule: {"─", "-"}, theme.BottomRight: {"┘", "+"},
		theme.Branch: {"├", "+"}, theme.LastBranch: {"└", "`"}, theme.ArrowUp: {"↑", "^"}, theme.ArrowRight: {"→", ">"},
	} {
		if got := [2]string{(&theme.Theme{}).Sign(sign), (&theme.Theme{ASCII: true}).Sign(sign)}; got != want {
			t.Errorf("sign %d is %q, want %q", sign, got, want)
		}
	}
}

func TestFrame(t *testing.T) {
	t.Parallel()
	const drawn = "┌─ ● live\x1b[1m cut…\x1b[m é e\u0301 東 ✓"
	for ascii, want := range map[bool]string{false: drawn, true: "+- * live\x1b[1m cut~\x1b[m ? e ?? +"} {
		if got := (&theme.Theme{ASCII: ascii}).Frame(drawn); got != want {
			t.Errorf("ASCII %v: Frame = %q, want %q", ascii, got, want)
		}
	}
}
