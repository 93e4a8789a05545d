package contrib

import (
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Suspend plans that a subject has no rights for a while, and keeps what it takes to give them back. In Kalm a RoleBinding in
// its own namespace suspends exactly this user. Role bindings of Kubernetes lose the subject, and remember it. Members of
// Kubeflow workspaces and owners are named and left alone: their dashboard knows no such thing; see [Staying]. What the
// subject is given by groups stays, in all systems. Service accounts and tokens are refused.
func Suspend(s *workspace.State, subject rbac.Subject) (plan.Plan, []string, error) {
	d := newDraft(s)
	who := Label(subject)
	switch name, isToken := strings.CutPrefix(subject.Name, "token:"); {
	case subject.Kind == rbacv1.ServiceAccountKind:
		return plan.Plan{}, nil, workspace.Refuse("kubectl contrib remove takes a role away, kubectl accesstoken revoke ends a token",
			"suspend %s: it is a service account: what runs under it goes on all the same, and fails", who)
	case subject.Kind == rbacv1.UserKind && isToken:
		return plan.Plan{}, nil, workspace.Refuse("kubectl accesstoken revoke "+paste(name)+" ends it",
			"suspend %s: a token can't be suspended", who)
	}
	if s.KalmServed() && s.Flavor != workspace.Native && subject.Kind != rbacv1.ServiceAccountKind {
		d.refuse(d.suspendInKalm(subject))
	}
	for _, r := range d.roomsOf(subject) {
		for _, m := range r.members[subject] {
			switch {
			case r.owns(subject):
				d.notes.add(who, "stays the owner of %s: kubectl profile transfer %s --owner NEW makes somebody else the owner", r.name, r.name)
			case r.flavor == workspace.Kubeflow:
				d.notes.add(who, "stays a member of %s: Kubeflow knows no suspension; kubectl contrib remove %s -n %s takes the role away",
					r.name, paste(who), r.name)
			case m.Binding != nil:
				d.refuse(r.suspend(m))
			}
		}
	}
	if subject.Kind == rbacv1.UserKind {
		d.noteGroups(subject)
	}
	d.notes.add("", "cluster-wide roles of Kubernetes are not looked at, nor are tokens: kubectl whocan rules %s, kubectl accesstoken list", paste(who))
	return d.finish("suspend " + who)
}

// Staying returns the workspaces in which a suspension leaves a subject what it has, as a member of Kubeflow's or the owner,
// sorted.
func Staying(s *workspace.State, subject rbac.Subject) []string {
	var out []string
	for _, r := range newDraft(s).roomsOf(subject) {
		if len(r.members[subject]) > 0 && (r.flavor == workspace.Kubeflow || r.owns(subject)) {
			out = append(out, r.name)
		}
	}
	return out
}

// Unsuspend plans that a subject has again what [Suspend] took, but for grants that have ended meanwhile: those are forgotten.
func Unsuspend(s *workspace.State, subject rbac.Subject) (plan.Plan, []string, error) {
	d := newDraft(s)
	for _, r := range d.roomsOf(subject) {
		for _, m := range r.kalmed[subject] {
			if m.Kalm.Role == kalm.Suspended {
				r.takeKalm(r.unit(subject), m, Label(subject)+" is no longer suspended")
			}
		}
	}
	for _, b := range s.Inventory.RoleBindings {
		kept, err := suspendedFrom(b)
		switch {
		case err != nil:
			d.notes.add("", "whom rolebinding %s/%s remembers can't be read: %v", b.Namespace, b.Name, err)
		case slices.Contains(kept, subject):
			if r := d.enter(b.Namespace, false, ""); r != nil {
				r.unsuspend(b, subject)
			}
		}
	}
	return d.finish("end the suspension of " + Label(subject))
}

// suspendInKalm plans the RoleBinding that suspends a subject in Kalm.
func (d *draft) suspendInKalm(subject rbac.Subject) error {
	if d.state.IsSuspended(subject) {
		return nil
	}
	named := slices.ContainsFunc(d.state.MembersAll(""), func(m workspace.Member) bool { return m.OfKalm() && m.Subject == subject })
	if !named {
		// Kalm does not know it: there is nothing to take away, and whoever any RoleBinding names gets through its endpoints.
		return nil
	}
	r := d.enter(kalm.SystemNamespace, false, "")
	switch {
	case r == nil:
		return nil // it is among the refusals
	case injects(subject.Name):
		return workspace.Refuse("", "suspend %s: Kalm writes the name into its policy as text, where it would mean something else", Label(subject))
	case d.state.Asker == "":
		return workspace.Refuse("--creator NAME says it", "suspend %s: Kalm wants to know who does it, and that is not known", Label(subject))
	}
	b := kalm.Binding{
		Namespace: r.name, Subject: subject.Name, Group: isGroup(subject), Role: kalm.Suspended, Creator: d.state.Asker,
	}
	b.Name = kalm.BindingName(r.name, b.Role, b.Subject)
	if r.kalmSlot(b.Name).now != nil {
		// It stays, so that it counts again afterwards.
		b.Name += "-suspended"
	}
	s := r.kalmSlot(b.Name)
	if s.now != nil {
		return workspace.Refuse("", "suspend %s: the name %s is taken in %s", Label(subject), b.Name, r.name)
	}
	s.put(r.unit(subject), kalm.NewBinding(b), "takes away what Kalm gives this subject by name")
	if isUpper(subject) {
		d.notes.add(Label(subject), "Kalm's login knows e-mail addresses in lower case: whoever logs in by this one is somebody else to Kalm")
	}
	if subject.Kind == rbacv1.UserKind {
		d.notes.add(Label(subject), "still gets through Kalm's protected endpoints, as everybody whom a RoleBinding of Kalm's names: kubectl contrib offboard ends that")
	}
	return nil
}

// noteGroups names the groups that Kalm gives something: whether a user is in one, its login knows. Of somebody who is a
// member in other systems alone it is not Kalm's groups that matter.
func (d *draft) noteGroups(subject rbac.Subject) {
	groups := map[string]bool{}
	elsewhere, inKalm := false, false
	for _, m := range d.state.MembersAll("") {
		switch {
		case m.Subject == subject:
			elsewhere, inKalm = elsewhere || !m.OfKalm(), inKalm || m.OfKalm()
		case m.OfKalm() && isGroup(m.Subject) && m.Kalm.Role.Gives():
			groups[m.Subject.Name] = true
		}
	}
	names := slices.Sorted(maps.Keys(groups))
	if len(names) == 0 || elsewhere && !inKalm {
		d.notes.add(Label(subject), "keeps what groups give")
		return
	}
	d.notes.add(Label(subject), "keeps what groups give; Kalm gives roles to %s: whoever is in one still has them", enumerate(names))
}

// suspend plans that a role binding loses a member, and remembers it. What it remembers of others must be readable: it is
// written anew.
func (r *room) suspend(m *workspace.Member) error {
	s := r.binding(m.Binding.Name)
	if s.now == nil || !names(s.now, m.Subject) {
		return nil
	}
	kept, err := suspendedFrom(s.now)
	if err != nil {
		return workspace.Refuse("kubectl annotate rolebinding "+paste(m.Binding.Name)+" -n "+r.name+" "+SuspendedAnnotation+"- forgets whom it remembers",
			"suspend %s: whom rolebinding %s/%s remembers already can't be read: %w", Label(m.Subject), r.name, m.Binding.Name, err)
	}
	now := s.now.DeepCopy()
	now.Subjects = slices.DeleteFunc(now.Subjects, func(one rbacv1.Subject) bool {
		who, ok := rbac.NewSubject(one, now.Namespace)
		return ok && who == m.Subject
	})
	setSuspended(now, append(kept, m.Subject))
	s.put(r.unit(m.Subject), now, Label(m.Subject)+" is suspended; the binding remembers it")
	return nil
}

// unsuspend plans that a role binding has back whom it remembers; a grant that has ended is not given again.
func (r *room) unsuspend(b *rbacv1.RoleBinding, subject rbac.Subject) {
	if hasEnded(b, r.draft.state.Now) {
		r.draft.notes.add(Label(subject), "rolebinding %s/%s has ended at %s: it is not given back", r.name, b.Name,
			b.Annotations[workspace.ExpiresAnnotation])
		r.forgetSuspended(b, subject, "it has ended meanwhile")
		return
	}
	s := r.binding(b.Name)
	now := s.now.DeepCopy()
	if !names(now, subject) {
		now.Subjects = append(now.Subjects, subject.RBAC())
	}
	dropSuspended(now, subject)
	s.put(r.unit(subject), now, Label(subject)+" is no longer suspended")
}
