package queue

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// judgePeople judges whether those who are to work with queues may do so where these are: QA101 and QA107, and QA102 of who was
// named.
func (j *judging) judgePeople() {
	if j.Unread(inventory.QueueConfigs) {
		return
	}
	for i := range j.queues {
		q := &j.queues[i]
		switch {
		case !j.isJudged(q):
		case len(j.options.Expected) > 0:
			j.judgeExpected(q)
		case !q.Kaiwo, q.Open():
			j.judgeGranted(q, nil)
		default:
			j.judgeListed(q)
		}
	}
	j.judgeMisplaced()
}

// judgeListed judges those who were found, in the namespaces that a queue of Kaiwo lists.
func (j *judging) judgeListed(q *Queue) {
	there := slices.DeleteFunc(slices.Clone(q.Listed), func(name string) bool { return j.gone(name) != "" })
	for _, namespace := range there {
		for _, subject := range j.submitters(namespace) {
			if subject.Kind != rbacv1.ServiceAccountKind || j.grantedTo(subject, namespace) { // machines do with what they are given
				j.judgeLacking(q, namespace, subject, false)
			}
		}
	}
	j.judgeGranted(q, func(g *Granted) bool {
		return !q.lists(g.Namespace) || slices.Contains(j.submitters(g.Namespace), g.Subject)
	})
	j.judgeDrift(q, there)
}

// isJudged reports whether a queue is among those that are asked about.
func (j *judging) isJudged(q *Queue) bool {
	return len(j.options.Queues) == 0 || slices.Contains(j.options.Queues, q.Name)
}

// concerns reports whether the rights of somebody are looked at.
func (j *judging) concerns(subject rbac.Subject) bool {
	return len(j.options.Expected) == 0 || slices.ContainsFunc(j.options.Expected, func(e Expected) bool { return e.Subject == subject })
}

// submitters returns who may create workloads of Kaiwo in a namespace; in any for the empty one. Superusers, what Kubernetes
// itself made up, and the operators are left out.
func (j *judging) submitters(namespace string) []rbac.Subject {
	if known, ok := j.may[namespace]; ok {
		return known
	}
	scope := rbac.InNamespace
	if namespace == "" {
		scope = rbac.Anywhere
	}
	var out []rbac.Subject
	for _, kind := range kaiwo.Workloads() {
		for _, subject := range j.Rights.AllowedSubjects(rbac.Action{Verb: "create", Group: kind.Group, Resource: kind.Name, Namespace: namespace}, scope) {
			if !isApart(subject) && !slices.Contains(out, subject) {
				out = append(out, subject)
			}
		}
	}
	slices.SortFunc(out, rbac.CompareSubjects)
	if j.may == nil {
		j.may = map[string][]rbac.Subject{}
	}
	j.may[namespace] = out
	return out
}

// isApart reports whether a subject is none whose rights are judged as those of people are: a superuser, one that Kubernetes
// made up, or an operator.
func isApart(s rbac.Subject) bool {
	return s == rbac.Group(rbac.GroupMasters) || s.IsSystem() || slices.Contains(operators(), s)
}

// operators are what Kaiwo and Kueue run as.
func operators() []rbac.Subject {
	return []rbac.Subject{
		rbac.ServiceAccount(kaiwo.SystemNamespace, kaiwo.OperatorAccount), rbac.ServiceAccount(kueue.SystemNamespace, kueue.ControllerAccount),
	}
}

// meant are the abilities by which somebody's rights are judged in a namespace: those that were asked for; else all of who was
// named, and of others to submit, what a grant of ours is for, and what else they hold the rights for in part. That a role is
// for submitting alone is no mistake, and nobody is given by the way what he never had.
func (j *judging) meant(subject rbac.Subject, namespace string, held []rbacv1.PolicyRule, expected bool) []kaiwo.Ability {
	switch {
	case len(j.options.Abilities) > 0:
		return j.options.Abilities
	case expected:
		return kaiwo.Abilities()
	}
	out := append([]kaiwo.Ability{kaiwo.Submit}, begun(held)...)
	for _, g := range j.oursOf(subject) {
		if g.Namespace == namespace {
			out = append(out, g.Can...)
		}
	}
	return kaiwo.Ordered(out)
}

// begun are the abilities of which rules hold something that is their own: more than submitting takes, and than looking at pods.
func begun(held []rbacv1.PolicyRule) []kaiwo.Ability {
	common := append(kaiwo.Rules(kaiwo.Submit), rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get", "list", "watch"}})
	var out []kaiwo.Ability
	for _, a := range kaiwo.Abilities() {
		if slices.ContainsFunc(rbac.Covers(common, kaiwo.Rules(a)), func(own rbacv1.PolicyRule) bool {
			return len(rbac.Covers(held, []rbacv1.PolicyRule{own})) == 0
		}) {
			out = append(out, a)
		}
	}
	return out
}

// isForWaiting reports whether a rule only tells why work waits: that can be asked of others, so that nobody lacks it.
func isForWaiting(rule rbacv1.PolicyRule) bool { return slices.Contains(rule.APIGroups, kueue.Group) }

// judgeLacking judges what somebody lacks in a namespace (QA101). Who is expected there may lack all.
func (j *judging) judgeLacking(q *Queue, namespace string, subject rbac.Subject, expected bool) {
	held := j.Rights.Rules(rbac.NewIdentity(subject), namespace)
	l := lackingOf(held, j.meant(subject, namespace, held, expected), nil)
	message := ""
	if expected && slices.Contains(l.abilities, kaiwo.Submit) && !j.maySubmit(subject, namespace) {
		message = subject.String() + " is to work with queue " + q.Name + " here, and may not submit to it"
	}
	j.addLacking(q, namespace, subject, l, held, message)
}

// judgeMisplaced says that somebody is expected in a namespace that no queue lists.
func (j *judging) judgeMisplaced() {
	if len(j.options.Queues) > 0 {
		return
	}
	for _, e := range j.options.Expected {
		if e.Namespace == "" || j.isListed(e.Namespace) || slices.ContainsFunc(j.queues, func(q Queue) bool { return !q.Kaiwo && slices.Contains(q.Named(), e.Namespace) }) {
			continue
		}
		if j.config == nil {
			j.add("QA102", "namespace "+e.Namespace, e.Subject.String()+" is to work here, and no LocalQueue here leads to a queue",
				"What names a LocalQueue that is not there waits for ever. Make one, or take the namespace out of the list of members.")
			continue
		}
		j.add("QA102", "namespace "+e.Namespace, e.Subject.String()+" is to work here, and no queue lists the namespace",
			"A KaiwoJob here ends in ERROR (WrongQueueNamespace), but for one that names an open queue. Add the namespace to a queue, or take it out of the list of members.")
	}
}

// isListed reports whether some queue of Kaiwo lists a namespace.
func (j *judging) isListed(namespace string) bool {
	return slices.ContainsFunc(j.queues, func(q Queue) bool { return q.Kaiwo && q.lists(namespace) })
}

// judgeDrift judges who may submit in some namespaces of a queue and not in others (QA107). Only what a grant of ours says
// is repaired: that nobody told us to give is a decision.
func (j *judging) judgeDrift(q *Queue, there []string) {
	everywhere := j.submittersEverywhere()
	var all []rbac.Subject
	for _, namespace := range there {
		for _, subject := range j.submitters(namespace) {
			if !slices.Contains(all, subject) && !slices.Contains(everywhere, subject) {
				all = append(all, subject)
			}
		}
	}
	slices.SortFunc(all, rbac.CompareSubjects)
	for _, namespace := range there {
		var strangers []rbac.Subject
		for _, subject := range all {
			if slices.Contains(j.submitters(namespace), subject) {
				continue
			}
			if j.isGranted(subject, q.Name, namespace) {
				continue // a decision about this namespace, and not to submit
			}
			if from := j.grantFor(subject, q); from != nil {
				f := j.add("QA107", "namespace "+namespace, subject.String()+" was granted queue "+q.Name+", and has nothing here",
					"The grant is for all namespaces of the queue, and this one was added later, or somebody has deleted it here. ")
				j.mendDrift(f, namespace, from)
				continue
			}
			if subject.Kind != rbacv1.ServiceAccountKind { // it works where it lives
				strangers = append(strangers, subject)
			}
		}
		if len(strangers) > 0 {
			verb := "have"
			if len(strangers) == 1 {
				verb = "has"
			}
			f := j.add("QA107", "namespace "+namespace, listed(written(strangers))+" "+verb+" rights in other namespaces of queue "+q.Name+", and none here",
				"The queue is one quota for all its namespaces; whether who works in one is to work in this one too is for you to decide: kubectl queueaccess grant "+
					paste(strangers[0])+" --queue "+shell.Word(q.Name)+" --namespaces "+shell.Word(namespace)+".")
			f.Severity = finding.Info
		}
	}
}

// submittersEverywhere returns who may create workloads of Kaiwo in every namespace.
func (j *judging) submittersEverywhere() []rbac.Subject {
	var out []rbac.Subject
	for _, kind := range kaiwo.Workloads() {
		out = append(out, j.Rights.AllowedSubjects(rbac.Action{Verb: "create", Group: kind.Group, Resource: kind.Name}, rbac.InNamespace)...)
	}
	return out
}

// ruleWords writes a rule as people say it: "create pods/portforward", "get, list events".
func ruleWords(rule rbacv1.PolicyRule) string {
	resources := slices.Clone(rule.Resources)
	for i, group := range rule.APIGroups {
		if group != "" && i == 0 {
			for k := range resources {
				resources[k] += "." + group
			}
		}
	}
	return strings.Join(rule.Verbs, ", ") + " " + strings.Join(resources, ", ")
}
