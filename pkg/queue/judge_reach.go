package queue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// judgeReach judges who reaches farther than the roles for submitters say: QA103, QA104 and QA106.
func (j *judging) judgeReach() {
	j.judgeAdministrators()
	if len(j.options.Expected) > 0 {
		return
	}
	for i := range j.queues {
		if q := &j.queues[i]; j.isJudged(q) {
			j.judgePaths(q)
		}
	}
	j.judgeIndirect()
}

// mostAsked is for how many queues it is worked out who gets work into each, and how; of more it is only counted.
const mostAsked = 50

// judgePaths says who gets work into a queue without a KaiwoJob (QA103).
func (j *judging) judgePaths(q *Queue) {
	if !q.Kaiwo || !j.known(inventory.LocalQueues, inventory.Namespaces) {
		return
	}
	if n := j.Count(q); n.Kueue+n.OwnLocalQueue+n.Relabel == 0 {
		return
	}
	message := "some may get work into it by other ways than a KaiwoJob"
	if len(j.queues) <= mostAsked {
		var names []string
		for _, one := range j.Who(q).Submitters {
			if !one.Superuser && !isApart(one.Subject) && j.everything(one.Subject) == nil && slices.ContainsFunc(one.Ways, func(w Way) bool { return w.Path != ByKaiwo }) {
				names = append(names, one.Subject.String())
			}
		}
		if len(names) == 0 {
			return
		}
		message = listed(names) + " may get work into it by other ways than a KaiwoJob"
	}
	j.add("QA103", queueName(q.Name), message,
		"A Job, a Pod or another kind that Kueue takes uses the quota by its label "+kueue.QueueLabel+", and needs no right on Kaiwo's kinds. "+
			"kubectl queueaccess who "+shell.Word(q.Name)+" says who and by what; kubectl queueaccess guard makes the policy that holds all kinds to the list.")
}

// power is a right that makes somebody an administrator of queues.
type power struct {
	action rbac.Action
	text   string
	// within says in which namespaces it counts; nil for wherever it is given.
	within func(namespace string) bool
}

// powers returns them. Those on namespaces are asked for in the namespaces that some queue may let in.
func (j *judging) powers() []power {
	var out []power
	kinds := []struct{ group, resource, text string }{
		{kaiwo.Group, "kaiwoqueueconfigs", "write the KaiwoQueueConfig"},
		{kaiwo.ConfigGroup, "kaiwoconfigs", "write the KaiwoConfig, which names the default queue and ends work of others"},
		{kueue.Group, kueue.ClusterQueueResource, "write ClusterQueues"},
	}
	for _, kind := range kinds {
		for _, verb := range []string{"create", "update", "patch", "delete"} {
			out = append(out, power{action: rbac.Action{Verb: verb, Group: kind.group, Resource: kind.resource}, text: kind.text})
		}
	}
	admitted := map[string]bool{}
	for i := range j.queues {
		if !j.isJudged(&j.queues[i]) {
			continue
		}
		for place, in := range j.eligible(&j.queues[i]) {
			if in {
				admitted[j.spaces[place].name] = true
			}
		}
	}
	for _, verb := range []string{"create", "update", "patch"} {
		out = append(out, power{
			action: rbac.Action{Verb: verb, Group: kueue.Group, Resource: kueue.LocalQueueResource}, text: "make LocalQueues",
			within: func(namespace string) bool { return admitted[namespace] },
		})
	}
	for _, verb := range []string{"update", "patch"} {
		out = append(out, power{action: rbac.Action{Verb: verb, Resource: "namespaces"}, text: "change the labels that queues and Kueue go by"})
	}
	return append(out, power{
		action: rbac.Action{Verb: "create", Resource: "pods", Subresource: "exec"}, text: "run commands in the pods of the operators",
		within: isSystemPlace,
	})
}

// isSystemPlace reports whether an operator runs in a namespace.
func isSystemPlace(namespace string) bool {
	return namespace == kaiwo.SystemNamespace || namespace == kueue.SystemNamespace
}

// judgeAdministrators judges who administers queues without being called so (QA104). Who may do everything is no news, and
// neither is the role that Kueue has for it.
func (j *judging) judgeAdministrators() {
	if j.config == nil && !j.known(inventory.ClusterQueues) {
		return
	}
	type given struct {
		binding  *rbac.Binding
		subjects map[string]bool
		texts    []string
	}
	found := map[*rbac.Binding]*given{}
	strengths := j.Rights.Strengths()
	for _, p := range j.powers() {
		for _, grant := range j.Rights.WhoCan(p.action, rbac.Anywhere).Grants {
			if grant.Superuser || isApart(grant.Subject) || !j.concerns(grant.Subject) {
				continue
			}
			for _, proof := range grant.Proofs {
				number, ok := j.Rights.RoleNumber(proof.Role.ID())
				if !ok || strengths[number]&rbac.Everything != 0 || proof.Role.Name == kueue.AdminRole {
					continue
				}
				if p.within != nil && proof.Binding.Namespace != "" && !p.within(proof.Binding.Namespace) {
					continue
				}
				g := found[proof.Binding]
				if g == nil {
					g = &given{binding: proof.Binding, subjects: map[string]bool{}}
					found[proof.Binding] = g
				}
				g.subjects[grant.Subject.String()] = true
				if !slices.Contains(g.texts, p.text) {
					g.texts = append(g.texts, p.text)
				}
			}
		}
	}
	for _, g := range found {
		object, where := "clusterrolebinding "+g.binding.Name, ""
		if g.binding.Namespace != "" {
			object, where = "rolebinding "+g.binding.Namespace+"/"+g.binding.Name, " in "+g.binding.Namespace
		}
		f := j.add("QA104", object, fmt.Sprintf("it lets %s %s%s", listed(slices.Sorted(maps.Keys(g.subjects))), strings.Join(g.texts, ", "), where),
			"Whoever may do that decides who uses which quota, though no role for queues says so. If it is meant, leave it; else take the rule out of "+
				g.binding.RoleKindName()+", or the subject out of the binding.")
		f.Location = located(g.binding.Origin)
	}
}

// enforced says that Pod Security Admission keeps privileged pods out of a namespace.
const enforced = "pod-security.kubernetes.io/enforce"

// judgeIndirect judges what who may submit gets out of the namespace besides (QA106).
func (j *judging) judgeIndirect() {
	if !j.known(inventory.QueueConfigs, inventory.Namespaces) {
		return
	}
	strong := j.strongAccounts()
	seen := map[string]bool{}
	for i := range j.queues {
		q := &j.queues[i]
		if !q.Kaiwo || !j.isJudged(q) {
			continue
		}
		for _, namespace := range q.Listed {
			ns := j.Namespace(namespace)
			if ns == nil || seen[namespace] || len(j.submitters(namespace)) == 0 {
				continue
			}
			seen[namespace] = true
			privileged := ns.Labels[enforced] != "baseline" && ns.Labels[enforced] != "restricted"
			j.judgeNamespace(namespace, privileged, strong[namespace])
		}
	}
}

func (j *judging) judgeNamespace(namespace string, privileged bool, strong []string) {
	what, severity := "mount any Secret and run as any service account of it", finding.Info
	why := "The operator makes the pods that a KaiwoJob asks for and asks nobody again: spec.secretVolumes and the pod in spec.job name any Secret and " +
		"any service account. So a role without secrets is no wall: keep in a namespace only what all who submit there may have."
	if len(strong) > 0 {
		severity = finding.Warning
		what += ", among them " + listed(strong)
		why += " Take the rights of that service account back, or move it to another namespace."
	}
	if privileged {
		severity = finding.Warning
		what += ", privileged if they like"
		why += " No level of Pod Security is enforced: kubectl label namespace " + shell.Word(namespace) + " " + enforced + "=baseline --dry-run=server says what that would refuse."
	}
	f := j.add("QA106", "namespace "+namespace, fmt.Sprintf("%s may %s", who(len(j.submitters(namespace))), what), why)
	f.Severity = severity
}

func who(n int) string { return "who submits (" + count(n, "subject") + ")" }

// strongAccounts are the service accounts with rights that others should not come by, by namespace, each with what it may.
func (j *judging) strongAccounts() map[string][]string {
	const strong = rbac.Everything | rbac.Escalates | rbac.Binds | rbac.Impersonates | rbac.Tokens | rbac.Grants | rbac.Secrets
	strengths, subjects := j.Rights.Strengths(), j.Rights.Subjects()
	out := map[string][]string{}
	for i := range j.Rights.Bindings() {
		role, bound := j.Rights.Bound(i)
		if role < 0 || strengths[role]&strong == 0 {
			continue
		}
		words := strings.Join((strengths[role] & strong).Words(), ", ")
		for _, n := range bound {
			s := subjects[n]
			text := s.String() + " (" + words + ")"
			if s.Namespace != "" && !s.IsSystem() && !slices.Contains(out[s.Namespace], text) {
				out[s.Namespace] = append(out[s.Namespace], text)
			}
		}
	}
	return out
}
