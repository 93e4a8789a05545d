package frames

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/creack/pty"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

const (
	// burstBar is what the project promises of a frame while 5,000 objects change, in moments of so many, ten a second.
	burstBar             = 50 * time.Millisecond
	bursts, burstObjects = 50, 100
)

// busy is a source in which much changes, once it is told to.
type busy struct {
	still
	begin chan struct{}
	ended chan struct{}
}

func (s busy) Run(ctx context.Context, publish func(source.Moment)) error {
	defer close(s.ended)
	publish(s.moment)
	<-s.begin
	m := s.moment
	for n := range bursts {
		snapshot, inventory := *m.Snapshot, *m.Inventory
		inventory.RoleBindings = slices.Clone(inventory.RoleBindings)
		for i := range inventory.RoleBindings[n*burstObjects : (n+1)*burstObjects] {
			changed := inventory.RoleBindings[n*burstObjects+i].DeepCopy()
			changed.Labels = map[string]string{"acme.example/touched": "yes"}
			inventory.RoleBindings[n*burstObjects+i] = changed
		}
		m.Snapshot, m.Inventory = &snapshot, &inventory
		publish(m)
		time.Sleep(100 * time.Millisecond)
	}
	return ctx.Err()
}

// BenchmarkBurst presses keys on a terminal, in the loop that users have, while everything changes.
func BenchmarkBurst(b *testing.B) {
	keyboard, tty, err := pty.Open()
	if err != nil {
		b.Fatal(err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Cols: 160, Rows: 50}); err != nil {
		b.Fatal(err)
	}
	from := busy{still: still{huge()}, begin: make(chan struct{}), ended: make(chan struct{})}
	ctx, leave := context.WithCancel(b.Context())
	left := make(chan error, 1)
	go func() {
		left <- tui.Run(ctx, tui.Options{
			Source: from, Frame: world.Frame{Context: "huge", ReadOnly: true}, Clock: clock.RealClock{}, Start: screen.Place{Kind: screen.Bindings},
		}, tty, tty, []string{"TERM=xterm-256color"})
	}()
	frames := make(chan struct{}, 1)
	go func() {
		buffer := make([]byte, 64<<10)
		for {
			if _, err := keyboard.Read(buffer); err != nil {
				return
			}
			select {
			case frames <- struct{}{}:
			default:
			}
		}
	}()
	time.Sleep(5 * time.Second) // all is compiled and worked out by then
	close(from.begin)
	var times []time.Duration
	for n, ended := 0, from.ended; ended != nil; n++ {
		select {
		case <-frames: // that of a change
		default:
		}
		began := time.Now()
		if _, err := io.WriteString(keyboard, []string{"j", "k"}[n%2]); err != nil {
			b.Fatal(err)
		}
		<-frames
		times = append(times, time.Since(began))
		select {
		case <-from.ended:
			ended = nil
		case <-time.After(20 * time.Millisecond):
		}
	}
	leave()
	if err := <-left; err != nil && ctx.Err() == nil {
		b.Error(err)
	}
	_, _ = keyboard.Close(), tty.Close()
	verdict := "met"
	if at(times, 99) > burstBar {
		verdict = "MISSED"
	}
	_, _ = fmt.Fprintf(os.Stdout, "\n%d changes, %d keys: next frame median %v, p99 %v, worst %v; %v: %s\n", bursts*burstObjects, len(times),
		at(times, 50), at(times, 99), at(times, 100), burstBar, verdict)
}
