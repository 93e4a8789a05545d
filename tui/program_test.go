package tui_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/teatest/v2"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// patience is how long a real program may take to show something.
const patience = 20 * time.Second

// program runs the browser as it is run on a terminal, but for the terminal.
func program(t *testing.T, from tui.Source) *teatest.TestModel {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	app := tui.New(ctx, tui.Options{
		Source: from, Frame: world.Frame{Context: "examples/acme", Offline: true, ReadOnly: true}, Clock: clock.RealClock{}, Colourless: true,
	})
	return teatest.NewTestModel(t, app, teatest.WithInitialTermSize(120, 40))
}

// shows waits until all of that was sent to the terminal.
func shows(t *testing.T, p *teatest.TestModel, want ...string) {
	t.Helper()
	teatest.WaitFor(t, p.Output(), func(sent []byte) bool {
		return !slices.ContainsFunc(want, func(w string) bool { return !bytes.Contains(sent, []byte(w)) })
	}, teatest.WithDuration(patience), teatest.WithCheckInterval(10*time.Millisecond))
}

// final is the last frame of a program that was left.
func final(t *testing.T, p *teatest.TestModel) string {
	t.Helper()
	model := p.FinalModel(t, teatest.WithFinalTimeout(patience))
	if model == nil {
		t.Fatal("there is no model in the end")
	}
	return text.Plain(model.View().Content)
}

// The real program opens, shows what was read, answers keys, and ends.
func TestProgram(t *testing.T) {
	t.Parallel()
	p := program(t, manifests{[]string{"../examples/acme"}})
	shows(t, p, "Gatehouse offline", "team-vision")
	p.Type("3")
	shows(t, p, "1/110")
	p.Type("q")
	last := final(t, p)
	for _, want := range []string{"Roles  ‹ Namespaces", "[3 Roles]", "► admin "} {
		if !strings.Contains(last, want) {
			t.Errorf("%q is not on\n%s", want, last)
		}
	}
}

// unreadable is a source of which nothing can be read.
type unreadable struct{ manifests }

func (unreadable) Run(context.Context, func(source.Moment)) error {
	return errors.New("list namespaces: nobody is at home")
}

// A source that can't be read is told, and can be left.
func TestProgramWithoutSource(t *testing.T) {
	t.Parallel()
	p := program(t, unreadable{})
	shows(t, p, "nobody is at home")
	p.Send(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
	if last := final(t, p); !strings.Contains(last, "list namespaces: nobody is at home") {
		t.Errorf("the reason is not on\n%s", last)
	}
}

// waiting is a source that has nothing to tell until ctx ends.
type waiting struct{ manifests }

func (waiting) Run(ctx context.Context, _ func(source.Moment)) error {
	<-ctx.Done()
	return ctx.Err()
}

// Before anything was read there is a screen already, and it can be left.
func TestProgramBeforeData(t *testing.T) {
	t.Parallel()
	p := program(t, waiting{})
	shows(t, p, "connecting")
	p.Type("q")
	final(t, p)
}
