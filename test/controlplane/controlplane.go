package controlplane

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/rest"
)

// Options says how a control plane differs from the usual one. The zero value is the usual one.
type Options struct {
	// Dir is where the control plane keeps its data, keys, logs and kubeconfigs. Stop removes it. It must not exist, or be empty.
	// Default: a new temporary directory.
	Dir string
	// ExtraAPIServerArgs come last on kube-apiserver's command line, so they win.
	ExtraAPIServerArgs []string
	// WithoutControllers leaves kube-controller-manager out: no aggregated roles, no default service accounts, namespaces that never go.
	WithoutControllers bool
	// AuditLog records the requests that the API server answers, for Requests and Record. It costs time.
	AuditLog bool
	// AuditPolicy is an audit policy document (audit.k8s.io/v1) to use with AuditLog. Default: every request but those of the control plane
	// itself, without bodies.
	AuditPolicy string
	// Log gets all that the components print, while it is also kept in files for error messages. Default: nowhere.
	Log io.Writer
	// Progress gets the lines of Build. Default: standard error.
	Progress io.Writer
}

// ControlPlane is a running control plane. Its methods may be called from many goroutines.
type ControlPlane struct {
	dir         string
	url         string
	bin         Binaries
	authority   *authority
	adminConfig *rest.Config
	ready       time.Duration
	controllers bool      // whether kube-controller-manager runs
	audit       string    // path of the audit log; "" without one
	recorder    *Recorder // since the control plane was ready; nil without audit log

	apiserver   program    // how the API server is started
	processes   []*process // in the order in which they were started
	stop        sync.Once
	stopErr     error
	kubeconfigs sync.Mutex
}

// startTries is how often a start is tried when a port that was free is taken by somebody else before the component listens on it.
const startTries = 3

// Start builds the programs if need be and starts a control plane. It returns when that is ready to answer: default namespaces, bootstrap
// roles and, with controllers, the default service account and the aggregated roles are there. Whoever calls it calls Stop; when this
// process dies without doing so, the control plane dies with it. ctx ends the start, not the control plane. Errors: what Build says, a
// component that ends or does not get ready (with the tail of its log), ctx. After an error nothing is left behind.
func Start(ctx context.Context, opts Options) (*ControlPlane, error) {
	progress := cmp.Or[io.Writer](opts.Progress, os.Stderr)
	bin, err := Build(ctx, progress)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		cp, err := startOnce(ctx, bin, opts)
		if err == nil {
			return cp, nil
		}
		if try == startTries || !strings.Contains(err.Error(), "address already in use") {
			return nil, fmt.Errorf("start control plane: %w", err)
		}
	}
}

func startOnce(ctx context.Context, bin Binaries, opts Options) (*ControlPlane, error) {
	begin := time.Now()
	dir, err := makeDir(opts.Dir)
	if err != nil {
		return nil, err
	}
	cp := &ControlPlane{dir: dir, bin: bin}
	if err := cp.run(ctx, opts); err != nil {
		return nil, errors.Join(err, cp.Stop())
	}
	cp.ready = time.Since(begin)
	return cp, nil
}

// run makes the keys, starts the components and waits for them.
func (cp *ControlPlane) run(ctx context.Context, opts Options) error {
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	cp.url = "https://" + ports[0]
	if cp.authority, err = newAuthority(); err != nil {
		return err
	}
	if err := cp.authority.writePKI(cp.dir); err != nil {
		return err
	}
	if cp.adminConfig, err = cp.RESTConfig(admin().Name, admin().Groups...); err != nil {
		return err
	}
	for path, user := range map[string]User{cp.Admin(): admin(), cp.file(controllersKubeconfig): controllersUser()} {
		if err := cp.WriteKubeconfig(path, user); err != nil {
			return err
		}
	}
	if opts.AuditLog {
		if err := cp.writeAuditPolicy(opts.AuditPolicy); err != nil {
			return err
		}
	}
	if err := cp.startComponents(ctx, opts, ports); err != nil || !opts.AuditLog {
		return err
	}
	cp.recorder, err = cp.Record(ctx)
	return err
}

// file returns the path of a file in the control plane's directory.
func (cp *ControlPlane) file(name string) string { return filepath.Join(cp.dir, name) }

// Dir returns the directory of the control plane: its logs (<component>.log), keys and kubeconfigs.
func (cp *ControlPlane) Dir() string { return cp.dir }

// URL returns the API server's address.
func (cp *ControlPlane) URL() string { return cp.url }

// Binaries returns the programs that run.
func (cp *ControlPlane) Binaries() Binaries { return cp.bin }

// Kubectl returns the path of a kubectl of the same version as the API server.
func (cp *ControlPlane) Kubectl() string { return cp.bin.Kubectl }

// ReadyIn returns how long the start took, without the build.
func (cp *ControlPlane) ReadyIn() time.Duration { return cp.ready }

// Processes returns the process id of every component that was started, by name: etcd, kube-apiserver, kube-controller-manager. Memory and CPU
// of a control plane are measured with them.
func (cp *ControlPlane) Processes() map[string]int {
	pids := make(map[string]int, len(cp.processes))
	for _, p := range cp.processes {
		pids[p.name] = p.pid
	}
	return pids
}

// Failure returns nil while all components run, and else which one ended, with the tail of its log. After Stop it has no meaning.
func (cp *ControlPlane) Failure() error {
	for _, p := range cp.processes {
		if p.ended() {
			return p.failure()
		}
	}
	return nil
}

// Stop ends all components, by force when they do not end within seconds, waits until they are gone, and removes the directory. Later calls
// do nothing and return what the first one did. Error: a directory that cannot be removed.
func (cp *ControlPlane) Stop() error {
	cp.stop.Do(func() {
		var ending sync.WaitGroup
		for _, p := range cp.processes {
			ending.Go(p.end)
		}
		ending.Wait()
		if err := os.RemoveAll(cp.dir); err != nil {
			cp.stopErr = fmt.Errorf("remove control plane: %w", err)
		}
	})
	return cp.stopErr
}

// makeDir returns an empty directory that only this user can look into. Short temporary paths are the caller's matter.
func makeDir(dir string) (string, error) {
	if dir == "" {
		made, err := os.MkdirTemp("", "gatehouse-controlplane-")
		if err != nil {
			return "", fmt.Errorf("make directory: %w", err)
		}
		return made, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("make directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make directory: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", fmt.Errorf("make directory: %w", err)
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("make directory: %s is not empty", dir)
	}
	return dir, nil
}

// freePorts returns n different loopback addresses that nobody listens on. They are all held until the last one is found.
func freePorts(n int) ([]string, error) {
	addresses := make([]string, 0, n)
	for range n {
		listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			return nil, fmt.Errorf("find free port: %w", err)
		}
		defer listener.Close() //nolint:errcheck // nothing was sent
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses, nil
}

// port returns the port of a host:port address.
func port(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return "0" // not an address of freePorts
	}
	return port
}
