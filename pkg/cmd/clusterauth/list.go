package clusterauth

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const listLong = `
List ClusterAuthentications: whose tokens they let in, when the CA of the issuer expires, and which clusters use them.

CA is the time until the first certificate expires; "inline" comes from the object itself, "missing" is a Secret that
is not there or has no certificate. CLUSTERS counts the ClusterDeployments of the namespace that refer to it, and how
many of them have a template that takes no notice. -o wide names them, with the hash that was rolled out last.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const listExample = `
# The example company
{cmd} list --from examples/acme

# Everywhere, with the clusters by name
{cmd} list -A -o wide

# Issuers, for a program
{cmd} list -A -o jsonpath='{.items[*].issuers[*].url}'`

// listFlags is what was typed.
type listFlags struct {
	*sources
	print *printer.Flags
	all   bool
}

func newListCommand(env *cli.Env) *cobra.Command {
	cmd := listCommand(env)
	cmd.Use = "list"
	cmd.Aliases = []string{"ls"}
	cmd.Short = "List ClusterAuthentications with issuers, CA and clusters"
	cmd.Long = listLong
	cmd.Example = env.Examples(listExample)
	cmd.Args = cobra.NoArgs
	return cmd
}

// listCommand makes the command that lists, which is also the bare call.
func listCommand(env *cli.Env) *cobra.Command {
	f := &listFlags{
		sources: newSources(env),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Name, printer.JSON, printer.YAML, printer.CSV,
			printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := f.print.ToPrinter()
			if err != nil {
				return cli.UsageError(err)
			}
			return f.run(cmd.Context(), p)
		},
	}
	f.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	env.AddAllNamespaces(cmd.Flags(), &f.all)
	return cmd
}

func (f *listFlags) run(ctx context.Context, p printer.Printer) error {
	namespace, err := f.place(f.all)
	if err != nil {
		return err
	}
	l, err := f.load(ctx, namespace, rolloutKinds(), clusterauth.CAs)
	if err != nil {
		return err
	}
	var all []clusterauth.Authentication
	for _, a := range l.state.Authentications() {
		if namespace == "" || a.Namespace == namespace {
			all = append(all, a)
		}
	}
	report := printer.Report{
		Object: func() any { return viewList(l, all) },
		Table:  func() *metav1.Table { return listTable(l.state, all) },
		Names: func() []string {
			var names []string
			for _, a := range all {
				names = append(names, "clusterauthentication.k0rdent.mirantis.com/"+a.Name)
			}
			return names
		},
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if len(all) == 0 && !f.print.Structured() {
		f.tellNone(namespace)
	}
	return f.Finish(l.Reading)
}

// tellNone says that there is nothing to list, and where.
func (f *listFlags) tellNone(namespace string) {
	where := ""
	if namespace != "" {
		where = " in " + namespace
	}
	f.env.Notef("no ClusterAuthentications%s", where)
	if namespace != "" {
		f.env.Notef("hint: -A looks in all namespaces")
	}
}

// listView is the JSON of a list. Fields are added, never renamed or removed, within one version.
type listView struct {
	APIVersion string               `json:"apiVersion"`
	Kind       string               `json:"kind"`
	Complete   bool                 `json:"complete"`
	Gaps       []rbac.Gap           `json:"gaps,omitempty"`
	KCM        clusterauth.KCM      `json:"kcm"`
	Items      []authenticationView `json:"items"`
}

// authenticationView is the JSON of one ClusterAuthentication.
type authenticationView struct {
	Namespace string       `json:"namespace"`
	Name      string       `json:"name"`
	Managed   bool         `json:"managed,omitempty"`
	Problem   string       `json:"problem,omitempty"`
	Issuers   []issuerView `json:"issuers"`
	// CASecret names the Secret with the CA, as NAMESPACE/NAME:KEY.
	CASecret     string              `json:"caSecret,omitempty"`
	CAProblem    string              `json:"caProblem,omitempty"`
	Certificates []authn.Certificate `json:"certificates,omitempty"`
	Clusters     []clusterUseView    `json:"clusters"`
}

type issuerView struct {
	URL       string   `json:"url"`
	Audiences []string `json:"audiences"`
}

type clusterUseView struct {
	Name     string `json:"name"`
	Template string `json:"template,omitempty"`
	// Supported is false when the template takes no notice, absent when that is not known.
	Supported *bool `json:"supported,omitempty"`
	// Hash is what was rolled out last.
	Hash string `json:"hash,omitempty"`
}

func viewList(l *loaded, all []clusterauth.Authentication) listView {
	v := listView{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "ClusterAuthenticationList", Complete: len(l.Inventory.Gaps) == 0,
		Gaps: l.Inventory.Gaps, KCM: l.state.KCM, Items: []authenticationView{},
	}
	for _, a := range all {
		v.Items = append(v.Items, viewAuthentication(l.state, a))
	}
	return v
}

func viewAuthentication(s *clusterauth.State, a clusterauth.Authentication) authenticationView {
	v := authenticationView{
		Namespace: a.Namespace, Name: a.Name, Managed: a.Managed, Problem: text(a.Problem), CAProblem: text(a.CAProblem),
		Certificates: a.Certificates, Issuers: []issuerView{}, Clusters: []clusterUseView{},
	}
	if a.CASecret != nil {
		v.CASecret = fmt.Sprintf("%s/%s:%s", a.CASecret.Namespace, a.CASecret.Name, a.CASecret.Key)
	}
	if a.Configuration != nil {
		for _, j := range a.Configuration.JWT {
			v.Issuers = append(v.Issuers, issuerView{URL: j.Issuer.URL, Audiences: j.Issuer.Audiences})
		}
	}
	for _, c := range usedBy(s, a) {
		use := clusterUseView{Name: c.Name, Template: c.Template, Hash: c.Hash}
		if c.Support.Known {
			use.Supported = &c.Support.Consumes
		}
		v.Clusters = append(v.Clusters, use)
	}
	return v
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// usedBy returns the clusters that refer to an authentication, by name.
func usedBy(s *clusterauth.State, a clusterauth.Authentication) []clusterauth.Cluster {
	var out []clusterauth.Cluster
	for _, c := range s.Clusters() {
		if c.Namespace == a.Namespace && c.ClusterAuth == a.Name {
			out = append(out, c)
		}
	}
	return out
}

func listTable(s *clusterauth.State, all []clusterauth.Authentication) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Namespace", Type: "string"},
		{Name: "Name", Type: "string"},
		{Name: "Issuers", Type: "string"},
		{Name: "Audiences", Type: "string"},
		{Name: "CA", Type: "string"},
		{Name: "Clusters", Type: "string"},
		{Name: "Used by", Type: "string", Priority: 1},
	}}
	for _, a := range all {
		var issuers, audiences []string
		if a.Configuration != nil {
			for _, j := range a.Configuration.JWT {
				issuers = append(issuers, j.Issuer.URL)
				audiences = append(audiences, j.Issuer.Audiences...)
			}
		}
		slices.Sort(audiences)
		count, names := clustersOf(s, a)
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
			a.Namespace, a.Name, orDash(issuers), orDash(slices.Compact(audiences)), caOf(s, a), count, names,
		}})
	}
	return t
}

// clustersOf counts the clusters that refer to an authentication, and names them: "3 (1 ignores it)".
func clustersOf(s *clusterauth.State, a clusterauth.Authentication) (count, names string) {
	clusters := usedBy(s, a)
	var all []string
	ignoring := 0
	for _, c := range clusters {
		name := c.Name
		switch {
		case c.Support.Known && !c.Support.Consumes:
			ignoring++
			name += " (ignores it)"
		case c.Hash != "":
			name += " (" + c.Hash + ")"
		}
		all = append(all, name)
	}
	count = strconv.Itoa(len(clusters))
	switch {
	case ignoring == 1:
		count += " (1 ignores it)"
	case ignoring > 1:
		count += fmt.Sprintf(" (%d ignore it)", ignoring)
	}
	return count, orDash(all)
}

// caOf says in a word how long the CA of an authentication is good for.
func caOf(s *clusterauth.State, a clusterauth.Authentication) string {
	switch {
	case a.Problem != nil, a.CAUnread:
		return "?"
	case a.CAProblem != nil:
		return "missing"
	case len(a.Certificates) > 0:
		return remaining(a.Certificates, s.Now)
	case a.CASecret != nil:
		return "missing"
	case a.Configuration == nil:
		return "-"
	}
	for _, j := range a.Configuration.JWT {
		if j.Issuer.CertificateAuthority != "" {
			return "inline"
		}
	}
	return "system"
}

// remaining is the time until the first of certificates expires, such as "3y40d".
func remaining(certificates []authn.Certificate, now time.Time) string {
	first := certificates[0].NotAfter
	for _, c := range certificates {
		if c.NotAfter.Before(first) {
			first = c.NotAfter
		}
	}
	if !first.After(now) {
		return "expired"
	}
	return duration.HumanDuration(first.Sub(now))
}

func orDash(words []string) string {
	if len(words) == 0 {
		return "-"
	}
	return strings.Join(words, ",")
}
