package contrib

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const offboardLong = `
Take somebody out of all workspaces: every role, every policy that lets them in, wherever it is and whoever made it.

Owned workspaces are named and keep their owner, unless --transfer-to says who gets them: then they change hands as with
"kubectl profile transfer". Grants for queues go as with "kubectl queueaccess revoke". ClusterRoleBindings and groups are not
touched: "kubectl whocan rules SUBJECT" shows what is left, and the groups of a user are known to the identity provider
only. Tokens that the subject has made stay, and are named with the command that ends them.

Exit codes: 0 done or nothing to do, 1 error or not carried out.`

const offboardExample = `
# What would be removed
{cmd} offboard bob@acme.example --dry-run=server

# Bob leaves, and Dana gets what he owned
{cmd} offboard bob@acme.example --transfer-to dana@acme.example`

const renameLong = `
Give all roles of a subject to another name of the same person, as when an e-mail address changes.

What OLD has in any workspace NEW gets, with the same role, expiry and way in; then OLD loses it. Workspaces that OLD
owns change hands, too. NEW keeps what it has already, and of two roles the stronger one.

Exit codes: 0 done or nothing to do, 1 error or not carried out.`

const renameExample = `
# A new e-mail address
{cmd} rename bob.smith@acme.example bob.jones@acme.example

# The same address, written as the login writes it
{cmd} rename Bob@acme.example bob@acme.example --dry-run=server`

type offboardFlags struct {
	*writing
	transferTo string
}

func newOffboardCommand(env *cli.Env) *cobra.Command {
	f := &offboardFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use: "offboard SUBJECT", Short: "Take somebody out of all workspaces", Long: offboardLong,
		Example: env.Examples(offboardExample), Args: cobra.ExactArgs(1), ValidArgsFunction: f.completeAnyone(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(cmd, args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&f.transferTo, "transfer-to", "", "`SUBJECT` who becomes the owner of owned workspaces.")
	f.addFlags(cmd)
	completeSubjectFlag(cmd, env, f.from, "transfer-to")
	return cmd
}

type offboardOptions struct {
	*offboardFlags
	change  *change.Options
	subject rbac.Subject
	// heir is the zero subject when owned workspaces stay.
	heir    rbac.Subject
	command string
}

func (f *offboardFlags) options(cmd *cobra.Command, args []string) (*offboardOptions, error) {
	subject, err := contrib.ParseSubject(args[0])
	if err != nil {
		return nil, cli.UsageError(err)
	}
	var heir rbac.Subject
	if f.transferTo != "" {
		if heir, err = contrib.ParseSubject(f.transferTo); err != nil {
			return nil, cli.UsageError(err)
		}
		if heir == subject {
			return nil, cli.UsageError(fmt.Errorf("--transfer-to %s is who leaves", heir))
		}
	}
	o, err := f.writing.options()
	if err != nil {
		return nil, err
	}
	return &offboardOptions{
		offboardFlags: f, change: o, subject: subject, heir: heir, command: commandLine(cmd, args, ""),
	}, nil
}

func (o *offboardOptions) run(ctx context.Context) error {
	l, err := o.loadAll(ctx, elsewhere()...)
	if err != nil {
		return err
	}
	p, owned, notes, err := contrib.Offboard(l.State, o.subject)
	if err != nil {
		return err
	}
	if p, notes, err = withQueues(l.State, p, notes, o.subject); err != nil {
		return err
	}
	notes = append(notes, madeTokens(l.State, o.subject)...)
	nothing, err := o.nothing(l.State, p, owned)
	if err != nil {
		return err
	}
	if p, notes, err = o.transfer(l.State, p, owned, notes); err != nil {
		return err
	}
	t := task(p, notes)
	t.Nothing = nothing
	t.Advise = contrib.Adviser(l.State, o.command, false)
	return o.finish(ctx, o.change, l, t)
}

// nothing says why a plan has nothing to do; it is an error when nothing was found because not all could be read.
func (o *offboardOptions) nothing(s *workspace.State, p plan.Plan, owned []string) (string, error) {
	if len(p.Changes().Steps) > 0 {
		return "", nil
	}
	if err := unseenRest(s, "remove "+contrib.Label(o.subject)+" everywhere"); err != nil {
		return "", err
	}
	if len(owned) > 0 {
		return contrib.Label(o.subject) + " has no role but that of the owner", nil
	}
	if isAnywhere(s, o.subject) {
		return contrib.Label(o.subject) + " has no role that is a member's", nil
	}
	text := contrib.Label(o.subject) + " is in no workspace"
	if near := likeMembers(s, o.subject); near != "" {
		text += "; did you mean " + near + "?"
	}
	return text, nil
}

// transfer adds to the plan that owned workspaces change hands, or says that they don't.
func (o *offboardOptions) transfer(
	s *workspace.State, p plan.Plan, owned, notes []string,
) (plan.Plan, []string, error) {
	if len(owned) > 0 && o.heir.Name == "" {
		o.env.Warnf("%s stays the owner of %s: --transfer-to SUBJECT makes somebody else the owner", contrib.Label(o.subject), strings.Join(owned, ", "))
		return p, notes, nil
	}
	return withTransfers(s, p, notes, owned, o.heir)
}

// withTransfers returns the plan with those that make somebody else the owner of workspaces, and their notes.
func withTransfers(
	s *workspace.State, p plan.Plan, notes, owned []string, heir rbac.Subject,
) (plan.Plan, []string, error) {
	if len(owned) == 0 {
		return p, notes, nil
	}
	plans := []plan.Plan{p}
	for _, name := range owned {
		more, remarks, err := profile.Transfer(s, name, heir, "")
		if err != nil {
			return plan.Plan{}, nil, err
		}
		plans = append(plans, more)
		notes = append(notes, remarks...)
	}
	p, err := plan.Join(fmt.Sprintf("%s, and give %s to %s", p.Summary, strings.Join(owned, ", "), contrib.Label(heir)), plans...)
	return p, notes, err
}

func newRenameCommand(env *cli.Env) *cobra.Command {
	f := newWriting(env)
	cmd := &cobra.Command{
		Use: "rename OLD NEW", Short: "Give all roles of a name to another name", Long: renameLong,
		Example: env.Examples(renameExample), Args: cobra.ExactArgs(2), ValidArgsFunction: f.completeAnyone(2),
		RunE: func(cmd *cobra.Command, args []string) error { return f.rename(cmd, args) },
	}
	f.addFlags(cmd)
	return cmd
}

func (w *writing) rename(cmd *cobra.Command, args []string) error {
	subjects, err := parseSubjects(args)
	if err != nil {
		return cli.UsageError(err)
	}
	o, err := w.options()
	if err != nil {
		return err
	}
	l, err := w.loadAll(cmd.Context())
	if err != nil {
		return err
	}
	p, owned, notes, err := contrib.Rename(l.State, subjects[0], subjects[1])
	if err != nil {
		return err
	}
	if len(p.Changes().Steps)+len(owned) == 0 {
		if err := nothingToRename(l.State, subjects[0], subjects[1]); err != nil {
			return err
		}
	}
	if p, notes, err = withTransfers(l.State, p, notes, owned, subjects[1]); err != nil {
		return err
	}
	t := task(p, notes)
	t.Advise = contrib.Adviser(l.State, commandLine(cmd, args, ""), false)
	return w.finish(cmd.Context(), o, l, t)
}
