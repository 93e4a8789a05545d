package judge

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// Once leaves out what two domains tell of the same object: that a grant of a queue is past its end, or that its end can't be
// read. It is a role binding to those who judge members (GH001, GH004), and to those who judge queues a grant with a role of
// its own (QA108), so that theirs stays, unless the other alone has a fix. The slice is used.
func Once(found []finding.Finding) []finding.Finding {
	grants := map[string]bool{}
	for i := range found {
		if found[i].ID == "QA108" {
			grants[found[i].Object] = found[i].Fix != nil
		}
	}
	return slices.DeleteFunc(found, func(f finding.Finding) bool {
		fixed, told := grants[f.Object]
		return told && (f.ID == "GH001" || f.ID == "GH004") && (fixed || f.Fix == nil)
	})
}
