package contrib

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
)

// endings are those of the files with members in a directory.
func endings() []string { return []string{".yaml", ".yml", ".json", ".csv"} }

// expand replaces directories by the files with members in them, at any depth, sorted; "-" stays.
func expand(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		if path == "-" {
			out = append(out, path)
			continue
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return nil, fmt.Errorf("read members: %w", err)
		case !info.IsDir():
			out = append(out, path)
			continue
		}
		before := len(out)
		err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && slices.Contains(endings(), strings.ToLower(filepath.Ext(file))) {
				out = append(out, file)
			}
			return err
		})
		switch {
		case err != nil:
			return nil, fmt.Errorf("read members: %w", err)
		case len(out) == before:
			return nil, fmt.Errorf("read members: no file in %s ends in %s", path, strings.Join(endings(), ", "))
		}
	}
	return out, nil
}

// readMembers reads one file, or stdin for "-": see [contrib.ParseMembers].
func readMembers(stdin io.Reader, file, namespace string) (grants []contrib.Grant, empty []string, err error) {
	if file == "-" {
		return contrib.ParseMembers(stdin, "stdin", namespace)
	}
	in, err := os.Open(file)
	if err != nil {
		return nil, nil, fmt.Errorf("read members: %w", err)
	}
	defer in.Close() //nolint:errcheck // nothing was written
	return contrib.ParseMembers(in, file, namespace)
}
