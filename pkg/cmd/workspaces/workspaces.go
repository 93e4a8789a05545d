// Package workspaces reads what the commands about workspaces work on. It holds the flags that say where the objects come
// from and how Kubeflow is set up, and turns what was read into the state that plans and findings are made from. The
// plugins about workspaces and about their members share it.
package workspaces

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Flags are the flags that say where the objects come from, and what the user knows better than they.
type Flags struct {
	*reading.Flags
	env    *cli.Env
	flavor string

	system            string
	header, prefix    string
	gateways          []string
	notebookPrincipal string
	noIstio           bool
	// changed reports whether a flag was given: an empty prefix means something.
	changed func(name string) bool
}

// NewFlags returns the flags of a command. They stand for none given until [Flags.AddFlags] adds them.
func NewFlags(env *cli.Env) *Flags {
	return &Flags{Flags: reading.NewFlags(env), env: env, changed: func(string) bool { return false }}
}

// Names of the flags that say how Kubeflow is set up. It is found out where it can be; they are for where it can't, and
// help leaves them out: the page about each plugin has them.
const (
	flagSystem   = "kubeflow-namespace"
	flagHeader   = "userid-header"
	flagPrefix   = "userid-prefix"
	flagGateway  = "gateway-principal"
	flagNotebook = "notebook-principal"
	flagNoIstio  = "no-istio"
)

// AddFlags adds the flags to a command.
func (f *Flags) AddFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	f.changed = fs.Changed
	f.Flags.AddFlags(cmd)
	fs.StringVar(&f.flavor, "flavor", "", "Make workspaces of this `FLAVOR`: kubeflow, kalm or native. Default: the first of these that is installed.")
	fs.BoolVar(&f.noIstio, flagNoIstio, false, "Neither expect nor write Istio's AuthorizationPolicies.")
	fs.StringVar(&f.system, flagSystem, kubeflow.SystemNamespace, "`NAMESPACE` in which Kubeflow runs.")
	fs.StringVar(&f.header, flagHeader, "", "`HEADER` of requests that has the user's name.")
	fs.StringVar(&f.prefix, flagPrefix, "", "`PREFIX` of the user's name in that header; may be empty.")
	fs.StringArrayVar(&f.gateways, flagGateway, nil, "`PRINCIPAL` of the mesh that may pass on requests of users, the gateway's first. Repeatable.")
	fs.StringVar(&f.notebookPrincipal, flagNotebook, "", "`PRINCIPAL` of the notebook controller in the mesh.")
	for _, name := range []string{flagSystem, flagHeader, flagPrefix, flagGateway, flagNotebook} {
		_ = fs.MarkHidden(name) // it fails for names that are not there
	}
	var flavors []cobra.Completion
	for _, flavor := range workspace.Flavors() {
		flavors = append(flavors, string(flavor))
	}
	_ = cmd.RegisterFlagCompletionFunc("flavor", cobra.FixedCompletions(flavors, cobra.ShellCompDirectiveNoFileComp))
}

// Check refuses values that nothing can be made of, with a usage error. [Flags.Load] does so first; a command that may
// call [Flags.Empty] instead calls it by itself.
func (f *Flags) Check() error { return cli.UsageError(f.check()) }

func (f *Flags) check() error {
	if f.flavor != "" && !slices.Contains(workspace.Flavors(), workspace.Flavor(f.flavor)) {
		return fmt.Errorf("bad --flavor %q: want kubeflow, kalm or native", f.flavor)
	}
	if f.changed(flagSystem) {
		if reasons := validation.IsDNS1123Label(f.system); len(reasons) > 0 {
			return fmt.Errorf("bad --%s %q: %s", flagSystem, f.system, strings.Join(reasons, ", "))
		}
	}
	if f.changed(flagHeader) && !isHeader(f.header) {
		return fmt.Errorf("bad --%s %q: want the name of a header, such as %s", flagHeader, f.header, kubeflow.ShippedHeader)
	}
	if strings.ContainsFunc(f.prefix, unicode.IsControl) {
		return fmt.Errorf("bad --%s %q: it has control characters", flagPrefix, f.prefix)
	}
	principals := map[string][]string{flagGateway: f.gateways}
	if f.changed(flagNotebook) {
		principals[flagNotebook] = []string{f.notebookPrincipal}
	}
	for _, flag := range []string{flagGateway, flagNotebook} {
		for _, principal := range principals[flag] {
			if err := checkPrincipal(principal); err != nil {
				return fmt.Errorf("bad --%s %q: %w", flag, principal, err)
			}
		}
	}
	if f.noIstio && f.overrides() {
		return errors.New("--no-istio leaves out what the flags about headers and principals say: give one or the other")
	}
	return nil
}

// isHeader reports whether a word can be the name of an HTTP header that Istio's conditions take.
func isHeader(word string) bool {
	return word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return r != '-' && r != '_' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	})
}

// checkPrincipal refuses what is no identity of Istio's: TRUST-DOMAIN/ns/NAMESPACE/sa/NAME.
func checkPrincipal(principal string) error {
	const form = "want TRUST-DOMAIN/ns/NAMESPACE/sa/NAME, such as " + kubeflow.GatewayPrincipal
	switch parts := strings.Split(principal, "/"); {
	case strings.HasPrefix(principal, "spiffe://"):
		return errors.New("leave out spiffe://, as policies do")
	case len(parts) != 5, parts[1] != "ns", parts[3] != "sa", slices.Contains(parts, ""):
		return errors.New(form)
	case strings.ContainsFunc(principal, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }):
		return errors.New(form)
	}
	return nil
}

// overrides reports whether a flag says how users are recognised.
func (f *Flags) overrides() bool {
	return slices.ContainsFunc([]string{flagHeader, flagPrefix, flagGateway, flagNotebook}, f.changed)
}
