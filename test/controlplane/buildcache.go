package controlplane

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// modulePath is the module this package is part of.
const modulePath = "github.com/kubegatehouse/gatehouse/test"

// keptBuilds is how many builds stay in the cache, counted from the latest used; one is about 170 MB.
const keptBuilds = 3

// moduleDir returns the directory of the test module: from the path the compiler noted, or, where -trimpath took that away, from the go
// command, asked in the working directory (which for a test is its package's directory).
func moduleDir(ctx context.Context) (string, error) {
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		dir := filepath.Dir(filepath.Dir(file))
		if !missing(filepath.Join(dir, "go.mod")) {
			return dir, nil
		}
	}
	out, err := goCommand(ctx, "", "list", "-m", "-f", "{{.Dir}}", modulePath)
	if err != nil {
		return "", fmt.Errorf("find module %s: %w", modulePath, err)
	}
	return out, nil
}

// cacheDir returns the directory that holds the builds; it may not exist yet.
func cacheDir() (string, error) {
	if dir := os.Getenv("GATEHOUSE_CONTROLPLANE_CACHE"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find cache directory: %w", err)
	}
	return filepath.Join(dir, "gatehouse", "controlplane"), nil
}

// cacheKey names a build by all that goes into it: the module's requirements, the multi-call sources, this package's build flags, the Go
// version and the platform.
func cacheKey(ctx context.Context, module string) (string, error) {
	version, err := goCommand(ctx, module, "env", "GOVERSION")
	if err != nil {
		return "", fmt.Errorf("ask for go version: %w", err)
	}
	sources, err := filepath.Glob(filepath.Join(module, "controlplane", "multicall", "*.go"))
	if err != nil {
		return "", fmt.Errorf("list multicall sources: %w", err)
	}
	hash := sha256.New()
	hash.Write(fmt.Appendln(nil, version, runtime.GOOS, runtime.GOARCH, kubernetesVersion))
	inputs := slices.Concat([]string{"go.mod", "go.sum", filepath.Join("controlplane", "build.go")}, sources)
	for _, path := range inputs {
		if !filepath.IsAbs(path) {
			path = filepath.Join(module, path)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("hash build inputs: %w", err)
		}
		hash.Write(fmt.Appendln(nil, filepath.Base(path), len(content)))
		hash.Write(content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}

// goCommand runs go with the arguments in dir ("" = working directory) and returns what it printed, trimmed.
func goCommand(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return "", fmt.Errorf("go %s: %w: %s", args[0], err, tail(exit.Stderr, 5))
	}
	if err != nil {
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(out)), nil
}

// fresh says whether dir holds a build, and notes that it was used, for prune.
func fresh(dir string) bool {
	if missing(filepath.Join(dir, "multicall")) {
		return false
	}
	now := time.Now()
	return os.Chtimes(dir, now, now) == nil
}

// prune removes leftovers of interrupted builds and all but the builds used last. The caller holds the lock. Nothing depends on its success:
// what cannot be removed is found again next time.
func prune(cache, current string) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	type build struct {
		path string
		used time.Time
	}
	var builds []build
	for _, entry := range entries {
		path := filepath.Join(cache, entry.Name())
		info, err := entry.Info()
		switch {
		case err != nil || !entry.IsDir() || path == current:
		case strings.HasPrefix(entry.Name(), "build-"):
			os.RemoveAll(path) //nolint:errcheck // see above
		case !missing(filepath.Join(path, "multicall")):
			builds = append(builds, build{path, info.ModTime()})
		}
	}
	slices.SortFunc(builds, func(a, b build) int { return b.used.Compare(a.used) })
	for i, b := range builds {
		if i >= keptBuilds-1 {
			os.RemoveAll(b.path) //nolint:errcheck // see above
		}
	}
}
