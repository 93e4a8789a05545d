package accesstoken

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

const describeLong = `
Show a token: whose it is, what it may do and through what, when it ends, and what it is bound to.

With "-" the token itself is read from stdin and taken apart; nothing of it is shown but what it says of itself, and
nobody checks its signature. Of a token for Kalm, which says nothing, the AccessToken is found by its SHA-256. A token
must never be an argument: other programs see those.

An AccessToken is named by its name, or by the first six characters of its SHA-256, or more. What the account has as
every service account has it, beyond what Kubernetes ships, is shown as "By its groups".

What it is bound to is looked up: when that is gone, or was made anew, the token is refused.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const describeExample = `
# One by its name; one of Kalm by the beginning of its name
{cmd} describe ci -n shop
{cmd} describe accesstoken/9f86d081

# Whose is this?
{cmd} describe - < ci.token
kubectl create token default | {cmd} describe -`

// describeFlags is what was typed.
type describeFlags struct {
	*sources
	print *printer.Flags
}

// mostToken is how much of a token is read: more than any that fits into a request.
const mostToken = 1 << 20

func newDescribeCommand(env *cli.Env) *cobra.Command {
	f := &describeFlags{sources: newSources(env), print: printer.NewFlags(printer.Text, printer.JSON, printer.YAML, printer.JSONPath)}
	cmd := &cobra.Command{
		Use: "describe NAME|-", Short: "Show a token, or whose a token is", Long: describeLong,
		Example: env.Examples(describeExample), ValidArgsFunction: f.completeTokens(1),
		Args: func(cmd *cobra.Command, args []string) error {
			if err := refuseSecret(args); err != nil {
				return err
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := f.print.ToPrinter()
			if err != nil {
				return cli.UsageError(err)
			}
			if args[0] == "-" {
				return f.runPasted(cmd.Context(), p)
			}
			return f.run(cmd.Context(), p, args[0])
		},
	}
	f.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	return cmd
}

func (f *describeFlags) run(ctx context.Context, p printer.Printer, name string) error {
	namespace, err := f.place(false)
	if err != nil {
		return err
	}
	l, err := f.load(ctx, namespace, listedKinds(), true)
	if err != nil {
		return err
	}
	f.TellGaps(l.Reading)
	tokens, err := l.state.Find(namespace, name)
	if err != nil {
		return err
	}
	now := f.env.Clock.Now()
	report := printer.Report{
		Object: func() any {
			v := describeView{APIVersion: apiVersion, Kind: "TokenDescription", Complete: len(l.Inventory.Gaps) == 0}
			for _, t := range tokens {
				v.Tokens = append(v.Tokens, viewToken(l.state, t, now))
			}
			return v
		},
		Text: func() []string {
			var out []string
			for i, t := range tokens {
				if i > 0 {
					out = append(out, "")
				}
				out = append(out, lines(l.state, t, now)...)
			}
			return out
		},
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	return f.Finish(l.Reading)
}

// describeView is the JSON of a description. Fields are added, never renamed or removed, within one version.
type describeView struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Complete   bool   `json:"complete"`
	// Pasted is what a token that was read says of itself.
	Pasted *pastedView `json:"pasted,omitempty"`
	// Tokens are what the cluster keeps of it: several while it is being exchanged, none when it keeps nothing.
	Tokens []tokenView `json:"tokens"`
}

// lines describes a token for people.
func lines(s *token.State, t token.Token, now time.Time) []string {
	var out []string
	add := func(name, text string) {
		if text != "" {
			out = append(out, fmt.Sprintf("%-10s %s", name+":", text))
		}
	}
	add("Name", t.Name)
	add("Object", t.Object())
	switch t.Kind {
	case token.Bound:
		add("Account", t.Account.String())
		switch {
		case t.Revoked():
			add("Bound to", "a Secret that is gone: the token is refused")
		case t.Unseen:
			add("Bound to", "a Secret that can't be read: whether the token is revoked is not known")
		default:
			add("Bound to", "secret "+t.Namespace+"/"+t.Secret+": deleting it ends the token")
		}
	case token.Lasting:
		add("Account", t.Account.String())
	case token.Kalm:
	}
	add("Made by", t.Creator)
	if !t.Created.IsZero() {
		add("Made", t.Created.Format(time.RFC3339)+" ("+duration.HumanDuration(now.Sub(t.Created))+" ago)")
	}
	add("Memo", t.Memo)
	add("Audiences", strings.Join(t.Audiences, ", "))
	add("Used", usedText(t))
	add("Ends", endText(t, now))
	return append(out, mayLines(s.MayOf(t))...)
}

func usedText(t token.Token) string {
	switch {
	case !t.LastUsed.IsZero():
		return "last on " + t.LastUsed.Format(time.DateOnly)
	case t.Kind == token.Lasting:
		return "never, as far as Kubernetes has noted (since 1.26)"
	case t.Kind == token.Kalm:
		return "not known: Kalm writes it to a place where it is lost"
	}
	return "not known: Kubernetes notes no use of bound tokens"
}

func endText(t token.Token, now time.Time) string {
	switch ends(t, now) {
	case "later":
		return t.Expires.Format(time.RFC3339) + " (in " + duration.HumanDuration(t.Expires.Sub(now)) + ")"
	case "ended":
		return t.Expires.Format(time.RFC3339) + " (" + duration.HumanDuration(now.Sub(t.Expires)) + " ago)"
	case "unknown":
		return "not known"
	case "revoked":
		return "it is revoked"
	case "invalid":
		return "Kubernetes refuses it since " + t.Invalid + ": nobody had used it for long"
	}
	return "never"
}

// mayLines says what a token may do, and through what.
func mayLines(may token.May) []string {
	switch {
	case !may.Known:
		return []string{"May:       not known: not all roles and bindings can be read"}
	case len(may.Rights)+len(may.ByGroups) == 0:
		return []string{"May:       nothing of its own"}
	}
	out := []string{"May:"}
	if len(may.Rights) == 0 {
		out = []string{"May:       nothing of its own"}
	}
	add := func(heading string, lines []string) {
		if heading != "" && len(lines) > 0 {
			out = append(out, heading)
		}
		for _, line := range lines {
			out = append(out, "  "+line)
		}
	}
	add("", may.Rights)
	add("Via:", may.Paths)
	add("By its groups:", may.ByGroups)
	add("Via:", may.GroupPaths)
	return out
}

// readToken reads the token from stdin.
func (f *describeFlags) readToken(ctx context.Context) (token.Pasted, error) {
	if f.env.In == nil {
		return token.Pasted{}, errors.New("there is no stdin to read a token from")
	}
	type answer struct {
		data []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() { // a read can't be interrupted: it is left behind when the command ends
		data, err := io.ReadAll(io.LimitReader(f.env.In, mostToken+1))
		if err == nil && len(data) > mostToken {
			err = errors.New("it is longer than any token")
		}
		answers <- answer{data, err}
	}()
	select {
	case <-ctx.Done():
		return token.Pasted{}, ctx.Err()
	case got := <-answers:
		if got.err != nil {
			return token.Pasted{}, fmt.Errorf("read token: %w", got.err)
		}
		pasted, err := token.Read(string(got.data))
		if err != nil {
			return token.Pasted{}, fmt.Errorf("read token: %w", err)
		}
		return pasted, nil
	}
}
