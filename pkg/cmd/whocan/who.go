package whocan

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const whoExample = `
# Who can read the secrets of a namespace, and through which binding and role
{cmd} get secrets -n team-vision

# In which namespaces who may open a shell in a pod
{cmd} create pods/exec -A

# A named object, a URL, and verbs that no list of resources shows
{cmd} update configmaps/lock -n kube-system
{cmd} get /metrics
{cmd} impersonate users

# Manifests instead of a cluster: a directory, a dump, stdin
{cmd} delete deployments.apps -n shop --from manifests/
helm template chart | {cmd} get secrets --from -

# What the policy of Kalm's API says, whose role bindings RBAC knows nothing of
{cmd} --kalm edit components -n storefront

# In a script: is there anybody besides the superusers?
{cmd} delete namespaces -q && echo somebody can`

// whoFlags is what was typed.
type whoFlags struct {
	env *cli.Env
	inputs
	place
	print  *printer.Flags
	system bool
	names  bool
	quiet  bool
	verify bool
	kalm   bool
}

func (f *whoFlags) addFlags(cmd *cobra.Command) {
	f.inputs.addFlags(cmd)
	f.addGroupsFile(cmd)
	f.place.addFlags(cmd)
	f.addScopeFlag(cmd)
	f.print.AddFlags(cmd.Flags())
	fs := cmd.Flags()
	fs.BoolVar(&f.system, "system", false, "List the built-in subjects of Kubernetes too, instead of counting them.")
	fs.BoolVar(&f.names, "names", false, "List those too who may do it for certain object names only.")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "Print nothing; exit with 0 when somebody besides superusers and built-in subjects can, else 1.")
	fs.BoolVar(&f.verify, "verify", false, "Have the API server confirm every listed subject (SubjectAccessReview).")
	fs.BoolVar(&f.kalm, "kalm", false, kalmUsage)
}

// whoOptions is what run needs; only options makes one.
type whoOptions struct {
	*whoFlags
	words   question.Words
	printer printer.Printer
}

func (f *whoFlags) options(args []string) (*whoOptions, error) {
	w, err := parseWords(args)
	if err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	p, err := f.print.ToPrinter()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	if f.verify && f.offline() {
		return nil, cli.UsageError(errors.New("--verify asks an API server: it can't be used with --from"))
	}
	f.silent = f.quiet
	return &whoOptions{whoFlags: f, words: w, printer: p}, nil
}

// row is one subject in one cluster.
type row struct {
	cluster string
	grant   rbac.Grant
	// groups are those through which a user of the groups file may.
	groups  []string
	system  bool
	verdict string
	// full and limited are for rows in the making: see withMembers.
	full    bool
	limited []rbac.Grant
}

func (o *whoOptions) run(ctx context.Context) error {
	clusters, err := o.load(ctx, source.Want{Namespace: o.wanted(), Resources: true})
	if err != nil {
		return err
	}
	var rows []row
	var req question.Request
	for _, c := range answered(clusters) {
		ns, err := o.namespace(o.offline(), contextOf(c, clusters))
		if err != nil {
			return err
		}
		o.checkNamespace(c.index, ns, o.offline())
		if req, err = o.resolve(o.words, c.index.Catalog(), ns); err != nil {
			return err
		}
		if o.quiet && !o.names && !o.verify && o.groupsFile == "" {
			if o.somebody(c, req) {
				return o.finish(clusters)
			}
			continue
		}
		mine, err := o.rows(ctx, c, req)
		if err != nil {
			return err
		}
		for i := range mine {
			mine[i].cluster = clusterName(c, clusters)
		}
		rows = append(rows, mine...)
	}
	if o.quiet {
		return o.verdict(rows, clusters)
	}
	if err := o.printer.Print(o.env.Out, o.report(req, rows, clusters)); err != nil {
		return err
	}
	o.tellCounts(req, rows)
	return o.finish(clusters)
}

// contextOf is the context to ask for a namespace: a cluster's own among several.
func contextOf(c *cluster, clusters []*cluster) string { return clusterName(c, clusters) }

// wanted is the namespace that the query is about as far as it is known before the cluster is asked.
func (o *whoOptions) wanted() string {
	ns, err := o.namespace(o.offline(), "")
	if err != nil {
		return "" // it is asked for again with the context, and reported then
	}
	return ns
}

// rows asks one cluster.
func (o *whoOptions) rows(ctx context.Context, c *cluster, req question.Request) ([]row, error) {
	answer := c.index.WhoCan(req.Action, req.Scope)
	var rows []row
	for _, g := range answer.Grants {
		rows = append(rows, row{grant: g, system: g.Subject.IsSystem()})
	}
	for _, g := range answer.OnlyNamed {
		rows = append(rows, row{grant: g, system: g.Subject.IsSystem()})
	}
	if o.groupsFile != "" {
		known, err := source.ReadGroups(o.groupsFile)
		if err != nil {
			return nil, err
		}
		rows = withMembers(rows, known)
	}
	slices.SortStableFunc(rows, compareRows)
	if o.verify {
		return rows, o.confirm(ctx, c, req, rows)
	}
	return rows, nil
}

func compareRows(a, b row) int {
	if a.grant.Superuser != b.grant.Superuser {
		if a.grant.Superuser {
			return -1
		}
		return 1
	}
	return rbac.CompareSubjects(a.grant.Subject, b.grant.Subject)
}

// shown reports whether a row is printed in tables; JSON has them all.
func (o *whoOptions) shown(r row) bool {
	return (o.system || !r.system) && (o.names || len(r.grant.Names) == 0)
}

// somebody reports whether there is anybody whom a table would show, besides superusers.
func (o *whoOptions) somebody(c *cluster, req question.Request) bool {
	return slices.ContainsFunc(c.index.AllowedSubjects(req.Action, req.Scope), func(s rbac.Subject) bool {
		return s != rbac.Group(rbac.GroupMasters) && (o.system || !s.IsSystem())
	})
}

func (o *whoOptions) verdict(rows []row, clusters []*cluster) error {
	if err := o.finish(clusters); err != nil {
		return err
	}
	if slices.ContainsFunc(rows, func(r row) bool { return o.shown(r) && !r.grant.Superuser && !r.refused() }) {
		return nil
	}
	return cli.Silent(cli.ExitNo)
}

func (o *whoOptions) report(req question.Request, rows []row, clusters []*cluster) printer.Report {
	var shown []row
	for _, r := range rows {
		if o.shown(r) {
			shown = append(shown, r)
		}
	}
	return printer.Report{
		Object: func() any { return viewWho(req, rows, clusters) },
		Table: func() *metav1.Table {
			return whoTable(shown, len(clusters) > 1, o.verify, o.print.Format() != printer.Table)
		},
		Names: func() []string {
			var names []string
			for _, r := range shown {
				names = append(names, r.grant.Subject.String())
			}
			return names
		},
	}
}

// tellCounts says how many there are, and how many are not shown and why.
func (o *whoOptions) tellCounts(req question.Request, rows []row) {
	if o.print.Structured() && o.print.Format() != printer.CSV {
		return // JSON and its relatives have every row
	}
	shown, system, named := 0, 0, 0
	for _, r := range rows {
		switch {
		case o.shown(r):
			shown++
		case r.system:
			system++
		default:
			named++
		}
	}
	parts := []string{question.Plural(shown, "subject")}
	if system > 0 {
		parts = append(parts, question.Plural(system, "built-in system subject")+" folded (--system shows them)")
	}
	if named > 0 {
		parts = append(parts, question.Plural(named, "subject")+" can for certain names only (--names shows them)")
	}
	o.env.Notef("%s can %s %s", parts[0], req.Action, req.Where())
	for _, p := range parts[1:] {
		o.env.Notef("%s", p)
	}
}
