package clusterauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"gopkg.in/go-jose/go-jose.v2"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/login"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

const testTokenLong = `
Try a login before it is rolled out: say who a token would be to the API server, or which rule refuses it and why.

The answer is that of the authenticator that the API server has, and nothing is sent to any API server. What is tried:
  --token-file FILE   a token; - reads stdin. --token-env NAME takes it from the environment
  --claims FILE       the claims of a token, as JSON: no token is needed, a key is made and thrown away. iss (when there
                      is one issuer), aud, exp and iat may be left out
  -f CASES            cases with claims and who they should be, for pipelines; see below
A token needs the keys of its issuer: --jwks takes a file with them (URL=FILE for one of several issuers), --discover
asks the issuer, from this machine, trusting what the configuration trusts. Nobody is asked without it, and a CA that
can't be read makes no difference then. Tokens are never shown, not even in errors. It is an error when the API server
does not start with the configuration, be it for the version of Kubernetes of a cluster in use.

The configuration is that of a ClusterAuthentication by its name, or of -f FILE: an AuthenticationConfiguration, or
manifests with one ClusterAuthentication. -f is repeatable; what a file is shows in it.

Cases are a list:

  - name: a developer
    claims: {email: ann@example.com, email_verified: true, groups: [dev]}
    expect: {username: ann@example.com, groups: [dev]}
  - name: nobody calls himself an administrator
    claims: {email: "system:admin"}
    expect: {denied: true, rule: user-rule}

--then whocan also says what the user may do in a cluster: with --cluster in that of k0rdent, whose kubeconfig is taken
from its Secret, else with --in, in the manifests or the snapshot of a file ("kubectl whocan snapshot" makes one).

Exit codes: 0 the token is somebody, or all cases are as expected; 1 it is nobody, or a case is not; 2 error.`

const testTokenExample = `
# Who would this be?
{cmd} test-token -f examples/logins/auth.yaml --claims examples/logins/claims.json

# A real token, with the keys of its issuer from a file, or asked for
{cmd} test-token -f auth.yaml --token-file token.jwt --jwks keys.json
pass show token | {cmd} test-token -f auth.yaml --token-file - --discover

# And what could he do in the cluster?
{cmd} test-token -f examples/logins/auth.yaml --claims examples/logins/claims.json --then whocan --in examples/acme
{cmd} test-token acme-sso --claims claims.json --then whocan --cluster edge-berlin

# In a pull request, as a report for the build server
{cmd} test-token -f examples/logins/auth.yaml -f examples/logins/cases.yaml -o junit`

// testTokenFlags is what was typed.
type testTokenFlags struct {
	picking
	print     *printer.Flags
	files     []string
	tokenFile string
	tokenEnv  string
	claims    string
	jwks      []string
	discover  bool
	timeout   time.Duration
	steps     bool
	then      string
	cluster   string
	in        []string
}

const thenWhocan = "whocan"

func newTestTokenCommand(env *cli.Env) *cobra.Command {
	f := &testTokenFlags{
		picking: picking{sources: newSources(env)},
		print: printer.NewFlags(printer.Text, printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.JUnit, printer.SARIF,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "test-token [NAME]",
		Aliases:           []string{"test-login"},
		Short:             "Try a login before it is rolled out",
		Long:              testTokenLong,
		Example:           env.Examples(testTokenExample),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, inventory.ClusterAuthentications),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), args)
		},
	}
	f.AddFlags(cmd)
	fs := cmd.Flags()
	f.print.AddFlags(fs)
	fs.StringArrayVarP(&f.files, "filename", "f", nil, "`FILE` with a configuration, or with cases; - reads stdin. Repeatable.")
	fs.StringVar(&f.kubernetes, "kubernetes-version", "", "Try it with this `VERSION` of Kubernetes, such as 1.33. Default: that of the clusters in use, else the newest.")
	fs.StringVar(&f.tokenFile, "token-file", "", "`FILE` with the token to try; - reads stdin.")
	fs.StringVar(&f.tokenEnv, "token-env", "", "`NAME` of an environment variable with the token to try.")
	fs.StringVar(&f.claims, "claims", "", "JSON `FILE` with the claims to try; - reads stdin.")
	fs.StringArrayVar(&f.jwks, "jwks", nil, "`[URL=]FILE` with the keys of an issuer. Repeatable.")
	fs.BoolVar(&f.discover, "discover", false, "Ask issuers for their keys.")
	fs.DurationVar(&f.timeout, "timeout", 10*time.Second, "Wait for an issuer for this `TIME` at most.")
	fs.BoolVar(&f.steps, "steps", false, "Show what was looked at, step by step; of cases, for those that fail.")
	fs.StringVar(&f.then, "then", "", "`whocan`: also say what the user may do.")
	fs.StringVar(&f.cluster, "cluster", "", "Look in the `CLUSTER` that this ClusterDeployment is; needs --then.")
	fs.StringArrayVar(&f.in, "in", nil, "Look in the `FILE|DIR` (manifests, snapshot) of a cluster; needs --then. Repeatable.")
	cli.Once(fs, "kubernetes-version", "token-file", "token-env", "claims", "then", "cluster")
	_ = cmd.RegisterFlagCompletionFunc("then", cobra.FixedCompletions([]cobra.Completion{thenWhocan}, cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("cluster", completeNames(env, f.sources, inventory.ClusterDeployments))
	cli.Predicate(cmd)
	return cmd
}

// check refuses flags that don't go together, before anything is read.
func (f *testTokenFlags) check() error {
	inputs := 0
	for _, source := range []string{f.tokenFile, f.tokenEnv, f.claims} {
		if source != "" {
			inputs++
		}
	}
	names := slices.Concat([]string{f.tokenFile, f.claims}, f.files, f.in, f.Sources())
	for _, flag := range f.jwks {
		_, name := issuerAndFile(flag)
		names = append(names, name)
	}
	switch {
	case inputs > 1:
		return errors.New("one token at a time: give --token-file, --token-env or --claims")
	case f.claims != "" && len(f.jwks) > 0:
		return errors.New("--jwks is for tokens: claims are signed with a key that is made for them")
	case f.timeout <= 0:
		return fmt.Errorf("bad --timeout %s: want more than 0", f.timeout)
	case f.then != "" && f.then != thenWhocan:
		return fmt.Errorf("bad --then %q: want %s", f.then, thenWhocan)
	case f.then == "" && (f.cluster != "" || len(f.in) > 0):
		return errors.New("--cluster and --in say where to look for rights: they need --then whocan")
	case f.then != "" && f.cluster == "" && len(f.in) == 0:
		return errors.New("--then whocan: in which cluster? want --cluster NAME, or --in FILE")
	case f.cluster != "" && len(f.in) > 0:
		return errors.New("give --cluster or --in: not both")
	}
	return stdinOnce(names)
}

func (f *testTokenFlags) run(ctx context.Context, args []string) error {
	if err := f.check(); err != nil {
		return cli.UsageError(err)
	}
	p, err := f.print.ToPrinter()
	if err != nil {
		return cli.UsageError(err)
	}
	kubernetes, err := f.version()
	if err != nil {
		return err
	}
	cases, err := f.sort(len(args) > 0)
	if err != nil {
		return err
	}
	input, err := f.input()
	if err != nil {
		return err
	}
	switch {
	case input == nil && len(cases) == 0:
		return cli.UsageError(errors.New("nothing to try: want --token-file, --token-env, --claims, or -f with cases"))
	case input != nil && len(cases) > 0:
		return cli.UsageError(errors.New("cases and a token are two things: try one at a time"))
	case len(cases) > 0 && f.then != "":
		return cli.UsageError(errors.New("--then is about one user, and there are cases"))
	case len(cases) > 0 && len(f.jwks) > 0:
		return cli.UsageError(errors.New("--jwks is for tokens: the claims of cases are signed with a key that is made for them"))
	}
	keys, err := f.keys()
	if err != nil {
		return err
	}
	if f.file == "" && len(args) == 0 && len(cases) > 0 {
		return cli.UsageError(errors.New("there are cases only: also give the configuration, by name or with -f"))
	}
	f.offline = !f.discover
	t, l, err := f.one(ctx, args)
	if err != nil {
		return err
	}
	if err := t.starts(kubernetes); err != nil {
		return err
	}
	if kubernetes == nil {
		kubernetes = t.oldest()
	}
	if err := f.knows(t, keys); err != nil {
		return err
	}
	tester, err := login.New(ctx, t.config, login.Options{
		Kubernetes: kubernetes, Clock: f.env.Clock, Keys: keys, Discover: f.discover, Timeout: f.timeout,
		DisallowedIssuers: t.disallowed(),
	})
	if err != nil {
		return err
	}
	defer tester.Close()
	if len(cases) > 0 {
		return f.runCases(ctx, p, t, tester, cases)
	}
	verdict, err := input(ctx, tester)
	if err != nil {
		return withFlags(err)
	}
	if l != nil {
		f.TellGaps(l.Reading, f.needless()...)
	}
	if err := f.tell(ctx, p, t, verdict); err != nil || l == nil {
		return err
	}
	return f.Finish(l.Reading, f.needless()...)
}

// needless are the kinds without which the answer is whole: where no issuer is asked, that of a CA. One that lacks is
// warned of.
func (f *testTokenFlags) needless() []inventory.Kind {
	if f.discover {
		return nil
	}
	return []inventory.Kind{inventory.Secrets}
}

// attempt tries one login.
type attempt func(ctx context.Context, t *login.Tester) (login.Verdict, error)

// tell prints a verdict, and what the user may do when that was asked.
func (f *testTokenFlags) tell(ctx context.Context, p printer.Printer, t target, verdict login.Verdict) error {
	v := loginView{APIVersion: "gatehouse.dev/v1alpha1", Kind: "LoginTest", Configuration: t.name, Verdict: verdict}
	var unknown error
	if f.then != "" && verdict.Allowed {
		v.Rights, unknown = f.rights(ctx, *verdict.User)
	}
	report := printer.Report{
		Object: func() any { return v },
		Text: func() []string {
			return append(verdictText(verdict, f.steps), v.Rights.text()...)
		},
		Table:    v.table,
		Findings: v.findings,
		Passed:   v.passed,
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if unknown != nil {
		// The hints of errors about a connection are about the cluster of the kubeconfig in use.
		return cli.Hint(errors.New("say what he may do: "+unknown.Error()),
			"\"kubectl whocan snapshot\" in that cluster makes a file for --in")
	}
	if !verdict.Allowed {
		if !f.print.Structured() && !f.steps && len(verdict.Steps) > 1 {
			f.env.Notef("hint: --steps shows what was looked at")
		}
		return cli.Silent(cli.ExitNo)
	}
	if f.Strict() && v.Rights != nil && !v.Rights.Complete {
		return cli.ExitWith(cli.ExitPredicateError, errors.New("not all rights could be read, and --strict is set"))
	}
	return nil
}

// knows refuses keys of an issuer that the configuration does not have.
func (f *testTokenFlags) knows(t target, keys map[string]jose.JSONWebKeySet) error {
	var urls []string
	for _, j := range t.config.Spec.JWT {
		urls = append(urls, j.Issuer.URL)
	}
	for url := range keys {
		if url != "" && !slices.Contains(urls, url) {
			return cli.UsageError(fmt.Errorf("--jwks %s=...: the configuration has no such issuer, but %s", url, orDash(urls)))
		}
	}
	return nil
}
