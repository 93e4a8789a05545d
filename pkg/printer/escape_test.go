package printer_test

import (
	"testing"
	"unicode/utf8"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

func TestEscape(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want, lines string }{
		"empty":          {"", "", ""},
		"plain":          {"user:alice@x.com", "user:alice@x.com", "user:alice@x.com"},
		"other scripts":  {"Ærøskøbing 東京 🙂 e\u0301", "Ærøskøbing 東京 🙂 e\u0301", "Ærøskøbing 東京 🙂 e\u0301"},
		"backslash":      {`a\b`, `a\b`, `a\b`},
		"colour":         {"\x1b[31mx\x1b[0m", "^[[31mx^[[0m", "^[[31mx^[[0m"},
		"white space":    {"a\tb\nc\rd", `a\tb\nc\rd`, "a\tb\nc\\rd"},
		"other controls": {"\x00\x07\x1f\x7f", "^@^G^_^?", "^@^G^_^?"},
		"C1":             {"\u0085\u009b31m", `\u0085\u009b31m`, `\u0085\u009b31m`},
		"direction":      {"a\u202eb\u2066c\u200fd", `a\u202eb\u2066c\u200fd`, `a\u202eb\u2066c\u200fd`},
		"invisible":      {"a\u200bb\ufeffc\u00add", `a\u200bb\ufeffc\u00add`, `a\u200bb\ufeffc\u00add`},
		"separators":     {"a\u2028b\u2029c", `a\u2028b\u2029c`, `a\u2028b\u2029c`},
		"tags":           {"a\U000e0041", `a\U000e0041`, `a\U000e0041`},
		"no UTF-8":       {"a\xff\xc3b\x9b", `a\xff\xc3b\x9b`, `a\xff\xc3b\x9b`},
		"replacement":    {"a\ufffdb", "a\ufffdb", "a\ufffdb"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := printer.Escape(tc.in); got != tc.want {
				t.Errorf("Escape(%q) = %q, want %q", tc.in, got, tc.want)
			}
			if got := printer.EscapeLines(tc.in); got != tc.lines {
				t.Errorf("EscapeLines(%q) = %q, want %q", tc.in, got, tc.lines)
			}
		})
	}
}

func FuzzEscape(f *testing.F) {
	for _, seed := range []string{"", "a", "\x1b[31m", "\u202e", "\xff", "\u009b", "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := printer.Escape(s)
		if !utf8.ValidString(got) {
			t.Errorf("Escape(%q) = %q is no UTF-8", s, got)
		}
		for _, r := range got {
			if r < ' ' || r >= 0x7f && r < 0xa0 {
				t.Errorf("Escape(%q) = %q holds %U", s, got, r)
			}
		}
		if again := printer.Escape(got); again != got {
			t.Errorf("Escape is not stable: %q becomes %q", got, again)
		}
	})
}
