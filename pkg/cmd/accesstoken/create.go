package accesstoken

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const createLong = `
Make a token that may do what --may says in one namespace, and nothing else, and print it once.

--may is VERB[,VERB]:KIND[.GROUP][/NAME], repeatable: get,list:pods, patch:deployments.apps/web, get:pods/log. The words
view (get, list, watch), edit (view and create, update, patch, delete) and manage (edit, deletecollection, and all on
the subresources of the kind) stand for several verbs. What the API server does not serve is refused, with what may have
been meant; so are "*", and create and list with a name, which can't be limited to one.

Made are a service account NAME, a Role and a RoleBinding for it, and a Secret without data to which the token is bound:
as soon as that is gone, the token is refused. Then the API server is asked for the token. It goes to the output, alone,
and is kept nowhere: not in an object, not in a log. What else there is to say goes to the error stream. If the server
gives no token, or nobody reads the output, what was made is taken back.

--expires says when it ends, ten minutes from now at the earliest; a server may give less, which is told. --rotate makes
a new token in the place of one that is there, and then ends the old one. --verify asks the server with the new token
what it may do, and compares: more or less than was asked for is exit code 1, and the token is printed all the same. It
can't be done for a token that --audience makes for somebody else.

--flavor kalm makes an AccessToken of Kalm: for Kalm's own API, not for that of Kubernetes. Its verbs are view and edit,
and its kinds those of Kalm; rules that can't be enough for what its API asks are refused, manage among them. Kalm keeps
the token in the object, in plain text. --rotate makes a new object with the rules of the old one.

Exit codes: 0 done, 1 error, not carried out, or --verify found a difference.`

const createExample = `
# A pipeline may change one Deployment and look at pods, for 30 days
{cmd} create ci --may get,patch:deployments.apps/web --may view:pods --may get:pods/log -n shop

# A day, for somebody else's service, with a note; -o kubeconfig is ready to use
{cmd} create scan --may view:pods,services --expires 1d --memo "image scan" -o kubeconfig -n shop > scan.yaml

# Without a question, and proven
{cmd} create ci --may view:pods -n shop --yes --verify > ci.token

# A new one in its place
{cmd} create ci --rotate -n shop --yes > ci.token

# What would be made; no cluster is asked
{cmd} create ci --may view:pods -n shop --dry-run=client -o yaml

# On the example tokens
{cmd} create good --rotate --expires 7d -n shop --from examples/tokens --dry-run=client

# A deploy token for Kalm
{cmd} create deploy --flavor kalm --may edit:components/web -n shop
{cmd} create deploy --flavor kalm --rotate`

// usualLife is how long a token lives when nobody says so.
const usualLife = "30d"

// createFlags is what was typed.
type createFlags struct {
	*sources
	change *change.Flags
	// writes are the flags of what is written, with an -o of its own; lines is where its results go.
	writes *cobra.Command
	lines  *outlet

	may       []string
	expires   string
	audiences []string
	memo      string
	output    string
	flavor    string
	rotate    bool
	verify    bool
	deploy    bool
}

// The formats of -o beside those of a dry run.
const (
	outputToken      = "token"
	outputJSON       = "json"
	outputKubeconfig = "kubeconfig"
)

func newCreateCommand(env *cli.Env) *cobra.Command {
	lines := &outlet{to: env.ErrOut, aside: true}
	aside := cli.NewEnv(genericiooptions.IOStreams{In: env.In, Out: lines, ErrOut: env.ErrOut}, env.Clock, env.Name)
	f := &createFlags{sources: newSources(env), change: change.NewFlags(aside), writes: &cobra.Command{}, lines: lines}
	cmd := &cobra.Command{
		Use: "create NAME --may VERBS:KIND[/NAME]", Short: "Make a token that may do little, and print it once", Long: createLong,
		Example: env.Examples(createExample), ValidArgsFunction: f.completeName(),
		Args: func(cmd *cobra.Command, args []string) error {
			if err := refuseSecret(args); err != nil {
				return err
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(cmd, args[0])
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.AddFlags(cmd)
	fs := cmd.Flags()
	fs.StringArrayVar(&f.may, "may", nil, "Allow `VERB[,VERB]:KIND[.GROUP][/NAME]` in the namespace. Repeatable.")
	fs.StringVar(&f.expires, "expires", usualLife, "`WHEN` the token ends: 12h, 30d, 2w, 2026-12-31 (0:00 UTC), or RFC 3339.")
	fs.StringArrayVar(&f.audiences, "audience", nil, "Whom the token is for, instead of the API server: an `AUDIENCE`. Repeatable.")
	fs.StringVar(&f.memo, "memo", "", "What it is for, as a `TEXT` that is kept with it.")
	fs.StringVarP(&f.output, "output", "o", "", "Print `token|json|kubeconfig`; of a dry run, the objects as yaml, json or name.")
	fs.StringVar(&f.flavor, "flavor", string(workspace.Native), "Whose token: `native|kalm`.")
	fs.BoolVar(&f.rotate, "rotate", false, "Make a new token in the place of the one that is there, and end that.")
	fs.BoolVar(&f.verify, "verify", false, "Ask the server with the new token what it may do, and compare.")
	fs.BoolVar(&f.deploy, "deploy", false, "Have Kalm count it as a deploy token. For --flavor kalm.")
	cli.Once(fs, "expires", "memo", "output", "flavor")
	f.change.AddFlags(f.writes)
	f.writes.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "output" {
			fs.AddFlag(flag)
		}
	})
	complete := func(values ...cobra.Completion) cobra.CompletionFunc {
		return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	}
	for flag, fn := range map[string]cobra.CompletionFunc{
		"output": complete(outputToken, outputJSON, outputKubeconfig, "yaml", "name"),
		"flavor": complete(cobra.Completion(workspace.Native), cobra.Completion(workspace.Kalm)),
		"may":    f.completeMay(),
	} {
		// It fails for flags that are not there, or that have a completion.
		_ = cmd.RegisterFlagCompletionFunc(flag, fn)
	}
	return cmd
}

// createOptions is what run needs; only createFlags.options makes one.
type createOptions struct {
	*createFlags
	change    *change.Options
	name      string
	namespace string
	ends      time.Time
}

func (f *createFlags) options(cmd *cobra.Command, name string) (*createOptions, error) {
	o := &createOptions{createFlags: f, name: name}
	if err := token.CheckName(name); err != nil {
		return nil, cli.UsageError(err)
	}
	if err := f.checkFlavor(cmd); err != nil {
		return nil, cli.UsageError(err)
	}
	now := f.env.Clock.Now()
	var err error
	if o.ends, err = contrib.ParseExpiry(f.expires, now); err != nil {
		return nil, cli.UsageError(fmt.Errorf("bad --expires %q: %w", f.expires, err))
	}
	// A time is read without its fraction of a second.
	if o.ends.Sub(now) <= token.MinLife-time.Second {
		return nil, cli.UsageError(fmt.Errorf("bad --expires %q: API servers give no token for less than ten minutes", f.expires))
	}
	if o.ends.Sub(now) > token.LongLife {
		f.env.Warnf("the token is to end in more than a year: who finds it can use it for as long; audit tells of it (TK022)")
	}
	if len(f.audiences) > 0 && f.output == outputKubeconfig {
		f.env.Warnf("kubectl can't use a kubeconfig with this token, unless the API server is %s", strings.Join(f.audiences, " or "))
	}
	dry := cmd.Flags().Lookup("dry-run").Value.String() != "none"
	if err := f.checkOutput(dry); err != nil {
		return nil, err
	}
	if o.change, err = f.change.Options(); err != nil {
		return nil, err
	}
	if dry {
		*f.lines = outlet{to: f.env.Out}
	} else if err := checkSeen(f.env.Out); err != nil {
		return nil, err
	}
	if err := o.change.CheckOffline(f.Offline()); err != nil {
		return nil, err
	}
	if o.namespace, err = f.env.Namespace(); err != nil {
		return nil, err
	}
	return o, checkNamespace(o.namespace)
}

// checkFlavor refuses flags that don't fit each other.
func (f *createFlags) checkFlavor(cmd *cobra.Command) error {
	kalmed := f.flavor == string(workspace.Kalm)
	switch {
	case !kalmed && f.flavor != string(workspace.Native):
		return fmt.Errorf("bad --flavor %q: want native or kalm", f.flavor)
	case len(f.may) == 0 && !f.rotate:
		return errors.New("what may it do? want --may VERB[,VERB]:KIND[/NAME]")
	case !kalmed && f.deploy:
		return errors.New("--deploy is about tokens of Kalm: it needs --flavor kalm")
	case kalmed && f.verify:
		return cli.Hint(errors.New("--verify asks the API server of Kubernetes, which knows no tokens of Kalm"), "kubectl whocan --kalm says what Kalm's policy lets the token do")
	case kalmed && len(f.audiences) > 0:
		return errors.New("--audience is about tokens of the API server: those of Kalm are for Kalm's API, and name no audience")
	case kalmed && f.output == outputKubeconfig:
		return errors.New("-o kubeconfig is for the API server, which takes no token of Kalm")
	case f.verify && len(f.audiences) > 0:
		return cli.Hint(errors.New("--verify asks the API server with the token, and --audience makes it one for somebody else"),
			"give one of them; without --audience it is for the API server")
	case f.rotate && cmd.Flags().Changed("memo") && f.memo == "":
		return errors.New("--memo is empty")
	}
	for _, audience := range f.audiences {
		if audience == "" || strings.ContainsAny(audience, ", \n") {
			return fmt.Errorf("bad --audience %q: want one word", audience)
		}
	}
	return nil
}

// checkOutput sends -o to what it is about: the token, or the objects of a dry run.
func (f *createFlags) checkOutput(dry bool) error {
	switch {
	case dry && f.output == "":
	case dry:
		if err := f.writes.Flags().Set("output", f.output); err != nil {
			return cli.UsageError(err)
		}
		if f.output == outputToken || f.output == outputKubeconfig {
			return cli.UsageError(errors.New("a dry run makes no token: -o is yaml, json or name then"))
		}
	case f.output == "":
		f.output = outputToken
	case f.output != outputToken && f.output != outputJSON && f.output != outputKubeconfig:
		return cli.UsageError(fmt.Errorf("unknown output format %q: want token, json or kubeconfig; yaml and name are those of a dry run", f.output))
	}
	return nil
}

// isKalm reports whether an AccessToken of Kalm is wanted.
func (f *createFlags) isKalm() bool { return f.flavor == string(workspace.Kalm) }

// kalmRules reads --may as rules of Kalm.
func (o *createOptions) kalmRules() ([]kalm.Rule, error) {
	var out []kalm.Rule
	for _, text := range o.may {
		rules, notes, err := token.ParseKalm(text, o.namespace)
		if err != nil {
			return nil, cli.UsageError(fmt.Errorf("bad --may %q: %w", text, err))
		}
		for _, note := range notes {
			o.env.Notef("note: %s", note)
		}
		out = append(out, rules...)
	}
	return out, nil
}

// fieldManager is who the server notes as the author, as for the plan itself.
func (f *createFlags) fieldManager() string {
	return f.writes.Flags().Lookup("field-manager").Value.String()
}
