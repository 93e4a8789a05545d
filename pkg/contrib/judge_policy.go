package contrib

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// judgePolicies judges the policies of contributors, and the bindings that have none.
func (p *place) judgePolicies() {
	for _, o := range p.policies {
		if isPair(o) {
			p.judgePolicy(o)
		}
	}
	for _, b := range p.bindings {
		p.judgeMissing(b)
		p.judgePolicyName(b)
	}
}

// isPair reports whether a policy is a contributor's. Those of other components, such as the visualization server of
// Kubeflow Pipelines, carry no annotations.
func isPair(o *unstructured.Unstructured) bool {
	return o.GetName() != kubeflow.OwnerPolicy && workspace.Annotated(o.GetAnnotations())
}

// judgePolicy is KF003, KF005 and KF006 of a policy.
func (p *place) judgePolicy(o *unstructured.Unstructured) {
	who := annotatedAs(o)
	if p.granted(who) {
		p.judgeContent(o, who)
		return
	}
	users := p.users[o]
	if len(users) == 1 && users[0] != who.Name && p.granted(user(users[0])) {
		p.found(p.misnamed(o, user(users[0])))
		return
	}
	if who.Kind == rbacv1.UserKind && p.heldByGroup(who.Name) {
		// KF010 is about the pair, and has the fix for both of its objects.
		return
	}
	in := who.Name
	if len(users) > 0 {
		in = strings.Join(users, ", ")
	}
	r := repairOf(who, p.name)
	r.shut(o, "no role binding goes with it")
	p.found(finding.Finding{
		ID: "KF003", Severity: finding.Error, Object: policyName(o),
		Message: fmt.Sprintf("it lets %s in, who has no role binding here", text(in)),
		Why: "Who is let in reaches the notebooks of the workspace, and works there with the rights of default-editor, though no list shows it.\n" +
			"Remove the policy, or give the role that goes with it.",
		Fix: r.plan("remove " + policyName(o)),
	})
}

// heldByGroup reports whether a group or a service account is annotated as this user.
func (p *place) heldByGroup(name string) bool {
	return slices.ContainsFunc(p.bindings, func(b *rbacv1.RoleBinding) bool {
		return isListed(b) && len(b.Subjects) == 1 && b.Subjects[0].Kind != rbacv1.UserKind &&
			b.Annotations[kubeflow.UserAnnotation] == name
	})
}

// misnamed is KF006 of a policy: what it lets in is right, and what it says is not.
func (p *place) misnamed(o *unstructured.Unstructured, who rbac.Subject) finding.Finding {
	after := o.DeepCopy()
	after.SetAnnotations(annotated(o.GetAnnotations(), who, o.GetAnnotations()[kubeflow.RoleAnnotation]))
	r := repairOf(who, p.name)
	r.rewrite(o, after, "the annotations say whom it lets in")
	return finding.Finding{
		ID: "KF006", Severity: finding.Error, Object: policyName(o),
		Message: fmt.Sprintf("its annotation names %s, but it lets %s in", text(annotatedAs(o).Name), who.Name),
		Why:     "Whoever cleans up after the annotation takes the access of somebody else away.",
		Fix:     r.plan("annotate " + policyName(o) + " with whom it lets in"),
	}
}

// judgeContent is KF005 of contributors.
func (p *place) judgeContent(o *unstructured.Unstructured, who rbac.Subject) {
	reasons := kubeflow.PolicyDiffers(o, p.config)
	if users := p.users[o]; who.Kind == rbacv1.UserKind && len(reasons) == 0 && !slices.Equal(users, []string{who.Name}) {
		reasons = append(reasons, fmt.Sprintf("it lets %s in instead of %s", text(strings.Join(users, ", ")), who.Name))
	}
	if len(reasons) == 0 {
		return
	}
	f := finding.Finding{
		ID: "KF005", Severity: finding.Error, Object: policyName(o), Message: strings.Join(reasons, "; "),
		Why: "Kubeflow never renews the policies of contributors. Without the right principals any pod of the mesh can pretend to be the user;\n" +
			"with another header, prefix or user the contributor is not let in. What is right was read from " + p.config.Source + ".",
	}
	if after := p.respecified(o, who); after != nil {
		r := repairOf(who, p.name)
		r.rewrite(o, after, "as Kubeflow writes it today")
		f.Fix = r.plan("renew " + policyName(o))
	}
	p.found(f)
}

// judgeMissing is KF004.
func (p *place) judgeMissing(b *rbacv1.RoleBinding) {
	name, ok := contributor(b)
	if !ok || p.going[b] || isDisguised(b) || b.Annotations[workspace.HTTPAnnotation] == "false" || p.hasPolicy(name) {
		return
	}
	f := finding.Finding{
		ID: "KF004", Severity: finding.Warning, Object: bindingName(b),
		Message: name + " has a role, but no policy opens the web pages of the notebooks",
		Why: "The pages answer \"RBAC: access denied\", and the dashboard can't remove the contributor: it wants both objects.\n" +
			"If that is on purpose, say so: kubectl annotate rolebinding -n " + b.Namespace + " " + shell(b.Name) + " " + workspace.HTTPAnnotation + "=false",
	}
	role := b.Annotations[kubeflow.RoleAnnotation]
	if known := short(b); known != "" {
		role = known
	}
	if free := p.policyNameFor(b, user(name)); free != "" {
		if o := p.policyFor(b, user(name), role, free); o != nil {
			r := repairOf(user(name), p.name)
			r.admit(o, "its role binding is there")
			f.Fix = r.plan("let " + name + " into the notebooks of " + p.name)
		}
	}
	p.found(f)
}

// hasPolicy reports whether a policy lets the user in, or is meant to.
func (p *place) hasPolicy(name string) bool {
	return p.letIn[name] > 0 || slices.ContainsFunc(p.about[user(name)], isPair)
}

// policyNameFor returns the name for the policy of a binding: that of the pair where it is free, else the binding's. It is
// empty when both are taken, or longer than a policy's name can be.
func (p *place) policyNameFor(b *rbacv1.RoleBinding, who rbac.Subject) string {
	if role := short(b); role != "" && kubeflow.CheckPair(who.Name, role) == nil && p.isFreeFor(kubeflow.PairName(who, role), b) {
		return kubeflow.PairName(who, role)
	}
	if p.policyOf[b.Name] == nil && len(b.Name) <= longestPolicyName {
		return b.Name
	}
	return ""
}

// longestPolicyName is that of every custom resource: a DNS subdomain.
const longestPolicyName = 253

// isFreeFor reports whether the policy of a binding can have the name: no policy has it, and no other binding.
func (p *place) isFreeFor(name string, b *rbacv1.RoleBinding) bool {
	other := p.bindingOf[name]
	return (other == nil || other == b) && p.policyOf[name] == nil
}
