package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane/internal/flock"
)

// stopPatience is how long the supervisor may take to end, and after it is killed how long its components may.
const stopPatience = 10 * time.Second

// stopSandbox ends the sandbox and removes its files. That none runs is fine.
func stopSandbox(ctx context.Context, asked request) error {
	h := asked.home
	if _, err := os.Stat(string(h)); errors.Is(err, os.ErrNotExist) {
		say("is not running")
		return nil
	}
	unlock, err := flock.Lock(ctx, h.startLock(), func() { say("another command starts or stops it, waiting") })
	if err != nil {
		return err
	}
	defer unlock()
	running, err := h.running()
	if err != nil {
		return err
	}
	if err := end(ctx, h); err != nil {
		return err
	}
	if err := os.Remove(h.startLock()); err != nil {
		return fmt.Errorf("remove lock: %w", err)
	}
	if running {
		say("stopped")
	} else {
		say("is not running")
	}
	return nil
}

// end ends the supervisor, by force when it does not end by itself, sees to it that the components are gone too, and removes the home.
func end(ctx context.Context, h home) error {
	s, err := h.read()
	if err != nil {
		return err
	}
	running, err := h.running()
	if err != nil {
		return err
	}
	if !running {
		s.Components = nil // they died with it, perhaps long ago: their numbers may be somebody else's
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		gone, err := signalled(ctx, h, s.PID, signal)
		if err != nil {
			return err
		}
		if gone {
			break
		}
	}
	for name, pid := range s.Components { // they die with the supervisor, a killed one too
		if !eventually(ctx, func() bool { return !alive(pid) }) {
			return fmt.Errorf("stop: %s (process %d) is still there", name, pid)
		}
	}
	if err := os.RemoveAll(string(h)); err != nil {
		return fmt.Errorf("remove sandbox: %w", err)
	}
	return nil
}

// signalled sends the signal to the supervisor, if it lives, and says whether it is gone. Only a supervisor that holds the lock is sent one:
// the number of a dead one may be somebody else's.
func signalled(ctx context.Context, h home, pid int, signal syscall.Signal) (gone bool, err error) {
	running, err := h.running()
	if err != nil || !running {
		return !running, err
	}
	if pid == 0 {
		return false, errors.New("stop: the supervisor has not said its process id yet, try again")
	}
	if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return false, fmt.Errorf("stop supervisor: %w", err)
	}
	return eventually(ctx, func() bool {
		running, err = h.running()
		return err == nil && !running
	}), nil
}

// eventually asks until check says yes, for stopPatience at most, and returns what it said last.
func eventually(ctx context.Context, check func() bool) bool {
	for deadline := time.Now().Add(stopPatience); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		if check() {
			return true
		}
	}
	return check()
}

// showStatus prints what runs. The error says that nothing does.
func showStatus(_ context.Context, asked request) error {
	h := asked.home
	running, err := h.running()
	if err != nil {
		return err
	}
	if !running {
		return errors.New("is not running")
	}
	s, err := h.read()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "phase       %s\nsince       %s\nserver      %s\nkubeconfig  %s\ncontexts    %s\nkubectl     %s\nsupervisor  %d\n",
		s.Phase, s.Since.Format(time.DateTime), s.URL, h.kubeconfig(), strings.Join(s.Contexts, " "), s.Kubectl, s.PID)
	return err
}
