package controlplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane/internal/flock"
)

// kubernetesVersion is the version the binary reports; it must be that of k8s.io/kubernetes in go.mod, because clients parse it.
const kubernetesVersion = "v1.36.3"

// buildPulse is how often a build tells how long it has been running.
const buildPulse = 10 * time.Second

// Binaries says where the programs of a control plane are. Every field is an absolute path.
type Binaries struct {
	Dir               string // a directory for PATH that holds kubectl
	Etcd              string
	APIServer         string
	ControllerManager string
	Kubectl           string
}

// in returns the binaries of one directory under their usual names.
func in(dir string) Binaries {
	return Binaries{
		Dir:               dir,
		Etcd:              filepath.Join(dir, "etcd"),
		APIServer:         filepath.Join(dir, "kube-apiserver"),
		ControllerManager: filepath.Join(dir, "kube-controller-manager"),
		Kubectl:           filepath.Join(dir, "kubectl"),
	}
}

// Build returns the programs to run, and makes them first when they are not in the cache, which takes minutes the first time and then
// seconds. progress gets a line when there is something to wait for; nothing when all is there. Several processes may call it at once: one
// builds, the others wait for it.
//
// With KUBEBUILDER_ASSETS set, the programs of that directory are used instead; it must hold etcd, kube-apiserver and kubectl, while a
// missing kube-controller-manager is taken from our own build, and progress says so. GATEHOUSE_CONTROLPLANE_CACHE overrides the cache
// directory. Errors: assets that are incomplete, no go command, a build that fails (with the compiler's words), ctx.
func Build(ctx context.Context, progress io.Writer) (Binaries, error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		return buildOwn(ctx, progress)
	}
	bin, err := fromAssets(assets)
	if err != nil {
		return Binaries{}, err
	}
	if missing(bin.ControllerManager) {
		say(progress, "no kube-controller-manager in KUBEBUILDER_ASSETS, using our own %s", kubernetesVersion)
		own, err := buildOwn(ctx, progress)
		if err != nil {
			return Binaries{}, err
		}
		bin.ControllerManager = own.ControllerManager
	}
	return bin, nil
}

// fromAssets returns the binaries of a KUBEBUILDER_ASSETS directory; only kube-controller-manager may be missing.
func fromAssets(dir string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, fmt.Errorf("find KUBEBUILDER_ASSETS: %w", err)
	}
	bin := in(dir)
	for _, path := range []string{bin.Etcd, bin.APIServer, bin.Kubectl} {
		if missing(path) {
			return Binaries{}, fmt.Errorf("use KUBEBUILDER_ASSETS: no %s in %s", filepath.Base(path), dir)
		}
	}
	return bin, nil
}

// say tells a person something about the control plane. A person who cannot be told changes nothing.
func say(progress io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(progress, "controlplane: "+format+"\n", args...)
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return err != nil
}

// buildOwn returns the cached build of this module's multi-call binary, and makes it when there is none.
func buildOwn(ctx context.Context, progress io.Writer) (Binaries, error) {
	module, err := moduleDir(ctx)
	if err != nil {
		return Binaries{}, err
	}
	cache, err := cacheDir()
	if err != nil {
		return Binaries{}, err
	}
	key, err := cacheKey(ctx, module)
	if err != nil {
		return Binaries{}, err
	}
	dir := filepath.Join(cache, key)
	if fresh(dir) {
		return in(dir), nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return Binaries{}, fmt.Errorf("make cache directory: %w", err)
	}
	unlock, err := flock.Lock(ctx, filepath.Join(cache, "lock"), func() {
		say(progress, "another process builds the control plane, waiting for it")
	})
	if err != nil {
		return Binaries{}, err
	}
	defer unlock()
	if fresh(dir) { // built by the one we waited for
		return in(dir), nil
	}
	if err := buildInto(ctx, module, dir, progress); err != nil {
		return Binaries{}, fmt.Errorf("build control plane: %w", err)
	}
	prune(cache, dir)
	return in(dir), nil
}

// buildInto links the binary and its four names in a directory next to dir, and renames it to dir: dir is there whole or not at all.
func buildInto(ctx context.Context, module, dir string, progress io.Writer) error {
	work, err := os.MkdirTemp(filepath.Dir(dir), "build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // what is left over is in a cache, and the next build's prune takes it

	if err := compile(ctx, module, filepath.Join(work, "multicall"), progress); err != nil {
		return err
	}
	bin := in(work)
	for _, path := range []string{bin.Etcd, bin.APIServer, bin.ControllerManager, bin.Kubectl} {
		if err := os.Symlink("multicall", path); err != nil {
			return err
		}
	}
	if err := os.Chmod(work, 0o755); err != nil {
		return err
	}
	return os.Rename(work, dir)
}

// compile runs go build for the multi-call binary and tells progress how long it takes.
func compile(ctx context.Context, module, out string, progress io.Writer) error {
	const version = "k8s.io/component-base/version."
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", out,
		"-ldflags", "-s -w -X "+version+"gitVersion="+kubernetesVersion+" -X "+version+"gitMajor=1 -X "+version+"gitMinor=36"+
			" -X k8s.io/client-go/pkg/version.gitVersion="+kubernetesVersion,
		"./controlplane/multicall")
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output

	start := time.Now()
	say(progress, "building etcd, kube-apiserver, kube-controller-manager and kubectl %s (the first build takes some minutes, later ones seconds)", kubernetesVersion)
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(buildPulse)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			say(progress, "still building, %.0f s", time.Since(start).Seconds())
		case err := <-done:
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				return errors.Join(fmt.Errorf("go build: %w", err), errors.New(tail(output.Bytes(), 20)))
			}
			say(progress, "built in %.0f s", time.Since(start).Seconds())
			return nil
		}
	}
}
