package clusterauth

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

const kubeconfigLong = `
Print a kubeconfig with which people log in to a cluster as themselves.

The server and its CA come from the administrator's kubeconfig that k0rdent keeps in a Secret; its key does not leave
that Secret. The user logs in at the issuer with kubectl's plugin oidc-login ("kubectl krew install oidc-login"). The
result holds nothing secret: it can be sent to everybody.

--merge adds it to a kubeconfig that is there, the current one without a FILE. Nothing of another cluster or user is
replaced.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const kubeconfigExample = `
# For the people of a cluster
{cmd} kubeconfig edge-berlin -n kcm-system > edge-berlin.yaml

# Several audiences: which client do people log in with?
{cmd} kubeconfig edge-berlin --audience kubectl

# Into my own kubeconfig
{cmd} kubeconfig edge-berlin --merge`

// kubeconfigFlags is what was typed.
type kubeconfigFlags struct {
	*sources
	login clusterauth.Login
	merge mergeFlag
}

func newKubeconfigCommand(env *cli.Env) *cobra.Command {
	f := &kubeconfigFlags{sources: newSources(env)}
	cmd := &cobra.Command{
		Use:               "kubeconfig CLUSTER",
		Short:             "Print a kubeconfig with which people log in as themselves",
		Long:              kubeconfigLong,
		Example:           env.Examples(kubeconfigExample),
		Args:              f.args,
		ValidArgsFunction: completeNames(env, f.sources, inventory.ClusterDeployments),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), args[0])
		},
	}
	f.addFrom(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.login.Issuer, "issuer", "", "`URL` of the issuer to log in at, when there are several.")
	fs.StringVar(&f.login.Audience, "audience", "", "`AUDIENCE` to log in for, the client's id at the issuer, when there are several.")
	fs.StringVar(&f.login.Name, "name", "", "`NAME` of context and cluster. Default: that of the cluster.")
	fs.StringArrayVar(&f.login.Scopes, "scope", nil, "Ask the issuer for this `SCOPE` beside openid. Repeatable. Default: what the claims in use need.")
	fs.Var(&f.merge, "merge", "Add it to this `FILE` (--merge=FILE); without a file, to the kubeconfig in use.")
	fs.Lookup("merge").NoOptDefVal = mergeCurrent
	cli.Once(fs, "issuer", "audience", "name", "merge")
	return cmd
}

// args wants one cluster. A word too many is mostly the file to merge into.
func (f *kubeconfigFlags) args(cmd *cobra.Command, args []string) error {
	if len(args) == 2 && f.merge == mergeCurrent {
		return cli.UsageError(cli.Hint(fmt.Errorf("want one cluster, and not two: %q and %q", args[0], args[1]),
			"the file to merge into comes after an equals sign: --merge=FILE"))
	}
	return cobra.ExactArgs(1)(cmd, args)
}

// mergeFlag is the file to merge into: empty for none.
type mergeFlag string

// mergeCurrent stands for the kubeconfig in use. A file of that name is ./true.
const mergeCurrent = "true"

// Set implements [pflag.Value].
func (m *mergeFlag) Set(file string) error {
	if file == "" {
		return errors.New("want a file after the equals sign")
	}
	*m = mergeFlag(file)
	return nil
}

// String implements [pflag.Value].
func (m *mergeFlag) String() string { return string(*m) }

// Type implements [pflag.Value]. The help shows what stands for no value of any flag but such ones.
func (m *mergeFlag) Type() string { return "bool" }

func (f *kubeconfigFlags) run(ctx context.Context, typed string) error {
	l, cluster, a, err := f.loadAttached(ctx, typed, clusterauth.CAs, clusterauth.Kubeconfigs)
	if err != nil {
		return err
	}
	name := k0rdent.KubeconfigSecretName(cluster.Name)
	secret := l.Inventory.Secret(cluster.Namespace, name)
	if secret == nil || len(secret.Data[k0rdent.KubeconfigSecretKey]) == 0 {
		f.TellGaps(l.Reading)
		return cli.Hint(fmt.Errorf("make kubeconfig of %s: secret %s/%s with its administrator's is not there", cluster.Name, cluster.Namespace, name),
			"k0rdent makes it once the control plane is up; in a region it is there, and not here")
	}
	config, notes, err := clusterauth.Kubeconfig(cluster, secret.Data[k0rdent.KubeconfigSecretKey], a, f.login)
	if err != nil {
		return err
	}
	for _, note := range notes {
		f.env.Notef("note: %s", note)
	}
	if f.merge != "" {
		if err := f.mergeInto(config); err != nil {
			return err
		}
		return f.Finish(l.Reading)
	}
	data, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("write kubeconfig: %w", err)
	}
	if _, err := f.env.Out.Write(data); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return f.Finish(l.Reading)
}

// mergeInto adds a kubeconfig to a file. The file is replaced whole or not at all, with the mode that it had.
func (f *kubeconfigFlags) mergeInto(config *clientcmdapi.Config) error {
	file := string(f.merge)
	if file == mergeCurrent {
		file = f.env.Config.ToRawKubeConfigLoader().ConfigAccess().GetDefaultFilename()
	}
	unlock, err := lockFile(file)
	if err != nil {
		return err
	}
	notes, err := mergeFile(file, config)
	if err := errors.Join(err, unlock()); err != nil {
		return err
	}
	for _, note := range notes {
		f.env.Notef("note: %s", note)
	}
	f.env.Notef("%s has the context %s; \"kubectl config use-context %s\" takes it", file, config.CurrentContext, config.CurrentContext)
	return nil
}

// mergeFile adds a kubeconfig to a file, and returns what to tell about it.
func mergeFile(file string, config *clientcmdapi.Config) ([]string, error) {
	existing, err := clientcmd.LoadFromFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		existing = clientcmdapi.NewConfig()
	case errors.Is(err, fs.ErrPermission):
		return nil, unread(file, err)
	case err != nil:
		return nil, fmt.Errorf("read %s: it is no kubeconfig", file)
	}
	merged, notes, err := clusterauth.Merge(existing, config)
	if err != nil {
		return nil, err
	}
	data, err := clientcmd.Write(*merged)
	if err != nil {
		return nil, fmt.Errorf("write kubeconfig: %w", err)
	}
	if err := replaceFile(file, data); err != nil {
		return nil, fmt.Errorf("write %s: %w", file, err)
	}
	return notes, nil
}

// lockFile keeps kubectl, and others of this program, from changing a kubeconfig until unlock is called: they make the
// same file beside it, and refuse to go on where there is one. Source: lockFile in k8s.io/client-go/tools/clientcmd.
func lockFile(file string) (unlock func() error, err error) {
	lock := file + ".lock"
	taken, err := os.OpenFile(lock, os.O_CREATE|os.O_EXCL, 0)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, cli.Hint(fmt.Errorf("write %s: another program is changing it: %s is there", file, lock),
			"try again; when no other program is at work, one has left that file behind: remove it")
	case err != nil:
		return nil, fmt.Errorf("write %s: %w", file, err)
	}
	return func() error { return os.Remove(lock) }, taken.Close()
}

// replaceFile writes beside the file and renames: nobody ever reads half of it. A link stays one.
func replaceFile(file string, data []byte) error {
	if resolved, err := filepath.EvalSymlinks(file); err == nil {
		file = resolved
	}
	mode := os.FileMode(0o600)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	out, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	temporary := out.Name()
	_, err = out.Write(data)
	err = errors.Join(err, out.Chmod(mode))
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(temporary, file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return nil
}
