// Package golden compares what a test got with a file that is kept under testdata.
//
// It is imported by tests only. Run the tests with GATEHOUSE_UPDATE=1 to write
// the files anew, and read the difference in review like any other change.
package golden

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// UpdateVariable is the environment variable that, when it is "1", makes Equal
// write the golden files instead of comparing with them.
const UpdateVariable = "GATEHOUSE_UPDATE"

// Equal fails t unless got is what testdata/<name>.golden holds, byte for byte.
// The name may contain slashes; it is relative to the package under test.
func Equal(t testing.TB, got, name string) {
	t.Helper()

	path := filepath.Join("testdata", filepath.FromSlash(name)+".golden")
	if os.Getenv(UpdateVariable) == "1" {
		write(t, path, got)
		return
	}

	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no golden file %s: run the test with %s=1 to write it; got:\n%s", path, UpdateVariable, got)
	}
	if err != nil {
		t.Fatalf("read golden file: %v", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); %s=1 writes it anew:\n%s", path, UpdateVariable, diff)
	}
}

func write(t testing.TB, path, content string) {
	t.Helper()

	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatalf("make golden folder: %v", err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatalf("write golden file: %v", err)
	}
}
