package change

import (
	"context"
	"errors"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// draft is a wish with its plan, before the server was asked about it.
type draft struct {
	plan    plan.Plan
	notes   []string
	command string
	// remarks say what follows from the plan beside rights: which clusters roll.
	remarks []string
	// refused are rules that the caller lacks to read what the plan is made from.
	refused []plan.Refused
	// advise tells whom to ask for a rule that the caller lacks in a namespace; nil when there is nobody to name.
	advise func(rule rbacv1.PolicyRule, namespace string) string
}

// Propose works a wish out: it reads what is concerned anew, plans, asks whether the caller may, lets the server try all of
// it, and says what would change in effective rights. Of a wish that changes nothing the server is not asked: see
// [Proposal.Nothing]. An error says why there is no plan; it may have a method Hint.
func (m *Maker) Propose(ctx context.Context, wish Wish) (*Proposal, error) {
	work, known := m.verbs()[wish.Verb]
	if !known {
		return nil, fmt.Errorf("propose %q: want add, remove, role, expiry, fix or undo", wish.Verb)
	}
	d, err := work(ctx, wish)
	if err != nil {
		return nil, err
	}
	p := &Proposal{Wish: wish, Plan: d.plan, Notes: d.notes, Command: m.here(d.command)}
	if p.Nothing() {
		return p, nil
	}
	if err := m.check(ctx, p, d); err != nil {
		return nil, err
	}
	return p, nil
}

// here returns a command that reaches the same cluster from everywhere.
func (m *Maker) here(command string) string {
	if command == "" || len(m.where) == 0 {
		return command
	}
	return command + " " + shell.Command(m.where...)
}

func (m *Maker) verbs() map[Verb]func(context.Context, Wish) (*draft, error) {
	return map[Verb]func(context.Context, Wish) (*draft, error){
		Add: m.add, Remove: m.remove, SetRole: m.setRole, Expire: m.expire, Fix: m.fix, Undo: m.undo,
	}
}

// state reads what is wanted, and makes the state of workspaces of it.
func (m *Maker) state(ctx context.Context, want inventory.Want) (*workspace.State, error) {
	inv, err := m.world.Inventory(ctx, want)
	if err != nil {
		return nil, err
	}
	o := workspace.Options{Now: m.now(), Only: want.Namespace}
	s := workspace.NewState(inv, o)
	if !s.KalmServed() {
		return s, nil
	}
	self, err := m.world.Self(ctx) // Kalm's objects say who made them
	if err != nil {
		return nil, err
	}
	o.Asker = self.User
	return workspace.NewState(inv, o), nil
}

// unread tells what could not be read of the kinds that matter: a plan takes it for not there.
func unread(inv *inventory.Inventory, but ...inventory.Kind) []string {
	needless := map[string]bool{}
	for _, kind := range but {
		for _, gap := range inv.Missing(kind) {
			needless[gap.What] = true
		}
	}
	var lines []string
	for _, gap := range inv.Gaps {
		if needless[gap.What] {
			continue
		}
		line := "cannot read " + gap.What + ": what is there is not looked at"
		if gap.Missing != nil {
			line += " (it takes the rule " + rbac.RuleText(gap.Missing) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// undo takes the plan as it is: its preconditions say what it was made for. What is done already is left out.
func (m *Maker) undo(ctx context.Context, wish Wish) (*draft, error) {
	if wish.Back == nil {
		return nil, errors.New("undo: there is nothing to undo")
	}
	left, err := plan.Left(ctx, m.server(), *wish.Back)
	if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	d := &draft{plan: left}
	if !slices.ContainsFunc(left.Steps, rollsClusters) {
		return d, nil
	}
	s, err := m.clusters(ctx)
	if err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	d.remarks = clusterauth.RolloutNotes(s, s.After(left))
	return d, nil
}

// rollsClusters reports whether a step may make k0rdent replace control planes.
func rollsClusters(s plan.Step) bool {
	object := s.Object
	if object == nil {
		object = s.Old
	}
	return object.GroupVersionKind().Group == k0rdent.Group
}
