package clusterauth

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

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
		if uses := c.Uses(); uses != clusterauth.UseUnknown {
			use.Supported = new(uses == clusterauth.UseYes)
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
	out := make([]clusterauth.Cluster, 0, len(a.UsedBy))
	for _, name := range a.UsedBy {
		if c, err := s.Cluster(a.Namespace, name); err == nil {
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
		case c.Uses() == clusterauth.UseNo:
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
