package chart

import (
	"errors"
	"reflect"
	"text/template"
)

// merger is what merges maps into the first one, which it returns.
type merger = func(target map[string]any, sources ...map[string]any) (any, error)

// tameMerges replaces the functions that merge maps by ones that always end. The library's follow a map for ever that
// comes to hold itself while it is merged into, which takes all memory of the stack and the program with it.
func tameMerges(all template.FuncMap) {
	for loose, strict := range map[string]string{"merge": "mustMerge", "mergeOverwrite": "mustMergeOverwrite"} {
		merge, ok := all[strict].(merger)
		if !ok {
			continue
		}
		all[strict] = tame(merge)
		all[loose] = func(target map[string]any, sources ...map[string]any) (any, error) {
			out, err := tame(merge)(target, sources...)
			if _, bound := errors.AsType[*boundError](err); err != nil && !bound {
				return "", nil
			}
			return out, err
		}
	}
}

// tame merges one source after the other. Nothing goes deeper than the target was, when no map is in two places of it;
// else the source is copied, and nothing goes deeper than that.
func tame(merge merger) merger {
	return func(target map[string]any, sources ...map[string]any) (any, error) {
		for _, source := range sources {
			s := newScale()
			if !s.add(target, 0) || !s.add(source, 0) {
				return nil, tooHeavy()
			}
			if !isTree(target, map[uintptr]bool{}) {
				source = copiedMap(source)
			}
			out, err := merge(target, source)
			if err != nil {
				return nil, err
			}
			target, _ = out.(map[string]any)
		}
		return target, nil
	}
}

// isTree says that no map is in two places of a map, those in lists aside, which are not merged.
func isTree(m map[string]any, seen map[uintptr]bool) bool {
	at := reflect.ValueOf(m).Pointer()
	if seen[at] {
		return false
	}
	seen[at] = true
	for _, value := range m {
		if below, ok := value.(map[string]any); ok && !isTree(below, seen) {
			return false
		}
	}
	return true
}
