package chart

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// SchemaError is why values are not what values.schema.json of a chart asks for.
type SchemaError struct {
	// Chart is the name of the chart that the schema is of.
	Chart string
	// Problems says what is wrong where, at least one: "auth.configSecret.hash: want string, not number".
	Problems []string
}

// Error returns all problems in one line.
func (e *SchemaError) Error() string {
	return "values.schema.json of " + e.Chart + ": " + strings.Join(e.Problems, "; ")
}

// validate checks values against the schema of a chart, and those of the charts below it against theirs.
func (c *Chart) validate(values map[string]any) error {
	if c.Schema != nil {
		var schema any
		if err := json.Unmarshal(c.Schema, &schema); err != nil {
			return &SchemaError{Chart: c.Name, Problems: []string{"read: " + err.Error()}}
		}
		if !newScale().add(values, 0) {
			return &SchemaError{Chart: c.Name, Problems: []string{"values: " + tooHeavy().Error()}}
		}
		v := &validation{root: schema, left: new(maxSteps)}
		v.check(schema, plainValue(values), "", 0)
		if len(v.problems) > 0 {
			slices.Sort(v.problems)
			return &SchemaError{Chart: c.Name, Problems: slices.Compact(v.problems)}
		}
	}
	for _, child := range c.charts {
		if own, ok := values[child.Name].(map[string]any); ok {
			if err := child.validate(own); err != nil {
				return err
			}
		}
	}
	return nil
}

// plainValue makes all numbers float64, and so on: a value as JSON gives it.
func plainValue(value any) any {
	data, err := json.Marshal(value)
	if err != nil {
		return value
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		return value
	}
	return out
}

// maxReferences limits how deep a schema may refer to itself.
const maxReferences = 200

// validation checks values against a schema: the keywords of JSON Schema, drafts 4 to 2020-12, that charts use. Others
// are passed over: contains, dependentSchemas, unevaluatedProperties, format.
type validation struct {
	root     any
	problems []string
	// left counts down what is still to be looked at before a schema is held to have no end.
	left *int
}

func (v *validation) fail(path, format string, args ...any) {
	if path == "" {
		path = "values"
	}
	v.problems = append(v.problems, path+": "+fmt.Sprintf(format, args...))
}

// passes says whether a value is what a schema asks for.
func (v *validation) passes(schema, value any, depth int) bool {
	inner := &validation{root: v.root, left: v.left}
	inner.check(schema, value, "", depth)
	return len(inner.problems) == 0
}

func (v *validation) check(schema, value any, path string, depth int) {
	if *v.left--; depth > maxReferences || *v.left < 0 {
		v.fail(path, "the schema refers to itself without end")
		return
	}
	s, ok := schema.(map[string]any)
	if !ok {
		if schema == false {
			v.fail(path, "not allowed")
		}
		return
	}
	if reference, ok := s["$ref"].(string); ok {
		target, err := v.resolve(reference)
		if err != nil {
			v.fail(path, "%v", err)
			return
		}
		v.check(target, value, path, depth+1)
	}
	v.checkAny(s, value, path)
	switch value := value.(type) {
	case map[string]any:
		v.checkMap(s, value, path, depth)
	case []any:
		v.checkList(s, value, path, depth)
	case string:
		v.checkText(s, value, path)
	case float64:
		v.checkNumber(s, value, path)
	}
	v.checkCombined(s, value, path, depth)
}

// resolve finds what "#/definitions/x" refers to.
func (v *validation) resolve(reference string) (any, error) {
	pointer, ok := strings.CutPrefix(reference, "#")
	if !ok {
		return nil, fmt.Errorf("the schema refers to %q: only references within the file are followed", reference)
	}
	found := v.root
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if part == "" {
			continue
		}
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch at := found.(type) {
		case map[string]any:
			found, ok = at[part]
		case []any:
			i, err := strconv.Atoi(part)
			if ok = err == nil && i >= 0 && i < len(at); ok {
				found = at[i]
			}
		default:
			ok = false
		}
		if !ok {
			return nil, fmt.Errorf("the schema refers to %q, which is not there", reference)
		}
	}
	return found, nil
}

// checkAny checks what holds for values of any type.
func (v *validation) checkAny(s map[string]any, value any, path string) {
	if types := texts(s["type"]); len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return isType(value, t) }) {
		v.fail(path, "want %s, not %s", strings.Join(types, " or "), typeName(value))
	}
	if allowed, ok := s["enum"].([]any); ok && !slices.ContainsFunc(allowed, func(a any) bool { return reflect.DeepEqual(a, value) }) {
		v.fail(path, "want one of %s", toJSON(allowed))
	}
	if want, ok := s["const"]; ok && !reflect.DeepEqual(want, value) {
		v.fail(path, "want %s", toJSON(want))
	}
}

// texts returns a text or a list of texts as a list.
func texts(value any) []string {
	var out []string
	switch value := value.(type) {
	case string:
		out = append(out, value)
	case []any:
		for _, element := range value {
			if text, ok := element.(string); ok {
				out = append(out, text)
			}
		}
	}
	return out
}

func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		return "number"
	case []any:
		return "array"
	}
	return "object"
}

func isType(value any, name string) bool {
	if n, ok := value.(float64); ok && name == "integer" {
		return n == math.Trunc(n)
	}
	return typeName(value) == name
}

func (v *validation) checkText(s map[string]any, value, path string) {
	size := float64(utf8.RuneCountInString(value))
	v.checkSize(s, "Length", size, path)
	if pattern, ok := s["pattern"].(string); ok {
		if matches, err := regexp.MatchString(pattern, value); err != nil {
			v.fail(path, "the schema has a pattern that can't be read: %v", err)
		} else if !matches {
			v.fail(path, "does not match %s", pattern)
		}
	}
}

// checkSize checks "minItems" and "maxItems" and the like.
func (v *validation) checkSize(s map[string]any, what string, size float64, path string) {
	if least, ok := s["min"+what].(float64); ok && size < least {
		v.fail(path, "min%s is %v, not %v", what, least, size)
	}
	if most, ok := s["max"+what].(float64); ok && size > most {
		v.fail(path, "max%s is %v, not %v", what, most, size)
	}
}

func (v *validation) checkNumber(s map[string]any, value float64, path string) {
	least, hasLeast := s["minimum"].(float64)
	most, hasMost := s["maximum"].(float64)
	// Draft 4 says with a boolean that the limit itself is not allowed, later ones give another limit.
	above, hasAbove := s["exclusiveMinimum"].(float64)
	below, hasBelow := s["exclusiveMaximum"].(float64)
	switch {
	case hasLeast && (value < least || value == least && s["exclusiveMinimum"] == true),
		hasMost && (value > most || value == most && s["exclusiveMaximum"] == true),
		hasAbove && value <= above, hasBelow && value >= below:
		v.fail(path, "%v is out of range", value)
	}
	if unit, ok := s["multipleOf"].(float64); ok && unit > 0 && math.Abs(value/unit-math.Round(value/unit)) > 1e-9 {
		v.fail(path, "%v is no multiple of %v", value, unit)
	}
}
