package queue_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// whyCase is a fixture: what the comments at its head say.
type whyCase struct {
	file string
	// ask is what is asked about, want the first reason; "-" for none.
	ask, want string
	// then are reasons that come after the first, in order.
	then []string
	// unknown are stages of which nothing is known.
	unknown []string
	// unreadable are kinds that could not be read.
	unreadable []string
	live       bool
	asUser     string
}

// whyCases reads the heads of all fixtures.
func whyCases(t *testing.T) map[string]whyCase {
	t.Helper()
	files, err := filepath.Glob("testdata/why/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d fixtures, error %v", len(files), err)
	}
	cases := map[string]whyCase{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := whyCase{file: file}
		for line := range strings.Lines(string(data)) {
			comment, ok := strings.CutPrefix(strings.TrimSpace(line), "# ")
			if !ok {
				break
			}
			key, value, _ := strings.Cut(comment, ": ")
			switch key {
			case "why":
				c.ask = value
			case "want":
				c.want = value
			case "then", "second":
				c.then = strings.Split(value, ",")
			case "unknown":
				c.unknown = strings.Split(value, ",")
			case "unreadable":
				c.unreadable = strings.Split(value, ",")
			case "as-user":
				c.asUser = value
			case "live":
				c.live = true
			}
		}
		cases[strings.TrimSuffix(filepath.Base(file), ".yaml")] = c
	}
	return cases
}

// explain asks why, of a fixture.
func (c *whyCase) explain(t *testing.T) queue.Explanation {
	t.Helper()
	kind, name, _ := strings.Cut(c.ask, "/")
	of, ok := queue.WorkOf(kind)
	if !ok {
		t.Fatalf("%s asks about %q", c.file, c.ask)
	}
	options := source.FilesOptions{DefaultNamespace: "team-a"}
	inv, err := source.FileInventory(t.Context(), []string{c.file}, options, inventory.Want{Kinds: queue.WhyKinds(of), Namespace: "team-a"})
	if err != nil {
		t.Fatal(err)
	}
	inv.Live = c.live
	for _, what := range c.unreadable {
		kind, namespace, _ := strings.Cut(what, "@")
		rule := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: inventory.Kind(kind).Called(), Verbs: []string{"list"}}
		if inventory.Kind(kind) == inventory.Namespaces {
			inv.Namespaces = nil
		}
		inv.Gaps = append(inv.Gaps, rbac.Gap{What: kind, Namespace: namespace, Cause: "forbidden", Missing: &rule})
	}
	files, err := source.FilesWith([]string{c.file}, options)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := files.Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	var o queue.WhyOptions
	if c.asUser != "" {
		subject, err := rbac.ParseSubject(c.asUser)
		if err != nil {
			t.Fatal(err)
		}
		id := rbac.NewIdentity(subject)
		o.By = &id
	}
	s := queue.NewState(inv, rbac.Compile(snapshot), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	return s.Why(queue.Work{Kind: of, Namespace: "team-a", Name: name}, o)
}

// TestWhy asks why, of every fixture: the right reason comes first.
func TestWhy(t *testing.T) {
	t.Parallel()
	for name, c := range whyCases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := c.explain(t)
			var reasons, unknown []string
			for _, step := range e.Steps {
				if step.Standing == queue.Blocked || step.Standing == queue.Waits {
					reasons = append(reasons, string(step.Reason))
					if step.Reason == "" || len(step.Next) == 0 {
						t.Errorf("step %q has no reason, or no command that helps: %+v", step.Stage, step)
					}
				}
				if step.Standing == queue.Unknown {
					unknown = append(unknown, string(step.Stage))
				}
				if step.Text == "" {
					t.Errorf("step %q says nothing", step.Stage)
				}
			}
			first := "-"
			if found := e.First(); found != nil {
				first = string(found.Reason)
			}
			if first != c.want {
				t.Errorf("got %s, want %s:\n%s", first, c.want, lines(e))
			}
			if c.then != nil {
				if diff := cmp.Diff(append([]string{c.want}, c.then...), reasons); diff != "" {
					t.Errorf("reasons (-want +got):\n%s\n%s", diff, lines(e))
				}
			}
			if len(c.unreadable) == 0 {
				if diff := cmp.Diff(c.unknown, unknown); diff != "" {
					t.Errorf("unknown (-want +got):\n%s\n%s", diff, lines(e))
				}
			}
		})
	}
}

// TestWhyReasons is that every reason has a fixture that is named after it, and none is looked for in vain.
func TestWhyReasons(t *testing.T) {
	t.Parallel()
	cases := whyCases(t)
	for _, reason := range queue.Reasons() {
		if cases[string(reason)].want != string(reason) {
			t.Errorf("no fixture testdata/why/%s.yaml wants the reason %s", reason, reason)
		}
	}
	for name, c := range cases {
		if c.want != "-" && !slices.Contains(queue.Reasons(), queue.Reason(c.want)) {
			t.Errorf("%s wants %q, which is no reason", name, c.want)
		}
	}
}

// TestWhyOrder is that steps come in the order of stages, each once, and that nothing before the first reason is in doubt
// because of it.
func TestWhyOrder(t *testing.T) {
	t.Parallel()
	for name, c := range whyCases(t) {
		e := c.explain(t)
		seen := map[queue.Stage]bool{}
		blocked := false
		for _, step := range e.Steps {
			if seen[step.Stage] {
				t.Errorf("%s: stage %q comes twice", name, step.Stage)
			}
			seen[step.Stage] = true
			if blocked && step.Standing == queue.Passed {
				t.Errorf("%s: stage %q is passed behind what is in the way", name, step.Stage)
			}
			blocked = blocked || step.Standing == queue.Blocked || step.Standing == queue.Waits
		}
	}
}

func lines(e queue.Explanation) string {
	var out strings.Builder
	for _, step := range e.Steps {
		out.WriteString(strings.Join([]string{string(step.Stage), string(step.Standing), string(step.Reason), step.Text, step.Said}, " | ") + "\n")
	}
	return out.String()
}
