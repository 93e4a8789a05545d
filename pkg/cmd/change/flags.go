package change

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// The values of --dry-run.
const (
	dryRunNone   = "none"
	dryRunClient = "client"
	dryRunServer = "server"
)

// Flags are the flags of a command that writes. Make them with [NewFlags].
type Flags struct {
	env *cli.Env

	dryRun       string
	yes          bool
	fieldManager string
	output       string
	preview      string
}

// NewFlags returns the flags of a command in env.
func NewFlags(env *cli.Env) *Flags {
	return &Flags{env: env, dryRun: dryRunNone, fieldManager: manager(env.Name), preview: previewAuto}
}

// manager returns the default field manager: the plugin's name, "kubectl contrib", as kubectl finds it.
func manager(name string) string { return strings.ReplaceAll(name, " ", "-") }

// outputs are the values of -o.
func outputs() []string { return []string{printer.YAML, printer.JSON, printer.Name} }

// AddFlags adds --dry-run, --yes, --field-manager, --preview and -o to cmd.
func (f *Flags) AddFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	f.AddDryRun(fs)
	fs.BoolVarP(&f.yes, "yes", "y", false, "Do not ask before writing. Needed where there is no terminal.")
	fs.StringVar(&f.preview, "preview", f.preview, "Show what would change: `auto|full|none`. auto shortens a long preview.")
	fs.StringVarP(&f.output, "output", "o", "", "Print the objects as `FORMAT` instead of a line for each: yaml, json, name.")
	fs.Lookup("output").Annotations = map[string][]string{printer.FormatsAnnotation: outputs()}
	f.complete(cmd)
}

// AddDryRun adds --dry-run and --field-manager alone, for a command whose other flags are its own.
func (f *Flags) AddDryRun(fs *pflag.FlagSet) {
	fs.StringVar(&f.dryRun, "dry-run", f.dryRun, "Write nothing: `none|client|server`. client only plans; server lets the API server check too.")
	fs.StringVar(&f.fieldManager, "field-manager", f.fieldManager, "`NAME` that the server keeps as the author of the fields written.")
}

// complete registers the completion of the flags with fixed values.
func (f *Flags) complete(cmd *cobra.Command) {
	for flag, values := range map[string][]string{
		"dry-run": {dryRunNone, dryRunClient, dryRunServer},
		"preview": {previewAuto, previewFull, previewNone},
	} {
		// The error says that the flag is not there, or has a completion already: neither can be.
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
}

// Options checks what was typed. The error is one of usage.
func (f *Flags) Options() (*Options, error) {
	var err error
	switch {
	case f.dryRun != dryRunNone && f.dryRun != dryRunClient && f.dryRun != dryRunServer:
		err = fmt.Errorf("bad --dry-run %q: want none, client or server", f.dryRun)
	case f.preview != previewAuto && f.preview != previewFull && f.preview != previewNone:
		err = fmt.Errorf("bad --preview %q: want auto, full or none", f.preview)
	case f.output != "" && f.output != printer.YAML && f.output != printer.JSON && f.output != printer.Name:
		err = fmt.Errorf("unknown output format %q: want one of %s", f.output, strings.Join(outputs(), ", "))
	case f.fieldManager == "":
		err = errors.New("--field-manager is empty")
	case len(f.fieldManager) > 128:
		err = errors.New("--field-manager is longer than 128 bytes, which the API server refuses")
	}
	if err != nil {
		return nil, cli.UsageError(err)
	}
	return &Options{
		env: f.env, dryRun: f.dryRun, yes: f.yes, fieldManager: f.fieldManager, output: f.output, preview: f.preview,
		screen: process{},
	}, nil
}
