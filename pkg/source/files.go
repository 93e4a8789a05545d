package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Bootstrap says whether the roles and bindings that every API server makes for itself are added to manifests.
type Bootstrap int

const (
	// BootstrapAuto adds those that the manifests don't have. Dumps of a cluster's own roles, and snapshots, get none.
	BootstrapAuto Bootstrap = iota
	// BootstrapNever adds none.
	BootstrapNever
)

// FilesOptions says how manifests are read. The zero value reads no stdin, warns nobody, and puts objects without a
// namespace into "default".
type FilesOptions struct {
	// Stdin is what "-" reads.
	Stdin io.Reader
	// Warn gets what is overridden or odd; nil for nobody.
	Warn Warn
	// Note gets what is as it should be and yet worth a line, such as how many objects of other kinds were skipped; nil
	// for nobody.
	Note Warn
	// DefaultNamespace is where namespaced objects are that name none; empty for "default".
	DefaultNamespace string
	// Bootstrap adds the built-in roles of Kubernetes.
	Bootstrap Bootstrap
	// NotEmpty makes Load fail when there is no document at all, not even of a kind that says nothing about access.
	NotEmpty bool
}

// stdinPath stands for standard input among paths.
const stdinPath = "-"

// Files returns the source of the --from flags: files, directories, and "-" for stdin. See [FilesWith].
func Files(paths []string, stdin io.Reader, warn func(format string, args ...any)) (Source, error) {
	return FilesWith(paths, FilesOptions{Stdin: stdin, Warn: warn})
}

// FilesWith returns the source of files and directories, all taken together in their order, as if one was applied after
// the other. A file holds manifests (YAML or JSON, one or many, lists too) or a snapshot: its content says which.
// Directories are read with all below them, but for hidden ones; of their files those that end in .yaml, .yml or .json.
// Objects of kinds that say nothing about access are counted and passed over. An error, now or in Load, names the file
// and, in manifests, the line.
func FilesWith(paths []string, options FilesOptions) (Source, error) {
	if len(paths) == 0 {
		return nil, errors.New("read manifests: no file is given")
	}
	for i, path := range paths {
		switch {
		case path == stdinPath && slices.Contains(paths[:i], stdinPath):
			return nil, errors.New("read stdin: it is given twice")
		case path == stdinPath && options.Stdin == nil:
			return nil, errors.New("read stdin: there is none")
		case path == stdinPath:
		case strings.HasPrefix(path, "https://"), strings.HasPrefix(path, "http://"):
			return nil, fmt.Errorf("read %s: URLs are not fetched; fetch it and give it as a file or as -", path)
		default:
			if _, err := os.Stat(path); err != nil {
				return nil, fmt.Errorf("read %s: %w", path, withoutPath(err))
			}
		}
	}
	if options.Note == nil {
		options.Note = func(string, ...any) {}
	}
	if options.Warn == nil {
		options.Warn = func(string, ...any) {}
	}
	if options.DefaultNamespace == "" {
		options.DefaultNamespace = "default"
	}
	return &fileSource{paths: slices.Clone(paths), options: options}, nil
}

type fileSource struct {
	paths   []string
	options FilesOptions
	drained bool // stdin was read
}

// Name implements [Source]: the paths, as they were given.
func (f *fileSource) Name() string {
	names := make([]string, 0, len(f.paths))
	for _, path := range f.paths {
		names = append(names, display(path))
	}
	return strings.Join(names, ", ")
}

// display is how messages name a path.
func display(path string) string {
	if path == stdinPath {
		return "stdin"
	}
	return path
}

// Load implements [Source]. All that the files hold comes, wanted or not; it costs nothing more.
func (f *fileSource) Load(ctx context.Context, _ Want) (*rbac.Snapshot, error) {
	g := newGathering(f.options.Warn)
	name, manifests, err := f.all(ctx, g, func(*manifest) {})
	if err != nil {
		return nil, err
	}
	if manifests && f.options.Bootstrap == BootstrapAuto {
		if err := g.addBootstrap(); err != nil {
			return nil, err
		}
	}
	snapshot := g.finish()
	snapshot.Cluster = name
	return snapshot, nil
}

// all reads all paths, and returns what to call them together, and whether there is more among them than snapshots. Each
// file is prepared before it is read.
func (f *fileSource) all(ctx context.Context, g *gathering, prepare func(*manifest)) (name string, manifests bool, err error) {
	var (
		names []string
		found bool
	)
	for _, path := range f.paths {
		t := &tally{skipped: map[string]int{}}
		prepare(&manifest{gathering: g, tally: t}) // a folder without a file says what was looked for, too
		snapshots, err := f.path(ctx, path, func(file string) *manifest {
			m := &manifest{file: file, namespace: f.options.DefaultNamespace, gathering: g, tally: t}
			prepare(m)
			return m
		})
		if err != nil {
			return "", false, err
		}
		found = found || len(snapshots) > 0 || t.taken > 0 || len(t.skipped) > 0 || g.any()
		// A path that is nothing but a snapshot has the cluster's name, and has been judged when it was written.
		if len(snapshots) > 0 && t.taken == 0 && len(t.skipped) == 0 {
			names = append(names, snapshots...)
			continue
		}
		manifests = true
		names = append(names, append([]string{display(path)}, snapshots...)...)
		t.report(display(path), f.options.DefaultNamespace, f.options.Warn, f.options.Note)
	}
	if f.options.NotEmpty && !found {
		return "", false, fmt.Errorf("read %s: it is empty", f.Name())
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", "), manifests, nil
}

// path reads one of the paths, and returns the names of the clusters whose snapshots are in it.
func (f *fileSource) path(ctx context.Context, path string, reader func(file string) *manifest) ([]string, error) {
	read := func(file string, r io.Reader) (string, error) {
		m := reader(file)
		name, err := m.read(ctx, r)
		if err != nil {
			return "", m.wrap(err)
		}
		return name, nil
	}
	if path == stdinPath {
		if f.drained {
			return nil, errors.New("read stdin: it can be read only once")
		}
		f.drained = true
		stdin := interruptible(ctx, f.options.Stdin)
		defer stdin.Close() //nolint:errcheck // closing the reading end of a pipe never fails
		name, err := read(display(path), stdin)
		return nonEmpty(name), err
	}
	files, err := manifestFiles(path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		name, err := readFile(file, read)
		if err != nil {
			return nil, err
		}
		names = append(names, nonEmpty(name)...)
	}
	return names, nil
}

func readFile(path string, read func(string, io.Reader) (string, error)) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, withoutPath(err))
	}
	defer file.Close() //nolint:errcheck // it was only read
	return read(path, file)
}

func nonEmpty(name string) []string {
	if name == "" {
		return nil
	}
	return []string{name}
}

// withoutPath takes the path out of an error of the file system: the message around it has it already.
func withoutPath(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}

// interruptible returns a reader that fails when the context ends, even while the one it reads from waits for input.
func interruptible(ctx context.Context, r io.Reader) io.ReadCloser {
	out, in := io.Pipe()
	stop := context.AfterFunc(ctx, func() { in.CloseWithError(context.Cause(ctx)) })
	go func() {
		defer stop()
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	return out
}
