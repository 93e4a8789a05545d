package whocan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const snapshotLong = `
Write all that questions about access need into one compact file: roles, bindings, and what the cluster serves, with the
cluster's name, the time, and what could not be read. The file is the same for the same objects, so that it can be
compared and kept. Every command reads it with --from.

No Secret, no token and no other object is in it: rules, names, labels of ClusterRoles and namespaces, and the
annotations by which namespaces and bindings say whose they are, what for and until when.

FILE must not exist yet, or --force must be given; it appears whole or not at all. Without FILE, or with "-", the snapshot
goes to stdout, but not to a terminal. With --from manifests, dumps and snapshots become one snapshot.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const snapshotExample = `
# Keep the state of today, and ask about it later
{cmd} snapshot monday.ghs
{cmd} get secrets -A --from monday.ghs

# What has changed since
{cmd} diff --from monday.ghs

# Manifests and a snapshot in one file
{cmd} snapshot next.ghs --from monday.ghs --from manifests/

# Somewhere else
{cmd} snapshot | ssh audit@example.com 'cat > monday.ghs'`

// snapshotFlags is what was typed.
type snapshotFlags struct {
	env *cli.Env
	inputs
	force     bool
	inventory bool
}

func newSnapshotCommand(env *cli.Env) *cobra.Command {
	f := &snapshotFlags{env: env, inputs: inputs{env: env}}
	cmd := &cobra.Command{
		Use:     "snapshot [FILE]",
		Short:   "Write what questions need into one file",
		Long:    snapshotLong,
		Example: env.Examples(snapshotExample),
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.addFlags(cmd)
	fs := cmd.Flags()
	fs.BoolVar(&f.force, "force", false, "Replace FILE when it exists.")
	fs.BoolVar(&f.inventory, "inventory", false, "Ask the cluster for its namespaces and service accounts too (two more lists).")
	return cmd
}

// snapshotOptions is what run needs; only options makes one.
type snapshotOptions struct {
	*snapshotFlags
	// file is empty for stdout.
	file string
}

func (f *snapshotFlags) options(args []string) (*snapshotOptions, error) {
	o := &snapshotOptions{snapshotFlags: f}
	if len(args) > 0 && args[0] != "-" {
		o.file = args[0]
		if o.file == "" {
			return nil, cli.UsageError(errors.New("the name of the file must not be empty"))
		}
		return o, o.checkFile()
	}
	if f.force {
		return nil, cli.UsageError(errors.New("--force is about a FILE, and there is none"))
	}
	if isTerminal(f.env.Out) {
		return nil, cli.Hint(errors.New("write snapshot: it is binary, and stdout is a terminal"),
			"name a file, or send it into a pipe")
	}
	return o, nil
}

// checkFile refuses a file that can't be written before a cluster is asked.
func (o *snapshotOptions) checkFile() error {
	info, err := os.Stat(o.file)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("write snapshot: %s is a directory", o.file)
	case err == nil && !o.force:
		return cli.Hint(fmt.Errorf("write snapshot: %s exists", o.file), "--force replaces it")
	case err == nil:
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("write snapshot: %w", err)
	}
	if _, err := os.Stat(filepath.Dir(o.file)); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (o *snapshotOptions) run(ctx context.Context) error {
	clusters, err := o.load(ctx, source.Want{
		Resources: true, Namespaces: o.inventory, ServiceAccounts: o.inventory, Marks: true,
	})
	if err != nil {
		return err
	}
	c, err := theOnly(clusters)
	if err != nil {
		return err
	}
	snap := c.index.Snapshot()
	size, err := o.write(snap)
	if err != nil {
		return err
	}
	name := o.file
	if name == "" {
		name = "stdout"
	}
	o.env.Notef("wrote %s: %s, %s", name, snapshotText(snap), sizeText(size))
	return o.finish(clusters)
}

// write returns how many bytes it wrote.
func (o *snapshotOptions) write(snap *rbac.Snapshot) (int64, error) {
	if o.file == "" {
		out := &countingWriter{to: o.env.Out}
		err := source.WriteSnapshot(out, snap)
		return out.written, err
	}
	if err := source.WriteSnapshotFile(o.file, snap); err != nil {
		return 0, err
	}
	info, err := os.Stat(o.file)
	if err != nil {
		return 0, fmt.Errorf("write snapshot: %w", err)
	}
	return info.Size(), nil
}

// countingWriter counts what goes through it.
type countingWriter struct {
	to      io.Writer
	written int64
}

// Write implements [io.Writer].
func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	w.written += int64(n)
	return n, err
}

// snapshotText says in a line what a snapshot holds.
func snapshotText(s *rbac.Snapshot) string {
	parts := []string{question.Plural(len(s.Roles), "role"), question.Plural(len(s.Bindings), "binding")}
	for _, part := range []struct {
		n    int
		noun string
	}{
		{len(s.Namespaces), "namespace"}, {len(s.ServiceAccounts), "service account"}, {len(s.Resources), "resource"},
	} {
		if part.n > 0 {
			parts = append(parts, question.Plural(part.n, part.noun))
		}
	}
	if n := len(s.Gaps); n > 0 {
		parts = append(parts, "partial: "+question.Plural(n, "gap"))
	} else {
		parts = append(parts, "complete")
	}
	return strings.Join(parts, ", ")
}

// sizeText writes a number of bytes as people read it.
func sizeText(n int64) string {
	switch {
	case n < 1<<10:
		return question.Plural(int(n), "byte")
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
