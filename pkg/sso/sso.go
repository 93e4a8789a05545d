// Package sso reads and judges how people log in to Kalm: its SingleSignOnConfig, the connectors of it, and the endpoints that
// it guards.
//
// Source, unless a comment names another: kalmhq/kalm at 3479e596.
package sso

import (
	"slices"
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

// State is how people log in to Kalm, as an inventory shows it.
type State struct {
	Inventory *inventory.Inventory
	// Now decides what has run out.
	Now time.Time

	configs    []kalm.SingleSignOn
	endpoints  []kalm.Endpoint
	bindings   []kalm.Binding
	components []kalm.Component
	world      kalm.World
	policy     *kalm.Policy
}

// Kinds are the kinds that make a state.
func Kinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.Namespaces, inventory.SingleSignOns, inventory.ProtectedEndpoints, inventory.KalmBindings, inventory.KalmComponents,
	}
}

// NewState reads a state. The inventory stays as it is.
func NewState(inv *inventory.Inventory, now time.Time) *State {
	s := &State{Inventory: inv, Now: now}
	for _, u := range inv.Objects(inventory.SingleSignOns) {
		s.configs = append(s.configs, kalm.ReadSingleSignOn(u))
	}
	for _, u := range inv.Objects(inventory.ProtectedEndpoints) {
		s.endpoints = append(s.endpoints, kalm.ReadEndpoint(u))
	}
	for _, u := range inv.Objects(inventory.KalmComponents) {
		s.components = append(s.components, kalm.ReadComponent(u))
	}
	s.world = kalm.NewWorld(inv.Namespaces, inv.Objects(inventory.KalmBindings), nil, now)
	s.bindings = s.world.Bindings
	s.world.Assume()
	s.policy = kalm.NewPolicy(s.world)
	return s
}

// Configs returns the SingleSignOnConfigs, by namespace and name.
func (s *State) Configs() []kalm.SingleSignOn { return s.configs }

// Endpoints returns what the login guards, by namespace and name.
func (s *State) Endpoints() []kalm.Endpoint { return s.endpoints }

// Knows reports whether all objects of a kind were read, so that what is not there is nowhere.
func (s *State) Knows(kind inventory.Kind) bool { return s.read(kind) }

// Here reports whether there is anything of Kalm's that is about logins.
func (s *State) Here() bool {
	return len(s.configs)+len(s.endpoints) > 0 || s.hasNamespace(kalm.SystemNamespace)
}

// Namespaces returns the namespaces of the configurations and of the endpoints, in order.
func (s *State) Namespaces() []string {
	var names []string
	for _, c := range s.configs {
		names = append(names, c.Namespace)
	}
	for _, e := range s.endpoints {
		names = append(names, e.Namespace)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *State) hasNamespace(name string) bool { return s.Inventory.Namespace(name) != nil }

// Issuer returns who makes the tokens of a configuration: its own dex, or another provider.
// Source: controller/controllers/singlesignonconfig_controller.go.
func Issuer(c kalm.SingleSignOn) string {
	if c.Issuer != "" {
		return c.Issuer
	}
	if c.Domain == "" {
		return ""
	}
	scheme := "https://"
	if c.HTTP {
		scheme = "http://"
	}
	return scheme + c.Domain + port(c) + "/dex"
}

// Life returns for how long an ID token of a configuration counts.
func Life(c kalm.SingleSignOn) time.Duration {
	if c.Life == 0 {
		return kalm.DefaultTokenLife
	}
	return c.Life
}

// Claims says which groups a login brings.
type Claims struct {
	// Groups are the ones that the configuration names, in order.
	Groups []string
	// Orgs are the organizations of GitHub of which all teams come, as "org:team".
	Orgs []string
	// Unknown says that another provider decides; None that it is one that brings no groups.
	Unknown, None bool
}

// ClaimsOf returns which groups a login by a configuration brings. Google's provider has none, and Kalm's proxy does not ask
// others for any. Source: api/cmd/auth-proxy/main.go.
func ClaimsOf(c kalm.SingleSignOn) Claims {
	var out Claims
	if c.Issuer != "" {
		out.None = strings.Contains(c.Issuer, "accounts.google.com")
		out.Unknown = !out.None
		return out
	}
	for _, connector := range c.Connectors {
		out.Groups = append(out.Groups, connector.Claims()...)
		for _, org := range connector.Orgs {
			if len(org.Teams) == 0 && org.Name != "" {
				out.Orgs = append(out.Orgs, org.Name)
			}
		}
		if connector.Type != kalm.GitHub && connector.Type != kalm.GitLab {
			out.Unknown = true
		}
	}
	slices.Sort(out.Groups)
	slices.Sort(out.Orgs)
	out.Groups, out.Orgs = slices.Compact(out.Groups), slices.Compact(out.Orgs)
	return out
}

// Brings reports whether a login may bring a group. What is not known may.
func (c Claims) Brings(group string) bool {
	if c.Unknown || slices.Contains(c.Groups, group) {
		return true
	}
	org, _, ok := strings.Cut(group, ":")
	return ok && slices.Contains(c.Orgs, org)
}

// Granted returns the groups that get through every protected endpoint: Kalm reads them from the field groups of a connector's
// config, which GitHub's does not have. Source: controller/controllers/protectedendpoint_controller.go.
func (s *State) Granted() []string {
	var groups []string
	for _, c := range s.configs {
		for _, connector := range c.Connectors {
			groups = append(groups, connector.Groups...)
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// Passer is a user whom a protected endpoint lets through because a role binding names him.
type Passer struct {
	Email string `json:"email"`
	// Bindings are the role bindings that name him.
	Bindings []string `json:"bindings"`
	// Nothing says that he may do nothing in Kalm by any of them: they have run out, are suspended or placeholders, count
	// nowhere, or are spelled as no login is.
	Nothing bool `json:"nothing,omitempty"`
	// Why says why that is so.
	Why string `json:"why,omitempty"`
}

// Passers returns whom every protected endpoint lets through by e-mail address: the users of all role bindings in the cluster,
// in small letters, in order.
func (s *State) Passers() []Passer {
	found := map[string]*Passer{}
	var order []string
	for i := range s.bindings {
		b := &s.bindings[i]
		email := strings.ToLower(b.Subject)
		if b.Group || email == "" {
			continue
		}
		p := found[email]
		if p == nil {
			p = &Passer{Email: email, Nothing: true}
			found[email], order = p, append(order, email)
		}
		p.Bindings = append(p.Bindings, b.Ref())
		if why := s.idle(b); why == "" {
			p.Nothing, p.Why = false, ""
		} else if p.Nothing {
			p.Why = stronger(p.Why, why)
		}
	}
	slices.Sort(order)
	var out []Passer
	for _, email := range order {
		out = append(out, *found[email])
	}
	return out
}

// idle returns why a binding gives nothing, or an empty text.
func (s *State) idle(b *kalm.Binding) string {
	if !b.Role.Known() {
		return "unknown role"
	}
	if !b.Role.Gives() {
		return string(b.Role)
	}
	why := ""
	for _, f := range s.policy.Flags() {
		if f.Binding == nil || f.Binding.Namespace != b.Namespace || f.Binding.Name != b.Name {
			continue
		}
		switch f.Mark {
		case kalm.Over:
			why = stronger(why, "expired")
		case kalm.Withheld:
			why = stronger(why, string(kalm.Suspended))
		case kalm.Inert:
			why = stronger(why, "no application")
		case kalm.Case:
			why = stronger(why, "capital letters")
		case kalm.Dropped:
			why = stronger(why, "quotation mark")
		case kalm.Injected, kalm.Denies, kalm.Stops, kalm.Trap, kalm.Leaks, kalm.Alone, kalm.Prefix, kalm.Unknown:
		}
	}
	return why
}

// stronger returns the reason that matters more: that somebody is suspended.
func stronger(a, b string) string {
	if a == "" || b == string(kalm.Suspended) {
		return b
	}
	return a
}
