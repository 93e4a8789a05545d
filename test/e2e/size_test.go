package e2e

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSizes weighs the plugins as they are released: stripped.
func TestSizes(t *testing.T) {
	t.Parallel()
	const usual = 30_000_000
	// The API server's own token authenticator and validator are 30 MB alone. Who has all plugins in one has them too, and
	// the browser.
	bigger := map[string]int64{"kubectl-clusterauth": 45_000_000, "kubectl-gatehouse": 50_000_000}
	names, err := shared.plugins()
	if err != nil || len(names) == 0 {
		t.Fatalf("plugins: %q, %v", names, err)
	}
	for _, name := range names {
		most := cmp.Or(bigger[name], usual)
		info, err := os.Stat(filepath.Join(shared.bin, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %.1f MB", name, float64(info.Size())/1e6)
		if info.Size() >= most {
			t.Errorf("%s has %d bytes, want less than %d", name, info.Size(), most)
		}
	}
}

// TestHeavyPackages looks for packages that bring tens of megabytes along. docs/decisions/0004 has more on them.
func TestHeavyPackages(t *testing.T) {
	t.Parallel()
	heavy := []string{
		"k8s.io/cli-runtime/pkg/genericclioptions", "k8s.io/cli-runtime/pkg/resource", "k8s.io/client-go/kubernetes",
		"k8s.io/client-go/discovery", "k8s.io/kubectl/pkg/kuberc", "sigs.k8s.io/kustomize", "github.com/google/gnostic-models",
		"helm.sh/helm",
	}
	names, err := shared.plugins()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "./plugins/"+name)
		cmd.Dir = shared.root
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("list packages of %s: %v", name, err)
		}
		packages := strings.Fields(string(out))
		if len(packages) < 100 {
			t.Errorf("%s has %d packages only", name, len(packages))
		}
		for _, p := range packages {
			for _, h := range heavy {
				if p == h || strings.HasPrefix(p, h+"/") {
					t.Errorf("%s imports %s", name, p)
				}
			}
		}
	}
}
