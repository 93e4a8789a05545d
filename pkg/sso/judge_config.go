package sso

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// How long ID tokens live that nothing is said about.
const (
	shortest = time.Minute
	longest  = time.Hour
)

func judgeCount(s *State) []finding.Finding {
	var out []finding.Finding
	if len(s.configs) == 0 && s.read(inventory.Namespaces) && s.Here() && s.Inventory.Served[inventory.SingleSignOns] {
		out = append(out, found("SS020", "", "there is no SingleSignOnConfig",
			"Kalm's dashboard is then reached by a forwarded port only, where everybody is its administrator."))
	}
	if len(s.configs) > 1 {
		var names []string
		for _, c := range s.configs {
			names = append(names, c.Namespace+"/"+c.Name)
		}
		out = append(out, found("SS001", configObject(s.configs[0]), fmt.Sprintf("there are %d: %s", len(names), some(names)),
			"The controller wants exactly one in the whole cluster, and stops at a second one: later changes to either have no effect. Delete those that are not meant."))
	}
	for _, c := range s.configs {
		if !shown(c) {
			out = append(out, found("SS002", configObject(c), "it is not "+kalm.SystemNamespace+"/"+kalm.SSOName,
				"Kalm's API reads and writes that one. Its pages show no login, and make another one, which stops the controller."))
		}
	}
	return out
}

func judgeConfig(c kalm.SingleSignOn) []finding.Finding {
	object := configObject(c)
	var out []finding.Finding
	for _, err := range kalm.CheckSingleSignOn(c) {
		out = append(out, found("SS003", object, err.Error(),
			"Kalm's webhook does not take it. It is there because the webhook was not when it was written, so that Kalm makes of it what it can."))
	}
	if c.HTTP {
		out = append(out, found("SS008", object, "useHttp is set",
			"Passwords, tokens and the cookie of the login go over the network as they are. Whoever reads one is that person for seven days."))
	}
	if c.Temporary != nil && c.Issuer == "" {
		out = append(out, found("SS005", object, fmt.Sprintf("%s can log in with a password", cmp.Or(c.Temporary.Email, c.Temporary.Username, "a temporary user")), temporaryWhy(c)))
	}
	if c.Life != 0 && (c.Life < shortest || c.Life > longest) {
		out = append(out, found("SS007", object, "ID tokens live "+c.Life.String(),
			"Who is taken out of a group or loses a team keeps what that gave for so long; very short ones make every request log in anew. Kalm's own choice is 5m:\n"+
				patch(c, fmt.Sprintf("%q:%d", "idTokenExpirySeconds", int(kalm.DefaultTokenLife.Seconds())))))
	}
	if c.Issuer == "" {
		for _, connector := range c.Connectors {
			out = append(out, judgeConnector(object, connector)...)
		}
	}
	return out
}

func temporaryWhy(c kalm.SingleSignOn) string {
	why := "It is the owner of everything in Kalm, and was meant for the first day. "
	if len(c.Connectors) == 0 {
		return why + "There is no connector yet: make one, give yourself clusterOwner, and then take it out."
	}
	return why + "Take it out, and its role binding too, which Kalm leaves:\n" + patch(c, `"temporaryUser":null`)
}

func judgeConnector(object string, c kalm.Connector) []finding.Finding {
	var out []finding.Finding
	if c.Type == kalm.GitHub && len(c.Orgs) > 0 {
		out = append(out, found("SS004", object, "connector "+connectorName(c)+" has orgs, and the list of groups that pass is read from groups",
			"Who logs in with GitHub gets through a protected endpoint only if a role binding names his e-mail address, or the endpoint names his team as org:team."))
	}
	var open []string
	for _, org := range c.Orgs {
		if len(org.Teams) == 0 && org.Name != "" {
			open = append(open, org.Name)
		}
	}
	if c.Type == kalm.GitHub && len(open) > 0 {
		out = append(out, found("SS023", object, "connector "+connectorName(c)+" takes everybody in "+some(open),
			"Name the teams that are meant."))
	}
	if strings.HasPrefix(strings.ToLower(c.BaseURL), "http://") {
		out = append(out, found("SS021", object, "connector "+connectorName(c)+" has the address "+c.BaseURL,
			"The client's secret and the people's tokens go over the network as they are, and anybody on the way can be anybody."))
	}
	return out
}

// connectorName returns what tells a connector from others.
func connectorName(c kalm.Connector) string { return cmp.Or(c.ID, c.Name, c.Type, "without a name") }

// judgeLeft judges role bindings of temporary administrators who are no more. Kalm takes out the user and leaves the binding.
func judgeLeft(s *State) []finding.Finding {
	if !s.read(inventory.SingleSignOns, inventory.KalmBindings) {
		return nil
	}
	var out []finding.Finding
	for _, b := range s.bindings {
		if b.Group || b.Role != kalm.ClusterOwner || b.Expired(s.Now) {
			continue
		}
		for _, c := range s.configs {
			if c.Temporary != nil || c.Domain == "" || b.Subject != "admin@"+c.Domain {
				continue
			}
			f := found("SS006", bindingObject(b), fmt.Sprintf("%s owns everything, and %s has no temporary user any more", b.Subject, configObject(c)),
				"Whoever gets that e-mail address from any provider that people log in with is the owner of the cluster: Kalm does not ask whether an address was verified.")
			f.Fix = deletion(b, "the temporary administrator is gone")
			out = append(out, f)
		}
	}
	return out
}

// deletion is the plan that deletes a role binding, nil when it can't be made.
func deletion(b kalm.Binding, why string) *plan.Plan {
	p, err := plan.New("delete "+bindingObject(b), plan.Step{Verb: plan.Delete, Old: b.Object, Why: why, Unit: bindingObject(b)})
	if err != nil {
		return nil
	}
	return &p
}

// judgeGroups judges role bindings for groups that nobody can be in.
func judgeGroups(s *State) []finding.Finding {
	if len(s.configs) != 1 || !s.read(inventory.SingleSignOns, inventory.KalmBindings) {
		return nil
	}
	claims := ClaimsOf(s.configs[0])
	var out []finding.Finding
	for _, b := range s.bindings {
		if b.Group && b.Subject != "" && b.Role.Gives() && !b.Expired(s.Now) && !claims.Brings(b.Subject) {
			out = append(out, found("SS022", bindingObject(b), "no login brings the group "+b.Subject,
				"Groups of GitHub are spelled org:team, those of GitLab by their path, and only the ones that the connector names come. "+broughtWhy(claims)))
		}
	}
	return out
}

func broughtWhy(c Claims) string {
	if c.None || len(c.Groups)+len(c.Orgs) == 0 {
		return "This configuration brings none."
	}
	groups := slices.Clone(c.Groups)
	for _, org := range c.Orgs {
		groups = append(groups, org+":*")
	}
	return "This configuration brings " + some(groups) + "."
}

// judgeShown judges to whom Kalm's API shows secrets: it means to hide them, and does not.
// Source: api/handler/sso.go.
func judgeShown(s *State) []finding.Finding {
	if !s.read(inventory.SingleSignOns, inventory.KalmBindings) || s.policy.Broken() || s.policy.Stopped() {
		return nil
	}
	views := subjects(s.policy, kalm.Request{Action: kalm.View})
	edits := subjects(s.policy, kalm.Request{Action: kalm.Edit})
	only := slices.DeleteFunc(views, func(name string) bool { return slices.Contains(edits, name) })
	var out []finding.Finding
	for _, c := range s.configs {
		if len(only) > 0 && secret(c) && shown(c) {
			out = append(out, found("SS013", configObject(c), "its client secrets are shown to "+some(only),
				"They stand in the object as they are. Kalm's API shows them to whoever may view the whole cluster, also those who may not change the login."))
		}
	}
	return out
}

// shown reports whether a configuration is the one that Kalm's API reads. Source: api/resources/sso.go.
func shown(c kalm.SingleSignOn) bool {
	return c.Namespace == kalm.SystemNamespace && c.Name == kalm.SSOName
}

func secret(c kalm.SingleSignOn) bool {
	return c.Secret || slices.ContainsFunc(c.Connectors, func(c kalm.Connector) bool { return c.Secret })
}

// subjects returns who may do something by Kalm's policy, each once.
func subjects(p *kalm.Policy, r kalm.Request) []string {
	var names []string
	for _, way := range p.Who(r) {
		name := "user:" + way.Subject.Name
		if way.Subject.Group {
			name = "group:" + way.Subject.Name
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
