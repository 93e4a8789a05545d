package queue

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// KindsAnnotation has the kinds that a role of ours and the bindings of it are for, with commas between: jobs.batch. Without it
// they are for KaiwoJobs and KaiwoServices. It is there because what Kueue takes changes with its configuration, and not
// everybody who gives rights may read that.
const KindsAnnotation = "gatehouse.dev/kinds"

// plain reports whether a queue is known to be none of Kaiwo's, so that work gets into it without Kaiwo alone.
func (s *State) plain(q *Queue) bool { return !q.Kaiwo && !s.Unread(inventory.QueueConfigs) }

// takenKinds returns the kinds that somebody creates to have Kueue run them, sorted as [KindsAnnotation] has them. As in the
// ClusterRole kueue-batch-user-role these are kinds of jobs, and none that only make others; Pods and what is made of them
// are among them where Kueue takes nothing else, since they run outside of queues as well.
func (s *State) takenKinds() []string {
	var jobs, pods []string
	for _, w := range s.Work() {
		switch {
		case !s.isTaken(w.Resource):
		case w.Pods:
			pods = append(pods, kindText(w.Resource))
		default:
			jobs = append(jobs, kindText(w.Resource))
		}
	}
	if len(jobs) == 0 {
		jobs = pods
	}
	slices.Sort(jobs)
	return jobs
}

// isTaken reports whether Kueue takes a kind itself, and not what a controller makes of it.
func (s *State) isTaken(r rbac.Resource) bool {
	same := func(other rbac.Resource) bool { return other.Group == r.Group && other.Name == r.Name }
	known := false
	for _, integration := range kueue.Integrations() {
		if same(integration.Resources[0]) && slices.Contains(s.kueue.Frameworks, integration.Framework) {
			return true
		}
		known = known || slices.ContainsFunc(integration.Resources, same)
	}
	return !known // another controller's
}

// kindText writes a kind as kubectl does: jobs.batch, pods.
func kindText(r rbac.Resource) string {
	return schema.GroupResource{Group: r.Group, Resource: r.Name}.String()
}

// parseKinds reads [KindsAnnotation].
func parseKinds(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// roleName is [RoleName], and for kinds that are none of Kaiwo's ends in eight digits of their SHA-256.
func roleName(can []kaiwo.Ability, kinds []string) string {
	if len(kinds) == 0 {
		return RoleName(can...)
	}
	sum := sha256.Sum256([]byte(strings.Join(kinds, ",")))
	return RoleName(can...) + "-" + hex.EncodeToString(sum[:4])
}

// newRole is [NewRole] for kinds; for Kaiwo's without any.
func newRole(namespace string, can []kaiwo.Ability, kinds []string) *rbacv1.Role {
	role := NewRole(namespace, can...)
	if len(kinds) > 0 {
		role.Name, role.Rules = roleName(can, kinds), rulesFor(can, kinds)
		role.Annotations[KindsAnnotation] = strings.Join(kinds, ",")
	}
	return role
}

// rulesFor are the rules that abilities take for kinds, where [kaiwo.Rules] has them for Kaiwo's own: without kinds it is that.
func rulesFor(can []kaiwo.Ability, kinds []string) []rbacv1.PolicyRule {
	rules := kaiwo.Rules(can...)
	if len(kinds) == 0 {
		return rules
	}
	out := make([]rbacv1.PolicyRule, 0, len(rules))
	for _, rule := range rules {
		if slices.Contains(rule.APIGroups, kaiwo.Group) {
			for _, of := range byGroup(kinds) {
				of.Verbs = slices.Clone(rule.Verbs)
				out = append(out, of)
			}
			continue
		}
		out = append(out, rule)
	}
	return out
}

// byGroup returns a rule without verbs for the kinds of each API group, in the order in which these first come.
func byGroup(kinds []string) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, kind := range kinds {
		r := schema.ParseGroupResource(kind)
		i := slices.IndexFunc(out, func(rule rbacv1.PolicyRule) bool { return rule.APIGroups[0] == r.Group })
		if i < 0 {
			i = len(out)
			out = append(out, rbacv1.PolicyRule{APIGroups: []string{r.Group}})
		}
		out[i].Resources = append(out[i].Resources, r.Resource)
	}
	return out
}

// needsFor are the needs of abilities for kinds, where [kaiwo.Needs] has them for Kaiwo's own: without kinds it is that.
func needsFor(can []kaiwo.Ability, kinds []string) []kaiwo.Need {
	needs := kaiwo.Needs(can...)
	if len(kinds) == 0 {
		return needs
	}
	purposes := map[kaiwo.Ability]string{
		kaiwo.Submit: "kubectl create and apply make and change work", kaiwo.Manage: "kubectl delete ends work, and kubectl port-forward reaches its pods",
		kaiwo.Logs: "kubectl logs reads what the pods of work write", kaiwo.Monitor: "kubectl exec runs a command in the pods of work",
		kaiwo.Exec: "kubectl exec runs a command in the pods of work",
	}
	var out []kaiwo.Need
	for _, need := range needs {
		need.For = purposes[need.Ability]
		if !slices.Contains(need.Rule.APIGroups, kaiwo.Group) {
			out = append(out, need)
			continue
		}
		for _, of := range byGroup(kinds) {
			of.Verbs = need.Rule.Verbs
			out = append(out, kaiwo.Need{Ability: need.Ability, Rule: of, For: need.For})
		}
	}
	return out
}
