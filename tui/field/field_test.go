package field_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/tui/field"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

func press(code rune, mod tea.KeyMod) tea.Msg { return tea.KeyPressMsg{Code: code, Mod: mod} }

func typed(s string) tea.Msg { return tea.KeyPressMsg{Code: []rune(s)[0], Text: s} }

func TestUpdate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value   string
		msgs    []tea.Msg
		want    string
		at      int
		changed bool // by the last message
	}{
		"untouched":     {value: "get pods", want: "get pods", at: 8},
		"typed":         {value: "get pod", msgs: []tea.Msg{typed("s")}, want: "get pods", at: 8, changed: true},
		"typed within":  {value: "gt", msgs: []tea.Msg{press(tea.KeyLeft, 0), typed("e")}, want: "get", at: 2, changed: true},
		"moved":         {value: "get", msgs: []tea.Msg{press(tea.KeyHome, 0)}, want: "get"},
		"erased":        {value: "团队", msgs: []tea.Msg{press(tea.KeyBackspace, 0)}, want: "团", at: 1, changed: true},
		"nothing left":  {msgs: []tea.Msg{press(tea.KeyBackspace, 0)}},
		"word erased":   {value: "get pods", msgs: []tea.Msg{press('w', tea.ModCtrl)}, want: "get ", at: 4, changed: true},
		"all erased":    {value: "get pods", msgs: []tea.Msg{press('u', tea.ModCtrl)}, changed: true},
		"pasted":        {value: "a", msgs: []tea.Msg{tea.PasteMsg{Content: "b\nc\x1b[m"}}, want: "ab c[m", at: 6, changed: true},
		"word forward":  {value: "a", msgs: []tea.Msg{press('d', tea.ModAlt)}, want: "a", at: 1},
		"not for it":    {value: "a", msgs: []tea.Msg{tea.WindowSizeMsg{Width: 9}}, want: "a", at: 1},
		"another key":   {value: "a", msgs: []tea.Msg{press(tea.KeyF1, 0)}, want: "a", at: 1},
		"two, one wide": {value: "a", msgs: []tea.Msg{typed("団"), typed("b")}, want: "a団b", at: 3, changed: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := field.New(tt.value)
			changed := false
			for _, msg := range tt.msgs {
				changed, _ = f.Update(msg)
			}
			if f.Text() != tt.want || f.Position() != tt.at || changed != tt.changed || f.AtEnd() != (tt.at == len([]rune(tt.want))) {
				t.Errorf("%q, cursor at %d (end %v), changed %v; want %q, %d, %v",
					f.Text(), f.Position(), f.AtEnd(), changed, tt.want, tt.at, tt.changed)
			}
		})
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	f := field.New("get")
	f.Set("delete 团")
	if f.Text() != "delete 团" || !f.AtEnd() {
		t.Errorf("Set: %q, cursor at %d", f.Text(), f.Position())
	}
	f.SetAt("list pods", 4)
	if f.Text() != "list pods" || f.Position() != 4 {
		t.Errorf("SetAt: %q, cursor at %d", f.Text(), f.Position())
	}
}

func TestView(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		value, suggestion string
		at, w             int
		want              string
		x                 int
	}{
		"empty":                    {w: 10},
		"short":                    {value: "get", at: 3, w: 10, want: "get", x: 3},
		"cursor within":            {value: "get", at: 1, w: 10, want: "get", x: 1},
		"as wide as it can be":     {value: "123456789", at: 9, w: 10, want: "123456789", x: 9},
		"cut in front":             {value: "1234567890abc", at: 13, w: 10, want: "567890abc", x: 9},
		"cut behind":               {value: "1234567890abc", at: 0, w: 10, want: "123456789…", x: 0},
		"cut on both sides":        {value: "1234567890abcdef", at: 12, w: 10, want: "4567890ab…", x: 9},
		"wide letters":             {value: "团队团队团队", at: 6, w: 7, want: "队团队", x: 6},
		"half of a wide letter":    {value: "团队团队", at: 4, w: 6, want: " 团队", x: 5},
		"suggestion":               {value: "ge", suggestion: "t pods", at: 2, w: 10, want: "get pods", x: 2},
		"suggestion cut":           {value: "ge", suggestion: "t pods and more", at: 2, w: 10, want: "get pods…", x: 2},
		"no room for a suggestion": {value: "123456789", suggestion: "x", at: 9, w: 10, want: "123456789", x: 9},
		"one cell":                 {value: "abc", at: 3, w: 1, x: 0},
		"control characters":       {value: "a\u202eb", at: 3, w: 30, want: `a\u202eb`, x: 8},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := field.New("")
			f.SetAt(tt.value, tt.at)
			line, x := f.View(tt.w, tt.suggestion, &theme.Theme{})
			if line != tt.want || x != tt.x {
				t.Errorf("View = %q, %d, want %q, %d", line, x, tt.want, tt.x)
			}
		})
	}
}

// Whatever is in it, a field fits, shows where the cursor is, and sends nothing raw; and it draws no more than is in sight.
func TestViewFits(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"x", "团", "\x1b[31m", "e\u0301\u0302", "\u202e", "👩\u200d👩\u200d👧", "\u0301", "\xff", "🇩🇪"} {
		f := field.New("")
		value := strings.Repeat(part, 5_000)
		for _, at := range []int{0, 1, 3, 2_500, 1 << 20} {
			f.SetAt(value, at)
			start := time.Now() //nolint:forbidigo // it is time that is measured
			for w := 1; w < 120; w += 13 {
				line, x := f.View(w, "…", theme.New(true))
				plain := text.Plain(line)
				if text.Width(line) > w || x < 0 || x >= w || printer.Escape(plain) != plain {
					t.Errorf("%q at %d in %d cells: %q, %d", part, at, w, line, x)
				}
			}
			if took := time.Since(start); took > 2*time.Second { //nolint:forbidigo // it is time that is measured
				t.Errorf("%q at %d: ten views take %v", part, at, took)
			}
		}
	}
}
