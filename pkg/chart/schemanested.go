package chart

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
)

// checkMap checks the keys of a map and what is under them.
func (v *validation) checkMap(s, value map[string]any, path string, depth int) {
	v.checkSize(s, "Properties", float64(len(value)), path)
	for _, name := range texts(s["required"]) {
		if _, ok := value[name]; !ok {
			v.fail(below(path, name), "missing")
		}
	}
	properties, _ := s["properties"].(map[string]any)
	patterns, _ := s["patternProperties"].(map[string]any)
	for _, key := range sortedKeys(value) {
		known := false
		if schema, ok := properties[key]; ok {
			known = true
			v.check(schema, value[key], below(path, key), depth+1)
		}
		for _, pattern := range sortedKeys(patterns) {
			if matches, err := regexp.MatchString(pattern, key); err == nil && matches {
				known = true
				v.check(patterns[pattern], value[key], below(path, key), depth+1)
			}
		}
		if schema, ok := s["additionalProperties"]; ok && !known {
			v.check(schema, value[key], below(path, key), depth+1)
		}
		if schema, ok := s["propertyNames"]; ok && !v.passes(schema, key, depth+1) {
			v.fail(below(path, key), "not a name that is allowed")
		}
	}
	v.checkDependencies(s, value, path, depth)
}

// checkDependencies checks which keys ask for other ones.
func (v *validation) checkDependencies(s, value map[string]any, path string, depth int) {
	for _, keyword := range []string{"dependencies", "dependentRequired"} {
		all, _ := s[keyword].(map[string]any)
		for _, key := range sortedKeys(all) {
			if _, ok := value[key]; !ok {
				continue
			}
			if _, isList := all[key].([]any); !isList {
				v.check(all[key], value, path, depth+1)
				continue
			}
			for _, name := range texts(all[key]) {
				if _, ok := value[name]; !ok {
					v.fail(below(path, name), "missing, though %s is there", key)
				}
			}
		}
	}
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// checkList checks the elements of a list.
func (v *validation) checkList(s map[string]any, value []any, path string, depth int) {
	v.checkSize(s, "Items", float64(len(value)), path)
	// Drafts before 2020-12 have a list under "items" where later ones have "prefixItems", and "additionalItems" where
	// they have "items".
	first, rest := s["prefixItems"], s["items"]
	if list, ok := rest.([]any); ok {
		first, rest = list, s["additionalItems"]
	}
	tuple, _ := first.([]any)
	for i, element := range value {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case i < len(tuple):
			v.check(tuple[i], element, at, depth+1)
		case rest != nil:
			v.check(rest, element, at, depth+1)
		}
		if s["uniqueItems"] == true && slices.ContainsFunc(value[:i], func(other any) bool { return reflect.DeepEqual(other, element) }) {
			v.fail(at, "is in the list twice")
		}
	}
}

// checkCombined checks schemas made of schemas.
func (v *validation) checkCombined(s map[string]any, value any, path string, depth int) {
	all, _ := s["allOf"].([]any)
	for _, schema := range all {
		v.check(schema, value, path, depth+1)
	}
	passing := func(keyword string) (passed int, there bool) {
		schemas, there := s[keyword].([]any)
		for _, schema := range schemas {
			if v.passes(schema, value, depth+1) {
				passed++
			}
		}
		return passed, there
	}
	if passed, there := passing("anyOf"); there && passed == 0 {
		v.fail(path, "is none of what the schema allows (anyOf)")
	}
	if passed, there := passing("oneOf"); there && passed != 1 {
		v.fail(path, "is not exactly one of what the schema allows (oneOf)")
	}
	if schema, ok := s["not"]; ok && v.passes(schema, value, depth+1) {
		v.fail(path, "is what the schema forbids (not)")
	}
	if condition, ok := s["if"]; ok {
		branch := "else"
		if v.passes(condition, value, depth+1) {
			branch = "then"
		}
		if schema, ok := s[branch]; ok {
			v.check(schema, value, path, depth+1)
		}
	}
}
