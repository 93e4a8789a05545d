package plan

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// leaf is one field that a change touches: its value before and after, nil for a field that isn't there. Maps are gone
// through; everything else, lists too, is one field.
type leaf struct {
	path     []string
	old, new any
}

// field names the leaf in messages: "metadata.annotations[role]", "subjects".
func (l leaf) field() string {
	var b strings.Builder
	for _, name := range l.path {
		switch {
		case strings.ContainsAny(name, "./"):
			b.WriteString("[" + name + "]")
		case b.Len() > 0:
			b.WriteString("." + name)
		default:
			b.WriteString(name)
		}
	}
	return b.String()
}

// leaves returns what changes between two objects, in the order of the fields' names, without what the server writes.
func leaves(old, changed *unstructured.Unstructured) []leaf {
	before, after := manifest(old).Object, manifest(changed).Object
	for _, name := range []string{"annotations", "labels"} {
		// Keys are given and taken one by one, so that a key of somebody else's is not touched.
		fill(before, name)
		fill(after, name)
	}
	return mapLeaves(nil, before, after)
}

func fill(object map[string]any, name string) {
	metadata, ok := object["metadata"].(map[string]any)
	if ok && metadata[name] == nil {
		metadata[name] = map[string]any{}
	}
}

func mapLeaves(path []string, old, changed map[string]any) []leaf {
	names := map[string]any{}
	maps.Copy(names, changed)
	maps.Copy(names, old)
	var out []leaf
	for _, name := range slices.Sorted(maps.Keys(names)) {
		at := append(slices.Clone(path), name)
		before, after := old[name], changed[name]
		beforeMap, wasMap := before.(map[string]any)
		afterMap, isMap := after.(map[string]any)
		switch {
		case wasMap && isMap:
			out = append(out, mapLeaves(at, beforeMap, afterMap)...)
		case !sameValue(before, after):
			out = append(out, leaf{path: at, old: before, new: after})
		}
	}
	return out
}

// patch returns the JSON merge patch that gives every leaf its new value, if the object has this UID and resource
// version; empty ones are left out.
func patch(changes []leaf, uid, resourceVersion string) ([]byte, error) {
	body := map[string]any{}
	for _, l := range changes {
		set(body, l.path, l.new)
	}
	if uid != "" {
		set(body, []string{"metadata", "uid"}, uid)
	}
	if resourceVersion != "" {
		set(body, []string{"metadata", "resourceVersion"}, resourceVersion)
	}
	return json.Marshal(body)
}

// set writes a value into nested maps that it makes. A nil value stays: it is how a merge patch removes.
func set(in map[string]any, path []string, value any) {
	for _, name := range path[:len(path)-1] {
		inner, ok := in[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			in[name] = inner
		}
		in = inner
	}
	in[path[len(path)-1]] = value
}

// at returns the value of a field; nil when there is none.
func at(in map[string]any, path []string) any {
	var value any = in
	for _, name := range path {
		inner, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = inner[name]
	}
	return value
}

// reversed returns the changes that take the changes back.
func reversed(changes []leaf) []leaf {
	out := make([]leaf, 0, len(changes))
	for _, l := range changes {
		out = append(out, leaf{path: l.path, old: l.new, new: l.old})
	}
	return out
}

// rebase fits changes to what the object is now. Those that are made already fall away. A field that has neither its
// old nor its new value is returned as taken: somebody else has changed it.
func rebase(changes []leaf, live *unstructured.Unstructured) (left []leaf, taken string) {
	for _, l := range changes {
		switch now := at(live.Object, l.path); {
		case sameValue(now, l.new):
		case sameValue(now, l.old):
			left = append(left, l)
		default:
			return nil, l.field()
		}
	}
	return left, ""
}
