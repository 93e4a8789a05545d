package profile

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// judgeSpec is KF015: profiles that Kubeflow can't serve.
func (r *room) judgeSpec() {
	p := r.profile
	if err := kubeflow.CheckProfileName(p.Name); err != nil {
		r.found(finding.Finding{
			ID: "KF015", Severity: finding.Error, Object: r.object(), Message: strings.TrimPrefix(err.Error(), "check "),
			Why: "The API server takes the name, and Kubeflow's controller fails for ever without saying so. A name can't be changed:\n" +
				"kubectl profile export " + p.Name + "   writes it down; delete the profile and make it anew under another name.",
		})
	}
	f := finding.Finding{
		ID: "KF015", Severity: finding.Error, Object: r.object(),
		Why: "kubectl profile transfer " + p.Name + " --owner USER   gives it one.",
	}
	switch {
	case p.Owner.Name == "":
		f.Message = "it has no owner"
		f.Why = "Nobody can manage it in the dashboard, and the controller binds nobody.\n" + f.Why
	case strings.EqualFold(p.Owner.Kind, rbacv1.UserKind) && p.Owner.Kind != rbacv1.UserKind:
		f.Message = fmt.Sprintf("the kind of its owner is %q instead of %q", p.Owner.Kind, rbacv1.UserKind)
		f.Why = "Kubernetes refuses the role binding, so that the controller can't go on."
		after := r.workspace.Profile.DeepCopy()
		if err := unstructured.SetNestedField(after.Object, rbacv1.UserKind, "spec", "owner", "kind"); err == nil {
			out := repairOf(p.Name)
			out.update(r.workspace.Profile, after, "it is a user")
			f.Fix = out.plan("write the kind of the owner of " + p.Name + " as Kubernetes does")
		}
	case p.Owner.Kind != rbacv1.UserKind:
		f.Message = fmt.Sprintf("its owner is %s %s, and no user", article(p.Owner.Kind), p.Owner.Name)
		f.Why = "The rights in Kubernetes are as wanted, but Kubeflow compares the name with those of users: nobody gets into the notebooks\n" +
			"or can manage contributors. Give it to a user, and add the others with kubectl contrib add.\n" + f.Why
	default:
		return
	}
	r.found(f)
}

func article(kind string) string {
	switch kind {
	case rbacv1.GroupKind:
		return "the group"
	case rbacv1.ServiceAccountKind:
		return "the service account"
	}
	return kind
}

// judgePlugins is KF016 of plugins.
func (r *room) judgePlugins() {
	account := r.account(kubeflow.EditorAccount)
	for _, plugin := range r.profile.Plugins {
		if err := kubeflow.CheckPlugin(plugin); err != nil {
			f := finding.Finding{
				ID: "KF016", Severity: finding.Error, Object: r.object(), Message: strings.TrimPrefix(err.Error(), "check "),
				Why: "The controller can't apply it, and can't undo it when the profile is deleted, which then never ends.\n" +
					"Correct it with kubectl edit profiles.kubeflow.org " + r.profile.Name + ".",
			}
			if key, _ := plugin.Annotation(); key == "" {
				f.Severity = finding.Info
				f.Why = "Nothing comes of it: correct its kind, or take it out, with kubectl edit profiles.kubeflow.org " + r.profile.Name + "."
			}
			r.found(f)
			continue
		}
		key, want := plugin.Annotation()
		if account == nil || !r.read(inventory.ServiceAccounts) || account.Annotations[key] == want {
			continue
		}
		after := account.DeepCopy()
		after.Annotations = with(account.Annotations, key, want)
		out := repairOf(r.profile.Name)
		out.update(account, after, "the plugin "+plugin.Kind+" says so")
		r.found(finding.Finding{
			ID: "KF016", Severity: finding.Info, Object: "serviceaccount " + account.Namespace + "/" + account.Name,
			Message: annotated(key, account.Annotations[key], want),
			Why:     "Pods work in the cloud as somebody else than the profile says. The controller sets it whenever it looks: see whether it runs.",
			Fix:     out.plan("annotate " + account.Name + " of " + r.profile.Name + " as its plugin says"),
		})
	}
}

// judgeStuck is KF016 of profiles that are being deleted, and can't be.
func (r *room) judgeStuck() {
	if len(r.profile.Finalizers) == 0 || !r.read(inventory.Namespaces) {
		return
	}
	ns, waits := r.workspace.Namespace, slices.Contains(r.profile.Finalizers, kubeflow.Finalizer)
	f := finding.Finding{ID: "KF016", Severity: finding.Error, Object: r.object()}
	out := repairOf(r.profile.Name)
	switch {
	case ns == nil && waits:
		f.Message = "it is being deleted, and waits for Kubeflow's controller, but its namespace is gone"
		f.Why = "There is nothing left for the controller to do in the cluster. What plugins did in the cloud may remain: look there.\n" +
			"Taking the finalizer " + kubeflow.Finalizer + " away ends it."
		after := r.workspace.Profile.DeepCopy()
		after.SetFinalizers(slices.DeleteFunc(after.GetFinalizers(), func(name string) bool { return name == kubeflow.Finalizer }))
		out.update(r.workspace.Profile, after, "there is nothing left to wait for")
		f.Fix = out.plan("let go of profile " + r.profile.Name)
	case ns != nil && waits && ns.Annotations[kubeflow.OwnerAnnotation] != r.profile.Owner.Name:
		f.Message = fmt.Sprintf("it is being deleted, but its namespace belongs to %s, so that the controller leaves it alone",
			named(ns.Annotations[kubeflow.OwnerAnnotation]))
		f.Why = "With the annotation " + kubeflow.OwnerAnnotation + " of the namespace as in the profile, the controller goes on and lets go of it.\n" +
			"If the namespace refers to the profile as its owner, it is deleted with all that is in it: look at kubectl profile describe first."
		if !refersTo(ns.OwnerReferences, r.workspace.Profile) {
			f.Why += "\nIt does not: the namespace stays."
		}
		after := ns.DeepCopy()
		after.Annotations = with(ns.Annotations, kubeflow.OwnerAnnotation, r.profile.Owner.Name)
		why := "the controller then lets go of the profile"
		if refersTo(ns.OwnerReferences, r.workspace.Profile) {
			why += ", and Kubernetes deletes this namespace with all that is in it"
		}
		out.update(ns, after, why)
		f.Fix = out.plan("let the controller finish the deletion of profile " + r.profile.Name)
	case r.workspace.Status.Phase == workspace.Stuck:
		f.Message = r.workspace.Status.Why
		f.Why = "The controller is down, or can't undo a plugin in the cloud: look at its log, deployment profiles-deployment in kubeflow.\n" +
			"If nothing is left to undo: kubectl patch profiles.kubeflow.org " + r.profile.Name +
			" --type merge -p '{\"metadata\":{\"finalizers\":null}}'"
	default:
		return
	}
	r.found(f)
}

func refersTo(references []metav1.OwnerReference, o *unstructured.Unstructured) bool {
	return slices.ContainsFunc(references, func(ref metav1.OwnerReference) bool { return ref.UID == o.GetUID() })
}

// annotated says what an annotation is and what it should be.
func annotated(key, have, want string) string {
	if have == "" {
		return fmt.Sprintf("it lacks the annotation %s, which should be %s", key, want)
	}
	return fmt.Sprintf("its annotation %s is %s instead of %s", key, have, want)
}
