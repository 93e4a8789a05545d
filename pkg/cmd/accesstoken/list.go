package accesstoken

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

const listLong = `
List tokens: who made each, what it may do, when it was made and used, and when it ends.

KIND is "bound" (made by "create": it ends with its Secret), "secret" (a Secret of a service account holds it for ever),
or "kalm" (an AccessToken of Kalm). MAY is what bindings give the account itself, and behind "by its groups" what it has
as every service account has it, beyond what Kubernetes ships. Tokens that nobody keeps, such as those of pods and of
"kubectl create token", are in no object, and so not here.

AccessTokens are in no namespace: with one, those are listed that have a rule for it, or for all.

USED is a day, and known for "secret" alone: Kubernetes notes it on the Secret. It notes nothing for bound tokens, and
Kalm writes its count to a place where it is lost. ENDS is the time that is left, "never", "ended", "revoked" when the
Secret is gone, or "invalid" when Kubernetes refuses one that nobody used for long. -o csv has moments in place of
times that are left.

Secrets are asked for without what they hold, and the text of AccessTokens is dropped as it is read.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const listExample = `
# Of this namespace; of all, with the objects behind them
{cmd} list
{cmd} list -A -o wide

# The example company
{cmd} list --from examples/acme

# Those that never end, for a program
{cmd} list -A -o jsonpath='{.items[?(@.ends=="never")].name}'`

// listFlags is what was typed.
type listFlags struct {
	*sources
	print *printer.Flags
	all   bool
}

func newListCommand(env *cli.Env) *cobra.Command {
	cmd := listCommand(env)
	cmd.Use = "list"
	cmd.Aliases = []string{"ls"}
	cmd.Short = "List tokens, with what they may do and when they end"
	cmd.Long = listLong
	cmd.Example = env.Examples(listExample)
	cmd.Args = cobra.NoArgs
	return cmd
}

// listCommand makes the command that lists, which is also the bare call.
func listCommand(env *cli.Env) *cobra.Command {
	f := &listFlags{
		sources: newSources(env),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Name, printer.JSON, printer.YAML, printer.CSV,
			printer.Markdown, printer.JSONPath),
	}
	return reading.ListCommand(env, f, f.print, &f.all, f.run)
}

func (f *listFlags) run(ctx context.Context, p printer.Printer) error {
	namespace, err := f.place(f.all)
	if err != nil {
		return err
	}
	l, err := f.load(ctx, namespace, listedKinds(), true)
	if err != nil {
		return err
	}
	tokens := slices.DeleteFunc(l.state.Tokens(), func(t token.Token) bool { return !t.Concerns(namespace) })
	now := f.env.Clock.Now()
	report := printer.Report{
		Object: func() any { return viewList(l, tokens, now) },
		Table:  func() *metav1.Table { return listTable(l.state, tokens, now, f.print.Format() == printer.CSV) },
		Names: func() []string {
			var names []string
			for _, t := range tokens {
				names = append(names, t.ID())
			}
			return names
		},
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if !f.print.Structured() {
		f.tell(l, namespace, tokens)
	}
	return f.Finish(l.Reading)
}

// tell says what the table does not.
func (f *listFlags) tell(l *loaded, namespace string, tokens []token.Token) {
	if len(tokens) > 0 {
		return
	}
	where := ""
	if namespace != "" {
		where = " in " + namespace
	}
	if len(l.unread()) > 0 {
		where += ", as far as can be read"
	}
	f.env.Notef("no tokens%s", where)
	if namespace != "" {
		f.env.Notef("hint: -A looks in all namespaces")
	}
}
