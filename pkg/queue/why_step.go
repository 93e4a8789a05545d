package queue

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

type ownerReference = metav1.OwnerReference

// pass is a step that nothing is wrong with.
func pass(format string, args ...any) Step {
	return Step{Standing: Passed, Text: fmt.Sprintf(format, args...)}
}

// block is a step that is in the way.
func block(reason Reason, format string, args ...any) Step {
	return Step{Standing: Blocked, Reason: reason, Text: fmt.Sprintf(format, args...)}
}

// wait is a step that is in the way until something happens that is likely to.
func wait(reason Reason, format string, args ...any) Step {
	return Step{Standing: Waits, Reason: reason, Text: fmt.Sprintf(format, args...)}
}

// remark is a step that is in nobody's way, and that somebody should look at.
func remark(format string, args ...any) Step {
	return Step{Standing: Doubtful, Text: fmt.Sprintf(format, args...)}
}

// skip is a step that says nothing of this work.
func skip(format string, args ...any) Step {
	return Step{Standing: NotReached, Text: fmt.Sprintf(format, args...)}
}

// unread is a step of which nothing is known, because of a gap; nil stands for manifests that don't have it.
func unread(gap *rbac.Gap, what string) Step {
	if gap == nil {
		return Step{Standing: Unknown, Text: what + ": not among the manifests"}
	}
	step := Step{Standing: Unknown, Text: what + ": you may not read that"}
	if step.Missing = gap.Missing; step.Missing == nil {
		step.Text = what + ": " + gap.Cause
	}
	step.MissingIn = gap.Namespace
	return step
}

// says adds what Kaiwo or Kueue says.
func (s Step) says(said string) Step {
	s.Said = said
	return s
}

// next adds commands that help.
func (s Step) next(commands ...string) Step {
	s.Next = append(s.Next, commands...)
	return s
}

// conditionIn returns a condition of an object; nil when there is none.
func conditionIn(o *unstructured.Unstructured, kind string) map[string]any {
	if o == nil {
		return nil
	}
	for _, c := range objects(o.Object, "status", "conditions") {
		if text(c, "type") == kind {
			return c
		}
	}
	return nil
}

// conditionOf returns the status of a condition; empty when there is none.
func conditionOf(o *unstructured.Unstructured, kind string) string {
	return text(conditionIn(o, kind), "status")
}
