package contrib

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const listLong = `
List who has which role in a workspace, how it came to be, and who gets in through Istio.

They are read from the RoleBindings themselves, as the API server sees them, and not only from those that a dashboard
lists: groups, service accounts, bindings made by hand, and policies without a binding are there too.

HOW is "owner", "pair" (RoleBinding and policy, as Kubeflow makes them), "binding" (a pair without its policy), "manual"
(a RoleBinding that no dashboard lists), "queue NAME" (a grant of "kubectl queueaccess"), or "policy" (a policy alone: web
access without rights). HTTP says whether the subject gets in through Istio's gateway; -o wide says why not. FINDINGS are
explained by "doctor".

RoleBindings of Kalm's have the HOW "kalm", or "kalm-cluster" for a role in all its applications. What they say gives
nothing in the Kubernetes API; a subject that has both kinds is listed with both. "kalm-suspended", "kalm-placeholder" and
"kalm-inert" give nothing at all. "roles" compares what the words mean.

Without -n the namespace is that of the context, and all namespaces with --from or --subject; -A lists all. Without
the right to read all of them you get what you may read, and are told what is missing. Where RoleBindings can't be read,
HOW is "rights" for yourself, in the namespaces of your kubeconfig: your role is told by what you may do there. It is
"unknown" for those whom a policy lets in, and ROLE is what the policy says.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const listExample = `
# The members of a workspace, and the objects behind them
{cmd} list -n team-vision -o wide

# All workspaces that somebody is in
{cmd} list --subject bob@acme.example

# All owners, as a sheet
{cmd} list -A --role owner -o csv

# From manifests
{cmd} list --from manifests/`

// listFlags is what was typed.
type listFlags struct {
	env     *cli.Env
	from    *workspaces.Flags
	print   *printer.Flags
	all     bool
	subject string
	role    string
}

// newListCommand returns the command that lists; the bare command is one, too.
func newListCommand(env *cli.Env) *cobra.Command {
	f := &listFlags{
		env: env, from: workspaces.NewFlags(env),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Name, printer.JSON, printer.YAML, printer.CSV,
			printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use: "list", Aliases: []string{"ls", "get"}, Short: "List the members of workspaces", Long: listLong,
		Example: env.Examples(listExample), Args: noSubject,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if user := cmd.LocalNonPersistentFlags().Lookup(userFlag); user != nil && user.Changed {
				f.subject = user.Value.String()
			}
			o, err := f.options()
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.from.AddFlags(cmd)
	env.AddAllNamespaces(cmd.Flags(), &f.all)
	cmd.Flags().StringVar(&f.subject, "subject", "", "List the roles of this `SUBJECT` only, in all namespaces unless -n is given.")
	cmd.Flags().StringVar(&f.role, "role", "", "List this `ROLE` only: viewer, editor, owner, or clusterrole/NAME, role/NAME.")
	f.print.AddFlags(cmd.Flags())
	completeSubjectFlag(cmd, env, f.from, "subject")
	completeRole(cmd)
	return cmd
}

// noSubject refuses words after "list": most likely they are the subject to list.
func noSubject(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return cli.Hint(fmt.Errorf("list takes no arguments: %q", args[0]), fmt.Sprintf("%s --%s %s lists the roles of a subject, -n a workspace",
		cmd.CommandPath(), userFlag, shell.Word(args[0])))
}

// userFlag is a name that kubectl has given to a user of the kubeconfig.
const userFlag = "user"

// addUser adds --user to "list", where it means a member. The bare command keeps kubectl's meaning, as all others do.
func addUser(cmd *cobra.Command) {
	cmd.Flags().String(userFlag, "", "The same as --subject `USER`. A user of the kubeconfig is chosen by --context here.")
	cmd.MarkFlagsMutuallyExclusive(userFlag, "subject")
}

// listOptions is what run needs; only options makes one.
type listOptions struct {
	*listFlags
	printer printer.Printer
	// who is the zero subject for everybody.
	who rbac.Subject
	// word and ref are the role; both are empty for all.
	word      workspace.Role
	ref       *rbacv1.RoleRef
	namespace string
}

func (f *listFlags) options() (*listOptions, error) {
	p, err := f.print.ToPrinter()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	o := &listOptions{listFlags: f, printer: p}
	if f.subject != "" && f.subject != "me" {
		if o.who, err = contrib.ParseSubject(f.subject); err != nil {
			return nil, cli.UsageError(err)
		}
	}
	if f.role != "" {
		if o.word, o.ref, err = parseRole(f.role); err != nil {
			return nil, cli.UsageError(err)
		}
	}
	o.namespace, err = lookedAt(f.env, f.all, f.from.Offline() || f.subject != "")
	return o, err
}

// lookedAt returns the namespace of -n, or of the context; empty stands for all: with -A, and where wide says that all
// are meant when none is named.
func lookedAt(env *cli.Env, all, wide bool) (string, error) {
	switch {
	case all, wide && *env.Config.Namespace == "":
		return "", nil
	case wide:
		return *env.Config.Namespace, nil
	}
	return env.Namespace()
}

func (o *listOptions) run(ctx context.Context) error {
	l, err := o.from.Load(ctx, contrib.Wanted(o.namespace))
	if err != nil {
		return err
	}
	but := contrib.Needless(l.State, o.namespace)
	o.from.TellGaps(l, but...)
	if err := checkNamespace(ctx, o.from, l.State, o.namespace); err != nil {
		return err
	}
	if o.subject == "me" {
		if o.who, err = l.Subject(ctx, o.subject); err != nil {
			return err
		}
	}
	rows, err := o.complete(ctx, l, o.rows(l.State, o.namespace))
	if err != nil {
		return err
	}
	report := printer.Report{
		Object: func() any { return viewMembers(rows, o.away(l.State), l.State) },
		Table:  func() *metav1.Table { return membersTable(rows, l.State.Now, o.print.Format() != printer.Table) },
		Names: func() []string {
			var names []string
			for i := range rows {
				names = append(names, rows[i].Subject.String())
			}
			return names
		},
	}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	if !o.print.Structured() {
		o.tell(rows, len(l.State.Inventory.Missing(inventory.RoleBindings)) > 0)
		o.tellAway(o.away(l.State), l.State.Now)
	}
	return o.from.Finish(l, but...)
}

// row is a member and what was found about it.
type row struct {
	workspace.Member
	findings []finding.Finding
}

// rows returns the members that were asked for, of one workspace or, when namespace is empty, of all.
func (o *listOptions) rows(s *workspace.State, namespace string) []row {
	about := map[string][]finding.Finding{}
	for _, f := range contrib.Judge(s) {
		about[f.Object] = append(about[f.Object], f)
	}
	var rows []row
	members := s.Members(namespace)
	if namespace != "" && namespace != kalm.SystemNamespace && s.FlavorOf(namespace) == workspace.Kalm {
		members = slices.Concat(members, s.Everywhere())
	}
	for _, m := range members {
		if !o.wants(&m) {
			continue
		}
		r := row{Member: m}
		for _, object := range m.Objects() {
			r.findings = append(r.findings, about[object]...)
		}
		rows = append(rows, r)
	}
	return rows
}

func (o *listOptions) wants(m *workspace.Member) bool {
	switch {
	case o.who.Name != "" && m.Subject != o.who:
		return false
	case o.ref != nil:
		return !m.OfKalm() && m.RoleRef.Kind == o.ref.Kind && m.RoleRef.Name == o.ref.Name
	}
	return o.word == "" || m.Role == o.word
}

// tell counts what was listed, on the error stream; partial says that there may be more.
func (o *listOptions) tell(rows []row, partial bool) {
	where := "any workspace"
	if o.namespace != "" {
		where = o.namespace
	}
	places, findings := map[string]bool{}, map[string]bool{}
	for i := range rows {
		places[rows[i].Workspace] = true
		for _, f := range rows[i].findings {
			findings[f.ID+" "+f.Object] = true
		}
	}
	switch {
	case len(rows) == 0 && o.who.Name != "":
		o.env.Notef("%s is no member of %s", o.who, where)
	case len(rows) == 0:
		o.env.Notef("no members in %s", where)
	case o.namespace != "":
		o.env.Notef("%s in %s", plural(len(rows), "member"), o.namespace)
	default:
		o.env.Notef("%s in %s", plural(len(rows), "member"), plural(len(places), "workspace"))
	}
	if len(rows) == 0 && partial && o.namespace == "" {
		o.env.Notef("hint: a workspace that is not found may be read when you name it: -n NAMESPACE")
	}
	if n := len(findings); n > 0 {
		o.env.Notef("%s: \"%s\" explains and repairs", plural(n, "finding"), o.doctor())
	}
}

// doctor is the command that explains what was found in what was listed.
func (o *listOptions) doctor() string {
	words := []string{o.env.Name, "doctor", "-A"}
	if o.namespace != "" {
		words = []string{o.env.Name, "doctor", "-n", o.namespace}
	}
	for _, path := range o.from.Sources() {
		words = append(words, "--from", shell.Word(path))
	}
	return strings.Join(words, " ")
}

// ids returns the distinct ids of findings, sorted.
func ids(findings []finding.Finding) []string {
	out := make([]string, 0, len(findings))
	for _, f := range findings {
		out = append(out, f.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
