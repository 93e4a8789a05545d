package profile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
)

// readSpecs reads all files, those of directories by their endings, and refuses a workspace that is described twice. The
// second result are the files that hold objects of members.
func readSpecs(paths []string, stdin io.Reader) ([]profile.Spec, []manifests, error) {
	var (
		out    []profile.Spec
		guests []manifests
	)
	where := map[string]string{}
	files, err := expand(paths)
	if err != nil {
		return nil, nil, err
	}
	for _, path := range files {
		data, err := readFile(path, stdin)
		if err != nil {
			return nil, nil, err
		}
		specs, err := profile.ParseSpecs(bytes.NewReader(data), shownPath(path))
		if err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(specs, func(s profile.Spec) bool { return s.MemberObjects > 0 }) {
			guests = append(guests, manifests{path: path, data: data})
		}
		for i := range specs {
			at := fmt.Sprintf("%s:%d", shownPath(path), specs[i].Line)
			if first, twice := where[specs[i].Name]; twice {
				return nil, nil, fmt.Errorf("%s: profile %s is described already (%s)", at, specs[i].Name, first)
			}
			where[specs[i].Name] = at
		}
		out = append(out, specs...)
	}
	if len(out) == 0 {
		return nil, nil, cli.Hint(errors.New("read profiles: the files hold none"),
			"want documents of kind Profile (kubeflow.org), our short form (kind Profiles), or a list \"profiles:\"")
	}
	slices.SortStableFunc(out, func(a, b profile.Spec) int { return cmp.Compare(a.Name, b.Name) })
	return out, guests, nil
}

// expand replaces directories by the files in them.
func expand(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		if path == stdinPath {
			if slices.Contains(out, path) {
				return nil, cli.UsageError(errors.New("stdin (-) can be read only once"))
			}
			out = append(out, path)
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("read profiles: %w", err)
		}
		if !info.IsDir() {
			out = append(out, path)
			continue
		}
		err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)) {
				out = append(out, file)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("read profiles: %w", err)
		}
	}
	return out, nil
}

func readFile(path string, stdin io.Reader) ([]byte, error) {
	var (
		data []byte
		err  error
	)
	if path == stdinPath {
		data, err = io.ReadAll(stdin)
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	return data, nil
}

// stdinPath stands for standard input among paths.
const stdinPath = "-"

func shownPath(path string) string {
	if path == stdinPath {
		return "stdin"
	}
	return path
}
