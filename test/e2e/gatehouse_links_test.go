package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestScreensAreInOnePlugin looks for Bubble Tea and its kin in the plugins: in what they are compiled from, and in what
// the finished programs say of themselves.
func TestScreensAreInOnePlugin(t *testing.T) {
	t.Parallel()
	screens := []string{"charm.land/", "github.com/charmbracelet/", "github.com/sahilm/fuzzy", "github.com/kubegatehouse/gatehouse/tui"}
	names, err := shared.plugins()
	if err != nil || len(names) < 5 {
		t.Fatalf("plugins: %q, %v", names, err)
	}
	for _, name := range names {
		packages := goTool(t, "list", "-deps", "./plugins/"+name)
		modules := goTool(t, "version", "-m", filepath.Join(shared.bin, name))
		for _, screen := range screens {
			want := name == "kubectl-gatehouse"
			if got := strings.Contains(packages, "\n"+screen); got != want {
				t.Errorf("%s is compiled from %s: %t, want %t", name, screen, got, want)
			}
			module := !strings.HasPrefix(screen, "github.com/kubegatehouse/")
			if got := strings.Contains(modules, "\tdep\t"+screen); module && got != want {
				t.Errorf("%s has the module %s: %t, want %t", name, screen, got, want)
			}
		}
	}
}

// goTool runs go in the repository.
func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = shared.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %q: %v", args, err)
	}
	return string(out)
}
