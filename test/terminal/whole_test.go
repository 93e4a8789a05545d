package terminal

import "testing"

func TestWhole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ whole, rest string }{
		"nothing":                 {},
		"text":                    {whole: "abc"},
		"wide and drawn":          {whole: "日本──"},
		"half a rune":             {whole: "a─", rest: "\xe2\x94"},
		"its first byte":          {whole: "a", rest: "\xe2"},
		"no rune at all":          {whole: "a\xff"},
		"a sequence":              {whole: "a\x1b[1;31m"},
		"a sequence and text":     {whole: "\x1b[2Kabc"},
		"half a sequence":         {whole: "a", rest: "\x1b[1;3"},
		"an escape alone":         {whole: "a\x1b[m", rest: "\x1b"},
		"a short one":             {whole: "\x1b7"},
		"a set of characters":     {whole: "\x1b(B"},
		"half a set":              {rest: "\x1b("},
		"a title":                 {whole: "\x1b]2;Gatehouse\a"},
		"half a title":            {whole: "a", rest: "\x1b]2;Gate"},
		"a clipboard":             {whole: "\x1b]52;c;YQ==\x1b\\"},
		"a clipboard but its end": {whole: "a", rest: "\x1b]52;c;YQ==\x1b"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Whole([]byte(tt.whole + tt.rest)); got != len(tt.whole) {
				t.Errorf("%d bytes are whole, want %d", got, len(tt.whole))
			}
		})
	}
}
