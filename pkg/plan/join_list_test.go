package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// Lists of objects that have names of their own are joined object by object, so that several plans can change one object
// whose list has no keys, each in another entry.
func TestMergeValue(t *testing.T) {
	t.Parallel()
	const before = "[{name: a, namespaces: [v, w], spec: {s: 1}}, {name: b, namespaces: [z]}]"
	tests := map[string]struct {
		before, now, after string
		want               string // empty when they disagree
	}{
		"different entries": {
			before, "[{name: a, namespaces: [v, w], spec: {s: 2}}, {name: b, namespaces: [z]}]",
			"[{name: a, namespaces: [v, w], spec: {s: 1}}, {name: b, namespaces: [w]}]",
			"[{name: a, namespaces: [v, w], spec: {s: 2}}, {name: b, namespaces: [w]}]",
		},
		"different fields of one": {
			before, "[{name: a, namespaces: [w], spec: {s: 1}}, {name: b, namespaces: [z]}]",
			"[{name: a, namespaces: [v, w], spec: {s: 1, t: 2}}, {name: b, namespaces: [z]}]",
			"[{name: a, namespaces: [w], spec: {s: 1, t: 2}}, {name: b, namespaces: [z]}]",
		},
		"namespaces are a set": {
			before, "[{name: a, namespaces: [w], spec: {s: 1}}, {name: b, namespaces: [z]}]",
			"[{name: a, namespaces: [v], spec: {s: 1}}, {name: b, namespaces: [z, w]}]",
			"[{name: a, namespaces: [], spec: {s: 1}}, {name: b, namespaces: [z, w]}]",
		},
		"the same twice": {before, "[{name: a, spec: {s: 3}}]", "[{name: a, spec: {s: 3}}]", "[{name: a, spec: {s: 3}}]"},
		"one value, two wishes": {
			before, "[{name: a, namespaces: [v, w], spec: {s: 2}}, {name: b, namespaces: [z]}]",
			"[{name: a, namespaces: [v, w], spec: {s: 3}}, {name: b, namespaces: [z]}]", "",
		},
		"one adds, one adds": {
			before, "[{name: a, namespaces: [v, w], spec: {s: 1}}, {name: b, namespaces: [z]}, {name: c}]",
			"[{name: a, namespaces: [v, w], spec: {s: 1}}, {name: b, namespaces: [z]}, {name: d}]",
			"[{name: a, namespaces: [v, w], spec: {s: 1}}, {name: b, namespaces: [z]}, {name: c}, {name: d}]",
		},
		"one takes, one leaves": {
			before, "[{name: a, namespaces: [v, w], spec: {s: 1}}]", "[{name: a, namespaces: [v, w], spec: {s: 9}}, {name: b, namespaces: [z]}]",
			"[{name: a, namespaces: [v, w], spec: {s: 9}}]",
		},
		"one takes, one changes": {
			before, "[{name: a, namespaces: [v, w], spec: {s: 1}}]", "[{name: a, namespaces: [v, w], spec: {s: 1}}, {name: b, namespaces: [q]}]", "",
		},
		"names in the metadata":     {"[{metadata: {name: a}, value: 1}]", "[{metadata: {name: a}, value: 2}]", "[{metadata: {name: a}, value: 1}, {metadata: {name: b}}]", "[{metadata: {name: a}, value: 2}, {metadata: {name: b}}]"},
		"names that come twice":     {"[{name: a}]", "[{name: a}, {name: a, x: 1}]", "[{name: a}, {name: b}]", ""},
		"objects without names":     {"[{x: 1}]", "[{x: 2}]", "[{x: 1}, {x: 3}]", ""},
		"words that are no objects": {"[get]", "[get, list]", "[get, watch]", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := mergeValue("list", parsed(t, tt.before), parsed(t, tt.after), parsed(t, tt.now))
			if tt.want == "" {
				if ok {
					t.Errorf("they agree on %v", got)
				}
				return
			}
			if diff := cmp.Diff(parsed(t, tt.want), got); diff != "" || !ok {
				t.Errorf("ok %t (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	var out any
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
