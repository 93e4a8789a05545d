package contrib

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const removeLong = `
Take subjects out of a workspace: all roles that they have there, or the one of --role.

What is removed is found by the subject in the objects, never by their names: pairs made by Kubeflow's dashboard in any
release, bindings made by hand, and policies that are left of a half removed pair. The policy goes first, so that the way
in is closed before the rights are taken. A binding that names other subjects too loses this one alone. The owner of a
workspace is not removed: "kubectl profile transfer" gives it to somebody else.

Exit codes: 0 done or nothing to do, 1 error or not carried out.`

const removeExample = `
# Bob leaves the workspace
{cmd} remove bob@acme.example -n team-vision

# Only one of several roles
{cmd} remove group:ml-readers --role viewer -n team-vision

# What would be removed
{cmd} remove bob@acme.example -n team-vision --dry-run=server`

type removeFlags struct {
	*writing
	role string
	wide bool
}

func newRemoveCommand(env *cli.Env) *cobra.Command {
	f := &removeFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use: "remove SUBJECT...", Aliases: []string{"rm", "delete"}, Short: "Take subjects out of a workspace",
		Long: removeLong, Example: env.Examples(removeExample), Args: atLeastOne("SUBJECT"),
		ValidArgsFunction: f.completeMembers(),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(cmd, args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&f.role, "role", "", "Remove this `ROLE` only: viewer, editor or owner.")
	cmd.Flags().BoolVar(&f.wide, "cluster-wide", false, "Remove roles in all applications of Kalm: clusterViewer, clusterEditor, clusterOwner.")
	f.addFlags(cmd)
	completeRole(cmd)
	return cmd
}

type removeOptions struct {
	*removeFlags
	change    *change.Options
	namespace string
	subjects  []rbac.Subject
	word      workspace.Role
	command   string
}

func (f *removeFlags) options(cmd *cobra.Command, args []string) (*removeOptions, error) {
	subjects, err := parseSubjects(args)
	if err != nil {
		return nil, cli.UsageError(err)
	}
	var word workspace.Role
	if f.role != "" {
		if word, err = workspace.ParseRole(f.role); err != nil {
			return nil, cli.UsageError(err)
		}
	}
	o, err := f.writing.options()
	if err != nil {
		return nil, err
	}
	if f.wide {
		return &removeOptions{
			removeFlags: f, change: o, namespace: kalm.SystemNamespace, subjects: subjects, word: word, command: commandLine(cmd, args, ""),
		}, nil
	}
	namespace, err := f.env.Namespace()
	if err != nil {
		return nil, err
	}
	return &removeOptions{
		removeFlags: f, change: o, namespace: namespace, subjects: subjects, word: word,
		command: commandLine(cmd, args, namespace),
	}, nil
}

func (o *removeOptions) run(ctx context.Context) error {
	l, err := o.load(ctx, o.namespace)
	if err != nil {
		return err
	}
	p, notes, err := contrib.Remove(l.State, o.namespace, o.subjects, o.word)
	if err != nil {
		return err
	}
	t := task(p, notes)
	t.Advise = contrib.Adviser(l.State, o.command, false)
	return o.finish(ctx, o.change, l, t)
}
