package queue

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// judgeExpected judges whether those who were named can work with a queue, wherever it is: in all namespaces that it lists or
// has LocalQueues in. An open queue lists none, so there it is the namespace that was named, or any.
func (j *judging) judgeExpected(q *Queue) {
	there := slices.DeleteFunc(slices.Clone(q.Namespaces()), func(name string) bool { return j.gone(name) != "" })
	for _, e := range j.options.Expected {
		place := cmp.Or(e.Namespace, j.options.Namespace)
		switch {
		case q.Open() && place == "":
			j.judgeSomewhere(q, e.Subject)
		case q.Open():
			// What is also listed has been judged there, unless it is this queue that was asked about.
			if e.Namespace == "" || len(j.options.Queues) > 0 || !j.isListed(place) {
				j.judgeOpenIn(q, place, e.Subject)
			}
		case e.Namespace == "" && len(j.options.Queues) > 0 && place != "" && !slices.Contains(q.Namespaces(), place) && !j.unplaced(q):
			j.add("QA102", "namespace "+place, e.Subject.String()+" is to work with queue "+q.Name+" here, and the queue is not for this namespace",
				"It is for "+cmp.Or(listed(q.Namespaces()), "none")+".")
		case e.Namespace == "" && !q.Kaiwo && len(there) == 0 && !j.unplaced(q) && (len(j.options.Queues) > 0 || len(j.queues) == 1):
			j.add("QA101", queueName(q.Name), e.Subject.String()+" is to work with queue "+q.Name+", and no LocalQueue leads to it",
				"Nobody's work gets into it before there is one in a namespace.")
		default:
			for _, namespace := range there {
				if e.Namespace == "" || e.Namespace == namespace {
					j.judgeNamed(q, namespace, e.Subject)
				}
			}
		}
	}
}

// unplaced reports whether it is not known where a queue of Kueue's is.
func (j *judging) unplaced(q *Queue) bool { return !q.Kaiwo && j.Unread(inventory.LocalQueues) }

// judgeNamed judges somebody who is to work with a queue in a namespace.
func (j *judging) judgeNamed(q *Queue, namespace string, subject rbac.Subject) {
	if q.Kaiwo {
		j.judgeLacking(q, namespace, subject, true)
		return
	}
	j.judgeKinds(q, namespace, subject)
}

// judgeOpenIn judges somebody who is to work with an open queue in a namespace.
func (j *judging) judgeOpenIn(q *Queue, namespace string, subject rbac.Subject) {
	p := j.Place(q, namespace)
	if why := p.Obstacle(q); why != "" && (j.made(q) || !p.Alive()) {
		j.add("QA102", "namespace "+namespace, subject.String()+" is to work with queue "+q.Name+" here, and "+why, "Rights alone are of no use here.")
		return
	}
	j.judgeLacking(q, namespace, subject, true)
}

// judgeSomewhere judges somebody who is to work with an open queue, and nobody says where: some namespace must do.
func (j *judging) judgeSomewhere(q *Queue, subject rbac.Subject) {
	var some, least string
	for place, in := range j.eligible(q) {
		namespace := j.spaces[place].name
		if !in || j.spaces[place].closed || !j.maySubmit(subject, namespace) {
			continue
		}
		held := j.Rights.Rules(rbac.NewIdentity(subject), namespace)
		l := lackingOf(held, j.meant(subject, namespace, held, true), nil)
		if len(l.abilities) == 0 {
			return
		}
		if text := l.text(held); some == "" || len(text) < len(least) {
			some, least = namespace, text
		}
	}
	message := subject.String() + " is to work with queue " + q.Name + ", and may not submit to it from any namespace"
	if some != "" {
		message = subject.String() + " lacks what queue " + q.Name + " takes in every namespace; in " + some + ": " + least
	}
	j.add("QA101", queueName(q.Name), message, "The queue is open, so that it names no namespaces. Say with -n which one is meant; this gives the rights in it: "+
		"kubectl queueaccess grant "+paste(subject)+" --queue "+shell.Word(q.Name)+j.canText()+" --namespaces NAMESPACE.")
}

// canText is the flag that says what somebody is to be able to do; empty for all.
func (j *judging) canText() string {
	if len(j.options.Abilities) == 0 {
		return ""
	}
	return " --can " + words(j.options.Abilities, ",")
}

// maySubmit reports whether somebody may create workloads of Kaiwo in a namespace.
func (j *judging) maySubmit(subject rbac.Subject, namespace string) bool {
	return slices.ContainsFunc(kaiwo.Workloads(), func(kind rbac.Resource) bool { return j.mayCreate(subject, kind, namespace) })
}

func (j *judging) mayCreate(subject rbac.Subject, kind rbac.Resource, namespace string) bool {
	return j.Rights.Allowed(rbac.NewIdentity(subject), rbac.Action{Verb: "create", Group: kind.Group, Resource: kind.Name, Namespace: namespace})
}

// judgeKinds judges somebody who is to work with a queue that is none of Kaiwo's: he must be able to create some kind that it
// takes. What else he is to be able to do, he must with the kinds that he may create.
func (j *judging) judgeKinds(q *Queue, namespace string, subject rbac.Subject) {
	var taken, able []string
	for _, w := range j.Work() {
		if w.Pods && !j.Managed(namespace) {
			continue
		}
		taken = append(taken, kindText(w.Resource))
		if j.mayCreate(subject, w.Resource, namespace) {
			able = append(able, kindText(w.Resource))
		}
	}
	abilities := j.options.Abilities
	if len(abilities) == 0 {
		abilities = []kaiwo.Ability{kaiwo.Submit}
	}
	if len(able) == 0 && (len(taken) == 0 || slices.Contains(abilities, kaiwo.Submit)) {
		f := j.add("QA101", "namespace "+namespace, subject.String()+" is to work with queue "+q.Name+" here, and may create none of the kinds that it takes",
			"Kueue takes "+cmp.Or(listed(taken), "none")+" here. ")
		j.mendLacking(f, q, namespace, subject, abilities)
		return
	}
	kinds := slices.DeleteFunc(j.takenKinds(), func(kind string) bool { return len(able) > 0 && !slices.Contains(able, kind) })
	held := j.Rights.Rules(rbac.NewIdentity(subject), namespace)
	rest := slices.DeleteFunc(slices.Clone(abilities), func(a kaiwo.Ability) bool { return a == kaiwo.Submit })
	if len(kinds) > 0 {
		j.addLacking(q, namespace, subject, lackingOf(held, rest, kinds), held, "")
		return
	}
	// Pods, or what others make of work, are all that he may create.
	if f := j.tellLacking(q, namespace, subject, lackingOf(held, rest, able), held, ""); f != nil {
		f.Why += "A grant is for other kinds (" + listed(j.takenKinds()) + "), so another role has to give it."
	}
}

// lacking is what somebody lacks of the rules that abilities take.
type lacking struct {
	abilities []kaiwo.Ability
	purposes  []string
	kinds     []string
}

// lackingOf returns what rules lack of what abilities take for kinds, or for Kaiwo's without any.
func lackingOf(held []rbacv1.PolicyRule, can []kaiwo.Ability, kinds []string) lacking {
	l := lacking{kinds: kinds}
	for _, need := range needsFor(can, kinds) {
		if !isForWaiting(need.Rule) && len(rbac.Covers(held, []rbacv1.PolicyRule{need.Rule})) > 0 {
			l.abilities = append(l.abilities, need.Ability)
			l.purposes = append(l.purposes, need.For)
		}
	}
	l.abilities = kaiwo.Ordered(l.abilities)
	return l
}

// text names the rules.
func (l *lacking) text(held []rbacv1.PolicyRule) string {
	var rules []string
	for _, rule := range rbac.Covers(held, slices.DeleteFunc(rulesFor(l.abilities, l.kinds), isForWaiting)) {
		rules = append(rules, ruleWords(rule))
	}
	return strings.Join(rules, "; ")
}

// addLacking adds what was found to be lacking, if it is anything, and a repair that gives it.
func (j *judging) addLacking(q *Queue, namespace string, subject rbac.Subject, l lacking, held []rbacv1.PolicyRule, message string) {
	if f := j.tellLacking(q, namespace, subject, l, held, message); f != nil {
		j.mendLacking(f, q, namespace, subject, l.abilities)
	}
}

// tellLacking adds what was found to be lacking, and returns it; nil when it is nothing. Without a message it says which rules.
func (j *judging) tellLacking(q *Queue, namespace string, subject rbac.Subject, l lacking, held []rbacv1.PolicyRule, message string) *finding.Finding {
	if len(l.abilities) == 0 {
		return nil
	}
	why := "Kaiwo checks nobody's rights before, so each command fails where it comes to it: "
	if len(l.kinds) > 0 {
		why = "Each command fails where it comes to it: "
	}
	return j.add("QA101", "namespace "+namespace, cmp.Or(message, subject.String()+" lacks what queue "+q.Name+" takes here: "+l.text(held)),
		why+strings.Join(slices.Compact(l.purposes), "; ")+". ")
}

// judgeGranted judges whether those who have a grant of ours for a queue can do what it says, but for whom passes over: its
// role may have been changed, or deleted.
func (j *judging) judgeGranted(q *Queue, passes func(g *Granted) bool) {
	all := j.ours()
	for i := range all {
		g := &all[i]
		if g.Queue != q.Name || j.gone(g.Namespace) != "" || passes != nil && passes(g) {
			continue
		}
		can := g.Can
		if len(j.options.Abilities) > 0 {
			can = j.options.Abilities
		}
		held := j.Rights.Rules(rbac.NewIdentity(g.Subject), g.Namespace)
		j.addLacking(q, g.Namespace, g.Subject, lackingOf(held, can, g.Kinds), held, "")
	}
}
