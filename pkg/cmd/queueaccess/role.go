package queueaccess

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// theDocument is what --compare calls the example in Kaiwo's documentation.
const theDocument = "document"

const roleLong = `
Print the role with the least rights that commands of Kaiwo's command line need in a namespace: what they ask of the API
server, and what tells why work waits. Nothing is written: apply it, or let "grant" do all.

How it differs from the example in Kaiwo's documentation, kaiwo-scientist-role, is said beside it; --compare document says
it line by line, and --compare takes a file, or a role that is there, as well.

Some commands ask of the whole cluster, whatever namespace is meant: "kaiwo manage" lists the workloads of all namespaces,
and "kaiwo status" lists queues and nodes. --cluster prints a ClusterRole for that beside the role. Whoever is bound to it
sees the work of everybody, so that grant never gives it.

--aggregate prints ClusterRoles that let the built-in roles view, edit and admin know Kaiwo's workloads and Kueue's queues
instead: then who has one of them in a namespace has the rights there too. Kaiwo ships none.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const roleExample = `
# All that Kaiwo's command line needs in a namespace
{cmd} role -n training | kubectl apply -f -

# Submitting and logs alone
{cmd} role --can submit,logs --name scientist

# The documentation's example, line by line
{cmd} role --compare document

# A role that is there
{cmd} role --compare role/job-runner -n training --from examples/acme

# Let view, edit and admin know Kaiwo and Kueue
{cmd} role --aggregate`

type roleFlags struct {
	env       *cli.Env
	reading   *reading.Flags
	can       []string
	name      string
	aggregate bool
	cluster   bool
	compare   string
	output    *printer.Flags
}

func newRoleCommand(env *cli.Env) *cobra.Command {
	f := &roleFlags{
		env: env, reading: reading.NewFlags(env),
		output: printer.NewFlags(printer.YAML, printer.JSON, printer.Table, printer.Wide, printer.CSV, printer.Markdown),
	}
	cmd := &cobra.Command{
		Use: "role", Short: "Print the least role for Kaiwo's commands, or compare one with it", Long: roleLong,
		Example: env.Examples(roleExample), Args: cobra.NoArgs, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	addCan(cmd, &f.can, "What it is to give: `ABILITIES` of submit, manage, logs, monitor, exec. Default all.")
	fs.StringVar(&f.name, "name", "", "`NAME` of the role, instead of one that says what it gives.")
	fs.BoolVar(&f.aggregate, "aggregate", false, "Print ClusterRoles that become part of view, edit and admin instead.")
	fs.BoolVar(&f.cluster, "cluster", false, "Print a ClusterRole for what is asked of the whole cluster as well.")
	fs.StringVar(&f.compare, "compare", "", "Compare `WHAT` with the least role: document, a FILE with roles, role/NAME or clusterrole/NAME.")
	f.reading.AddFlags(cmd)
	f.output.AddFlags(fs)
	cli.Once(fs, "name", "compare")
	_ = cmd.RegisterFlagCompletionFunc("compare", f.completeRoles())
	return cmd
}

type roleOptions struct {
	*roleFlags
	abilities []kaiwo.Ability
	printer   printer.Printer
	format    string
}

func (f *roleFlags) options(cmd *cobra.Command) (*roleOptions, error) {
	o := &roleOptions{roleFlags: f, format: f.output.Output}
	var err error
	switch {
	case f.aggregate && cmd.Flags().Changed("can"), f.aggregate && f.name != "", f.aggregate && f.cluster:
		err = errors.New("--aggregate adds to the roles that there are: --can, --name and --cluster have no meaning there")
	case f.compare != "" && (f.aggregate || f.cluster || f.name != ""):
		err = errors.New("--compare prints no role: --aggregate, --cluster and --name have no meaning there")
	case f.compare == "" && f.reading.Offline():
		err = errors.New("--from is where --compare finds a role: without it nothing is read")
	default:
		o.abilities, err = parseCan(cmd, f.can)
	}
	if err != nil {
		return nil, cli.UsageError(err)
	}
	formats := []string{printer.YAML, printer.JSON}
	switch name := f.output.Output; {
	case f.compare == "" && slices.Contains([]string{printer.Table, printer.Wide, printer.CSV, printer.Markdown}, name):
		return nil, cli.UsageError(fmt.Errorf("-o %s shows a comparison: it goes with --compare; a role is printed as %s", name, strings.Join(formats, " or ")))
	case f.compare != "":
		formats = []string{printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV, printer.Markdown}
	}
	output := printer.NewFlags(formats...)
	output.Output, output.NoHeaders = f.output.Output, f.output.NoHeaders
	if o.format == "" {
		o.format = formats[0]
	}
	if o.printer, err = output.ToPrinter(); err != nil {
		return nil, cli.UsageError(err)
	}
	return o, nil
}

func (o *roleOptions) run(ctx context.Context) error {
	if o.compare != "" {
		return o.runCompare(ctx)
	}
	converted, err := plan.FromObjects(o.objects()...)
	if err != nil {
		return fmt.Errorf("print role: %w", err)
	}
	steps := make([]plan.Step, 0, len(converted))
	for _, object := range converted {
		// A role without a namespace is applied to that of the context.
		checked := object.DeepCopy()
		if checked.GetNamespace() == "" && checked.GetKind() == "Role" {
			checked.SetNamespace("default")
		}
		steps = append(steps, plan.Step{Verb: plan.Create, Object: checked})
	}
	if err := (plan.Plan{Steps: steps}).Validate(); err != nil {
		return cli.UsageError(err)
	}
	if err := change.PrintObjects(o.env.Out, o.format, converted); err != nil {
		return err
	}
	if !o.aggregate {
		o.tell()
	}
	return nil
}

// objects are what is to be printed.
func (o *roleOptions) objects() []runtime.Object {
	var out []runtime.Object
	if o.aggregate {
		for _, role := range queue.Aggregated() {
			out = append(out, role)
		}
		return out
	}
	role := queue.NewRole(*o.env.Config.Namespace, o.abilities...)
	// It is not one of grant's, which revoke takes away when nobody needs it.
	role.Annotations = nil
	if role.Name = o.name; o.name == "" {
		role.Name = "kaiwo-" + joinedAbilities(o.abilities, "-")
	}
	out = append(out, role)
	if o.cluster {
		out = append(out, queue.ClusterPart(o.abilities...))
	}
	return out
}

// joinedAbilities joins abilities.
func joinedAbilities(can []kaiwo.Ability, between string) string {
	words := make([]string, 0, len(can))
	for _, a := range can {
		words = append(words, string(a))
	}
	return strings.Join(words, between)
}

// tell says in short how the role differs from the documentation's.
func (o *roleOptions) tell() {
	c := queue.Compare(kaiwo.DocumentRules(), o.abilities...)
	o.env.Notef("beside %s of Kaiwo's documentation: without %s; with %s (--compare %s says why)", kaiwo.DocumentRoleName,
		linesText(c.TooMuch, kaiwo.Rules(o.abilities...)), linesText(c.TooLittle, kaiwo.DocumentRules()), theDocument)
	if !o.cluster {
		o.env.Notef("note: kaiwo manage and kaiwo status ask of the whole cluster, which no role in a namespace gives (--cluster)")
	}
}

// linesText names the resources of lines that rules do not name at all.
func linesText(lines []queue.Line, but []rbacv1.PolicyRule) string {
	var out []string
	for _, line := range lines {
		named := slices.ContainsFunc(but, func(r rbacv1.PolicyRule) bool {
			return slices.Contains(r.APIGroups, line.Group) && slices.Contains(r.Resources, line.Resource)
		})
		if text := resourceName(line.Group, line.Resource); !named && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// compared is a role, and how it differs.
type compared struct {
	Role string `json:"role"`
	queue.Comparison
}

// rules finds what is to be compared: each role with its rules.
func (o *roleOptions) rules(ctx context.Context) (names []string, rules [][]rbacv1.PolicyRule, finish func() error, err error) {
	kind, name, _ := strings.Cut(o.compare, "/")
	switch {
	case o.compare == theDocument:
		return []string{kaiwo.DocumentRoleName + " (documentation)"}, [][]rbacv1.PolicyRule{kaiwo.DocumentRules()}, func() error { return nil }, nil
	case (kind == "role" || kind == "clusterrole") && name != "":
		return o.existing(ctx, kind, name)
	}
	flags := reading.NewFlags(o.env).With(o.compare, *o.env.Config.Namespace)
	r := flags.Nothing(&inventory.Inventory{})
	index, err := r.Rights(ctx)
	if err != nil {
		return nil, nil, nil, cli.Hint(err, "--compare takes document, a FILE with roles, role/NAME or clusterrole/NAME")
	}
	for _, role := range index.Snapshot().Roles {
		if strings.HasPrefix(role.Origin, o.compare) || o.compare == "-" && strings.HasPrefix(role.Origin, "stdin") {
			names, rules = append(names, role.KindName()), append(rules, role.Rules)
		}
	}
	if len(names) == 0 {
		return nil, nil, nil, fmt.Errorf("compare %s: there is no role in it", o.compare)
	}
	return names, rules, func() error { return flags.Finish(r) }, nil
}
