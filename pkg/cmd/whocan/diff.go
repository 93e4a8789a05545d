package whocan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const diffLong = `
Show which rights are gained and lost, by whom, between two states.

Rights are compared, not objects: a second binding to the same role, a rule written in another way, or a role that
nobody is bound to changes nothing. A subject's rights include those of the groups that the API server gives it, such as
system:authenticated. Rights that no request can use don't count. Nothing is folded: built-in subjects are listed too.

Two sources: --from OLD --to NEW, each manifests, dumps or snapshots, each repeatable. The one that is left out is the
cluster of the context. A source is the whole state: what is in one and not in the other counts as changed.

What if, on one source (--from, or the cluster): --without takes objects away, then --with adds those of a file, or puts
them in the place of those with the same name. Aggregated ClusterRoles are computed anew when a part of them changes.

-n shows only what changes in one namespace, cluster-wide rights included; it is also where objects of --with are that
name no namespace.

Exit codes: 0 nothing that --fail-on names, 1 rights were gained (or lost, see --fail-on), 2 error, or a partial answer
under --strict.`

const diffExample = `
# Does this pull request give anybody more?
{cmd} diff --from main/manifests --to branch/manifests

# What changed on the cluster since the snapshot?
{cmd} diff --from monday.ghs

# What would applying these manifests change, or deleting bindings and roles?
{cmd} diff --with manifests/
{cmd} diff --without rolebinding/team-nlp/readers --without clusterrole/auditor-cost
helm template chart | {cmd} diff --with - -n shop

# In a script: fail on any change, and print it for the merge request
{cmd} diff --from old.ghs --to new.ghs --fail-on any -o markdown`

// diffFlags is what was typed.
type diffFlags struct {
	inputs
	place
	to      []string
	with    []string
	without []string
	failOn  string
	quiet   bool
	print   *printer.Flags
}

// diffOptions is what run needs; only options makes one.
type diffOptions struct {
	*diffFlags
	env     *cli.Env
	printer printer.Printer
}

func newDiffCommand(env *cli.Env) *cobra.Command {
	f := &diffFlags{
		inputs: inputs{env: env}, place: place{env: env},
		print: printer.NewFlags(printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV, printer.Markdown,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:     "diff (--from OLD | --to NEW | --with FILE | --without OBJECT)...",
		Short:   "Show which rights are gained and lost, by whom",
		Long:    diffLong,
		Example: env.Examples(diffExample),
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(env)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&f.from, "from", nil, "What is, or was: `FILE|DIR|-` (manifests, dumps, snapshots) instead of a cluster. Repeatable.")
	fs.StringArrayVar(&f.to, "to", nil, "What it is compared with: `FILE|DIR|-`. Repeatable.")
	fs.StringArrayVar(&f.with, "with", nil, "What if the objects of `FILE|DIR|-` were applied? Repeatable.")
	fs.StringArrayVar(&f.without, "without", nil, "What if this `OBJECT` was deleted: rolebinding/NAMESPACE/NAME, role/NAMESPACE/NAME, clusterrolebinding/NAME, clusterrole/NAME? Repeatable.")
	fs.StringVar(&f.failOn, "fail-on", "gained", "Exit with 1 when rights are `gained|lost|any|none`.")
	fs.BoolVar(&f.strict, "strict", false, "Exit with 2 when not everything could be read.")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "Print nothing; the exit code is the answer.")
	f.print.AddFlags(fs)
	f.completeFlag(cmd, "without", func(ctx context.Context, _ []string, prefix string) ([]string, error) {
		return f.guide(&f.place).objects(ctx, prefix)
	})
	f.completeFlag(cmd, "fail-on", func(context.Context, []string, string) ([]string, error) { return failOnChanges(), nil })
	cli.Predicate(cmd)
	return cmd
}

// failOnChanges are the values of --fail-on.
func failOnChanges() []string { return []string{"gained", "lost", "any", "none"} }

func (f *diffFlags) options(env *cli.Env) (*diffOptions, error) {
	p, err := f.print.ToPrinter()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	whatIf := len(f.with)+len(f.without) > 0
	stdin := 0
	for _, path := range slices.Concat(f.from, f.to, f.with) {
		if path == "-" {
			stdin++
		}
	}
	switch {
	case !slices.Contains(failOnChanges(), f.failOn):
		err = fmt.Errorf("bad --fail-on %q: want gained, lost, any or none", f.failOn)
	case stdin > 1:
		err = errors.New("stdin (-) can be read only once")
	case whatIf && len(f.to) > 0:
		err = errors.New("--to compares two sources, and --with and --without are about one: leave --to out")
	case !whatIf && len(f.from)+len(f.to) == 0:
		err = errors.New("nothing to compare: want --from or --to for two sources, or --with or --without for a what-if")
	}
	if err != nil {
		return nil, cli.UsageError(err)
	}
	return &diffOptions{diffFlags: f, env: env, printer: p}, nil
}

// comparison is what is shown: two states and the changes between them.
type comparison struct {
	before, after *cluster
	// clusters are those whose gaps count.
	clusters []*cluster
	changes  []rbac.Change
	// elsewhere counts changes outside of the namespace that was asked for.
	elsewhere int
	// notes are what is no right, but should be known.
	notes []string
}

func (o *diffOptions) run(ctx context.Context) error {
	load := o.loadBoth
	if len(o.with)+len(o.without) > 0 {
		load = o.loadWhatIf
	}
	c, err := load(ctx)
	if err != nil {
		return err
	}
	c.changes = rbac.Diff(c.before.index, c.after.index)
	c.notes = append(c.notes, superuserNotes(c.before.index.Snapshot(), c.after.index.Snapshot())...)
	if o.given() {
		c.narrow(*o.env.Config.Namespace)
	}
	if !o.quiet {
		report := printer.Report{
			Object: func() any { return o.view(c) }, Table: func() *metav1.Table { return diffTable(c.changes) },
		}
		if err := o.printer.Print(o.env.Out, report); err != nil {
			return err
		}
		o.tell(c)
	}
	if err := o.finish(c.clusters); err != nil {
		return err
	}
	if o.fails(c.changes) {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// narrow keeps what changes in one namespace.
func (c *comparison) narrow(namespace string) {
	all := c.changes
	c.changes = nil
	for _, change := range all {
		if !change.Right.Everywhere {
			if _, found := slices.BinarySearch(change.Right.Namespaces, namespace); !found {
				c.elsewhere++
				continue
			}
			change.Right.Namespaces = []string{namespace}
			change.Right.Sources = slices.DeleteFunc(slices.Clone(change.Right.Sources), func(s rbac.Source) bool {
				return s.Binding.Namespace != namespace
			})
		}
		c.changes = append(c.changes, change)
	}
}

func (o *diffOptions) fails(changes []rbac.Change) bool {
	return slices.ContainsFunc(changes, func(c rbac.Change) bool {
		return o.failOn == "any" || c.Gained && o.failOn == "gained" || !c.Gained && o.failOn == "lost"
	})
}

// tell says how much changed, and what is no right.
func (o *diffOptions) tell(c *comparison) {
	for _, note := range c.notes {
		o.env.Notef("note: %s", note)
	}
	if o.print.Structured() {
		return
	}
	parts := []string{}
	for _, gained := range []bool{true, false} {
		rights, subjects := count(c.changes, gained)
		word := "lost"
		if gained {
			word = "gained"
		}
		if rights > 0 {
			parts = append(parts, fmt.Sprintf("%s %s by %s", question.Plural(rights, "right"), word, question.Plural(subjects, "subject")))
		}
	}
	if len(parts) == 0 {
		parts = append(parts, "no right is gained or lost")
	}
	where := ""
	if o.given() {
		where = " in " + *o.env.Config.Namespace
	}
	if !complete(c.clusters) {
		where += ", as far as could be read"
	}
	o.env.Notef("%s%s", strings.Join(parts, ", "), where)
	if c.elsewhere > 0 {
		o.env.Notef("%s in other namespaces left out", question.Plural(c.elsewhere, "change"))
	}
}

// count returns how many rights changed in one direction, and for how many subjects.
func count(changes []rbac.Change, gained bool) (rights, subjects int) {
	seen := map[rbac.Subject]bool{}
	for i := range changes {
		if changes[i].Gained == gained {
			rights++
			seen[changes[i].Subject] = true
		}
	}
	return rights, len(seen)
}
