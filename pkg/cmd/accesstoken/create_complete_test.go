package accesstoken

import (
	"strings"
	"testing"
)

// What --may and --rotate can be followed by is offered.
func TestCompleteCreate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args    []string
		in, out []string
	}{
		"verbs":        {args: []string{"--may", ""}, in: []string{"view:\n", "manage:\n", ":6\n"}},
		"kinds":        {args: []string{"--may", "view:"}, in: []string{"view:pods\n", "view:deployments.apps\n", ":4\n"}, out: []string{"view:nodes", "view:pods/log"}},
		"subresources": {args: []string{"--may", "get,list:pods"}, in: []string{"get,list:pods\n"}, out: []string{"pods/log"}},
		"a verb":       {args: []string{"--may", "create:pods/"}, in: []string{"create:pods/exec\n"}, out: []string{"create:pods/log", "services"}},
		"of Kalm":      {args: []string{"--flavor", "kalm", "--may", "edit:"}, in: []string{"edit:components\n"}, out: []string{"httpRoutes", "jobs"}},
		"new":          {args: []string{""}, out: []string{"good"}},
		"rotated":      {args: []string{"--rotate", ""}, in: []string{"good\n"}, out: []string{"deploy", "builder-token"}},
		"by Kalm":      {args: []string{"--flavor", "kalm", "--rotate", ""}, in: []string{"deploy\n"}, out: []string{"good"}},
		"a second":     {args: []string{"--rotate", "good", ""}, out: []string{"strong"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"__complete", "create", "--from", tokens}, tt.args...)...)
			for _, part := range tt.in {
				if !strings.Contains(got.Stdout, part) {
					t.Errorf("%q is not offered:\n%s", part, got)
				}
			}
			for _, part := range tt.out {
				if strings.Contains(got.Stdout, part) {
					t.Errorf("%q is offered:\n%s", part, got)
				}
			}
		})
	}
}
