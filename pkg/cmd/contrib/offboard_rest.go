package contrib

import (
	"fmt"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// elsewhere are the kinds beside those of members that tell what somebody has: roles of queues, and tokens.
func elsewhere() []inventory.Kind {
	return slices.DeleteFunc(token.Kinds(), func(k inventory.Kind) bool { return slices.Contains(contrib.Wanted("").Kinds, k) })
}

// withQueues returns the plan with that which takes all grants of queues from a subject, and its notes.
func withQueues(s *workspace.State, p plan.Plan, notes []string, subject rbac.Subject) (plan.Plan, []string, error) {
	queues := queue.NewState(s.Inventory, nil, s.Now)
	if !slices.ContainsFunc(queue.Grants(queues), func(g queue.Granted) bool { return g.Subject == subject }) {
		return p, notes, nil
	}
	more, remarks, err := queue.Take(queues, queue.Revocation{Subject: subject})
	if err != nil {
		return plan.Plan{}, nil, err
	}
	joined, err := plan.Join(p.Summary, p, more)
	return joined, append(notes, remarks...), err
}

// madeTokens says which tokens somebody has made that are still good, a line each: who leaves may have kept them.
func madeTokens(s *workspace.State, subject rbac.Subject) []string {
	if subject.UserName() == "" {
		return nil // a group makes nothing
	}
	var out []string
	for _, t := range token.NewState(s.Inventory, nil, s.Now).Tokens() {
		if t.Creator != subject.UserName() || t.Ended(s.Now) {
			continue
		}
		command, where := "kubectl accesstoken revoke "+shell.Word(t.ID()), "of Kalm's"
		if t.Namespace != "" {
			command, where = command+" -n "+t.Namespace, "in "+t.Namespace
		}
		out = append(out, fmt.Sprintf("%s has made the token %s %s, which stays: %s ends it", contrib.Label(subject), t.Name, where, command))
	}
	out = slices.Compact(out) // one name may have several Secrets
	if slices.ContainsFunc(elsewhere(), func(k inventory.Kind) bool { return k != inventory.Roles && len(s.Inventory.Missing(k)) > 0 }) {
		out = append(out, fmt.Sprintf("not all tokens can be read: %s may have made more", contrib.Label(subject)))
	}
	return out
}
