package accesstoken

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/doctor"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

const auditLong = `
Find tokens that may do more, or live longer, than they should, and repair what can be repaired.

Tokens of service accounts are judged by their objects and by what bindings give the accounts, and AccessTokens of Kalm
by what they say. What Secrets hold is never asked for. With a namespace those AccessTokens are judged that have a rule for
it, or for all.

Findings:
%s`

const auditExample = `
# The example company; a set of tokens with every mistake there is
{cmd} audit --from examples/acme
{cmd} audit --from examples/tokens

# One namespace, with what follows from each finding and what to do
{cmd} audit -n shop -o text

# Take away what has ended, but look at the changes first
{cmd} audit --fix --rule TK010,TK018 --dry-run=server

# Fail a pipeline
{cmd} audit -A --severity error -o junit > tokens.xml`

func newAuditCommand(env *cli.Env) *cobra.Command {
	s := newSources(env)
	s.asked = true
	return doctor.NewCommand(env, clinic(s))
}

// Doctor returns what this plugin knows about judging, for a doctor of everything.
func Doctor(env *cli.Env, flags *reading.Flags) doctor.Clinic {
	return clinic(&sources{Flags: flags, env: env})
}

func clinic(s *sources) doctor.Clinic {
	a := &auditSources{sources: s}
	return doctor.Clinic{
		Use: "audit", Short: "Find tokens that may do more, or live longer, than they should",
		Long: fmt.Sprintf(auditLong, findings()), Example: auditExample,
		Noun: "namespace", Sample: "TK001", Kind: "TokenDiagnosis", Rules: rules(), Sources: a, Kinds: token.JudgedKinds(),
		Admit: func(ctx context.Context, want inventory.Want) (*doctor.Ward, error) {
			l, err := s.load(ctx, want.Namespace, want.Kinds, false)
			if err != nil {
				return nil, err
			}
			s.tellNone(l, want.Namespace)
			if a.blind = nil; s.asked && !l.reads() {
				a.blind = l.unread()
			}
			return a.ward(l, want.Namespace), nil
		},
	}
}

// auditSources are the sources of an audit, which is no answer when nothing at all could be read.
type auditSources struct {
	*sources
	// blind are the kinds because of which no rule could be judged; none when one could be, or something else is judged too.
	blind []inventory.Kind
}

// Finish implements [doctor.Sources].
func (a *auditSources) Finish(r *reading.Reading, but ...inventory.Kind) error {
	if err := a.sources.Finish(r, but...); err != nil || len(a.blind) == 0 {
		return err
	}
	return cli.ExitWith(cli.ExitPredicateError, errors.New("nothing is judged: "+a.cause()))
}

func (a *auditSources) cause() string {
	var names []string
	for _, kind := range a.blind {
		names = append(names, kind.Called()[0])
	}
	return strings.Join(names, ", ") + " can't be read"
}

// unseen is the finding that no rule could be judged: as grave as any, since none would have been found.
func (a *auditSources) unseen() []finding.Finding {
	if len(a.blind) == 0 {
		return nil
	}
	return []finding.Finding{{
		ID: doctor.Unjudged, Severity: finding.Error, Message: "nothing is judged by any rule: " + a.cause(),
		Why: "What is not seen is not found. Ask somebody who may read them to run this, or for the right to read them.",
	}}
}

// tellNone says that there are no tokens where they were looked for: nothing found is not all well.
func (s *sources) tellNone(l *loaded, namespace string) {
	if !s.asked || slices.ContainsFunc(l.state.Tokens(), func(t token.Token) bool { return t.Concerns(namespace) }) {
		return
	}
	if namespace == "" {
		s.env.Notef("there are no tokens, as far as can be read")
		return
	}
	s.env.Notef("there are no tokens in namespace %s, as far as can be read", namespace)
}

// ward is what the audit looks at: the namespaces with tokens. With a namespace, AccessTokens are left out that have nothing
// to do with it.
func (a *auditSources) ward(l *loaded, namespace string) *doctor.Ward {
	var namespaces []string
	foreign := map[string]bool{}
	for _, t := range l.state.Tokens() {
		if t.Namespace != "" {
			namespaces = append(namespaces, t.Namespace)
		} else if !t.Concerns(namespace) {
			foreign[t.Object()] = true
		}
	}
	slices.Sort(namespaces)
	return &doctor.Ward{
		Reading: l.Reading, Patients: slices.Compact(namespaces),
		Judge: func(ctx context.Context, wants func(string) bool) ([]finding.Finding, error) {
			judge := func(s *token.State) []finding.Finding {
				found := slices.DeleteFunc(token.Judge(s), func(f finding.Finding) bool { return foreign[f.Object] })
				return append(found, a.unseen()...)
			}
			if !slices.ContainsFunc(token.RightsRules(), wants) {
				return judge(l.state), nil
			}
			index, err := l.Rights(ctx)
			if err != nil {
				return nil, err
			}
			all := judge(l.state.WithRights(index))
			if gaps := index.Snapshot().Gaps; len(gaps) > 0 {
				l.add(gaps)
				all = append(all, finding.Finding{
					ID: doctor.Unjudged, Severity: finding.Info,
					Message: "not everything is judged by " + strings.Join(token.RightsRules(), ", ") + ": not all roles and bindings can be read",
					Why:     "What is not seen is not found. Ask somebody who may read them to run this, or for the right to read them.",
				})
			}
			return all, nil
		},
	}
}

// findings lists the kinds of findings for the help.
func findings() string {
	var lines []string
	for _, check := range token.Checks() {
		lines = append(lines, fmt.Sprintf("  %s %-8s %s", check.ID, check.Severity, check.Title))
	}
	return strings.Join(lines, "\n")
}

func rules() []doctor.Rule { return append(token.Rules(), doctor.Rule{ID: doctor.Unjudged}) }
