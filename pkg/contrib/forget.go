package contrib

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// forget takes a user out of the header conditions of a contributor's policy that lets in others too, and reports whether
// that was possible. Policies without annotations are somebody's own, and stay.
func (r *room) forget(p *unstructured.Unstructured, subject rbac.Subject) bool {
	annotations := p.GetAnnotations()
	rules, found, err := unstructured.NestedSlice(p.Object, "spec", "rules")
	if err != nil || !found || !workspace.Annotated(annotations) {
		return false
	}
	changed := false
	means := func(value any) bool {
		text, ok := value.(string)
		return ok && r.anyIs(text, annotations[kubeflow.UserAnnotation], []rbac.Subject{subject})
	}
	rules = slices.DeleteFunc(rules, func(rule any) bool {
		emptied := false
		for _, values := range headerValues(rule) {
			list, ok := values["values"].([]any)
			if !ok || !slices.ContainsFunc(list, means) {
				continue
			}
			list = slices.DeleteFunc(list, means)
			values["values"], changed = list, true
			emptied = emptied || len(list) == 0
		}
		return emptied
	})
	if !changed || len(rules) == 0 {
		return false
	}
	return unstructured.SetNestedSlice(p.Object, rules, "spec", "rules") == nil
}

// headerValues returns the conditions of a rule that are about a request header.
func headerValues(rule any) []map[string]any {
	fields, ok := rule.(map[string]any)
	if !ok {
		return nil
	}
	conditions, ok := fields["when"].([]any)
	if !ok {
		return nil
	}
	var out []map[string]any
	for _, condition := range conditions {
		if m, ok := condition.(map[string]any); ok {
			if key, ok := m["key"].(string); ok && strings.HasPrefix(key, "request.headers[") {
				out = append(out, m)
			}
		}
	}
	return out
}
