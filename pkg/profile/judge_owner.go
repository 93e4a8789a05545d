package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

// judgeConflict is KF001: the controller compares the annotation of the namespace with the owner's name, and does nothing
// at all when they differ.
func (r *room) judgeConflict() bool {
	ns := r.workspace.Namespace
	if ns == nil || r.profile.Owner.Name == "" || r.state.Inventory.Unmarked(inventory.Namespaces) {
		return false
	}
	has, ok := ns.Annotations[kubeflow.OwnerAnnotation]
	if ok && has == r.profile.Owner.Name {
		return false
	}
	message := fmt.Sprintf("its annotation owner names %s, and the profile %s", named(has), r.profile.Owner.Name)
	if !ok {
		message = fmt.Sprintf("it has no annotation owner, and the profile names %s", r.profile.Owner.Name)
	}
	f := finding.Finding{
		ID: "KF001", Severity: finding.Error, Object: "namespace " + ns.Name, Message: message,
		Why: "Kubeflow's controller leaves the profile alone, without saying so: no change of it has an effect, and it can't be deleted.",
	}
	if !r.isOurs() {
		f.Why += "\nThe namespace was there before the profile. If it is to be the profile's: kubectl profile adopt " + ns.Name +
			" --owner " + paste(r.profile.Owner.Name) + "; else delete the profile and take another name."
		r.found(f)
		return true
	}
	f.Why += "\nThat is what is left when the owner is changed in the profile only. Aligning them makes " + inline(r.profile.Owner.Name) +
		" the owner; kubectl profile transfer " + ns.Name + " --owner NAME   makes somebody else the owner."
	f.Fix = r.align().plan("make " + r.profile.Owner.Name + " the owner of " + ns.Name + " everywhere")
	r.found(f)
	return true
}

// isOurs reports whether the namespace was the profile's before: what only the controller makes is there.
func (r *room) isOurs() bool {
	refers := slices.ContainsFunc(r.workspace.Namespace.OwnerReferences, func(ref metav1.OwnerReference) bool {
		return ref.Kind == kubeflow.ProfileKind.Kind && ref.Name == r.profile.Name
	})
	return refers || r.binding(kubeflow.OwnerBinding) != nil
}

// align writes the owner of the profile everywhere else: what the controller would do, and the annotations, which it
// never renews.
func (r *room) align() *repair {
	out := repairOf(r.profile.Name)
	ns := r.workspace.Namespace.DeepCopy()
	ns.Annotations = with(ns.Annotations, kubeflow.OwnerAnnotation, r.profile.Owner.Name)
	out.update(r.workspace.Namespace, ns, "the controller looks at it")
	if b := r.binding(kubeflow.OwnerBinding); b != nil {
		r.realign(out, b, "it is the owner's")
	}
	if o := r.policy(kubeflow.OwnerPolicy); o != nil && r.mayWrite(o) {
		out.update(o, r.policyNow(o), "it lets the owner in")
	}
	return out
}

// realign makes the owner's role binding the owner's.
func (r *room) realign(out *repair, b *rbacv1.RoleBinding, why string) {
	want := kubeflow.OwnerRoleBinding(r.profile)
	after := b.DeepCopy()
	after.Subjects = want.Subjects
	after.Annotations = maps.Clone(b.Annotations)
	for key, value := range want.Annotations {
		after.Annotations = with(after.Annotations, key, value)
	}
	if b.RoleRef == want.RoleRef {
		out.update(b, after, why)
		return
	}
	fresh := want.DeepCopy()
	fresh.Labels, fresh.Annotations, fresh.OwnerReferences = after.Labels, after.Annotations, after.OwnerReferences
	out.remove(b, "a role can't be exchanged in a binding")
	out.create(fresh, why)
}

// mayWrite reports whether the owner's policy can be written anew: it is one that lets in, and what to write is known.
func (r *room) mayWrite(o *unstructured.Unstructured) bool {
	return kubeflow.LetsIn(o) && !r.headerUnknown
}

const unknownHeader = "By which header users are recognised here is not known: say it with --userid-header and --userid-prefix."

// policyNow returns the owner's policy as the controller would write it, with all that people have put on it.
func (r *room) policyNow(o *unstructured.Unstructured) *unstructured.Unstructured {
	want := kubeflow.OwnerPolicyObject(r.profile, r.config)
	after := o.DeepCopy()
	after.Object["spec"] = want.Object["spec"]
	annotations := after.GetAnnotations()
	for key, value := range want.GetAnnotations() {
		annotations = with(annotations, key, value)
	}
	after.SetAnnotations(annotations)
	return after
}

// judgeOwner judges the objects that are the owner's, when the profile and its namespace agree on who that is.
func (r *room) judgeOwner() {
	if b := r.binding(kubeflow.OwnerBinding); b != nil && r.read(inventory.RoleBindings) && r.profile.Owner.Name != "" {
		r.judgeOwnerBinding(b)
	}
	if o := r.policy(kubeflow.OwnerPolicy); o != nil && r.mesh() && r.profile.Owner.Name != "" {
		r.judgeOwnerPolicy(o)
	}
}

// judgeOwnerPolicy is KF005 of the owner's policy.
func (r *room) judgeOwnerPolicy(o *unstructured.Unstructured) {
	var reasons []string
	config := r.config
	if r.gatewayUnknown {
		config.GatewayPrincipals = kubeflow.DefaultConfig().GatewayPrincipals
	}
	if r.headerUnknown {
		config.UserIDHeader, config.UserIDPrefix = "", ""
	}
	if !kubeflow.IsOwnerPolicySpecCurrent(o, r.profile.Owner.Name, config) {
		reasons = kubeflow.PolicyDiffers(o, config)
		if len(reasons) == 0 {
			reasons = []string{fmt.Sprintf("it lets %s in instead of %s",
				named(strings.Join(kubeflow.PolicyUsers(o, r.config), ", ")), r.profile.Owner.Name)}
		}
	}
	if len(reasons) == 0 {
		return
	}
	f := finding.Finding{
		ID: "KF005", Severity: finding.Error, Object: "authorizationpolicy " + r.profile.Name + "/" + o.GetName(),
		Message: strings.Join(reasons, "; "),
		Why: "The owner is not let in, or others are who should not be. The controller would renew it: look whether it runs.\n" +
			"What is right was read from " + r.config.Source + ".",
	}
	switch {
	case !kubeflow.LetsIn(o):
		f.Why += "\nIt does not let requests in but turns them away, or only records them: somebody has put it in the place of the controller's.\n" +
			"Give it another name, or delete it; the controller makes its own."
	case r.headerUnknown:
		f.Why += "\n" + unknownHeader
	case r.gatewayUnknown:
		f.Why += "\nWhat the gateway is called here is not known: say it with --gateway-principal, and it can be renewed."
	default:
		out := repairOf(r.profile.Name)
		out.update(o, r.policyNow(o), "as the controller writes it")
		f.Fix = out.plan("renew the owner's policy of " + r.profile.Name)
	}
	r.found(f)
}

// judgeOwnerBinding is KF006 of the owner's role binding, and KF020 when it is not the owner's at all.
func (r *room) judgeOwnerBinding(b *rbacv1.RoleBinding) {
	if len(b.Subjects) != 1 {
		// KF002 is about that.
		return
	}
	var (
		says   []string
		holder = b.Subjects[0].Name
		role   = kubeflow.RoleShort(b.RoleRef.Name)
		a      = b.Annotations
		out    = repairOf(r.profile.Name)
	)
	r.realign(out, b, "it is the owner's")
	fix := out.plan("make " + r.object() + "'s role binding " + b.Name + " the owner's")
	if holder != r.profile.Owner.Name || !strings.EqualFold(b.Subjects[0].Kind, r.profile.Owner.Kind) {
		r.found(finding.Finding{
			ID: "KF020", Severity: finding.Error, Object: "rolebinding " + b.Namespace + "/" + b.Name,
			Message: fmt.Sprintf("it is held by %s, and not by the owner %s", holder, r.profile.Owner.Name),
			Why:     whyDown, Fix: fix,
		})
		return
	}
	if a[kubeflow.UserAnnotation] != holder {
		says = append(says, fmt.Sprintf("its annotation names %s, but it is held by %s", named(a[kubeflow.UserAnnotation]), holder))
	}
	if b.RoleRef.Kind != "ClusterRole" || role != "admin" {
		says = append(says, fmt.Sprintf("it gives %s/%s instead of clusterrole/%s", strings.ToLower(b.RoleRef.Kind), b.RoleRef.Name,
			kubeflow.ClusterRole("admin")))
	} else if a[kubeflow.RoleAnnotation] != role {
		says = append(says, fmt.Sprintf("its annotation says %s, but it gives %s", named(a[kubeflow.RoleAnnotation]), role))
	}
	if len(says) == 0 {
		return
	}
	if o := r.policy(kubeflow.OwnerPolicy); o != nil && r.mesh() && r.mayWrite(o) && o.GetAnnotations()[kubeflow.UserAnnotation] != holder {
		out.update(o, r.policyNow(o), "its annotation goes with the role binding's")
		fix = out.plan(fix.Summary)
	}
	r.found(finding.Finding{
		ID: "KF006", Severity: finding.Error, Object: "rolebinding " + b.Namespace + "/" + b.Name, Message: strings.Join(says, "; "),
		Why: "The dashboard finds owners by the annotations: it shows the workspace to whom they name, and not to its owner.\n" +
			"The controller renews the subject and never the annotations, as after a change of owner.",
		Fix: fix,
	})
}

// with returns a map with one more entry; the one given is not changed.
func with(m map[string]string, key, value string) map[string]string {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]string{}
	}
	out[key] = value
	return out
}

func named(name string) string {
	if name == "" {
		return "nobody"
	}
	return name
}
