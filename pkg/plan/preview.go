package plan

import (
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Change is one step in detail.
type Change struct {
	Step Step
	// Lines are the object's YAML before and after, without what the server writes: all of it, those that stay too. They
	// hold what the cluster holds: whoever shows them escapes them. Values of Secrets are not in them, only whether they
	// are the same.
	Lines []DiffLine
}

// DiffLine is one line of YAML.
type DiffLine struct {
	// Op is ' ' for a line that stays, '+' for one that comes, '-' for one that goes.
	Op rune
	// Text is the line without its end.
	Text string
}

// Preview returns the changes of the plan in the order of its steps, without the steps that change nothing. Of an object
// that goes and was not read there are no lines.
func (p Plan) Preview() []Change {
	out := []Change{}
	for _, s := range p.Steps {
		if s.Unchanged() || s.target() == nil {
			continue
		}
		before, after := s.Old, s.Object
		switch s.Verb {
		case Create:
			before = nil
		case Delete:
			after = nil
		case Update:
		}
		out = append(out, Change{Step: s, Lines: diffLines(yamlLines(before, after, "old"), yamlLines(after, before, "new"))})
	}
	return out
}

// yamlLines writes the object as a person would have; nil is no line. Other is what it is compared with, and which says
// whether it is the old or the new one.
func yamlLines(o, other *unstructured.Unstructured, which string) []string {
	if o == nil {
		return nil
	}
	data, err := yaml.Marshal(withoutSecrets(manifest(o), other, which).Object)
	if err != nil { // no JSON, so no server could get it either
		return []string{"# not readable: " + err.Error()}
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

// withoutSecrets returns an object in which no value of a Secret can be read. Values that other, the object before or
// after, has too look alike; others look like what they are, the old or the new one.
func withoutSecrets(o, other *unstructured.Unstructured, which string) *unstructured.Unstructured {
	if o.GetKind() != "Secret" || o.GroupVersionKind().Group != "" {
		return o
	}
	o = o.DeepCopy()
	for _, field := range []string{"data", "stringData"} {
		values, found, err := unstructured.NestedMap(o.Object, field)
		if !found || err != nil {
			continue
		}
		for key, value := range values {
			hidden := "(not shown)"
			if other != nil {
				if same, _, _ := unstructured.NestedFieldNoCopy(other.Object, field, key); !reflect.DeepEqual(same, value) {
					hidden = "(not shown: the " + which + " value)"
				}
			}
			values[key] = hidden
		}
		_ = unstructured.SetNestedMap(o.Object, values, field) // what was read as a map can be written as one
	}
	return o
}

// maxCells is the largest product of lines that is compared line by line: 2,000 by 2,000 take 32 MB for a moment.
const maxCells = 4_000_000

// diffLines returns the shortest way from one text to another; what goes comes before what takes its place.
func diffLines(before, after []string) []DiffLine {
	lines := make([]DiffLine, 0, len(before)+len(after))
	add := func(op rune, texts ...string) {
		for _, text := range texts {
			lines = append(lines, DiffLine{op, text})
		}
	}
	start := 0
	for start < len(before) && start < len(after) && before[start] == after[start] {
		start++
	}
	end := 0
	for end < len(before)-start && end < len(after)-start && before[len(before)-1-end] == after[len(after)-1-end] {
		end++
	}
	add(' ', before[:start]...)
	a, b := before[start:len(before)-end], after[start:len(after)-end]
	i, j := 0, 0
	var common [][]int
	if len(a)*len(b) <= maxCells {
		common = commonLengths(a, b)
	} else {
		a, b = nil, nil // as a whole
		add('-', before[start:len(before)-end]...)
		add('+', after[start:len(after)-end]...)
	}
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			add(' ', a[i])
			i++
			j++
		case common[i+1][j] >= common[i][j+1]:
			add('-', a[i])
			i++
		default:
			add('+', b[j])
			j++
		}
	}
	add('-', a[i:]...)
	add('+', b[j:]...)
	add(' ', before[len(before)-end:]...)
	return lines
}

// commonLengths returns, for every two tails, the length of their longest common subsequence.
func commonLengths(a, b []string) [][]int {
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i, line := range slices.Backward(a) {
		for j := len(b) - 1; j >= 0; j-- {
			if line == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	return common
}
