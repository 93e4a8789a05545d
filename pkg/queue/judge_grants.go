package queue

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// submission is a binding to a role that was made for who submits to queues: it names Kaiwo's kinds itself. Roles for
// everything, and those that others are aggregated into, are none: nobody has them for the queues.
type submission struct {
	binding  *rbac.Binding
	role     *rbac.Role
	subjects []rbac.Subject // those that are judged as people are
}

// submissions returns all of them, in the order of the bindings.
func (j *judging) submissions() []submission {
	ix := j.Rights
	roles, subjects := ix.Roles(), ix.Subjects()
	var out []submission
	for i, b := range ix.Bindings() {
		number, bound := ix.Bound(i)
		if number < 0 || !isForSubmitters(roles[number]) || !j.inScope(b) {
			continue
		}
		s := submission{binding: b, role: roles[number]}
		for _, n := range bound {
			if subject := subjects[n]; !isApart(subject) && j.concerns(subject) {
				s.subjects = append(s.subjects, subject)
			}
		}
		if len(s.subjects) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// inScope reports whether what a binding gives concerns the queues that are asked about: it is in all namespaces or in one of
// theirs, or a grant of ours for one of them.
func (j *judging) inScope(b *rbac.Binding) bool {
	return len(j.options.Queues) == 0 || b.Namespace == "" ||
		slices.ContainsFunc(j.queues, func(q Queue) bool { return j.isJudged(&q) && q.lists(b.Namespace) }) ||
		slices.ContainsFunc(j.oursAt(b), func(g *Granted) bool { return slices.Contains(j.options.Queues, g.Queue) })
}

// isForSubmitters reports whether a role was made for who submits.
func isForSubmitters(role *rbac.Role) bool {
	return len(role.Aggregates) == 0 && slices.ContainsFunc(role.Rules, func(rule rbacv1.PolicyRule) bool {
		return slices.Contains(rule.APIGroups, kaiwo.Group) && (slices.Contains(rule.Verbs, "create") || slices.Contains(rule.Verbs, "*")) &&
			slices.ContainsFunc(rule.Resources, func(r string) bool { return r == "*" || r == kaiwo.JobResource || r == kaiwo.ServiceResource })
	})
}

// judgeGrants judges what gives the rights to submit: where it gives them (QA102), and what it gives beside them (QA105).
func (j *judging) judgeGrants() {
	j.judgeEnds()
	all := j.submissions()
	if j.config != nil && j.known(inventory.QueueConfigs) {
		for _, s := range all {
			j.judgeOrphan(s)
		}
	}
	seen := map[*rbac.Role]bool{}
	for _, s := range all {
		if !seen[s.role] {
			seen[s.role] = true
			j.judgeSecrets(s, all)
		}
	}
}

// judgeOrphan says that rights to submit are given where no queue is (QA102).
func (j *judging) judgeOrphan(s submission) {
	namespace := s.binding.Namespace
	restricted := slices.ContainsFunc(j.queues, func(q Queue) bool { return q.Kaiwo && !q.Open() })
	unclear := slices.ContainsFunc(j.queues, func(q Queue) bool { return q.unclear }) // it may be the one that lists the namespace
	if namespace == "" || !restricted || unclear || j.isListed(namespace) || j.gone(namespace) != "" {
		return
	}
	ours, to := j.oursAt(s.binding), ""
	if len(ours) > 0 {
		if j.isThere(ours[0]) {
			return
		}
		to = " to queue " + ours[0].Queue
	}
	object := "rolebinding " + namespace + "/" + s.binding.Name
	f := j.add("QA102", object, "it lets "+listed(written(s.subjects))+" submit"+to+" in "+namespace+", which no queue lists",
		"A KaiwoJob here that names a restricted queue ends in ERROR (WrongQueueNamespace). ")
	f.Location = located(s.binding.Origin)
	open := slices.ContainsFunc(j.queues, func(q Queue) bool { return q.Open() })
	if open {
		f.Severity = finding.Info
		f.Why += "It runs in an open queue, so the right may be meant for that. "
	}
	if len(ours) > 0 {
		j.mendOrphan(f, ours)
		return
	}
	f.Why += "Add the namespace to a queue, or delete the role binding when nobody needs it."
}

// judgeSecrets says that a role for submitters reads Secrets (QA105).
func (j *judging) judgeSecrets(s submission, all []submission) {
	var verbs []string
	wild := false
	for _, rule := range s.role.Rules {
		if !readsSecrets(rule) {
			continue
		}
		wild = wild || !slices.Contains(rule.Resources, "secrets") || !slices.Contains(rule.APIGroups, "")
		for _, verb := range rule.Verbs {
			if slices.Contains([]string{"get", "list", "watch", "*"}, verb) && !slices.Contains(verbs, verb) {
				verbs = append(verbs, verb)
			}
		}
	}
	if len(verbs) == 0 {
		return
	}
	var who []string
	for _, other := range all {
		if other.role == s.role {
			who = append(who, written(other.subjects)...)
		}
	}
	slices.Sort(who)
	object := "clusterrole " + s.role.Name
	if s.role.Namespace != "" {
		object = "role " + s.role.Namespace + "/" + s.role.Name
	}
	f := j.add("QA105", object, fmt.Sprintf("it lets %s %s Secrets", listed(slices.Compact(who)), strings.Join(rbac.SortVerbs(verbs), ", ")),
		"No kaiwo command reads a Secret: workloads name them, and the operator mounts them. The example in Kaiwo's documentation grants it all the same. "+
			"It hands out tokens, passwords and keys of everybody in the namespace; list and watch return what is in them, as get does. ")
	f.Location = located(s.role.Origin)
	if wild {
		f.Why += "A wildcard gives it, so write down the resources that are meant instead."
		return
	}
	f.Why += "The repair takes secrets out of the role and leaves the rest. Who needs one of them is to be given that one, by its name."
	mend(f, "take secrets out of "+object, changed(roleObject(s.role, s.role.Rules), object, "no kaiwo command reads Secrets", func(o map[string]any) {
		o["rules"] = ruleObjects(withoutSecrets(s.role.Rules))
	}))
}

// readsSecrets reports whether a rule lets one read Secrets of any name.
func readsSecrets(rule rbacv1.PolicyRule) bool {
	has := func(list []string, wanted ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return s == "*" || slices.Contains(wanted, s) })
	}
	return len(rule.ResourceNames) == 0 && has(rule.APIGroups, "") && has(rule.Resources, "secrets") && has(rule.Verbs, "get", "list", "watch")
}

// withoutSecrets returns rules without the reading of Secrets; what else they do with them stays.
func withoutSecrets(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, rule := range rules {
		if !readsSecrets(rule) {
			out = append(out, rule)
			continue
		}
		rest := *rule.DeepCopy()
		rest.Resources = slices.DeleteFunc(rest.Resources, func(r string) bool { return r == "secrets" })
		if len(rest.Resources) > 0 {
			out = append(out, rest)
		}
		kept := *rule.DeepCopy()
		kept.APIGroups, kept.Resources = []string{""}, []string{"secrets"}
		kept.Verbs = slices.DeleteFunc(kept.Verbs, func(v string) bool { return slices.Contains([]string{"get", "list", "watch", "*"}, v) })
		if len(kept.Verbs) > 0 {
			out = append(out, kept)
		}
	}
	return out
}

// roleObject is a role of the index as an object. What the index does not keep is not in it, so it is good for changing the
// rules, and for nothing else.
func roleObject(role *rbac.Role, rules []rbacv1.PolicyRule) *rbacv1.Role {
	kind := "Role"
	if role.Namespace == "" {
		kind = "ClusterRole"
	}
	return &rbacv1.Role{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: kind},
		ObjectMeta: metav1.ObjectMeta{Namespace: role.Namespace, Name: role.Name, Labels: role.Labels},
		Rules:      rules,
	}
}

// ruleObjects are rules as an object has them.
func ruleObjects(rules []rbacv1.PolicyRule) []any {
	out := make([]any, 0, len(rules))
	for _, rule := range rules {
		item := map[string]any{}
		for name, list := range map[string][]string{
			"apiGroups": rule.APIGroups, "resources": rule.Resources, "verbs": rule.Verbs,
			"resourceNames": rule.ResourceNames, "nonResourceURLs": rule.NonResourceURLs,
		} {
			if len(list) == 0 {
				continue
			}
			values := make([]any, 0, len(list))
			for _, value := range list {
				values = append(values, value)
			}
			item[name] = values
		}
		out = append(out, item)
	}
	return out
}

// written are subjects as they are written.
func written(subjects []rbac.Subject) []string {
	out := make([]string, 0, len(subjects))
	for _, s := range subjects {
		out = append(out, s.String())
	}
	return out
}

// located reads where a role or a binding was read, "roles.yaml:12".
func located(origin string) finding.Location {
	if i := strings.LastIndexByte(origin, ':'); i >= 0 {
		if line, err := strconv.Atoi(origin[i+1:]); err == nil {
			return finding.Location{File: origin[:i], Line: line}
		}
	}
	return finding.Location{File: origin}
}
