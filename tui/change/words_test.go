package change_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

func TestParseExpiry(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want time.Time
		err  string
	}{
		"":             {},
		" Never ":      {},
		"7d":           {want: today().AddDate(0, 0, 7)},
		" 2030-01-31 ": {want: time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC)},
		"2020-01-31":   {err: `bad end "2020-01-31": it is past (now is 2026-11-22T12:00:00Z)`},
		"soon":         {err: `bad end "soon": want a time from now such as 12h, 7d or 2w, a day such as 2026-12-31, or RFC 3339`},
	}
	for typed, tt := range tests {
		t.Run(typed, func(t *testing.T) {
			t.Parallel()
			got, err := change.ParseExpiry(typed, today())
			message := ""
			if err != nil {
				message = err.Error()
			}
			if !got.Equal(tt.want) || message != tt.err {
				t.Errorf("ParseExpiry(%q) = %v, %q; want %v, %q", typed, got, message, tt.want, tt.err)
			}
		})
	}
}

func TestParseWords(t *testing.T) {
	t.Parallel()
	subject, err := change.ParseSubject(" group:team ")
	if diff := cmp.Diff(rbac.Group("team"), subject); diff != "" || err != nil {
		t.Errorf("error %v; subject (-want +got):\n%s", err, diff)
	}
	if _, err := change.ParseSubject("me"); err == nil {
		t.Error("me is taken for a subject")
	}
	role, ref, err := change.ParseRole(" kubeflow-edit ")
	if role != workspace.Editor || ref != nil || err != nil {
		t.Errorf("role %q, %v, %v", role, ref, err)
	}
	if role, ref, err = change.ParseRole("clusterrole/x"); role != "" || ref == nil || ref.Name != "x" || err != nil {
		t.Errorf("role of one's own %q, %v, %v", role, ref, err)
	}
}
