package queue_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// judged judges a cluster, with the review of operators.
func judged(t *testing.T, c cluster) []finding.Finding {
	t.Helper()
	return queue.JudgeWith(c.state(t), queue.JudgeOptions{Operator: true})
}

// of returns the findings of an id that are as grave as severity.
func of(id string, severity finding.Severity, all []finding.Finding) []finding.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f finding.Finding) bool { return f.ID != id || f.Severity.Rank() < severity.Rank() })
}

// Each rule has a fixture, and each fixture a rule.
func TestFixtures(t *testing.T) {
	t.Parallel()
	var want, got []string
	for _, check := range queue.Checks() {
		want = append(want, check.ID)
	}
	entries, err := os.ReadDir(fixtures)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if name := strings.TrimSuffix(entry.Name(), ".yaml"); name != "base" && name != entry.Name() && !strings.Contains(name, ".") {
			got = append(got, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules and fixtures (-rules +fixtures):\n%s", diff)
	}
}

// In the cluster of the fixtures nothing is wrong.
func TestJudgeClean(t *testing.T) {
	t.Parallel()
	golden.Equal(t, told("", judged(t, base(t))), "check/base")
	if bad := finding.AtOrAbove(judged(t, base(t)), finding.Warning); len(bad) > 0 {
		t.Errorf("found in the clean cluster:\n%s", told("", bad))
	}
}

// Each fixture has a finding of its rule, and no other but what comes of the same; and it is clean after the repair, or where
// there is none, after what a person would do.
func TestJudgeFixture(t *testing.T) {
	t.Parallel()
	for _, check := range queue.Checks() {
		t.Run(check.ID, func(t *testing.T) {
			t.Parallel()
			broken := base(t).with(t, check.ID+".yaml")
			all := judged(t, broken)
			golden.Equal(t, told(check.ID, all), "check/"+check.ID)
			found := of(check.ID, finding.Info, all)
			if len(found) == 0 {
				t.Fatalf("%s finds nothing", check.ID)
			}
			for _, f := range found {
				if f.Object == "" || f.Message == "" || f.Why == "" || strings.Contains(f.Message, "\n") || strings.HasSuffix(f.Message, ".") {
					t.Errorf("it does not say what it is about, or why: %+v", f)
				}
			}
			worst := finding.Worst(found)
			mended := repaired(t, check.ID, broken)
			left := of(check.ID, worst, judged(t, mended))
			if len(left) == 0 {
				return
			}
			decided := check.ID + ".fixed.yaml"
			if _, err := os.Stat(filepath.Join(fixtures, decided)); err != nil {
				t.Fatalf("it is not repaired, and nothing says what to do:\n%s", told(check.ID, left))
			}
			if left = of(check.ID, worst, judged(t, mended.with(t, decided))); len(left) > 0 {
				t.Errorf("it is found after what was decided:\n%s", told(check.ID, left))
			}
		})
	}
}

// repaired carries out the fixes of an id, all of them together, until there are no more.
func repaired(t *testing.T, id string, c cluster) cluster {
	t.Helper()
	for range 3 {
		var fixes []plan.Plan
		for _, f := range of(id, finding.Info, judged(t, c)) {
			if f.Fix != nil {
				fixes = append(fixes, *f.Fix)
			}
		}
		if len(fixes) == 0 {
			break
		}
		p, err := plan.Join("repair", fixes...)
		if err != nil {
			t.Fatal(err)
		}
		c = c.apply(t, &p)
	}
	return c
}
