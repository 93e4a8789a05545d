package contrib

import (
	"fmt"
	"maps"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
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
		f.Why += "\nkubectl annotate rolebinding -n " + b.Namespace + " " + paste(b.Name) + " user- role-   takes it out of the lists."
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
			"That may be what is wanted. kubectl profile transfer " + p.name + " --owner " + paste(who.Name) + "   makes " + inline(who.Name) + " the owner.",
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
	mark(after)
	r.rebind(b, after, "its subject is no user")
	for _, o := range p.policies {
		a := o.GetAnnotations()
		if a[kubeflow.UserAnnotation] != b.Annotations[kubeflow.UserAnnotation] || a[kubeflow.RoleAnnotation] == "" ||
			o.GetName() == kubeflow.OwnerPolicy || p.busy[o] || p.granted(rbac.User(a[kubeflow.UserAnnotation])) {
			continue
		}
		// Whatever else is wrong with it can be seen when this is right.
		p.busy[o] = true
		stay := p.dependents(r, o, "")
		respecified := p.respecified(o, who)
		switch {
		case len(stay) > 0:
			r.rewrite(o, p.leftTo(o, stay), "it is about a user who is none; others stay in the policy")
			continue
		case respecified == nil:
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
