package clusterauth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const planLong = `
Say what k0rdent's controller will do to clusters: nothing, roll pods, or make machines anew.

Without -f it is what happens at the controller's next look, without any change: it does not watch the Secret of a CA,
so that a changed CA lies in wait until something else makes it look. With -f it is what happens when these manifests
are applied: ClusterAuthentications, Secrets with their CAs, ClusterDeployments; of a Secret that is encrypted nothing
is known, and the answer is partial. --kcm-version says what an upgrade of k0rdent itself would do.

EFFECT:
  nothing        what is written is what is there
  pods roll      a hosted control plane replaces its pods
  recreated      a standalone control plane replaces its machines one by one
  ignored        the template takes no notice: the cluster lets in nobody by this
  blocked        the controller stops at an error, and does nothing else for the cluster either
  refused        the API server, or k0rdent's webhook, does not take a manifest of -f: all stays as it is
  not known      what decides it could not be read, or nothing tells: WARNINGS says why
  off            no configuration, before and after
OLD is the hash in the HelmRelease, NEW that of what will be written. -o text has all warnings.

Exit codes: 0 done, also when something rolls; 1 error; 2 a partial answer under --strict. With --exit-code: 0 nothing
will change, 1 something will, or may, or a manifest is refused, 2 error. What is blocked with and without -f is no
change.`

const planExample = `
# The example company: what is lying in wait?
{cmd} plan -A --from examples/acme

# What would this change do?
{cmd} plan -f clusterauthentication.yaml

# Would an upgrade of k0rdent roll anything? For a pipeline
{cmd} plan -A --kcm-version 1.11 --exit-code`

// planFlags is what was typed.
type planFlags struct {
	*sources
	print    *printer.Flags
	files    []string
	all      bool
	exitCode bool
}

func newPlanCommand(env *cli.Env) *cobra.Command {
	f := &planFlags{
		sources: newSources(env),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Text, printer.JSON, printer.YAML, printer.CSV,
			printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "plan [CLUSTER]",
		Short:             "Say what will happen to control planes",
		Long:              planLong,
		Example:           env.Examples(planExample),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, inventory.ClusterDeployments),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := f.print.ToPrinter()
			if err != nil {
				return cli.UsageError(err)
			}
			changing, err := f.run(cmd.Context(), p, args)
			switch {
			case !f.exitCode:
				return err
			case err != nil:
				return cli.ExitWith(cli.ExitPredicateError, err)
			case changing:
				return cli.Silent(cli.ExitNo)
			}
			return nil
		},
	}
	f.AddFlags(cmd)
	fs := cmd.Flags()
	f.print.AddFlags(fs)
	env.AddAllNamespaces(fs, &f.all)
	fs.StringArrayVarP(&f.files, "filename", "f", nil, "Plan for when the manifests in this `FILE|DIR|-` are applied. Repeatable.")
	fs.BoolVar(&f.exitCode, "exit-code", false, "Exit with 1 when something will change.")
	return cmd
}

// run prints the plan, and reports whether something changes.
func (f *planFlags) run(ctx context.Context, p printer.Printer, args []string) (changing bool, err error) {
	var only types.NamespacedName
	if err := stdinOnce(f.files, f.Sources()); err != nil {
		return false, err
	}
	namespace, err := f.place(f.all)
	if err != nil {
		return false, err
	}
	if len(args) > 0 {
		if only, err = f.named(args[0]); err != nil {
			return false, err
		}
		namespace = only.Namespace
	}
	before, after, touched, err := f.states(ctx, namespace)
	if err != nil {
		return false, err
	}
	if len(args) == 0 && len(touched) > 0 && *f.env.Config.Namespace == "" && !f.all {
		namespace = touched[0] // and the others: see shown
	}
	if len(args) > 0 {
		if only, err = find(after, inventory.ClusterDeployments, only); err != nil {
			return false, err
		}
		if _, err := after.state.Cluster(only.Namespace, only.Name); err != nil {
			return false, err
		}
	}
	rollouts := slices.DeleteFunc(clusterauth.Rollouts(before.state, after.state), func(r clusterauth.Rollout) bool {
		if only.Name != "" {
			return r.Cluster != only.Name || r.Namespace != only.Namespace
		}
		return namespace != "" && r.Namespace != namespace && !slices.Contains(touched, r.Namespace)
	})
	report := printer.Report{
		Object: func() any { return viewPlan(before, rollouts) },
		Table:  func() *metav1.Table { return planTable(rollouts) },
		Text:   func() []string { return planText(rollouts) },
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return false, err
	}
	if len(rollouts) == 0 {
		f.warnNone(after, namespace)
	}
	if !f.print.Structured() {
		f.env.Notef("%s", planSummary(rollouts, namespace))
		if len(rollouts) == 0 && namespace != "" {
			f.env.Notef("hint: -A looks in all namespaces")
		}
	}
	return changes(before.state, rollouts), f.Finish(before.Reading)
}

// states returns what is there, and what would be if the manifests were applied, with the namespaces that those touch:
// their own, and those of clusters that another namespace's Secret changes.
func (f *planFlags) states(ctx context.Context, namespace string) (before, after *loaded, touched []string, err error) {
	if len(f.files) == 0 {
		before, err = f.load(ctx, namespace, clusterauth.RolloutKinds(), clusterauth.CAs)
		return before, before, nil, err
	}
	objects, gaps, err := f.manifests(ctx, namespace)
	if err != nil {
		return nil, nil, nil, err
	}
	if before, err = f.load(ctx, "", clusterauth.RolloutKinds(), clusterauth.CAs); err != nil {
		return nil, nil, nil, err
	}
	// The manifests may lead to Secrets that nothing has led to before.
	if err := before.Secrets(ctx, missingSecrets(before.state.WithUnread(gaps, objects...).Inventory)); err != nil {
		return nil, nil, nil, err
	}
	before.state = f.stateOf(before.Inventory)
	after = &loaded{Reading: before.Reading, state: before.state.WithUnread(gaps, objects...)}
	// What is there was read, and yet the answer is partial: the state before keeps its own gaps.
	told := *before.Inventory
	told.Gaps = slices.Clone(told.Gaps)
	for _, gap := range gaps {
		if !slices.ContainsFunc(told.Gaps, func(o rbac.Gap) bool { return o.What == gap.What && o.Namespace == gap.Namespace }) {
			told.Gaps = append(told.Gaps, gap)
		}
		touched = append(touched, gap.Namespace)
	}
	before.Inventory = &told
	for _, o := range objects {
		touched = append(touched, o.GetNamespace())
	}
	touched = append(touched, changedNamespaces(before.state, after.state)...)
	slices.Sort(touched)
	return before, after, slices.Compact(touched), nil
}

// changedNamespaces are those with clusters to which something else happens after a change than before it.
func changedNamespaces(before, after *clusterauth.State) []string {
	old := withoutChange(before)
	var out []string
	for _, r := range clusterauth.Rollouts(before, after) {
		if was := old[types.NamespacedName{Namespace: r.Namespace, Name: r.Cluster}]; was.Effect != r.Effect || was.NewHash != r.NewHash {
			out = append(out, r.Namespace)
		}
	}
	return out
}

// manifests are the objects of --filename, and what of them can't be read, such as encrypted Secrets. Those that don't say
// where they are go to the namespace of the command.
func (f *planFlags) manifests(ctx context.Context, namespace string) ([]*unstructured.Unstructured, []rbac.Gap, error) {
	if namespace == "" && !f.Offline() {
		var err error
		if namespace, err = f.env.Namespace(); err != nil {
			return nil, nil, err
		}
	}
	options := source.FilesOptions{Stdin: f.env.In, Warn: f.env.Warnf, DefaultNamespace: namespace}
	kinds := []inventory.Kind{inventory.ClusterAuthentications, inventory.ClusterDeployments, inventory.Secrets}
	read, err := source.FileInventory(ctx, f.files, options, inventory.Want{Kinds: kinds})
	if err != nil {
		return nil, nil, err
	}
	out := slices.Concat(read.Objects(inventory.ClusterAuthentications), read.Objects(inventory.ClusterDeployments))
	for _, secret := range read.Secrets {
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(secret)
		if err != nil {
			return nil, nil, fmt.Errorf("read secret %s: %w", secret.Name, err)
		}
		out = append(out, &unstructured.Unstructured{Object: content})
	}
	// That a snapshot has no Secrets is no word on those that are there.
	gaps := slices.DeleteFunc(read.Gaps, func(gap rbac.Gap) bool { return gap.Namespace == "" })
	if len(out) == 0 && len(gaps) == 0 {
		return nil, nil, cli.UsageError(fmt.Errorf("%s: no ClusterAuthentication, ClusterDeployment or Secret", strings.Join(f.files, ", ")))
	}
	return out, gaps, nil
}

// missingSecrets are those that an inventory leads to and doesn't have, unless it says why it hasn't.
func missingSecrets(inv *inventory.Inventory) []types.NamespacedName {
	return slices.DeleteFunc(clusterauth.SecretsNeeded(inv, clusterauth.CAs), func(name types.NamespacedName) bool {
		return inv.Secret(name.Namespace, name.Name) != nil || inv.Withheld(name.Namespace, name.Name) != nil
	})
}

// withoutChange is what happens to clusters as things are.
func withoutChange(s *clusterauth.State) map[types.NamespacedName]clusterauth.Rollout {
	out := map[types.NamespacedName]clusterauth.Rollout{}
	for _, r := range clusterauth.Rollouts(s, s) {
		out[types.NamespacedName{Namespace: r.Namespace, Name: r.Cluster}] = r
	}
	return out
}

// changes reports whether something happens, or may happen, to one of the clusters, or is refused. That one is blocked
// which was so before is no change.
func changes(before *clusterauth.State, rollouts []clusterauth.Rollout) bool {
	old := withoutChange(before)
	return slices.ContainsFunc(rollouts, func(r clusterauth.Rollout) bool {
		switch r.Effect {
		case clusterauth.None, clusterauth.Off, clusterauth.Ignored:
			return false
		case clusterauth.Blocked:
			return old[types.NamespacedName{Namespace: r.Namespace, Name: r.Cluster}].Effect != clusterauth.Blocked
		case clusterauth.Pods, clusterauth.Machines, clusterauth.Refused, clusterauth.Unknown:
		}
		return true
	})
}
