package rbac

import (
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// RuleText writes a rule in one line, as YAML does in a role: {apiGroups: [""], resources: [pods], verbs: [get, list]}.
// Lists that are empty are left out, and words that YAML would read as something else are in quotes. Control characters
// are not escaped: whoever prints it does that.
func RuleText(rule *rbacv1.PolicyRule) string {
	var parts []string
	for _, list := range []struct {
		key   string
		words []string
	}{
		{"apiGroups", rule.APIGroups},
		{"resources", rule.Resources},
		{"resourceNames", rule.ResourceNames},
		{"nonResourceURLs", rule.NonResourceURLs},
		{"verbs", rule.Verbs},
	} {
		if len(list.words) == 0 {
			continue
		}
		quoted := make([]string, len(list.words))
		for i, word := range list.words {
			quoted[i] = word
			if word == "" || strings.ContainsAny(word, " ,[]{}\"'*&!#:") {
				quoted[i] = strconv.Quote(word)
			}
		}
		parts = append(parts, list.key+": ["+strings.Join(quoted, ", ")+"]")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// MissingRules returns the rules that would close the gaps, in the order of the gaps. Rules that differ in nothing but
// their resources become one, whose resources are sorted.
func MissingRules(gaps []Gap) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, gap := range gaps {
		if gap.Missing == nil {
			continue
		}
		i := slices.IndexFunc(out, func(rule rbacv1.PolicyRule) bool {
			rule.Resources = gap.Missing.Resources
			return equalRules(&rule, gap.Missing)
		})
		if i < 0 {
			out = append(out, *gap.Missing.DeepCopy())
			continue
		}
		out[i].Resources = append(out[i].Resources, gap.Missing.Resources...)
		slices.Sort(out[i].Resources)
		out[i].Resources = slices.Compact(out[i].Resources)
	}
	return out
}
