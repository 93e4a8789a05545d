package queue

import (
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// text returns a string of an object; empty when there is none.
func text(object map[string]any, path ...string) string {
	s, _, err := unstructured.NestedString(object, path...)
	if err != nil {
		return ""
	}
	return s
}

// texts returns the strings of a list; what is none is left out.
func texts(object map[string]any, path ...string) []string {
	list, _, err := unstructured.NestedFieldNoCopy(object, path...)
	items, ok := list.([]any)
	if err != nil || !ok {
		return nil
	}
	var out []string
	for _, item := range items {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// objects returns the objects of a list; what is none is left out.
func objects(object map[string]any, path ...string) []map[string]any {
	list, _, err := unstructured.NestedFieldNoCopy(object, path...)
	items, ok := list.([]any)
	if err != nil || !ok {
		return nil
	}
	var out []map[string]any
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// quantity reads an amount, which manifests may write as a number.
func quantity(value any) (resource.Quantity, bool) {
	written := ""
	switch v := value.(type) {
	case string:
		written = v
	case int64:
		written = strconv.FormatInt(v, 10)
	case float64:
		written = strconv.FormatFloat(v, 'f', -1, 64)
	}
	q, err := resource.ParseQuantity(written)
	return q, err == nil
}

// selector reads spec.namespaceSelector; nil when there is none, or none that can be read.
func selector(object map[string]any) labels.Selector {
	found, ok, err := unstructured.NestedMap(object, "spec", "namespaceSelector")
	if err != nil || !ok {
		return nil
	}
	var written metav1.LabelSelector
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found, &written); err != nil {
		return nil
	}
	read, err := metav1.LabelSelectorAsSelector(&written)
	if err != nil {
		return nil
	}
	return read
}
