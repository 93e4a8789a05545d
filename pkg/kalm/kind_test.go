package kalm_test

import (
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

func TestSpelling(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"httproutes": "httpRoutes", "Route": "httpRoutes", "COMPONENT": "components", "sso": "singleSignOnConfigs", "foo": "", "": "", "*": "",
	} {
		if got, ok := kalm.Spelling(word); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", word, got, ok, want)
		}
	}
}

// A rule of a token is unmet where the policy never allows what Kalm's API asks it, and nowhere else.
func TestUnmet(t *testing.T) {
	t.Parallel()
	unmet := 0
	for _, kind := range kalm.Kinds() {
		for _, name := range []string{kalm.All, "shop"} {
			for _, action := range []kalm.Action{kalm.View, kalm.Edit} {
				rule := kalm.Rule{Verb: string(action), Namespace: "shop", Kind: kind, Name: name}
				p := kalm.NewPolicy(kalm.World{Tokens: []kalm.Token{{Name: "t", Rules: []kalm.Rule{rule}}}})
				asked := kalm.Ask(kalm.Request{Action: action, Namespace: "shop", Kind: kind, Name: name})
				allowed := asked.Free || p.Decide(kalm.Asker{Token: "t"}, asked.Request).Allowed
				why := rule.Unmet()
				if allowed != (why == "") && !strings.HasSuffix(why, "changes none") {
					t.Errorf("%s: allowed %v, and %q", rule, allowed, why)
				}
				if why != "" {
					unmet++
				}
				if rule.Unasked() != asked.Free {
					t.Errorf("%s: unasked %v", rule, rule.Unasked())
				}
			}
		}
	}
	if unmet == 0 {
		t.Error("every rule is met, so that nothing was compared")
	}
	for rule, want := range map[kalm.Rule]string{
		{Verb: "manage", Namespace: "shop", Kind: "components", Name: "*"}:     "to change something it asks for edit",
		{Verb: "manage", Namespace: "shop", Kind: "roleBindings", Name: "*"}:   "to manage the whole cluster",
		{Verb: "view", Namespace: "shop", Kind: "applications", Name: "other"}: "the application in shop has its name",
		{Verb: "view", Namespace: "shop", Kind: "services", Name: "web"}:       "all objects of the kind",
		{Verb: "edit", Namespace: "shop", Kind: "services", Name: "*"}:         "changes none",
		{Verb: "view", Namespace: "*", Kind: "nodes", Name: "*"}:               "whole cluster", // it asks for *, and not for nodes
		{Verb: "view", Namespace: "*", Kind: "registries", Name: "*"}:          "",
		{Verb: "manage", Namespace: "shop", Kind: "foo", Name: "*"}:            "",
		{Verb: "manage", Namespace: "*", Kind: "*", Name: "*"}:                 "",
		{Verb: "manage", Namespace: "shop", Kind: "*", Name: "*"}:              "asks for manage of the whole cluster only",
		{Verb: "edit", Namespace: "shop", Kind: "*", Name: "*"}:                "",
	} {
		if got := rule.Unmet(); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q", rule, got, want)
		}
	}
}
