package finding

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Rule is an id of findings that there can be.
type Rule struct {
	ID string
	// Needs are the kinds without which the rule is silent.
	Needs []inventory.Kind
}

// Silence says which rules are silent because not all of a kind could be read.
type Silence struct {
	Kind  inventory.Kind
	Rules []string
}

// Silences returns the rules that are silent for want of one of the kinds, in the order of the kinds and of the rules. What
// is not seen is not found: answers without them are partial.
func Silences(inv *inventory.Inventory, rules []Rule, kinds ...inventory.Kind) []Silence {
	var out []Silence
	for _, kind := range kinds {
		if len(inv.Missing(kind)) == 0 && !inv.Unmarked(kind) {
			continue
		}
		s := Silence{Kind: kind}
		for _, rule := range rules {
			if slices.Contains(rule.Needs, kind) {
				s.Rules = append(s.Rules, rule.ID)
			}
		}
		if len(s.Rules) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// Rules joins the rules of several domains: each once, by id, our own behind those about a system.
func Rules(domains ...[]Rule) []Rule {
	out := slices.Concat(domains...)
	slices.SortStableFunc(out, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(own(a.ID), own(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(out, func(a, b Rule) bool { return a.ID == b.ID })
}

// own is 1 for the ids of rules of our own, which are about no foreign system.
func own(id string) int {
	if strings.HasPrefix(id, "GH") {
		return 1
	}
	return 0
}
