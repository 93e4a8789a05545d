package clusterauth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

const renderLong = `
Show what k0rdent's controller (KCM) makes of a ClusterAuthentication, to the byte.

KCM writes a Secret NAME-auth-config for each ClusterDeployment that refers to it, with the file for its API server, and
passes its name, key and hash to the cluster's template as Helm values. The hash decides whether control planes are made
anew, so that one byte matters. Two kinds of KCM write two kinds of bytes: up to 1.9 apiVersion and kind of the file are
those of the object, from 1.10 on they are always those of v1. --kcm-version says which; else it is the one in use, else
the newest. The CA of spec.caSecret takes the place of those of all issuers, as KCM does it. A private key in there is not
shown: yaml and config are refused then.

Output:
  yaml     the Secret of each cluster that refers to it, or of --cluster
  config   the file alone, as the API server gets it
  values   the Helm values
  hash     the hash

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const renderExample = `
# The file that the API server of the example cluster gets
{cmd} render acme-sso -n kcm-system -o config --from examples/acme

# Does an upgrade of KCM from 1.9 change the bytes?
{cmd} render acme-lab -o hash --kcm-version 1.9 --from examples/acme
{cmd} render acme-lab -o hash --kcm-version 1.11 --from examples/acme

# Secret and values for a cluster that is not there yet
{cmd} render -f clusterauthentication.yaml --cluster edge-oslo
{cmd} render -f clusterauthentication.yaml --cluster edge-oslo -o values`

// renderFlags is what was typed.
type renderFlags struct {
	picking
	cluster string
	output  string
}

// The outputs of render, beside yaml.
const (
	outputYAML   = "yaml"
	outputConfig = "config"
	outputValues = "values"
	outputHash   = "hash"
)

func newRenderCommand(env *cli.Env) *cobra.Command {
	f := &renderFlags{picking: picking{sources: newSources(env)}}
	outputs := []string{outputYAML, outputConfig, outputValues, outputHash}
	cmd := &cobra.Command{
		Use:               "render [NAME]",
		Short:             "Show the Secret and the Helm values that k0rdent makes of it",
		Long:              renderLong,
		Example:           env.Examples(renderExample),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, inventory.ClusterAuthentications),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(outputs, f.output) {
				return cli.UsageError(fmt.Errorf("unknown output format %q: want one of %s", f.output, strings.Join(outputs, ", ")))
			}
			if reasons := validation.IsDNS1123Subdomain(f.cluster); f.cluster != "" && len(reasons) > 0 {
				return cli.UsageError(fmt.Errorf("bad --cluster %q: %s", f.cluster, strings.Join(reasons, ", ")))
			}
			return f.run(cmd.Context(), args)
		},
	}
	f.addFile(cmd) // bytes are the same for all versions
	cmd.Flags().StringVar(&f.cluster, "cluster", "", "Render for the ClusterDeployment of this `NAME`, which need not be there.")
	cmd.Flags().StringVarP(&f.output, "output", "o", outputYAML, "Output `FORMAT`: "+strings.Join(outputs, ", ")+".")
	cli.Once(cmd.Flags(), "cluster")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(outputs, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f *renderFlags) run(ctx context.Context, args []string) error {
	t, l, err := f.one(ctx, args)
	if err != nil {
		return err
	}
	if t.authentication == nil {
		return cli.UsageError(cli.Hint(fmt.Errorf("%s is no ClusterAuthentication: there is nothing to render", t.name),
			"an API server takes an AuthenticationConfiguration as it is"))
	}
	a := *t.authentication
	if err := f.refuseKey(t); err != nil {
		return err
	}
	rendered, err := k0rdent.Render(a.ClusterAuthentication, a.CA, l.state.Era)
	if err != nil {
		return err
	}
	var out []byte
	switch f.output {
	case outputConfig:
		out = rendered.Bytes
	case outputHash:
		out = []byte(rendered.Hash + "\n")
	default:
		if out, err = f.documents(a, rendered); err != nil {
			return err
		}
	}
	if _, err := f.env.Out.Write(out); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	f.env.Notef("rendered as KCM %s (%s)", eraText(l.state.Era), l.state.KCM.Source)
	return f.Finish(l.Reading)
}

// refuseKey refuses to show a private key that is in what KCM makes of it, and warns of it where it isn't shown.
func (f *renderFlags) refuseKey(t target) error {
	i := slices.IndexFunc(t.config.Spec.JWT, func(jwt apiserver.JWTAuthenticator) bool {
		return clusterauth.HasPrivateKey(jwt.Issuer.CertificateAuthority)
	})
	if i < 0 {
		return nil
	}
	err := clusterauth.RefuseKey(fmt.Sprintf("a private key is in what jwt[%d].issuer.certificateAuthority gets", i))
	if f.output == outputYAML || f.output == outputConfig {
		return fmt.Errorf("render %s: %w", t.name, err)
	}
	f.env.Warnf("%v", err)
	return nil
}

// eraText says which versions of KCM write the same bytes.
func eraText(era k0rdent.Era) string {
	if era == k0rdent.AsWritten {
		return "up to 1.9 writes it"
	}
	return "1.10 and later write it"
}

// documents are the Secrets, or the values, of the clusters.
func (f *renderFlags) documents(a clusterauth.Authentication, rendered k0rdent.Rendered) ([]byte, error) {
	clusters := a.UsedBy
	if f.cluster != "" {
		clusters = []string{f.cluster}
	}
	if len(clusters) == 0 {
		return nil, cli.UsageError(cli.Hint(
			fmt.Errorf("no ClusterDeployment in %s refers to %s: the Secret has no name", a.Namespace, a.Name),
			"--cluster NAME says for which one to render; -o config and -o hash need none"))
	}
	var out bytes.Buffer
	for i, cluster := range clusters {
		var document any = rendered.Values(cluster)
		if f.output == outputYAML {
			secret := rendered.Secret(a.Namespace, cluster)
			if secret == nil {
				return nil, errors.New("render: authentication is off, and there is no Secret")
			}
			document = secret.Object
		}
		data, err := yaml.Marshal(document)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", f.output, err)
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		if f.output == outputValues && len(clusters) > 1 {
			fmt.Fprintf(&out, "# %s/%s\n", a.Namespace, cluster)
		}
		out.Write(data)
	}
	return out.Bytes(), nil
}
