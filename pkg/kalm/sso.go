package kalm

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// DefaultTokenLife is for how long a login counts when a SingleSignOnConfig says nothing: its webhook writes 300 seconds.
// Source: controller/api/v1alpha1/singlesignonconfig_webhook.go.
const DefaultTokenLife = 300 * time.Second

// SSOName is the name that Kalm's API gives to its only SingleSignOnConfig, in [SystemNamespace].
const SSOName = "sso"

// SingleSignOn is a SingleSignOnConfig of Kalm, without its secrets.
type SingleSignOn struct {
	Namespace, Name string
	// Domain is where Kalm's own dex answers; Issuer is another provider that is used instead.
	Domain, Issuer string
	ClientID       string
	// Secret says that the secret of the other provider's client stands in the object.
	Secret bool
	// HTTP says that logins go over plain HTTP.
	HTTP       bool
	Port       int64
	Connectors []Connector
	Temporary  *TemporaryUser
	// Life is for how long an ID token counts; zero when nothing is said: then it is [DefaultTokenLife].
	Life time.Duration
	// Approve and AlwaysLogin say which pages dex shows: one that asks for consent, and the choice of connectors.
	Approve, AlwaysLogin bool
	// Proxy is host and port of an authorizing proxy outside of the mesh; empty for none.
	Proxy  string
	Object *unstructured.Unstructured
}

// Connector is a way to log in through Kalm's dex.
type Connector struct {
	Type, ID, Name string
	BaseURL        string
	ClientID       string
	// Secret says that the client's secret stands in the object.
	Secret bool
	// Orgs are GitHub's organizations, and the teams of each that may log in; Groups are those of GitLab.
	Orgs   []Org
	Groups []string
}

// Org is an organization of GitHub. No teams means everybody in it.
type Org struct {
	Name  string
	Teams []string
}

// The types of connectors that Kalm's webhook takes. Source: singlesignonconfig_webhook.go.
const (
	GitHub = "github"
	GitLab = "gitlab"
)

// Claims returns the groups that people come with who log in by the connector: "org:team" for GitHub, paths for GitLab. A team
// that is not named comes too: the list is what the configuration names.
func (c Connector) Claims() []string {
	if c.Type != GitHub {
		return slices.Clone(c.Groups)
	}
	var groups []string
	for _, org := range c.Orgs {
		for _, team := range org.Teams {
			groups = append(groups, org.Name+":"+team)
		}
	}
	return groups
}

// TemporaryUser is the administrator that Kalm makes when it is set up.
type TemporaryUser struct {
	Username, Email, ID string
	// Hash says that the hash of the password stands in the object.
	Hash bool
}

// ReadSingleSignOn reads a SingleSignOnConfig; what is not as its schema demands is empty.
func ReadSingleSignOn(u *unstructured.Unstructured) SingleSignOn {
	spec := specOf(u)
	s := SingleSignOn{
		Namespace: u.GetNamespace(), Name: u.GetName(), Object: u,
		Domain: str(spec, "domain"), Issuer: str(spec, "issuer"), ClientID: str(spec, "issuerClientId"),
		Secret: str(spec, "issuerClientSecret") != "", HTTP: flag(spec, "useHttp"), Port: number(spec, "port"),
		Life:    time.Duration(number(spec, "idTokenExpirySeconds")) * time.Second,
		Approve: flag(spec, "showApproveScreen"), AlwaysLogin: flag(spec, "alwaysShowLoginScreen"),
	}
	for _, item := range records(spec, "connectors") {
		s.Connectors = append(s.Connectors, readConnector(item))
	}
	if user, ok := spec["temporaryUser"].(map[string]any); ok {
		s.Temporary = &TemporaryUser{
			Username: str(user, "username"), Email: str(user, "email"), ID: str(user, "userId"), Hash: str(user, "passwordHash") != "",
		}
	}
	if proxy, ok := spec["externalEnvoyExtAuthz"].(map[string]any); ok {
		s.Proxy = str(proxy, "host")
	}
	return s
}

func readConnector(item map[string]any) Connector {
	config, _ := item["config"].(map[string]any)
	c := Connector{
		Type: str(item, "type"), ID: str(item, "id"), Name: str(item, "name"),
		BaseURL: str(config, "baseURL"), ClientID: str(config, "clientID"), Secret: str(config, "clientSecret") != "",
		Groups: texts(config, "groups"),
	}
	for _, org := range records(config, "orgs") {
		c.Orgs = append(c.Orgs, Org{Name: str(org, "name"), Teams: texts(org, "teams")})
	}
	return c
}

// Endpoint is a ProtectedEndpoint of Kalm: who logs in gets through to a component, or to some ports of it.
type Endpoint struct {
	Namespace, Name string
	// Component is the component that is guarded, by its name in the same namespace.
	Component string
	Ports     []int64
	// Groups get through besides everybody whom any role binding in the cluster names.
	Groups []string
	// Bearer says that a request gets through that has any Authorization header with the word Bearer.
	Bearer bool
	Object *unstructured.Unstructured
}

// ReadEndpoint reads a ProtectedEndpoint; what is not as its schema demands is empty.
// Source: controller/api/v1alpha1/protectedendpoint_types.go.
func ReadEndpoint(u *unstructured.Unstructured) Endpoint {
	spec := specOf(u)
	e := Endpoint{
		Namespace: u.GetNamespace(), Name: u.GetName(), Object: u,
		Component: str(spec, "name"), Groups: texts(spec, "groups"), Bearer: flag(spec, "allowToPassIfHasBearerToken"),
	}
	ports, _ := spec["ports"].([]any)
	for _, port := range ports {
		e.Ports = append(e.Ports, number(map[string]any{"": port}, ""))
	}
	return e
}

// flag returns a truth of an object.
func flag(m map[string]any, key string) bool {
	b, _ := m[key].(bool)
	return b
}

func records(m map[string]any, key string) []map[string]any {
	items, _ := m[key].([]any)
	var found []map[string]any
	for _, item := range items {
		if one, ok := item.(map[string]any); ok {
			found = append(found, one)
		}
	}
	return found
}

func texts(m map[string]any, key string) []string {
	items, _ := m[key].([]any)
	var found []string
	for _, item := range items {
		if one, ok := item.(string); ok {
			found = append(found, one)
		}
	}
	return found
}
