package contrib

import (
	"testing"
	"time"
)

func TestParseExpiry(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want time.Time
		err  string
	}{
		"":    {},
		never: {},
		"7d":  {want: time.Date(2026, 1, 9, 3, 4, 5, 0, time.UTC)},
		"0d":  {err: `bad --expires "0d": it is past (now is 2026-01-02T03:04:05Z)`},
		"7":   {err: `bad --expires "7": want a time from now such as 12h, 7d or 2w, a day such as 2026-12-31, or RFC 3339`},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := parseExpiry(text, now())
			message := ""
			if err != nil {
				message = err.Error()
			}
			if !got.Equal(tt.want) || message != tt.err {
				t.Errorf("parseExpiry(%q) = %v, %q; want %v, %q", text, got, message, tt.want, tt.err)
			}
		})
	}
}
