package inventory

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Groups that have a resource which is called like one of another group.
const (
	groupKalm  = "core.kalm.dev"
	groupKaiwo = "kaiwo.silogen.ai"
)

// Called is how a gap calls the objects of a kind; for most it is the name of the resource. RoleBindings of Kalm are called
// by their group too, and of the Secrets that stand for tokens only the words tell that no other Secrets are meant. Two kinds
// are several resources: their gaps call them by those.
func (k Kind) Called() []string {
	if called, ok := map[Kind][]string{
		Webhooks:       {"mutatingwebhookconfigurations", "validatingwebhookconfigurations"},
		QueueOperators: {"deployments", "configmaps"},
		TokenSecrets:   {"token secrets"},
	}[k]; ok {
		return called
	}
	return []string{string(k)}
}

// Missing returns the gaps that concern a kind: those whose missing rule names it, or whose text begins with it when no
// rule would help. It is nil when all of the kind was read.
func (inv *Inventory) Missing(kind Kind) []rbac.Gap {
	var out []rbac.Gap
	for _, gap := range inv.Gaps {
		if kind.lacks(&gap) {
			out = append(out, gap)
		}
	}
	return out
}

// lacks reports whether a gap is one of the kind.
func (k Kind) lacks(gap *rbac.Gap) bool {
	tokens := calls(gap, TokenSecrets.Called()[0])
	switch {
	case k == TokenSecrets || tokens:
		return k == TokenSecrets && tokens
	case gap.Missing == nil:
		return slices.ContainsFunc(k.Called(), func(called string) bool { return calls(gap, called) })
	case k == KalmBindings:
		return slices.Contains(gap.Missing.Resources, string(RoleBindings)) && slices.Contains(gap.Missing.APIGroups, groupKalm)
	case k == RoleBindings:
		return slices.Contains(gap.Missing.Resources, string(k)) && !slices.Contains(gap.Missing.APIGroups, groupKalm)
	case k == ResourceFlavors: // Kaiwo has defined a resource of that name too
		return slices.Contains(gap.Missing.Resources, string(k)) && !slices.Contains(gap.Missing.APIGroups, groupKaiwo)
	}
	return slices.ContainsFunc(k.Called(), func(called string) bool { return slices.Contains(gap.Missing.Resources, called) })
}

// calls reports whether the text of a gap begins with words.
func calls(gap *rbac.Gap, words string) bool {
	rest, ok := strings.CutPrefix(gap.What, words)
	return ok && (rest == "" || strings.HasPrefix(rest, " "))
}
