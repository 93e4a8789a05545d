package helm

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/chart"
)

// TestExamples renders the charts of examples/charts without auth values, and with those that k0rdent sets.
func TestExamples(t *testing.T) {
	t.Parallel()
	const charts = "../../examples/charts"
	entries, err := os.ReadDir(charts)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"without":        "{}",
		"with":           "{auth: {configSecret: {name: n-auth-config, key: config, hash: 3f7b8627}}}",
		"with anonymous": "{auth: {configWithAnon: true, configSecret: {name: n, key: config, hash: \"12345678\"}}, k0s: {version: v1, api: {extraArgs: {b: c, a: \"1\"}}}, audit: {configMap: {name: x, key: y}}}",
		"wrong type":     "{auth: {configSecret: {name: n, key: config, hash: 12345678}}}",
		"null":           "{auth: null}",
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		for name, values := range tests {
			t.Run(entry.Name()+" "+name, func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(charts, entry.Name())
				_, refused := byHelm(dir, read(t, values))
				same(t, dir, values, refused != nil)
			})
		}
	}
}

// TestSchemas compares what both say of random values and random schemas.
func TestSchemas(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 15)) // the same values each time
	refused := 0
	for i := range 3000 {
		schema, values := randomSchema(random, 3), map[string]any{"a": randomValue(random, 2), "b": randomValue(random, 2)}
		text, err := yaml.Marshal(map[string]any{"properties": map[string]any{"a": schema}, "required": []string{"a"}})
		if err != nil {
			t.Fatal(err)
		}
		json, err := yaml.YAMLToJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		want := chartutil.ValidateAgainstSingleSchema(values, json)
		c := &chart.Chart{Name: "x", Schema: json}
		got := c.Validate(chart.Options{Values: values})
		if (want == nil) != (got == nil) {
			t.Fatalf("%d: schema %s\nvalues %v\nHelm: %v\n  we: %v", i, json, values, want, got)
		}
		if want != nil {
			refused++
		}
	}
	if refused < 500 || refused > 2500 {
		t.Errorf("%d of 3000 values were refused: the schemas say too little", refused)
	}
}

func randomValue(r *rand.Rand, depth int) any {
	kinds := 8
	if depth == 0 {
		kinds = 6
	}
	switch r.IntN(kinds) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return float64(r.IntN(5))
	case 3:
		return 1.5
	case 4, 5:
		return []string{"", "a", "ab", "é", "b1"}[r.IntN(5)]
	case 6:
		out := []any{}
		for range r.IntN(4) {
			out = append(out, randomValue(r, depth-1))
		}
		return out
	}
	out := map[string]any{}
	for _, key := range []string{"x", "y", "z1"} {
		if r.IntN(2) == 0 {
			out[key] = randomValue(r, depth-1)
		}
	}
	return out
}

func randomSchema(r *rand.Rand, depth int) any {
	if r.IntN(12) == 0 {
		return r.IntN(3) > 0
	}
	out := map[string]any{}
	types := []any{"null", "boolean", "number", "integer", "string", "array", "object"}
	simple := []func(){
		func() { out["type"] = types[r.IntN(len(types))] },
		func() { a := r.IntN(3); out["type"] = []any{types[a], types[a+1+r.IntN(3)]} },
		func() { out["enum"] = []any{randomValue(r, 1), "other-" + strconv.Itoa(r.IntN(3))} },
		func() { out["const"] = randomValue(r, 1) },
		func() { out["minLength"], out["maxLength"] = r.IntN(2), 1+r.IntN(2) },
		func() { out["pattern"] = []string{"^a", "[0-9]$", "."}[r.IntN(3)] },
		func() { out["minimum"], out["exclusiveMaximum"] = r.IntN(3), 2+r.IntN(3) },
		func() { out["multipleOf"] = []float64{0.5, 1, 2}[r.IntN(3)] },
		func() { out["minItems"], out["maxItems"], out["uniqueItems"] = r.IntN(2), 1+r.IntN(3), r.IntN(2) == 0 },
		func() { out["required"] = []any{[]string{"x", "y"}[r.IntN(2)]} },
		func() { out["minProperties"], out["maxProperties"] = r.IntN(2), 1+r.IntN(2) },
		func() { out["dependentRequired"] = map[string]any{"x": []any{"y"}} },
	}
	inner := func() any { return randomSchema(r, depth-1) }
	nested := []func(){
		func() { out["properties"] = map[string]any{"x": inner(), "y": inner()} },
		func() { out["additionalProperties"] = inner(); out["properties"] = map[string]any{"x": true} },
		func() { out["patternProperties"] = map[string]any{"[0-9]$": inner()} },
		func() { out["propertyNames"] = map[string]any{"maxLength": 1} },
		func() { out["items"] = inner() },
		func() { out["prefixItems"] = []any{inner(), inner()} },
		func() { out["allOf"] = []any{inner(), inner()} },
		func() { out["anyOf"] = []any{inner(), inner()} },
		func() { out["oneOf"] = []any{inner(), inner()} },
		func() { out["not"] = inner() },
		func() { out["if"], out["then"], out["else"] = inner(), inner(), inner() },
	}
	for range 1 + r.IntN(2) {
		if depth > 0 && r.IntN(2) == 0 {
			nested[r.IntN(len(nested))]()
			continue
		}
		simple[r.IntN(len(simple))]()
	}
	return out
}
