package clusterauth

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const diffLong = `
Compare what a cluster should have with what it has, from the ClusterAuthentication to each machine.

k0rdent passes a configuration on in five steps, and each can lag behind: the Secret with the file, the hash in the
values of the HelmRelease, the path in the control plane, and the path that each machine was made with. The Secret is
compared to the byte, and where bytes differ, by what they mean. Copies that AccessManagement has put into other
namespaces are compared with their source: k0rdent never updates them, "sync-copies" does.

Without a name all clusters of the namespace are compared.

Exit codes: 0 all is the same, 1 something differs, 2 error, or a partial answer under --strict.`

const diffExample = `
# Is what was rolled out what should be?
{cmd} diff edge-berlin -n kcm-system --from examples/acme

# All clusters, every night
{cmd} diff -A -o json`

// diffFlags is what was typed.
type diffFlags struct {
	*sources
	print *printer.Flags
	all   bool
}

func newDiffCommand(env *cli.Env) *cobra.Command {
	f := &diffFlags{
		sources: newSources(env),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV, printer.Markdown,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "diff [CLUSTER]",
		Aliases:           []string{"drift"},
		Short:             "Compare what clusters should have with what they have",
		Long:              diffLong,
		Example:           env.Examples(diffExample),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, inventory.ClusterDeployments),
		RunE:              cli.Printing(f.print, f.run),
	}
	f.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	env.AddAllNamespaces(cmd.Flags(), &f.all)
	cli.Predicate(cmd)
	return cmd
}

func (f *diffFlags) run(ctx context.Context, p printer.Printer, args []string) error {
	l, clusters, copies, err := f.compared(ctx, args)
	if err != nil {
		return err
	}
	var all []difference
	unseen := map[string][]string{}
	for _, c := range clusters {
		name := c.Namespace + "/" + c.Name
		for _, d := range clusterauth.Diff(l.state, c) {
			all = append(all, difference{Cluster: name, Difference: d})
		}
		if lines := clusterauth.Unseen(l.state, c); len(lines) > 0 {
			unseen[name] = lines
		}
	}
	for _, c := range copies {
		all = append(all, copyDifferences(c)...)
	}
	report := printer.Report{
		Object: func() any { return viewDiff(l, all, unseen) },
		Table:  func() *metav1.Table { return diffTable(all) },
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if !f.print.Structured() {
		for _, name := range slices.Sorted(maps.Keys(unseen)) {
			for _, line := range unseen[name] {
				f.env.Notef("note: %s: not compared: %s", name, line)
			}
		}
		f.env.Notef("%s compared, %s", findings.Count(len(clusters), "cluster"), findings.Count(len(all), "difference"))
	}
	if err := f.Finish(l.Reading); err != nil {
		return err
	}
	if f.Strict() && len(unseen) > 0 {
		return cli.ExitWith(cli.ExitPredicateError, errors.New("not everything could be compared, and --strict is set"))
	}
	if len(all) > 0 {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// compared reads, and chooses the clusters and the copies to compare.
func (f *diffFlags) compared(ctx context.Context, args []string) (*loaded, []clusterauth.Cluster, []clusterauth.Copy, error) {
	namespace, err := f.place(f.all)
	if err != nil {
		return nil, nil, nil, err
	}
	purposes := []clusterauth.Purpose{clusterauth.CAs, clusterauth.AuthConfigs}
	if len(args) > 0 {
		name, err := f.named(args[0])
		if err != nil {
			return nil, nil, nil, err
		}
		l, err := f.load(ctx, name.Namespace, clusterauth.RolloutKinds(), purposes...)
		if err != nil {
			return nil, nil, nil, err
		}
		if name, err = find(l, inventory.ClusterDeployments, name); err != nil {
			return nil, nil, nil, err
		}
		cluster, err := l.state.Cluster(name.Namespace, name.Name)
		return l, []clusterauth.Cluster{cluster}, nil, err
	}
	// Copies are in other namespaces than their sources.
	l, err := f.load(ctx, "", clusterauth.JudgedKinds(), purposes...)
	if err != nil {
		return nil, nil, nil, err
	}
	var clusters []clusterauth.Cluster
	for _, c := range l.state.Clusters() {
		if namespace == "" || c.Namespace == namespace {
			clusters = append(clusters, c)
		}
	}
	var copies []clusterauth.Copy
	for _, c := range l.state.Copies() {
		if namespace == "" || c.Namespace == namespace || namespace == l.state.SystemNamespace {
			copies = append(copies, c)
		}
	}
	if len(clusters)+len(copies) == 0 {
		f.warnNone(l, namespace)
	}
	return l, clusters, copies, nil
}

// difference is a difference, and the cluster that it concerns; copies concern none.
type difference struct {
	Cluster string `json:"cluster,omitempty"`
	clusterauth.Difference
}

// copyDifferences tells how a copy differs from its source.
func copyDifferences(c clusterauth.Copy) []difference {
	object := "clusterauthentication " + c.Namespace + "/" + c.Name
	one := func(field, message string) difference {
		return difference{Difference: clusterauth.Difference{Object: object, Field: field, Message: message}}
	}
	switch c.State {
	case clusterauth.Stale:
		var out []difference
		for _, field := range c.Fields {
			out = append(out, one(field, "the copy no longer matches its source; sync-copies refreshes it"))
		}
		return out
	case clusterauth.Unmanaged:
		return []difference{one("metadata.labels", "k0rdent did not make it, and makes no copy while it is there")}
	case clusterauth.Absent:
		return []difference{one("", "AccessManagement asks for this copy, and it is not there")}
	case clusterauth.Orphan:
		return []difference{one("", "no rule asks for it any more, or its source is gone")}
	case clusterauth.Current:
	}
	return nil
}

// diffView is the JSON of a comparison. Fields are added, never renamed or removed, within one version.
type diffView struct {
	APIVersion  string       `json:"apiVersion"`
	Kind        string       `json:"kind"`
	Complete    bool         `json:"complete"`
	Gaps        []rbac.Gap   `json:"gaps,omitempty"`
	Differences []difference `json:"differences"`
	// Unseen says, by cluster, what could not be compared.
	Unseen map[string][]string `json:"unseen,omitempty"`
}

func viewDiff(l *loaded, all []difference, unseen map[string][]string) diffView {
	return diffView{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "ClusterAuthenticationDiff", Complete: len(l.Inventory.Gaps)+len(unseen) == 0,
		Gaps: l.Inventory.Gaps, Differences: append([]difference{}, all...), Unseen: unseen,
	}
}

func diffTable(all []difference) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Cluster", Type: "string"},
		{Name: "Object", Type: "string"},
		{Name: "Field", Type: "string"},
		{Name: "Want", Type: "string", Priority: 1},
		{Name: "Have", Type: "string", Priority: 1},
		{Name: "Difference", Type: "string"},
	}}
	for _, d := range all {
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
			orDash(words(d.Cluster)), d.Object, orDash(words(d.Field)), orDash(words(d.Want)), orDash(words(d.Have)), d.Message,
		}})
	}
	return t
}
