package change

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// The values of --preview.
const (
	previewAuto = "auto"
	previewFull = "full"
	previewNone = "none"
)

// How much a preview shows by itself. Somebody who reads it to answer a question does not read a thousand lines.
const (
	// mostDiffs is how many steps are shown with every line of their objects.
	mostDiffs = 20
	// mostSteps is how many steps are shown with a line each; more are counted.
	mostSteps = 60
	// firstSteps is how many of those that are counted are shown.
	firstSteps = 10
	// mostPlaces is how many namespaces of them are named.
	mostPlaces = 10
	// contextLines is how many unchanged lines are shown around a change.
	contextLines = 3
)

// show writes what would change to the error stream.
func (o *Options) show(p plan.Plan) {
	if !o.previewWanted() {
		return
	}
	v := &view{colours: o.screen.colours(o.env.ErrOut)}
	v.heading(p)
	switch {
	case o.preview == previewFull || len(p.Steps) <= mostDiffs:
		v.diffs(p, o.preview == previewFull)
	case len(p.Steps) <= mostSteps:
		v.steps(p.Steps)
	default:
		v.counts(p)
	}
	// There is nowhere left to report that the error stream is closed.
	_, _ = o.env.ErrOut.Write([]byte(v.text.String()))
}

// previewWanted decides for --preview=auto: whoever answers a question or makes a dry run wants to see it, unless the
// objects themselves are printed.
func (o *Options) previewWanted() bool {
	switch {
	case o.preview != previewAuto:
		return o.preview == previewFull
	case o.DryRun():
		return o.output == ""
	}
	return !o.yes
}

// view is a preview in the making. All that comes from objects is escaped.
type view struct {
	text    strings.Builder
	colours bool
}

func (v *view) line(format string, args ...any) {
	v.text.WriteString(printer.Escape(fmt.Sprintf(format, args...)) + "\n")
}

// coloured writes a line in green or red where it comes or goes.
func (v *view) coloured(op rune, text string) {
	const green, red, reset = "\x1b[32m", "\x1b[31m", "\x1b[0m"
	text = printer.Escape(text)
	switch {
	case !v.colours:
	case op == '+':
		text = green + text + reset
	case op == '-':
		text = red + text + reset
	}
	v.text.WriteString(text + "\n")
}

func (v *view) heading(p plan.Plan) {
	summary := p.Summary
	if summary == "" {
		summary = "to be done"
	}
	v.line("%s: %s", summary, plural(len(p.Steps), "change"))
}

// diffs shows every step with its object, line by line; what is deleted is only named, unless all is wanted.
func (v *view) diffs(p plan.Plan, all bool) {
	for _, change := range p.Preview() {
		v.step(change.Step)
		if change.Step.Verb == plan.Delete && !all {
			continue
		}
		for _, l := range change.Near(contextLines) {
			v.coloured(l.Op, "  "+strings.TrimRight(string(l.Op)+" "+l.Text, " "))
		}
	}
}

func (v *view) steps(steps []plan.Step) {
	for _, s := range steps {
		v.step(s)
	}
}

// step shows a step in a line, as it is, or with the reason for it.
func (v *view) step(s plan.Step) {
	text := s.String()
	if s.Why != "" {
		text += " (" + s.Why + ")"
	}
	op := '~'
	switch s.Verb {
	case plan.Create:
		op = '+'
	case plan.Delete:
		op = '-'
	case plan.Update:
	}
	v.coloured(op, string(op)+" "+text)
}

// counts sums a long plan up: by verb and kind, and by namespace.
func (v *view) counts(p plan.Plan) {
	kinds, places := map[string]int{}, map[string]int{}
	for _, s := range p.Steps {
		object := target(s)
		kinds[string(s.Verb)+" "+strings.ToLower(object.GetKind())]++
		places[object.GetNamespace()]++
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		verb, noun, _ := strings.Cut(kind, " ")
		v.line("  %s %s", verb, plural(kinds[kind], noun))
	}
	delete(places, "")
	names := slices.Sorted(maps.Keys(places))
	for i, name := range names {
		names[i] = fmt.Sprintf("%s (%d)", name, places[name])
	}
	if len(names) > 0 {
		v.line("  in %s: %s", plural(len(names), "namespace"), list(names, mostPlaces))
	}
	v.line("the first %d:", firstSteps)
	v.steps(p.Steps[:firstSteps])
	v.line("and %d more: --preview=full shows them all", len(p.Steps)-firstSteps)
}

// target returns the object that a step is about; steps of a valid plan have one.
func target(s plan.Step) *unstructured.Unstructured {
	if s.Object != nil {
		return s.Object
	}
	return s.Old
}

// plural returns "1 change", "2 changes", "2 authorizationpolicies".
func plural(n int, noun string) string {
	if n != 1 {
		switch stem, ok := strings.CutSuffix(noun, "y"); {
		case ok:
			noun = stem + "ies"
		default:
			noun += "s"
		}
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// list joins names and cuts a long list: "a, b, c and 12 more".
func list(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
