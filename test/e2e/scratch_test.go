package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// writable is the control plane of the tests that write. It has Kubeflow's kinds and ClusterRoles, and no workspaces.
var writable struct {
	once sync.Once
	cp   *controlplane.ControlPlane
	err  error
}

// scratch returns a control plane that tests may write to: one for all of them, so each keeps to namespaces that are
// named after it. Kubeflow's definitions of kinds and its ClusterRoles are there; no controller of Kubeflow runs.
func scratch(t *testing.T) *controlplane.ControlPlane {
	t.Helper()
	writable.once.Do(func() { writable.cp, writable.err = startScratch(context.Background()) })
	if writable.err != nil {
		t.Fatal(writable.err)
	}
	return writable.cp
}

// scratchHome makes a home for a user of the scratch control plane; no name is a superuser.
func scratchHome(t *testing.T, user string, groups ...string) home {
	t.Helper()
	cp := scratch(t)
	if user == "" {
		return home{dir: t.TempDir(), kubeconfig: cp.Admin()}
	}
	return homeOf(t, cp, user, groups...)
}

func startScratch(ctx context.Context) (*controlplane.ControlPlane, error) {
	cp, err := controlplane.Start(ctx, controlplane.Options{AuditLog: true})
	if err != nil {
		return nil, err
	}
	acme := filepath.Join(shared.root, "examples", "acme")
	err = cp.Apply(ctx, filepath.Join(acme, "crds"), filepath.Join(acme, "kubeflow", "cluster-roles.yaml"))
	if err != nil {
		return nil, errors.Join(err, cp.Stop())
	}
	return cp, nil
}

// stopScratch ends the scratch control plane, if a test has started it.
func stopScratch() {
	if writable.cp == nil {
		return
	}
	if err := writable.cp.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}
