package contrib

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// SuspendedAnnotation holds, on a role binding, whom a suspension has taken out of it: a JSON list of subjects as
// [rbac.ParseSubject] reads them. RBAC has nothing that denies, so that whoever is suspended is in no binding meanwhile.
const SuspendedAnnotation = "gatehouse.dev/suspended"

// Away is somebody whom a suspension has taken out of a role binding of Kubernetes.
type Away struct {
	Subject rbac.Subject
	Binding *rbacv1.RoleBinding
}

// RoleText is the role that comes back, as commands take it.
func (a Away) RoleText() string { return roleText(a.Binding) }

// Ended reports whether the role has run out meanwhile, so that it does not come back.
func (a Away) Ended(now time.Time) bool { return hasEnded(a.Binding, now) }

// SuspendedIn returns whom the role bindings of a namespace remember, or those of all when it is empty, in their order: what
// [Unsuspend] would give back. Those whose memory can't be read are left out.
func SuspendedIn(s *workspace.State, namespace string) []Away {
	var out []Away
	for _, b := range s.Inventory.RoleBindings {
		if namespace != "" && b.Namespace != namespace {
			continue
		}
		kept, err := suspendedFrom(b)
		if err != nil {
			continue
		}
		for _, subject := range kept {
			out = append(out, Away{subject, b})
		}
	}
	return out
}

// suspendedFrom returns whom a role binding remembers.
func suspendedFrom(b *rbacv1.RoleBinding) ([]rbac.Subject, error) {
	text, there := b.Annotations[SuspendedAnnotation]
	if !there {
		return nil, nil
	}
	var texts []string
	if err := json.Unmarshal([]byte(text), &texts); err != nil {
		return nil, fmt.Errorf("read annotation %s: %w", SuspendedAnnotation, err)
	}
	out := make([]rbac.Subject, 0, len(texts))
	for _, text := range texts {
		subject, err := rbac.ParseSubject(text)
		if err != nil {
			return nil, fmt.Errorf("read annotation %s: %w", SuspendedAnnotation, err)
		}
		out = append(out, subject)
	}
	return out, nil
}

func setSuspended(b *rbacv1.RoleBinding, subjects []rbac.Subject) {
	slices.SortFunc(subjects, rbac.CompareSubjects)
	texts := make([]string, 0, len(subjects))
	for _, subject := range slices.Compact(subjects) {
		texts = append(texts, subject.String())
	}
	b.Annotations = maps.Clone(b.Annotations)
	if len(texts) == 0 {
		delete(b.Annotations, SuspendedAnnotation)
		return
	}
	if b.Annotations == nil {
		b.Annotations = map[string]string{}
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(texts); err == nil { // a list of strings always can be written
		b.Annotations[SuspendedAnnotation] = strings.TrimSpace(out.String())
	}
}

// dropSuspended takes a subject out of what a binding remembers. What can't be read stays.
func dropSuspended(b *rbacv1.RoleBinding, subject rbac.Subject) {
	kept, err := suspendedFrom(b)
	if err != nil || !slices.Contains(kept, subject) {
		return
	}
	setSuspended(b, slices.DeleteFunc(kept, func(other rbac.Subject) bool { return other == subject }))
}

// remembersOthers reports whether a binding remembers anybody but the subject, so that it must stay though it names nobody.
// One that can't be read may.
func remembersOthers(b *rbacv1.RoleBinding, subject rbac.Subject) bool {
	kept, err := suspendedFrom(b)
	return err != nil || slices.ContainsFunc(kept, func(other rbac.Subject) bool { return other != subject })
}

// hasEnded reports whether a binding is past its date.
func hasEnded(b *rbacv1.RoleBinding, now time.Time) bool {
	end, err := workspace.ParseExpiry(b.Annotations[workspace.ExpiresAnnotation])
	return err == nil && !end.IsZero() && !end.After(now)
}

// forgetSuspended plans that a binding no longer remembers a subject, who is not to have the role again. A member's binding
// that then neither names nor remembers anybody goes.
func (r *room) forgetSuspended(b *rbacv1.RoleBinding, subject rbac.Subject, why string) bool {
	s := r.binding(b.Name)
	if s.now == nil || s.now.Annotations[SuspendedAnnotation] == "" {
		return false
	}
	now := s.now.DeepCopy()
	dropSuspended(now, subject)
	if now.Annotations[SuspendedAnnotation] == s.now.Annotations[SuspendedAnnotation] {
		return false
	}
	if len(now.Subjects) == 0 && !remembersOthers(now, subject) && !s.kept &&
		(r.isWorkspace || now.Annotations[workspace.RoleAnnotation] != "") {
		s.put(r.unit(subject), nil, why)
		return true
	}
	s.put(r.unit(subject), now, why+"; the binding forgets who was suspended")
	return true
}

// forgetAll is [room.forgetSuspended] for all bindings of the room that remember a subject, or those of one role. It reports
// whether there was any.
func (r *room) forgetAll(subject rbac.Subject, role workspace.Role, why string) bool {
	found := false
	for _, b := range r.draft.state.Bindings(r.name) {
		if role == "" || workspace.RoleOf(b.RoleRef) == role {
			found = r.forgetSuspended(b, subject, why) || found
		}
	}
	return found
}

// expireSuspended plans that grants are forgotten that have ended while their subjects were suspended, and returns how many.
func (d *draft) expireSuspended() int {
	count := 0
	for _, b := range d.state.Inventory.RoleBindings {
		kept, err := suspendedFrom(b)
		if err != nil || len(kept) == 0 || !hasEnded(b, d.state.Now) {
			continue
		}
		r := d.enter(b.Namespace, false, "")
		if r == nil {
			continue
		}
		for _, subject := range kept {
			if r.forgetSuspended(b, subject, "it has ended at "+b.Annotations[workspace.ExpiresAnnotation]) {
				count++
			}
		}
	}
	return count
}

// renameSuspended plans that bindings remember the new name instead of the old one.
func (r *room) renameSuspended(old, to rbac.Subject, why string) {
	for _, b := range r.draft.state.Bindings(r.name) {
		s := r.binding(b.Name)
		if s.now == nil {
			continue
		}
		kept, err := suspendedFrom(s.now)
		if err != nil || !slices.Contains(kept, old) {
			continue
		}
		now := s.now.DeepCopy()
		setSuspended(now, append(slices.DeleteFunc(kept, func(other rbac.Subject) bool { return other == old }), to))
		s.put(r.unit(old), now, why)
	}
}

// noteSuspended says that a grant counts although its subject is suspended.
func (r *room) noteSuspended(subject rbac.Subject) {
	for _, away := range SuspendedIn(r.draft.state, r.name) {
		if away.Subject == subject {
			r.draft.notes.add(Label(subject), "is suspended, and rolebinding %s/%s remembers the role %s: what is given now counts all the same",
				r.name, away.Binding.Name, away.RoleText())
		}
	}
}
