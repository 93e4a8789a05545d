package controlplane_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// shared is the control plane of the tests that do not stop one. It records requests.
var shared *controlplane.ControlPlane

// victimDir is the variable with which a test runs this binary as a process that starts a control plane there and waits to be killed.
const victimDir = "GATEHOUSE_TEST_VICTIM_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		os.Exit(controlplane.Run(controlplane.Options{Dir: dir, WithoutControllers: true}, func(cp *controlplane.ControlPlane) int {
			for _, pid := range cp.Processes() {
				fmt.Println(pid)
			}
			os.Stdout.Close() //nolint:errcheck // says that this was all
			select {}
		}))
	}
	os.Exit(controlplane.Run(controlplane.Options{AuditLog: true}, func(cp *controlplane.ControlPlane) int {
		shared = cp
		return m.Run()
	}))
}

// eventually asks until check says yes, for as long as a slow machine may need.
func eventually(t *testing.T, what string, check func(context.Context) (bool, error)) {
	t.Helper()
	var last error
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		done, err := check(t.Context())
		if done {
			return
		}
		last = err
	}
	t.Fatalf("waited in vain for %s: last error: %v", what, last)
}

func client(t *testing.T, kubeconfig string) *kubernetes.Clientset {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.QPS = -1
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return clients
}

// running returns which of the processes are there. One that has ended and that nobody has asked about has no command line any more.
func running(pids map[string]int) []string {
	var names []string
	for name, pid := range pids {
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if syscall.Kill(pid, 0) == nil && (err != nil || len(line) > 0) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cp")
	cp, err := controlplane.Start(t.Context(), controlplane.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ready in %s next to another control plane; that one in %s", cp.ReadyIn(), shared.ReadyIn())
	pids := cp.Processes()
	want := []string{"etcd", "kube-apiserver", "kube-controller-manager"}
	if diff := cmp.Diff(want, running(pids)); diff != "" {
		t.Errorf("running after start (-want +got):\n%s", diff)
	}
	if cp.URL() == shared.URL() {
		t.Errorf("two control planes at %s", cp.URL())
	}
	for _, c := range []*controlplane.ControlPlane{cp, shared} {
		if _, err := client(t, c.Admin()).CoreV1().Nodes().List(t.Context(), metav1.ListOptions{}); err != nil {
			t.Errorf("ask %s: %v", c.URL(), err)
		}
	}
	begin := time.Now()
	for range 2 {
		if err := cp.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	t.Logf("stopped in %s", time.Since(begin))
	if left := running(pids); left != nil {
		t.Errorf("running after stop: %v", left)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("directory after stop: %v", err)
	}
}

func TestStartThatFails(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	cases := map[string]struct {
		opts controlplane.Options
		want string // part of the error
	}{
		"component ends":   {controlplane.Options{Dir: filepath.Join(parent, "a"), ExtraAPIServerArgs: []string{"--no-such-flag"}}, "unknown flag: --no-such-flag"},
		"directory in use": {controlplane.Options{Dir: full}, "is not empty"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cp, err := controlplane.Start(t.Context(), tc.opts)
			if err == nil {
				t.Fatalf("started; stop: %v", cp.Stop())
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %q, want one with %q", err, tc.want)
			}
		})
	}
	t.Cleanup(func() {
		entries, err := os.ReadDir(parent)
		if err != nil || len(entries) > 0 {
			t.Errorf("left behind: %v %v", entries, err)
		}
		if _, err := os.Stat(filepath.Join(full, "mine")); err != nil {
			t.Errorf("somebody's file: %v", err)
		}
	})
}

func TestControlPlaneDiesWithItsParent(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cp")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), victimDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	pids := map[string]int{}
	for word := range strings.FieldsSeq(string(text)) {
		if pids[word], err = strconv.Atoi(word); err != nil {
			t.Fatal(err)
		}
	}
	if got := running(pids); len(got) != 2 {
		t.Fatalf("running before the kill: %v, want etcd and kube-apiserver", got)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the killed process ended well")
	}
	eventually(t, "the components' end", func(context.Context) (bool, error) { return running(pids) == nil, nil })
}

func TestFailure(t *testing.T) {
	t.Parallel()
	cp, err := controlplane.Start(t.Context(), controlplane.Options{WithoutControllers: true})
	if err != nil {
		t.Fatal(err)
	}
	defer cp.Stop() //nolint:errcheck // asked below
	if err := cp.Failure(); err != nil {
		t.Errorf("failure while all run: %v", err)
	}
	if err := syscall.Kill(cp.Processes()["etcd"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the failure", func(context.Context) (bool, error) { return cp.Failure() != nil, nil })
	if err := cp.Failure(); !strings.HasPrefix(err.Error(), "etcd ended (signal: killed)") {
		t.Errorf("got failure %q", err)
	}
	if err := cp.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
