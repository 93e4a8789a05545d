package contrib

import (
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// checkTake refuses to take away half of a pair, when the other half is out of sight.
func (r *room) checkTake(m *workspace.Member) error {
	gap := r.unread(inventory.Policies)
	if gap == nil || !r.meshed() || m.Policy != nil || m.Binding == nil || !workspace.Annotated(m.Binding.Annotations) ||
		m.Binding.Annotations[workspace.HTTPAnnotation] == "false" {
		return nil
	}
	return workspace.Refuse(
		gapHint(gap)+"; without it, owners can remove contributors in the dashboard",
		"take the role of %s in %s: its policies cannot be read, and the one of %s would be left, with its way in: %s",
		Label(m.Subject), r.name, m.Binding.Name, gap.Cause)
}

// take plans that the member's binding and policy go, or forget the subject.
func (r *room) take(u *unit, m *workspace.Member, why string) {
	if m.Policy != nil && r.flavor == workspace.Kubeflow {
		r.takePolicy(u, m.Policy.GetName(), m.Subject, why)
	}
	if m.Binding != nil {
		r.takeBinding(u, m.Binding.Name, m.Subject, why)
	}
}

// takePolicy deletes a policy that lets in nobody but the subject. That of an owner stays, without him: when the last
// policy of a namespace goes, Istio lets in everybody.
func (r *room) takePolicy(u *unit, name string, subject rbac.Subject, why string) {
	s := r.policy(name)
	switch {
	case s.now == nil || s.kept:
	case name != kubeflow.OwnerPolicy && r.exclusive(s.now, subject):
		s.put(u, nil, why)
	default:
		now := s.now.DeepCopy()
		if r.forget(now, subject) {
			disown(now, subject)
			s.put(u, now, why+"; others stay in the policy")
			return
		}
		r.draft.notes.add(Label(subject), "authorizationpolicy %s/%s also lets in %s: it stays as it is",
			r.name, name, r.describeUsers(s.now))
	}
}

// takeBinding takes the subject out of a binding, and deletes it when nobody is left.
func (r *room) takeBinding(u *unit, name string, subject rbac.Subject, why string) {
	s := r.binding(name)
	if s.now == nil || !names(s.now, subject) {
		return
	}
	now := s.now.DeepCopy()
	now.Subjects = slices.DeleteFunc(now.Subjects, func(one rbacv1.Subject) bool {
		who, ok := rbac.NewSubject(one, now.Namespace)
		return ok && who == subject
	})
	if len(now.Subjects) == 0 && remembersOthers(now, subject) {
		s.put(u, now, why+"; the binding remembers who is suspended")
		return
	}
	if len(now.Subjects) == 0 {
		if !s.kept {
			s.put(u, nil, why)
		}
		return
	}
	disown(now, subject)
	s.put(u, now, why+"; others stay in the binding")
	r.noteShared(now)
}

// disown takes the annotations of a contributor off an object that others stay in, when they name the one who goes: kfam
// would go on listing the others under that name.
func disown(o metav1.Object, subject rbac.Subject) {
	a := maps.Clone(o.GetAnnotations())
	if a[kubeflow.UserAnnotation] != subject.Name && a[kubeflow.GroupAnnotation] != subject.Name {
		return
	}
	for _, key := range []string{kubeflow.UserAnnotation, kubeflow.GroupAnnotation, kubeflow.RoleAnnotation} {
		delete(a, key)
	}
	o.SetAnnotations(a)
}

// noteShared says what a binding with several subjects does to Kubeflow's dashboard.
func (r *room) noteShared(b *rbacv1.RoleBinding) {
	if r.flavor == workspace.Kubeflow && isListed(b) && len(b.Subjects) != 1 {
		r.draft.notes.add("", "rolebinding %s/%s names %d subjects and has the annotations of a contributor: with that, "+
			"Kubeflow's lists fail for everybody; kubectl contrib doctor --fix mends it", b.Namespace, b.Name, len(b.Subjects))
	}
}

// describeSubjects names the subjects of a binding.
func describeSubjects(b *rbacv1.RoleBinding) string {
	out := make([]string, 0, len(b.Subjects))
	for _, subject := range b.Subjects {
		who, ok := rbac.NewSubject(subject, b.Namespace)
		if !ok {
			who = rbac.Subject{Kind: subject.Kind, Namespace: subject.Namespace, Name: subject.Name}
		}
		out = append(out, Label(who))
	}
	if len(out) == 0 {
		return "nobody"
	}
	return strings.Join(out, ", ")
}

// describeUsers names whom a policy lets in.
func (r *room) describeUsers(p *unstructured.Unstructured) string {
	out := []string{}
	for _, user := range kubeflow.PolicyUsers(p, r.config) {
		out = append(out, Label(rbac.User(user)))
	}
	for _, group := range kubeflow.PolicyGroups(p) {
		out = append(out, Label(rbac.Group(group)))
	}
	if len(out) == 0 {
		return "nobody that a contributor's would (it is something else)"
	}
	return strings.Join(out, ", ")
}

// gapHint says which rule would close a gap.
func gapHint(gap *rbac.Gap) string {
	if gap.Missing == nil {
		return "what could not be read has to be readable"
	}
	return "it takes the rule " + rbac.RuleText(gap.Missing)
}
