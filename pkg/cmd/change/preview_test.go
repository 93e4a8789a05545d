package change

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// bulk is a plan of n creates in several namespaces.
func bulk(t *testing.T, n int) plan.Plan {
	t.Helper()
	var steps []plan.Step
	for i := range n {
		steps = append(steps, plan.Step{
			Verb: plan.Create, Object: binding(t, fmt.Sprintf("team-%02d", i%12), fmt.Sprintf("user-%03d", i), ""), Unit: strconv.Itoa(i),
		})
	}
	return newPlan(t, "apply members", steps...)
}

func TestPreview(t *testing.T) {
	t.Parallel()
	mixedPlan, _ := mixed(t)
	tests := map[string]struct {
		plan plan.Plan
		args []string
	}{
		"mixed": {mixedPlan, nil},
		"steps": {bulk(t, 21), nil},
		"long":  {bulk(t, 61), nil},
		"full":  {bulk(t, 61), []string{"--preview=full"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := carry(t, Task{Plan: tt.plan}, "", append([]string{"--dry-run=client"}, tt.args...)...)
			if name == "full" {
				if n := strings.Count(got.stderr, "+ kind: RoleBinding"); n != 61 {
					t.Errorf("%d objects are shown, want 61", n)
				}
				return
			}
			golden.Equal(t, got.stderr, "preview/"+name)
		})
	}
}

func TestPreviewColours(t *testing.T) {
	t.Parallel()
	v := &view{colours: true}
	v.coloured('+', "come\x1b[2J")
	v.coloured('-', "go")
	v.coloured(' ', "stay")
	if diff := cmp.Diff("\x1b[32mcome^[[2J\x1b[0m\n\x1b[31mgo\x1b[0m\nstay\n", v.text.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPlural(t *testing.T) {
	t.Parallel()
	got := []string{plural(1, "change"), plural(2, "change"), plural(0, "authorizationpolicy"), plural(1, "authorizationpolicy")}
	if diff := cmp.Diff([]string{"1 change", "2 changes", "0 authorizationpolicies", "1 authorizationpolicy"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := clocktesting.NewFakePassiveClock(now)
	p := &progress{to: &out, clock: clock, shown: true}
	p.event(plan.Event{Done: 1, Total: fewSteps})
	p.clear()
	if out.Len() > 0 {
		t.Errorf("a short plan draws %q", out.String())
	}
	p.event(plan.Event{Done: 1, Total: 200})
	p.event(plan.Event{Done: 2, Total: 200}) // too soon
	clock.SetTime(now.Add(redraw))
	p.event(plan.Event{Done: 3, Total: 200})
	p.clear()
	if diff := cmp.Diff("\r\x1b[K1/200 changes\r\x1b[K3/200 changes\r\x1b[K", out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	out.Reset()
	hidden := &progress{to: &out, clock: clock}
	hidden.event(plan.Event{Done: 1, Total: 200})
	hidden.clear()
	if out.Len() > 0 {
		t.Errorf("without a terminal it draws %q", out.String())
	}
}
