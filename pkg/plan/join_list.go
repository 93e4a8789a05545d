package plan

import "slices"

// together lays the change of a field on top of what another plan has made of it, for lists that both have changed in
// different places: lists of objects that each have a name of their own are gone through object by object, and lists under
// "namespaces" are sets. It is false when both have changed the same, or nothing tells the elements apart.
func (l leaf) together(now any) (any, bool) {
	return mergeValue(l.path[len(l.path)-1], l.old, l.new, now)
}

// mergeValue returns now with what leads from before to after.
func mergeValue(field string, before, after, now any) (any, bool) {
	switch {
	case sameValue(before, after), sameValue(after, now):
		return now, true
	case sameValue(before, now):
		return after, true
	}
	if old, ok := before.(map[string]any); ok {
		changed, ok := after.(map[string]any)
		current, is := now.(map[string]any)
		if !ok || !is {
			return nil, false
		}
		return mergeMaps(old, changed, current)
	}
	old, wasNamed := elementsOf(before)
	changed, isNamed := elementsOf(after)
	current, nowNamed := elementsOf(now)
	switch {
	case wasNamed && isNamed && nowNamed:
		return mergeNamed(old, changed, current, elementNames(after), elementNames(now))
	case field == "namespaces":
		l := leaf{old: before, new: after}
		return mergedList(now, l), true
	}
	return nil, false
}

func mergeMaps(before, after, now map[string]any) (any, bool) {
	out := map[string]any{}
	for _, m := range []map[string]any{before, after, now} {
		for field := range m {
			value, ok := mergeValue(field, before[field], after[field], now[field])
			if !ok {
				return nil, false
			}
			if out[field] = value; value == nil {
				delete(out, field)
			}
		}
	}
	return out, true
}

// mergeNamed merges element by element; the order is that of now, with what is new behind it.
func mergeNamed(before, after, now map[string]any, added, order []string) (any, bool) {
	out := []any{}
	for _, name := range append(order, added...) {
		if _, there := now[name]; !there && before[name] != nil {
			if !sameValue(before[name], after[name]) {
				return nil, false
			}
			continue // the other plan has taken it away, and this one has left it as it was
		}
		value, ok := mergeValue("", before[name], after[name], now[name])
		if !ok {
			return nil, false
		}
		if value != nil && !slices.ContainsFunc(out, func(have any) bool { return nameOf(have) == name }) {
			out = append(out, value)
		}
	}
	return out, true
}

// elementsOf returns the elements of a list of objects by their names; false when one has none, or two have the same.
func elementsOf(list any) (map[string]any, bool) {
	items, ok := list.([]any)
	if !ok {
		return nil, false
	}
	out := map[string]any{}
	for _, item := range items {
		name := nameOf(item)
		if _, twice := out[name]; twice || name == "" {
			return nil, false
		}
		out[name] = item
	}
	return out, true
}

func elementNames(list any) []string {
	items, _ := list.([]any)
	out := make([]string, 0, len(items))
	for _, item := range items {
		out = append(out, nameOf(item))
	}
	return out
}

// nameOf returns the name of an element, at its top or in its metadata.
func nameOf(item any) string {
	object, ok := item.(map[string]any)
	if !ok {
		return ""
	}
	if name, ok := object["name"].(string); ok {
		return name
	}
	metadata, _ := object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return name
}
