package queueaccess

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const guardLong = `
Have the API server itself see to it that work says the truth about its user, and stays out of queues of others.

Kaiwo takes spec.user as it is written, and Kueue knows nothing of the namespaces that Kaiwo's configuration lists. The guard
is made of ValidatingAdmissionPolicies, which the API server (1.30 and later) checks by itself:

  gatehouse-queue-user         spec.user of KaiwoJobs and KaiwoServices is who creates them, or somebody whom that one may
                               impersonate, and does not change. Kaiwo's operator in kaiwo-system is exempt, and whom
                               --exempt names.
  gatehouse-queue-kaiwo        KaiwoJobs and KaiwoServices name queues that are for their namespace.
  gatehouse-queue-labels       So does any other object with the label kueue.x-k8s.io/queue-name: Jobs, Pods, Deployments, ...
  gatehouse-queue-localqueues  LocalQueues, whatever their name, lead to queues that are for their namespace; Workloads too.
  gatehouse-queue-namespaces   With --labels: labels of namespaces that selectors of queues look at are changed by those
                               alone who may update the KaiwoQueueConfig.

The policies read the KaiwoQueueConfig: a change of its namespaces holds at once. The default queue's name and what the flags
say is written into them; run the same command again when that has changed, and it says what differs. Queues without a list
stay open. What was there before is let be until its queue is changed, so that everything can still be finalized.

--warn and --audit let everything pass, and tell: the user, and the audit log. That is how to begin on a cluster in use.
Without a mode it is that of the guard that is there, or --deny. --remove takes the guard away: what has our label, and
nothing else. Remove it before you remove Kaiwo.

Exit codes: 0 done or nothing to do, 1 error or not carried out.`

const guardExample = `
# What it consists of
{cmd} guard --from examples/acme --dry-run=client -o yaml

# See first who would be refused
{cmd} guard --warn

# Then refuse, for one queue, and keep the labels of namespaces as well
{cmd} guard --deny --queue science --labels

# The API server calls users oidc:NAME, and their jobs say NAME
{cmd} guard --user-prefix oidc:

# Take it away
{cmd} guard --remove`

// guardFlags is what was typed.
type guardFlags struct {
	env                       *cli.Env
	from                      *reading.Flags
	change                    *change.Flags
	options                   queue.GuardOptions
	deny, warn, audit, remove bool
}

func newGuardCommand(env *cli.Env) *cobra.Command {
	f := &guardFlags{env: env, from: reading.NewFlags(env), change: change.NewFlags(env)}
	cmd := &cobra.Command{
		Use:     "guard",
		Short:   "Have the API server bind queues to namespaces, and spec.user to users",
		Long:    guardLong,
		Example: env.Examples(guardExample),
		Args:    cobra.NoArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.check()
			if err != nil {
				return err
			}
			return f.run(cmd.Context(), o)
		},
	}
	f.from.AddFlags(cmd)
	f.change.AddFlags(cmd)
	fs := cmd.Flags()
	fs.StringArrayVar(&f.options.Queues, "queue", nil, "Bind this `QUEUE` alone to its namespaces; may be repeated.")
	fs.StringArrayVar(&f.options.Exempt, "exempt", nil, "`USER`, as the API server knows him, who may write any spec.user; may be repeated.")
	fs.StringVar(&f.options.UserPrefix, "user-prefix", "", "`PREFIX` that the API server puts before names; spec.user may be without it.")
	fs.BoolVar(&f.options.Labels, "labels", false, "Guard the labels of namespaces that selectors of queues look at.")
	fs.BoolVar(&f.deny, "deny", false, "Refuse what is wrong.")
	fs.BoolVar(&f.warn, "warn", false, "Let it pass, and warn who did it.")
	fs.BoolVar(&f.audit, "audit", false, "Let it pass, and note it in the audit log.")
	fs.BoolVar(&f.remove, "remove", false, "Take the guard away.")
	cli.Once(fs, "user-prefix")
	completeQueueFlag(env, f.from, cmd, "queue")
	return cmd
}

// check validates what was typed, before anything is read.
func (f *guardFlags) check() (*change.Options, error) {
	modes := 0
	for mode, given := range map[queue.GuardMode]bool{queue.GuardDeny: f.deny, queue.GuardWarn: f.warn, queue.GuardAudit: f.audit} {
		if given {
			f.options.Mode = mode
			modes++
		}
	}
	o := f.options
	switch {
	case modes > 1:
		return nil, cli.UsageError(errors.New("give one of --deny, --warn and --audit"))
	case f.remove && (modes > 0 || o.Labels || len(o.Queues) > 0 || len(o.Exempt) > 0 || o.UserPrefix != ""):
		return nil, cli.UsageError(errors.New("--remove takes the whole guard away: give no other flags of it"))
	}
	if slices.Contains(slices.Concat(o.Queues, o.Exempt), "") {
		return nil, cli.UsageError(errors.New("--queue and --exempt want a name: got an empty one"))
	}
	carry, err := f.change.Options()
	if err != nil {
		return nil, err
	}
	return carry, carry.CheckOffline(f.from.Offline())
}

func (f *guardFlags) run(ctx context.Context, o *change.Options) error {
	kinds := []inventory.Kind{inventory.QueueConfigs}
	if !f.remove {
		kinds = append(kinds, inventory.KaiwoConfigs, inventory.QueueOperators)
	}
	l, err := load(ctx, f.env, f.from, false, kinds...)
	if err != nil {
		return err
	}
	there, err := guardThere(ctx, l.Server)
	if err != nil {
		return err
	}
	task := change.Task{Server: l.Server}
	if f.remove {
		task.Plan, task.Notes, err = queue.Unguard(there)
		task.Nothing = "there is no guard"
	} else {
		task.Plan, task.Notes, err = l.state.Guard(f.options, there)
		task.Nothing = "the guard is in place (" + string(queue.GuardModeOf(there)) + "): nothing to do"
	}
	if err != nil {
		return err
	}
	if err := f.from.Finish(l.Reading, inventory.QueueOperators); err != nil {
		return err
	}
	return o.Carry(ctx, task)
}

// guardThere reads the objects of a guard that are there; manifests have none.
func guardThere(ctx context.Context, server plan.Server) ([]*unstructured.Unstructured, error) {
	if server == nil {
		return nil, nil
	}
	var out []*unstructured.Unstructured
	for _, name := range queue.GuardNames() {
		found, err := server.Get(ctx, name)
		switch {
		case err == nil:
			out = append(out, found)
		case meta.IsNoMatchError(err):
			return nil, errors.New("guard queues: the API server has no ValidatingAdmissionPolicies: they came with Kubernetes 1.30")
		case apierrors.IsForbidden(err):
			rule := rbacv1.PolicyRule{
				APIGroups: []string{"admissionregistration.k8s.io"}, Resources: []string{"validatingadmissionpolicies", "validatingadmissionpolicybindings"},
				Verbs: []string{"get"},
			}
			return nil, cli.Hint(errors.New("guard queues: whether there is a guard can't be read"), "it takes the rule "+rbac.RuleText(&rule))
		case !apierrors.IsNotFound(err):
			return nil, err
		}
	}
	return out, nil
}
