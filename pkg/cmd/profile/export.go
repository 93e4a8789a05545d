package profile

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const exportLong = `
Write workspaces and their members as files for Git: without what only the server writes, sorted, the same bytes each
time.

Without --short these are the manifests of all objects that make up a workspace and its members, for "kubectl apply" and
everything that works like it. --short writes the short form, which people can read and edit. "apply" takes both:
applying what was exported changes nothing.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const exportExample = `
# All workspaces in the short form
{cmd} export --short --from examples/acme

# The manifests of one
{cmd} export team-vision --from examples/acme

# There and back again changes nothing
{cmd} export --short > profiles.yaml && {cmd} apply -f profiles.yaml --dry-run=server`

// exportFlags is what was typed.
type exportFlags struct {
	env     *cli.Env
	sources *workspaces.Flags
	short   bool
	output  string
}

func newExportCommand(env *cli.Env) *cobra.Command {
	f := &exportFlags{env: env, sources: workspaces.NewFlags(env)}
	cmd := &cobra.Command{
		Use:               "export [NAME...]",
		Short:             "Write workspaces as files for Git",
		Long:              exportLong,
		Example:           env.Examples(exportExample),
		ValidArgsFunction: completeNames(env, f.sources, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.output != printer.YAML && f.output != printer.JSON {
				return cli.UsageError(fmt.Errorf("unknown output format %q: want one of yaml, json", f.output))
			}
			return f.run(cmd.Context(), args)
		},
	}
	f.sources.AddFlags(cmd)
	fs := cmd.Flags()
	fs.BoolVar(&f.short, "short", false, "Write the short form that \"apply\" reads.")
	fs.StringVarP(&f.output, "output", "o", printer.YAML, "Print as `FORMAT`: yaml, json.")
	fs.Lookup("output").Annotations = map[string][]string{printer.FormatsAnnotation: {printer.YAML, printer.JSON}}
	return cmd
}

func (f *exportFlags) run(ctx context.Context, names []string) error {
	only := ""
	if len(names) == 1 {
		only = names[0]
	}
	loaded, err := loadPlanned(ctx, f.sources, only)
	if err != nil {
		return err
	}
	if _, err := chosen(loaded.State, names); err != nil {
		return err
	}
	write := f.manifests
	if f.short {
		write = f.shortForm
	}
	text, notes, err := write(loaded.State, names)
	if err != nil {
		return err
	}
	for _, note := range notes {
		f.env.Notef("note: %s", note)
	}
	if _, err := f.env.Out.Write(text); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return f.sources.Finish(loaded)
}

// shortForm writes specs with their members.
func (f *exportFlags) shortForm(s *workspace.State, names []string) ([]byte, []string, error) {
	specs, notes, err := profile.Export(s, names)
	if err != nil {
		return nil, nil, err
	}
	for i := range specs {
		grants, more := contrib.Export(s, specs[i].Name)
		notes = append(notes, more...)
		specs[i].Members = nil // who is a member, and how, is the business of contrib
		for _, g := range grants {
			specs[i].Members = append(specs[i].Members, memberOf(g))
		}
	}
	text, err := profile.SpecsFile(specs)
	if err != nil {
		return nil, nil, err
	}
	if f.output == printer.YAML && printer.EscapeLines(string(text)) == string(text) {
		return text, notes, nil
	}
	// The printer escapes what a terminal would take for commands, and doesn't keep the order of fields.
	p, err := printer.NewFlags(f.output).ToPrinter()
	if err != nil {
		return nil, nil, err
	}
	var object any
	if err := yaml.Unmarshal(text, &object); err != nil {
		return nil, nil, fmt.Errorf("read short form: %w", err)
	}
	var out bytes.Buffer
	err = p.Print(&out, printer.Report{Object: func() any { return object }})
	return out.Bytes(), notes, err
}

// manifests writes all objects, documents of YAML or a List of JSON.
func (f *exportFlags) manifests(s *workspace.State, names []string) ([]byte, []string, error) {
	objects, notes, err := profile.ExportManifests(s, names)
	if err != nil {
		return nil, nil, err
	}
	if len(names) == 0 {
		for _, w := range s.Workspaces() {
			names = append(names, w.Name)
		}
	}
	// An application of Kalm's was left out, and so are its members.
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return s.FlavorOf(name) == workspace.Kalm })
	if len(names) > 0 {
		members, more, err := contrib.ExportManifests(s, names...)
		if err != nil {
			return nil, nil, err
		}
		objects, notes = together(objects, members), append(notes, more...)
	}
	text, err := documents(objects, f.output)
	return text, notes, err
}

// together returns all objects, each once: a binding may name an owner and a member.
func together(objects, more []*unstructured.Unstructured) []*unstructured.Unstructured {
	seen := map[string]bool{}
	return slices.DeleteFunc(append(objects, more...), func(o *unstructured.Unstructured) bool {
		name := identity(o.GetKind(), o)
		twice := seen[name]
		seen[name] = true
		return twice
	})
}

// documents writes objects as documents of YAML, or as one List of JSON. The printer escapes what a terminal would take
// for commands.
func documents(objects []*unstructured.Unstructured, format string) ([]byte, error) {
	p, err := printer.NewFlags(format).ToPrinter()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if format == printer.JSON {
		items := make([]any, 0, len(objects))
		for _, object := range objects {
			items = append(items, object.Object)
		}
		err := p.Print(&out, printer.Report{Object: func() any {
			return map[string]any{"apiVersion": "v1", "kind": "List", "items": items}
		}})
		return out.Bytes(), err
	}
	for i, object := range objects {
		if i > 0 {
			out.WriteString("---\n")
		}
		if err := p.Print(&out, printer.Report{Object: func() any { return object.Object }}); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}
