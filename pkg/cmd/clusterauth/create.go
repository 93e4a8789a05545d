package clusterauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

const createLong = `
Make a ClusterAuthentication, from flags or from the AuthenticationConfiguration of another API server.

Flags describe one issuer: its URL, the audiences of its tokens, and which claims become the name and the groups of a
user. Unless --allow-system is given, names and groups that begin with "system:" are refused by rules: without them,
whoever can name a group at the issuer can be an administrator of every cluster. The CA of an issuer that no public
authority vouches for comes from a file, and goes into the object, or with --ca-secret into a Secret. A Secret alone is
referred to as it is.

Everything that an API server of --kubernetes-version would refuse is refused here. So are a private key among
certificates, and a Secret that others take their CA from and that would lose it: that is what "ca rotate" is for. For a
k0rdent up to 1.9 the object gets the apiVersion and kind that its controller copies into the file of the API server:
those of --config, else v1beta1. --dry-run=client -o yaml prints the manifests.

Exit codes: 0 done or nothing to do, 1 error, 2 a partial answer under --strict.`

const createExample = `
# Manifests for a repository; no cluster is asked
{cmd} create dex --issuer https://dex.example.com:5556 --audience example-app -n kcm-system --dry-run=client -o yaml

# Names and groups with a prefix, and a CA of one's own
{cmd} create dex --issuer https://dex.example.com:5556 --audience example-app --username-prefix oidc: --groups-prefix oidc: --ca-file ca.crt

# Names from an expression, and a further rule
{cmd} create dex --issuer https://dex.example.com:5556 --audience example-app --username-expression 'claims.sub' --user-rule "user.username != 'root'=nobody is root"

# What another API server uses
{cmd} create dex --config auth.yaml`

// createFlags is what was typed.
type createFlags struct {
	writing
	spec        clusterauth.Spec
	rules       []string
	allowSystem bool
	caFile      string
	caSecret    string
	config      string
	kubernetes  string
}

func newCreateCommand(env *cli.Env) *cobra.Command {
	f := &createFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use:               "create NAME --issuer URL --audience AUDIENCE | --config FILE",
		Short:             "Make a ClusterAuthentication",
		Long:              createLong,
		Example:           env.Examples(createExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o, err := f.options()
		if err != nil {
			return err
		}
		spec, err := f.read(args[0])
		if err != nil {
			return err
		}
		return f.run(cmd.Context(), o, spec)
	}
	f.addFlags(cmd)
	fs := cmd.Flags()
	s := &f.spec
	fs.StringVar(&s.Issuer, "issuer", "", "`URL` of the issuer, as its tokens have it in the claim iss.")
	fs.StringVar(&s.DiscoveryURL, "discovery-url", "", "`URL` of the issuer's discovery document, when it is not below the issuer's.")
	fs.StringArrayVar(&s.Audiences, "audience", nil, "Take tokens for this `AUDIENCE`, the client's id at the issuer. Repeatable: any of them.")
	fs.StringVar(&s.Username.Claim, "username-claim", "email", "`CLAIM` that is the name of the user.")
	fs.StringVar(&s.Username.Prefix, "username-prefix", "", "`PREFIX` put before it.")
	fs.StringVar(&s.Username.Expression, "username-expression", "", "CEL `EXPRESSION` over claims that is the name of the user, instead of a claim.")
	fs.StringVar(&s.Groups.Claim, "groups-claim", "groups", "`CLAIM` that has the groups of the user; empty for none.")
	fs.StringVar(&s.Groups.Prefix, "groups-prefix", "", "`PREFIX` put before each.")
	fs.StringVar(&s.Groups.Expression, "groups-expression", "", "CEL `EXPRESSION` over claims that has the groups, instead of a claim.")
	fs.StringVar(&s.UID, "uid-claim", "", "`CLAIM` that is the uid of the user.")
	fs.StringArrayVar(&f.rules, "user-rule", nil, "CEL `EXPRESSION=MESSAGE` over user that must hold. Repeatable.")
	fs.BoolVar(&f.allowSystem, "allow-system", false, "Let names and groups through that begin with \"system:\".")
	fs.StringVar(&f.caFile, "ca-file", "", "`FILE` with the certificates of the issuer's CA.")
	fs.StringVar(&f.caSecret, "ca-secret", "", "Secret `NAME:KEY` or NAMESPACE/NAME:KEY that has the CA, or gets that of --ca-file.")
	fs.StringVar(&f.config, "config", "", "Take the AuthenticationConfiguration in this `FILE` as a whole, instead of the flags above; - reads stdin.")
	fs.StringVar(&f.kubernetes, "kubernetes-version", "", "The oldest `VERSION` of Kubernetes that has to understand it, such as 1.34. Default: the newest.")
	cli.Once(fs, "issuer", "discovery-url", "username-claim", "username-prefix", "username-expression", "groups-claim",
		"groups-prefix", "groups-expression", "uid-claim", "ca-file", "ca-secret", "config", "kubernetes-version")
	return cmd
}

// read checks the flags, and reads the files that they name.
func (f *createFlags) read(name string) (clusterauth.Spec, error) {
	spec := f.spec
	spec.GuardSystem = !f.allowSystem
	namespace, err := f.place(false)
	if err != nil {
		return spec, err
	}
	if namespace == "" {
		namespace = k0rdent.SystemNamespace
	}
	spec.Namespace, spec.Name = namespace, name
	if err := errors.Join(f.check(), stdinOnce([]string{f.caFile, f.config}, f.Sources())); err != nil {
		return spec, cli.UsageError(err)
	}
	if spec.Kubernetes, err = (&picking{sources: f.sources, kubernetes: f.kubernetes}).version(); err != nil {
		return spec, err
	}
	if spec.Username.Expression != "" {
		spec.Username.Claim = ""
	}
	if spec.Groups.Expression != "" {
		spec.Groups.Claim = ""
	}
	for _, rule := range f.rules {
		i := strings.LastIndex(rule, "=")
		if i <= 0 || i == len(rule)-1 || strings.HasPrefix(rule[i-1:], "==") || strings.HasSuffix(rule[:i], "!") {
			return spec, cli.UsageError(fmt.Errorf("bad --user-rule %q: want EXPRESSION=MESSAGE", rule))
		}
		spec.UserRules = append(spec.UserRules, clusterauth.Rule{Expression: rule[:i], Message: rule[i+1:]})
	}
	if spec.CASecret, err = parseSecretKey(f.caSecret); err != nil {
		return spec, err
	}
	if f.caFile != "" {
		if spec.CA, err = f.readCA(); err != nil {
			return spec, err
		}
	}
	if f.config != "" {
		spec.Configuration, err = f.readConfig()
	}
	return spec, err
}

func (f *createFlags) check() error {
	described := f.cmd.Flags().Changed
	if f.config != "" {
		for _, flag := range []string{
			"issuer", "discovery-url", "audience", "username-claim", "username-prefix", "username-expression", "groups-claim",
			"groups-prefix", "groups-expression", "uid-claim", "user-rule", "allow-system",
		} {
			if described(flag) {
				return fmt.Errorf("--config has the whole configuration: --%s would be lost", flag)
			}
		}
		return nil
	}
	switch {
	case f.spec.Issuer == "":
		return errors.New("whose tokens? want --issuer URL, or --config FILE")
	case len(f.spec.Audiences) == 0:
		return errors.New("tokens for whom? want --audience, the id of the client at the issuer")
	case f.spec.Username.Expression != "" && (described("username-claim") || f.spec.Username.Prefix != ""):
		return errors.New("--username-expression takes the place of --username-claim and --username-prefix: give one or the other")
	case f.spec.Groups.Expression != "" && (described("groups-claim") || f.spec.Groups.Prefix != ""):
		return errors.New("--groups-expression takes the place of --groups-claim and --groups-prefix: give one or the other")
	case f.spec.Groups.Claim == "" && f.spec.Groups.Prefix != "":
		return errors.New("--groups-prefix needs --groups-claim")
	}
	return nil
}

// readCA reads --ca-file. What API servers would find no CA in is refused, and so is a private key, which would be copied
// to every control plane.
func (f *createFlags) readCA() ([]byte, error) {
	data, err := readFile(f.env, f.caFile, mostCA)
	if err != nil {
		return nil, err
	}
	bundle, err := authn.ReadBundle(data)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", f.caFile, err)
	case len(bundle.Others) > 0:
		return nil, cli.Hint(fmt.Errorf("read %s: it holds %s", f.caFile, strings.Join(bundle.Others, ", ")),
			"give a file with certificates only: all of it is copied to control planes")
	}
	return data, nil
}

// readConfig reads the configuration of another API server, in any of its versions.
func (f *createFlags) readConfig() (*k0rdent.Configuration, error) {
	data, err := readFile(f.env, f.config, mostBytes)
	if err != nil {
		return nil, err
	}
	if _, err := authn.Parse(data); err != nil {
		return nil, err
	}
	// All versions have the same fields.
	var read apiserverv1.AuthenticationConfiguration
	if err := yaml.Unmarshal(data, &read); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.config, err)
	}
	return &k0rdent.Configuration{APIVersion: read.APIVersion, Kind: read.Kind, JWT: read.JWT, Anonymous: read.Anonymous}, nil
}

// parseSecretKey reads NAME:KEY or NAMESPACE/NAME:KEY; nothing is nil.
func parseSecretKey(text string) (*k0rdent.SecretKey, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no Secret is an answer
	}
	name, key, found := strings.Cut(text, ":")
	out := &k0rdent.SecretKey{Name: name, Key: key}
	if namespace, rest, both := strings.Cut(name, "/"); both {
		out.Namespace, out.Name = namespace, rest
		found = found && namespace != ""
	}
	if !found || out.Name == "" || out.Key == "" || strings.Contains(out.Name, "/") {
		return nil, cli.UsageError(fmt.Errorf("bad --ca-secret %q: want NAME:KEY or NAMESPACE/NAME:KEY", text))
	}
	return out, nil
}

func (f *createFlags) run(ctx context.Context, o *change.Options, spec clusterauth.Spec) error {
	l, err := f.loadNew(ctx, o, spec)
	if err != nil {
		return err
	}
	p, notes, err := clusterauth.Create(l.state, spec)
	if err != nil {
		return err
	}
	return f.carry(ctx, o, l, p, notes)
}

// loadNew reads what is there; a dry run of the client without --from asks nobody.
func (f *createFlags) loadNew(ctx context.Context, o *change.Options, spec clusterauth.Spec) (*loaded, error) {
	if o.ClientOnly() && !f.Offline() {
		if err := f.sources.check(); err != nil {
			return nil, err
		}
		r := f.Nothing(&inventory.Inventory{Served: map[inventory.Kind]bool{}})
		return &loaded{Reading: r, state: f.stateOf(r.Inventory)}, nil
	}
	where := spec.Namespace
	if spec.CASecret != nil && len(spec.CA) > 0 {
		where = "" // others may take their CA from the Secret that changes, wherever they are
	}
	l, err := f.load(ctx, where, clusterauth.RolloutKinds(), clusterauth.CAs)
	if err != nil || spec.CASecret == nil {
		return l, err
	}
	secret := types.NamespacedName{Namespace: cmp.Or(spec.CASecret.Namespace, spec.Namespace), Name: spec.CASecret.Name}
	if slices.Contains(clusterauth.SecretsNeeded(l.Inventory, clusterauth.CAs), secret) {
		return l, nil // others take their CA from there, so that it was asked for
	}
	if err := l.Secrets(ctx, []types.NamespacedName{secret}); err != nil {
		return nil, err
	}
	l.state = f.stateOf(l.Inventory)
	return l, nil
}
