package chart

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Render reads the chart in a directory and returns what its templates give as one stream of YAML: each template below
// "---" and a comment that names it, sorted by name, without those that give nothing and without NOTES.txt.
func Render(dir string, o Options) ([]byte, error) {
	c, err := Load(dir)
	if err != nil {
		return nil, err
	}
	rendered, err := c.Render(o)
	if err != nil {
		return nil, fmt.Errorf("render chart %s: %w", dir, err)
	}
	var out bytes.Buffer
	for _, file := range rendered {
		if path.Base(file.Name) == "NOTES.txt" || strings.TrimSpace(file.Data) == "" {
			continue
		}
		fmt.Fprintf(&out, "---\n# Source: %s\n%s\n", file.Name, strings.TrimSuffix(file.Data, "\n"))
	}
	return out.Bytes(), nil
}

// Render renders the templates of the chart and of the charts below it, sorted by name. It has files that give nothing,
// and NOTES.txt. The error is an [Error] when a template is to blame, a [SchemaError] when the values are.
func (c *Chart) Render(o Options) ([]File, error) {
	known, err := newCapabilities(o.KubeVersion, o.APIVersions)
	if err != nil {
		return nil, err
	}
	root, err := c.enabled(o.Values, "")
	if err != nil {
		return nil, err
	}
	values := copiedMap(o.Values)
	if err := root.coalesce(values); err != nil {
		return nil, err
	}
	if !o.SkipSchema {
		if err := root.validate(values); err != nil {
			return nil, err
		}
	}
	all := map[string]source{}
	root.gather(all, map[string]any{
		"Values":       values,
		"Capabilities": known,
		"Release": map[string]any{
			"Name": o.Release.Name, "Namespace": o.Release.Namespace, "IsUpgrade": false, "IsInstall": true,
			"Revision": 1, "Service": "Helm",
		},
	})
	return execute(all, cmp.Or(o.steps, maxSteps))
}

// source is a template with what it sees as ".".
type source struct {
	text string
	data map[string]any
	base string
}

// seen is what templates see as ".Chart".
type seen struct {
	Metadata
	IsRoot bool
}

// gather collects the templates of a chart and of those below it. Above is what the chart above sees, whose values hold
// this chart's.
func (c *Chart) gather(all map[string]source, above map[string]any) map[string]any {
	below := map[string]any{}
	data := map[string]any{
		"Chart":        seen{c.metadata, c.parent == nil},
		"Files":        c.files(),
		"Release":      above["Release"],
		"Capabilities": above["Capabilities"],
		"Values":       above["Values"],
		"Subcharts":    below,
	}
	if c.parent != nil {
		values, _ := above["Values"].(map[string]any)
		own, ok := values[c.Name].(map[string]any)
		if !ok {
			own = map[string]any{}
		}
		data["Values"] = own
	}
	for _, child := range c.charts {
		below[child.Name] = child.gather(all, data)
	}
	for name, text := range c.Files {
		if !strings.HasPrefix(name, "templates/") {
			continue
		}
		if strings.EqualFold(c.metadata.Type, "library") && !strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		all[path.Join(c.path(), name)] = source{string(text), data, path.Join(c.path(), "templates")}
	}
	return data
}

// execute parses and renders templates. Helm's order, deepest first, decides which of two definitions of a name counts,
// and which template sees what another one changed.
func execute(all map[string]source, steps int) (rendered []File, err error) {
	current := ""
	defer func() {
		// The library of functions panics when it is asked for nonsense outside of a call.
		if r := recover(); r != nil {
			rendered, err = nil, &Error{Name: current, Reason: fmt.Sprint("rendering failed: ", r)}
		}
	}()
	names := sortedKeys(all)
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.Count(b, "/"), strings.Count(a, "/")), cmp.Compare(b, a))
	})
	e := newEngine(steps)
	for _, name := range names {
		current = name
		if err := e.parse(name, all[name].text); err != nil {
			return nil, explain(name, err)
		}
	}
	if err := e.instrument(e.root); err != nil {
		return nil, err
	}
	total := 0
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		current = name
		all[name].data["Template"] = map[string]any{"Name": name, "BasePath": all[name].base}
		text, err := e.execute(e.root, name, all[name].data)
		if err != nil {
			return nil, explain(name, err)
		}
		if total += len(text); total > maxText {
			return nil, &Error{Name: name, Reason: fmt.Sprintf("templates give more than %d MiB", maxText>>20)}
		}
		rendered = append(rendered, File{Name: name, Data: withoutNoValue(text)})
	}
	slices.SortFunc(rendered, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return rendered, nil
}

// withoutNoValue takes out what text/template prints for nothing.
func withoutNoValue(text string) string { return strings.ReplaceAll(text, "<no value>", "") }

var errTooLong = errors.New("too long")

// Validate checks the values that the chart would be rendered with against its schema and those of the charts below it.
// The error is a [SchemaError] when they are not what it asks for.
func (c *Chart) Validate(o Options) error {
	root, err := c.enabled(o.Values, "")
	if err != nil {
		return err
	}
	values := copiedMap(o.Values)
	if err := root.coalesce(values); err != nil {
		return err
	}
	return root.validate(values)
}
