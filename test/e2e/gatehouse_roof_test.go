package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnderTheRoof runs commands of single plugins, and the same under "kubectl gatehouse": what they print is the same to
// the byte, and what they say beside it is but for their names.
func TestUnderTheRoof(t *testing.T) {
	t.Parallel()
	admin, member := adminHome(t), homeOf(t, shared.cp, "bob@acme.example")
	tests := map[string]struct {
		home home
		args []string
	}{
		"who":            {admin, []string{"whocan", "get", "secrets", "-A"}},
		"who as json":    {admin, []string{"whocan", "delete", "pods", "-n", "team-vision", "-o", "json"}},
		"who, partially": {member, []string{"whocan", "get", "secrets", "-n", "team-vision", "--strict"}},
		"why not":        {admin, []string{"whocan", "why", "bob@acme.example", "delete", "pods", "-n", "team-nlp"}},
		"why me":         {member, []string{"whocan", "why", "me", "create", "pods", "-n", "team-vision"}},
		"as somebody":    {admin, []string{"whocan", "rules", "me", "-n", "team-vision", "--as", "dana@acme.example"}},
		"members":        {admin, []string{"contrib", "list", "-A", "-o", "csv"}},
		"my workspaces":  {member, []string{"profile", "list"}},
		"workspaces":     {admin, []string{"profile", "list", "-o", "yaml"}},
		"try to add":     {admin, []string{"contrib", "add", "carol@acme.example", "--role", "viewer", "-n", "team-vision", "--dry-run=server"}},
		"doctor":         {admin, []string{"profile", "doctor", "-o", "csv"}},
		"clusters":       {admin, []string{"clusterauth", "list", "-A"}},
		"files":          {nowhere(t), []string{"clusterauth", "validate", "--from", shared.acme(), "-A", "-o", "json"}},
		"wrong flag":     {admin, []string{"whocan", "get", "pods", "--namespce", "x"}},
		"wrong word":     {admin, []string{"contrib", "ad", "bob"}},
		"no cluster":     {homeAt(t, "https://127.0.0.1:1"), []string{"contrib", "list", "-n", "team-vision"}}, // asks for one thing at first; of several, which fails first is chance
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alone := tt.home.run(t, nil, shared.kubectl(), tt.args...)
			under := tt.home.run(t, nil, shared.kubectl(), append([]string{"gatehouse"}, tt.args...)...)
			under.want(t, alone.code)
			if diff := cmp.Diff(alone.stdout, under.stdout); diff != "" {
				t.Errorf("stdout (-alone +under the roof):\n%s", diff)
			}
			if diff := cmp.Diff(alone.stderr, strings.ReplaceAll(under.stderr, "kubectl gatehouse ", "kubectl ")); diff != "" {
				t.Errorf("stderr (-alone +under the roof):\n%s", diff)
			}
		})
	}
}

// TestCompletionUnderTheRoof presses Tab through kubectl.
func TestCompletionUnderTheRoof(t *testing.T) {
	t.Parallel()
	h := adminHome(t)
	for name, tt := range map[string]struct {
		words []string
		has   string
	}{
		"commands":   {[]string{""}, "whoami\t"},
		"verbs":      {[]string{"whocan", "imp"}, "impersonate"},
		"resources":  {[]string{"whocan", "get", "secr"}, "secrets"},
		"namespaces": {[]string{"contrib", "list", "-n", "team-v"}, "team-vision"},
		"own":        {[]string{"doctor", "team-v"}, "team-vision"},
		"browser":    {[]string{"-n", "team-v"}, "team-vision"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := h.run(t, nil, shared.kubectl(), append([]string{"__complete", "gatehouse"}, tt.words...)...)
			out.want(t, 0)
			if !strings.Contains("\n"+out.stdout, "\n"+tt.has) {
				t.Errorf("%q does not offer %q:\n%s", tt.words, tt.has, out.stdout)
			}
		})
	}
}
