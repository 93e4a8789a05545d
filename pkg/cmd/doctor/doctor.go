// Package doctor is the command "doctor" of the plugins: it judges what was read, shows the findings, and repairs what
// can be repaired. A plugin says what is read and judged, see [Clinic]; everything else is the same for all.
package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// Clinic is what a plugin knows about judging.
type Clinic struct {
	Short, Long, Example string
	// Use is what the command takes; empty for names of patients.
	Use string
	// Noun says what patients are, such as "workspace".
	Noun string
	// Kind is the kind of the JSON answer, such as "WorkspaceDiagnosis".
	Kind string
	// Rules are the ids of findings that there can be, and the kinds of objects that each is silent without.
	Rules []Rule
	// Kinds are read.
	Kinds []inventory.Kind
	// Sources are the flags that say where objects come from.
	Sources Sources
	// Admit reads the wanted objects.
	Admit func(ctx context.Context, want inventory.Want) (*Ward, error)
	// Names completes the names of patients; nil when the command takes none.
	Names cobra.CompletionFunc
	// Sample is an id for the help of --rule.
	Sample string
	// Spelling is the id of the rule that compares names of all patients, so that a look at one place does not find all of
	// it; empty when there is none.
	Spelling string
	// Local says that without names the namespace of the context is looked at, and not all.
	Local bool
	// Domains are the parts by which findings are grouped; nil when they are not.
	Domains []Domain
}

// Sources are the flags that say where objects come from.
type Sources interface {
	AddFlags(cmd *cobra.Command)
	// Offline reports whether manifests are read.
	Offline() bool
	// TellGaps tells what could not be read; Finish is an error when that may not be.
	TellGaps(r *reading.Reading, but ...inventory.Kind)
	Finish(r *reading.Reading, but ...inventory.Kind) error
}

// Ward is what was read, in the words of the plugin.
type Ward struct {
	*reading.Reading
	// Patients are the names of what is judged.
	Patients []string
	// Unknown returns those of the names that there are not, as far as that can be told: of patients, and of namespaces. It
	// is nil when nothing tells.
	Unknown func(names []string) []string
	// Judge returns the findings; wants tells which ids will be looked at.
	Judge func(ctx context.Context, wants func(id string) bool) ([]finding.Finding, error)
}

// Rule is an id of findings.
type Rule = finding.Rule

// flags is what was typed.
type flags struct {
	*Clinic
	env      *cli.Env
	writes   *change.Flags
	print    *printer.Flags
	all      bool
	fix      bool
	severity string
	rules    []string
}

// options is what run needs; only flags.options makes one.
type options struct {
	*flags
	names     []string
	namespace string
	threshold finding.Severity
	printer   printer.Printer
	change    *change.Options
}

// NewCommand returns the command.
func NewCommand(env *cli.Env, clinic Clinic) *cobra.Command {
	// What a repair reports goes to the error stream: the data of this command are the findings.
	aside := cli.NewEnv(genericiooptions.IOStreams{In: env.In, Out: env.ErrOut, ErrOut: env.ErrOut}, env.Clock, env.Name)
	f := &flags{
		Clinic: &clinic, env: env, writes: change.NewFlags(aside),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Text, printer.JSON, printer.YAML, printer.SARIF, printer.JUnit,
			printer.CSV, printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:     cmp.Or(clinic.Use, "doctor [NAME...]"),
		Short:   clinic.Short,
		Long:    clinic.Long + common,
		Example: env.Examples(clinic.Example),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !f.fix {
				if err := needsFix(cmd.Flags()); err != nil {
					return err
				}
			}
			o, err := f.options(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.addFlags(cmd)
	cli.Predicate(cmd)
	return cmd
}

// common ends the help of every doctor.
const common = `

Rules that need objects that you may not read are silent; what could not be read is told, and info GH003 says which
rules that concerns.

--fix shows the changes that repair what was found, asks, and carries them out. Then it looks again, up to five times,
since some things come to light only when others are right. --rule and --severity choose what is shown, counted and
repaired alike. Result lines go to the error stream: the output is what remains. Findings without FIX need a decision;
-o text says what to do.

Exit codes: 0 nothing was found, or nothing is left; 1 there are findings; 2 error, or not everything could be read
under --strict.`

func (f *flags) addFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	f.Sources.AddFlags(cmd)
	f.print.AddFlags(fs)
	f.env.AddAllNamespaces(fs, &f.all)
	fs.BoolVar(&f.fix, "fix", false, "Repair what can be repaired: show the changes, ask, and carry them out.")
	fs.StringVar(&f.severity, "severity", string(finding.Warning), "Look at findings as bad as `error|warning|info`, and worse.")
	fs.StringSliceVar(&f.rules, "rule", nil, "Look at findings with this `ID` only, such as "+f.Sample+". Repeatable.")
	// The flags of a command that writes, but for -o, which is that of the findings.
	writes := &cobra.Command{}
	f.writes.AddFlags(writes)
	writes.Flags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "output" {
			fs.AddFlag(flag)
		}
	})
	cmd.ValidArgsFunction = f.Names
	if f.Names == nil {
		cmd.Args, cmd.ValidArgsFunction = cobra.NoArgs, cobra.NoFileCompletions
	}
	for flag, values := range map[string][]cobra.Completion{
		"severity": {string(finding.Error), string(finding.Warning), string(finding.Info)}, "rule": f.ids(),
	} {
		// It fails for flags that are not there, or that have a completion.
		_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
}

func (f *flags) ids() []string {
	var out []string
	for _, rule := range f.Rules {
		out = append(out, rule.ID)
	}
	return out
}

func (f *flags) options(args []string) (*options, error) {
	o := &options{flags: f, names: args}
	var err error
	if o.printer, err = f.print.ToPrinter(); err != nil {
		return nil, cli.UsageError(err)
	}
	if o.threshold, err = finding.ParseSeverity(f.severity); err != nil {
		return nil, cli.UsageError(fmt.Errorf("bad --severity: %w", err))
	}
	for i, id := range f.rules {
		f.rules[i] = strings.ToUpper(strings.TrimSpace(id))
		if !slices.Contains(f.ids(), f.rules[i]) {
			return nil, cli.UsageError(fmt.Errorf("unknown rule %q: want one of %s", id, strings.Join(f.ids(), ", ")))
		}
	}
	if o.change, err = f.writes.Options(); err != nil {
		return nil, err
	}
	if f.fix && f.Sources.Offline() && !o.change.ClientOnly() {
		return nil, cli.UsageError(cli.Hint(errors.New("--from reads manifests, and nothing can be written to them"),
			"--dry-run=client shows what would change; -o yaml has the fix of each finding, with its objects"))
	}
	return o, o.place()
}

// needsFix refuses the flags that say how something is written, where nothing is.
func needsFix(fs *pflag.FlagSet) error {
	for _, name := range []string{"dry-run", "yes", "preview", "field-manager"} {
		if fs.Changed(name) {
			return cli.UsageError(fmt.Errorf("--%s is about what is written: it needs --fix", name))
		}
	}
	return nil
}

// place finds out which namespace is looked at; empty stands for all.
func (o *options) place() error {
	flag := *o.env.Config.Namespace
	switch {
	case len(o.names) > 0 && (o.all || flag != ""):
		return cli.UsageError(fmt.Errorf("name the %ss, or give -n or -A: not both", o.Noun))
	case len(o.names) == 1:
		o.namespace = o.names[0]
	case len(o.names) > 1, o.all:
	case flag != "", !o.Local, o.Sources.Offline():
		o.namespace = flag
	default:
		namespace, err := o.env.Namespace()
		o.namespace = namespace
		return err
	}
	return nil
}
