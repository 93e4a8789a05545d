package terminal_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/test/terminal"
	"github.com/kubegatehouse/gatehouse/tui"
)

// where is the variable of the environment that makes this test a browser which panics, and says where.
const where = "GATEHOUSE_TEST_PANIC"

// broken is a source that waits for a signal. Then it panics, or it publishes a lost connection, for which a frame needs the
// time.
type broken struct {
	at     string
	signal <-chan os.Signal
	late   *atomic.Bool
}

func (b broken) Run(ctx context.Context, publish func(source.Moment)) error {
	<-b.signal
	if b.at == "command" {
		panic("broken " + b.at)
	}
	b.late.Store(true)
	publish(source.Moment{Link: source.Link{State: source.Lost}})
	<-ctx.Done()
	return nil
}

func (broken) Self(context.Context) (rbac.Identity, error) { return rbac.Identity{}, nil }

func (broken) Pods(context.Context, string) ([]*corev1.Pod, error) { return nil, nil }

func (broken) Save(string, *rbac.Snapshot) error { return nil }

// brokenClock panics when it is late and somebody needs the time.
type brokenClock struct {
	clock.RealClock
	late *atomic.Bool
}

func (c brokenClock) Now() time.Time {
	if c.late.Load() {
		panic("broken frame")
	}
	return c.RealClock.Now()
}

// TestPanicsLeaveTheTerminal runs browsers that panic: in the background, and while a frame is drawn. The terminal is as it
// was, and the program says that it has failed.
func TestPanicsLeaveTheTerminal(t *testing.T) {
	if at := os.Getenv(where); at != "" {
		signals, late := make(chan os.Signal, 1), &atomic.Bool{}
		signal.Notify(signals, syscall.SIGUSR1)
		options := tui.Options{Source: broken{at, signals, late}, Clock: brokenClock{late: late}}
		err := tui.Run(t.Context(), options, os.Stdin, os.Stdout, os.Environ())
		t.Fatal(errors.Join(errors.New("ended with"), err))
	}
	t.Parallel()
	for _, at := range []string{"command", "frame"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestPanicsLeaveTheTerminal$") //nolint:noctx // the terminal ends it
			cmd.Env = append(os.Environ(), where+"="+at, "TERM=xterm-256color")
			x := terminal.Start(t, cmd, 80, 24)
			x.Wait(t, "Gatehouse")
			for _, taken := range []string{"other screen", "other modes", "keys"} {
				if !strings.Contains(x.Restored(), taken) {
					t.Errorf("while it runs the terminal has %q, and not %q", x.Restored(), taken)
				}
			}
			x.Signal(t, syscall.SIGUSR1)
			if code := x.Ended(t); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			if bad := x.Restored(); bad != "" {
				t.Errorf("the terminal was left with: %s", bad)
			}
			for _, want := range []string{"broken " + at, "show screen: ", "\x1b[?1049l"} {
				if !strings.Contains(x.Raw(), want) {
					t.Errorf("%q was not written: %q", want, x.Raw())
				}
			}
			if raw := x.Raw(); strings.LastIndex(raw, "broken "+at) < strings.LastIndex(raw, "\x1b[?1049l") {
				t.Errorf("the reason went with the screen: %q", raw)
			}
		})
	}
}
