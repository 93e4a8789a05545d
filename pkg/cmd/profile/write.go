package profile

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// writing is what the commands that change workspaces share.
type writing struct {
	env     *cli.Env
	sources *workspaces.Flags
	change  *change.Flags
	// wait and timeout are those of commands that can wait for what they started.
	wait    bool
	timeout time.Duration

	cmd *cobra.Command
	// read says that something was read, about the workspace of that name; empty stands for all.
	read  bool
	about string
	// told says that the user knows what could not be read, or need not know.
	told bool
}

func newWriting(env *cli.Env) writing {
	return writing{env: env, sources: workspaces.NewFlags(env), change: change.NewFlags(env), timeout: defaultTimeout}
}

func (w *writing) addFlags(cmd *cobra.Command) {
	w.cmd = cmd
	w.sources.AddFlags(cmd)
	w.change.AddFlags(cmd)
}

// addWait adds --wait and --timeout; what says what is waited for.
func (w *writing) addWait(cmd *cobra.Command, what string) {
	cmd.Flags().BoolVar(&w.wait, "wait", false, "Wait until "+what+".")
	w.addTimeout(cmd)
}

func (w *writing) addTimeout(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&w.timeout, "timeout", w.timeout, "Wait for this `TIME` at most, such as 30s or 5m; 0 looks once.")
}

// changeOptions checks the flags that say how a change is made.
func (w *writing) changeOptions() (*change.Options, error) {
	o, err := w.change.Options()
	if err != nil {
		return nil, err
	}
	if w.timeout < 0 {
		return nil, cli.UsageError(fmt.Errorf("bad --timeout %s: it is below 0", w.timeout))
	}
	return o, o.CheckOffline(w.sources.Offline())
}

// planKinds are what plans about workspaces are made from.
func planKinds() []inventory.Kind {
	return append(listKinds(), inventory.LimitRanges, inventory.NetworkPolicies, inventory.Controller)
}

// load reads what a plan needs; an empty namespace means all workspaces. What could not be read is told later, by
// [writing.perform] or [writing.explain]. A plan that is made from a part of what there is may be wrong: with --strict
// there is none.
func (w *writing) load(ctx context.Context, namespace string, more ...inventory.Kind) (*workspaces.Loaded, error) {
	loaded, err := loadPlanned(ctx, w.sources, namespace, more...)
	if err != nil || w.read {
		return loaded, err
	}
	w.read, w.about = true, namespace
	if strict, err := w.cmd.Flags().GetBool("strict"); err == nil && strict {
		w.told = true
		return loaded, w.sources.Finish(loaded, beside(loaded.State, namespace)...)
	}
	return loaded, nil
}

// loadPlanned reads what plans are made from.
func loadPlanned(
	ctx context.Context, sources *workspaces.Flags, namespace string, more ...inventory.Kind,
) (*workspaces.Loaded, error) {
	if sources.Offline() {
		namespace = "" // that there are profiles at all is seen by those of other names, too
	}
	loaded, err := sources.Load(ctx, inventory.Want{Kinds: append(planKinds(), more...), Namespace: namespace})
	if err != nil {
		return nil, err
	}
	return loaded, loaded.Introduce(ctx, "")
}

// loadNew is load for plans that make something new: a dry run of the client without --from asks nobody.
func (w *writing) loadNew(ctx context.Context, o *change.Options, namespace string) (*workspaces.Loaded, error) {
	if !o.ClientOnly() || w.sources.Offline() {
		return w.load(ctx, namespace)
	}
	if err := w.sources.Check(); err != nil {
		return nil, err
	}
	loaded := w.sources.Empty()
	if err := loaded.Introduce(ctx, ""); err != nil {
		return nil, err
	}
	w.env.Notef("note: no cluster was asked: this is what an empty one with the flavor %s would get (--from and --flavor change that)",
		loaded.State.Flavor)
	return loaded, nil
}

// confirmed returns the options for the second half of a change: the user has seen it and said yes to all of it.
func (w *writing) confirmed() (*change.Options, error) {
	if err := w.cmd.Flags().Set("yes", "true"); err != nil {
		return nil, err
	}
	return w.change.Options()
}

// advise says what helps somebody who may not do what a rule grants.
func (w *writing) advise(rule rbacv1.PolicyRule, namespace string) string {
	manifests := fmt.Sprintf("%q prints what an administrator can apply", w.cmd.CommandPath()+" ... --dry-run=client -o yaml")
	for _, resource := range rule.Resources {
		switch resource {
		case "profiles":
			return "only cluster administrators may write Kubeflow's profiles; " + manifests
		case "authorizationpolicies":
			return "no role of Kubeflow may write Istio's policies, not even an owner's; " + manifests
		case "namespaces":
			return "only cluster administrators may write namespaces; " + manifests
		}
	}
	if namespace == "" {
		return manifests
	}
	return ""
}

// carry carries out a plan with the usual advice.
func (w *writing) carry(ctx context.Context, o *change.Options, loaded *workspaces.Loaded, p plan.Plan, notes []string) error {
	return w.perform(ctx, o, loaded, change.Task{Server: loaded.Server, Plan: p, Notes: notes, Advise: w.advise})
}
