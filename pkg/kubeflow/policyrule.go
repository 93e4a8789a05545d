package kubeflow

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// rule is a rule of a policy. Istio lets a request in that comes from one of the sources, goes to one of the operations
// and meets all conditions; a list that is missing does not restrict.
type rule struct {
	from, to, when bool
	sources        []source
	conditions     []clause
	operations     []map[string]any
}

// source is where a request comes from.
type source struct {
	principals []string
	// narrowed says that something besides the sender's identity is asked for.
	narrowed bool
}

// clause is a condition on an attribute of a request.
type clause struct {
	key               string
	values, notValues []string
}

// policyRules reads the rules of a policy that lets requests in. It is nil for one that turns requests away, or only
// records them.
func policyRules(policy *unstructured.Unstructured) []rule {
	if policy == nil || !LetsIn(policy) {
		return nil
	}
	spec, _ := policy.Object["spec"].(map[string]any)
	var out []rule
	for _, r := range objects(spec["rules"]) {
		var read rule
		for _, f := range objects(r["from"]) {
			fields, _ := f["source"].(map[string]any)
			s := source{principals: words(fields["principals"])}
			s.narrowed = len(fields) > 1 || len(fields) == 1 && s.principals == nil
			read.sources = append(read.sources, s)
		}
		for _, t := range objects(r["to"]) {
			fields, _ := t["operation"].(map[string]any)
			read.operations = append(read.operations, fields)
		}
		for _, w := range objects(r["when"]) {
			key, _ := w["key"].(string)
			read.conditions = append(read.conditions, clause{key: key, values: words(w["values"]), notValues: words(w["notValues"])})
		}
		read.from, read.to, read.when = len(read.sources) > 0, len(read.operations) > 0, len(read.conditions) > 0
		out = append(out, read)
	}
	return out
}

// principals are those of all sources of a rule, in their order.
func (r rule) principals() []string {
	var out []string
	for _, s := range r.sources {
		out = append(out, s.principals...)
	}
	return out
}

// isCulling reports whether the rule is the one for the notebook controller.
func (r rule) isCulling() bool {
	return len(r.operations) == 1 && slices.Equal(words(r.operations[0]["paths"]), []string{"*/api/kernels"}) &&
		len(r.principals()) == 1
}

// header returns the rule's condition on a header.
func (r rule) header() (name string, c clause, found bool) {
	for _, c := range r.conditions {
		if name, ok := headerOf(c.key); ok {
			return name, c, true
		}
	}
	return "", clause{}, false
}

// headerOf returns the name of the header that a condition is on.
func headerOf(key string) (string, bool) {
	rest, ok := strings.CutPrefix(key, headerKey)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, "]")
}

// matches says how Istio compares: a pattern is a text, a text with "*" at one end, or "*" for any that is not empty.
func matches(pattern, text string) bool {
	switch {
	case pattern == "*":
		return text != ""
	case strings.HasPrefix(pattern, "*"):
		return strings.HasSuffix(text, pattern[1:])
	case strings.HasSuffix(pattern, "*"):
		return strings.HasPrefix(text, pattern[:len(pattern)-1])
	}
	return pattern == text
}

func anyMatches(patterns []string, text string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, text) })
}

// objects returns the objects of a list, and nothing of what is no list of objects.
func objects(list any) []map[string]any {
	items, _ := list.([]any)
	var out []map[string]any
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// words returns the texts of a list, and nothing of what is no list of texts.
func words(list any) []string {
	items, _ := list.([]any)
	var out []string
	for _, item := range items {
		if text, ok := item.(string); ok {
			out = append(out, text)
		}
	}
	return out
}
