package k0rdent

import (
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// Labelled is what choosing by name or by labels needs of an object: of a namespace, or of a ClusterAuthentication.
type Labelled struct {
	Name   string
	Labels map[string]string
}

// matcher chooses objects, in one of the ways that AccessManagement has.
type matcher struct {
	// listed says that names are chosen, be there such objects or not.
	listed bool
	names  []string
	// selector is nil when everything is chosen.
	selector labels.Selector
}

// choose returns the names of what is chosen, sorted, each once.
func (m matcher) choose(objects []Labelled) []string {
	chosen := map[string]bool{}
	if m.listed {
		for _, name := range m.names {
			chosen[name] = true
		}
		return sortedKeys(chosen)
	}
	for _, o := range objects {
		if m.selector == nil || m.selector.Matches(labels.Set(o.Labels)) {
			chosen[o.Name] = true
		}
	}
	return sortedKeys(chosen)
}

// readMatcher reads stringSelector, selector, and a list of names from an object. A list wins over a stringSelector, and
// that over a selector; the API server takes one of them only. Errors begin with the rest of the path.
func readMatcher(object map[string]any, list string) (matcher, error) {
	names, err := namesAt(object, list)
	if err != nil {
		return matcher{}, err
	}
	m := matcher{listed: names != nil, names: names}
	text, ok := object["stringSelector"]
	if ok {
		query, isText := text.(string)
		if !isText {
			return matcher{}, fmt.Errorf(".stringSelector: it is %s, not of type string", describe(text))
		}
		selector, err := labels.Parse(query)
		if err != nil {
			return matcher{}, fmt.Errorf(".stringSelector: %w", err)
		}
		if query != "" {
			m.selector = selector
			return m, nil
		}
	}
	value, ok := object["selector"]
	if !ok {
		return m, nil
	}
	raw, ok := value.(map[string]any)
	if !ok {
		return matcher{}, fmt.Errorf(".selector: it is %s, not of type object", describe(value))
	}
	var in metav1.LabelSelector
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &in); err != nil {
		return matcher{}, fmt.Errorf(".selector: %w", err)
	}
	if m.selector, err = metav1.LabelSelectorAsSelector(&in); err != nil {
		return matcher{}, fmt.Errorf(".selector: %w", err)
	}
	return m, nil
}

// namesAt returns a list of names; nil when there is none, empty when it is. Errors begin with the rest of the path.
func namesAt(object map[string]any, field string) ([]string, error) {
	values, err := listAt(object, field)
	if err != nil {
		return nil, fmt.Errorf(".%w", err)
	}
	if values == nil {
		return nil, nil
	}
	names := make([]string, 0, len(values))
	for i, value := range values {
		name, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf(".%s[%d]: it is %s, not of type string", field, i, describe(value))
		}
		names = append(names, name)
	}
	return names, nil
}

// listAt returns the list at a path; nil when there is none. Errors begin with the path.
func listAt(object map[string]any, path ...string) ([]any, error) {
	at := ""
	for i, field := range path {
		at = child(at, field)
		value, ok := object[field]
		if !ok {
			return nil, nil
		}
		if i == len(path)-1 {
			values, ok := value.([]any)
			if !ok {
				return nil, fmt.Errorf("%s: it is %s, not of type array", at, describe(value))
			}
			return values, nil
		}
		if object, ok = value.(map[string]any); !ok {
			return nil, fmt.Errorf("%s: it is %s, not of type object", at, describe(value))
		}
	}
	return nil, nil
}

// sortedKeys returns the members of a set, never nil.
func sortedKeys(set map[string]bool) []string {
	return append([]string{}, slices.Sorted(maps.Keys(set))...)
}
