package queueaccess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// explanation is the JSON form of the answer.
type explanation struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Work       struct {
		Kind      string `json:"kind"`
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"work"`
	Status     string `json:"status,omitempty"`
	Queue      string `json:"queue,omitempty"`
	LocalQueue string `json:"localQueue,omitempty"`
	Submitter  string `json:"submitter,omitempty"`
	// InTheWay says that something is; Reason, Message and Next are of the first.
	InTheWay bool         `json:"inTheWay"`
	Reason   queue.Reason `json:"reason,omitempty"`
	Message  string       `json:"message,omitempty"`
	Next     []string     `json:"next,omitempty"`
	// Complete says that nothing is unknown.
	Complete bool         `json:"complete"`
	Steps    []queue.Step `json:"steps"`
}

func viewWhy(e *queue.Explanation) explanation {
	out := explanation{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "QueueExplanation", Status: e.Status, Queue: e.Queue, LocalQueue: e.LocalQueue,
		Submitter: e.Submitter, Complete: len(e.Unknown()) == 0, Steps: e.Steps,
	}
	out.Work.Kind, out.Work.Namespace, out.Work.Name = singular(e.Work.Kind), e.Work.Namespace, e.Work.Name
	if first := e.First(); first != nil {
		out.InTheWay, out.Reason, out.Message, out.Next = true, first.Reason, first.Text, first.Next
	}
	return out
}

// offline has the commands that help read the manifests that were read: pasted as they are, they would be about the cluster of
// the kubeconfig, which may be another one. Those that write are tried then. What is on stdin can't be read again.
func offline(e *queue.Explanation, sources []string) {
	if slices.Contains(sources, "-") {
		return
	}
	words := make([]string, 0, len(sources))
	for _, source := range sources {
		words = append(words, " --from "+shell.Word(source))
	}
	from := strings.Join(words, "")
	for i := range e.Steps {
		step := &e.Steps[i]
		step.Next = slices.Clone(step.Next)
		for k, command := range step.Next {
			switch {
			case strings.HasPrefix(command, "kubectl queueaccess grant "), strings.HasSuffix(command, " --fix"):
				step.Next[k] += " --dry-run=client" + from
			case strings.HasPrefix(command, "kubectl queueaccess "), strings.HasPrefix(command, "kubectl whocan "):
				step.Next[k] += from
			}
		}
	}
}

func singular(kind inventory.Kind) string { return strings.TrimSuffix(string(kind), "s") }

// whyLines are the answer in words: the reason, what helps, and the steps.
func whyLines(e *queue.Explanation) []string {
	head := fmt.Sprintf("%s/%s in %s", singular(e.Work.Kind), e.Work.Name, e.Work.Namespace)
	first := e.First()
	var out []string
	switch unknown := e.Unknown(); {
	case first != nil && first.Reason == queue.MayNotSubmit:
		out = append(out, head+": "+first.Text)
	case first != nil && first.Standing == queue.Waits:
		out = append(out, head+" waits: "+first.Text)
	case first != nil:
		out = append(out, head+" does not run: "+first.Text)
	case e.Status == "" && rightsOf(e).Standing == queue.Passed: // there is nothing else to be asked about
		out = append(out, head+": "+rightsOf(e).Text)
	case len(unknown) > 0:
		out = append(out, fmt.Sprintf("%s: nothing is known to be in the way, and %d of %d steps are not known", head, len(unknown), len(e.Steps)))
	default:
		out = append(out, head+": nothing is in the way")
	}
	if first != nil {
		if first.Said != "" {
			out = append(out, "  said: "+first.Said)
		}
		for _, next := range first.Next {
			out = append(out, "  next: "+next)
		}
		before := 0
		for i := range e.Steps[:slices.IndexFunc(e.Steps, func(s queue.Step) bool { return s.Stage == first.Stage })] {
			if e.Steps[i].Standing == queue.Unknown {
				before++
			}
		}
		if before > 0 {
			out = append(out, fmt.Sprintf("  note: of the steps before that %d are not known", before))
		}
	}
	width := 0
	for _, step := range e.Steps {
		width = max(width, len(step.Stage))
	}
	out = append(out, "steps")
	for _, step := range e.Steps {
		out = append(out, strings.TrimRight(fmt.Sprintf("  %-*s  %-7s  %s", width, step.Stage, step.Standing, step.Text), " "))
		if step.Missing != nil {
			out = append(out, fmt.Sprintf("  %-*s           missing is %s", width, "", ruleIn(step)))
		}
	}
	return slices.Clip(out)
}

// rightsOf is the step about the rights of the submitter.
func rightsOf(e *queue.Explanation) queue.Step {
	i := slices.IndexFunc(e.Steps, func(s queue.Step) bool { return s.Stage == queue.StageRights })
	if i < 0 {
		return queue.Step{}
	}
	return e.Steps[i]
}

func ruleIn(step queue.Step) string {
	rule := rbac.RuleText(step.Missing)
	if step.MissingIn == "" {
		return rule
	}
	return rule + " in " + step.MissingIn
}
