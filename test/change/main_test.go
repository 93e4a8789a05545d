// Package change_test makes and carries out the changes of the browser on a real API server: each does what its command
// does, can be taken back and done again, stays away from what others change, and tells what it left when something went
// wrong.
package change_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/kubeflow"
)

// server is what all tests share. Each has workspaces of its own.
var server struct {
	cp     *controlplane.ControlPlane
	client dynamic.Interface
}

func TestMain(m *testing.M) {
	code := controlplane.Run(controlplane.Options{}, func(cp *controlplane.ControlPlane) int {
		if err := prepare(context.Background(), cp); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	})
	os.Exit(code)
}

// prepare loads the kinds and roles that Kubeflow brings.
func prepare(ctx context.Context, cp *controlplane.ControlPlane) error {
	definitions, err := kubeflow.Definitions()
	if err != nil {
		return err
	}
	if err := cp.ApplyObjects(ctx, definitions...); err != nil {
		return err
	}
	if err := cp.Apply(ctx, filepath.Join("..", "..", "examples", "acme", "kubeflow", "cluster-roles.yaml")); err != nil {
		return err
	}
	config := rest.CopyConfig(cp.AdminConfig())
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{}
	server.cp = cp
	server.client, err = dynamic.NewForConfig(config)
	return err
}
