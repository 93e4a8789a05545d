package clusterauth

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

const bindLong = `
Print what gives a group or a user a role in a cluster: RBAC manifests with the name that the API server there sees.

A configuration says who people are, not what they may do, and the name in a binding must have the prefix that the
configuration puts before it. Roles are viewer, editor and owner (view, edit and admin of Kubernetes), or the name of
any ClusterRole. Without --in-namespace the role is held in the whole cluster. Nothing is written: apply the manifests
in the cluster, or let k0rdent bring them there with --deliver, which wraps them as a ConfigMap and a ServiceTemplate.

Names that begin with "system:" are refused: they are Kubernetes' own.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const bindExample = `
# What lets a group read everything in the cluster
{cmd} bind edge-berlin --group dev --role viewer -n kcm-system --from examples/acme

# One namespace, and straight into the cluster
{cmd} bind edge-berlin --group dev --role editor --in-namespace shop | kubectl --context edge-berlin apply -f -

# Delivered by k0rdent
{cmd} bind edge-berlin --group dev --role viewer --deliver dev-viewers -n kcm-system --from examples/acme`

// bindFlags is what was typed.
type bindFlags struct {
	*sources
	binding clusterauth.Binding
	deliver string
}

func newBindCommand(env *cli.Env) *cobra.Command {
	f := &bindFlags{sources: newSources(env)}
	cmd := &cobra.Command{
		Use:               "bind CLUSTER --group GROUP|--user USER --role ROLE",
		Short:             "Print what gives a group or a user a role in a cluster",
		Long:              bindLong,
		Example:           env.Examples(bindExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, inventory.ClusterDeployments),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.binding.Group != "" && f.binding.User != "":
				return cli.UsageError(errors.New("give --group or --user: not both"))
			case f.binding.Group == "" && f.binding.User == "":
				return cli.UsageError(errors.New("who? want --group GROUP or --user USER, as the issuer calls them"))
			case f.binding.Role == "":
				return cli.UsageError(errors.New("want --role: viewer, editor, owner, or the name of a ClusterRole"))
			}
			return f.run(cmd.Context(), args[0])
		},
	}
	f.addFrom(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.binding.Group, "group", "", "`GROUP`, as the issuer calls it: the prefix is put before it.")
	fs.StringVar(&f.binding.User, "user", "", "`USER`, as the claim has it: the prefix is put before it.")
	fs.StringVar(&f.binding.Role, "role", "", "`ROLE`: viewer, editor, owner, or the name of a ClusterRole.")
	fs.StringVar(&f.binding.Namespace, "in-namespace", "", "Give the role in this `NAMESPACE` of the cluster only.")
	fs.StringVar(&f.binding.Issuer, "issuer", "", "`URL` of the issuer, when there are several.")
	fs.StringVar(&f.deliver, "deliver", "", "Wrap the manifests for delivery by k0rdent, as a ConfigMap and a ServiceTemplate of this `NAME`.")
	cli.Once(fs, "group", "user", "role", "in-namespace", "issuer", "deliver")
	_ = cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]cobra.Completion{"viewer", "editor", "owner"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (f *bindFlags) run(ctx context.Context, typed string) error {
	l, cluster, a, err := f.loadAttached(ctx, typed)
	if err != nil {
		return err
	}
	manifests, notes, err := clusterauth.Bind(a, f.binding)
	if err != nil {
		return err
	}
	if cluster.Uses() == clusterauth.UseNo {
		f.env.Warnf("the template of %s takes no notice of authentication: nobody comes with such a name", cluster.Name)
	}
	if f.deliver != "" {
		var more []string
		if manifests, more, err = clusterauth.Deliver(cluster.Namespace, f.deliver, manifests); err != nil {
			return err
		}
		notes = append(notes, more...)
	}
	for _, note := range notes {
		f.env.Notef("note: %s", note)
	}
	if err := writeManifests(f.env, manifests); err != nil {
		return err
	}
	return f.Finish(l.Reading)
}

// writeManifests prints objects as one file of YAML.
func writeManifests(env *cli.Env, objects []*unstructured.Unstructured) error {
	var out bytes.Buffer
	for i, o := range objects {
		data, err := yaml.Marshal(o.Object)
		if err != nil {
			return fmt.Errorf("write manifests: %w", err)
		}
		if i > 0 {
			out.WriteString("---\n")
		}
		out.Write(data)
	}
	if _, err := env.Out.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// loadAttached reads a cluster with the Secrets that purposes need, and the ClusterAuthentication that it uses.
func (s *sources) loadAttached(
	ctx context.Context, typed string, purposes ...clusterauth.Purpose,
) (*loaded, clusterauth.Cluster, clusterauth.Authentication, error) {
	var none clusterauth.Cluster
	l, cluster, err := s.loadOne(ctx, typed, purposes...)
	if err != nil {
		return nil, none, clusterauth.Authentication{}, err
	}
	switch {
	case cluster.Problem != nil && cluster.ClusterAuth == "":
		return nil, none, clusterauth.Authentication{}, fmt.Errorf("find the ClusterAuthentication of cluster %s/%s: %w", cluster.Namespace, cluster.Name, cluster.Problem)
	case cluster.Problem != nil:
		s.env.Warnf("no API server would store cluster %s as it is: %v", cluster.Name, cluster.Problem)
	case cluster.ClusterAuth == "":
		return nil, none, clusterauth.Authentication{}, cli.Hint(
			fmt.Errorf("cluster %s/%s uses no ClusterAuthentication: nobody gets in by one", cluster.Namespace, cluster.Name),
			"kubectl clusterauth attach "+cluster.Name+" NAME lets it use one")
	}
	a, err := l.state.Authentication(cluster.Namespace, cluster.ClusterAuth)
	return l, cluster, a, err
}

// loadOne reads a cluster.
func (s *sources) loadOne(ctx context.Context, typed string, purposes ...clusterauth.Purpose) (*loaded, clusterauth.Cluster, error) {
	var none clusterauth.Cluster
	name, err := s.named(typed)
	if err != nil {
		return nil, none, err
	}
	l, err := s.load(ctx, name.Namespace, clusterauth.Kinds())
	if err != nil {
		return nil, none, err
	}
	if name, err = find(l, inventory.ClusterDeployments, name); err != nil {
		return nil, none, err
	}
	cluster, err := l.state.Cluster(name.Namespace, name.Name)
	if err != nil {
		return nil, none, err
	}
	// Only the Secrets of this cluster are read, and not those of its neighbours.
	if err := l.Secrets(ctx, neededBy(l.state, cluster, purposes)); err != nil {
		return nil, none, err
	}
	l.state = s.stateOf(l.Inventory)
	return l, cluster, nil
}

// neededBy are the Secrets that purposes need for one cluster.
func neededBy(s *clusterauth.State, c clusterauth.Cluster, purposes []clusterauth.Purpose) []types.NamespacedName {
	only := *s.Inventory
	only.Custom = map[inventory.Kind][]*unstructured.Unstructured{inventory.ClusterDeployments: {c.Object}}
	for kind, objects := range s.Inventory.Custom {
		if kind == inventory.ClusterDeployments {
			continue
		}
		for _, o := range objects {
			if kind != inventory.ClusterAuthentications || o.GetNamespace() == c.Namespace && o.GetName() == c.ClusterAuth {
				only.Custom[kind] = append(only.Custom[kind], o)
			}
		}
	}
	return clusterauth.SecretsNeeded(&only, purposes...)
}
