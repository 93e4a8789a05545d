package workspaces

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// TellGaps tells the user, once, what could not be read and which rules would make it readable. Gaps of the kinds in but
// are left out: those that the answer at hand doesn't need.
func (f *Flags) TellGaps(l *Loaded, but ...inventory.Kind) {
	gaps := l.gaps(but)
	if l.told || len(gaps) == 0 {
		return
	}
	l.told = true
	var texts []string
	for _, gap := range gaps {
		text := gap.What
		if gap.Namespace != "" && !strings.Contains(text, gap.Namespace) {
			text += " in " + gap.Namespace
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	f.env.Warnf("cannot read %s: the answer is partial", strings.Join(texts, ", "))
	for _, rule := range missingRules(gaps) {
		f.env.Notef("hint: it takes the rule %s", ruleText(rule))
	}
}

// Finish is an error when not everything could be read and --strict asks for that; gaps of the kinds in but don't
// count. It tells of the gaps when [Flags.TellGaps] has not done so.
func (f *Flags) Finish(l *Loaded, but ...inventory.Kind) error {
	f.TellGaps(l, but...)
	if f.strict && len(l.gaps(but)) > 0 {
		return cli.ExitWith(cli.ExitPredicateError, errors.New("the answer is partial, and --strict is set"))
	}
	return nil
}

// gaps returns what could not be read, but for what concerns the kinds.
func (l *Loaded) gaps(but []inventory.Kind) []rbac.Gap {
	inv := l.State.Inventory
	var others []rbac.Gap
	for _, kind := range but {
		others = append(others, inv.Missing(kind)...)
	}
	return slices.DeleteFunc(slices.Clone(inv.Gaps), func(gap rbac.Gap) bool {
		return slices.ContainsFunc(others, func(o rbac.Gap) bool { return o.What == gap.What && o.Namespace == gap.Namespace })
	})
}

// missingRules joins the rules that would close the gaps: those that differ in their groups and resources only are one.
func missingRules(gaps []rbac.Gap) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, gap := range gaps {
		if gap.Missing == nil {
			continue
		}
		i := slices.IndexFunc(out, func(rule rbacv1.PolicyRule) bool {
			return slices.Equal(rule.APIGroups, gap.Missing.APIGroups) && slices.Equal(rule.Verbs, gap.Missing.Verbs) &&
				slices.Equal(rule.ResourceNames, gap.Missing.ResourceNames)
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

// ruleText writes a rule about resources as one would in a role.
func ruleText(rule rbacv1.PolicyRule) string {
	list := func(words []string) string {
		texts := slices.Clone(words)
		for i, word := range texts {
			if word == "" || strings.ContainsAny(word, "*:, ") {
				texts[i] = fmt.Sprintf("%q", word)
			}
		}
		return "[" + strings.Join(texts, ", ") + "]"
	}
	text := "apiGroups: " + list(rule.APIGroups) + ", resources: " + list(rule.Resources)
	if len(rule.ResourceNames) > 0 {
		text += ", resourceNames: " + list(rule.ResourceNames)
	}
	return "{" + text + ", verbs: " + list(rule.Verbs) + "}"
}
