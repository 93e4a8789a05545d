package source

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"
)

// TestContent reads values as kubectl does, which makes JSON of YAML first.
func TestContent(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"1", "-1", "+1", "0", "-0", "014", "-014", "0x10", "0b11", "1_000", "1e3", "1E3", "1.5", "-1.5e-3", "0.5", ".5", "00.5", "1.0",
		"9223372036854775807", "yes", "No", "on", "OFF", "y", `"yes"`, "'on'", "true", "True", "FALSE", "~", "null", "", "''",
		"2026-01-02", "2026-01-02T03:04:05Z", "text", `"1"`, "1Gi", "500m", "|\n  a\n  b\n", ">\n  a\n  b\n", "[1, [a], {b: c}]", "{a: {b: [~]}}",
		"08", "0o17", "1.", "-.5", "1:30", "0.", "+.5",
	} {
		text := "v: " + value + "\n"
		data, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]any
		if err := utiljson.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		node, err := (&chunk{text: []byte(text), line: 1}).parse()
		if err != nil {
			t.Fatal(err)
		}
		got, err := (&object{node: node}).content()
		if err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-kubectl +ours):\n%s", value, diff)
		}
	}
}
