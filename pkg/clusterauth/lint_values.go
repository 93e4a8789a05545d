package clusterauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/chart"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

const (
	valuesSnippet = `auth:
  configSecret:
    name: ""
    key: ""
    hash: ""`
	schemaSnippet = `"auth": {
  "type": "object",
  "properties": {
    "configSecret": {
      "type": "object",
      "properties": {"name": {"type": "string"}, "key": {"type": "string"}, "hash": {"type": "string"}}
    },
    "configWithAnon": {"type": "boolean"}
  }
}`
)

// checkValues checks that values.yaml and values.schema.json of the chart take what k0rdent sets: CT010.
func (t *lintTemplate) checkValues() {
	auth, _ := t.chart.Values["auth"].(map[string]any)
	declared, _ := auth["configSecret"].(map[string]any)
	var missing []string
	for _, name := range []string{"name", "key", "hash"} {
		if _, ok := declared[name].(string); !ok {
			missing = append(missing, "auth.configSecret."+name)
		}
	}
	if len(missing) > 0 {
		t.addAs(finding.Warning, "CT010", "", finding.Location{File: filepath.Join(t.dir, "values.yaml")},
			"values.yaml does not declare as text: "+strings.Join(missing, ", "),
			snippet("Templates that ask for them fail where they are not there, and who reads values.yaml does not learn of them. Write", valuesSnippet))
	}
	if t.chart.Schema == nil {
		return
	}
	t.checkSchema()
	t.checkForbidden()
}

// checkSchema checks what the schema says of the values.
func (t *lintTemplate) checkSchema() {
	at := finding.Location{File: filepath.Join(t.dir, "values.schema.json")}
	var schema map[string]any
	if err := json.Unmarshal(t.chart.Schema, &schema); err != nil {
		t.add("CT010", "", at, "values.schema.json can't be read: "+err.Error(), "Helm refuses the chart.")
		return
	}
	node := schema
	var missing []string
	for _, key := range []string{"auth", "configSecret"} {
		node = property(schema, node, key)
	}
	for _, name := range []string{"name", "key", "hash"} {
		if kind := property(schema, node, name)["type"]; kind != "string" {
			missing = append(missing, "auth.configSecret."+name)
		}
	}
	if len(missing) > 0 {
		t.addAs(finding.Warning, "CT010", "", at, "values.schema.json does not declare as text: "+strings.Join(missing, ", "),
			snippet("Write", schemaSnippet))
	}
}

// property returns the schema of a property, one reference away at most.
func property(root, schema map[string]any, name string) map[string]any {
	properties, _ := schema["properties"].(map[string]any)
	found, _ := properties[name].(map[string]any)
	reference, ok := found["$ref"].(string)
	if !ok {
		return found
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
		root, _ = root[part].(map[string]any)
	}
	return root
}

// checkForbidden checks that the schema takes the values that k0rdent sets.
func (t *lintTemplate) checkForbidden() {
	usual := t.problems(nil)
	for _, anonymous := range []bool{false, true} {
		problems := slices.DeleteFunc(t.problems(authValues(anonymous)), func(p string) bool { return slices.Contains(usual, p) })
		if len(problems) == 0 {
			continue
		}
		what := "auth.configSecret"
		if anonymous {
			what = "auth.configWithAnon"
		}
		t.add("CT010", "", finding.Location{File: filepath.Join(t.dir, "values.schema.json")},
			fmt.Sprintf("values.schema.json forbids %s: %s", what, strings.Join(problems, "; ")),
			snippet("Helm refuses the values that k0rdent sets, and the cluster is not updated any more. Write", schemaSnippet))
		return
	}
}

// problems returns what the schema has against values.
func (t *lintTemplate) problems(auth map[string]any) []string {
	err := t.chart.Validate(t.options(withAuth(t.o.Values, auth)))
	if schemaErr, ok := errors.AsType[*chart.SchemaError](err); ok {
		return schemaErr.Problems
	}
	if err != nil {
		return []string{err.Error()}
	}
	return nil
}

// checkText looks for a flag that does not exist, in what people read and in comments: it is what documentation of
// k0rdent calls authentication-config, and what they will copy.
func (t *lintTemplate) checkText() {
	const wrong = "--authentication-configuration"
	for _, name := range slices.Sorted(maps.Keys(t.chart.Files)) {
		switch path.Ext(name) {
		case ".md", ".txt", ".yaml", ".tpl", ".json":
		default:
			continue
		}
		if before, _, ok := strings.Cut(string(t.chart.Files[name]), wrong); ok {
			t.addAs(finding.Warning, "CT003", "", finding.Location{File: filepath.Join(t.dir, filepath.FromSlash(name)), Line: 1 + strings.Count(before, "\n")},
				"the text names a flag that does not exist: "+wrong, "The flag is --authentication-config, or authentication-config in extraArgs.")
		}
	}
}
