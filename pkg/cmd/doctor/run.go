package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
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
	ward *Ward
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
	// That nothing was found is said when it is known to be an answer.
	nothing := len(d.findings)+d.minor == 0
	if !nothing {
		o.sum(d)
	}
	if err := o.Sources.Finish(d.ward.Reading); err != nil {
		return err
	}
	if nothing {
		o.sum(d)
	}
	if len(d.findings) > 0 {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// diagnose reads and judges.
func (o *options) diagnose(ctx context.Context) (*diagnosis, error) {
	ward, err := o.Admit(ctx, inventory.Want{Kinds: o.Kinds, Namespace: o.namespace})
	if err != nil {
		return nil, err
	}
	o.Sources.TellGaps(ward.Reading)
	if err := o.known(ward); err != nil {
		return nil, err
	}
	all, err := ward.Judge(ctx, o.wants)
	if err != nil {
		return nil, err
	}
	all = append(all, o.unjudged(ward)...)
	o.arrange(all)
	d := &diagnosis{ward: ward, findings: []finding.Finding{}}
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

// known is an error for the first name, or the namespace of -n, that there is not: nothing is wrong there, and whoever
// mistyped it must not take that for an answer.
func (o *options) known(ward *Ward) error {
	noun, names := o.Noun, o.names
	if flag := *o.env.Config.Namespace; len(names) == 0 && flag != "" && o.namespace == flag {
		noun, names = "namespace", []string{flag}
	}
	if len(names) == 0 || ward.Unknown == nil {
		return nil
	}
	unknown := ward.Unknown(names)
	if len(unknown) == 0 {
		return nil
	}
	err := fmt.Errorf("find %s %q: there is none", noun, unknown[0])
	if near := cli.Similar(unknown[0], ward.Patients); len(near) > 0 {
		return cli.Hint(err, "did you mean "+strings.Join(near, ", ")+"?")
	}
	return cli.Hint(err, "-A looks at all that there are")
}

func (o *options) wants(id string) bool { return len(o.rules) == 0 || slices.Contains(o.rules, id) }

// isAsked reports whether an object belongs to what was named: "namespace team-a", "rolebinding team-a/x".
func (o *options) isAsked(object string) bool {
	if len(o.names) == 0 && o.namespace == "" || object == "" {
		return true
	}
	kind, name, _ := strings.Cut(object, " ")
	// Users and AccessTokens are in no namespace: whoever judges one leaves out what has nothing to do with it.
	if kind == "user" || kind == "accesstoken" && o.namespace != "" {
		return true
	}
	name, _, _ = strings.Cut(name, "/")
	return name == o.namespace || slices.Contains(o.names, name)
}

// unjudged is GH003: rules that are silent because something could not be read.
func (o *options) unjudged(w *Ward) []finding.Finding {
	var out []finding.Finding
	for _, silence := range finding.Silences(w.Inventory, o.Rules, o.Kinds...) {
		out = append(out, finding.Finding{
			ID: Unjudged, Severity: finding.Info,
			Message: fmt.Sprintf("not everything is judged by %s: not all %s can be read", strings.Join(silence.Rules, ", "), silence.Kind),
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
		if err := o.change.Run(ctx, d.ward.Server, p, left); err != nil {
			return nil, err
		}
		if o.change.DryRun() {
			return d, nil
		}
		if d, err = o.diagnose(ctx); err != nil {
			return nil, err
		}
	}
	if findings.Fixable(d.findings) > 0 {
		o.env.Notef("looked %d times, and there is still something to repair: run it again", mostRounds)
	}
	return d, nil
}

// join makes one plan of the fixes of all findings. Fixes that disagree with those before them are left out, with a note
// each: when the others are carried out, they are looked at again.
func join(found []finding.Finding) (p plan.Plan, left []string, err error) {
	var ill []finding.Finding
	for _, f := range found {
		if f.Fix != nil {
			ill = append(ill, f)
		}
	}
	for {
		fixes := make([]plan.Plan, 0, len(ill))
		for _, f := range ill {
			fixes = append(fixes, *f.Fix)
		}
		p, err = plan.Join("repair "+findings.Count(len(fixes), "finding"), fixes...)
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

// report prints the findings.
func (o *options) report(d *diagnosis) error {
	report := printer.Report{
		Object:   func() any { return view(o.Clinic, d) },
		Table:    func() *metav1.Table { return o.table(d.findings) },
		Text:     func() []string { return o.text(d.findings) },
		Findings: func() []finding.Finding { return findings.AsTests(d.findings, o.print.Format()) },
		Passed:   func() []string { return o.passed(d) },
	}
	return o.printer.Print(o.env.Out, report)
}

// sum says on the error stream how many findings there are.
func (o *options) sum(d *diagnosis) {
	if !o.print.Structured() {
		o.env.Notef("%s", findings.Summary(d.findings, d.minor, o.threshold))
		o.tellApart()
	}
}

// tellApart says what a look at one place does not find: what shows only when names are compared with others.
func (o *options) tellApart() {
	if o.namespace != "" && o.Spelling != "" && o.wants(o.Spelling) {
		o.env.Notef("note: names were compared within %s only: -A also finds those that are spelled in another way elsewhere (%s)",
			o.namespace, o.Spelling)
	}
}

// passed names the patients that nothing was found about.
func (o *options) passed(d *diagnosis) []string {
	ill := map[string]bool{}
	for _, f := range d.findings {
		_, name, _ := strings.Cut(f.Object, " ")
		name, _, _ = strings.Cut(name, "/")
		ill[name] = true
	}
	var out []string
	for _, patient := range d.ward.Patients {
		if place, _, _ := strings.Cut(patient, "/"); !ill[place] && o.isAsked(o.Noun+" "+patient) {
			out = append(out, o.Noun+" "+patient)
		}
	}
	return out
}
