package clusterauth

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/login"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// loginView is the JSON of one login. Fields are added, never renamed or removed, within one version.
type loginView struct {
	APIVersion    string `json:"apiVersion"`
	Kind          string `json:"kind"`
	Configuration string `json:"configuration"`
	login.Verdict
	// Rights are what the user may do, when that was asked.
	Rights *rightsView `json:"rights,omitempty"`
}

// rightsView is what somebody may do in a cluster.
type rightsView struct {
	// Cluster is where, as a context or a file.
	Cluster  string `json:"cluster"`
	Complete bool   `json:"complete"`
	// Superuser may do everything.
	Superuser bool        `json:"superuser,omitempty"`
	Rules     []rightView `json:"rules"`
}

// rightView is verbs on a resource or a URL, in some places.
type rightView struct {
	Everywhere bool     `json:"everywhere"`
	Namespaces []string `json:"namespaces,omitempty"`
	Resource   string   `json:"resource"`
	Names      []string `json:"names,omitempty"`
	Verbs      []string `json:"verbs"`
}

// nobody is a name that no binding can have: its rights are those of every user.
const nobody = "\x00"

// rights reads the roles and bindings of a cluster, and says what the user may do by them.
func (f *testTokenFlags) rights(ctx context.Context, user login.User) (*rightsView, error) {
	from, err := f.where(ctx)
	if err != nil {
		return nil, err
	}
	snapshot, err := from.Load(ctx, source.Want{})
	if err != nil {
		return nil, err
	}
	index := rbac.Compile(snapshot)
	id := rbac.NewIdentity(rbac.User(user.Username), user.Groups...)
	v := &rightsView{
		Cluster: snapshot.Cluster, Complete: len(snapshot.Gaps) == 0, Superuser: id.Superuser(), Rules: []rightView{},
	}
	everybody := index.Rights(rbac.NewIdentity(rbac.User(nobody)), "")
	for _, r := range index.Rights(id, "") {
		if v.Superuser {
			break // what bindings say on top is nothing more
		}
		if r.Void == "" && !isEverybodys(r, everybody) {
			v.Rules = append(v.Rules, viewRight(r))
		}
	}
	return v, nil
}

// where is the source of the roles and bindings of the cluster that the user would get into.
func (f *testTokenFlags) where(ctx context.Context) (source.Source, error) {
	if len(f.in) > 0 {
		return source.FilesWith(f.in, source.FilesOptions{Stdin: f.env.In, Warn: f.env.Warnf})
	}
	l, cluster, err := f.loadOne(ctx, f.cluster, clusterauth.Kubeconfigs)
	if err != nil {
		return nil, err
	}
	f.TellGaps(l.Reading)
	name := k0rdent.KubeconfigSecretName(cluster.Name)
	found := l.Inventory.Secret(cluster.Namespace, name)
	if found == nil || len(found.Data[k0rdent.KubeconfigSecretKey]) == 0 {
		return nil, fmt.Errorf("read kubeconfig of %s: secret %s/%s has no key %s", cluster.Name, cluster.Namespace, name, k0rdent.KubeconfigSecretKey)
	}
	return f.child(cluster, found.Data[k0rdent.KubeconfigSecretKey])
}

// child connects to the cluster whose kubeconfig was read. Its content is in no error.
func (f *testTokenFlags) child(cluster clusterauth.Cluster, kubeconfig []byte) (source.Source, error) {
	config, err := newKubeconfigOf(kubeconfig, f.timeout)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig of %s: %w", cluster.Name, err)
	}
	child, err := kube.New(config, f.env.UserAgent(), f.env.ErrOut)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", cluster.Name, err)
	}
	return source.Live(child, f.env.Clock, f.env.Warnf), nil
}

// isEverybodys reports whether a right is one that each user has, such as discovery.
func isEverybodys(r rbac.Right, everybody []rbac.Right) bool {
	for i := range everybody {
		e := &everybody[i]
		if r.Everywhere == e.Everywhere && r.Group == e.Group && r.Resource == e.Resource && r.URL == e.URL &&
			strings.Join(r.Verbs, ",") == strings.Join(e.Verbs, ",") && strings.Join(r.Names, ",") == strings.Join(e.Names, ",") {
			return true
		}
	}
	return false
}

func viewRight(r rbac.Right) rightView {
	v := rightView{Everywhere: r.Everywhere, Namespaces: r.Namespaces, Resource: r.Resource, Names: r.Names, Verbs: r.Verbs}
	if r.Group != "" && r.URL == "" {
		v.Resource += "." + r.Group
	}
	if r.URL != "" {
		v.Resource = r.URL
	}
	return v
}

// text tells what a user may do, a line each; nil is not asked.
func (v *rightsView) text() []string {
	if v == nil {
		return nil
	}
	out := []string{"may, in " + v.Cluster}
	if v.Superuser {
		out = append(out, "  everything: he is in system:masters, which is not checked against RBAC")
	}
	for _, r := range v.Rules {
		line := "  " + strings.Join(r.Verbs, ",") + " " + r.Resource
		if len(r.Names) > 0 {
			line += " (" + strings.Join(r.Names, ",") + ")"
		}
		if !r.Everywhere {
			line += " in " + strings.Join(r.Namespaces, ",")
		}
		out = append(out, line)
	}
	if len(v.Rules) == 0 && !v.Superuser {
		out = append(out, "  nothing but what every user may")
	}
	if !v.Complete {
		out = append(out, "  (not everything could be read: there may be more)")
	}
	return out
}

func (v loginView) table() *metav1.Table {
	why := "-"
	if v.Refusal != nil {
		why = v.Refusal.Reason
	}
	groups := "-"
	if v.User != nil {
		groups = orDash(v.User.Groups)
	}
	return &metav1.Table{
		ColumnDefinitions: []metav1.TableColumnDefinition{
			{Name: "User", Type: "string"}, {Name: "Groups", Type: "string"}, {Name: "Issuer", Type: "string"}, {Name: "Why", Type: "string"},
		},
		Rows: []metav1.TableRow{{Cells: []any{userOf(v.Verdict), groups, orDash(words(v.Issuer)), why}}},
	}
}

func (v loginView) findings() []finding.Finding {
	if v.Allowed {
		return nil
	}
	f := finding.Finding{ID: loginFailed, Severity: finding.Error, Object: v.Configuration, Message: "the token is nobody"}
	if v.Refusal != nil {
		f.Message, f.Why = "the token is nobody: "+v.Refusal.Rule, v.Refusal.Reason
	}
	return []finding.Finding{f}
}

func (v loginView) passed() []string {
	if !v.Allowed {
		return nil
	}
	return []string{userOf(v.Verdict)}
}
