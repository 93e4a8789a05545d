package sso

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

// Check is one rule that logins to Kalm are judged by.
type Check struct {
	ID       string           `json:"id"`
	Severity finding.Severity `json:"severity"`
	Title    string           `json:"title"`
	// Needs are the kinds without which it can't be judged.
	Needs []inventory.Kind `json:"needs,omitempty"`
}

// Checks returns the rules by id.
func Checks() []Check {
	kinds := func(k ...inventory.Kind) []inventory.Kind { return k }
	configs, endpoints, bindings, components := inventory.SingleSignOns, inventory.ProtectedEndpoints, inventory.KalmBindings, inventory.KalmComponents
	return []Check{
		{"SS001", finding.Error, "there is more than one SingleSignOnConfig, so that none is carried out", kinds(configs)},
		{"SS002", finding.Warning, "SingleSignOnConfig is not the one that Kalm's API shows and changes", kinds(configs)},
		{"SS003", finding.Error, "SingleSignOnConfig is one that Kalm refuses", kinds(configs)},
		{"SS004", finding.Warning, "GitHub connector has orgs, which Kalm does not take for groups", kinds(configs)},
		{"SS005", finding.Error, "temporary administrator of the first day can still log in", kinds(configs)},
		{"SS006", finding.Error, "role binding of a temporary administrator was left behind", kinds(configs, bindings)},
		{"SS007", finding.Warning, "ID tokens live very short or long", kinds(configs)},
		{"SS008", finding.Error, "people log in over plain HTTP", kinds(configs)},
		{"SS009", finding.Warning, "protected endpoints let people through who may do nothing in Kalm", kinds(endpoints, bindings)},
		{"SS010", finding.Error, "protected endpoint lets through whoever sends the word Bearer", kinds(endpoints)},
		{"SS011", finding.Warning, "protected endpoint guards a component that is not there", kinds(endpoints, components)},
		{"SS012", finding.Warning, "protected endpoint waits for a group that no login brings", kinds(configs, endpoints)},
		{"SS013", finding.Warning, "Kalm's API shows the secrets of the login to people", kinds(configs, bindings)},
		{"SS014", finding.Error, "people may read the secrets of the login with kubectl", kinds(configs)},
		{"SS015", finding.Error, "people may reach the port where everybody is Kalm's administrator", nil},
		{"SS016", finding.Error, "every pod in Kalm's namespace is an administrator of the cluster", nil},
		{"SS017", finding.Error, "role binding waits for a service account that is not there", kinds(inventory.Namespaces)},
		{"SS018", finding.Error, "component is given rights in the whole cluster", kinds(components)},
		{"SS019", finding.Warning, "role of a component is not what the component says", kinds(components)},
		{"SS020", finding.Warning, "there is no SingleSignOnConfig: nobody logs in, but through the port where everybody is administrator", kinds(configs, inventory.Namespaces)},
		{"SS021", finding.Error, "connector talks to its provider over plain HTTP", kinds(configs)},
		{"SS022", finding.Warning, "role binding is for a group that no login brings", kinds(configs, bindings)},
		{"SS023", finding.Info, "anybody in an organization of GitHub can log in", kinds(configs)},
	}
}

// Rules returns the rules that [Judge] and [JudgeRights] judge by, and what each is silent without.
func Rules() []finding.Rule {
	var out []finding.Rule
	for _, check := range Checks() {
		out = append(out, finding.Rule{ID: check.ID, Needs: check.Needs})
	}
	return out
}

// JudgedKinds are the kinds that [Judge] and [JudgeRights] look at.
func JudgedKinds() []inventory.Kind { return Kinds() }

// Judge returns what is wrong with how people log in to Kalm, sorted; some findings have the plan that would repair it. Rules
// that need a kind that was not read are silent.
func Judge(s *State) []finding.Finding {
	var out []finding.Finding
	if s.read(inventory.SingleSignOns) {
		out = append(out, judgeCount(s)...)
		for _, c := range s.configs {
			out = append(out, judgeConfig(c)...)
		}
	}
	out = append(out, judgeLeft(s)...)
	out = append(out, judgeGroups(s)...)
	out = append(out, judgeShown(s)...)
	for _, e := range s.endpoints {
		out = append(out, judgeEndpoint(s, e)...)
	}
	out = append(out, judgePassers(s)...)
	out = append(out, judgeComponents(s)...)
	finding.Sort(out)
	return out
}

// read reports whether all of the kinds were read.
func (s *State) read(kinds ...inventory.Kind) bool {
	for _, kind := range kinds {
		if len(s.Inventory.Missing(kind)) > 0 {
			return false
		}
	}
	return true
}

// found returns a finding with the severity of its rule.
func found(id, object, message, why string) finding.Finding {
	f := finding.Finding{ID: id, Severity: finding.Warning, Object: object, Message: message, Why: why}
	for _, c := range Checks() {
		if c.ID == id {
			f.Severity = c.Severity
		}
	}
	return f
}

func configObject(c kalm.SingleSignOn) string {
	return "singlesignonconfig " + c.Namespace + "/" + c.Name
}

func endpointObject(e kalm.Endpoint) string { return "protectedendpoint " + e.Namespace + "/" + e.Name }

func bindingObject(b kalm.Binding) string {
	return "rolebinding.core.kalm.dev " + b.Namespace + "/" + b.Name
}

// port is the port of a configuration in a URL; that of its scheme is left out.
func port(c kalm.SingleSignOn) string {
	if c.Port == 0 || c.Port == 443 && !c.HTTP || c.Port == 80 && c.HTTP {
		return ""
	}
	return ":" + strconv.FormatInt(c.Port, 10)
}

// patch is the command that changes a SingleSignOnConfig. It is not a plan, since a plan would show the object, and the secrets
// that are in it are hidden from us.
func patch(c kalm.SingleSignOn, spec string) string {
	return fmt.Sprintf("kubectl patch singlesignonconfigs.%s %s -n %s --type merge -p '{\"spec\":{%s}}'", kalm.Group, c.Name, c.Namespace, spec)
}

// some joins the first few of names, and counts the rest.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
