package e2e

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/fault"
)

// testServerKilled kills the API server (SIGKILL) after each write of the commands: the write is in etcd, and
// its answer is lost. The server comes back by itself, and the command goes on as if nothing had happened. At last it does
// not come back.
func testServerKilled(t *testing.T, cp *controlplane.ControlPlane, l *lane) {
	for _, name := range []string{"add", "set-role", "transfer"} {
		cmd := spoiledCommands()[name]
		killed := "killed-" + name
		requests, before, after := l.rehearse(t, cp, killed, cmd)
		writes := 0
		for _, r := range requests {
			if r.IsWrite() {
				writes++
			}
		}
		places := make([]string, writes+1)
		for i := range places {
			places[i] = fmt.Sprintf("%s-%d", killed, i)
		}
		clone(t, cp, l, killed, places)
		// A restart takes seconds: some writes will do for the longest command.
		step := 1
		if writes > 4 {
			step = 4
		}
		for at := 0; at < writes; at += step {
			out := l.killAt(t, cp, cmd, places[at], at, true)
			out.want(t, 0)
			if diff := gocmp.Diff(after, l.state(t, places[at])); diff != "" {
				t.Errorf("%s, killed after write %d (-want +got):\n%s\nstderr: %s", name, at, diff, out.stderr)
			}
			t.Logf("%s, killed after write %d: done in %s", name, at, out.wall.Round(10*time.Millisecond))
		}
		if name != "set-role" {
			continue
		}
		out := l.killAt(t, cp, cmd, places[writes], 1, false)
		if err := cp.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		out.want(t, 1)
		out.hears(t, "it is not known whether it was done", "rolebinding "+places[writes]+"/user-bob-example-com-clusterrole-edit is created",
			"not known: the old state, the new one, or something between: run the same command again to complete it")
		if err := l.proxy.Up(); err != nil {
			t.Fatal(err)
		}
		left := l.state(t, places[writes])
		if !cmd.keeps(left) || gocmp.Equal(left, before) || gocmp.Equal(left, after) {
			t.Errorf("left: %v", left)
		}
		l.run(t, fillIn(cmd.args, places[writes])...).want(t, 0)
		if diff := gocmp.Diff(after, l.state(t, places[writes])); diff != "" {
			t.Errorf("not completed by the same command (-want +got):\n%s", diff)
		}
		t.Logf("%s, killed for good: gave up in %s", name, out.wall.Round(10*time.Millisecond))
	}
}

// killAt runs a command and kills the server when it has done a write of it, counted from 0, and before it has answered.
// Nobody listens at its address until it is back.
func (l *lane) killAt(t *testing.T, cp *controlplane.ControlPlane, cmd spoiled, place string, at int, back bool) outcome {
	t.Helper()
	var writes atomic.Int32
	l.proxy.Spoil(func(r fault.Request) fault.Kind {
		if r.IsWrite() && writes.Add(1) == int32(at)+1 {
			return fault.KillAfter
		}
		return fault.None
	})
	recovered := func() {}
	if back {
		recovered = l.recover(t, cp)
	} else {
		l.proxy.OnKill(func() {
			cp.Crash()
			l.proxy.Down()
		})
	}
	out := l.run(t, fillIn(cmd.args, place)...)
	recovered()
	l.proxy.Spoil(nil)
	return out
}

// recover makes a kill one that the server comes back from. The function that it returns waits until it is back.
func (l *lane) recover(t *testing.T, cp *controlplane.ControlPlane) (wait func()) {
	t.Helper()
	var recovery sync.WaitGroup
	l.proxy.OnKill(func() {
		cp.Crash()
		l.proxy.Down()
		recovery.Go(func() {
			if err := cp.Restart(t.Context()); err != nil {
				t.Error(err)
			}
			if err := l.proxy.Up(); err != nil {
				t.Error(err)
			}
		})
	})
	return recovery.Wait
}
