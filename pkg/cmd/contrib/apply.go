package contrib

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

const applyLong = `
Make the members of workspaces what a file says: who is in it and has no role yet gets it, who has another role gets the
new one, and who has it already is left alone. With --prune those who are not in the file are removed from the workspaces
that it names, from all that it names without members too ("team-nlp: {}"); owners are never removed.

The file is YAML or CSV, as "export" writes it; of a directory all files are read that end so. A CSV file without a heading has these columns in this order:

  team-vision:                            workspace,subject,role,expires,http,name
    bob@acme.example: editor              team-vision,bob@acme.example,editor
    group:ml-readers:                     team-vision,group:ml-readers,viewer,2027-01-31,false
      role: viewer
      expires: 2027-01-31
      http: false

Where no workspace is given, that of -n or of the context is meant. Dates are days (0:00 UTC) or RFC 3339; who has none in
the file has a role that does not end, whatever was there before.

Members are independent of each other and written at the same time; each is made whole or not at all. What was
interrupted is completed by the same command.

Exit codes: 0 done or nothing to do, 1 error or not carried out.`

const applyExample = `
# From a file, then from what another program knows
{cmd} apply -f members.yaml
directory-export | {cmd} apply -f - --prune --yes

# In a pull request: what would change on the cluster
{cmd} apply -f members.csv --prune --dry-run=server

# As manifests, without a cluster
{cmd} apply -f members.yaml --dry-run=client -o yaml`

type applyFlags struct {
	*writing
	files []string
	prune bool
}

func newApplyCommand(env *cli.Env) *cobra.Command {
	f := &applyFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use: "apply -f FILE", Short: "Make members what a file says", Long: applyLong, Example: env.Examples(applyExample),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringArrayVarP(&f.files, "filename", "f", nil, "`FILE|DIR|-` with members, YAML or CSV. Repeatable.")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "Remove members who are not in the file from the workspaces that it names.")
	f.addFlags(cmd)
	return cmd
}

type applyOptions struct {
	*applyFlags
	change *change.Options
	grants []contrib.Grant
	// bare are the workspaces that files name without members.
	bare    []string
	command string
}

func (f *applyFlags) options(cmd *cobra.Command) (*applyOptions, error) {
	switch {
	case len(f.files) == 0:
		return nil, cli.UsageError(errors.New("no members: want -f FILE"))
	case slices.Contains(f.files, "-") && len(slices.Compact(slices.Sorted(slices.Values(f.files)))) < len(f.files):
		return nil, cli.UsageError(errors.New("stdin (-) can be read only once"))
	}
	o, err := f.writing.options()
	if err != nil {
		return nil, err
	}
	namespace, err := f.env.Namespace()
	if err != nil {
		return nil, err
	}
	out := &applyOptions{applyFlags: f, change: o, command: commandLine(cmd, nil, *f.env.Config.Namespace)}
	files, err := expand(f.files)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		grants, empty, err := readMembers(f.env.In, file, namespace)
		if err != nil {
			return nil, err
		}
		out.grants, out.bare = append(out.grants, grants...), append(out.bare, empty...)
	}
	return out, nil
}

// places returns the workspaces that grants name, and the empty ones, sorted.
func places(grants []contrib.Grant, empty []string) []string {
	names := slices.Clone(empty)
	for _, g := range grants {
		names = append(names, g.Workspace)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (o *applyOptions) run(ctx context.Context) error {
	switch {
	case len(o.grants) > 0, len(o.bare) > 0 && o.prune:
	case len(o.bare) > 0:
		return cli.Hint(errors.New("apply members: the file has none"), "--prune removes all members of "+strings.Join(places(nil, o.bare), ", "))
	default:
		return cli.Hint(errors.New("apply members: the file has none"), "\"kubectl contrib remove\" takes the last one out")
	}
	l, err := o.read(ctx)
	if err != nil {
		return err
	}
	p, notes, err := contrib.Apply(l.State, o.grants, o.prune, o.bare...)
	if err != nil {
		return err
	}
	t := task(p, notes)
	t.Advise = contrib.Adviser(l.State, o.command, false)
	if (l.Cluster != nil || o.from.Offline()) && !o.change.Yes() {
		t.Before = (&gains{loaded: l, plan: p, grants: changed(o.grants, p)}).lines
	}
	return o.finish(ctx, o.change, l, t)
}

// read returns the state of the workspaces. A dry run of the client asks nobody: see [writing.loadOrEmpty].
func (o *applyOptions) read(ctx context.Context) (*workspaces.Loaded, error) {
	if o.change.ClientOnly() && !o.from.Offline() {
		l := o.emptyCluster()
		return l, o.introduce(ctx, l)
	}
	return o.loadSeveral(ctx, places(o.grants, o.bare))
}

// changed returns the grants that a plan is to change something for. Units name subjects: see [plan.Step].
func changed(grants []contrib.Grant, p plan.Plan) []contrib.Grant {
	units := map[string]bool{}
	for _, s := range p.Changes().Steps {
		if i := strings.LastIndex(s.Unit, " in "); i >= 0 {
			for subject := range strings.SplitSeq(s.Unit[:i], ", ") {
				units[subject+s.Unit[i:]] = true
			}
		}
	}
	var out []contrib.Grant
	for _, g := range grants {
		if units[contrib.Label(g.Subject)+" in "+g.Workspace] {
			out = append(out, g)
		}
	}
	return out
}
