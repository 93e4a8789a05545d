package profile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// beside are the kinds without which as much is known of a workspace as with them, since its flavor has no use for them.
// An empty name stands for all workspaces.
func beside(s *workspace.State, name string) []inventory.Kind {
	kubeflows := []inventory.Kind{
		inventory.Profiles, inventory.Policies, inventory.ServiceRoles, inventory.ServiceRoleBindings, inventory.Notebooks,
	}
	switch s.FlavorOf(name) {
	case workspace.Kalm:
		return kubeflows
	case workspace.Native:
		return append(kubeflows, inventory.KalmBindings)
	case workspace.Kubeflow:
	}
	return []inventory.Kind{inventory.NetworkPolicies, inventory.KalmBindings}
}

// besideList is beside for a list of the workspace of that name, or of all: those may be of any flavor.
func besideList(s *workspace.State, name string) []inventory.Kind {
	if name == "" {
		// Members of Kalm's are missed where there may be some.
		return slices.DeleteFunc(contrib.Needless(s), func(kind inventory.Kind) bool { return kind != inventory.KalmBindings })
	}
	return beside(s, name)
}

// needed returns the gaps but for those of the kinds.
func needed(inv *inventory.Inventory, but []inventory.Kind) []rbac.Gap {
	var others []rbac.Gap
	for _, kind := range but {
		others = append(others, inv.Missing(kind)...)
	}
	return slices.DeleteFunc(slices.Clone(inv.Gaps), func(gap rbac.Gap) bool {
		return slices.ContainsFunc(others, func(o rbac.Gap) bool { return o.What == gap.What && o.Namespace == gap.Namespace })
	})
}

// perform carries out a task, and tells before what could not be read. Who may not do it anyway is told only that.
func (w *writing) perform(ctx context.Context, o *change.Options, loaded *workspaces.Loaded, task change.Task) error {
	if changes := task.Plan.Changes(); len(loaded.State.Inventory.Gaps) > 0 && len(changes.Steps) > 0 && !o.ClientOnly() && loaded.Server != nil {
		refused, err := plan.Preflight(ctx, loaded.Server, changes)
		w.told = w.told || err == nil && len(refused) > 0
	}
	w.tellGaps(loaded)
	return o.Carry(ctx, task)
}

// tellGaps tells what could not be read, once for a command.
func (w *writing) tellGaps(loaded *workspaces.Loaded) {
	if !w.told {
		w.told = true
		w.sources.TellGaps(loaded, beside(loaded.State, w.about)...)
	}
}

// explain tells what could not be read in front of an error of planning, unless the error says so itself.
func (w *writing) explain(loaded *workspaces.Loaded, err error) error {
	if refusal, ok := errors.AsType[*workspace.Refusal](err); ok && strings.HasPrefix(refusal.Next, "it takes the rule") {
		return err
	}
	w.tellGaps(loaded)
	return err
}

// mayChange refuses a change of a workspace whose Profile the caller may not read: he may write it even less.
func (w *writing) mayChange(loaded *workspaces.Loaded, name string) error {
	s := loaded.State
	found, there := s.Workspace(name)
	if len(s.Inventory.Missing(inventory.Profiles)) == 0 || there && (found.Flavor != workspace.Kubeflow || found.Profile != nil) {
		return nil
	}
	return cli.Hint(fmt.Errorf("change profile %q: only administrators may read and change Kubeflow's profiles", name),
		"ask one to run: "+again(w.cmd))
}

// again writes a command anew, for somebody else to run: what it is about, without how it connects, asks and prints.
func again(cmd *cobra.Command) string {
	words := []string{cmd.CommandPath()}
	for _, arg := range cmd.Flags().Args() {
		words = append(words, shell.Word(arg))
	}
	aside := []string{"dry-run", "yes", "output", "preview", "field-manager", "from", "strict", "wait", "timeout"}
	own := cmd.LocalNonPersistentFlags()
	cmd.Flags().Visit(func(f *pflag.Flag) {
		values := []string{f.Value.String()}
		if several, ok := f.Value.(pflag.SliceValue); ok {
			values = several.GetSlice()
		}
		for _, value := range values {
			switch {
			case own.Lookup(f.Name) == nil, slices.Contains(aside, f.Name):
			case f.Value.Type() == "bool" && value == "true":
				words = append(words, "--"+f.Name)
			default:
				words = append(words, "--"+f.Name, shell.Word(value))
			}
		}
	})
	return strings.Join(words, " ")
}
