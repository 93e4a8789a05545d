package clusterauth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// mostBytes limits a file that holds one configuration: an API server takes no object above 3 MiB.
const mostBytes = 4 << 20

// picking are the flags that say which configuration a command is about: one of k0rdent's by its name, or a file.
type picking struct {
	*sources
	file       string
	kubernetes string
	// all says that all namespaces are meant, where no name is given.
	all bool
	// data is the content of file when it was read already.
	data []byte
	// offline says that no issuer is asked, so that a CA of which nothing is known makes no difference.
	offline bool
}

func (p *picking) addFlags(cmd *cobra.Command) {
	p.addFile(cmd)
	p.addVersion(cmd)
}

// addVersion adds --kubernetes-version.
func (p *picking) addVersion(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&p.kubernetes, "kubernetes-version", "", "Judge for this `VERSION` of Kubernetes, such as 1.33. Default: that of the clusters in use, else the newest.")
	cli.Once(fs, "kubernetes-version")
}

// addFile adds what says which configuration is meant, for commands to which all versions of Kubernetes are alike.
func (p *picking) addFile(cmd *cobra.Command) {
	p.AddFlags(cmd)
	fs := cmd.Flags()
	fs.StringVarP(&p.file, "filename", "f", "", "`FILE` with an AuthenticationConfiguration or ClusterAuthentications; - reads stdin.")
	cli.Once(fs, "filename")
}

// version returns what --kubernetes-version says, nil when it is not given. One that nobody knows yet is noted.
func (p *picking) version() (*version.Version, error) {
	if p.kubernetes == "" {
		return nil, nil //nolint:nilnil // no version is an answer
	}
	v, err := version.ParseGeneric(p.kubernetes)
	if err != nil || v.Major() != 1 || v.Minor() < 29 {
		return nil, cli.UsageError(fmt.Errorf("bad --kubernetes-version %q: want 1.29 or newer, such as 1.34", p.kubernetes))
	}
	if newest := authn.Newest(); v.Minor() > newest.Minor() {
		p.env.Notef("note: Kubernetes %d.%d is judged like %s, the newest that is known", v.Major(), v.Minor(), newest)
	}
	return v, nil
}

// target is one configuration that a command is about.
type target struct {
	// name is how it is shown: "clusterauthentication kcm-system/acme-sso", or the file.
	name string
	// config is nil when it could not be read, for the reason in problem.
	config  *authn.Config
	problem error
	// noCA is why config is without the CA that the object names; nil when it has it, or names none.
	noCA error
	// authentication and state are nil for a plain AuthenticationConfiguration.
	authentication *clusterauth.Authentication
	state          *clusterauth.State
	location       finding.Location
	lines          func(path string) int
}

// targets returns the configurations that the name, or else --filename, stands for; without either all that there are.
// The reading is nil when no objects of k0rdent were read.
func (p *picking) targets(ctx context.Context, args []string) ([]target, *loaded, error) {
	if p.file != "" && len(args) > 0 {
		return nil, nil, cli.UsageError(errors.New("give a name or -f FILE: not both"))
	}
	if err := stdinOnce(p.Sources(), []string{p.file}); err != nil {
		return nil, nil, err
	}
	if p.file != "" {
		return p.ofFile(ctx)
	}
	if len(args) == 0 {
		namespace, err := p.place(p.all)
		if err != nil {
			return nil, nil, err
		}
		l, err := p.load(ctx, namespace, clusterauth.Kinds(), clusterauth.CAs)
		if err != nil {
			return nil, nil, err
		}
		var out []target
		for _, a := range l.state.Authentications() {
			if namespace == "" || a.Namespace == namespace {
				out = append(out, p.ofAuthentication(l, a))
			}
		}
		return out, l, nil
	}
	name, err := p.named(args[0])
	if err != nil {
		return nil, nil, err
	}
	l, a, err := p.loadAuthentication(ctx, name, clusterauth.Kinds())
	if err != nil {
		return nil, nil, err
	}
	return []target{p.ofAuthentication(l, a)}, l, nil
}

// one returns the only configuration that is meant. Several, or none, are a usage error.
func (p *picking) one(ctx context.Context, args []string) (target, *loaded, error) {
	if p.file == "" && len(args) == 0 {
		return target{}, nil, cli.UsageError(errors.New("nothing to work on: give the name of a ClusterAuthentication, or -f FILE"))
	}
	all, l, err := p.targets(ctx, args)
	switch {
	case err != nil:
		return target{}, nil, err
	case len(all) != 1:
		return target{}, nil, cli.UsageError(fmt.Errorf("%s has %d configurations: want one", p.file, len(all)))
	case all[0].problem != nil && all[0].authentication != nil && strings.Contains(all[0].problem.Error(), all[0].name):
		return target{}, nil, all[0].problem
	case all[0].problem != nil:
		return target{}, nil, fmt.Errorf("read %s: %w", all[0].name, all[0].problem)
	}
	if err := all[0].noCA; err != nil {
		p.env.Warnf("%v: it makes no difference here, since no issuer is asked", err)
	}
	return all[0], l, nil
}

// ofAuthentication is the configuration that KCM makes of an object for the API server.
func (p *picking) ofAuthentication(l *loaded, a clusterauth.Authentication) target {
	t := target{
		name: "clusterauthentication " + a.Namespace + "/" + a.Name, authentication: &a, state: l.state,
	}
	if t.problem = a.Problem; t.problem != nil {
		return t
	}
	if p.offline {
		t.noCA = a.CAProblem
	} else if t.problem = a.CAProblem; t.problem != nil {
		return t
	}
	rendered, err := k0rdent.Render(a.ClusterAuthentication, a.CA, l.state.Era)
	switch {
	case err != nil:
		t.problem = err
	case rendered.Off:
		t.problem = errors.New("spec.authenticationConfiguration is not set, so authentication is off")
	default:
		t.config, t.problem = authn.Parse(rendered.Bytes)
	}
	return t
}
