package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestNobodyIsContacted runs what answers by itself with a kubeconfig whose server counts connections.
func TestNobodyIsContacted(t *testing.T) {
	t.Parallel()
	l := newListener(t)
	h := homeAt(t, l.url)
	for _, args := range [][]string{
		{"--help"},
		{"-h"},
		{"help"},
		{"why", "--help"},
		{"rules", "-h"},
		{"matrix", "-h"},
		{"graph", "-h"},
		{"diff", "-h"},
		{"check", "-h"},
		{"snapshot", "-h"},
		{"help", "why"},
		{"options"},
		{"--version"},
		{"version"},
		{"version", "-o", "json"},
		{"completion", "bash"},
		{"completion", "zsh"},
		{"completion", "fish"},
		{"completion", "powershell"},
	} {
		out := h.whocan(t, args...)
		out.want(t, 0)
		if out.stdout == "" || out.stderr != "" {
			t.Errorf("%v: stdout %q, stderr %q", args, out.stdout, out.stderr)
		}
	}
	// Without any kubeconfig as well.
	nowhere(t).whocan(t, "--help").want(t, 0)
	if n := l.connections.Load(); n > 0 {
		t.Errorf("%d connections to the server", n)
	}
}

// complete asks as kubectl does when somebody presses Tab, and returns what is offered, without descriptions.
func (h home) complete(t *testing.T, words ...string) (offers []string, out outcome) {
	t.Helper()
	out = h.run(t, nil, shared.kubectl(), append([]string{"__complete", "whocan"}, words...)...)
	out.want(t, 0)
	lines := strings.Split(strings.TrimSpace(out.stdout), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, ":") {
		t.Fatalf("%q: the last line is no directive: %q", words, last)
	}
	for _, line := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(line, "\t")
		offers = append(offers, word)
	}
	// kubectl itself remarks there how it goes.
	remarks := strings.Split(out.stderr, "\n")
	out.stderr = strings.Join(slices.DeleteFunc(remarks, func(line string) bool {
		return strings.HasPrefix(line, "[Debug] ") || strings.HasPrefix(line, "Completion ended with directive: ")
	}), "\n")
	return offers, out
}

// TestCompletion presses Tab, through kubectl, which runs kubectl_complete-whocan.
func TestCompletion(t *testing.T) {
	t.Parallel()
	h := adminHome(t)
	for name, test := range map[string]struct {
		words []string
		has   []string
		not   []string
	}{
		"verbs and commands": {words: []string{""}, has: []string{"get", "impersonate", "escalate", "why", "rules", "matrix"}},
		"verb":               {words: []string{"imp"}, has: []string{"impersonate"}, not: []string{"get"}},
		"resources":          {words: []string{"get", "sec"}, has: []string{"secrets"}, not: []string{"pods"}},
		"custom resources":   {words: []string{"create", "kaiwoj"}, has: []string{"kaiwojobs.kaiwo.silogen.ai"}},
		"subresources":       {words: []string{"create", "pods/"}, has: []string{"pods/exec"}},
		"names":              {words: []string{"get", "namespaces", "team-"}, has: []string{"team-nlp", "team-vision"}},
		"namespaces":         {words: []string{"get", "pods", "-n", "team-"}, has: []string{"team-nlp", "team-vision"}, not: []string{"ci"}},
		"subjects":           {words: []string{"why", "user:dan"}, has: []string{"user:dana@acme.example"}},
		"service accounts":   {words: []string{"rules", "sa:ci/"}, has: []string{"sa:ci/deployer", "sa:ci/builder"}},
		"verbs of why":       {words: []string{"why", "user:bob@acme.example", "del"}, has: []string{"delete"}},
		"resources of why":   {words: []string{"why", "bob@acme.example", "delete", "po"}, has: []string{"pods"}},
		"formats":            {words: []string{"get", "pods", "-o", ""}, has: []string{"json", "csv", "markdown"}},
		"flags":              {words: []string{"get", "pods", "--st"}, has: []string{"--strict"}},
		"contexts":           {words: []string{"get", "pods", "--context", ""}, has: []string{"admin"}},
		"manifests": {
			words: []string{"rules", "--from", shared.acme(), "group:shop"}, has: []string{"group:shop-developers"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, out := h.complete(t, test.words...)
			if out.stderr != "" {
				t.Errorf("stderr: %s", out.stderr)
			}
			for _, word := range test.has {
				if !slices.Contains(got, word) {
					t.Errorf("%q is not offered: %q", word, got)
				}
			}
			for _, word := range test.not {
				if slices.Contains(got, word) {
					t.Errorf("%q is offered: %q", word, got)
				}
			}
			t.Logf("%d offers in %s", len(got), out.wall.Round(time.Millisecond))
		})
	}
}

// TestCompletionIsCapped presses Tab while the server takes connections and never answers, and when there is none.
func TestCompletionIsCapped(t *testing.T) {
	t.Parallel()
	silent := newListener(t)
	h := homeAt(t, silent.url)
	for name, words := range map[string][]string{
		"resources": {"get", "po"}, "namespaces": {"get", "pods", "-n", ""}, "subjects": {"why", "user:"}, "names": {"get", "nodes", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, out := h.complete(t, words...)
			if out.wall > 2*time.Second+1500*time.Millisecond || out.stderr != "" {
				t.Errorf("ended after %s, stderr %q", out.wall, out.stderr)
			}
			t.Logf("ended after %s", out.wall.Round(time.Millisecond))
			_, out = homeAt(t, "https://127.0.0.1:1").complete(t, words...)
			if out.wall > 2*time.Second || out.stderr != "" {
				t.Errorf("without a server: ended after %s, stderr %q", out.wall, out.stderr)
			}
		})
	}
	// What needs no server is there at once.
	got, out := h.complete(t, "imp")
	if !slices.Equal(got, []string{"impersonate"}) || out.wall > 1500*time.Millisecond {
		t.Errorf("offers %q after %s", got, out.wall)
	}
}

// TestStartUp compares how long --version takes with the least that a program with a command line and a client for
// Kubernetes takes. A busy machine may spoil a try, but not all of them.
func TestStartUp(t *testing.T) {
	minimal := filepath.Join(t.TempDir(), "minimal")
	if err := build(t.Context(), filepath.Join(shared.root, "test"), "./bench/minimal", minimal); err != nil {
		t.Fatal(err)
	}
	const (
		tries = 4
		runs  = 15
		most  = 1.5
		slack = 5 * time.Millisecond
	)
	h := nowhere(t)
	for range tries {
		var ours, theirs []time.Duration
		for range runs {
			theirs = append(theirs, h.run(t, nil, minimal, "--version").wall)
			ours = append(ours, h.run(t, nil, shared.plugin(), "--version").wall)
		}
		got, floor := median(ours), median(theirs)
		t.Logf("--version takes %s, a minimal program %s: %.2fx", got, floor, float64(got)/float64(floor))
		if got <= time.Duration(most*float64(floor))+slack {
			return
		}
	}
	t.Errorf("--version takes more than %.1f times what a minimal program takes", most)
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
