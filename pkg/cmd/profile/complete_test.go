package profile

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// offers returns the words that a completion of the arguments offers; the last one is being typed.
func offers(t *testing.T, args ...string) []string {
	t.Helper()
	got := execute(t, "", append([]string{cobra.ShellCompRequestCmd}, args...)...)
	if got.Code != 0 || got.Stderr != "" {
		t.Errorf("exit %d, stderr %q, want neither", got.Code, got.Stderr)
	}
	words := []string{}
	for line := range strings.Lines(got.Stdout) {
		if word, _, _ := strings.Cut(strings.TrimSpace(line), "\t"); word != "" && !strings.HasPrefix(word, ":") {
			words = append(words, word)
		}
	}
	return words
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	all := []string{"catalog", "checkout", "data-lake", "payments", "research", "team-nlp", "team-vision"}
	from := []string{"--from", acme}
	tests := map[string]struct {
		args []string
		want []string
	}{
		"commands":             {[]string{"de"}, []string{"delete", "describe"}},
		"one name":             {slices.Concat([]string{"describe"}, from, []string{"team"}), []string{"team-nlp", "team-vision"}},
		"one name only":        {slices.Concat([]string{"describe", "team-nlp"}, from, []string{""}), []string{}},
		"several names":        {slices.Concat([]string{"wait", "team-nlp"}, from, []string{"team"}), []string{"team-vision"}},
		"names to export":      {slices.Concat([]string{"export"}, from, []string{""}), all},
		"name, then resources": {slices.Concat([]string{"quota", "set"}, from, []string{"pay"}), []string{"payments"}},
		"namespaces to adopt":  {slices.Concat([]string{"adopt"}, from, []string{"t"}), []string{"training"}},
		"--namespace":          {slices.Concat([]string{"list"}, from, []string{"-n", "c"}), []string{"catalog", "checkout"}},
		"--for":                {[]string{"wait", "x", "--for", ""}, []string{"deleted", "ready"}},
		"--keep-old-as":        {[]string{"transfer", "x", "--keep-old-as", ""}, []string{"editor", "viewer"}},
		"--flavor":             {[]string{"create", "x", "--flavor", ""}, []string{"kalm", "kubeflow", "native"}},
		"formats of a list":    {[]string{"list", "-o", ""}, []string{"csv", "json", "jsonpath", "markdown", "name", "table", "wide", "yaml"}},
		"formats of a change":  {[]string{"create", "x", "-o", ""}, []string{"json", "name", "yaml"}},
		"a new name":           {[]string{"create", ""}, []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := offers(t, tt.args...)
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("offers differ (-want +got):\n%s", diff)
			}
		})
	}
}
