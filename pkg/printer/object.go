package printer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"text/template"
	"unicode/utf16"

	kubejson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/util/jsonpath"
	"sigs.k8s.io/yaml"
)

func printJSON(out *bytes.Buffer, r Report) error {
	if r.Object == nil {
		return missing(JSON)
	}
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "    ")
	if err := enc.Encode(r.Object()); err != nil {
		return fmt.Errorf("print json: %w", err)
	}
	writeEscapedJSON(out, raw.String())
	return nil
}

// writeEscapedJSON writes the unsafe characters that encoding/json leaves alone (DEL, C1, bidirectional, invisible) as
// \uXXXX. They can stand inside strings only, so the document stays the same to every reader of JSON.
func writeEscapedJSON(out *bytes.Buffer, doc string) {
	for _, r := range doc {
		switch {
		case r == '\n' || !unsafe(r):
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(out, `\u%04x`, r)
		}
	}
}

func printYAML(out *bytes.Buffer, r Report) error {
	if r.Object == nil {
		return missing(YAML)
	}
	doc, err := json.Marshal(r.Object())
	if err != nil {
		return fmt.Errorf("print yaml: %w", err)
	}
	if Escape(string(doc)) != string(doc) {
		// YAML writes some of these characters as they are, but every JSON document is a YAML document.
		return printJSON(out, r)
	}
	if doc, err = yaml.JSONToYAML(doc); err != nil {
		return fmt.Errorf("print yaml: %w", err)
	}
	out.Write(doc)
	return nil
}

// generic returns the report's object as JSON readers see it: maps, slices and plain values. Its texts are escaped, so
// that the lines of what a template writes are those of the template: scripts read them one by one.
func generic(format string, r Report) (any, error) {
	if r.Object == nil {
		return nil, missing(format)
	}
	doc, err := json.Marshal(r.Object())
	if err != nil {
		return nil, fmt.Errorf("print %s: %w", format, err)
	}
	var value any
	// This one reads whole numbers as int64: a float64 would show 12345678 as 1.2345678e+07.
	if err := kubejson.Unmarshal(doc, &value); err != nil {
		return nil, fmt.Errorf("print %s: %w", format, err)
	}
	return escapeTexts(value), nil
}

func escapeTexts(value any) any {
	switch v := value.(type) {
	case string:
		return Escape(v)
	case []any:
		for i := range v {
			v[i] = escapeTexts(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = escapeTexts(v[key])
		}
	}
	return value
}

func jsonPathForm(text string) (Printer, error) {
	path := jsonpath.New("output").AllowMissingKeys(true)
	if err := path.Parse(text); err != nil {
		return nil, fmt.Errorf("parse jsonpath template: %w", err)
	}
	return form(func(out *bytes.Buffer, r Report) error {
		value, err := generic(JSONPath, r)
		if err != nil {
			return err
		}
		var raw bytes.Buffer
		if err := path.Execute(&raw, value); err != nil {
			return fmt.Errorf("execute jsonpath template: %w", err)
		}
		out.WriteString(EscapeLines(raw.String()))
		return nil
	}), nil
}

func goTemplateForm(text string) (Printer, error) {
	tmpl, err := template.New("output").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("parse go-template: %w", err)
	}
	return form(func(out *bytes.Buffer, r Report) error {
		value, err := generic(GoTemplate, r)
		if err != nil {
			return err
		}
		var raw bytes.Buffer
		if err := tmpl.Execute(&raw, value); err != nil {
			return fmt.Errorf("execute go-template: %w", err)
		}
		out.WriteString(EscapeLines(raw.String()))
		return nil
	}), nil
}
