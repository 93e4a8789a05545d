package queue

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
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

// mendLacking gives somebody what he lacks in a namespace, beside what a grant of ours gives him there.
func (j *judging) mendLacking(f *finding.Finding, q *Queue, namespace string, subject rbac.Subject, lacking []kaiwo.Ability) {
	g := Grant{Subject: subject, Queue: q.Name, Can: lacking, Namespaces: []string{namespace}}
	for _, have := range j.oursOf(subject) {
		if have.Queue == q.Name && have.Namespace == namespace {
			g.Can, g.Expires = append(g.Can, have.Can...), have.Expires
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
	})
	if err != nil || len(p.Changes().Steps) == 0 {
		f.Why += "It can't be made now, since work from here would not get in: repair that first."
		return
	}
	f.Why += "The repair makes what is in " + from.Namespace + "."
	for _, s := range p.Steps {
		if s.Verb == plan.Create && s.Object.GetKind() == "RoleBinding" {
			marks := s.Object.GetAnnotations()
			marks[AllAnnotation] = "true" // it was made for one namespace, and is a part of what is for all
			s.Object.SetAnnotations(marks)
		}
	}
	f.Fix = &p
}

// mendOrphan deletes a grant of ours that is of no use, with its role when nothing else is bound to it, and reports whether
// the binding is such a grant.
func (j *judging) mendOrphan(f *finding.Finding, s submission) bool {
	all := j.ours()
	i := slices.IndexFunc(all, func(g Granted) bool {
		return g.Binding.Namespace == s.binding.Namespace && g.Binding.Name == s.binding.Name
	})
	if i < 0 {
		return false
	}
	b := all[i].Binding
	bound, err := plan.FromObjects(withKind(b))
	if err != nil {
		return false
	}
	steps := []plan.Step{removed(bound[0], f.Object, "no queue lists the namespace")}
	role := picked(j.Inventory.Objects(inventory.Roles), b.Namespace, b.RoleRef.Name)
	if role != nil && role.GetAnnotations()[CanAnnotation] != "" && !slices.ContainsFunc(j.Inventory.RoleBindings, func(other *rbacv1.RoleBinding) bool {
		return other.Namespace == b.Namespace && other.Name != b.Name && other.RoleRef == b.RoleRef
	}) {
		steps = append(steps, removed(role, f.Object, "nothing else is bound to it"))
	}
	f.Why += "It is a grant of ours for queue " + all[i].Queue + ", so the repair takes it back; kubectl queueaccess grant gives it anew."
	mend(f, "take back the grant to "+all[i].Subject.String()+" in "+b.Namespace, steps...)
	return true
}

// withKind returns a role binding that says what it is.
func withKind(b *rbacv1.RoleBinding) *rbacv1.RoleBinding {
	out := b.DeepCopy()
	out.APIVersion, out.Kind = rbacv1.SchemeGroupVersion.String(), "RoleBinding"
	return out
}

// paste writes a subject as a shell reads it.
func paste(s rbac.Subject) string { return shell.Word(label(s)) }
