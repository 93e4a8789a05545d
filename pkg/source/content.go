package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// manifestFiles returns the files to read of a path: itself, or those of a directory and of all below it, in the order
// of their names.
func manifestFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, withoutPath(err))
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	w := &walk{seen: map[string]bool{}}
	if err := w.directory(path); err != nil {
		return nil, err
	}
	return w.files, nil
}

// walk collects the manifests below a directory. It follows symbolic links, but visits no directory twice.
type walk struct {
	seen  map[string]bool // real paths
	files []string
}

func (w *walk) directory(path string) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, withoutPath(err))
	}
	if target, err = filepath.Abs(target); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if w.seen[target] {
		return nil
	}
	w.seen[target] = true
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, withoutPath(err))
	}
	for _, entry := range entries {
		if err := w.entry(filepath.Join(path, entry.Name()), entry); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) entry(path string, entry fs.DirEntry) error {
	mode := entry.Type()
	if mode&fs.ModeSymlink != 0 {
		info, err := os.Stat(path)
		if err != nil {
			if !isManifest(path) {
				return nil // a dead link to something else
			}
			return fmt.Errorf("read %s: %w", path, withoutPath(err))
		}
		mode = info.Mode().Type()
	}
	switch {
	case mode.IsDir() && !strings.HasPrefix(entry.Name(), "."):
		return w.directory(path)
	case mode.IsRegular() && isManifest(path):
		w.files = append(w.files, path)
	}
	return nil
}

func isManifest(path string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(path)))
}

// readerFunc is a function as a reader.
type readerFunc func([]byte) (int, error)

// Read implements [io.Reader].
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// read reads a file of either kind. For a snapshot it returns the name of its cluster.
func (m *manifest) read(ctx context.Context, r io.Reader) (string, error) {
	if m.sieve == nil {
		m.sieve = rbacSieve()
	}
	buffered := bufio.NewReaderSize(readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return r.Read(p)
	}), lineBuffer)
	start, err := buffered.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", withoutPath(err)
	}
	switch {
	case isSnapshot(start):
		snapshot, err := readSnapshot(buffered, maxSnapshot)
		if err != nil {
			return "", err
		}
		m.gathering.addSnapshot(snapshot)
		if snapshot.Cluster == "" {
			return m.file, nil
		}
		return snapshot.Cluster, nil
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")):
		return "", errors.New("the text is UTF-16; only UTF-8 is read")
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, _ = buffered.Discard(3)
		start = start[3:]
	}
	each := func(c chunk) error { return m.chunk(ctx, c) }
	lines := &lineReader{r: buffered}
	if text := bytes.TrimLeft(start, " \t\r\n"); len(text) > 0 && text[0] == '{' {
		line, err := jsonChunks(buffered, m.sieve, each, m.skip)
		if !errors.Is(err, errNotJSON) {
			return "", err
		}
		lines.line = line - 1
	}
	return "", withoutPath(yamlChunks(lines, m.sieve, each, m.skip))
}
