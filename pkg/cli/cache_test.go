package cli_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

func TestCache(t *testing.T) {
	t.Parallel()
	connection := cli.NewConnection()
	*connection.CacheDir = t.TempDir()
	const host, name = "https://api.example:6443/a path", "apps/v1/serverresources.json"
	path := filepath.Join(*connection.CacheDir, "discovery", "api.example_6443/a_path", "apps", "v1", "serverresources.json")

	if _, err := connection.ReadCache(host, name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("empty cache: want that there is none, got %v", err)
	}
	for _, text := range []string{"one", "another"} {
		if err := connection.WriteCache(host, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := connection.ReadCache(host, name)
		if diff := cmp.Diff(text, string(got)); diff != "" || err != nil {
			t.Errorf("error %v (-want +got):\n%s", err, diff)
		}
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("want one file at %s, got %v, %v", path, files, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o660 {
		t.Errorf("mode %v", info.Mode())
	}

	for name, test := range map[string]struct {
		age   time.Duration
		fresh bool
	}{"almost six hours": {6*time.Hour - time.Minute, true}, "more than six hours": {6*time.Hour + time.Minute, false}} {
		then := info.ModTime().Add(-test.age)
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
		if _, err := connection.ReadCache(host, "apps/v1/serverresources.json"); (err == nil) != test.fresh {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCacheStaysInside gives names that a server could make up.
func TestCacheStaysInside(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"../out", "../../../out", "/out", "a/../../out", "", "a\x00b"} {
		connection := cli.NewConnection()
		dir := t.TempDir()
		*connection.CacheDir = filepath.Join(dir, "cache")
		if err := connection.WriteCache("host", name, []byte("x")); err == nil {
			t.Errorf("%q was written", name)
		}
		if _, err := connection.ReadCache("host", name); err == nil {
			t.Errorf("%q was read", name)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("%q: wrote %v, %v", name, files, err)
		}
	}
}

func TestCacheWithoutPlace(t *testing.T) {
	t.Parallel()
	connection := cli.NewConnection()
	*connection.CacheDir = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(*connection.CacheDir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := connection.WriteCache("host", "name", nil); err == nil {
		t.Error("want an error, got none")
	}
}
