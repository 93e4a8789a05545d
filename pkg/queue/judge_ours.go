package queue

import (
	"slices"
	"strconv"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// ours are the grants that were made with us, as far as they have not ended.
func (j *judging) ours() []Granted {
	if j.grantsOf == nil {
		j.granted = slices.DeleteFunc(Grants(j.State), func(g Granted) bool { return g.Expired(j.Now) })
		j.grantsOf = map[rbac.Subject][]*Granted{}
		for i := range j.granted {
			g := &j.granted[i]
			j.grantsOf[g.Subject] = append(j.grantsOf[g.Subject], g)
		}
	}
	return j.granted
}

// oursOf are those of a subject.
func (j *judging) oursOf(subject rbac.Subject) []*Granted {
	j.ours()
	return j.grantsOf[subject]
}

// grantedTo reports whether a grant of ours in the namespace names somebody.
func (j *judging) grantedTo(subject rbac.Subject, namespace string) bool {
	return slices.ContainsFunc(j.oursOf(subject), func(g *Granted) bool { return g.Namespace == namespace })
}

// isGranted reports whether there is a grant of ours to somebody for a queue in a namespace, be it one that has ended.
func (j *judging) isGranted(subject rbac.Subject, queue, namespace string) bool {
	return slices.ContainsFunc(newGranting(j.State).granted[namespace], func(g *Granted) bool { return g.Subject == subject && g.Queue == queue })
}

// mendLacking gives somebody what he lacks in a namespace, beside what a grant of ours gives him there.
func (j *judging) mendLacking(f *finding.Finding, q *Queue, namespace string, subject rbac.Subject, lacking []kaiwo.Ability) {
	g := Grant{Subject: subject, Queue: q.Name, Can: lacking, Namespaces: []string{namespace}}
	for _, have := range j.oursOf(subject) {
		if have.Queue == q.Name && have.Namespace == namespace {
			g.Can, g.Expires = append(g.Can, have.Can...), have.Expires
			g.whole = g.whole || have.Binding.Annotations[AllAnnotation] != ""
		}
	}
	command := "kubectl queueaccess grant " + paste(subject) + " --queue " + shell.Word(q.Name) + " --can " + words(g.Can, ",") + " --namespaces " + shell.Word(namespace)
	p, _, err := Give(j.State, g)
	if err != nil || len(p.Changes().Steps) == 0 {
		f.Why += "When what stands in the way is repaired, this gives it: " + command + "."
		return
	}
	f.Why += "The repair gives it, and no more, as this does: " + command + "."
	f.Fix = &p
}

// grantFor returns a grant of ours that is for all namespaces of a queue, and is in one of them; nil when there is none.
func (j *judging) grantFor(subject rbac.Subject, q *Queue) *Granted {
	all := j.oursOf(subject)
	i := slices.IndexFunc(all, func(g *Granted) bool {
		return g.Queue == q.Name && q.lists(g.Namespace) && g.Binding.Annotations[AllAnnotation] == "true"
	})
	if i < 0 {
		return nil
	}
	return all[i]
}

// mendDrift makes a grant of ours in another namespace of its queue.
func (j *judging) mendDrift(f *finding.Finding, namespace string, from *Granted) {
	p, _, err := Give(j.State, Grant{
		Subject: from.Subject, Queue: from.Queue, Can: from.Can, Namespaces: []string{namespace}, Expires: from.Expires,
		whole: true, // it is made for one namespace, and is a part of what is for all
	})
	if err != nil || len(p.Changes().Steps) == 0 {
		f.Why += "It can't be made now, since work from here would not get in: repair that first."
		return
	}
	f.Why += "The repair makes what is in " + from.Namespace + "."
	f.Fix = &p
}

// oursAt returns the grants of ours that a binding is.
func (j *judging) oursAt(b *rbac.Binding) []*Granted {
	return slices.DeleteFunc(slices.Clone(newGranting(j.State).granted[b.Namespace]), func(g *Granted) bool { return g.Binding.Name != b.Name })
}

// isThere reports whether the queue of a grant of ours is in the namespace of the grant, so that this is of use: an open queue
// of Kaiwo's is wherever its selector finds it, and one of Kueue's where a LocalQueue leads to it. So may be one of which that
// can't be read: a grant is not taken back on a guess.
func (j *judging) isThere(g *Granted) bool {
	q := j.Queue(g.Queue)
	if q == nil {
		return j.Unread(inventory.ClusterQueues) || j.Unread(inventory.LocalQueues)
	}
	p := j.Place(q, g.Namespace)
	switch {
	case q.lists(g.Namespace):
		return true
	case q.Open():
		unlabelled := q.selector != nil && j.Namespace(g.Namespace) == nil && !q.byNameAlone()
		return p.Eligible || !j.made(q) || unlabelled
	}
	return !q.Kaiwo && (len(p.Locals) > 0 || j.Unread(inventory.LocalQueues))
}

// mendOrphan takes back a grant of ours that is of no use, from those who are judged, with its role when nothing else is
// bound to it.
func (j *judging) mendOrphan(f *finding.Finding, all []*Granted) {
	d, to := newGranting(j.State), []rbac.Subject(nil)
	for _, g := range all {
		if j.concerns(g.Subject) {
			d.take(g, f.Object, "no queue lists the namespace")
			to = append(to, g.Subject)
		}
	}
	namespace := all[0].Namespace
	d.sweep(namespace, f.Object)
	p, _, err := d.finish("take back the grant to " + listed(written(to)) + " in " + namespace)
	if err != nil || len(to) == 0 {
		return
	}
	f.Why += "It is a grant of ours for queue " + all[0].Queue + ", so the repair takes it back; kubectl queueaccess grant gives it anew."
	f.Fix = &p
}

// paste writes a subject as a shell reads it.
func paste(s rbac.Subject) string { return shell.Word(Label(s)) }

// judgeEnds says which grants of ours have ended and still give their rights, and which end at no date (QA108).
func (j *judging) judgeEnds() {
	for _, b := range j.Inventory.RoleBindings {
		all := slices.DeleteFunc(grantsOf(b), func(g Granted) bool {
			return len(j.options.Queues) > 0 && !slices.Contains(j.options.Queues, g.Queue) || !j.concerns(g.Subject)
		})
		if len(all) == 0 {
			continue
		}
		g, subjects := all[0], make([]rbac.Subject, 0, len(all))
		for i := range all {
			subjects = append(subjects, all[i].Subject)
		}
		object, what := "rolebinding "+b.Namespace+"/"+b.Name, "the grant of queue "+g.Queue+" to "+listed(written(subjects))
		switch {
		case g.Undated != "":
			j.add("QA108", object, what+" ends at "+strconv.Quote(g.Undated)+", which is no date",
				"Nothing ends it then. kubectl queueaccess grant "+paste(g.Subject)+" --queue "+shell.Word(g.Queue)+" --can "+words(g.Can, ",")+
					" --namespaces "+shell.Word(g.Namespace)+" --expires WHEN gives it an end.")
		case g.Expired(j.Now):
			f := j.add("QA108", object, what+" has ended ("+g.Expires.Format(time.RFC3339)+"), and still gives its rights",
				"RBAC knows no end, so that somebody has to take it: the repair does, as kubectl queueaccess revoke --expired does for all.")
			d := newGranting(j.State)
			for i := range all {
				d.take(&all[i], object, "it has ended")
			}
			d.sweep(g.Namespace, object)
			if p, _, err := d.finish("take back the grant to " + listed(written(subjects)) + " in " + g.Namespace + ", which has ended"); err == nil {
				f.Fix = &p
			}
		}
	}
}
