package queueaccess

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

const describeLong = `
Show everything about one queue: for whom it is, what it has, what it finds in each namespace, and how many can get work into
it by which path.

Of each namespace it says whether KaiwoQueueConfig lists it, whether the queue's namespaceSelector finds it (eligible),
whether Kueue manages it, which LocalQueues there lead to the queue, and what keeps a KaiwoJob there from being admitted. Then
come those who have the queue by "grant": for what, where, and until when. It ends with how many findings "check --queue QUEUE"
has.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const describeExample = `
# Everything about one queue
{cmd} describe science --from examples/acme

# What it finds in each namespace, for a program
{cmd} describe science --from examples/acme -o jsonpath='{.places[?(@.admitted==false)].namespace}'`

// describeFlags is what was typed.
type describeFlags struct {
	env *cli.Env
	*reading.Flags
	print *printer.Flags
}

func newDescribeCommand(env *cli.Env) *cobra.Command {
	f := &describeFlags{
		env: env, Flags: reading.NewFlags(env), print: printer.NewFlags(printer.Text, printer.JSON, printer.YAML, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "describe QUEUE",
		Aliases:           []string{"show", "get"},
		Short:             "Show everything about one queue",
		Long:              describeLong,
		Example:           env.Examples(describeExample),
		Args:              oneQueue,
		ValidArgsFunction: completeQueues(env, f.Flags),
		RunE: cli.Printing(f.print, func(ctx context.Context, p printer.Printer, args []string) error {
			return f.run(ctx, p, args[0])
		}),
	}
	f.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	return cmd
}

func (f *describeFlags) run(ctx context.Context, p printer.Printer, name string) error {
	judged := judgedBeside()
	l, err := load(ctx, f.env, f.Flags, true, slices.Concat(queue.WhoNeeds(), judged, []inventory.Kind{inventory.Roles, inventory.RoleBindings})...)
	if err != nil {
		return err
	}
	q, err := findQueue(l, name)
	if err != nil {
		return err
	}
	d := description{l: l, q: q, places: l.state.Places(q), count: l.state.Count(q), gaps: gapsBut(l.Inventory, judged)}
	d.findings, d.grants = countFindings(l.state, q), grantsOf(l.state, q)
	if err := p.Print(f.env.Out, printer.Report{Object: func() any { return d.view() }, Text: d.text}); err != nil {
		return err
	}
	return f.Finish(l.Reading, judged...)
}

// description is everything about one queue.
type description struct {
	l      *loaded
	q      *queue.Queue
	places []queue.Place
	count  queue.Count
	// gaps are what is missing in the answer itself; of the findings more may be.
	gaps     []rbac.Gap
	findings findingCount
	grants   []grantView
}

// descriptionView is the JSON of it. Fields are added, never renamed or removed, within one version.
type descriptionView struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Complete   bool       `json:"complete"`
	Gaps       []rbac.Gap `json:"gaps,omitempty"`
	queueView
	Places []placeView `json:"places"`
	// Grants are those that "grant" has made.
	Grants []grantView `json:"grants"`
	Notes  []string    `json:"notes,omitempty"`
	// Findings counts what "check --queue" finds.
	Findings findingCount `json:"findings"`
}

// placeView is the JSON of what the queue finds in a namespace.
type placeView struct {
	Namespace   string   `json:"namespace"`
	Missing     bool     `json:"missing,omitempty"`
	Terminating bool     `json:"terminating,omitempty"`
	Listed      bool     `json:"listed"`
	Eligible    bool     `json:"eligible"`
	Managed     bool     `json:"managed"`
	LocalQueues []string `json:"localQueues"`
	// Admitted says whether a KaiwoJob there that names the queue is, as far as the queue is concerned; Why says why not.
	Admitted bool   `json:"admitted"`
	Why      string `json:"why,omitempty"`
}

func (d *description) view() descriptionView {
	v := descriptionView{
		APIVersion: apiVersion, Kind: "QueueDescription", Complete: len(d.gaps) == 0, Gaps: d.gaps,
		queueView: viewQueue(d.l.state, d.q, d.count), Places: []placeView{}, Grants: d.grants, Notes: notesOf(d.l.state, d.q), Findings: d.findings,
	}
	for i := range d.places {
		p := &d.places[i]
		v.Places = append(v.Places, placeView{
			Namespace: p.Namespace, Missing: p.Missing, Terminating: p.Terminating, Listed: p.Listed, Eligible: p.Eligible,
			Managed: p.Managed, LocalQueues: append([]string{}, p.Locals...), Admitted: p.Kaiwo(d.q), Why: p.Obstacle(d.q),
		})
	}
	return v
}

// mostPlaces are as many namespaces as a text shows.
const mostPlaces = 30

func (d *description) text() []string {
	s, q := d.l.state, d.q
	out := []string{"queue " + q.Name}
	switch {
	case q.Open():
		out = append(out, "  open: Kaiwo lists no namespaces for it, so a KaiwoJob in any may use it")
	case q.Unclear():
		out = append(out, "  restricted: the namespaces that Kaiwo has it for are no list of names")
	case q.Kaiwo:
		out = append(out, "  restricted: Kaiwo has it for "+strings.Join(q.Listed, ", "))
	default:
		out = append(out, "  of Kueue alone: KaiwoQueueConfig does not have it")
	}
	if s.Default(q) {
		out = append(out, "  the default: KaiwoJobs that name no queue go into it")
	}
	if text := q.Selector(); text != "" {
		out = append(out, "  selector "+text)
	}
	if q.Cohort != "" {
		out = append(out, "  shares quota with cohort "+q.Cohort)
	}
	out = append(out, "  state: "+stateOf(s, q), "quota")
	for _, words := range quotaWords(q) {
		out = append(out, "  "+words)
	}
	if len(q.Quotas) == 0 {
		out = append(out, "  none")
	}
	out = append(out, d.placesText()...)
	out = append(out, "may submit")
	for _, text := range byPath(d.count) {
		out = append(out, "  "+text)
	}
	switch {
	case !s.Rights.Snapshot().Complete():
		out = append(out, "  (not all roles and bindings can be read: there may be more)")
	case d.count.All == 0:
		out = append(out, "  nobody but superusers")
	default:
		out = append(out, fmt.Sprintf("  (%s in all, not counting superusers; \"who %s\" names them)", question.Plural(d.count.All, "subject"), shell.Word(q.Name)))
	}
	out = append(out, d.grantsText()...)
	if notes := notesOf(s, q); len(notes) > 0 {
		out = append(out, "notes")
		for _, note := range notes {
			out = append(out, "  "+note)
		}
	}
	return append(out, "findings: "+d.findings.words(q.Name))
}

func (d *description) placesText() []string {
	out := []string{"namespaces"}
	for i := range d.places[:min(len(d.places), mostPlaces)] {
		out = append(out, "  "+placeText(d.l.state, d.q, &d.places[i]))
	}
	if more := len(d.places) - mostPlaces; more > 0 {
		out = append(out, fmt.Sprintf("  and %d more (-o json has all)", more))
	}
	if len(d.places) == 0 {
		out = append(out, "  none")
	}
	return out
}

func placeText(s *queue.State, q *queue.Queue, p *queue.Place) string {
	var words []string
	add := func(is bool, yes, no string) {
		if is && yes != "" {
			words = append(words, yes)
		} else if !is && no != "" {
			words = append(words, no)
		}
	}
	add(p.Missing, "not there", "")
	add(p.Terminating, "being deleted", "")
	add(p.Listed, "listed", "")
	add(p.Eligible, "eligible", "not eligible")
	add(p.Managed, "", "not managed by Kueue")
	if _, told, _ := s.Kueue(); !told && q.Kaiwo && p.Listed {
		object := s.Namespace(p.Namespace)
		add(object == nil || object.Labels[kueue.ManagedLabel] == "true", "", "no label "+kueue.ManagedLabel+"=true, which Kaiwo's configuration of Kueue asks for")
	}
	none := "no LocalQueue"
	if s.Unread(inventory.LocalQueues) {
		none = "its LocalQueues can't be read"
	}
	add(len(p.Locals) > 0, "LocalQueues "+strings.Join(p.Locals, ", "), none)
	text := p.Namespace + ": " + strings.Join(words, "; ")
	unread := s.Unread(inventory.LocalQueues) || s.Unread(inventory.ClusterQueues)
	if why := p.Obstacle(q); why != "" && q.Kaiwo && p.Listed && !unread {
		text += "; KaiwoJobs are not admitted: " + why
	}
	return text
}
