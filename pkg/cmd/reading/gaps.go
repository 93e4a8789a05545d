package reading

import (
	"errors"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// TellGaps tells the user, once, what could not be read and which rules would make it readable. Gaps of the kinds in but
// are left out: those that the answer at hand doesn't need.
func (f *Flags) TellGaps(r *Reading, but ...inventory.Kind) {
	gaps := r.gaps(but)
	if r.told || len(gaps) == 0 {
		return
	}
	r.told = true
	var texts []string
	for _, gap := range gaps {
		if isPart(gap, gaps) {
			continue
		}
		text := gap.What
		if gap.Namespace != "" && !strings.Contains(text, gap.Namespace) {
			text += " in " + gap.Namespace
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	f.env.Warnf("cannot read %s: the answer is partial", strings.Join(texts, ", "))
	for _, rule := range rbac.MissingRules(gaps) {
		f.env.Notef("hint: it takes the rule %s", rbac.RuleText(&rule))
	}
}

// isPart reports whether a gap in a namespace is part of one in all of them.
func isPart(gap rbac.Gap, gaps []rbac.Gap) bool {
	return gap.Namespace != "" && gap.Missing != nil && slices.ContainsFunc(gaps, func(all rbac.Gap) bool {
		return all.Namespace == "" && all.Missing != nil && rbac.RuleText(all.Missing) == rbac.RuleText(gap.Missing)
	})
}

// Finish is an error when not everything could be read and --strict asks for that; gaps of the kinds in but don't
// count. It tells of the gaps when [Flags.TellGaps] has not done so.
func (f *Flags) Finish(r *Reading, but ...inventory.Kind) error {
	f.TellGaps(r, but...)
	if f.strict && len(r.gaps(but)) > 0 {
		return cli.ExitWith(cli.ExitPredicateError, errors.New("the answer is partial, and --strict is set"))
	}
	return nil
}

// gaps returns what could not be read, but for what concerns the kinds.
func (r *Reading) gaps(but []inventory.Kind) []rbac.Gap {
	inv := r.Inventory
	var others []rbac.Gap
	for _, kind := range but {
		others = append(others, inv.Missing(kind)...)
	}
	return slices.DeleteFunc(slices.Clone(inv.Gaps), func(gap rbac.Gap) bool {
		return slices.ContainsFunc(others, func(o rbac.Gap) bool { return o.What == gap.What && o.Namespace == gap.Namespace })
	})
}
