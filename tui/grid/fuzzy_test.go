package grid

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPattern(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		word, text string
		cost       int
		shown      string // the text, with the letters that were found in upper case
	}{
		"starts of words":     {"tvd", "team-vision/deployer", 2, "Team-Vision/Deployer"},
		"two of a word":       {"tevi", "team-vision", 1, "TEam-VIsion"},
		"left out":            {"depler", "deployer", 2, "DEPLoyER"},
		"first inside":        {"ision", "a-vision.x", 1, "a-vISION.x"},
		"inside and start":    {"isd", "vision/deployer", 2, "vISion/Deployer"},
		"dearest":             {"abcd", "a-b-c-d", 3, "A-B-C-D"},
		"too dear":            {"abcde", "a-b-c-d-e", -1, ""},
		"not in order":        {"dvt", "team-vision/deployer", -1, ""},
		"cheapest of several": {"abc", "axbxc-ab-c", 1, "axbxc-AB-C"},
		"nearest":             {"xyz", "x-x-yz", 1, "x-X-YZ"},
		"half a letter":       {"\xb6\xc3\xb6", "\xc3\xb6\xc3\xb6x", -1, ""},
		"across texts":        {"abc", "a-b\x00c", -1, ""},
		"across blanks":       {"later", "list that it gives is read", -1, ""},
		"behind a blank":      {"tvd", "role team-vision/deployer", 2, "role Team-Vision/Deployer"},
		"digits":              {"t12", "team-12", 1, "Team-12"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPattern(tc.word)
			if cost := p.cost([]byte(tc.text)); cost != tc.cost {
				t.Errorf("cost(%q in %q) = %d, want %d", tc.word, tc.text, cost, tc.cost)
			}
			shown := []byte(tc.text)
			for _, at := range p.trace(shown) {
				shown[at] -= 'a' - 'A'
				if shown[at] < 'A' {
					shown[at] += 'a' - 'A' // a digit
				}
			}
			if tc.cost < 0 {
				shown = nil
			}
			if diff := cmp.Diff(tc.shown, string(shown)); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
	for _, word := range []string{"", "ab", strings.Repeat("a", mostFuzzy+1)} {
		if newPattern(word) != nil {
			t.Errorf("%q is matched fuzzily", word)
		}
	}
}

// slowCost is what pattern.cost is, said plainly: the least price of all ways to find the letters in their order.
func slowCost(word, text string, at, price int) int {
	if word == "" {
		return price
	}
	least := dearest + 1
	for i := max(at, 0); i < len(text) && price <= dearest; i++ {
		if at >= 0 && text[i] == ' ' {
			break
		}
		if text[i] != word[0] {
			continue
		}
		next := price
		if at < 0 || i != at {
			before := byte(0)
			if i > 0 {
				before = text[i-1]
			}
			next += jump(before, text[i])
			if at < 0 {
				next-- // the first letter
			}
		}
		least = min(least, slowCost(word[1:], text, i+1, next))
	}
	return least
}

func FuzzPattern(f *testing.F) {
	f.Add("tvd", "team-vision/deployer")
	f.Add("aaa", "a-a-aa")
	f.Add("a\xc3\xb6", "xa-\xc3\xb6")
	f.Fuzz(func(t *testing.T, word, text string) {
		word, text = word[:min(len(word), 6)], text[:min(len(text), 24)]
		p := newPattern(word)
		if p == nil || strings.ContainsAny(word, "\x00 ") || strings.Contains(text, "\x00") || strings.Contains(text, word) {
			return
		}
		want := slowCost(word, text, -1, 0)
		if want > dearest {
			want = -1
		}
		if got := p.cost([]byte(text)); got != want {
			t.Fatalf("cost(%q in %q) = %d, want %d", word, text, got, want)
		}
		places := p.trace([]byte(text))
		if want < 0 {
			if places != nil {
				t.Fatalf("trace(%q in %q) = %v, want none", word, text, places)
			}
			return
		}
		for i, at := range places {
			if text[at] != word[len(word)-1-i] || i > 0 && at >= places[i-1] {
				t.Fatalf("trace(%q in %q) = %v", word, text, places)
			}
		}
		if len(places) != len(word) {
			t.Fatalf("trace(%q in %q) = %v", word, text, places)
		}
	})
}
