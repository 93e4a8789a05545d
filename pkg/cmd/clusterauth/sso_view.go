package clusterauth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/sso"
)

// configObject begins the objects of findings about a SingleSignOnConfig.
const configObject = "singlesignonconfig "

func ssoTable(s *sso.State, judged []finding.Finding) *metav1.Table {
	table := &metav1.Table{}
	for _, name := range []string{"Namespace", "Name", "Issuer", "Connectors", "Groups", "Token life", "Temporary admin", "Findings"} {
		column := metav1.TableColumnDefinition{Name: name, Type: "string"}
		table.ColumnDefinitions = append(table.ColumnDefinitions, column)
	}
	for _, name := range []string{"Client", "Endpoints"} {
		table.ColumnDefinitions = append(table.ColumnDefinitions, metav1.TableColumnDefinition{Name: name, Type: "string", Priority: 1})
	}
	for _, c := range s.Configs() {
		var connectors []string
		for _, connector := range c.Connectors {
			connectors = append(connectors, cmp.Or(connector.Type, "unknown"))
		}
		temporary := "none"
		if c.Temporary != nil {
			temporary = temporaryText(*c.Temporary)
		}
		found := 0
		for _, f := range judged {
			if f.Object == configObject+c.Namespace+"/"+c.Name {
				found++
			}
		}
		table.Rows = append(table.Rows, metav1.TableRow{Cells: []any{
			c.Namespace, c.Name, cmp.Or(sso.Issuer(c), "none"), listed(connectors), groupsText(sso.ClaimsOf(c)), sso.Life(c).String(), temporary, found,
			c.ClientID, len(s.Endpoints()),
		}})
	}
	return table
}

func listed(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ",")
}

// groupsText says in a few words which groups a login brings.
func groupsText(c sso.Claims) string {
	groups := slices.Clone(c.Groups)
	for _, org := range c.Orgs {
		groups = append(groups, org+":*")
	}
	switch {
	case c.None:
		return "none"
	case c.Unknown && len(groups) == 0:
		return "unknown"
	case c.Unknown:
		groups = append(groups, "...")
	}
	return listed(groups)
}

// ssoListView is the JSON of a list. Fields are added, never renamed or removed, within one version.
type ssoListView struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Complete   bool       `json:"complete"`
	Gaps       []rbac.Gap `json:"gaps,omitempty"`
	Items      []ssoView  `json:"items"`
}

// ssoView is a SingleSignOnConfig without what is secret in it.
type ssoView struct {
	Namespace  string          `json:"namespace"`
	Name       string          `json:"name"`
	Issuer     string          `json:"issuer"`
	Dex        bool            `json:"dex"`
	ClientID   string          `json:"clientID,omitempty"`
	PlainHTTP  bool            `json:"plainHTTP,omitempty"`
	Connectors []connectorView `json:"connectors"`
	Groups     []string        `json:"groups"`
	// GroupsOfOrgs are the organizations of GitHub of which every team comes, as "org:team".
	GroupsOfOrgs []string `json:"groupsOfOrgs,omitempty"`
	// GroupsUnknown says that another provider decides which groups come.
	GroupsUnknown bool `json:"groupsUnknown,omitempty"`
	// TokenSeconds is for how long an ID token counts.
	TokenSeconds   int64  `json:"tokenSeconds"`
	TemporaryAdmin string `json:"temporaryAdmin,omitempty"`
}

type connectorView struct {
	Type     string   `json:"type"`
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	BaseURL  string   `json:"baseURL,omitempty"`
	ClientID string   `json:"clientID,omitempty"`
	Orgs     []string `json:"orgs,omitempty"`
	Groups   []string `json:"groups,omitempty"`
}

func viewSSOList(r *reading.Reading, s *sso.State) ssoListView {
	v := ssoListView{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "SingleSignOnList", Complete: len(r.Inventory.Gaps) == 0, Gaps: r.Inventory.Gaps, Items: []ssoView{},
	}
	for _, c := range s.Configs() {
		v.Items = append(v.Items, viewSSO(c))
	}
	return v
}

func viewSSO(c kalm.SingleSignOn) ssoView {
	claims := sso.ClaimsOf(c)
	v := ssoView{
		Namespace: c.Namespace, Name: c.Name, Issuer: sso.Issuer(c), Dex: c.Issuer == "", ClientID: c.ClientID, PlainHTTP: c.HTTP,
		Connectors: []connectorView{}, Groups: append([]string{}, claims.Groups...), GroupsOfOrgs: claims.Orgs, GroupsUnknown: claims.Unknown,
		TokenSeconds: int64(sso.Life(c).Seconds()),
	}
	for _, connector := range c.Connectors {
		view := connectorView{
			Type: connector.Type, ID: connector.ID, Name: connector.Name, BaseURL: connector.BaseURL, ClientID: connector.ClientID, Groups: connector.Groups,
		}
		for _, org := range connector.Orgs {
			view.Orgs = append(view.Orgs, org.Name)
		}
		v.Connectors = append(v.Connectors, view)
	}
	if c.Temporary != nil {
		v.TemporaryAdmin = c.Temporary.Email
	}
	return v
}

// ssoDescription is everything about the login of Kalm; config is nil when there is none.
type ssoDescription struct {
	config   *kalm.SingleSignOn
	state    *sso.State
	gaps     []rbac.Gap
	findings []finding.Finding
}

type ssoDescriptionView struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Complete   bool           `json:"complete"`
	Gaps       []rbac.Gap     `json:"gaps,omitempty"`
	Config     *ssoView       `json:"config,omitempty"`
	Endpoints  []endpointView `json:"endpoints"`
	// GroupsPass are the groups that every endpoint lets through, EmailsPass the people.
	GroupsPass []string          `json:"groupsPass"`
	EmailsPass []sso.Passer      `json:"emailsPass"`
	Findings   []finding.Finding `json:"findings"`
}

type endpointView struct {
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Component string   `json:"component"`
	Ports     []int64  `json:"ports,omitempty"`
	Groups    []string `json:"groups,omitempty"`
	AnyBearer bool     `json:"anyBearer,omitempty"`
}

func (d *ssoDescription) view() ssoDescriptionView {
	v := ssoDescriptionView{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "SingleSignOnDescription", Complete: len(d.gaps) == 0, Gaps: d.gaps, Endpoints: []endpointView{},
		GroupsPass: append([]string{}, d.state.Granted()...), EmailsPass: append([]sso.Passer{}, d.state.Passers()...),
		Findings: append([]finding.Finding{}, d.findings...),
	}
	if d.config != nil {
		config := viewSSO(*d.config)
		v.Config = &config
	}
	for _, e := range d.state.Endpoints() {
		v.Endpoints = append(v.Endpoints, endpointView{
			Namespace: e.Namespace, Name: e.Name, Component: e.Component, Ports: e.Ports, Groups: e.Groups, AnyBearer: e.Bearer,
		})
	}
	return v
}

func (d *ssoDescription) text() []string {
	var out []string
	if d.config == nil {
		out = append(out, noConfig("there is no SingleSignOnConfig", d.state))
	} else {
		out = append(out, configText(*d.config)...)
	}
	out = append(out, d.endpointText()...)
	if len(d.findings) > 0 {
		out = append(out, "findings")
		for _, f := range d.findings {
			about := ""
			if f.Object != "" {
				about = f.Object + ": "
			}
			out = append(out, fmt.Sprintf("  %s %s %s%s", f.ID, f.Severity, about, f.Message))
		}
	}
	return out
}

func configText(c kalm.SingleSignOn) []string {
	out := []string{"singlesignonconfig " + c.Namespace + "/" + c.Name, "  issuer " + cmp.Or(sso.Issuer(c), "none: there is no domain")}
	if c.Issuer == "" {
		out = append(out, "    Kalm's own dex")
	} else {
		out = append(out, "    another provider, as client "+cmp.Or(c.ClientID, "without an id"))
	}
	for _, connector := range c.Connectors {
		out = append(out, strings.TrimRight(fmt.Sprintf("  connector %s (%s) %s",
			cmp.Or(connector.ID, "without an id"), cmp.Or(connector.Type, "no type"), connector.Name), " "))
		if connector.BaseURL != "" {
			out = append(out, "    at "+connector.BaseURL)
		}
		for _, org := range connector.Orgs {
			teams := "everybody in it"
			if len(org.Teams) > 0 {
				teams = "teams " + strings.Join(org.Teams, ", ")
			}
			out = append(out, "    organization "+cmp.Or(org.Name, "without a name")+": "+teams)
		}
		if len(connector.Groups) > 0 {
			out = append(out, "    groups "+strings.Join(connector.Groups, ", "))
		}
	}
	out = append(out, "  groups that a login brings: "+groupsText(sso.ClaimsOf(c)), "  ID tokens live "+sso.Life(c).String()+", the cookie of a login 7 days")
	if c.Temporary != nil {
		out = append(out, "  temporary administrator "+temporaryText(*c.Temporary)+", with a password")
	}
	return out
}

func temporaryText(u kalm.TemporaryUser) string { return cmp.Or(u.Email, u.Username, "without a name") }

func (d *ssoDescription) endpointText() []string {
	endpoints := d.state.Endpoints()
	known := d.state.Knows(inventory.ProtectedEndpoints)
	switch {
	case len(endpoints) == 0 && known:
		return []string{"protected endpoints: none"}
	case len(endpoints) == 0:
		return []string{"protected endpoints: none, as far as can be read"}
	}
	out := []string{"protected endpoints"}
	if !known {
		out[0] += ", as far as can be read"
	}
	for _, e := range endpoints {
		ports := "all ports"
		if len(e.Ports) > 0 {
			ports = "port " + strings.Trim(strings.ReplaceAll(fmt.Sprint(e.Ports), " ", ", "), "[]")
		}
		line := fmt.Sprintf("  %s/%s guards %s, %s", e.Namespace, e.Name, e.Component, ports)
		if e.Component == "" {
			line = fmt.Sprintf("  %s/%s guards nothing: it names no component", e.Namespace, e.Name)
		}
		if len(e.Groups) > 0 {
			line += "; lets through " + strings.Join(e.Groups, ", ")
		}
		if e.Bearer {
			line += "; lets through any request with a word after Bearer"
		}
		out = append(out, line)
	}
	out = append(out, "each of them lets through", "  groups "+noConfig(listed(d.state.Granted()), d.state))
	if !d.state.Knows(inventory.KalmBindings) {
		out = append(out, "  people: those whom role bindings of Kalm's name, which cannot all be read")
	}
	for _, p := range d.state.Passers() {
		line := "  " + p.Email
		if p.Nothing {
			line += "  (may do nothing in Kalm: " + p.Why + ")"
		}
		out = append(out, line)
	}
	return out
}
