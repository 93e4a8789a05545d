package change

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// result is one step as it is reported.
type result struct {
	step plan.Step
	// word is kubectl's: created, configured, deleted, unchanged.
	word string
	// object is as it is now, or would be; nil for one that is gone.
	object *unstructured.Unstructured
}

// printPlanned reports a plan that was not carried out, with the objects as the server would store them where it was
// asked.
func (o *Options) printPlanned(p plan.Plan, tried []*unstructured.Unstructured) error {
	stored := map[string]*unstructured.Unstructured{}
	for _, object := range tried {
		if object != nil {
			stored[identity(object)] = object
		}
	}
	results := make([]result, 0, len(p.Steps))
	for _, s := range p.Steps {
		r := result{step: s, word: planned(s)}
		if s.Verb != plan.Delete {
			r.object = s.Object
			if object, ok := stored[identity(s.Object)]; ok && !s.Unchanged() {
				r.object = ours(s.Object, object)
			}
		}
		results = append(results, r)
	}
	suffix := ""
	switch {
	case o.ClientOnly():
		suffix = " (dry run)"
	case o.DryRun():
		suffix = " (server dry run)"
	}
	return o.print(results, suffix)
}

// planned is the result of a step that goes well.
func planned(s plan.Step) string {
	switch {
	case s.Unchanged():
		return string(plan.AsWanted)
	case s.Verb == plan.Create:
		return string(plan.Created)
	case s.Verb == plan.Delete:
		return string(plan.Deleted)
	}
	return string(plan.Configured)
}

// printOutcome reports the steps that are done, in the order of the plan.
func (o *Options) printOutcome(p plan.Plan, outcome plan.Outcome) error {
	done := map[string][]plan.StepOutcome{}
	for _, unit := range outcome.Units {
		for _, s := range unit.Steps {
			key := stepKey(s.Step)
			done[key] = append(done[key], s)
		}
	}
	var results []result
	for _, s := range p.Steps {
		key := stepKey(s)
		if len(done[key]) == 0 {
			continue
		}
		became := done[key][0]
		done[key] = done[key][1:]
		switch became.Result {
		case plan.Created, plan.Configured, plan.Deleted, plan.AsWanted:
		case plan.Failed, plan.TakenBack, plan.Doubtful, plan.NotStarted:
			continue
		}
		r := result{step: s, word: string(became.Result)}
		if s.Verb != plan.Delete {
			r.object = s.Object
			if became.Object != nil {
				r.object = ours(s.Object, became.Object)
			}
		}
		results = append(results, r)
	}
	return o.print(results, "")
}

// print writes results to the data stream as -o asks for.
func (o *Options) print(results []result, suffix string) error {
	switch o.output {
	case "":
		return o.printLines(results, func(r result, place string) string {
			return resource(target(r.step)) + " " + r.word + place + suffix
		})
	case printer.Name:
		return o.printLines(results, func(r result, _ string) string { return resource(target(r.step)) })
	}
	var steps []plan.Step
	gone := 0
	for _, r := range results {
		if r.object == nil {
			gone++
			continue
		}
		steps = append(steps, plan.Step{Verb: plan.Create, Object: r.object})
	}
	if gone > 0 {
		o.env.Notef("note: %s not printed: there is no manifest for what is deleted", plural(gone, "delete"))
	}
	return o.PrintObjects(plan.Plan{Steps: steps}.Manifests())
}

// printLines writes a line for each result. The namespace is named where there are several, as names repeat then.
func (o *Options) printLines(results []result, text func(r result, place string) string) error {
	places := map[string]bool{}
	for _, r := range results {
		if ns := target(r.step).GetNamespace(); ns != "" {
			places[ns] = true
		}
	}
	var out bytes.Buffer
	for _, r := range results {
		place := ""
		if ns := target(r.step).GetNamespace(); ns != "" && len(places) > 1 {
			place = " in " + ns
		}
		out.WriteString(printer.Escape(text(r, place)) + "\n")
	}
	if _, err := o.env.Out.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// PrintObjects writes objects to the data stream as -o asks for, and as YAML without it or with -o name.
func (o *Options) PrintObjects(objects []*unstructured.Unstructured) error {
	format := printer.YAML
	if o.output == printer.JSON {
		format = printer.JSON
	}
	return PrintObjects(o.env.Out, format, objects)
}

// PrintObjects writes objects as YAML documents, or as one JSON document, a list unless there is one object. The format
// is "yaml" or "json".
func PrintObjects(to io.Writer, format string, objects []*unstructured.Unstructured) error {
	p, err := printer.NewFlags(format).ToPrinter()
	if err != nil {
		return err
	}
	if format == printer.JSON && len(objects) != 1 {
		items := make([]any, 0, len(objects))
		for _, object := range objects {
			items = append(items, object.Object)
		}
		return p.Print(to, printer.Report{Object: func() any {
			return map[string]any{"apiVersion": "v1", "kind": "List", "items": items}
		}})
	}
	var out bytes.Buffer
	for i, object := range objects {
		if i > 0 {
			out.WriteString("---\n")
		}
		if err := p.Print(&out, printer.Report{Object: func() any { return object.Object }}); err != nil {
			return err
		}
	}
	if _, err := to.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// resource names an object as kubectl does: "rolebinding.rbac.authorization.k8s.io/NAME".
func resource(object *unstructured.Unstructured) string {
	name := strings.ToLower(object.GetKind())
	if group := object.GroupVersionKind().Group; group != "" {
		name += "." + group
	}
	return name + "/" + object.GetName()
}

// identity tells objects apart.
func identity(object *unstructured.Unstructured) string {
	return resource(object) + " " + object.GetNamespace()
}

// stepKey tells steps apart: an object may be deleted and created anew.
func stepKey(s plan.Step) string { return string(s.Verb) + " " + identity(target(s)) }

// ours is an object as it is stored; of a Secret it has only the keys that the plan has: the others are no business of
// whoever reads the output.
func ours(planned, stored *unstructured.Unstructured) *unstructured.Unstructured {
	if stored.GetKind() != "Secret" || stored.GroupVersionKind().Group != "" {
		return stored
	}
	out := stored.DeepCopy()
	data, _, _ := unstructured.NestedMap(out.Object, "data")
	for key := range data {
		_, encoded, _ := unstructured.NestedFieldNoCopy(planned.Object, "data", key)
		_, plain, _ := unstructured.NestedFieldNoCopy(planned.Object, "stringData", key)
		if !encoded && !plain {
			unstructured.RemoveNestedField(out.Object, "data", key)
		}
	}
	annotations := out.GetAnnotations()
	delete(annotations, "kubectl.kubernetes.io/last-applied-configuration")
	out.SetAnnotations(annotations)
	return out
}
