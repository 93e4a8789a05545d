package contrib

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// judgeCase is KL004: a name that no login has.
func (j *kalmJudge) judgeCase(b *kalm.Binding, who rbac.Subject, name string) {
	why := "Kalm's login knows e-mail addresses in lower case, and its policy compares them as they are written.\n" +
		"A subject can't be changed: the fix makes the RoleBinding anew for " + strings.ToLower(name) + "."
	members := j.state.MembersAll(b.Namespace)
	at := slices.IndexFunc(members, func(m workspace.Member) bool { return m.Subject == who && m.Binding != nil })
	if at >= 0 {
		why += "\nrolebinding " + b.Namespace + "/" + inline(members[at].Binding.Name) + " of Kubernetes names it too, and stays as it is. If the API server has the name in lower case,\n" +
			"kubectl contrib rename " + paste(Label(who)) + " " + paste(strings.ToLower(Label(who))) + " moves both."
	}
	j.found(b, "KL004", finding.Warning, fmt.Sprintf("%s has capital letters: whoever logs in by that name has no role", name), why, j.lower(b, who))
}

// lower plans the same binding for the name in lower case; nothing is made when that has one already.
func (j *kalmJudge) lower(b *kalm.Binding, who rbac.Subject) *plan.Plan {
	low := *b
	low.Subject, low.Name = strings.ToLower(b.Subject), ""
	steps := []plan.Step{{Verb: plan.Delete, Old: b.Object, Why: "nobody logs in by this name"}}
	there := slices.ContainsFunc(j.bindings, func(other kalm.Binding) bool {
		return other.Namespace == b.Namespace && other.Subject == low.Subject && other.Group == b.Group && other.Role == b.Role
	})
	if !there {
		o := kalm.NewBinding(low)
		if slices.ContainsFunc(j.bindings, func(other kalm.Binding) bool {
			return other.Namespace == o.GetNamespace() && other.Name == o.GetName()
		}) {
			return nil // somebody else's, or another role: that is to be decided
		}
		steps = append(steps, plan.Step{Verb: plan.Create, Object: o, Why: "the name as the login writes it"})
	}
	return j.fix(b, fmt.Sprintf("give what %s has in %s to %s", nameOf(who), b.Namespace, low.Subject), steps...)
}
