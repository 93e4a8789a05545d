package clusterauth

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

const caRotateLong = `
Exchange the CA of an issuer, in two steps, so that nobody is kept out in between.

First the new CA is added to the old one (without --finish), and control planes roll. Then the issuer gets a certificate
of the new CA. At last the old CA is taken away (--finish), and control planes roll once more. k0rdent's controller does
not watch the Secret, so that its ClusterAuthentication gets an annotation, which makes it look at once. What will roll
is told before anything is written.

A file with a private key, without a certificate, or with one that has expired is refused, and so is a --finish that
would cut an issuer off: one before the new CA is trusted, or one that leaves fewer CAs than there are issuers that are
trusted through the same certificates, as with a Secret that several take theirs from. For these, the file has to have
the CAs of the others, too. Certificates that are still good and go are named.

Exit codes: 0 done or nothing to do, 1 error, 2 a partial answer under --strict.`

const caRotateExample = `
# What would happen?
{cmd} ca rotate acme-lab --ca-file new-ca.crt -n kcm-system --from examples/acme --dry-run=client

# Both steps
{cmd} ca rotate acme-lab --ca-file new-ca.crt
{cmd} ca rotate acme-lab --ca-file new-ca.crt --finish`

// mostCA limits a file of certificates: a Secret takes no more than 1 MiB.
const mostCA = 1 << 20

func newCARotateCommand(env *cli.Env) *cobra.Command {
	var (
		w      = newWriting(env)
		r      clusterauth.Rotation
		file   string
		finish bool
	)
	cmd := &cobra.Command{
		Use:               "rotate NAME --ca-file FILE",
		Short:             "Exchange the CA of an issuer, in two steps",
		Long:              caRotateLong,
		Example:           env.Examples(caRotateExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeNames(env, w.sources, inventory.ClusterAuthentications),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if file == "" {
			return cli.UsageError(errors.New("which CA? want --ca-file FILE with the new one"))
		}
		if err := stdinOnce([]string{file}, w.Sources()); err != nil {
			return err
		}
		o, err := w.options()
		if err != nil {
			return err
		}
		if r.CA, err = readFile(env, file, mostCA); err != nil {
			return err
		}
		r.Phase = clusterauth.Overlap
		if finish {
			r.Phase = clusterauth.Finish
		}
		name, err := w.named(args[0])
		if err != nil {
			return err
		}
		// Others may take their CA from the same Secret, wherever they are.
		l, err := w.load(cmd.Context(), "", clusterauth.RolloutKinds(), clusterauth.CAs)
		if err != nil {
			return err
		}
		if name, err = find(l, inventory.ClusterAuthentications, name); err != nil {
			return err
		}
		r.Namespace, r.Name = name.Namespace, name.Name
		p, notes, err := clusterauth.RotateCA(l.state, r)
		if err != nil {
			return err
		}
		return w.carry(cmd.Context(), o, l, p, notes)
	}
	w.addFlags(cmd)
	fs := cmd.Flags()
	fs.StringVar(&file, "ca-file", "", "`FILE` with the certificates of the new CA; - reads stdin.")
	fs.BoolVar(&finish, "finish", false, "Take the old CA away: the issuer has a certificate of the new one.")
	fs.StringVar(&r.Issuer, "issuer", "", "`URL` of the issuer whose CA it is, when issuers have their own.")
	cli.Once(fs, "ca-file", "issuer")
	return cmd
}
