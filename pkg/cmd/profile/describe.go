package profile

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const describeLong = `
Show everything about one workspace: who owns it and who is in it, how they got in and whether Istio lets them in too,
its quota, its labels and plugins, the objects that it consists of with what is missing, what "doctor" has found, how
much runs in it, and recent events.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const describeExample = `
# Everything about one workspace
{cmd} describe team-vision --from examples/acme

# Who is in it, for a program
{cmd} describe team-nlp --from examples/acme -o jsonpath='{.memberList[*].subject}'`

// describeFlags is what was typed.
type describeFlags struct {
	env     *cli.Env
	sources *workspaces.Flags
	print   *printer.Flags
	events  int
}

func newDescribeCommand(env *cli.Env) *cobra.Command {
	f := &describeFlags{
		env: env, sources: workspaces.NewFlags(env),
		print: printer.NewFlags(printer.Text, printer.JSON, printer.YAML, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "describe NAME",
		Aliases:           []string{"show", "get"},
		Short:             "Show everything about one workspace",
		Long:              describeLong,
		Example:           env.Examples(describeExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := f.print.ToPrinter()
			if err != nil {
				return cli.UsageError(err)
			}
			if f.events < 0 {
				return cli.UsageError(fmt.Errorf("bad --events %d: it is below 0", f.events))
			}
			return f.run(cmd.Context(), p, args[0])
		},
	}
	f.sources.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	cmd.Flags().IntVar(&f.events, "events", 10, "Show this `NUMBER` of events at most, the latest first; 0 shows none.")
	return cmd
}

// describeKinds are what a description is made from.
func describeKinds() []inventory.Kind {
	return append(listKinds(), inventory.LimitRanges, inventory.Controller, inventory.Pods, inventory.Volumes,
		inventory.Notebooks, inventory.Events, inventory.ServiceRoles, inventory.ServiceRoleBindings)
}

func (f *describeFlags) run(ctx context.Context, p printer.Printer, name string) error {
	kinds := describeKinds()
	if f.events == 0 {
		kinds = slices.DeleteFunc(kinds, func(k inventory.Kind) bool { return k == inventory.Events })
	}
	loaded, err := f.sources.Load(ctx, inventory.Want{Kinds: kinds, Namespace: name})
	if err != nil {
		return err
	}
	d, err := describe(loaded.State, name, f.events)
	if err != nil {
		return err
	}
	report := printer.Report{
		Object: func() any { return d.view(loaded.State) },
		Text:   func() []string { return d.text(loaded.State.Now) },
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	return f.sources.Finish(loaded, beside(loaded.State, name)...)
}

// description is everything about one workspace.
type description struct {
	*profile.Description
	row      row
	limits   []profile.Usage
	findings []finding.Finding
}

func describe(s *workspace.State, name string, events int) (*description, error) {
	read, err := profile.Describe(s, name)
	if err != nil {
		return nil, err
	}
	w, _ := s.Workspace(name) // it is there: it was described
	read.Events = read.Events[:min(len(read.Events), events)]
	d := &description{
		Description: read, limits: limits(s, name), findings: slices.Concat(profile.Judge(s), contrib.Judge(s)),
		row: row{Workspace: w, hidden: len(s.Inventory.Missing(inventory.RoleBindings)) > 0 && len(s.Bindings(name)) == 0},
	}
	finding.Sort(d.findings)
	return d, nil
}
