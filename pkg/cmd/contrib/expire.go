package contrib

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const expireLong = `
Remove the members whose role is past its date: see --expires of "add".

Nothing removes them by itself. Run it from time to time, or let the cluster do it: --cronjob prints a CronJob that runs
it for all workspaces, with the service account and the roles that it needs and no others. Nothing is applied by that.

Without -n the namespace is that of the context; -A looks at all. "list" shows the dates. What can't be removed, such as
somebody in a role binding that names others too when you could not give its role, is left and told; the rest goes.

Exit codes: 0 done or nothing to do, 1 error or not carried out.`

const expireExample = `
# What is past its date, everywhere
{cmd} expire -A --dry-run=server

# Remove it
{cmd} expire -A --yes

# Have the cluster do it every ten minutes
{cmd} expire --cronjob --image registry.example.com/gatehouse:v1 | kubectl apply -f -`

type expireFlags struct {
	*writing
	all      bool
	cronJob  bool
	image    string
	schedule string
}

func newExpireCommand(env *cli.Env) *cobra.Command {
	f := &expireFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use: "expire", Short: "Remove members whose role is past its date", Long: expireLong,
		Example: env.Examples(expireExample), Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	env.AddAllNamespaces(fs, &f.all)
	fs.BoolVar(&f.cronJob, "cronjob", false, "Print the manifests of a CronJob that does it; -n is where it runs.")
	fs.StringVar(&f.image, "image", "", "`IMAGE` of the CronJob, with kubectl and kubectl-contrib on its PATH.")
	fs.StringVar(&f.schedule, "schedule", "", "`SCHEDULE` of the CronJob; every ten minutes when it is empty.")
	f.addFlags(cmd)
	return cmd
}

type expireOptions struct {
	*expireFlags
	change    *change.Options
	namespace string
	command   string
}

func (f *expireFlags) options(cmd *cobra.Command) (*expireOptions, error) {
	switch {
	case f.cronJob && f.image == "":
		return nil, cli.UsageError(errors.New("--cronjob needs --image: an image with kubectl and kubectl-contrib on its PATH"))
	case !f.cronJob && f.image+f.schedule != "":
		return nil, cli.UsageError(errors.New("--image and --schedule are about --cronjob, which is not given"))
	}
	o := &expireOptions{expireFlags: f}
	var err error
	if f.cronJob {
		// Nothing is read or written: only the flags themselves are checked.
		o.change, err = f.change.Options()
		return o, err
	}
	if o.change, err = f.writing.options(); err != nil {
		return nil, err
	}
	o.namespace, err = lookedAt(f.env, f.all, f.from.Offline())
	o.command = commandLine(cmd, nil, o.namespace)
	return o, err
}

func (o *expireOptions) run(ctx context.Context) error {
	if o.cronJob {
		return o.printCronJob()
	}
	l, err := o.load(ctx, o.namespace)
	if err != nil {
		return err
	}
	p, notes, left, err := contrib.Expire(l.State)
	if err != nil {
		return err
	}
	if l.Server != nil && !o.change.ClientOnly() {
		var more []error
		if p, more, err = possible(ctx, l.Server, p); err != nil {
			return err
		}
		left = append(left, more...)
	}
	t := task(p, notes)
	if len(l.State.Inventory.Missing(inventory.RoleBindings)) > 0 {
		t.Nothing = "no grant has ended, of those that can be read"
	}
	t.Advise = contrib.Adviser(l.State, o.command, false)
	err = o.finish(ctx, o.change, l, t)
	if len(left) > 0 {
		// What one workspace is like must not keep the grants of others alive; nor must it go unseen.
		err = errors.Join(append([]error{err}, left...)...)
	}
	return err
}

// possible returns the plan without the units that the server would not let the caller carry out, and why not: an error for
// each.
func possible(ctx context.Context, server plan.Server, p plan.Plan) (plan.Plan, []error, error) {
	why := map[string]string{}
	// Whoever may not ask finds out by trying.
	refused, _ := plan.Preflight(ctx, server, p)
	for _, r := range refused {
		for _, s := range r.Steps {
			why[s.Unit] = "may not " + strings.Join(r.Rule.Verbs, ", ") + " " + strings.Join(r.Rule.Resources, ", ")
		}
	}
	for unit, part := range updates(p) {
		if why[unit] != "" {
			continue
		}
		// Access reviews do not foretell that a role binding is changed by those only who could grant its role.
		if _, err := plan.DryRun(ctx, server, part, plan.Options{}); apierrors.IsForbidden(err) {
			why[unit] = err.Error()
		}
	}
	if ctx.Err() != nil {
		return plan.Plan{}, nil, ctx.Err()
	}
	var left []error
	for _, unit := range slices.Sorted(maps.Keys(why)) {
		left = append(left, fmt.Errorf("remove %s: %s", unit, why[unit]))
	}
	p.Steps = slices.DeleteFunc(slices.Clone(p.Steps), func(s plan.Step) bool { return why[s.Unit] != "" })
	return p, left, nil
}

// updates returns, for each unit, a plan of its objects that lose somebody, but are not deleted.
func updates(p plan.Plan) map[string]plan.Plan {
	out := map[string]plan.Plan{}
	for _, s := range p.Changes().Steps {
		if s.Verb == plan.Update {
			part := out[s.Unit]
			part.Steps = append(part.Steps, s)
			out[s.Unit] = part
		}
	}
	return out
}

// printCronJob prints manifests, and writes and reads nothing.
func (o *expireOptions) printCronJob() error {
	state := o.from.Empty().State
	objects, err := contrib.ExpireCronJob(contrib.CronJob{
		Namespace: *o.env.Config.Namespace, Image: o.image, Schedule: o.schedule,
		Policies: state.Flavor == workspace.Kubeflow && state.Istio, Kalm: state.Flavor == workspace.Kalm,
	})
	if err != nil {
		return err
	}
	steps := make([]plan.Step, 0, len(objects))
	for _, object := range objects {
		steps = append(steps, plan.Step{Verb: plan.Create, Object: object})
	}
	return o.change.PrintObjects(plan.Plan{Steps: steps}.Manifests())
}
