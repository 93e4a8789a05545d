package contrib

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// lettingIn returns the names of all policies that let a subject in, whoever they belong to, in their order.
func (r *room) lettingIn(subject rbac.Subject) []string {
	if r.letIn == nil {
		r.letIn = map[rbac.Subject][]string{}
		for _, p := range r.draft.state.Policies(r.name) {
			for _, who := range admitted(p, r.config) {
				r.letIn[who] = append(r.letIn[who], p.GetName())
			}
			if slices.ContainsFunc(kubeflow.PolicyUsers(p, r.config), isPattern) {
				r.patterns = append(r.patterns, p.GetName())
			}
		}
	}
	return r.letIn[subject]
}

// admitted returns whom a policy lets in by their names.
func admitted(p *unstructured.Unstructured, config kubeflow.Config) []rbac.Subject {
	var out []rbac.Subject
	for _, user := range kubeflow.PolicyUsers(p, config) {
		out = append(out, rbac.User(user))
	}
	for _, group := range kubeflow.PolicyGroups(p) {
		out = append(out, rbac.Group(group))
	}
	return out
}

// isPattern reports whether Istio reads a name as a pattern.
func isPattern(name string) bool { return strings.HasPrefix(name, "*") || strings.HasSuffix(name, "*") }

// sweep plans that no contributor's policy of the room lets the subject in, whoever it belongs to, and notes those that
// go on doing it: what somebody wrote by hand, the owner's, and all policies of a native workspace. It reports whether
// it plans anything.
func (r *room) sweep(u *unit, subject rbac.Subject, why string) bool {
	changed := false
	for _, name := range r.lettingIn(subject) {
		s := r.policy(name)
		if s.now == nil || !r.isContributors(s.now) || !slices.Contains(admitted(s.now, r.config), subject) {
			continue
		}
		was := s.now
		r.takePolicy(u, name, subject, why)
		changed = changed || s.now != was
	}
	r.noteStillIn(subject)
	return changed
}

// isContributors reports whether a policy is one that plans about members may change.
func (r *room) isContributors(p *unstructured.Unstructured) bool {
	if r.flavor != workspace.Kubeflow || !kubeflow.LetsIn(p) || p.GetName() == kubeflow.OwnerPolicy && !r.orphaned {
		return false
	}
	return workspace.Annotated(p.GetAnnotations())
}

// noteStillIn says which policies go on letting a subject in.
func (r *room) noteStillIn(subject rbac.Subject) {
	if r.owns(subject) {
		return
	}
	note := func(name string) {
		r.draft.notes.add(Label(subject), "authorizationpolicy %s/%s still lets in through the gateway", r.name, name)
	}
	for _, name := range r.lettingIn(subject) {
		if s := r.policy(name); s.now != nil && slices.Contains(admitted(s.now, r.config), subject) {
			note(name)
		}
	}
	if subject.Kind == rbacv1.GroupKind {
		return
	}
	for _, name := range r.patterns {
		if s := r.policy(name); s.now != nil && kubeflow.PolicyAdmits(s.now, subject.UserName(), r.config) &&
			!slices.Contains(admitted(s.now, r.config), subject) {
			note(name)
		}
	}
}
