package profile

import (
	"fmt"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func (r *room) judgeNamespace() {
	if r.workspace.Namespace == nil {
		return
	}
	r.judgeMesh()
	r.judgeReference()
	r.judgeLabels()
}

// judgeMesh is KF011.
func (r *room) judgeMesh() {
	ns := r.workspace.Namespace
	injection, there := ns.Labels[kubeflow.InjectionLabel]
	_, revision := ns.Labels[revisionLabel]
	if !r.state.Istio || injection == kubeflow.InjectionEnabled || revision && !there || ns.Labels[dataplaneLabel] == "ambient" {
		return
	}
	f := finding.Finding{
		ID: "KF011", Severity: finding.Error, Object: "namespace " + ns.Name,
		Message: "no label makes Istio put its proxies into the pods, so that no AuthorizationPolicy is enforced",
		Why: "Whoever reaches a pod gets in: notebooks are open to every pod of the cluster. The controller sets the label only when it makes\n" +
			"the namespace itself. Pods get their proxy when they start: restart those that run.",
	}
	if there {
		// Somebody has switched it off, and knows why.
		f.Message = fmt.Sprintf("its label %s=%s keeps Istio's proxies out of the pods, so that no AuthorizationPolicy is enforced",
			kubeflow.InjectionLabel, injection)
		f.Why += "\nkubectl label namespace " + ns.Name + " --overwrite " + kubeflow.InjectionLabel + "=" + kubeflow.InjectionEnabled + "   switches it on."
		r.found(f)
		return
	}
	after := ns.DeepCopy()
	after.Labels = with(ns.Labels, kubeflow.InjectionLabel, kubeflow.InjectionEnabled)
	out := repairOf(ns.Name)
	out.update(ns, after, "Istio looks for it")
	f.Fix = out.plan("let Istio into " + ns.Name)
	r.found(f)
}

// judgeReference is KF012. It needs the profile as a server stores it: manifests have no UID.
func (r *room) judgeReference() {
	if !r.stored() {
		return
	}
	ns := r.workspace.Namespace
	want := kubeflow.OwnerReference(r.profile)
	isOlder := func(ref metav1.OwnerReference) bool {
		return ref.Kind == want.Kind && ref.Name == want.Name && ref.UID != want.UID
	}
	if slices.ContainsFunc(ns.OwnerReferences, func(ref metav1.OwnerReference) bool { return ref.UID == want.UID }) {
		return
	}
	f := finding.Finding{
		ID: "KF012", Severity: finding.Warning, Object: "namespace " + ns.Name,
		Message: "it does not belong to its profile, so that deleting the profile leaves it behind",
		Why: "That is so for namespaces that were there before the profile, or that were kept when an earlier profile was deleted.\n" +
			"With the reference, deleting the profile deletes the namespace and all that is in it.",
	}
	if slices.ContainsFunc(ns.OwnerReferences, isOlder) {
		f.Severity = finding.Error
		f.Message = "it belongs to an earlier profile of the same name, which is gone"
		f.Why = "Kubernetes deletes what belongs to nobody any more: the namespace may vanish with all that is in it. Make it the profile's."
	}
	after := ns.DeepCopy()
	after.OwnerReferences = slices.DeleteFunc(after.OwnerReferences, isOlder)
	if i := slices.IndexFunc(after.OwnerReferences, isController); i >= 0 {
		f.Why += fmt.Sprintf("\nIt is controlled by %s %s already, and there can be only one: decide which.",
			inline(after.OwnerReferences[i].Kind), inline(after.OwnerReferences[i].Name))
		r.found(f)
		return
	}
	after.OwnerReferences = append(after.OwnerReferences, want)
	out := repairOf(ns.Name)
	out.update(ns, after, "it goes with the profile")
	f.Fix = out.plan("make " + ns.Name + " belong to its profile")
	r.found(f)
}

func isController(ref metav1.OwnerReference) bool { return ref.Controller != nil && *ref.Controller }

// judgeLabels is KF013, when the controller's labels file is known.
func (r *room) judgeLabels() {
	ns := r.workspace.Namespace
	for _, key := range slices.Sorted(maps.Keys(r.config.NamespaceLabels)) {
		want := r.config.NamespaceLabels[key]
		has, there := ns.Labels[key]
		f := finding.Finding{ID: "KF013", Severity: finding.Warning, Object: "namespace " + ns.Name}
		after := ns.DeepCopy()
		switch {
		case has == want && there == (want != ""):
			continue
		case want == "" && !there:
			continue
		case want == "":
			f.Message = fmt.Sprintf("its label %s is one that the controller takes away", key)
			f.Why = "The labels file of Kubeflow's controller leaves its value empty, which removes it. Look whether the controller runs."
			delete(after.Labels, key)
		case !there:
			if ns.UID == "" {
				// The controller adds it when the namespace is made.
				continue
			}
			f.Message = fmt.Sprintf("its label %s=%s is missing", key, want)
			f.Why = "It is in the labels file of Kubeflow's controller, which adds it within seconds. Look whether the controller runs."
			after.Labels = with(ns.Labels, key, want)
		default:
			f.Severity = finding.Info
			f.Message = fmt.Sprintf("its label %s is %s, and %s in the controller's labels file", key, named(has), want)
			f.Why = "The controller never changes a label that is there. That may be what is wanted for this one workspace."
			after.Labels = with(ns.Labels, key, want)
		}
		out := repairOf(ns.Name)
		out.update(ns, after, "as the controller's labels file says")
		f.Fix = out.plan("label " + ns.Name + " as the controller's labels file says")
		r.found(f)
	}
}

// judgeOrphans is KF017: the namespace of a profile without the profile.
func judgeOrphans(s *workspace.State) []finding.Finding {
	if !s.Inventory.Served[inventory.Profiles] || len(s.Inventory.Missing(inventory.Profiles)) > 0 {
		return nil
	}
	var out []finding.Finding
	for _, ns := range s.Inventory.Namespaces {
		owner, owned := ns.Annotations[kubeflow.OwnerAnnotation]
		labelled := ns.Labels[kubeflow.PartOfLabel] == kubeflow.PartOfProfile
		if s.Profile(ns.Name) != nil || ns.DeletionTimestamp != nil || ns.Labels[workspace.Label] == "true" || !owned && !labelled {
			continue
		}
		f := finding.Finding{
			ID: "KF017", Severity: finding.Warning, Object: "namespace " + ns.Name,
			Message: "it looks like the namespace of a profile, but there is no profile",
			Why: "Its members keep their rights, and no dashboard shows it: Kubeflow lists profiles only.\n" +
				fmt.Sprintf("kubectl profile adopt %s --owner %s   gives it a profile again; kubectl delete namespace %s   ends it.\n",
					ns.Name, paste(ownerText(owner)), ns.Name) +
				"If it has nothing to do with Kubeflow, take the label " + kubeflow.PartOfLabel + " and the annotation " + kubeflow.OwnerAnnotation + " away.",
		}
		if !labelled && !leftByController(s, ns.Name, ns.OwnerReferences) {
			// Others may use the word for something else.
			f.Severity = finding.Info
			f.Message = "it has an annotation owner, as namespaces of profiles have, but there is no profile"
		}
		out = append(out, f)
	}
	return out
}

func ownerText(owner string) string {
	if owner == "" {
		return "USER"
	}
	return owner
}

// leftByController reports whether only Kubeflow's controller can have made what is there.
func leftByController(s *workspace.State, name string, references []metav1.OwnerReference) bool {
	for _, b := range s.Bindings(name) {
		if b.Name == kubeflow.OwnerBinding {
			return true
		}
	}
	return slices.ContainsFunc(references, func(ref metav1.OwnerReference) bool { return ref.Kind == kubeflow.ProfileKind.Kind })
}
