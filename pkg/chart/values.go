package chart

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// global is the key of values that all charts below see.
const global = "global"

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// copied copies maps and lists as deep as they go.
func copied(value any) any {
	switch value := value.(type) {
	case map[string]any:
		return copiedMap(value)
	case []any:
		out := make([]any, len(value))
		for i, element := range value {
			out[i] = copied(element)
		}
		return out
	}
	return value
}

func copiedMap(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		out[key] = copied(value)
	}
	return out
}

// coalesce puts the values of a chart and of the charts below it under given ones, which win and are changed: a null
// among them takes a default of the chart away.
func (c *Chart) coalesce(given map[string]any) error {
	for key, value := range copiedMap(c.Values) {
		have, ok := given[key]
		switch have := have.(type) {
		case nil:
			if ok {
				delete(given, key)
			} else {
				given[key] = value
			}
		case map[string]any:
			if table, ok := value.(map[string]any); ok {
				overlay(have, table, c.has(key))
			}
		}
	}
	// Each chart below gets its own globals, so that few make many.
	s := newScale()
	if !s.add(given[global], 0) || (maxText-s.left)*c.descendants() > 4*maxText {
		return fmt.Errorf("values: %s: too much for %d charts below", global, c.descendants())
	}
	for _, child := range c.charts {
		if _, ok := given[child.Name]; !ok {
			given[child.Name] = map[string]any{}
		}
		own, ok := given[child.Name].(map[string]any)
		if !ok {
			return fmt.Errorf("values: %s: a chart below is named so: want a map, not %T", child.Name, given[child.Name])
		}
		passGlobals(own, given)
		if err := child.coalesce(own); err != nil {
			return err
		}
	}
	return nil
}

// descendants returns how many charts are below one.
func (c *Chart) descendants() int {
	count := len(c.charts)
	for _, child := range c.charts {
		count += child.descendants()
	}
	return count
}

// has says whether a chart directly below has a name.
func (c *Chart) has(name string) bool {
	return slices.ContainsFunc(c.charts, func(child *Chart) bool { return child.Name == name })
}

// overlay puts defaults under values. A null among the values takes a default away, or, with keep, stays for a chart
// below.
func overlay(values, defaults map[string]any, keep bool) {
	for key, value := range defaults {
		have, ok := values[key]
		switch {
		case !ok:
			values[key] = value
		case have == nil && value != nil && !keep:
			delete(values, key)
		default:
			table, first := have.(map[string]any)
			under, second := value.(map[string]any)
			if first && second {
				overlay(table, under, keep)
			}
		}
	}
}

// passGlobals gives the globals of values to those of a chart below, where the globals of the chart above win.
func passGlobals(own, values map[string]any) {
	globals, ok := table(values, global)
	if !ok {
		return
	}
	below, ok := table(own, global)
	if !ok {
		return
	}
	for key, value := range globals {
		have, there := below[key]
		haveTable, isTable := have.(map[string]any)
		passed, passTable := value.(map[string]any)
		switch {
		case passTable && !there:
			below[key] = maps.Clone(passed)
		case passTable && isTable:
			// Flat, as Helm does it: what is deeper is shared with the chart above.
			passed = maps.Clone(passed)
			overlay(passed, haveTable, true)
			below[key] = passed
		case !passTable && !isTable:
			below[key] = value
		}
	}
	own[global] = below
}

// table returns the map at a key, a new one when there is nothing, and false when there is something else.
func table(values map[string]any, key string) (map[string]any, bool) {
	value, ok := values[key]
	if !ok {
		return map[string]any{}, true
	}
	found, ok := value.(map[string]any)
	return found, ok
}

// withoutNulls returns a copy of a map without the keys whose value is null, as deep as maps go.
func withoutNulls(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		switch value := value.(type) {
		case nil:
		case map[string]any:
			out[key] = withoutNulls(value)
		default:
			out[key] = value
		}
	}
	return out
}
