package controlplane_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

func TestBuildIsCached(t *testing.T) {
	var progress bytes.Buffer
	bin, err := controlplane.Build(t.Context(), &progress)
	if err != nil {
		t.Fatal(err)
	}
	if progress.Len() > 0 {
		t.Errorf("what is there is built again: %s", &progress)
	}
	for _, path := range []string{bin.Etcd, bin.APIServer, bin.ControllerManager, bin.Kubectl} {
		if info, err := os.Stat(path); err != nil || info.Mode()&0o100 == 0 {
			t.Errorf("program %s: %v", path, err)
		}
	}
}

func TestBuildFromAssets(t *testing.T) {
	own, err := controlplane.Build(t.Context(), &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"etcd", "kube-apiserver"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("KUBEBUILDER_ASSETS", dir)
	if _, err := controlplane.Build(t.Context(), &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "no kubectl in "+dir) {
		t.Errorf("assets without kubectl: error %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kubectl"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	var progress bytes.Buffer
	got, err := controlplane.Build(t.Context(), &progress)
	if err != nil {
		t.Fatal(err)
	}
	want := controlplane.Binaries{
		Dir:               dir,
		Etcd:              filepath.Join(dir, "etcd"),
		APIServer:         filepath.Join(dir, "kube-apiserver"),
		ControllerManager: own.ControllerManager,
		Kubectl:           filepath.Join(dir, "kubectl"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("binaries (-want +got):\n%s", diff)
	}
	if !strings.Contains(progress.String(), "using our own v1.36.3") {
		t.Errorf("progress %q does not say whose kube-controller-manager runs", &progress)
	}
}
