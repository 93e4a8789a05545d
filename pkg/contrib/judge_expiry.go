package contrib

import (
	"fmt"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// ended are the role bindings of a workspace that are past their date, and the members that each one has.
type ended struct {
	draft    *draft
	bindings []*rbacv1.RoleBinding
	members  map[*rbacv1.RoleBinding][]*workspace.Member
}

func (e *ended) add(m *workspace.Member) {
	if e.members[m.Binding] == nil {
		e.bindings = append(e.bindings, m.Binding)
	}
	e.members[m.Binding] = append(e.members[m.Binding], m)
}

// judgeExpiry is GH001, a grant that is past its date and still there, and GH004, one whose date can't be read. busy are
// the objects that the fixes of GH001 change, as [busyKey] has them.
func judgeExpiry(s *workspace.State) (out []finding.Finding, busy map[string]bool) {
	busy = map[string]bool{}
	places := map[string]*ended{}
	var names []string
	told := map[string]bool{}
	members := s.MembersAll("")
	for i := range members {
		m := &members[i]
		dates := judgeDates(m, told)
		if len(dates) == 0 && (m.Binding == nil || !m.Expired(s.Now)) {
			continue
		}
		e := places[m.Workspace]
		if e == nil {
			e = &ended{draft: newDraft(s), members: map[*rbacv1.RoleBinding][]*workspace.Member{}}
			places[m.Workspace] = e
			names = append(names, m.Workspace)
		}
		if e.draft.room(m.Workspace).protected(m) {
			continue
		}
		out = append(out, dates...)
		if m.Binding != nil && m.Expired(s.Now) {
			e.add(m)
		}
	}
	for _, name := range names {
		out = append(out, places[name].judge(busy)...)
	}
	return out, busy
}

// judge is GH001 of a workspace. Grants whose ends touch the same object, such as a policy that lets in both, end together.
func (e *ended) judge(busy map[string]bool) []finding.Finding {
	var out []finding.Finding
	groups := make([][]int, len(e.bindings)) // the findings that each one ends with, itself too; shared among them
	first := map[string]int{}
	for i, b := range e.bindings {
		f := e.draft.judgeEnded(b, e.members[b])
		out, groups[i] = append(out, f), []int{i}
		if f.Fix == nil {
			continue
		}
		for _, step := range f.Fix.Steps {
			key := busyKey(step)
			busy[key] = true
			if j, touched := first[key]; touched && !slices.Contains(groups[j], i) {
				both := slices.Concat(groups[j], groups[i])
				for _, k := range both {
					groups[k] = both
				}
			}
			first[key] = i
		}
	}
	for i, group := range groups {
		if len(group) == 1 || slices.Min(group) != i {
			continue
		}
		var members []*workspace.Member
		for _, j := range group {
			members = append(members, e.members[e.bindings[j]]...)
		}
		fix, err := e.draft.end(members, out[i].Fix.Summary)
		for _, j := range group {
			if out[j].Fix = fix; err != nil {
				out[j].Why += cannotEnd(err)
			}
		}
	}
	return out
}

func cannotEnd(err error) string { return "\nIt can't be taken back now: " + inline(err.Error()) }

// busyKey names the object of a step: "AuthorizationPolicy/team-a/x".
func busyKey(step plan.Step) string {
	o := step.Object
	if o == nil {
		o = step.Old
	}
	return o.GetKind() + "/" + o.GetNamespace() + "/" + o.GetName()
}

// judgeEnded is GH001 of one role binding.
func (d *draft) judgeEnded(b *rbacv1.RoleBinding, members []*workspace.Member) finding.Finding {
	var names []string
	for _, m := range members {
		names = append(names, nameOf(m.Subject))
	}
	who, end := enumerate(names), members[0].Expires.Format(time.RFC3339)
	f := finding.Finding{
		ID: "GH001", Severity: finding.Warning, Object: bindingName(b),
		Message: fmt.Sprintf("the grant to %s has ended on %s, and is still there", who, end),
		Why: "Nothing takes a grant back by itself: kubectl contrib expire does, by hand or by the CronJob that it prints.\n" +
			"To let it go on, change the annotation " + workspace.ExpiresAnnotation + " of both objects.",
	}
	fix, err := d.end(members, fmt.Sprintf("take %s from %s in %s", members[0].RoleText(), who, b.Namespace))
	if err != nil {
		f.Why += cannotEnd(err)
	}
	f.Fix = fix
	return f
}

// end plans what [Expire] does with members of one role binding, and leaves the draft as it was.
func (d *draft) end(members []*workspace.Member, summary string) (*plan.Plan, error) {
	defer d.reset()
	r := d.enter(members[0].Workspace, false, "")
	for _, m := range members {
		if r != nil {
			d.refuse(r.leave(m.Subject, []*workspace.Member{m}, "it has ended at "+m.Expires.Format(time.RFC3339)))
		}
	}
	p, _, err := d.finish(summary)
	if err != nil || len(p.Changes().Steps) == 0 {
		return nil, err
	}
	return &p, nil
}

// reset forgets what was planned, and keeps what was read.
func (d *draft) reset() {
	d.notes, d.errs = notes{}, nil
	for _, r := range d.rooms {
		r.units = map[rbac.Subject]*unit{}
		resetSlots(r.bindings)
		resetSlots(r.policies)
	}
}

func resetSlots[T object](slots map[string]*slot[T]) {
	for _, s := range slots {
		*s = slot[T]{old: s.old, now: s.old}
	}
}

// judgeDates is GH004 of a member's objects, each told once.
func judgeDates(m *workspace.Member, told map[string]bool) []finding.Finding {
	var out []finding.Finding
	tell := func(object, kind, name string, annotations map[string]string) {
		_, err := workspace.ParseExpiry(annotations[workspace.ExpiresAnnotation])
		if err == nil || told[object] {
			return
		}
		told[object] = true
		out = append(out, finding.Finding{
			ID: "GH004", Severity: finding.Warning, Object: object,
			Message: fmt.Sprintf("when its grant ends can't be read: %q", annotations[workspace.ExpiresAnnotation]),
			Why: "The grant never ends, though somebody wanted it to. Write a time, or take the annotation away with a dash at its end:\n" +
				fmt.Sprintf("kubectl annotate --overwrite %s -n %s %s %s=2026-12-31T00:00:00Z", kind, m.Workspace, paste(name), workspace.ExpiresAnnotation),
		})
	}
	if m.Binding != nil {
		tell(bindingName(m.Binding), "rolebinding", m.Binding.Name, m.Binding.Annotations)
	}
	if m.Policy != nil && m.Policy.GetName() != kubeflow.OwnerPolicy {
		tell(policyName(m.Policy), "authorizationpolicy", m.Policy.GetName(), m.Policy.GetAnnotations())
	}
	return out
}

// expires returns when a grant ends, zero for never.
func expires(annotations map[string]string) time.Time {
	end, err := workspace.ParseExpiry(annotations[workspace.ExpiresAnnotation])
	if err != nil {
		return time.Time{}
	}
	return end
}

// nameOf writes a subject as commands take it, and a user as he is called.
func nameOf(s rbac.Subject) string {
	if s.Kind == rbacv1.UserKind {
		return s.Name
	}
	return s.String()
}

// enumerate writes names one after the other, and counts those that are too many.
func enumerate(names []string) string {
	if more := len(names) - shown; more > 1 {
		return fmt.Sprintf("%s and %d others", strings.Join(slices.Clone(names)[:shown], ", "), more)
	}
	return strings.Join(names, ", ")
}
