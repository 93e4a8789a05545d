package judge

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/sso"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// Rules returns the rules of all domains that [All] judges by.
func Rules() []finding.Rule {
	return finding.Rules(profile.Rules(), contrib.Rules(), clusterauth.Rules(), queueRules(), token.Rules(), sso.Rules())
}

// queueRules are those of queues, without the review of the operators, which takes somebody who asks for it.
func queueRules() []finding.Rule {
	return slices.DeleteFunc(queue.Rules(), func(r finding.Rule) bool { return slices.Contains(queue.OperatorRules(), r.ID) })
}

// Silences returns which rules are silent because not all of a kind could be read, by kind.
func Silences(inv *inventory.Inventory) []finding.Silence {
	rules := Rules()
	var kinds []inventory.Kind
	for _, rule := range rules {
		kinds = append(kinds, rule.Needs...)
	}
	slices.Sort(kinds)
	return finding.Silences(inv, rules, slices.Compact(kinds)...)
}

// NeedSecrets returns the ids of the rules that are silent where Secrets were not asked for.
func NeedSecrets() []string {
	var out []string
	for _, rule := range Rules() {
		if slices.Contains(rule.Needs, inventory.Secrets) {
			out = append(out, rule.ID)
		}
	}
	return out
}
