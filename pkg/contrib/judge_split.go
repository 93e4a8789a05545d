package contrib

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// several is KF002: kfam answers every list that meets such a binding with an error.
func (p *place) several(b *rbacv1.RoleBinding) finding.Finding {
	f := finding.Finding{
		ID: "KF002", Severity: finding.Error, Object: bindingName(b),
		Message: fmt.Sprintf("it is annotated as a contributor, but has %s", plural(len(b.Subjects), "subject")),
		Why: "Kubeflow's access management answers every list that meets it with an error, so that the dashboard fails for all users.\n" +
			"Give each subject a binding of its own, or take the annotations user and role away.",
	}
	if p.going[b] {
		f.Why += "\nThe grant has ended: GH001 has the fix."
		return f
	}
	f.Fix = p.split(b).plan("give each subject of " + bindingName(b) + " a binding of its own")
	if f.Fix == nil {
		f.Fix = unlist(b).plan("take " + bindingName(b) + " out of the dashboard's lists")
	}
	return f
}

// unlist takes away the annotations that kfam looks for. Rights stay as they are.
func unlist(b *rbacv1.RoleBinding) *repair {
	after := b.DeepCopy()
	delete(after.Annotations, kubeflow.UserAnnotation)
	delete(after.Annotations, kubeflow.RoleAnnotation)
	r := &repair{unit: bindingName(b)}
	r.rebind(b, after, "it names several subjects, or none")
	return r
}

// split gives every subject a binding of its own, and leaves the binding to the one that it is annotated for. It is nil
// when there is no such thing: a role of one's own, the owner's binding, a name that somebody else has.
func (p *place) split(b *rbacv1.RoleBinding) *repair {
	role := short(b)
	if role == "" || len(b.Subjects) == 0 || b.Name == kubeflow.OwnerBinding {
		return nil
	}
	keep := max(0, slices.IndexFunc(b.Subjects, func(s rbacv1.Subject) bool {
		return s.Kind == rbacv1.UserKind && s.Name == b.Annotations[kubeflow.UserAnnotation]
	}))
	kept, ok := rbac.NewSubject(b.Subjects[keep], b.Namespace)
	if !ok {
		return nil
	}
	r := &repair{unit: bindingName(b)}
	after := b.DeepCopy()
	after.Subjects = []rbacv1.Subject{b.Subjects[keep]}
	after.Annotations = annotated(b.Annotations, pairSubject(b.Subjects[keep], kept), role)
	mark(after)
	r.rebind(b, after, "it keeps one subject")
	claims := map[string]claim{}
	for i, subject := range b.Subjects {
		who, ok := rbac.NewSubject(subject, b.Namespace)
		if i == keep || ok && who == kept || ok && p.grants(who, role) {
			continue
		}
		name := kubeflow.PairName(who, role)
		claims[name] = claim{"a binding of its own for " + who.String(), who}
		if !ok || !p.isFree(name, claims[name]) {
			return nil
		}
		own := kubeflow.PairBinding(b.Namespace, who, role)
		own.Annotations = maps.Clone(own.Annotations)
		keepOurs(own, p.longest(who, role, b))
		mark(own)
		r.bind(own, "a binding of its own")
	}
	maps.Copy(p.given, claims)
	return r
}

// mark says of a service account's role binding that it is a member's: kfam's annotations would make a person of it.
func mark(b *rbacv1.RoleBinding) {
	if len(b.Subjects) != 1 || b.Subjects[0].Kind != rbacv1.ServiceAccountKind {
		return
	}
	if b.Annotations == nil {
		b.Annotations = map[string]string{}
	}
	b.Annotations[workspace.RoleAnnotation] = roleText(b)
}

// grants reports whether a binding gives the subject the role that no fix takes it out of.
func (p *place) grants(who rbac.Subject, role string) bool {
	return slices.ContainsFunc(p.bindings, func(b *rbacv1.RoleBinding) bool {
		return !p.going[b] && !isSplit(b) && short(b) == role && names(b, who)
	})
}

// isSplit reports whether a binding is one that KF002 is about.
func isSplit(b *rbacv1.RoleBinding) bool { return isListed(b) && len(b.Subjects) != 1 }

// longest returns, of the bindings that KF002 takes the subject out of, the one that gives the role the longest: the
// fixes of all of them make the same binding of it.
func (p *place) longest(who rbac.Subject, role string, b *rbacv1.RoleBinding) *rbacv1.RoleBinding {
	best := b
	for _, other := range p.bindings {
		if !isSplit(other) || p.going[other] || short(other) != role || !names(other, who) {
			continue
		}
		if cmp.Or(
			isFirst(expires(other.Annotations).IsZero(), expires(best.Annotations).IsZero()),
			expires(best.Annotations).Compare(expires(other.Annotations)),
			cmp.Compare(other.Name, best.Name),
		) < 0 {
			best = other
		}
	}
	return best
}

// isFree reports whether a pair can have the name that is claimed for it: nobody's binding has it or gets it, and nobody
// else's policy.
func (p *place) isFree(name string, want claim) bool {
	if given, taken := p.given[name]; p.bindingOf[name] != nil || taken && given != want {
		return false
	}
	if goesWith, taken := p.givenPolicy[name]; taken && goesWith != want.purpose {
		return false
	}
	o := p.policyOf[name]
	return o == nil || p.isAbout(o, want.holder)
}

// keepOurs copies our own annotations: when a grant ends, and whether it is without a policy on purpose.
func keepOurs(to, from *rbacv1.RoleBinding) {
	for _, key := range []string{workspace.ExpiresAnnotation, workspace.HTTPAnnotation} {
		if value, ok := from.Annotations[key]; ok {
			if to.Annotations == nil {
				to.Annotations = map[string]string{}
			}
			to.Annotations[key] = value
		}
	}
}

// pairSubject is the subject as it stands in the binding: a service account's user name may be a contributor's.
func pairSubject(raw rbacv1.Subject, who rbac.Subject) rbac.Subject {
	if raw.Kind == rbacv1.UserKind {
		return user(raw.Name)
	}
	return who
}
