package grid_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/tui/grid"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// odd is rows with everything that a terminal must not get, or could get wrong.
func odd() []grant {
	return []grant{
		{"user:" + strings.Repeat("long-", 2000), "owner", strings.Repeat("東", 5000), "kubeflow", "never", 0.5, screen.Good},
		{"user:\x1b[31mred\x1b[0m\x1b]0;title\a", "edi\ttor", "line\nbreak\r", "\xff\xfe", "\u202enever", 2, screen.Warn},
		{"user:東京@例え.jp", "viewer", "e\u0301te\u0301", "👩\u200d💻", "🇩🇪🙂", 0.25, screen.Plain},
		{"user:שלום@example.org", "viewer", "مرحبا-7", "\u0301first", "", -1, screen.Tone(77)},
		{"", "", "", "", "", 0, screen.Plain},
	}
}

func TestViewGolden(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		items  []grant
		sort   grid.Sort
		filter string
		theme  *theme.Theme
		do     func(*grid.Grid)
		styled bool
	}{
		"team":        {items: team()},
		"sorted":      {items: team(), sort: grid.Sort{Column: 3, Descending: true}, do: func(g *grid.Grid) { g.Move(2) }},
		"filtered":    {items: team(), filter: "acme er", styled: true},
		"fuzzy":       {items: team(), filter: "tvi", styled: true},
		"nothing":     {items: team(), filter: "nobody"},
		"colours":     {items: team(), theme: theme.New(true), sort: grid.Sort{Column: 1}, styled: true},
		"light":       {items: team(), theme: theme.New(false), sort: grid.Sort{Column: 1}, styled: true},
		"ascii":       {items: team(), theme: &theme.Theme{ASCII: true}, sort: grid.Sort{Column: 6, Descending: true}},
		"odd":         {items: odd()},
		"shifted":     {items: team(), do: func(g *grid.Grid) { g.Shift(2) }},
		"shifted far": {items: team(), do: func(g *grid.Grid) { g.Shift(99) }},
		"crowd":       {items: crowd(300), sort: grid.Sort{Column: 1}, do: func(g *grid.Grid) { g.Move(150) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			th := tc.theme
			if th == nil {
				th = theme.Colourless()
			}
			var b strings.Builder
			for _, size := range [][2]int{{120, 8}, {80, 8}, {56, 8}, {40, 6}, {20, 5}, {9, 4}} {
				var g grid.Grid
				g.Show(arrange(t, grants(tc.items), tc.sort, tc.filter, nil), false)
				g.View(size[0], size[1], th)
				if tc.do != nil {
					tc.do(&g)
				}
				view := g.View(size[0], size[1], th)
				checkView(t, view, size[0], size[1])
				fmt.Fprintf(&b, "-- %dx%d\n", size[0], size[1])
				for line := range strings.SplitSeq(view, "\n") {
					if !tc.styled {
						line = text.Plain(line)
					}
					b.WriteString(strings.ReplaceAll(line, "\x1b", "ESC") + "|\n")
				}
			}
			golden.Equal(t, b.String(), "view/"+strings.ReplaceAll(name, " ", "_"))
		})
	}
}

// checkView fails unless a view is h lines of w cells, and all that is sent besides text are styles.
func checkView(t *testing.T, view string, w, h int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		t.Errorf("%dx%d: %d lines", w, h, len(lines))
	}
	for i, line := range lines {
		if width := ansi.StringWidth(line); width != w {
			t.Errorf("%dx%d: line %d has %d cells: %q", w, h, i, width, line)
		}
		if !utf8.ValidString(line) {
			t.Errorf("%dx%d: line %d is no UTF-8: %q", w, h, i, line)
		}
		for _, r := range withoutStyles(line) {
			if unicode.In(r, unicode.Cc, unicode.Cf) {
				t.Errorf("%dx%d: line %d holds %U: %q", w, h, i, r, line)
			}
		}
	}
}

// withoutStyles takes out ESC [ digits and semicolons m, and nothing else.
func withoutStyles(s string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		trimmed := strings.TrimLeft(rest, "0123456789;")
		if !strings.HasPrefix(trimmed, "m") {
			b.WriteString("\x1b") // is found by whoever looks
		}
		s = strings.TrimPrefix(trimmed, "m")
	}
}

func TestViewAnySize(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]*grid.Arrangement{
		"none":  nil,
		"empty": arrange(t, grants(nil), grid.Sort{}, "", nil),
		"team":  arrange(t, grants(team()), grid.Sort{Column: 6}, "e", nil),
		"odd":   arrange(t, grants(odd()), grid.Sort{Column: 1, Descending: true}, "", nil),
		"crowd": arrange(t, grants(crowd(100)), grid.Sort{Column: 1}, "prsn", nil),
		"none of its columns": arrange(t, &screen.List{Rows: 2, Key: strconv.Itoa},
			grid.Sort{Column: 3}, "", nil),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g grid.Grid
			if a != nil {
				g.Show(a, false)
			}
			for _, th := range []*theme.Theme{theme.New(true), {ASCII: true}} {
				for w := range 60 {
					for h := range 9 {
						if w == 0 || h == 0 {
							continue
						}
						checkView(t, g.View(w, h, th), w, h)
						g.Move(3)
						g.Shift(w%3 - 1)
					}
				}
			}
			if view := g.View(0, 5, theme.New(true)) + g.View(5, 0, theme.New(true)); view != "" {
				t.Errorf("a view without room is %q", view)
			}
		})
	}
}

// What is drawn costs the same however many rows there are: only those in sight are asked for.
func TestViewAsksForVisibleRows(t *testing.T) {
	t.Parallel()
	list := grants(crowd(20_000))
	a := arrange(t, list, grid.Sort{Column: 1}, "", nil)
	asked := 0
	cell := list.Cell
	list.Cell = func(row, column int) screen.Cell {
		asked++
		return cell(row, column)
	}
	var g grid.Grid
	g.Show(a, false)
	g.View(120, 41, theme.New(true))
	g.Bottom()
	g.View(120, 41, theme.New(true))
	if want := 2 * 40 * len(list.Columns); asked != want {
		t.Errorf("%d cells were asked for, want %d", asked, want)
	}
}

func FuzzView(f *testing.F) {
	f.Add("user:a", "b", 30, 4)
	f.Add("\x1b[2J", "東\u202e", 7, 3)
	f.Add("e\u0301\u0301", "\xff\n", 1, 1)
	f.Add("\x99\xff", "\x80", 7, 3) // found in the middle of the ellipsis
	f.Fuzz(func(t *testing.T, subject, filter string, w, h int) {
		w, h = min(max(w, 1), 150), min(max(h, 1), 8)
		items := append(team(), grant{subject: subject, role: filter, namespace: subject + filter, used: float64(w)})
		var g grid.Grid
		g.Show(arrange(t, grants(items), grid.Sort{Column: 1 + h%6}, filter, nil), false)
		checkView(t, g.View(w, h, theme.New(true)), w, h)
		g.Show(arrange(t, grants(items), grid.Sort{}, "", nil), true)
		g.Bottom()
		g.Shift(w % 5)
		checkView(t, g.View(w, h, &theme.Theme{ASCII: true}), w, h)
	})
}

// A column is as wide as what is in sight, also of a new list, and of rows that nobody has looked at before.
func TestViewWidens(t *testing.T) {
	t.Parallel()
	var g grid.Grid
	for _, name := range []string{"a name of some length", "a name of some more length", "one"} {
		items := crowd(2000)
		items[1].role, items[1500].role = name, name+", and more"
		g.Show(arrange(t, grants(items), grid.Sort{}, "", nil), false)
		for _, at := range []int{0, 1500, 0} {
			g.Top()
			g.Move(at)
			if view := text.Plain(g.View(200, 10, theme.Colourless())); !strings.Contains(view, items[max(at, 1)].role+"  ") {
				t.Errorf("%s is not to be seen at %d:\n%s", name, at, view)
			}
		}
	}
}
