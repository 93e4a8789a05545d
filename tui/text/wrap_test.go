package text_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/tui/text"
)

func TestWrap(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   string
		w    int
		want []string
	}{
		"fits":              {"get secrets", 11, []string{"get secrets"}},
		"at a blank":        {"get secrets", 10, []string{"get", "secrets"}},
		"not behind a dash": {"create --namespace=team-nlp", 20, []string{"create", "--namespace=team-nlp"}},
		"a long word":       {"abcdefgh", 3, []string{"abc", "def", "gh"}},
		"wide":              {"猫猫 猫猫", 5, []string{"猫猫", "猫猫"}},
		"its own hyphen":    {"a\U000F0000b -c", 5, []string{"a\U000F0000b -", "c"}},
		"blanks go":         {"ab   cd  ", 3, []string{"ab", "cd"}},
		"a blank too many":  {"\x1b[1m abc\x1b[m \x1b[2mde\x1b[m", 4, []string{"\x1b[1m abc\x1b[m", "\x1b[2mde\x1b[m"}},
		"blanks in front":   {"\x1b[2m  \x1b[mabcdef g", 3, []string{"abc", "def", "g"}},
		"styles end":        {"\x1b[1mab\x1b[m\x1b[2m cd\x1b[m", 2, []string{"\x1b[1mab\x1b[m", "\x1b[2mcd\x1b[m"}},
		"styled":            {"\x1b[1mab cd\x1b[m", 2, []string{"\x1b[1mab\x1b[m", "\x1b[1mcd\x1b[m"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, text.Wrap(tt.in, tt.w)); diff != "" {
				t.Errorf("Wrap (-want +got):\n%s", diff)
			}
		})
	}
}

// Nothing is lost but blanks, no line is too wide, and each has all of its styles.
func FuzzWrap(f *testing.F) {
	f.Add("ab cd-ef", 3)
	f.Add("  long-word", 4)
	f.Add("猫猫 \u00a0x", 3)
	f.Add(" ", 1)
	f.Fuzz(func(t *testing.T, s string, w int) {
		w = min(max(w, 2), 80)
		clean := text.Clean(s)
		styled := "\x1b[1m" + clean + "\x1b[m " + "\x1b[2m" + clean + "\x1b[m"
		var all strings.Builder
		lines := text.Wrap(styled, w)
		for _, line := range lines {
			all.WriteString(text.Plain(line))
			if text.Width(line) > w {
				t.Errorf("Wrap(%q, %d): %q is too wide", styled, w, line)
			}
			if line != text.Plain(line) && !strings.HasSuffix(line, "\x1b[m") {
				t.Errorf("Wrap(%q, %d): %q leaves its style on", styled, w, line)
			}
		}
		if got, want := strings.ReplaceAll(all.String(), " ", ""), strings.ReplaceAll(clean+clean, " ", ""); got != want {
			t.Errorf("Wrap(%q, %d) = %q", styled, w, lines)
		}
	})
}
