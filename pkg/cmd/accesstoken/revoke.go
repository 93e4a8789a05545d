package accesstoken

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

const revokeLong = `
End tokens, at once.

Of a token that "create" made the Secret goes to which it is bound: API servers refuse it then, but for about ten
seconds in which they remember that it was good. Its service account, Role and RoleBinding go too, unless
--keep-account; whatever is not just that token's is left, and told. Of Kalm the AccessToken goes, and of secret/NAME
the Secret that holds the token. An AccessToken is named by its name, or by the first six characters of its SHA-256, or
more. When one of several names is wrong, nothing is changed.

Objects are deleted by their UID: one that was made anew under the same name is not touched. When something fails, what
has ended a token is not taken back.

--expired takes away what tokens past their end have left; -A looks in all namespaces.

Exit codes: 0 done or nothing to do, 1 error or not carried out.`

const revokeExample = `
# A token of ours, and one of Kalm by the beginning of its name
{cmd} revoke ci -n shop
{cmd} revoke accesstoken/9f86d081

# The token ends, and its account stays for the next one
{cmd} revoke ci --keep-account -n shop

# What has ended anyway, without a question
{cmd} revoke --expired -A --yes

# What would go, in manifests
{cmd} revoke --expired --from examples/tokens --dry-run=client`

// revokeFlags is what was typed.
type revokeFlags struct {
	*sources
	change      *change.Flags
	all         bool
	expired     bool
	keepAccount bool
}

func newRevokeCommand(env *cli.Env) *cobra.Command {
	f := &revokeFlags{sources: newSources(env), change: change.NewFlags(env)}
	cmd := &cobra.Command{
		Use: "revoke NAME...|--expired", Aliases: []string{"delete", "rm"}, Short: "End tokens, at once", Long: revokeLong,
		Example: env.Examples(revokeExample), ValidArgsFunction: f.completeTokens(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := refuseSecret(args); err != nil {
				return err
			}
			switch {
			case f.expired && len(args) > 0:
				return cli.UsageError(errors.New("name tokens, or give --expired: not both"))
			case !f.expired && len(args) == 0:
				return cli.UsageError(errors.New("want the NAME of a token, or --expired"))
			case f.all && !f.expired:
				return cli.UsageError(errors.New("-A is for --expired: a name is of one namespace"))
			}
			o, err := f.change.Options()
			if err != nil {
				return err
			}
			if err := o.CheckOffline(f.Offline()); err != nil {
				return err
			}
			return f.run(cmd.Context(), o, args)
		},
	}
	f.AddFlags(cmd)
	f.change.AddFlags(cmd)
	env.AddAllNamespaces(cmd.Flags(), &f.all)
	cmd.Flags().BoolVar(&f.expired, "expired", false, "Take away what tokens past their end have left.")
	cmd.Flags().BoolVar(&f.keepAccount, "keep-account", false, "Leave the service account with its Role and RoleBinding, for \"create --rotate\".")
	return cmd
}

func (f *revokeFlags) run(ctx context.Context, o *change.Options, names []string) error {
	namespace, err := f.place(f.all)
	if err != nil {
		return err
	}
	l, err := f.load(ctx, namespace, token.Kinds(), false)
	if err != nil {
		return err
	}
	tokens, nothing := l.state.Expired(namespace), "no token is past its end"
	if !f.expired {
		if tokens, err = f.find(l, namespace, names); err != nil {
			return err
		}
		nothing = "it is revoked already"
	}
	f.TellGaps(l.Reading)
	p, notes, err := token.Revoke(l.state, tokens, f.keepAccount)
	if err != nil {
		return err
	}
	if err := f.Finish(l.Reading); err != nil {
		return err
	}
	return o.Carry(ctx, change.Task{Server: l.Server, Plan: p, Notes: notes, Nothing: nothing})
}

// find returns the tokens of the names.
func (f *revokeFlags) find(l *loaded, namespace string, names []string) ([]token.Token, error) {
	var out []token.Token
	for _, name := range names {
		found, err := l.state.Find(namespace, name)
		if err != nil {
			if len(l.unread()) > 0 {
				f.TellGaps(l.Reading)
			}
			if len(names) > 1 {
				err = cli.Hint(err, "nothing was changed: the others are left alone too")
			}
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
