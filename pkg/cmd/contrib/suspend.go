package contrib

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const suspendLong = `
Take a subject's rights away for a while, and give them back.

In Kalm a RoleBinding in kalm-system suspends the user, by exactly this name. Role bindings of Kubernetes lose the subject
and remember it in an annotation, since RBAC has nothing that denies. Members of Kubeflow workspaces and owners stay, are
told, and make the command end with an error: "remove" and "kubectl profile transfer" are for them. Service accounts and
tokens are refused: what runs under them would fail.

What the subject's groups are given stays, in all systems, and so do cluster-wide roles of Kubernetes and tokens.
--unsuspend gives back what was taken, but for roles that have ended meanwhile. "list" names who is suspended; whoever is
removed or offboarded meanwhile has nothing to come back to.

Exit codes: 0 done or nothing to do, 1 error, not carried out, or rights stay in a workspace.`

const suspendExample = `
# Somebody is away: what would be taken?
{cmd} suspend bob@acme.example --dry-run=server

# He is back
{cmd} suspend bob@acme.example --unsuspend`

func newSuspendCommand(env *cli.Env) *cobra.Command {
	w := newWriting(env)
	back := false
	cmd := &cobra.Command{
		Use: "suspend SUBJECT", Short: "Take a subject's rights away for a while", Long: suspendLong,
		Example: env.Examples(suspendExample), Args: cobra.ExactArgs(1), ValidArgsFunction: w.completeAnyone(1),
		RunE: func(cmd *cobra.Command, args []string) error { return w.suspend(cmd, args, back) },
	}
	cmd.Flags().BoolVar(&back, "unsuspend", false, "Give back what was taken.")
	w.addFlags(cmd)
	_ = cmd.Flags().MarkHidden("no-istio") // it changes nothing here
	cmd.Flags().Lookup("flavor").Usage = "With the `FLAVOR` native, leave Kalm's objects as they are. Default: all that there are."
	return cmd
}

func (w *writing) suspend(cmd *cobra.Command, args []string, back bool) error {
	subject, err := contrib.ParseSubject(args[0])
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
	plan := contrib.Suspend
	if back {
		plan = contrib.Unsuspend
	}
	p, notes, err := plan(l.State, subject)
	if err != nil {
		return err
	}
	t := task(p, notes)
	if len(p.Changes().Steps) == 0 {
		if err := unseenRest(l.State, p.Summary); err != nil {
			return err
		}
		switch {
		case back:
			t.Nothing = contrib.Label(subject) + " is not suspended"
		case l.State.IsSuspended(subject), isAway(l.State, subject):
			t.Nothing = contrib.Label(subject) + " is suspended"
		default:
			t.Nothing = contrib.Label(subject) + " has nothing that a suspension takes"
		}
	}
	t.Advise = contrib.Adviser(l.State, commandLine(cmd, args, ""), false)
	if err := w.finish(cmd.Context(), o, l, t); err != nil || back {
		return err
	}
	if stays := contrib.Staying(l.State, subject); len(stays) > 0 {
		return cli.Hint(fmt.Errorf("suspend %s: the rights in %s stay", contrib.Label(subject), strings.Join(stays, ", ")),
			"the notes above say how to take them away for good")
	}
	return nil
}

// isAway reports whether role bindings of Kubernetes remember a subject.
func isAway(s *workspace.State, subject rbac.Subject) bool {
	return slices.ContainsFunc(contrib.SuspendedIn(s, ""), func(a contrib.Away) bool { return a.Subject == subject })
}
