package contrib

import (
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const whyName = "The dashboard finds what it removes by name alone, so that it can't remove this contributor.\n" +
	"Older releases and other programs name them otherwise; make both objects anew under Kubeflow's name."

// judgeName is KF007 of role bindings. A name that is taken by somebody else is no mistake: there is no other way.
func (p *place) judgeName(b *rbacv1.RoleBinding) {
	who, role := user(b.Subjects[0].Name), short(b)
	if role == "" {
		return
	}
	name := kubeflow.BindingName(who.Kind, who.Name, role)
	if b.Name == name || kubeflow.CheckPair(who.Name, role) != nil {
		return
	}
	want := claim{b.Name, who}
	if !p.isFree(name, want) {
		if given := p.given[name]; given.holder.Kind == who.Kind && given.holder != who && !foldEqual(given.holder.Name, who.Name) {
			p.found(collision(who.Name, given.holder.Name, name, b))
		}
		return
	}
	p.given[name] = want
	f := finding.Finding{
		ID: "KF007", Severity: finding.Warning, Object: bindingName(b),
		Message: fmt.Sprintf("it is not named as Kubeflow names it: %s", name), Why: whyName,
	}
	if slices.Contains(kubeflow.LegacyBindingNames(who.Kind, who.Name, role), b.Name) {
		f.Message = fmt.Sprintf("it is named as older releases or other programs name it: Kubeflow wants %s", name)
	}
	r := repairOf(who, p.name)
	own := renamed(b, name)
	own.Annotations = annotated(own.Annotations, who, role)
	r.bind(own, "the name by which the dashboard finds it")
	r.unbind(b, "it has a new name")
	p.move(r, p.pairPolicy(b, who), name, who, role, b.Name)
	f.Fix = r.plan(fmt.Sprintf("rename %s to %s", bindingName(b), name))
	p.found(f)
}

// move gives the policy of a role binding, if there is one, another name. Who has one of that name already loses the other
// one, when it is not needed any more.
func (p *place) move(r *repair, o *unstructured.Unstructured, name string, who rbac.Subject, role, binding string) {
	if o == nil || o.GetName() == name {
		return
	}
	if p.policyOf[name] != nil && p.worked[o] {
		return
	}
	if p.policyOf[name] != nil {
		p.close(r, o, "another one has its name")
		return
	}
	// The new one is another than a policy that is written for the role binding.
	key := binding + "/" + o.GetName()
	if goesWith, taken := p.givenPolicy[name]; taken && goesWith != key {
		return
	}
	p.givenPolicy[name] = key
	r.admit(moved(o, name, who, role), "it goes with its role binding")
	r.shut(o, "it has a new name")
}

// pairPolicy returns the policy that goes with a role binding of a user: one about him that has the binding's name, else
// one that says its role, unless that has the name of another binding.
func (p *place) pairPolicy(b *rbacv1.RoleBinding, who rbac.Subject) *unstructured.Unstructured {
	if o := p.policyOf[b.Name]; o != nil && p.isAbout(o, who) && !p.busy[o] {
		return o
	}
	for _, o := range p.about[who] {
		if isPair(o) && !p.busy[o] && p.bindingOf[o.GetName()] == nil &&
			o.GetAnnotations()[kubeflow.RoleAnnotation] == b.Annotations[kubeflow.RoleAnnotation] {
			return o
		}
	}
	return nil
}

// judgePolicyName is KF007 of policies whose role binding has the right name.
func (p *place) judgePolicyName(b *rbacv1.RoleBinding) {
	name, ok := contributor(b)
	who, role := user(name), short(b)
	if !ok || p.going[b] || role == "" || b.Name != kubeflow.BindingName(who.Kind, who.Name, role) || p.policyOf[b.Name] != nil {
		return
	}
	o := p.pairPolicy(b, who)
	if o == nil {
		return
	}
	r := repairOf(who, p.name)
	p.move(r, o, b.Name, who, role, b.Name)
	p.found(finding.Finding{
		ID: "KF007", Severity: finding.Warning, Object: policyName(o),
		Message: fmt.Sprintf("it is not named as its role binding: %s", b.Name), Why: whyName,
		Fix: r.plan(fmt.Sprintf("rename %s to %s", policyName(o), b.Name)),
	})
}
