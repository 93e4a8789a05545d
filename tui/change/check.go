package change

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/effect"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/beside"
)

// check asks the server all that it can tell before anything is written, and finds out meanwhile what the plan means for
// rights. The error is that nothing could be asked, or that ctx has ended.
func (m *Maker) check(ctx context.Context, p *Proposal, d *draft) error {
	var (
		changes      = p.Plan.Changes()
		asked, tried error
		rights       []string
	)
	refusals := beside.Go(func() []plan.Refused {
		var refused []plan.Refused
		refused, asked = plan.Preflight(ctx, m.server(), changes)
		return refused
	})
	trial := beside.Go(func() error {
		_, err := plan.DryRun(ctx, m.server(), changes, plan.Options{FieldManager: m.fieldManager, Thorough: true})
		return err
	})
	p.Effects, rights = m.rights(ctx, changes)
	p.Refused, tried = refusals(), trial()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.Remarks, p.Tried = slices.Concat(d.remarks, rights), tried == nil
	switch {
	case asked != nil && !apierrors.IsForbidden(asked):
		return fmt.Errorf("ask for rights: %w", asked)
	case asked != nil:
		p.Remarks = append(p.Remarks, fmt.Sprintf("warning: the server does not say beforehand what you may do: %v", asked))
	}
	switch {
	case tried != nil && plan.IsUntriable(tried):
		p.Remarks = append(p.Remarks, fmt.Sprintf("warning: the server can't try this beforehand: %v", tried))
	case tried != nil:
		p.DryRun = advised(tried)
	}
	lacks := p.Refused
	if p.Refused = slices.Concat(d.refused, lacks); len(lacks) == 0 {
		lacks = d.refused
	}
	p.Remarks = append(p.Remarks, advice(lacks, d)...)
	return nil
}

// advised gives a refusal of the server a hint, where there is one.
func advised(err error) error {
	if next := plan.Advice(err); next != "" {
		return workspace.Refuse(next, "%w", err)
	}
	return err
}

// advice says whom to ask for what the caller may not do, a line each.
func advice(refused []plan.Refused, d *draft) []string {
	if d.advise == nil {
		return nil
	}
	var lines []string
	for _, r := range refused {
		if line := d.advise(r.Rule, r.Namespace); line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// rights says who gains and loses what, and what there is to know about it: roles that are not there, rights that are more
// than they look, what the caller may not give.
func (m *Maker) rights(ctx context.Context, p plan.Plan) ([]Effect, []string) {
	bindings, err := effect.Read(p)
	if err != nil {
		return nil, []string{fmt.Sprintf("note: what is gained is left to the server: %v", err)}
	}
	if bindings.Empty() {
		return nil, nil
	}
	before, err := m.world.Rights(ctx)
	if err != nil {
		return nil, []string{fmt.Sprintf("note: what is gained is left to the server: %v", err)}
	}
	rights := bindings.On(before)
	effects, lines := rights.All(), rights.Unknown()
	for _, e := range effects {
		if strong := rights.Strong(e.Subject, e.Namespace); len(strong) > 0 {
			lines = append(lines, fmt.Sprintf("warning: %s can then %s", contrib.Label(e.Subject), strings.Join(strong, ", ")))
		}
	}
	if self, err := m.world.Self(ctx); err == nil { // else the server knows who is asking, and decides
		lines = append(lines, rights.MayGive(self)...)
	}
	return effects, lines
}
