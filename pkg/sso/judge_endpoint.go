package sso

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// dashboard is the component that looks at tokens itself: Kalm's own API. Source: operator/controllers/dashboard.go.
const dashboard = "kalm"

// dex is the component for which Kalm's controller itself asks for rights in the whole cluster, each time that it looks.
// Source: controller/controllers/singlesignonconfig_controller.go.
const dex = "dex"

func judgeEndpoint(s *State, e kalm.Endpoint) []finding.Finding {
	object := endpointObject(e)
	var out []finding.Finding
	if e.Bearer && (e.Namespace != kalm.SystemNamespace || e.Component != dashboard) {
		component := cmp.Or(e.Component, "what it guards")
		f := found("SS010", object, fmt.Sprintf("any request to %s passes that has a word after Bearer", component),
			"The login does not look at the word. It is meant for components that check it themselves, as Kalm's API does; is "+component+" one of them?")
		f.Fix = unbearer(e)
		out = append(out, f)
	}
	if s.read(inventory.KalmComponents) && s.Inventory.Served[inventory.KalmComponents] && !slices.ContainsFunc(s.components, func(c kalm.Component) bool {
		return c.Namespace == e.Namespace && c.Name == e.Component
	}) {
		message := "there is no component " + e.Component + " in " + e.Namespace
		if e.Component == "" {
			message = "it names no component"
		}
		out = append(out, found("SS011", object, message,
			"Nothing is guarded by it: it picks pods by the label kalm-component. Kalm checks no endpoint when it is written, so that a slip of the pen is not told."))
	}
	if len(s.configs) == 1 && s.read(inventory.SingleSignOns) {
		claims := ClaimsOf(s.configs[0])
		for _, group := range e.Groups {
			if !claims.Brings(group) {
				out = append(out, found("SS012", object, "no login brings the group "+group, broughtWhy(claims)))
			}
		}
	}
	return out
}

// unbearer is the plan that takes back that any token passes.
func unbearer(e kalm.Endpoint) *plan.Plan {
	after := e.Object.DeepCopy()
	unstructured.RemoveNestedField(after.Object, "spec", "allowToPassIfHasBearerToken")
	p, err := plan.New("let nobody through "+endpointObject(e)+" without a login", plan.Step{
		Verb: plan.Update, Old: e.Object, Object: after, Why: "whoever sends the word Bearer passes", Unit: endpointObject(e),
	})
	if err != nil {
		return nil
	}
	return &p
}

// judgePassers judges who gets through protected endpoints by an e-mail address. All endpoints have the same list.
func judgePassers(s *State) []finding.Finding {
	if len(s.endpoints) == 0 || !s.read(inventory.ProtectedEndpoints, inventory.KalmBindings, inventory.Namespaces) {
		return nil
	}
	var idle []string
	for _, p := range s.Passers() {
		if p.Nothing {
			idle = append(idle, p.Email+" ("+p.Why+")")
		}
	}
	if len(idle) == 0 {
		return nil
	}
	var names []string
	for _, e := range s.endpoints {
		names = append(names, e.Namespace+"/"+e.Name)
	}
	return []finding.Finding{found("SS009", "", fmt.Sprintf("who may do nothing in Kalm gets through %s: %s", some(names), some(idle)),
		"The list of e-mail addresses that pass is made of all role bindings in the cluster, also those that have run out, that suspend somebody, or that give nothing. Delete the bindings of who has left.")}
}

// judgeComponents judges what components are given: Kalm's controller makes any role that a component asks for, so that who may
// edit components owns the cluster. Source: controller/controllers/permission.go.
func judgeComponents(s *State) []finding.Finding {
	var out []finding.Finding
	for _, c := range s.components {
		own := c.Namespace == kalm.SystemNamespace && c.Name == dex
		if c.Permission != nil && c.Permission.Cluster && !own {
			out = append(out, found("SS018", "component.core.kalm.dev "+c.Namespace+"/"+c.Name,
				fmt.Sprintf("it is given %s in the whole cluster", count(len(c.Permission.Rules), "rule")),
				"Kalm's controller, an administrator of the cluster, makes whatever role a component asks for. Whoever may edit components in a namespace may so become one. The role has no namespace in its name: components of one name share the first one's."))
		}
	}
	return out
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
