package clusterauth

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/login"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

const explainLong = `
Say in words whom a configuration lets in, and as whom: per issuer, which claims become the name, the groups and the
uid, which rules must hold, and who could become a member of system:masters, which may do everything.

--claims takes the claims of a token as JSON, and shows each step with its value: what every expression gives, and
which rule refuses. Claims that every token has may be left out: iss (when there is one issuer), aud, exp and iat.
Nothing is asked of an issuer, so that a CA that can't be read is warned of, and no more.

What the API server does not start with is named first: it depends on the version of Kubernetes, and for k0rdent's
objects on that of its controller (--kcm-version), which writes the file. No claims are tried then.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const explainExample = `
# Whom does the example company let in?
{cmd} explain acme-lab --from examples/acme

# Step by step, for one person
{cmd} explain -f examples/logins/auth.yaml --claims examples/logins/claims.json

# Would an older cluster take it?
{cmd} explain -f examples/logins/auth.yaml --kubernetes-version 1.33`

// explainFlags is what was typed.
type explainFlags struct {
	picking
	print  *printer.Flags
	claims string
}

func newExplainCommand(env *cli.Env) *cobra.Command {
	f := &explainFlags{
		picking: picking{sources: newSources(env), offline: true},
		print:   printer.NewFlags(printer.Text, printer.JSON, printer.YAML, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "explain [NAME]",
		Short:             "Say in words whom a configuration lets in, and as whom",
		Long:              explainLong,
		Example:           env.Examples(explainExample),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, inventory.ClusterAuthentications),
		RunE:              cli.Printing(f.print, f.run),
	}
	f.addFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	cmd.Flags().StringVar(&f.claims, "claims", "", "Go through the steps for the claims in this JSON `FILE`; - reads stdin.")
	cli.Once(cmd.Flags(), "claims")
	return cmd
}

// explainView is the JSON of an explanation. Fields are added, never renamed or removed, within one version.
type explainView struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	// KubernetesVersion is the one that it is explained for, and Refused says why API servers of it do not start with the
	// configuration; absent when they do.
	KubernetesVersion string         `json:"kubernetesVersion"`
	Refused           []string       `json:"refused,omitempty"`
	Issuers           []authn.Issuer `json:"issuers"`
	// Login is what comes of the claims, when some were given.
	Login *login.Verdict `json:"login,omitempty"`
}

func (f *explainFlags) run(ctx context.Context, p printer.Printer, args []string) error {
	kubernetes, err := f.version()
	if err != nil {
		return err
	}
	if err := stdinOnce([]string{f.claims, f.file}, f.Sources()); err != nil {
		return err
	}
	claims, err := readClaims(f.env, f.claims)
	if err != nil {
		return err
	}
	t, l, err := f.one(ctx, args)
	if err != nil {
		return err
	}
	if claims != nil {
		if err := t.starts(kubernetes); err != nil {
			return err
		}
	}
	if kubernetes == nil {
		kubernetes = t.oldest()
	}
	v := explainView{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "AuthenticationExplanation", Name: t.name,
		KubernetesVersion: strings.TrimPrefix(kubernetesText(kubernetes), "Kubernetes "),
		Issuers: authn.Explain(t.config, authn.Options{
			Kubernetes: kubernetes, Object: t.name, Now: f.env.Clock.Now(), CAUnread: t.noCA != nil,
		}),
	}
	for _, found := range t.refusals(kubernetes) {
		v.Refused = append(v.Refused, found.ID+" "+found.Message)
	}
	if claims != nil {
		tester, err := login.New(ctx, t.config, login.Options{
			Kubernetes: kubernetes, Clock: f.env.Clock, DisallowedIssuers: t.disallowed(),
		})
		if err != nil {
			return err
		}
		defer tester.Close()
		verdict, err := tester.Claims(ctx, claims)
		if err != nil {
			return err
		}
		v.Login = &verdict
	}
	report := printer.Report{Object: func() any { return v }, Text: v.text}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if l == nil {
		return nil
	}
	return f.Finish(l.Reading, inventory.Secrets) // one that lacks was told: see one
}

func (v explainView) text() []string {
	var out []string
	if len(v.Refused) > 0 {
		out = append(out, "the API server of Kubernetes "+v.KubernetesVersion+" does not start with it")
		for _, reason := range v.Refused {
			out = append(out, "  "+reason)
		}
	}
	for i, issuer := range v.Issuers {
		if i > 0 || len(v.Refused) > 0 {
			out = append(out, "")
		}
		out = append(out, "issuer "+issuer.URL)
		for _, line := range issuer.Lines {
			out = append(out, "  "+line)
		}
	}
	if len(v.Issuers) == 0 {
		out = append(out, "no issuer: nobody gets in by a token of this configuration")
	}
	if v.Login != nil {
		out = append(append(out, ""), verdictText(*v.Login, true)...)
	}
	return out
}

// mostClaims limits a file of claims: a token that has more does not fit into a request.
const mostClaims = 1 << 20

// readClaims reads the claims of a token; no name is none.
func readClaims(env *cli.Env, name string) (map[string]any, error) {
	if name == "" {
		return nil, nil
	}
	data, err := readFile(env, name, mostClaims)
	if err != nil {
		return nil, err
	}
	var claims map[string]any
	if err := json.Unmarshal(data, &claims); err != nil {
		return nil, cli.Hint(fmt.Errorf("read claims %s: %w", name, withoutContent(err)), "want a JSON object, such as {\"email\": \"ann@example.com\", \"groups\": [\"dev\"]}")
	}
	if claims == nil {
		return nil, fmt.Errorf("read claims %s: want a JSON object, not null", name)
	}
	return claims, nil
}
