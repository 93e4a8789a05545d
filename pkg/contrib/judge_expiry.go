package contrib

import (
	"fmt"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// judgeExpiry is GH001: a grant is past its date, and still there.
func judgeExpiry(s *workspace.State) []finding.Finding {
	var out []finding.Finding
	for _, m := range s.MembersAll("") {
		if m.Binding == nil || !m.Expired(s.Now) {
			continue
		}
		r := repairOf(m.Subject, m.Workspace)
		end := m.Expires.Format(time.RFC3339)
		takeBack(r, &m)
		out = append(out, finding.Finding{
			ID: "GH001", Severity: finding.Warning, Object: bindingName(m.Binding),
			Message: fmt.Sprintf("the grant to %s has ended on %s, and is still there", nameOf(m.Subject), end),
			Why: "Nothing takes a grant back by itself: kubectl contrib expire does, by hand or by the CronJob that it prints.\n" +
				"To let it go on, change the annotation " + workspace.ExpiresAnnotation + " of both objects.",
			Fix: r.plan(fmt.Sprintf("take %s from %s in %s", m.RoleText(), nameOf(m.Subject), m.Workspace)),
		})
	}
	return out
}

// takeBack removes a member: its policy, and the binding, or the member from a binding that has more.
func takeBack(r *repair, m *workspace.Member) {
	if m.Policy != nil {
		r.shut(m.Policy, "the grant has ended")
	}
	if len(m.Binding.Subjects) == 1 {
		r.unbind(m.Binding, "the grant has ended")
		return
	}
	after := m.Binding.DeepCopy()
	after.Subjects = slices.DeleteFunc(after.Subjects, func(subject rbacv1.Subject) bool {
		who, ok := rbac.NewSubject(subject, m.Workspace)
		return ok && who == m.Subject
	})
	r.rebind(m.Binding, after, "the grant has ended")
}

// expires returns when a grant ends, zero for never.
func expires(annotations map[string]string) time.Time {
	t, err := time.Parse(time.RFC3339, annotations[workspace.ExpiresAnnotation])
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// nameOf writes a subject as commands take it, and a user as he is called.
func nameOf(s rbac.Subject) string {
	if s.Kind == rbacv1.UserKind {
		return s.Name
	}
	return s.String()
}
