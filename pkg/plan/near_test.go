package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

func TestNear(t *testing.T) {
	t.Parallel()
	lines := func(text string) []plan.DiffLine {
		var out []plan.DiffLine
		for line := range strings.SplitSeq(text, "|") {
			out = append(out, plan.DiffLine{Op: rune(line[0]), Text: line[1:]})
		}
		return out
	}
	tests := map[string]struct{ in, want string }{
		"all new":   {"+a|+b", "+a|+b"},
		"in middle": {" 1| 2| 3| 4| 5|-6|+7| 8| 9| a| b| c", " ...| 3| 4| 5|-6|+7| 8| 9| a| ..."},
		"short":     {" 1|-2|+3| 4", " 1|-2|+3| 4"},
		"two":       {"+1| 2| 3| 4| 5| 6| 7| 8| 9|+a", "+1| 2| 3| 4| ...| 7| 8| 9|+a"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(lines(tt.want), plan.Change{Lines: lines(tt.in)}.Near(3)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
