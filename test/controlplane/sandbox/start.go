package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/controlplane/internal/flock"
)

const (
	startPatience = 5 * time.Minute        // a slow machine that loads many manifests
	startPulse    = 100 * time.Millisecond // between two looks at the state
)

// startSandbox starts the supervisor in the background, waits until it is ready and prints the export line. When one runs already, it says so
// and prints the line of that one.
func startSandbox(ctx context.Context, asked request) error {
	h := asked.home
	if err := os.MkdirAll(string(h), 0o700); err != nil {
		return fmt.Errorf("make directory: %w", err)
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
	if running {
		s, err := h.read()
		if err != nil {
			return err
		}
		say("runs already, since %s; it was left as it is", s.Since.Format(time.DateTime))
		return tell(h, s)
	}
	if _, err := controlplane.Build(ctx, os.Stderr); err != nil { // here, where somebody sees how long it takes
		return err
	}
	begin := time.Now()
	if err := h.clear(); err != nil {
		return err
	}
	ended, err := spawn(h)
	if err != nil {
		return err
	}
	s, err := await(ctx, h, ended)
	if err != nil {
		return err
	}
	say("ready after %.1f s: %d objects loaded", time.Since(begin).Seconds(), s.Objects)
	return tell(h, s)
}

// clear removes what a sandbox that was killed left, but not the home itself.
func (h home) clear() error {
	for _, name := range []string{"state.json", "kubeconfig", "supervisor.log", "controlplane"} {
		if err := os.RemoveAll(h.file(name)); err != nil {
			return fmt.Errorf("clear %s: %w", h, err)
		}
	}
	return nil
}

// spawn runs this program's supervise command with the same flags, in a session of its own, so that it outlives this one and its terminal. The
// channel gets how it ended, if it ends while this process lives.
func spawn(h home) (<-chan error, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start supervisor: %w", err)
	}
	log, err := os.OpenFile(h.file("supervisor.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start supervisor: %w", err)
	}
	defer log.Close() //nolint:errcheck // the supervisor has its own copy
	flags := os.Args[1:]
	if len(flags) > 0 && !strings.HasPrefix(flags[0], "-") {
		flags = flags[1:]
	}
	cmd := exec.Command(self, append([]string{"supervise"}, flags...)...) //nolint:noctx // it outlives this command
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start supervisor: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return ended, nil
}

// await waits until the supervisor is ready and says what it does meanwhile. When this command is interrupted, the supervisor is stopped.
func await(ctx context.Context, h home, ended <-chan error) (state, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, startPatience, fmt.Errorf("not ready after %s", startPatience))
	defer cancel()
	tick := time.NewTicker(startPulse)
	defer tick.Stop()
	phase := ""
	for {
		s, err := h.read()
		if err != nil {
			return state{}, err
		}
		if s.Phase == "ready" {
			return s, nil
		}
		if s.Phase != phase {
			phase = s.Phase
			say("%s", phase)
		}
		select {
		case <-tick.C:
		case exit := <-ended:
			log, err := os.ReadFile(h.file("supervisor.log"))
			return state{}, errors.Join(fmt.Errorf("%s (supervisor: %w)", strings.TrimPrefix(strings.TrimSpace(string(log)), "sandbox: "), cmp.Or(exit, errors.New("ended"))), err)
		case <-ctx.Done():
			return state{}, errors.Join(context.Cause(ctx), end(context.WithoutCancel(ctx), h))
		}
	}
}

// say tells the person something.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "sandbox: "+format+"\n", args...)
}

// tell prints the export line, and for the person what there is.
func tell(h home, s state) error {
	for _, kind := range slices.Sorted(maps.Keys(s.Skipped)) {
		if kind == "" {
			say("skipped %d documents that are no Kubernetes objects", s.Skipped[kind])
		} else {
			say("skipped %d of kind %s: the server does not know it", s.Skipped[kind], kind)
		}
	}
	say("contexts: %s (use them with --context)", strings.Join(s.Contexts, ", "))
	say("kubectl of the same version: %s", s.Kubectl)
	say("stop it with: make sandbox-stop")
	_, err := fmt.Fprintln(os.Stdout, h.export())
	return err
}
