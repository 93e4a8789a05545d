package contrib

import (
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// consequences notes what else the subject has and, of a grant that changes something, what the objects do not say of
// themselves.
func (r *room) consequences(w *wanted, h *held, how giving) {
	who := Label(w.Subject)
	note := func(format string, args ...any) { r.draft.notes.add(who, format, args...) }
	if !how.replace {
		for _, m := range h.other {
			note("still has the role %s in %s: kubectl contrib set-role leaves one", heldAs(m), r.name)
		}
	}
	if !r.unit(w.Subject).touched {
		// What is there already was said when it was made.
		return
	}
	for _, other := range r.spelledLike(w.Subject) {
		if other == how.from {
			continue
		}
		note("%s in %s is a different user: names differ by their case", Label(other), r.name)
	}
	r.noteSuspended(w.Subject)
	for _, m := range h.foreign {
		note("rolebinding %s/%s gives %s too; it is no member's, and stays as it is", r.name, m.Binding.Name, heldAs(m))
	}
	for _, m := range h.same {
		if text := badDate(m.Binding); text != "" && !w.keepDate {
			note("the date of rolebinding %s/%s, %q, was none that could be read: it is gone", r.name, m.Binding.Name, text)
		}
		if w.Expires.IsZero() && !m.Expires.IsZero() {
			note("the role %s in %s no longer ends (%s)", w.RoleText(), r.name, m.Expires.Format(time.RFC3339))
		}
	}
	if w.Subject.Kind == rbacv1.GroupKind && !w.Subject.IsSystem() && isEverybody(w.Subject.Name) {
		note("everybody whom the cluster knows belongs to this group")
	}
	if r.flavor != workspace.Kubeflow {
		if w.NoHTTP {
			note("without Kubeflow there is no policy to leave out: --no-http changes nothing")
		}
		return
	}
	r.inKubeflow(w, note)
}

// inKubeflow notes what Kubeflow makes of a grant.
func (r *room) inKubeflow(w *wanted, note func(format string, args ...any)) {
	if !r.draft.state.Istio {
		r.draft.notes.add("", "no Istio policies are planned: Istio is not there, or not wanted")
	}
	switch w.Subject.Kind {
	case rbacv1.GroupKind:
		note("Kubeflow's dashboard and web apps do not know groups: the role works with kubectl, and the policy where tokens carry a groups claim")
	case rbacv1.ServiceAccountKind:
		if w.spec != nil {
			break
		}
		note("service accounts get no policy: they reach the workspace by their own identity in the mesh, not through the gateway")
	default:
		if kubeflow.CheckEmail(w.Subject.Name) != nil {
			note("the name is no e-mail address, and the dashboard takes no others: it can't be removed there")
		}
	}
	switch {
	case w.RoleRef != nil:
		note("the dashboard shows no role for %s: its lists leave such members out", w.RoleText())
	case w.Role == workspace.Owner:
		note("is shown as an owner by the dashboard, but can't manage members there: kubectl profile transfer makes an owner")
	case w.Role == workspace.Viewer && w.spec != nil && w.Subject.Kind == rbacv1.UserKind:
		note("the policy lets a viewer use running notebooks, and those may edit: --no-http leaves it out")
	}
}

func isEverybody(group string) bool {
	return group == rbac.GroupAuthenticated || group == rbac.GroupUnauthenticated || group == rbac.GroupServiceAccounts
}
