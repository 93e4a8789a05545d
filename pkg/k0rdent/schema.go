package k0rdent

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// shape is what a custom resource's schema demands of a value, as far as this kind needs it.
type shape struct {
	// fields are those of an object, items is that of an array; a shape with neither is a string, or a bool.
	fields   map[string]shape
	required []string
	items    *shape
	boolean  bool
	// filled says that a string must not be empty.
	filled bool
}

// anyText is a string, maybe empty.
var anyText = shape{}

// list returns the shape of an array.
func list(of shape) shape { return shape{items: &of} }

// typeName is the type as the API server's errors call it.
func (s shape) typeName() string {
	switch {
	case s.fields != nil:
		return "object"
	case s.items != nil:
		return "array"
	case s.boolean:
		return "boolean"
	}
	return "string"
}

// prune returns a copy of value with the fields that the shape knows, and the paths of the others. The error is what the
// API server refuses the value for: a field that is missing, or one of another type. A known field of null is dropped, so
// that it is missing where it is demanded; null as an item of an array is of no type.
func (s shape) prune(value any, path string) (known any, unknown []string, err error) {
	switch v := value.(type) {
	case map[string]any:
		if s.fields != nil {
			return s.pruneObject(v, path)
		}
	case []any:
		if s.items != nil {
			return s.pruneList(v, path)
		}
	case string:
		switch {
		case s.typeName() != "string":
		case s.filled && v == "":
			return nil, nil, fmt.Errorf("%s: it is empty", path)
		default:
			return v, nil, nil
		}
	case bool:
		if s.boolean {
			return v, nil, nil
		}
	}
	return nil, nil, fmt.Errorf("%s: it is %s, not of type %s", path, describe(value), s.typeName())
}

// pruneObject is prune for an object. The API server drops null before it validates, since no field of these kinds is
// nullable. Source: PruneNonNullableNullsWithoutDefaults in k8s.io/apiextensions-apiserver.
func (s shape) pruneObject(object map[string]any, path string) (known map[string]any, unknown []string, err error) {
	for _, name := range s.required {
		if object[name] == nil {
			return nil, nil, fmt.Errorf("%s: it is missing%s", child(path, name), otherCase(object, name))
		}
	}
	known = make(map[string]any, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		field, ok := s.fields[name]
		if !ok {
			unknown = append(unknown, child(path, name))
			continue
		}
		if object[name] == nil {
			continue
		}
		value, more, err := field.prune(object[name], child(path, name))
		if err != nil {
			return nil, nil, err
		}
		known[name], unknown = value, append(unknown, more...)
	}
	return known, unknown, nil
}

// otherCase says which field was probably meant by a name that is not there: JSON of others takes any case, and the API
// server does not.
func otherCase(object map[string]any, name string) string {
	for _, there := range slices.Sorted(maps.Keys(object)) {
		if there != name && strings.EqualFold(there, name) {
			return fmt.Sprintf(", and %q is not the same: case counts", there)
		}
	}
	return ""
}

// pruneList is prune for an array.
func (s shape) pruneList(values []any, path string) (known []any, unknown []string, err error) {
	known = make([]any, 0, len(values))
	for i, value := range values {
		value, more, err := s.items.prune(value, path+"["+strconv.Itoa(i)+"]")
		if err != nil {
			return nil, nil, err
		}
		known, unknown = append(known, value), append(unknown, more...)
	}
	return known, unknown, nil
}

// plainName is a name that needs no quotes in a path.
var plainName = pattern(`^[A-Za-z0-9_-]+$`)

// child returns the path of a field.
func child(path, name string) string {
	switch {
	case !plainName().MatchString(name):
		return fmt.Sprintf("%s[%q]", path, name)
	case path == "":
		return name
	}
	return path + "." + name
}

// withoutNulls returns a copy of an object without the fields that are null, on all levels. Items of arrays stay.
func withoutNulls(object map[string]any) map[string]any {
	out := make(map[string]any, len(object))
	for name, value := range object {
		if value != nil {
			out[name] = nullsDropped(value)
		}
	}
	return out
}

// nullsDropped is withoutNulls for any value but null.
func nullsDropped(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return withoutNulls(v)
	case []any:
		out := make([]any, 0, len(v))
		for _, item := range v {
			out = append(out, nullsDropped(item))
		}
		return out
	}
	return value
}

// describe names the type of a value as JSON has it, without the value: it may be a secret.
func describe(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "an array"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	}
	return "a number"
}
