package queueaccess

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/doctor"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

const checkLong = `
Find what keeps people from using queues, and what lets others use them: whether the KaiwoQueueConfig, what Kueue has, the
namespaces, and the roles of those who submit agree. Kaiwo checks none of it when it is written.

Whose rights are looked at: who may create KaiwoJobs in a namespace that a queue lists, and who has a grant of ours. With
--subject and --members it is whether these people can work in all namespaces of the queues, or in those that the file names,
and nobody else's. An open queue lists no namespaces: -n names the one that is meant, and without it some namespace must do.
For a queue that is none of Kaiwo's they must be able to create some kind that Kueue takes wherever a LocalQueue leads to it.

--can says what they are to be able to do. Without it, who is named is to do all that the kaiwo command does in a namespace;
others are to submit, and to do what our grant says, and what else they hold a part of the rights for.

A file of members has a subject in each line, or is one that "kubectl contrib apply" takes, with namespaces as workspaces;
who is only a viewer there is passed over.

--fix gives nobody rights in a namespace where he has none, unless he is named here, or a grant of ours is for all namespaces
of the queue. It deletes no LocalQueue that work waits in, and no role binding but ours. It changes the KaiwoQueueConfig as it
was read and never applies it: its lists would be replaced. The selector that Kaiwo makes of an entry is set in the ClusterQueue
too, so that it holds at once.

--operator looks at what Kaiwo and Kueue themselves may do, and at who may act as they.

Findings:
%s`

const checkExample = `
# The example company, and one with a mistake in each namespace
{cmd} check --from examples/acme
{cmd} check --from examples/queues/lab

# What follows from a finding, and what to do
{cmd} check --rule QA007 -o text --from examples/queues/lab

# Whether all of a team can work with a queue, for CI
{cmd} check --queue team-a --subject group:ml-team --subject bob@lab.example --can submit,logs --from examples/queues/lab -o junit

# Repair what can be repaired, but look at the changes first
{cmd} check --fix --dry-run=client --from examples/queues/lab

# What the operators may do
{cmd} check --operator --rule QA301,QA306`

// checkSources are the flags that say what is read, and who and what is looked at.
type checkSources struct {
	*reading.Flags
	env      *cli.Env
	queues   []string
	subjects []string
	members  string
	can      []string
	operator bool
	// flags are those of the command, for whether one was given that says nothing.
	flags *pflag.FlagSet
	// unasked says that a doctor of everything asks, to which it is no news that there are no queues.
	unasked bool
	// known are the members of the file, once they were read.
	known []queue.Expected
	// plain says that there are no flags but those of reading.
	plain bool
	// unseen says that no queue could be read, so that nothing was judged.
	unseen bool
}

// Finish implements [doctor.Sources]: that nothing could be judged is an error, whatever is said about it before.
func (s *checkSources) Finish(r *reading.Reading, but ...inventory.Kind) error {
	if err := s.Flags.Finish(r, but...); err != nil || !s.unseen {
		return err
	}
	return cli.ExitWith(cli.ExitPredicateError, errors.New("check queues: none can be read, so that nothing was judged"))
}

// AddFlags implements [doctor.Sources].
func (s *checkSources) AddFlags(cmd *cobra.Command) {
	s.Flags.AddFlags(cmd)
	if s.plain {
		return
	}
	fs := cmd.Flags()
	s.flags = fs
	fs.StringSliceVar(&s.queues, "queue", nil, "Look at these `QUEUES` only, and at what concerns all. Repeatable.")
	fs.StringSliceVar(&s.subjects, "subject", nil, "See whether this `SUBJECT` can work with the queues: user:NAME, group:NAME, sa:NAMESPACE/NAME. Repeatable.")
	fs.StringVar(&s.members, "members", "", "See whether all in this `FILE` can; - reads stdin.")
	fs.StringSliceVar(&s.can, "can", nil, "What they are to be able to do, in `WORDS`: "+abilityWords()+" (default all).")
	fs.BoolVar(&s.operator, "operator", false, "Judge what Kaiwo and Kueue may do themselves, too (QA301 and on).")
	completeQueueFlag(s.env, s.Flags, cmd, "queue")
	completeSubjectFlag(s.env, s.Flags, cmd, "subject")
	completeAbilities(cmd)
}

func abilityWords() string {
	var out []string
	for _, a := range kaiwo.Abilities() {
		out = append(out, string(a))
	}
	return strings.Join(out, ", ")
}

func newCheckCommand(env *cli.Env) *cobra.Command {
	cmd := doctor.NewCommand(env, clinic(&checkSources{Flags: reading.NewFlags(env), env: env}))
	cmd.Args = noQueue
	return cmd
}

// Doctor returns what this plugin knows about judging, for a doctor of everything. That there are no queues is no news to it.
func Doctor(env *cli.Env, flags *reading.Flags) doctor.Clinic {
	return clinic(&checkSources{Flags: flags, env: env, unasked: true, plain: true})
}

func clinic(s *checkSources) doctor.Clinic {
	rules := queue.Rules()
	if s.plain {
		rules = slices.DeleteFunc(rules, func(r finding.Rule) bool { return slices.Contains(queue.OperatorRules(), r.ID) })
	}
	return doctor.Clinic{
		Use: "check", Short: "Find what keeps people from using queues, or lets others use them, and repair it",
		Long: fmt.Sprintf(checkLong, checkFindings()), Example: checkExample,
		Noun: "namespace", Sample: "QA003", Kind: "QueueDiagnosis", Sources: s,
		Rules: append(rules, doctor.Rule{ID: doctor.Unjudged}), Kinds: queue.JudgedKinds(),
		Admit: func(ctx context.Context, want inventory.Want) (*doctor.Ward, error) { return s.admit(ctx, want) },
	}
}

// admit reads everything everywhere, since queues are for several namespaces: the doctor shows what concerns one.
func (s *checkSources) admit(ctx context.Context, want inventory.Want) (*doctor.Ward, error) {
	options, err := s.options()
	if err != nil {
		return nil, err
	}
	options.Namespace = want.Namespace
	l, err := load(ctx, s.env, s.Flags, true, want.Kinds...)
	if err != nil {
		return nil, err
	}
	s.unseen = len(l.state.Queues()) == 0 && len(unreadQueues(l.state)) > 0 && !s.unasked && !options.Operator
	for i, name := range options.Queues {
		q, err := findQueue(l, name)
		if err != nil {
			return nil, err
		}
		options.Queues[i] = q.Name
	}
	w := &doctor.Ward{Reading: l.Reading, Patients: placesOf(l.state, options.Queues), Unknown: func(names []string) []string {
		if !l.state.AllNamespaces() {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return l.state.Namespace(name) != nil })
	}}
	w.Judge = func(_ context.Context, wants func(string) bool) ([]finding.Finding, error) {
		if s.unasked && !queue.Any(l.Inventory) {
			return nil, nil
		}
		asked := options
		// Who asks for one of its rules by name asks for the review; without --rule, all are wanted.
		asked.Operator = options.Operator || !wants("") && slices.ContainsFunc(queue.OperatorRules(), wants)
		all := queue.JudgeWith(l.state, asked)
		if !l.state.Rights.Snapshot().Complete() && slices.ContainsFunc(queue.RightsRules(), wants) {
			all = append(all, unjudgedRights(asked.Operator))
		}
		if !s.plain {
			locate(all, s.Sources())
		}
		return all, nil
	}
	switch {
	case len(l.state.Queues()) > 0 || s.unasked || s.unseen:
	case len(unreadQueues(l.state)) > 0:
		s.env.Notef("no queues can be read, so that none is judged")
	default:
		s.env.Notef("there are no queues: %s", noQueues(l.state))
	}
	return w, nil
}

// placesOf are the namespaces that the queues are for.
func placesOf(s *queue.State, names []string) []string {
	var out []string
	for _, q := range s.Queues() {
		if len(names) == 0 || slices.Contains(names, q.Name) {
			out = append(out, q.Namespaces()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unjudgedRights says that the rules on roles and bindings are silent.
func unjudgedRights(operator bool) finding.Finding {
	rules := slices.DeleteFunc(queue.RightsRules(), func(id string) bool { return !operator && slices.Contains(queue.OperatorRules(), id) })
	return finding.Finding{
		ID: doctor.Unjudged, Severity: finding.Info,
		Message: "not everything is judged by " + strings.Join(rules, ", ") + ": not all roles and bindings can be read",
		Why:     "What is not seen is not found. Ask somebody who may read them to run this, or for the right to read them.",
	}
}

// checkFindings lists the kinds of findings for the help.
func checkFindings() string {
	var out []string
	for _, check := range queue.Checks() {
		out = append(out, fmt.Sprintf("  %s %-8s %s", check.ID, check.Severity, check.Title))
	}
	return strings.Join(out, "\n")
}
