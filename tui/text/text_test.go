package text_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/kubegatehouse/gatehouse/tui/text"
)

func TestClean(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in, want string
		width    int
	}{
		"empty":             {"", "", 0},
		"plain":             {"user:alice@x.com", "user:alice@x.com", 16},
		"wide":              {"東京", "東京", 4},
		"wide and narrow":   {"a東b", "a東b", 4},
		"half-width":        {"ｱｲ", "ｱｲ", 2},
		"emoji":             {"🙂x", "🙂x", 3},
		"flag":              {"🇩🇪", "🇩🇪", 2},
		"skin":              {"👍🏽", "👍🏽", 2},
		"joined emoji":      {"👩\u200d💻", `👩\u200d💻`, 10},
		"variation":         {"☁\ufe0fx", `☁\ufe0fx`, 8},
		"keycap":            {"1\ufe0f\u20e3", `1\ufe0f\u20e3`, 13},
		"combining":         {"e\u0301x", "e\u0301x", 2},
		"mark first":        {"\u0301x", `\u0301x`, 7},
		"mark on nothing":   {"\n\u0301", `\n\u0301`, 8},
		"far mark":          {"\U000e0100", `\U000e0100`, 10},
		"Hebrew":            {"שלום", "שלום", 4},
		"Hebrew with marks": {"שָׁלוֹם", "שָׁלוֹם", 4},
		"Arabic":            {"مرحبا-1", "مرحبا-1", 7},
		"Devanagari":        {"नमस्ते", "नमस्ते", 3},
		"direction":         {"a\u202eb\u2066c\u200f", `a\u202eb\u2066c\u200f`, 21},
		"zero width":        {"a\u200bb\ufeff", `a\u200bb\ufeff`, 14},
		"escape":            {"\x1b[31mx\x1b]0;y\a", "^[[31mx^[]0;y^G", 15},
		"C1":                {"\u009b31m", `\u009b31m`, 9},
		"tab and lines":     {"a\tb\r\nc", `a\tb\r\nc`, 9},
		"no UTF-8":          {"a\xff\xc3", `a\xff\xc3`, 9},
		"half a character":  {"\xe6\x9d", `\xe6\x9d`, 8},
		"replacement":       {"\ufffd", "\ufffd", 1},
		"no-break space":    {"a\u00a0b", "a\u00a0b", 3},
		"blank letters":     {"a\u3164b\u115f\uffa0", `a\u3164b\u115f\uffa0`, 20},
		"joined marks":      {"a\u034fb", `a\u034fb`, 8},
		"mark of its own":   {"\u0903x", `\u0903x`, 7},
		"endless jamo":      {strings.Repeat("\u1100", 14), strings.Repeat(`\u1100`, 2) + strings.Repeat("\u1100", 12), 14},
		"piled marks":       {"e" + strings.Repeat("\u0301", 20), "e" + strings.Repeat(`\u0301`, 20), 121},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := text.Clean(tc.in)
			if got != tc.want {
				t.Errorf("Clean(%q) = %q, want %q", tc.in, got, tc.want)
			}
			if width := text.Width(got); width != tc.width {
				t.Errorf("Width(%q) = %d, want %d", got, width, tc.width)
			}
			if again := text.Clean(got); again != got {
				t.Errorf("Clean is not stable: %q becomes %q", got, again)
			}
			if fit := text.Fit(tc.in, tc.width); fit != got {
				t.Errorf("Fit(%q, %d) = %q, want %q", tc.in, tc.width, fit, got)
			}
		})
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		w    int
		want string
	}{
		"fits":              {"abc", 3, "abc"},
		"cut":               {"abcd", 3, "ab…"},
		"one cell":          {"abcd", 1, "…"},
		"no cell":           {"abcd", 0, ""},
		"less than nothing": {"abcd", -1, ""},
		"wide fits":         {"東京", 4, "東京"},
		"wide cut":          {"東京", 3, "東…"},
		"wide half":         {"東京", 2, "…"},
		"wide after ASCII":  {"ab東", 3, "ab…"},
		"mark stays":        {"ae\u0301bc", 3, "ae\u0301…"},
		"mark at the end":   {"abe\u0301", 3, "abe\u0301"},
		"escape is whole":   {"ab\x1bc", 4, "ab…"},
		"escape fits":       {"ab\x1bc", 5, "ab^[c"},
		"narrow escape":     {"\u202eabc", 4, "…"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := text.Fit(tc.in, tc.w); got != tc.want {
				t.Errorf("Fit(%q, %d) = %q, want %q", tc.in, tc.w, got, tc.want)
			}
		})
	}
}

func TestPad(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in    string
		w     int
		right bool
		want  string
	}{
		"left":              {"ab", 4, false, "ab  "},
		"right":             {"ab", 4, true, "  ab"},
		"exact":             {"ab", 2, false, "ab"},
		"cut":               {"abc", 2, false, "a…"},
		"nothing":           {"abc", 0, false, ""},
		"wide":              {"東", 3, false, "東 "},
		"wide doesn't fit":  {"東京", 3, true, "東…"},
		"wide in one cell":  {"東", 1, false, "…"},
		"wide cut and fill": {"a東京", 4, false, "a東…"},
		"styled":            {"\x1b[1mab\x1b[m", 3, false, "\x1b[1mab\x1b[m "},
		"styled cut":        {"\x1b[1mabcd\x1b[m", 3, false, "\x1b[1mab…\x1b[m"},
		"cut in front":      {"ab\x1b[1mcd\x1b[m \x1b[2mef\x1b[m", 2, false, "a…"},
		"cut in a style":    {"\x1b[1mab\x1b[m\x1b[2mcd\x1b[m", 2, false, "\x1b[1ma…\x1b[m"},
		"style in a style":  {"\x1b[1mab\x1b[31mcd\x1b[m\x1b[2mef\x1b[m", 2, false, "\x1b[1ma…\x1b[m"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := text.Pad(tc.in, tc.w, tc.right); got != tc.want {
				t.Errorf("Pad(%q, %d) = %q, want %q", tc.in, tc.w, got, tc.want)
			}
		})
	}
}

func TestLeftAndFrom(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in         string
		w          int
		left, from string
	}{
		"middle":        {"abcd", 2, "ab", "cd"},
		"nothing":       {"abcd", 0, "", "abcd"},
		"all":           {"abcd", 4, "abcd", ""},
		"more":          {"abcd", 9, "abcd", ""},
		"wide":          {"a東b", 3, "a東", "b"},
		"half of wide":  {"a東b", 2, "a ", " b"},
		"wide at edge":  {"東", 1, " ", " "},
		"styles go":     {"\x1b[1mab\x1b[m\x1b[31;1mcd\x1b[m", 2, "\x1b[1mab\x1b[m", "\x1b[31;1mcd\x1b[m"},
		"styles remain": {"\x1b[1mabcd\x1b[m", 2, "\x1b[1mab\x1b[m", "\x1b[1mcd\x1b[m"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			left, from := text.Left(tc.in, tc.w), text.From(tc.in, tc.w)
			if left != tc.left || from != tc.from {
				t.Errorf("Left, From(%q, %d) = %q, %q, want %q, %q", tc.in, tc.w, left, from, tc.left, tc.from)
			}
			if w := text.Width(left) + text.Width(from); w != text.Width(tc.in) {
				t.Errorf("the parts are %d cells wide, want %d", w, text.Width(tc.in))
			}
		})
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	if got := text.Plain("\x1b[1;31ma東\x1b[m b"); got != "a東 b" {
		t.Errorf("Plain = %q, want %q", got, "a東 b")
	}
}

// A name of ten million bytes costs what its first cells cost, whatever it is made of: reading it once takes milliseconds.
func TestFitLooksAtLittle(t *testing.T) {
	t.Parallel()
	const size, times = 10_000_000, 100
	for name, unit := range map[string]string{
		"letters": "a", "wide": "東", "marks": "\u0301", "marks on a letter": "", "escapes": "\x1b", "no UTF-8": "\xff",
		"joiners": "\u200d", "jamo": "\u1161", "flags": "🇩", "Devanagari": "क्",
	} {
		t.Run(name, func(t *testing.T) {
			long := "e" + strings.Repeat("\u0301", size/2)
			if unit != "" {
				long = strings.Repeat(unit, size/len(unit))
			}
			start := time.Now() //nolint:forbidigo // it is time that is measured
			for range times {
				if got := text.Fit(long, 40); text.Width(got) > 40 {
					t.Fatalf("Fit gives %d cells", text.Width(got))
				}
			}
			if each := time.Since(start) / times; each > 2*time.Millisecond { //nolint:forbidigo // it is time that is measured
				t.Errorf("Fit of %d bytes takes %s", len(long), each)
			}
		})
	}
}

func FuzzFit(f *testing.F) {
	for _, seed := range []string{
		"", "abc", "東京", "👩\u200d💻", "e\u0301", "\u0301", "\x1b[31m", "\u202e", "\xff", "שלום", "🇩🇪🇫🇷",
		"a\tb\nc", "नमस्ते", "\u1100\u1161\u11a8", "1\ufe0f\u20e3", "☁\ufe0f", "\u3164", "\u115f",
	} {
		for _, w := range []int{0, 1, 3, 20} {
			f.Add(seed, w)
		}
	}
	f.Fuzz(func(t *testing.T, s string, w int) {
		w = min(max(w, 0), 300)
		got, cells := text.Fitted(s, w)
		if width := ansi.StringWidth(got); width != cells || cells > w || got != text.Fit(s, w) {
			t.Errorf("Fitted(%q, %d) = %q, %d takes %d cells", s, w, got, cells, width)
		}
		checkClean(t, got)
		checkClean(t, text.Clean(s))
		for _, right := range []bool{false, true} {
			if padded := text.Pad(got, w, right); ansi.StringWidth(padded) != w {
				t.Errorf("Pad(%q, %d, %v) = %q takes %d cells", got, w, right, padded, ansi.StringWidth(padded))
			}
			if padded := text.Pad(text.Clean(s), w, right); ansi.StringWidth(padded) != w {
				t.Errorf("Pad(Clean(%q), %d, %v) = %q takes %d cells", s, w, right, padded, ansi.StringWidth(padded))
			}
		}
		if clean := text.Clean(s); text.Width(clean) <= w && got != clean {
			t.Errorf("Fit(%q, %d) = %q, though %q fits", s, w, got, clean)
		}
	})
}

func checkClean(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("%q is no UTF-8", s)
	}
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			t.Errorf("%q holds %U", s, r)
		}
	}
}
