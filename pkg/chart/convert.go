package chart

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"text/template"

	"sigs.k8s.io/yaml"
	pretty "sigs.k8s.io/yaml/goyaml.v3"
)

// conversions are the functions that Helm adds for YAML, JSON and TOML. Those that write give an empty text when they
// can't; those that read put the error into what they return.
func conversions() template.FuncMap {
	return template.FuncMap{
		"toYaml":        toYAML,
		"toYamlPretty":  toYAMLPretty,
		"fromYaml":      func(text string) map[string]any { return readMap(text, readYAML) },
		"fromYamlArray": func(text string) []any { return readList(text, readYAML) },
		"toJson":        toJSON,
		"fromJson":      func(text string) map[string]any { return readMap(text, json.Unmarshal) },
		"fromJsonArray": func(text string) []any { return readList(text, json.Unmarshal) },
		"toToml":        func(any) (string, error) { return "", errTOML },
		"fromToml":      func(string) (map[string]any, error) { return nil, errTOML },
	}
}

var errTOML = errors.New("TOML is not supported here: render this chart with Helm")

func toYAML(value any) string {
	data, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(data), "\n")
}

func toYAMLPretty(value any) string {
	var out bytes.Buffer
	encoder := pretty.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func toJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(data)
}

func readMap(text string, unmarshal func([]byte, any) error) map[string]any {
	out := map[string]any{}
	if err := unmarshal([]byte(text), &out); err != nil {
		// The map is nil when the text is "null", which is no error.
		out["Error"] = err.Error()
	}
	return out
}

func readList(text string, unmarshal func([]byte, any) error) []any {
	out := []any{}
	if err := unmarshal([]byte(text), &out); err != nil {
		out = []any{err.Error()}
	}
	return out
}
