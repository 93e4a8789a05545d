package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// home is the place of one user: kubeconfig and caches of his own. Calls share the caches.
type home struct {
	dir        string
	kubeconfig string
}

// homeOf makes a home for a user of the control plane.
func homeOf(t *testing.T, cp *controlplane.ControlPlane, user string, groups ...string) home {
	t.Helper()
	kubeconfig, err := cp.Kubeconfig(user, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return home{dir: t.TempDir(), kubeconfig: kubeconfig}
}

// adminHome makes a home for a superuser.
func adminHome(t *testing.T) home {
	t.Helper()
	return home{dir: t.TempDir(), kubeconfig: shared.cp.Admin()}
}

// nowhere is a home without any kubeconfig.
func nowhere(t *testing.T) home {
	t.Helper()
	return home{dir: t.TempDir(), kubeconfig: filepath.Join(t.TempDir(), "none")}
}

// env is all that a program gets to see of this process.
func (h home) env() []string {
	return []string{
		"PATH=" + shared.bin, "HOME=" + h.dir, "TMPDIR=" + h.dir, "KUBECONFIG=" + h.kubeconfig,
		"KUBECACHEDIR=" + filepath.Join(h.dir, "cache"),
	}
}

// outcome is how a program ended.
type outcome struct {
	stdout, stderr string
	code           int
	wall           time.Duration
	// peak is the most memory that it had resident, in bytes; 0 where the system does not tell.
	peak int64
}

// limit ends what hangs, long before the limit of the whole test.
const limit = 60 * time.Second

// whocan runs "kubectl whocan" with the arguments and an empty stdin.
func (h home) whocan(t *testing.T, args ...string) outcome {
	t.Helper()
	return h.run(t, nil, shared.kubectl(), append([]string{"whocan"}, args...)...)
}

// piped does as whocan, with a stdin.
func (h home) piped(t *testing.T, stdin io.Reader, args ...string) outcome {
	t.Helper()
	return h.run(t, stdin, shared.kubectl(), append([]string{"whocan"}, args...)...)
}

// interrupted runs "kubectl whocan" with a stdin that stays open, and sends it a signal when it has had the time to hang.
// It returns how long the program took to end after that.
func (h home) interrupted(t *testing.T, signal os.Signal, args ...string) (outcome, time.Duration) {
	t.Helper()
	stdin, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()  //nolint:errcheck // nothing was written
	defer writer.Close() //nolint:errcheck // as above
	const patience = time.Second
	out := h.start(t, stdin, func(process *os.Process) {
		time.Sleep(patience)
		if err := process.Signal(signal); err != nil {
			t.Error(err)
		}
	}, shared.kubectl(), append([]string{"whocan"}, args...)...)
	return out, out.wall - patience
}

// run runs a program to its end.
func (h home) run(t *testing.T, stdin io.Reader, program string, args ...string) outcome {
	t.Helper()
	return h.start(t, stdin, func(*os.Process) {}, program, args...)
}

// start runs a program to its end, and does something meanwhile.
func (h home) start(
	t *testing.T, stdin io.Reader, meanwhile func(*os.Process), program string, args ...string,
) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env, cmd.Dir, cmd.Stdin = h.env(), h.dir, stdin
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go meanwhile(cmd.Process)
	stop := make(chan struct{})
	peak := make(chan int64, 1)
	go func() { peak <- watch(cmd.Process.Pid, stop) }()
	err := cmd.Wait()
	wall := time.Since(begin)
	close(stop)
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		t.Fatalf("%s: %v", strings.Join(args, " "), err)
	}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		t.Fatalf("%s: ended by %s after %s\nstderr: %s", strings.Join(args, " "), status.Signal(), wall, stderr.String())
	}
	return outcome{
		stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode(), wall: wall, peak: <-peak,
	}
}

// watch returns the peak of resident memory of a process, looked at until stop. What the kernel reports when a process
// has ended counts this test's own memory too, which the child shared until it became the program.
func watch(pid int, stop <-chan struct{}) int64 {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	var peak int64
	for {
		status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
		if err == nil {
			if _, rest, found := bytes.Cut(status, []byte("VmHWM:")); found {
				kib, err := strconv.ParseInt(string(bytes.Fields(rest)[0]), 10, 64)
				if err == nil {
					peak = max(peak, kib<<10)
				}
			}
		}
		select {
		case <-stop:
			return peak
		case <-tick.C:
		}
	}
}

// want fails the test unless the program ended with the code, and shows all that it said if not.
func (o outcome) want(t *testing.T, code int) {
	t.Helper()
	if o.code != code {
		t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", o.code, code, o.stdout, o.stderr)
	}
}

// says fails the test unless each of the texts is in what went to stderr, and nothing is on stdout.
func (o outcome) says(t *testing.T, code int, texts ...string) {
	t.Helper()
	o.want(t, code)
	if o.stdout != "" {
		t.Errorf("stdout has what is no data: %q", o.stdout)
	}
	o.hears(t, texts...)
}

// hears fails the test unless each of the texts is in what went to stderr.
func (o outcome) hears(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(o.stderr, text) {
			t.Errorf("stderr lacks %q:\n%s", text, o.stderr)
		}
	}
	for line := range strings.Lines(o.stderr) {
		if len(line) > 1500 {
			t.Errorf("stderr has a line of %d characters: %.200s...", len(line), line)
		}
	}
	for _, bad := range []string{"panic:", "goroutine ", "%!"} {
		if strings.Contains(o.stderr, bad) {
			t.Errorf("stderr has %q:\n%s", bad, o.stderr)
		}
	}
}

// kubectl runs kubectl with the arguments, such as "contrib", "add", and an empty stdin.
func (h home) kubectl(t *testing.T, args ...string) outcome {
	t.Helper()
	return h.run(t, nil, shared.kubectl(), args...)
}
