package contrib

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const exportLong = `
Write the members of workspaces into a file that "apply" reads: YAML, or CSV for a spreadsheet. Applying it where it came
from changes nothing. -o manifests writes the objects themselves, as kubectl applies them, for a repository.

Members that such a file can't say, such as a binding that names several subjects, are told on the error stream.

Without -n the namespace is that of the context, and all namespaces with --from; -A takes all.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const exportExample = `
# One workspace, for a repository
{cmd} export -n team-vision > members.yaml

# All workspaces, for a spreadsheet
{cmd} export -A -o csv > members.csv

# The members of one workspace for another
{cmd} export -n team-vision | sed s/team-vision/team-nlp/ | {cmd} apply -f -`

// The formats of export.
const (
	exportYAML      = "yaml"
	exportCSV       = "csv"
	exportManifests = "manifests"
)

type exportFlags struct {
	env    *cli.Env
	from   *workspaces.Flags
	all    bool
	output string
}

func newExportCommand(env *cli.Env) *cobra.Command {
	f := &exportFlags{env: env, from: workspaces.NewFlags(env)}
	cmd := &cobra.Command{
		Use: "export", Short: "Write members into a file", Long: exportLong, Example: env.Examples(exportExample),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			namespace, err := f.options()
			if err != nil {
				return err
			}
			return f.run(cmd.Context(), namespace)
		},
	}
	f.from.AddFlags(cmd)
	env.AddAllNamespaces(cmd.Flags(), &f.all)
	fs := cmd.Flags()
	fs.StringVarP(&f.output, "output", "o", exportYAML, "Write `FORMAT`: yaml, csv, manifests.")
	fs.Lookup("output").Annotations = map[string][]string{printer.FormatsAnnotation: {exportYAML, exportCSV, exportManifests}}
	return cmd
}

// options returns the namespace to look at, empty for all.
func (f *exportFlags) options() (string, error) {
	switch f.output {
	case exportYAML, exportCSV, exportManifests:
	default:
		return "", cli.UsageError(fmt.Errorf("unknown output format %q: want one of yaml, csv, manifests", f.output))
	}
	return lookedAt(f.env, f.all, f.from.Offline())
}

func (f *exportFlags) run(ctx context.Context, namespace string) error {
	l, err := f.from.Load(ctx, contrib.Wanted(namespace))
	if err != nil {
		return err
	}
	but := contrib.Needless(l.State, namespace)
	f.from.TellGaps(l, but...)
	if err := checkNamespace(ctx, f.from, l.State, namespace); err != nil {
		return err
	}
	var names []string
	if namespace != "" {
		names = []string{namespace}
	}
	if err := f.write(l.State, names); err != nil {
		return err
	}
	return f.from.Finish(l, but...)
}

func (f *exportFlags) write(s *workspace.State, names []string) error {
	if f.output == exportManifests {
		objects, notes, err := contrib.ExportManifests(s, names...)
		if err != nil {
			return err
		}
		f.tell(notes)
		return change.PrintObjects(f.env.Out, printer.YAML, objects)
	}
	grants, notes := contrib.Export(s, names...)
	f.tell(notes)
	var (
		text []byte
		err  error
	)
	if f.output == exportCSV {
		text, err = membersCSV(grants)
	} else {
		text, err = contrib.MembersFile(grants)
	}
	if err != nil {
		return err
	}
	if _, err := f.env.Out.Write([]byte(printer.EscapeLines(string(text)))); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	f.env.Notef("%s", plural(len(grants), "member"))
	return nil
}

func (f *exportFlags) tell(notes []string) {
	for _, note := range notes {
		f.env.Notef("note: %s", note)
	}
}

// membersCSV writes grants as the CSV that [contrib.ParseMembers] reads.
func membersCSV(grants []contrib.Grant) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"workspace", "subject", "role", "expires", "http", "name"}}
	for _, g := range grants {
		role := string(g.Role)
		if g.RoleRef != nil {
			role = strings.ToLower(g.RoleRef.Kind) + "/" + g.RoleRef.Name
		}
		expires, http := "", ""
		if !g.Expires.IsZero() {
			expires = g.Expires.UTC().Format(time.RFC3339)
		}
		if g.NoHTTP {
			http = "false"
		}
		rows = append(rows, []string{g.Workspace, g.Subject.String(), role, expires, http, g.Name})
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write csv: %w", err)
	}
	return out.Bytes(), nil
}
