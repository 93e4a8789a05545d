package contrib

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// judgeBinding judges what one role binding says about itself.
func (p *place) judgeBinding(b *rbacv1.RoleBinding) {
	switch {
	case !isListed(b):
		return
	case len(b.Subjects) != 1:
		p.found(p.several(b))
		return
	case b.Name == kubeflow.OwnerBinding, p.going[b]:
		return
	}
	switch b.Subjects[0].Kind {
	case rbacv1.UserKind:
		p.judgeAnnotations(b)
		p.judgeAdmin(b)
		if !isDisguised(b) {
			p.judgeName(b)
		}
	default:
		p.found(p.impersonal(b))
	}
}

// several is KF002: kfam answers every list that meets such a binding with an error.
func (p *place) several(b *rbacv1.RoleBinding) finding.Finding {
	f := finding.Finding{
		ID: "KF002", Severity: finding.Error, Object: bindingName(b),
		Message: fmt.Sprintf("it is annotated as a contributor, but has %s", plural(len(b.Subjects), "subject")),
		Why: "Kubeflow's access management answers every list that meets it with an error, so that the dashboard fails for all users.\n" +
			"Give each subject a binding of its own, or take the annotations user and role away.",
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
	r.rebind(b, after, "it keeps one subject")
	for i, subject := range b.Subjects {
		who, ok := rbac.NewSubject(subject, b.Namespace)
		if i == keep || ok && who == kept || ok && p.grants(who, role, b) {
			continue
		}
		if !ok || !p.isFree(kubeflow.PairName(who, role), who) {
			return nil
		}
		own := kubeflow.PairBinding(b.Namespace, who, role)
		keepOurs(own, b)
		r.bind(own, "a binding of its own")
	}
	return r
}

// grants reports whether another binding gives the subject the role.
func (p *place) grants(who rbac.Subject, role string, but *rbacv1.RoleBinding) bool {
	return slices.ContainsFunc(p.bindings, func(b *rbacv1.RoleBinding) bool {
		return b != but && short(b) == role && names(b, who)
	})
}

// isFree reports whether a pair of the subject can have the name: nobody's binding has it, and nobody else's policy.
func (p *place) isFree(name string, who rbac.Subject) bool {
	if p.bindingOf[name] != nil {
		return false
	}
	o := p.policyOf[name]
	return o == nil || p.isAbout(o, who)
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

// isDisguised reports whether a contributor's binding says that it is somebody else's. Until that is settled, its name
// and its policy are nobody's.
func isDisguised(b *rbacv1.RoleBinding) bool {
	name, ok := contributor(b)
	return ok && b.Annotations[kubeflow.UserAnnotation] != name
}

// judgeAnnotations is KF006: kfam finds bindings by their annotations, and answers with what they bind.
func (p *place) judgeAnnotations(b *rbacv1.RoleBinding) {
	var (
		says   []string
		who    = b.Subjects[0].Name
		role   = short(b)
		a      = b.Annotations
		after  = b.DeepCopy()
		claims = kubeflow.ClusterRole(a[kubeflow.RoleAnnotation]) != ""
	)
	if a[kubeflow.UserAnnotation] != who {
		says = append(says, fmt.Sprintf("its annotation names %s, but it is held by %s", text(a[kubeflow.UserAnnotation]), who))
		after.Annotations[kubeflow.UserAnnotation] = who
	}
	switch {
	case role != "" && a[kubeflow.RoleAnnotation] != role:
		says = append(says, fmt.Sprintf("its annotation says %s, but it gives %s", text(a[kubeflow.RoleAnnotation]), role))
		after.Annotations[kubeflow.RoleAnnotation] = role
	case role == "" && claims:
		says = append(says, fmt.Sprintf("its annotation says %s, but it gives %s", a[kubeflow.RoleAnnotation], roleText(b)))
	}
	if len(says) == 0 {
		return
	}
	f := finding.Finding{
		ID: "KF006", Severity: finding.Error, Object: bindingName(b), Message: strings.Join(says, "; "),
		Why: "The dashboard looks for the annotations, and Kubernetes for the subject and the role: lists show somebody else than who may work here.\n" +
			"Check who is meant; then align the annotations, or remove the grant.",
	}
	if !maps.Equal(after.Annotations, b.Annotations) {
		r := repairOf(user(who), p.name)
		r.rebind(b, after, "the annotations say what it gives")
		f.Fix = r.plan("annotate " + bindingName(b) + " with what it gives")
	} else {
		f.Why += "\nkubectl annotate rolebinding -n " + b.Namespace + " " + shell(b.Name) + " user- role-   takes it out of the lists."
	}
	p.found(f)
}

// judgeAdmin is KF009.
func (p *place) judgeAdmin(b *rbacv1.RoleBinding) {
	who := user(b.Subjects[0].Name)
	if short(b) != "admin" || p.owner == (rbac.Subject{}) || who.Name == p.owner.UserName() {
		return
	}
	p.found(finding.Finding{
		ID: "KF009", Severity: finding.Info, Object: bindingName(b),
		Message: fmt.Sprintf("%s is shown as an owner beside %s, but can't manage contributors in the dashboard", who.Name, p.owner.UserName()),
		Why: "Kubeflow lets only the one in spec.owner of the profile manage its contributors; the role admin gives rights in Kubernetes.\n" +
			"That may be what is wanted. kubectl profile transfer " + p.name + " --owner " + shell(who.Name) + "   makes " + who.Name + " the owner.",
	})
}

// impersonal is KF010: kfam lists whoever is annotated as a user as a person.
func (p *place) impersonal(b *rbacv1.RoleBinding) finding.Finding {
	subject := b.Subjects[0]
	f := finding.Finding{
		ID: "KF010", Severity: finding.Warning, Object: bindingName(b),
		Message: fmt.Sprintf("the %s %s is annotated as a user", kindText(subject.Kind), subject.Name),
		Why:     "The dashboard lists it as a person of that name, and its policy waits for a user who is called so.\nMove a group to the annotation group; a service account needs none.",
	}
	if r := p.depersonalise(b); r != nil {
		f.Fix = r.plan("annotate " + bindingName(b) + " for what it is")
	}
	return f
}

// depersonalise writes a group's pair as planned upstream, and a service account's binding as our own.
func (p *place) depersonalise(b *rbacv1.RoleBinding) *repair {
	who, ok := rbac.NewSubject(b.Subjects[0], b.Namespace)
	if !ok {
		return nil
	}
	role := b.Annotations[kubeflow.RoleAnnotation]
	if known := short(b); known != "" {
		role = known
	}
	r := repairOf(who, p.name)
	after := b.DeepCopy()
	after.Annotations = annotated(b.Annotations, who, role)
	if who.Kind == rbacv1.ServiceAccountKind {
		after.Annotations[workspace.RoleAnnotation] = string(workspace.RoleOf(b.RoleRef))
	}
	r.rebind(b, after, "its subject is no user")
	for _, o := range p.policies {
		a := o.GetAnnotations()
		if a[kubeflow.UserAnnotation] != b.Annotations[kubeflow.UserAnnotation] || a[kubeflow.RoleAnnotation] == "" ||
			o.GetName() == kubeflow.OwnerPolicy || p.granted(rbac.User(a[kubeflow.UserAnnotation])) {
			continue
		}
		respecified := p.respecified(o, who)
		if respecified == nil {
			r.shut(o, "no header carries the name of a service account")
			continue
		}
		respecified.SetAnnotations(annotated(o.GetAnnotations(), who, role))
		r.rewrite(o, respecified, "a group is known by the claims of a token")
	}
	return r
}

func kindText(kind string) string {
	switch kind {
	case rbacv1.GroupKind:
		return "group"
	case rbacv1.ServiceAccountKind:
		return "service account"
	}
	return strings.ToLower(kind)
}

// text is a value as messages show it: an empty one can be seen.
func text(value string) string {
	if value == "" {
		return "nobody"
	}
	return value
}

func plural(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
