package profile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// How waiting goes about it.
const (
	defaultTimeout = 2 * time.Minute
	// firstPause grows by half each time, up to longestPause: a controller takes a second, a deletion minutes.
	firstPause   = 200 * time.Millisecond
	longestPause = 3 * time.Second
	// hopeless is how long a state that does not go away by itself is watched before waiting ends.
	hopeless = 5 * time.Second
)

// goal is what is waited for.
type goal string

const (
	untilReady   goal = "ready"
	untilMade    goal = "namespace" // the namespace is there, and is this workspace's
	untilDeleted goal = "deleted"
	// untilFreed is a deletion that keeps the namespace.
	untilFreed goal = "freed"
	// untilLimited is a quota that is as the Profile says.
	untilLimited goal = "limited"
)

// sight is what one look at a workspace showed.
type sight struct {
	workspace.Status
	reached bool
	// final says that nothing changes it but somebody who does something about it.
	final bool
}

// look judges one workspace.
func (g goal) look(s *workspace.State, name string) sight {
	w, found := s.Workspace(name)
	namespace := s.Inventory.Namespace(name) != nil
	gone := sight{Status: workspace.Status{Why: "there is no workspace of this name"}}
	switch g {
	case untilDeleted, untilFreed:
		if !found && (g == untilFreed || !namespace) {
			return sight{reached: true}
		}
		if !found {
			return sight{Status: workspace.Status{Phase: workspace.Terminating, Why: "its namespace is still there"}}
		}
		freed := g == untilFreed && w.Profile == nil && w.Flavor == workspace.Kubeflow
		return sight{Status: w.Status, reached: freed, final: w.Status.Phase == workspace.Stuck}
	case untilMade:
		if !found {
			return gone
		}
		made := namespace && w.Status.Phase != workspace.Conflict && w.Status.Phase != workspace.Terminating
		return sight{Status: w.Status, reached: made, final: w.Status.Phase == workspace.Conflict}
	case untilLimited:
		if !found {
			return gone
		}
		return limited(s, &w)
	default:
		if !found {
			return gone
		}
		final := w.Status.Phase == workspace.Conflict || w.Status.Phase == workspace.Stuck
		return sight{Status: w.Status, reached: w.Status.Phase == workspace.Ready, final: final}
	}
}

// waiter looks at workspaces until all have reached a goal, and tells the user what is missing meanwhile.
type waiter struct {
	env     *cli.Env
	sources *workspaces.Flags
	timeout time.Duration
	// told is what was said last of each workspace.
	told map[string]string
}

func newWaiter(env *cli.Env, sources *workspaces.Flags, timeout time.Duration) *waiter {
	return &waiter{env: env, sources: sources, timeout: timeout, told: map[string]string{}}
}

// notReached is the error of a wait that ended before its goal.
type notReached struct {
	goal  goal
	lines []string
	hint  string
}

func (e *notReached) Error() string { return strings.Join(e.lines, "\n") }

func (e *notReached) Hint() string { return e.hint }

// until returns when all the workspaces have reached the goal. The error is a [notReached] when they have not in time, or
// never will by themselves.
func (w *waiter) until(ctx context.Context, g goal, names ...string) error {
	clk := ticking(w.env.Clock)
	start := clk.Now()
	pause := firstPause
	want := inventory.Want{Kinds: append(listKinds(), inventory.Controller)}
	if len(names) == 1 {
		want.Namespace = names[0]
	}
	var last *workspace.State
	for {
		loaded, err := w.sources.Load(ctx, want)
		switch {
		case err == nil:
			last = loaded.State
		case last == nil || ctx.Err() != nil:
			return err
		default:
			// A server that is being restarted comes back.
			w.env.Notef("cannot look: %v: trying again", err)
		}
		waited := clk.Since(start)
		sights, open := w.looks(last, g, names)
		if open == 0 {
			return nil
		}
		if w.sources.Offline() {
			return w.failure(last, g, names, sights, 0) // manifests don't change
		}
		if waited >= w.timeout || waited >= hopeless && allFinal(sights) {
			return w.failure(last, g, names, sights, waited)
		}
		if err := sleep(ctx, clk, min(pause, w.timeout-waited)); err != nil {
			return err
		}
		pause = min(pause+pause/2, longestPause)
	}
}

// looks judges all, counts those that are not there yet, and tells what is new.
func (w *waiter) looks(s *workspace.State, g goal, names []string) (sights []sight, open int) {
	for _, name := range names {
		seen := g.look(s, name)
		sights = append(sights, seen)
		if seen.reached {
			continue
		}
		open++
		if text := seen.text(); w.told[name] != text {
			w.told[name] = text
			w.env.Notef("waiting for profile %s: %s", name, text)
		}
	}
	return sights, open
}

// text is "Pending: its namespace has not been made yet".
func (s sight) text() string {
	if s.Why == "" {
		return string(s.Phase)
	}
	if s.Phase == "" {
		return s.Why
	}
	return string(s.Phase) + ": " + s.Why
}

func allFinal(sights []sight) bool {
	return !slices.ContainsFunc(sights, func(s sight) bool { return !s.reached && !s.final })
}

func (w *waiter) failure(s *workspace.State, g goal, names []string, sights []sight, waited time.Duration) error {
	e := &notReached{goal: g}
	after := ""
	if waited > 0 {
		after = " after " + waited.Round(time.Second).String()
	}
	pending := false
	for i, name := range names {
		if seen := sights[i]; !seen.reached {
			e.lines = append(e.lines, fmt.Sprintf("profile %s is not %s%s: %s", name, g.word(), after, seen.text()))
			pending = pending || seen.Phase == workspace.Pending
			if seen.Phase == workspace.Stuck {
				e.hint = "delete it again with " + w.env.Name + " delete " + name + ", which takes away what it waits for"
			}
			if seen.Phase == workspace.Conflict {
				e.hint = w.env.Name + " adopt " + name + " makes the namespace its own, " + w.env.Name + " transfer repairs a half-done change of owner"
			}
		}
	}
	if pending {
		if why := controller(s.Inventory); why != "" {
			e.hint = why
		}
	}
	return e
}

func (g goal) word() string {
	switch g {
	case untilMade:
		return "made"
	case untilFreed:
		return "deleted"
	case untilLimited:
		return "limited as its Profile says"
	case untilReady, untilDeleted:
	}
	return string(g)
}

// controller says what is wrong with the profile controller; empty when it runs. Few may look at it: one that was not
// seen may be there all the same.
func controller(inv *inventory.Inventory) string {
	where := "deployment " + kubeflow.ControllerName + " in namespace " + kubeflow.SystemNamespace
	for _, d := range inv.Deployments {
		if d.Name != kubeflow.ControllerName {
			continue
		}
		if d.Status.AvailableReplicas == 0 {
			return "Kubeflow's profile controller is not available, and nothing happens without it: look at " + where
		}
		return ""
	}
	return "no profile controller of Kubeflow was seen (" + where + "): without it nobody makes the namespace"
}

// ticking returns the clock of the environment if it can wait, and else the real one.
func ticking(c clock.PassiveClock) clock.Clock {
	if ticks, ok := c.(clock.Clock); ok {
		return ticks
	}
	return clock.RealClock{}
}

// sleep waits; the error is that of the context.
func sleep(ctx context.Context, c clock.Clock, d time.Duration) error {
	timer := c.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C():
		return nil
	}
}
