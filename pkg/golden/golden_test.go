package golden_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// recorder stands in for the test that uses the package, to see what it is told.
type recorder struct {
	testing.TB

	failures []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestEqual(t *testing.T) {
	tests := map[string]struct {
		got    string
		name   string
		update bool
		want   string // part of the only failure; empty for none
	}{
		"same":               {got: "kept\n", name: "kept"},
		"different":          {got: "other\n", name: "kept", want: "differs"},
		"no file":            {got: "x\n", name: "absent", want: golden.UpdateVariable + "=1"},
		"update":             {got: "new\n", name: "deep/new", update: true},
		"update over a file": {got: "other\n", name: "kept", update: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			t.Setenv(golden.UpdateVariable, "")
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join("testdata", "kept.golden"), []byte("kept\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if tc.update {
				t.Setenv(golden.UpdateVariable, "1")
			}

			rec := &recorder{TB: t}
			golden.Equal(rec, tc.got, tc.name)

			switch {
			case tc.want == "" && len(rec.failures) > 0:
				t.Fatalf("unexpected failures: %q", rec.failures)
			case tc.want != "" && (len(rec.failures) == 0 || !strings.Contains(rec.failures[0], tc.want)):
				t.Fatalf("failures = %q, want one that contains %q", rec.failures, tc.want)
			}
			if tc.update {
				content, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(tc.name)+".golden"))
				if err != nil || string(content) != tc.got {
					t.Fatalf("golden file = %q, %v; want %q", content, err, tc.got)
				}
			}
		})
	}
}
