package printer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// FormatsAnnotation is put on the flag --output; its values are the formats that the command supports, for completion.
const FormatsAnnotation = "gatehouse.dev/output-formats"

// Flags are -o/--output and --no-headers of one command.
type Flags struct {
	// Output is what was typed after -o; empty means the first of the formats.
	Output string
	// NoHeaders leaves out the heading of table, wide, csv and markdown.
	NoHeaders bool

	formats []string
}

// NewFlags returns flags for a command that supports formats; the first is the default.
func NewFlags(formats ...string) *Flags { return &Flags{formats: formats} }

// AddFlags registers --output, and --no-headers when there is a format with a heading.
func (f *Flags) AddFlags(fs *pflag.FlagSet) {
	fs.StringVarP(&f.Output, "output", "o", f.Output, "Print as `FORMAT`: "+f.list()+".")
	if flag := fs.Lookup("output"); flag != nil {
		flag.Annotations = map[string][]string{FormatsAnnotation: f.formats}
	}
	if slices.ContainsFunc(f.formats, hasHeading) {
		fs.BoolVar(&f.NoHeaders, "no-headers", f.NoHeaders, "Do not print the heading of a table.")
	}
}

// ToPrinter returns the printer that the flags ask for. The error names the formats that the command supports, or says
// what is wrong with a template.
func (f *Flags) ToPrinter() (Printer, error) {
	name, argument, hasArgument := f.split()
	if !slices.Contains(f.formats, name) {
		return nil, fmt.Errorf("unknown output format %q: want one of %s", f.Output, f.list())
	}
	if hasArgument && name != JSONPath && name != GoTemplate {
		return nil, fmt.Errorf("output format %q takes no argument: want -o %s", f.Output, name)
	}
	switch name {
	case Table:
		return tableForm(false, f.NoHeaders), nil
	case Wide:
		return tableForm(true, f.NoHeaders), nil
	case CSV:
		return csvForm(f.NoHeaders), nil
	case Markdown:
		return markdownForm(f.NoHeaders), nil
	case JSON:
		return form(printJSON), nil
	case YAML:
		return form(printYAML), nil
	case JSONPath:
		if argument == "" {
			return nil, errors.New("output format jsonpath needs a template: -o jsonpath='{.kind}'")
		}
		return jsonPathForm(argument)
	case GoTemplate:
		if argument == "" {
			return nil, errors.New("output format go-template needs a template: -o go-template='{{.kind}}'")
		}
		return goTemplateForm(argument)
	case Name:
		return form(printNames), nil
	case Text:
		return form(printText), nil
	case Tree:
		return form(printTree), nil
	case DOT:
		return form(printDOT), nil
	case Mermaid:
		return form(printMermaid), nil
	case SARIF:
		return form(printSARIF), nil
	case JUnit:
		return form(printJUnit), nil
	}
	return nil, fmt.Errorf("output format %q is not implemented", name)
}

// Structured reports whether the output is for a program rather than for a reader: every format but table, wide, text,
// tree, markdown and name. Commands then show an empty result as data, and keep their remarks to what is no part of it.
func (f *Flags) Structured() bool {
	name, _, _ := f.split()
	switch name {
	case Table, Wide, Text, Tree, Markdown, Name:
		return false
	}
	return true
}

// Format returns the format that is in force, without its argument: "table", "jsonpath".
func (f *Flags) Format() string {
	name, _, _ := f.split()
	return name
}

func (f *Flags) split() (name, argument string, hasArgument bool) {
	output := f.Output
	if output == "" && len(f.formats) > 0 {
		output = f.formats[0]
	}
	return strings.Cut(output, "=")
}

// list returns the formats as help and errors show them.
func (f *Flags) list() string {
	shown := make([]string, 0, len(f.formats))
	for _, name := range f.formats {
		if name == JSONPath || name == GoTemplate {
			name += "=TEMPLATE"
		}
		shown = append(shown, name)
	}
	return strings.Join(shown, ", ")
}

func hasHeading(format string) bool {
	return format == Table || format == Wide || format == CSV || format == Markdown
}
