package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/judge"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/sso"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// judged is what is wrong where a finding was made.
type judged struct {
	// namespace is what a doctor has to look at to find the same; empty for all of it.
	namespace string
	inventory *inventory.Inventory
	found     []finding.Finding
	// state is that of workspaces, clusters that of clusters; at most one of them is set.
	state    *workspace.State
	clusters *clusterauth.State
}

// find returns the index of a finding, by its id and object; -1 when it is not there. Of several the one with the same
// message is meant.
func (j *judged) find(ill *finding.Finding) int {
	isSame := func(f finding.Finding) bool { return f.ID == ill.ID && f.Object == ill.Object }
	exact := slices.IndexFunc(j.found, func(f finding.Finding) bool { return isSame(f) && f.Message == ill.Message })
	if exact >= 0 {
		return exact
	}
	return slices.IndexFunc(j.found, isSame)
}

// fix repairs one finding, as the doctors do with --fix.
func (m *Maker) fix(ctx context.Context, wish Wish) (*draft, error) {
	ill := wish.Finding
	if ill == nil {
		return nil, errors.New("repair a finding: which one?")
	}
	j, err := m.judge(ctx, ill)
	if err != nil {
		return nil, err
	}
	summary := "repair " + ill.ID + " of " + ill.Object
	i := j.find(ill)
	if i < 0 {
		return &draft{plan: plan.Plan{Summary: summary}, notes: append(unread(j.inventory), ill.ID+" is not found any more")}, nil
	}
	f := &j.found[i]
	if f.Fix == nil {
		return nil, workspace.Refuse(strings.ReplaceAll(f.Why, "\n", " "), "%s: it takes a decision: %s", summary, f.Message)
	}
	d := &draft{plan: *f.Fix, notes: unread(j.inventory), command: j.command(f)}
	if j.state != nil {
		d.advise = contrib.Adviser(j.state, d.command, false)
	}
	if j.clusters != nil {
		d.remarks = clusterauth.RolloutNotes(j.clusters, j.clusters.After(d.plan))
	}
	if others := j.others(i); others > 0 {
		d.notes = append(d.notes, fmt.Sprintf("no command repairs this one alone: %s repairs %d more", d.command, others))
		d.command = ""
	}
	return d, nil
}

// judge reads what a finding is about, and judges it anew: first where its object is, then everywhere, since some rules
// compare names of all places.
func (m *Maker) judge(ctx context.Context, ill *finding.Finding) (*judged, error) {
	switch judge.Plugin(ill.ID) {
	case "clusterauth":
		if slices.ContainsFunc(sso.Rules(), func(r finding.Rule) bool { return r.ID == ill.ID }) {
			return m.judgeLogins(ctx, ill)
		}
		return m.judgeClusters(ctx, ill)
	case "queueaccess":
		return m.judgeQueues(ctx, ill)
	case "accesstoken":
		return m.judgeTokens(ctx, ill)
	}
	namespace := finding.NamespaceOf(ill.Object)
	j, err := m.judgeWorkspaces(ctx, namespace)
	if err != nil || namespace == "" || j.find(ill) >= 0 {
		return j, err
	}
	return m.judgeWorkspaces(ctx, "")
}

func (m *Maker) judgeWorkspaces(ctx context.Context, namespace string) (*judged, error) {
	s, err := m.state(ctx, inventory.Want{Kinds: profile.JudgedKinds(), Namespace: namespace})
	if err != nil {
		return nil, err
	}
	return &judged{namespace: namespace, inventory: s.Inventory, found: judge.Workspaces(s), state: s}, nil
}

// judgeClusters judges all clusters: references and copies go from one namespace to another.
func (m *Maker) judgeClusters(ctx context.Context, ill *finding.Finding) (*judged, error) {
	s, err := m.clusters(ctx)
	if err != nil {
		return nil, err
	}
	return &judged{namespace: finding.NamespaceOf(ill.Object), inventory: s.Inventory, found: clusterauth.Judge(s), clusters: s}, nil
}

// judgeQueues judges all queues: each is for several namespaces. Rights are at most a moment old, and nothing is planned from
// them but who is given what he has elsewhere.
func (m *Maker) judgeQueues(ctx context.Context, ill *finding.Finding) (*judged, error) {
	inv, rights, err := m.withRights(ctx, queue.JudgedKinds()...)
	if err != nil {
		return nil, err
	}
	return &judged{
		namespace: finding.NamespaceOf(ill.Object), inventory: inv, found: judge.Queues(queue.NewState(inv, rights, m.now())),
	}, nil
}

// judgeLogins judges how people log in to Kalm.
func (m *Maker) judgeLogins(ctx context.Context, ill *finding.Finding) (*judged, error) {
	inv, rights, err := m.withRights(ctx, sso.JudgedKinds()...)
	if err != nil {
		return nil, err
	}
	return &judged{
		namespace: finding.NamespaceOf(ill.Object), inventory: inv, found: judge.Logins(sso.NewState(inv, m.now()), rights),
	}, nil
}

// judgeTokens judges all tokens.
func (m *Maker) judgeTokens(ctx context.Context, ill *finding.Finding) (*judged, error) {
	s, err := m.tokens(ctx)
	if err != nil {
		return nil, err
	}
	return &judged{namespace: finding.NamespaceOf(ill.Object), inventory: s.Inventory(), found: token.Judge(s)}, nil
}

// tokens reads all tokens, with the Roles of those that are ours.
func (m *Maker) tokens(ctx context.Context) (*token.State, error) {
	inv, rights, err := m.withRights(ctx, token.JudgedKinds()...)
	if err != nil {
		return nil, err
	}
	return token.NewState(inv, rights, m.now()), nil
}

// withRights reads kinds of all namespaces, and who may do what.
func (m *Maker) withRights(ctx context.Context, kinds ...inventory.Kind) (*inventory.Inventory, *rbac.Index, error) {
	inv, err := m.world.Inventory(ctx, inventory.Want{Kinds: kinds})
	if err != nil {
		return nil, nil, err
	}
	rights, err := m.world.Rights(ctx)
	if err != nil {
		return nil, nil, err
	}
	return inv, rights, nil
}

// clusters reads all clusters, and what authenticates them.
func (m *Maker) clusters(ctx context.Context) (*clusterauth.State, error) {
	inv, err := m.world.Inventory(ctx, inventory.Want{Kinds: clusterauth.JudgedKinds()})
	if err != nil {
		return nil, err
	}
	return clusterauth.NewState(inv, clusterauth.Options{Now: m.now()}), nil
}

// command is the one that repairs the findings of a rule where this one was made.
func (j *judged) command(f *finding.Finding) string {
	words := append(append([]string{"kubectl"}, judge.Doctor(f.ID)...), "--rule", f.ID)
	if f.Severity == finding.Info {
		words = append(words, "--severity", string(finding.Info))
	}
	words = append(words, "--fix")
	if j.namespace == "" {
		return shell.Command(append(words, "-A")...)
	}
	return shell.Command(append(words, "-n", j.namespace)...)
}

// others counts the findings, beside one, that its command repairs.
func (j *judged) others(one int) int {
	ill, n := &j.found[one], 0
	least := min(ill.Severity.Rank(), finding.Warning.Rank())
	for i := range j.found {
		f := &j.found[i]
		if i != one && f.ID == ill.ID && f.Fix != nil && f.Severity.Rank() >= least &&
			(j.namespace == "" || finding.NamespaceOf(f.Object) == j.namespace) {
			n++
		}
	}
	return n
}
