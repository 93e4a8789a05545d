package contrib

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// held is what a subject has in a room, as a wanted grant sees it.
type held struct {
	// same are bindings of the wanted role, other those of other roles of the workspace, alone policies without a binding.
	same, other, alone []*workspace.Member
	// foreign are bindings that serve other ends.
	foreign []*workspace.Member
}

func (r *room) held(w *wanted) held {
	var h held
	for _, m := range r.guests(w.Subject) {
		switch {
		case m.Binding == nil:
			h.alone = append(h.alone, m)
		case m.RoleRef.Kind == w.ref.Kind && m.RoleRef.Name == w.ref.Name:
			h.same = append(h.same, m)
		case Counts(m):
			h.other = append(h.other, m)
		default:
			h.foreign = append(h.foreign, m)
		}
	}
	return h
}

// keep returns the binding that is to carry the grant; nil when there is none. Best is one of the subject's alone, with a
// policy, under the name that it would get today.
func (h *held) keep(w *wanted) *workspace.Member {
	if len(h.same) == 0 {
		return nil
	}
	worth := func(m *workspace.Member) int {
		points := 0
		if !shared(m) {
			points += 4
		}
		if m.Binding.Name == w.name {
			points += 2
		}
		if m.Policy != nil {
			points++
		}
		return points
	}
	return slices.MaxFunc(h.same, func(a, b *workspace.Member) int { return worth(a) - worth(b) })
}

// giving is how a grant is given.
type giving struct {
	// replace takes away the other roles of the subject.
	replace bool
	// list says that the grant comes from a list of members.
	list bool
	// keepDate leaves a date as it is that can't be read.
	keepDate bool
	// from is somebody whose objects may be taken over under their names: they are given up in the same unit. The zero
	// subject is nobody.
	from rbac.Subject
	// like is the grant that the new one goes on from: what people have put on its objects stays.
	like *workspace.Member
}

// give plans that the subject holds the grant.
func (r *room) give(g Grant, how giving) error {
	w := r.want(g)
	h := r.held(&w)
	u := r.unit(w.Subject)
	keep := h.keep(&w)
	r.goOn(&w, &h, keep, how)
	if err := r.check(&w); err != nil {
		return err
	}
	name := w.name
	switch {
	case keep != nil && !shared(keep):
		name = keep.Binding.Name
		r.refresh(u, keep, &w)
	case keep != nil && w.plain(keep.Binding):
		name = keep.Binding.Name
		r.binding(name).kept = true
		r.noteShared(keep.Binding)
	default:
		if err := r.place(u, &w, how.from); err != nil {
			return err
		}
	}
	if !w.list || !r.isLetIn(&h) {
		if err := r.givePolicy(u, &w, keep, name, how.from); err != nil {
			return err
		}
	}
	if err := r.giveUp(u, &w, &h, keep, how.replace); err != nil {
		return err
	}
	r.consequences(&w, &h, how)
	return nil
}

// goOn fills in what the grant goes on from.
func (r *room) goOn(w *wanted, h *held, keep *workspace.Member, how giving) {
	w.list, w.keepDate, w.like = how.list, how.keepDate || how.list && !w.Never, how.like
	if w.like == nil && keep == nil && how.replace && len(h.other) > 0 {
		w.like = slices.MaxFunc(h.other, func(a, b *workspace.Member) int { return a.Role.Rank() - b.Role.Rank() })
	}
	if w.Subject.Kind == rbacv1.ServiceAccountKind && r.flavor == workspace.Kubeflow {
		model := cmp.Or(keep, w.like)
		if model != nil && isToken(model) {
			w.asToken(r, slices.ContainsFunc(slices.Concat(h.same, h.other, []*workspace.Member{model}), func(m *workspace.Member) bool {
				return m.Policy != nil
			}))
		}
	}
	if w.like != nil && (w.like.Binding == nil || shared(w.like)) {
		// What stands on objects that others share is not about the subject.
		w.like = nil
	}
}

// isLetIn reports whether a grant needs no policy of its own: one of somebody else's, or one for several, lets the subject
// in, and stays.
func (r *room) isLetIn(h *held) bool {
	if len(h.same) != 1 || len(h.other)+len(h.alone) > 0 || !h.same[0].HTTP {
		return false
	}
	m := h.same[0]
	if m.Policy == nil {
		return true
	}
	p := r.policy(m.Policy.GetName()).now
	return p != nil && !r.exclusive(p, m.Subject) && slices.Contains(admitted(p, r.config), m.Subject)
}

// check refuses grants that cannot work, before anything of them is planned.
func (r *room) check(w *wanted) error {
	if w.ref.Name == "" {
		return workspace.Refuse("--role viewer, editor or owner", "%sgive %s a role in %s: which role?", w.at(), Label(w.Subject), r.name)
	}
	if w.spec == nil {
		return nil
	}
	if strings.HasPrefix(w.Subject.Name, "*") || strings.HasSuffix(w.Subject.Name, "*") {
		return workspace.Refuse(w.option("--no-http", "http: false")+" leaves the policy out",
			"%sgive %s the role %s in %s: Istio takes the name for a pattern that lets others in", w.at(), Label(w.Subject), w.RoleText(), r.name)
	}
	gap := r.unread(inventory.Policies)
	if gap == nil {
		return nil
	}
	return workspace.Refuse(
		gapHint(gap)+"; or "+w.option("--no-http", "http: false")+" for rights in Kubernetes without a way in through the gateway",
		"%sgive %s the role %s in %s: its policies cannot be read: %s", w.at(), Label(w.Subject), w.RoleText(), r.name, gap.Cause)
}

// at is the line of the file that the grant comes from, as a prefix.
func (g Grant) at() string {
	switch {
	case g.Line == 0:
		return ""
	case g.File == "":
		return fmt.Sprintf("line %d: ", g.Line)
	}
	return fmt.Sprintf("%s:%d: ", g.File, g.Line)
}

// option is how the user says something about the grant: with a flag, or with a field of the file it comes from.
func (g Grant) option(flag, field string) string {
	if g.Line == 0 {
		return flag
	}
	return "\"" + field + "\" in the file"
}

// refresh brings the metadata of a binding of the subject's own up to date.
func (r *room) refresh(u *unit, m *workspace.Member, w *wanted) {
	s := r.binding(m.Binding.Name)
	s.kept = true
	now := s.now
	if m.Subject.Kind == rbacv1.ServiceAccountKind && workspace.Annotated(now.Annotations) {
		// A token of a service account is a user to kfam, and may have a pair of kfam's own.
		w.marks = marksOf(now.Annotations)
	}
	annotations := w.annotations(r.flavor, now.Annotations, true)
	if w.list && m.Policy == nil && !m.HTTP && now.Annotations[workspace.HTTPAnnotation] == "" {
		// It is without a way in already, and whether that is on purpose is more than the list says.
		delete(annotations, workspace.HTTPAnnotation)
	}
	if !maps.Equal(annotations, now.Annotations) {
		now = now.DeepCopy()
		now.Annotations = annotations
	}
	s.put(u, now, "says what the grant is")
}

// place plans a new binding of the subject's own.
func (r *room) place(u *unit, w *wanted, from rbac.Subject) error {
	if err := r.checkName(w); err != nil {
		return err
	}
	s := r.binding(w.name)
	if s.now != nil && w.like == nil && r.replaceable(s.now, w.Subject, from) {
		w.like = &workspace.Member{Binding: s.now}
	}
	b := w.binding(r.flavor)
	why := fmt.Sprintf("gives %s the rights of %s", Label(w.Subject), w.RoleText())
	switch {
	case s.now == nil:
	case !r.replaceable(s.now, w.Subject, from):
		return r.collision(w, from, describeSubjects(s.now))
	case s.now.RoleRef.Kind == w.ref.Kind && s.now.RoleRef.Name == w.ref.Name:
		taken := s.now.DeepCopy()
		taken.Subjects = b.Subjects
		own := *w
		own.list = false // it says whose it was
		taken.Annotations = own.annotations(r.flavor, taken.Annotations, true)
		b = taken
	}
	s.put(u, b, why)
	s.kept = true
	return nil
}

// replaceable reports whether a binding under the wanted name names nobody but the subject, or whose objects it takes
// over. One that names nobody at all is a leftover.
func (r *room) replaceable(b *rbacv1.RoleBinding, subjects ...rbac.Subject) bool {
	for _, subject := range b.Subjects {
		who, ok := rbac.NewSubject(subject, b.Namespace)
		if !ok || !containsSubject(subjects, who) {
			return false
		}
	}
	if remembersOthers(b, subjects[0]) {
		return false // suspended members of it are to have it back
	}
	role := workspace.RoleOf(b.RoleRef)
	return role != "" && role.ClusterRole(r.flavor) == b.RoleRef.Name || workspace.Annotated(b.Annotations) ||
		b.Annotations[workspace.RoleAnnotation] != ""
}

// checkName refuses names that one of the two kinds cannot have.
func (r *room) checkName(w *wanted) error {
	var reasons []string
	if w.spec != nil {
		if w.Name == "" && w.RoleRef == nil {
			if err := kubeflow.CheckSubjectPair(w.Subject, w.Role.Short()); err != nil {
				return workspace.Refuse(w.option("--name", "name: NAME")+" gives the two objects another name",
					"%sgive %s the role %s in %s: %w", w.at(), Label(w.Subject), w.RoleText(), r.name, err)
			}
		}
		if len(validation.IsDNS1123Subdomain(w.name)) > 0 {
			reasons = []string{"want a-z, 0-9, - and ., a letter or digit at both ends, and 253 characters at most"}
		}
	} else {
		reasons = content.IsPathSegmentName(w.name)
	}
	if len(reasons) > 0 {
		return workspace.Refuse(w.option("--name", "name: NAME")+" gives the objects another name",
			"%sgive %s the role %s in %s: bad object name %q: %s", w.at(), Label(w.Subject), w.RoleText(), r.name, w.name, reasons[0])
	}
	return nil
}

// collision says that somebody else's object has the wanted name.
func (r *room) collision(w *wanted, from rbac.Subject, whose string) error {
	for _, other := range r.spelledLike(w.Subject) {
		if Label(other) == whose {
			return workspace.Refuse(
				"kubectl contrib rename "+shell.Word(whose)+" "+shell.Word(Label(w.Subject))+" if they are one person; else "+w.option("--name", "name: NAME"),
				"%sgive %s the role %s in %s: %s and %s are different users, and their objects have one name, %s",
				w.at(), Label(w.Subject), w.RoleText(), r.name, whose, Label(w.Subject), w.name)
		}
	}
	next := w.option("--name NAME", "name: NAME") + " gives the new objects another name"
	if from.Name != "" {
		next = fmt.Sprintf("first kubectl contrib add %s --role %s -n %s --name NAME", shell.Word(Label(w.Subject)), shell.Word(w.RoleText()), r.name)
	}
	return workspace.Refuse(next, "%sgive %s the role %s in %s: the name of its objects, %s, is taken by those of %s",
		w.at(), Label(w.Subject), w.RoleText(), r.name, w.name, whose)
}
