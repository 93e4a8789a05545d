package tui

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// TestErrandFinish leaves the browser while a change is carried out, before it has begun, and after it.
func TestErrandFinish(t *testing.T) {
	t.Parallel()
	refused := errors.New("the server said no")
	tests := map[string]struct {
		begun, ended bool
		err          error
		told         []string
		want         string
	}{
		"before it":          {want: "add zoe: left before it began"},
		"while it goes on":   {begun: true, told: []string{"finishing what is under way: add zoe", "done: add zoe"}},
		"while it fails":     {begun: true, err: refused, told: []string{"finishing what is under way: add zoe"}, want: "the server said no"},
		"when it is done":    {begun: true, ended: true, told: []string{"done: add zoe"}},
		"when it has failed": {begun: true, ended: true, err: refused, want: "the server said no"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newErrand(&change.Proposal{Plan: plan.Plan{Summary: "add zoe"}})
			e.begun.Store(tt.begun)
			end := func() {
				e.err = tt.err
				close(e.done)
			}
			if tt.ended {
				end()
			}
			var told []string
			err := e.finish(t.Context(), func(line string) {
				told = append(told, line)
				if !tt.ended && len(told) == 1 {
					end()
				}
			})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("finish: %q, want %q", got, tt.want)
			}
			if diff := cmp.Diff(tt.told, told); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if !tt.begun {
				e.run(context.Background(), nil, nil) // it was called off: nothing is done
			}
		})
	}
}

// A change during which the program fails is not said to be done.
func TestErrandPanics(t *testing.T) {
	t.Parallel()
	e := newErrand(&change.Proposal{Plan: plan.Plan{Summary: "add zoe"}})
	if _, failed := guarded(func() tea.Msg { e.run(t.Context(), nil, nil); return nil })().(panickedMsg); !failed {
		t.Fatal("nothing has failed")
	}
	tell := func(line string) { t.Errorf("told %q", line) }
	if err := e.finish(t.Context(), tell); err == nil || !strings.Contains(err.Error(), "may be done in part") {
		t.Errorf("finish: %v", err)
	}
}
