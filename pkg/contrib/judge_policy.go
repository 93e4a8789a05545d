package contrib

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// judgePolicies judges the policies of contributors, and the bindings that have none.
func (p *place) judgePolicies() {
	for _, o := range p.policies {
		if isPair(o) && !p.busy[o] && !p.worked[o] {
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
	return o.GetName() != kubeflow.OwnerPolicy && kubeflow.LetsIn(o) && workspace.Annotated(o.GetAnnotations())
}

// judgePolicy is KF003, KF005 and KF006 of a policy.
func (p *place) judgePolicy(o *unstructured.Unstructured) {
	who := annotatedAs(o)
	if p.granted(who) {
		p.judgeContent(o, who)
		return
	}
	users := p.users[o]
	strangers := slices.DeleteFunc(slices.Clone(users), func(name string) bool { return p.granted(user(name)) })
	if len(users) > 0 && len(strangers) == 0 {
		p.found(p.misnamed(o, users))
		return
	}
	if who.Kind == rbacv1.UserKind && p.heldByGroup(who.Name) {
		// KF010 is about the pair, and has the fix for both of its objects.
		return
	}
	in := who.Name
	if len(users) > 0 {
		in = strings.Join(strangers, ", ")
	}
	f := finding.Finding{
		ID: "KF003", Severity: finding.Error, Object: policyName(o),
		Message: fmt.Sprintf("it lets %s in, who has no role binding here", text(in)),
		Why: "Who is let in reaches the notebooks of the workspace, and works there with the rights of default-editor, though no list shows it.\n" +
			"Remove the policy, or give the role that goes with it.",
	}
	r := repairOf(who, p.name)
	fix := "remove " + policyName(o)
	if len(strangers) < len(users) {
		f.Why += "\nIt also lets in members, who are not meant: they go on to get in."
		fix = "take " + in + " out of " + policyName(o)
	}
	p.close(r, o, "no role binding goes with it")
	f.Fix = r.plan(fix)
	f.Why += r.reason()
	p.found(f)
}

// heldByGroup reports whether a group or a service account is annotated as this user.
func (p *place) heldByGroup(name string) bool {
	return slices.ContainsFunc(p.bindings, func(b *rbacv1.RoleBinding) bool {
		return isListed(b) && len(b.Subjects) == 1 && b.Subjects[0].Kind != rbacv1.UserKind &&
			b.Annotations[kubeflow.UserAnnotation] == name
	})
}

// misnamed is KF006 of a policy: whom it lets in is right, and what it says is not. It becomes that of the first user who
// needs it.
func (p *place) misnamed(o *unstructured.Unstructured, users []string) finding.Finding {
	who := user(users[max(0, slices.IndexFunc(users, func(name string) bool { return p.safe[name] <= p.admits(o, name) }))])
	after := o.DeepCopy()
	after.SetAnnotations(annotated(o.GetAnnotations(), who, o.GetAnnotations()[kubeflow.RoleAnnotation]))
	r := repairOf(who, p.name)
	r.rewrite(o, after, "the annotations say whom it lets in")
	return finding.Finding{
		ID: "KF006", Severity: finding.Error, Object: policyName(o),
		Message: fmt.Sprintf("its annotation names %s, but it lets %s in", text(annotatedAs(o).Name), strings.Join(users, ", ")),
		Why:     "Whoever cleans up after the annotation takes the access of somebody else away.",
		Fix:     r.plan("annotate " + policyName(o) + " with whom it lets in"),
	}
}

// judgeContent is KF005 of contributors.
func (p *place) judgeContent(o *unstructured.Unstructured, who rbac.Subject) {
	config := p.config
	if p.gatewayUnknown && len(kubeflow.PolicyPrincipals(o)) == 0 {
		config.GatewayPrincipals = kubeflow.DefaultConfig().GatewayPrincipals
	}
	if p.headerUnknown {
		config.UserIDHeader, config.UserIDPrefix = "", ""
	}
	reasons := kubeflow.PolicyDiffers(o, config)
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
	switch {
	case p.headerUnknown:
		f.Why += "\n" + unknownHeader
	case p.gatewayUnknown:
		f.Why += "\nWhat the gateway is called here is not known: say it with --gateway-principal, and it can be renewed."
	default:
		r := p.renew(o, who)
		f.Fix = r.plan("renew " + policyName(o))
		f.Why += r.reason()
	}
	p.found(f)
}

const unknownHeader = "By which header users are recognised here is not known: say it with --userid-header and --userid-prefix."

// renew writes a policy as Kubeflow would. Members who got in by it get one of their own, or stay.
func (p *place) renew(o *unstructured.Unstructured, who rbac.Subject) *repair {
	r := repairOf(who, p.name)
	but := ""
	if who.Kind == rbacv1.UserKind {
		but = who.Name
	}
	stay := p.dependents(r, o, but)
	after := p.withUsers(o, who, stay)
	switch {
	case r.err != nil:
	case after == nil || equality.Semantic.DeepEqual(after.Object, o.Object):
		r.err = fmt.Errorf("%s can get no policy of their own: give it to them with kubectl contrib add --name", strings.Join(stay, ", "))
	default:
		r.rewrite(o, after, "as Kubeflow writes it today")
	}
	return r
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
			"If that is on purpose, say so: kubectl annotate rolebinding -n " + b.Namespace + " " + paste(b.Name) + " " + workspace.HTTPAnnotation + "=false",
	}
	switch {
	case p.headerUnknown:
		f.Why += "\n" + unknownHeader
	default:
		if o := p.ownPolicy(b, name); o != nil {
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
// empty when both are taken, or no name for a policy.
func (p *place) policyNameFor(b *rbacv1.RoleBinding, who rbac.Subject) string {
	if role := short(b); role != "" && kubeflow.CheckPair(who.Name, role) == nil && p.isFreeFor(kubeflow.PairName(who, role), b) {
		return kubeflow.PairName(who, role)
	}
	// The name of a role binding may hold what that of a policy may not.
	if p.isFreeFor(b.Name, b) && len(validation.IsDNS1123Subdomain(b.Name)) == 0 {
		return b.Name
	}
	return ""
}

// isFreeFor reports whether the policy of a binding can have the name: no policy and no other binding has it, or gets it.
func (p *place) isFreeFor(name string, b *rbacv1.RoleBinding) bool {
	if other := p.bindingOf[name]; other != nil && other != b || p.policyOf[name] != nil {
		return false
	}
	if given, taken := p.given[name]; taken && given.purpose != b.Name {
		return false
	}
	goesWith, taken := p.givenPolicy[name]
	return !taken || goesWith == b.Name
}
