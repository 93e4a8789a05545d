package contrib_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// atThree is when words about time are read.
func atThree() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func TestParseExpiry(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ want, err string }{
		"":                          {err: "it is past"},
		"90m":                       {want: "2026-01-02T04:34:05Z"},
		"12h":                       {want: "2026-01-02T15:04:05Z"},
		"7d":                        {want: "2026-01-09T03:04:05Z"},
		"2w":                        {want: "2026-01-16T03:04:05Z"},
		"1d12h":                     {want: "2026-01-03T15:04:05Z"},
		"2026-12-31":                {want: "2026-12-31T00:00:00Z"},
		"2026-12-31T10:00:00+02:00": {want: "2026-12-31T08:00:00Z"},
		"2026-12-31T10:00:00.9Z":    {want: "2026-12-31T10:00:00Z"},
		"520w":                      {want: "2035-12-21T03:04:05Z"},
		"0d":                        {err: "it is past"},
		"2026-01-02":                {err: "it is past"},
		"2026-01-02T03:04:05Z":      {err: "it is past"},
		"600w":                      {err: "more than ten years away"},
		"1048575w1048575w":          {err: "more than ten years away"},
		"99999999999w":              {err: "want a time from now"},
		"9999-12-31":                {err: "more than ten years away"},
		"7":                         {err: "want a time from now"},
		"d":                         {err: "want a time from now"},
		"7 d":                       {err: "want a time from now"},
		"-7d":                       {err: "want a time from now"},
		"1.5d":                      {err: "want a time from now"},
		"7s":                        {err: "want a time from now"},
		"2026-13-01":                {err: "want a time from now"},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := contrib.ParseExpiry(text, atThree())
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("ParseExpiry(%q) = %v, %v; want error %q", text, got, err, tt.err)
				}
				return
			}
			if shown := got.Format(time.RFC3339Nano); err != nil || shown != tt.want {
				t.Errorf("ParseExpiry(%q) = %q, %v; want %q", text, shown, err, tt.want)
			}
		})
	}
}

func FuzzParseExpiry(f *testing.F) {
	for _, seed := range []string{"7d", "1d12h", "2026-12-31", "99999999999w", "2026-12-31T10:00:00+02:00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := contrib.ParseExpiry(text, atThree())
		if err == nil && (!got.After(atThree()) || got.Sub(atThree()) > 10*366*24*time.Hour) {
			t.Errorf("ParseExpiry(%q) = %v", text, got)
		}
	})
}

func TestParseSubject(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want rbac.Subject
		err  string
	}{
		"bob@x.com":    {want: rbac.User("bob@x.com")},
		"user:me":      {want: rbac.User("me")},
		"group:team":   {want: rbac.Group("team")},
		"sa:ns/runner": {want: rbac.ServiceAccount("ns", "runner")},
		"me":           {err: `"me" is not taken here`},
		"":             {err: "parse subject: it is empty"},
		"sa:runner":    {err: `parse subject "sa:runner": want sa:NAMESPACE/NAME`},
	}
	for text, tt := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := contrib.ParseSubject(text)
			message := ""
			if err != nil {
				message = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || message != tt.err {
				t.Errorf("error %q, want %q; (-want +got):\n%s", message, tt.err, diff)
			}
		})
	}
}
