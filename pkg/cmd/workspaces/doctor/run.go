package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// Unjudged is the id of the finding that says which rules are silent because something could not be read.
const Unjudged = "GH003"

// mostRounds is how often --fix looks again.
const mostRounds = 5

// diagnosis is what was read, and what was found.
type diagnosis struct {
	loaded *workspaces.Loaded
	// findings are those that are looked at.
	findings []finding.Finding
	// minor counts those that are not as bad as --severity.
	minor int
}

func (o *options) run(ctx context.Context) error {
	d, err := o.diagnose(ctx)
	if err != nil {
		return err
	}
	if o.fix {
		if d, err = o.repair(ctx, d); err != nil {
			return err
		}
	}
	if err := o.report(d); err != nil {
		return err
	}
	if err := o.sources.Finish(d.loaded); err != nil {
		return err
	}
	if len(d.findings) > 0 {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// diagnose reads and judges.
func (o *options) diagnose(ctx context.Context) (*diagnosis, error) {
	loaded, err := o.sources.Load(ctx, inventory.Want{Kinds: o.Kinds, Namespace: o.namespace})
	if err != nil {
		return nil, err
	}
	o.sources.TellGaps(loaded)
	if err := o.checkNames(loaded); err != nil {
		return nil, err
	}
	all, err := o.Judge(ctx, loaded, o.wants)
	if err != nil {
		return nil, err
	}
	all = append(all, o.unjudged(loaded)...)
	finding.Sort(all)
	d := &diagnosis{loaded: loaded, findings: []finding.Finding{}}
	for _, f := range all {
		switch {
		case !o.wants(f.ID), !o.isAsked(f.Object):
		case f.Severity.Rank() < o.threshold.Rank():
			d.minor++
		default:
			d.findings = append(d.findings, f)
		}
	}
	return d, nil
}

func (o *options) wants(id string) bool { return len(o.rules) == 0 || slices.Contains(o.rules, id) }

// isAsked reports whether an object belongs to the workspaces that were named: "namespace team-a", "rolebinding
// team-a/x".
func (o *options) isAsked(object string) bool {
	if len(o.names) == 0 && o.namespace == "" || object == "" {
		return true
	}
	kind, name, _ := strings.Cut(object, " ")
	if kind == "user" {
		return true
	}
	name, _, _ = strings.Cut(name, "/")
	return name == o.namespace || slices.Contains(o.names, name)
}

// checkNames refuses names that are neither workspaces nor namespaces. Who may not read namespaces is believed.
func (o *options) checkNames(l *workspaces.Loaded) error {
	inv := l.State.Inventory
	if len(inv.Missing(inventory.Namespaces)) > 0 {
		return nil
	}
	for _, name := range o.names {
		if _, there := l.State.Workspace(name); there || inv.Namespace(name) != nil || inv.Profile(name) != nil {
			continue
		}
		err := fmt.Errorf("find profile %q: there is none", name)
		var known []string
		for _, w := range l.State.Workspaces() {
			known = append(known, w.Name)
		}
		if near := cli.Similar(name, known); len(near) > 0 {
			return cli.Hint(err, "did you mean "+strings.Join(near, ", ")+"?")
		}
		return cli.Hint(err, "kubectl profile list shows those that there are")
	}
	return nil
}

// unjudged is GH003: rules that are silent because something could not be read.
func (o *options) unjudged(l *workspaces.Loaded) []finding.Finding {
	var out []finding.Finding
	for _, kind := range o.Kinds {
		if len(l.State.Inventory.Missing(kind)) == 0 {
			continue
		}
		var silent []string
		for _, rule := range o.Rules {
			if slices.Contains(rule.Needs, kind) {
				silent = append(silent, rule.ID)
			}
		}
		if len(silent) == 0 {
			continue
		}
		out = append(out, finding.Finding{
			ID: Unjudged, Severity: finding.Info,
			Message: fmt.Sprintf("not everything is judged by %s: not all %s can be read", strings.Join(silent, ", "), kind),
			Why:     "What is not seen is not found. Ask somebody who may read it to run this, or for the right to read it.",
		})
	}
	return out
}

// repair carries out the fixes, and looks again, until nothing is left that can be repaired or nothing changes any more.
func (o *options) repair(ctx context.Context, d *diagnosis) (*diagnosis, error) {
	for round := 1; round <= mostRounds; round++ {
		p, left, err := join(d.findings)
		if err != nil {
			return nil, err
		}
		if len(p.Changes().Steps) == 0 {
			if round == 1 && len(d.findings) > 0 {
				o.env.Notef("nothing that was found can be repaired without a decision: -o text says what to do")
			}
			return d, nil
		}
		if err := o.change.Run(ctx, d.loaded.Server, p, left); err != nil {
			return nil, err
		}
		if o.change.DryRun() {
			return d, nil
		}
		if d, err = o.diagnose(ctx); err != nil {
			return nil, err
		}
	}
	if fixable(d.findings) > 0 {
		o.env.Notef("looked %d times, and there is still something to repair: run it again", mostRounds)
	}
	return d, nil
}

// join makes one plan of the fixes of all findings. Fixes that disagree with those before them are left out, with a note
// each: when the others are carried out, they are looked at again.
func join(findings []finding.Finding) (p plan.Plan, left []string, err error) {
	var ill []finding.Finding
	for _, f := range findings {
		if f.Fix != nil {
			ill = append(ill, f)
		}
	}
	for {
		fixes := make([]plan.Plan, 0, len(ill))
		for _, f := range ill {
			fixes = append(fixes, *f.Fix)
		}
		p, err = plan.Join("repair "+plural(len(fixes), "finding"), fixes...)
		if err == nil {
			return p, left, nil
		}
		disagreeing := plan.Disagreeing(err)
		if len(disagreeing) == 0 {
			return plan.Plan{}, nil, fmt.Errorf("join fixes: %w", err)
		}
		for i, d := range disagreeing {
			at := d.Plan - i // so many are gone already
			left = append(left, fmt.Sprintf("%s of %s is left for another time: %s", ill[at].ID, ill[at].Object, d.Err))
			ill = slices.Delete(ill, at, at+1)
		}
	}
}

// report prints the findings, and says on the error stream how many there are.
func (o *options) report(d *diagnosis) error {
	report := printer.Report{
		Object:   func() any { return view(d) },
		Table:    func() *metav1.Table { return table(d.findings) },
		Text:     func() []string { return text(d.findings) },
		Findings: func() []finding.Finding { return o.failed(d.findings) },
		Passed:   func() []string { return o.passed(d) },
	}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	if !o.print.Structured() {
		o.env.Notef("%s", summary(d, o.threshold))
		o.tellApart()
	}
	return nil
}

// spelling is the rule about two spellings of a user's name. Those may be in two workspaces.
const spelling = "KF008"

// tellApart says what a look at one workspace does not find: what shows only when it is compared with others.
func (o *options) tellApart() {
	if o.namespace != "" && o.wants(spelling) && slices.Contains(o.ids(), spelling) {
		o.env.Notef("note: names were compared within %s only: -A also finds those that are spelled in another way elsewhere (%s)",
			o.namespace, spelling)
	}
}

// failed are the findings as tests see them: all that are looked at make the command fail.
func (o *options) failed(findings []finding.Finding) []finding.Finding {
	if o.print.Format() != printer.JUnit {
		return findings
	}
	out := slices.Clone(findings)
	for i := range out {
		if out[i].Severity == finding.Info {
			out[i].Severity = finding.Warning
		}
	}
	return out
}

// passed names the workspaces that nothing was found about.
func (o *options) passed(d *diagnosis) []string {
	ill := map[string]bool{}
	for _, f := range d.findings {
		_, name, _ := strings.Cut(f.Object, " ")
		name, _, _ = strings.Cut(name, "/")
		ill[name] = true
	}
	var out []string
	for _, w := range d.loaded.State.Workspaces() {
		if !ill[w.Name] && o.isAsked("namespace "+w.Name) {
			out = append(out, "workspace "+w.Name)
		}
	}
	return out
}
