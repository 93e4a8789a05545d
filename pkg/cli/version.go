package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// The linker sets these (-X github.com/kubegatehouse/gatehouse/pkg/cli.version=v1.2.3); nothing else does.
var (
	version string
	commit  string
	date    string
)

// Build says what program this is. Its JSON form is printed by "version -o json".
type Build struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Name is how the user calls the program.
	Name string `json:"name"`
	// Version is that of the release, such as v1.2.3, or "devel".
	Version string `json:"version"`
	// Commit is empty when it is not known.
	Commit string `json:"commit,omitempty"`
	// Date is when the release was made, in RFC 3339; empty when it is not known.
	Date      string `json:"date,omitempty"`
	GoVersion string `json:"goVersion"`
	// Platform is the operating system and the processor: linux/amd64.
	Platform string `json:"platform"`
	// ClientGo is the version of the Kubernetes client library, v0.36.3 for Kubernetes 1.36.3; empty when not known.
	ClientGo string `json:"clientGo,omitempty"`
}

// build returns what the linker set, or else what the Go tool recorded.
func build() Build {
	b := Build{
		APIVersion: "gatehouse.dev/v1alpha1",
		Kind:       "Version",
		Version:    version,
		Commit:     commit,
		Date:       date,
		GoVersion:  runtime.Version(),
		Platform:   runtime.GOOS + "/" + runtime.GOARCH,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		b.fill(info)
	}
	if b.Version == "" {
		b.Version = "devel"
	}
	return b
}

func (b *Build) fill(info *debug.BuildInfo) {
	if b.Version == "" && info.Main.Version != "(devel)" {
		b.Version = info.Main.Version
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" && b.Commit == "" {
			b.Commit = setting.Value
		}
	}
	for _, module := range info.Deps {
		if module.Path == "k8s.io/client-go" {
			b.ClientGo = module.Version
		}
	}
}

func (e *Env) newVersionCommand() *cobra.Command {
	flags := printer.NewFlags(printer.Table, printer.JSON, printer.YAML, printer.JSONPath, printer.GoTemplate)
	cmd := &cobra.Command{
		Use:         "version",
		Short:       "Show the version of the program",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{localAnnotation: "true"},
		Example:     e.Examples("{cmd} version -o json"),
		RunE: func(*cobra.Command, []string) error {
			p, err := flags.ToPrinter()
			if err != nil {
				return UsageError(err)
			}
			b := build()
			b.Name = e.Name
			return p.Print(e.Out, printer.Report{Object: func() any { return b }, Table: b.table})
		},
	}
	flags.AddFlags(cmd.Flags())
	return cmd
}

func (b Build) table() *metav1.Table {
	return &metav1.Table{
		ColumnDefinitions: []metav1.TableColumnDefinition{
			{Name: "Name"}, {Name: "Version"}, {Name: "Commit"}, {Name: "Go"}, {Name: "Platform"}, {Name: "Client-Go"},
		},
		Rows: []metav1.TableRow{{Cells: []any{b.Name, b.Version, b.Commit, b.GoVersion, b.Platform, b.ClientGo}}},
	}
}
