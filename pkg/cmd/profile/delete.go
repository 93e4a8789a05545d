package profile

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
)

const deleteLong = `
Delete a workspace with all that is in it. This cannot be undone.

What dies is listed first: pods, volumes with their size, notebooks, members. Then the name has to be typed, or --yes
given.

--keep-namespace takes only the workspace away, and leaves the namespace and what is in it; of Kubeflow's, members keep
their access. A workspace that is stuck in deletion, because its controller takes its finalizer away no more, is freed
by the same command.

Exit codes: 0 done, 1 error.`

const deleteExample = `
# What would die; nothing is deleted
{cmd} delete team-vision --from examples/acme --dry-run=client

# Delete it, and wait until it is gone
{cmd} delete team-vision --wait

# Only the workspace; the namespace stays
{cmd} delete team-vision --keep-namespace`

// deleteFlags is what was typed.
type deleteFlags struct {
	writing
	keepNamespace bool
}

func newDeleteCommand(env *cli.Env) *cobra.Command {
	f := &deleteFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use:               "delete NAME",
		Short:             "Delete a workspace and all that is in it",
		Long:              deleteLong,
		Example:           env.Examples(deleteExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.changeOptions()
			if err != nil {
				return err
			}
			return f.run(cmd.Context(), args[0], o)
		},
	}
	f.addFlags(cmd)
	f.addWait(cmd, "it is gone")
	cmd.Flags().BoolVar(&f.keepNamespace, "keep-namespace", false, "Leave the namespace and what is in it.")
	return cmd
}

func (f *deleteFlags) run(ctx context.Context, name string, o *change.Options) error {
	loaded, err := f.load(ctx, name, inventory.Pods, inventory.Volumes, inventory.Notebooks)
	if err != nil {
		return err
	}
	if err := f.mayChange(loaded, name); err != nil {
		return err
	}
	p, losses, notes, err := profile.Delete(loaded.State, name, f.keepNamespace)
	if err != nil {
		return f.explain(loaded, err)
	}
	task := change.Task{Server: loaded.Server, Plan: p, Notes: notes, Type: name, Advise: f.advise}
	if !f.keepNamespace {
		task.Before = func(context.Context) []string { return lossText(losses) }
	}
	if err := f.perform(ctx, o, loaded, task); err != nil || o.DryRun() || !f.wait {
		return err
	}
	g := untilDeleted
	if f.keepNamespace {
		g = untilFreed
	}
	if err := newWaiter(f.env, f.sources, f.timeout).until(ctx, g, name); err != nil {
		return err
	}
	f.env.Notef("profile %s is gone", name)
	return nil
}

// lossText says what dies with a workspace: a line for each kind, with as many names as fit a reader.
func lossText(l profile.Losses) []string {
	lines := []string{fmt.Sprintf("with profile %s dies what is in it: %s", l.Profile, l.Summary())}
	add := func(what string, names []string) {
		if len(names) > 0 {
			lines = append(lines, "  "+what+": "+cut(names, 8))
		}
	}
	var volumes, members []string
	for _, v := range l.Volumes {
		volumes = append(volumes, v.Name+" ("+v.Size.String()+")")
	}
	for _, m := range l.Members {
		members = append(members, m.Subject+" ("+m.Role+")")
	}
	add("pods", l.Pods)
	add("volumes", volumes)
	add("notebooks", l.Notebooks)
	add("members", members)
	return lines
}

// cut joins names and cuts a long list.
func cut(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(slices.Clone(names[:most]), ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}
