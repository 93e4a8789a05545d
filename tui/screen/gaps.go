package screen

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// need is a kind of objects that a page is made from, and what is wrong with the page without it: "members are missing".
type need struct {
	kind  inventory.Kind
	means string
}

// gapNotes says what it means that needed kinds could not be read whole, then which kinds these are and which rules would
// help, and last what the server said. Kinds that mean the same are told of together. With a namespace, gaps of other
// namespaces are passed over.
func gapNotes(w *world.World, namespace string, needs ...need) []string {
	var (
		out   []string
		order []string
		lacks = map[string]*lack{}
	)
	for _, n := range needs {
		if w.Inventory.Unmarked(n.kind) {
			out = append(out, fmt.Sprintf("%s: the %s are not in the snapshot", n.means, inventory.AnnotationsOf(n.kind)))
		}
		gaps := gapsOf(w, namespace, n.kind)
		if len(gaps) == 0 {
			continue
		}
		if lacks[n.means] == nil {
			lacks[n.means] = &lack{cause: gaps[0].Cause}
			order = append(order, n.means)
		}
		lacks[n.means].add(n.kind, gaps[0].Missing)
	}
	for _, means := range order {
		out = append(out, means+": "+lacks[means].String())
	}
	return out
}

// lack is kinds that could not be read whole, the rules that would help, and what was said of the first.
type lack struct {
	kinds, rules []string
	cause        string
}

func (l *lack) add(kind inventory.Kind, missing *rbacv1.PolicyRule) {
	for _, called := range kind.Called() {
		if !slices.Contains(l.kinds, called) {
			l.kinds = append(l.kinds, called)
		}
	}
	if missing == nil {
		return
	}
	if rule := rbac.RuleText(missing); !slices.Contains(l.rules, rule) {
		l.rules = append(l.rules, rule)
	}
}

func (l *lack) String() string {
	text := "not all " + strings.Join(l.kinds, ", ") + " can be read"
	if len(l.rules) > 0 {
		text += "; it takes the rule " + strings.Join(l.rules, " and ")
	}
	return text + " (" + l.cause + ")"
}

// calledWords name a kind as those who read it in a cluster know it.
func calledWords(kind inventory.Kind) string { return strings.Join(kind.Called(), " and ") }

// gapsOf returns what could not be read of a kind, everywhere or in a namespace: of the objects that are looked at whole,
// and of those that rights are worked out from.
func gapsOf(w *world.World, namespace string, kind inventory.Kind) []rbac.Gap {
	all := append(w.Inventory.Missing(kind), rbac.GapsOf(w.Snapshot.Gaps, string(kind))...)
	return slices.DeleteFunc(all, func(gap rbac.Gap) bool { return !gap.Concerns(namespace) })
}

// bindingKinds are what says who has which role.
func bindingKinds() []inventory.Kind {
	return []inventory.Kind{inventory.RoleBindings, clusterRoleBindings}
}

// rightsKinds are what rights are worked out from.
func rightsKinds() []inventory.Kind { return append(bindingKinds(), clusterRoles, roles) }

// Kinds of which only snapshots of rights hold objects.
const (
	clusterRoleBindings inventory.Kind = "clusterrolebindings"
	clusterRoles        inventory.Kind = "clusterroles"
	roles               inventory.Kind = "roles"
)

// unread returns the first of the kinds that could not all be read, and why; nil when all were.
func unread(w *world.World, namespace string, kinds ...inventory.Kind) (inventory.Kind, *rbac.Gap) {
	for _, kind := range kinds {
		if gaps := gapsOf(w, namespace, kind); len(gaps) > 0 {
			return kind, &gaps[0]
		}
	}
	return "", nil
}

// emptyWords says why a list that is made from kinds is empty: they are still being read, they can't be, or there is
// nothing, which is said in the given words.
func emptyWords(w *world.World, namespace, nothing string, kinds ...inventory.Kind) string {
	if kind, gap := unread(w, namespace, kinds...); gap != nil {
		return fmt.Sprintf("unknown: %s can't be read (%s)", calledWords(kind), gap.Cause)
	}
	switch {
	case w.Complete:
		return nothing
	case !w.Inventory.Served[kinds[0]]:
		return fmt.Sprintf("%s are still being read", calledWords(kinds[0]))
	}
	return nothing + ", as far as it was read"
}

// countCell counts what is made from kinds. A question mark stands for none where there may be some that could not be read.
func countCell(w *world.World, namespace string, n int, kinds ...inventory.Kind) Cell {
	if n > 0 {
		return numberCell(n)
	}
	if _, gap := unread(w, namespace, kinds...); gap != nil {
		return Cell{Text: unknown, Tone: Warn}
	}
	return numberCell(0)
}

// unknown stands for what could not be read.
const unknown = "?"
