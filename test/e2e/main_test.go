package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// world is what all tests share, and none of them changes: tests that write use [scratch].
type world struct {
	cp *controlplane.ControlPlane
	// bin holds kubectl, every plugin and its kubectl_complete-NAME, and is all of PATH.
	bin string
	// root is the top of the repository.
	root string
}

var shared world

func TestMain(m *testing.M) {
	os.Exit(controlplane.Run(controlplane.Options{AuditLog: true}, func(cp *controlplane.ControlPlane) int {
		bin, err := os.MkdirTemp("", "gatehouse-e2e-")
		if err == nil {
			defer os.RemoveAll(bin) //nolint:errcheck // a temporary directory
			err = prepare(context.Background(), cp, bin)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer stopScratch()
		return m.Run()
	}))
}

// prepare loads the example company while it builds the programs, and fills shared.
func prepare(ctx context.Context, cp *controlplane.ControlPlane, bin string) error {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	shared = world{cp: cp, bin: bin, root: root}
	applied := make(chan error, 1)
	go func() { applied <- cp.Apply(ctx, shared.acme()) }()
	return errors.Join(link(ctx), <-applied)
}

func (w *world) acme() string { return filepath.Join(w.root, "examples", "acme") }

func (w *world) plugin() string { return filepath.Join(w.bin, "kubectl-whocan") }

// plugins are the names of all plugins: those that have a directory.
func (w *world) plugins() ([]string, error) {
	dirs, err := filepath.Glob(filepath.Join(w.root, "plugins", "kubectl-*"))
	names := make([]string, 0, len(dirs))
	for _, dir := range dirs {
		names = append(names, filepath.Base(dir))
	}
	return names, err
}

func (w *world) kubectl() string { return filepath.Join(w.bin, "kubectl") }

// link fills the directory for PATH.
func link(ctx context.Context) error {
	names, err := shared.plugins()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := build(ctx, shared.root, "./plugins/"+name, filepath.Join(shared.bin, name)); err != nil {
			return err
		}
		complete := "kubectl_complete-" + strings.TrimPrefix(name, "kubectl-")
		if err := os.Symlink(name, filepath.Join(shared.bin, complete)); err != nil {
			return err
		}
	}
	return os.Symlink(shared.cp.Kubectl(), shared.kubectl())
}

// build makes a program as the Makefile does, so that most of the work is in Go's cache already.
func build(ctx context.Context, dir, program, out string) error {
	const version = "-s -w -X github.com/kubegatehouse/gatehouse/pkg/cli.version=v0.0.0-e2e"
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", version, "-o", out, program)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", program, err, text)
	}
	return nil
}
