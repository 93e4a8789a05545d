package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Delete returns the plan that deletes a workspace, and what is lost with it. With keepNamespace, nothing inside of the
// namespace is lost: it is only no workspace any more, and its members keep their rights in Kubernetes.
//
// On Kubeflow the controller takes the namespace along when it goes with the Profile. It does not when the namespace was
// taken over, and hangs when the namespace names another owner; the plan sets both right first, or takes the finalizer
// away where the controller never will. What is being deleted already, and gets on, makes an empty plan.
func Delete(s *workspace.State, name string, keepNamespace bool) (plan.Plan, Losses, []string, error) {
	w, err := find(s, name)
	if err != nil {
		return plan.Plan{}, Losses{}, nil, err
	}
	losses := lossesOf(s, &w)
	d := newDraft(name)
	if w.Flavor != workspace.Kubeflow {
		err = d.deleteNative(&w, keepNamespace)
	} else {
		err = d.deleteKubeflow(s, &w, keepNamespace)
	}
	if err != nil {
		return plan.Plan{}, losses, nil, err
	}
	summary := "delete profile " + name + " and its namespace"
	if keepNamespace {
		summary = "delete profile " + name + ", and keep its namespace"
	}
	p, notes, err := d.finish(summary)
	p.Steps = lettingGoLast(p.Steps)
	return p, losses, notes, err
}

// lettingGoLast puts the step that takes a finalizer away behind all others: from then on, whatever still goes with the
// profile is deleted.
func lettingGoLast(steps []plan.Step) []plan.Step {
	letsGo := func(s plan.Step) bool {
		return s.Verb == plan.Update && s.Object.GetKind() == kubeflow.ProfileKind.Kind && len(s.Object.GetFinalizers()) < len(s.Old.GetFinalizers())
	}
	slices.SortStableFunc(steps, func(a, b plan.Step) int {
		switch {
		case letsGo(a) && !letsGo(b):
			return 1
		case letsGo(b) && !letsGo(a):
			return -1
		}
		return 0
	})
	return steps
}

func (d *draft) deleteNative(w *workspace.Workspace, keep bool) error {
	switch {
	case w.Namespace == nil:
		return workspace.Refuse("it takes rights to get and list namespaces", "delete profile %q: its namespace cannot be read", w.Name)
	case isTerminating(w.Namespace) && keep:
		return workspace.Refuse("", "delete profile %q: its namespace is being deleted already, and cannot be kept", w.Name)
	case isTerminating(w.Namespace):
		d.note("profile %s: its namespace is being deleted already", w.Name)
		d.tellNamespace(w.Namespace)
	case keep:
		next := w.Namespace.DeepCopy()
		delete(next.Labels, workspace.Label)
		delete(next.Annotations, workspace.OwnerAnnotation)
		why := "it is no workspace any more; its members keep their rights"
		if w.Flavor == workspace.Kalm {
			delete(next.Labels, kalm.EnabledLabel)
			why = "it is no application any more; what Kalm's roles gave in it, they no longer give"
		}
		d.update(why, w.Namespace, next)
	default:
		d.delete("everything in it goes with it", w.Namespace)
	}
	return nil
}

// tellNamespace says what the deletion of a namespace waits for, as Kubernetes reports it.
func (d *draft) tellNamespace(ns *corev1.Namespace) {
	for _, c := range ns.Status.Conditions {
		if c.Status == corev1.ConditionTrue && c.Message != "" {
			d.note("namespace %s: %s", ns.Name, c.Message)
		}
	}
}

func (d *draft) deleteKubeflow(s *workspace.State, w *workspace.Workspace, keep bool) error {
	if w.Profile == nil {
		return noProfile(s, "delete", w.Name)
	}
	if w.Namespace == nil && len(s.Inventory.Missing(inventory.Namespaces)) > 0 {
		if keep {
			return workspace.Refuse("it takes rights to get, list and update namespaces",
				"delete profile %q: its namespace cannot be read, and so not be kept", w.Name)
		}
		d.note("profile %s: its namespace cannot be read: whether it goes with the profile is not known", w.Name)
	}
	var (
		ns          = w.Namespace
		terminating = w.Profile.GetDeletionTimestamp() != nil
		finalizer   = slices.Contains(w.Profile.GetFinalizers(), kubeflow.Finalizer)
		foreign     = ns != nil && !isOwnedBy(ns, w.Profile) && ns.Annotations[kubeflow.OwnerAnnotation] != ownerName(w.Profile)
		mismatch    = ns != nil && ns.Annotations[kubeflow.OwnerAnnotation] != ownerName(w.Profile)
		stuck       = terminating && finalizer && (mismatch || w.Status.Phase == workspace.Stuck)
	)
	d.tellPlugins(w.Profile, stuck)
	switch {
	case terminating && !stuck && keep && ns != nil && !foreign:
		// Nothing has been taken along yet: the finalizer is still there.
		d.release(s, w, false)
		d.tellWait(w)
		return nil
	case terminating && !stuck:
		d.tellWait(w)
		return nil
	}
	if foreign {
		d.note("profile %s: the namespace of this name is not the profile's, and stays as it is", w.Name)
	} else if ns != nil {
		d.parting(s, w, keep, mismatch && !terminating)
	}
	switch {
	case stuck:
		next := w.Profile.DeepCopy()
		next.SetFinalizers(slices.DeleteFunc(slices.Clone(w.Profile.GetFinalizers()), func(f string) bool { return f == kubeflow.Finalizer }))
		d.update("Kubeflow's controller will not take its finalizer away", w.Profile, next)
	default:
		if foreign && finalizer {
			d.note("profile %s: Kubeflow's controller will not take its finalizer away; the same command once more does", w.Name)
		}
		d.delete("Kubeflow's controller cleans up, and lets it go", w.Profile)
	}
	return nil
}

// parting adds the steps that have to be done to a namespace before its Profile goes.
func (d *draft) parting(s *workspace.State, w *workspace.Workspace, keep, mismatch bool) {
	if keep {
		d.release(s, w, mismatch)
		d.note("profile %s: its labels and the annotation %q stay on the namespace, so that it can be adopted again", w.Name, kubeflow.OwnerAnnotation)
		return
	}
	next := w.Namespace.DeepCopy()
	why := "it goes with the profile"
	if mismatch {
		next.Annotations = merged(next.Annotations, map[string]string{kubeflow.OwnerAnnotation: ownerName(w.Profile)})
		why = "Kubeflow's controller cleans up only where the namespace names the profile's owner"
	}
	if err := refer(next, w.Profile); err != nil {
		d.note("profile %s: %s; the namespace stays", w.Name, err)
	}
	d.update(why, w.Namespace, next)
}

// release adds the steps after which the namespace and what the controller made in it do not go with the Profile. With
// align, the namespace names the profile's owner again: elsewhere, Kubeflow's controller does not clean up.
func (d *draft) release(s *workspace.State, w *workspace.Workspace, align bool) {
	const why = "it stays when the profile goes"
	inv := s.Inventory
	next := w.Namespace.DeepCopy()
	next.OwnerReferences = without(next.OwnerReferences, w.Profile)
	if align {
		next.Annotations = merged(next.Annotations, map[string]string{kubeflow.OwnerAnnotation: ownerName(w.Profile)})
	}
	d.update(why, w.Namespace, next)
	free(d, why, s.Quotas(w.Name), w.Name, w.Profile)
	free(d, why, inv.ServiceAccounts, w.Name, w.Profile)
	free(d, why, s.Bindings(w.Name), w.Name, w.Profile)
	free(d, why, s.Policies(w.Name), w.Name, w.Profile)
	for _, kind := range []inventory.Kind{inventory.Quotas, inventory.ServiceAccounts, inventory.RoleBindings, inventory.Policies} {
		served, asked := inv.Served[kind]
		if !asked || served && len(inv.Missing(kind)) > 0 {
			d.note("profile %s: its %s were not read: those that go with the profile will be deleted", w.Name, kind)
		}
	}
}

// free adds the steps that take the references to a profile out of objects.
func free[T interface {
	metav1.Object
	runtime.Object
}](d *draft, why string, list []T, namespace string, profile metav1.Object,
) {
	for _, o := range list {
		if o.GetNamespace() != namespace || !refers(o, profile) {
			continue
		}
		next, ok := o.DeepCopyObject().(T)
		if !ok {
			continue
		}
		next.SetOwnerReferences(without(o.GetOwnerReferences(), profile))
		d.update(why, o, next)
	}
}

// without returns references without those to a profile; nil when none is left.
func without(references []metav1.OwnerReference, profile metav1.Object) []metav1.OwnerReference {
	var out []metav1.OwnerReference
	for _, r := range references {
		if !isReferenceTo(r, profile) {
			out = append(out, r)
		}
	}
	return out
}

func refers(o, profile metav1.Object) bool {
	return slices.ContainsFunc(o.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return isReferenceTo(r, profile) })
}

// isReferenceTo reports whether a reference names this profile. Manifests have no UID.
func isReferenceTo(r metav1.OwnerReference, profile metav1.Object) bool {
	return isProfileReference(r) && (r.UID == profile.GetUID() || profile.GetUID() == "" && r.Name == profile.GetName())
}

func isOwnedBy(ns *corev1.Namespace, profile metav1.Object) bool { return refers(ns, profile) }

// tellPlugins says what plugins do when a profile goes, and what is left when its finalizer is taken away.
func (d *draft) tellPlugins(profile *unstructured.Unstructured, stuck bool) {
	read, err := kubeflow.ReadProfile(profile)
	if err != nil {
		return
	}
	for _, p := range read.Plugins {
		switch {
		case p.Kind != kubeflow.WorkloadIdentity && p.Kind != kubeflow.AwsIamForServiceAccount:
		case stuck:
			d.note("profile %s: what its plugin %s gave in the cloud is not taken back: do it there", read.Name, p.Kind)
		default:
			d.note("profile %s: Kubeflow's controller first takes back what its plugin %s gave in the cloud; "+
				"if it cannot, the profile stays until it can, or until the same command is run again after a while", read.Name, p.Kind)
		}
	}
}

// tellWait says that a profile is being deleted, and since when.
func (d *draft) tellWait(w *workspace.Workspace) {
	text := fmt.Sprintf("profile %s is being deleted since %s", w.Name, w.Profile.GetDeletionTimestamp().UTC().Format(time.RFC3339))
	if finalizers := w.Profile.GetFinalizers(); len(finalizers) > 0 {
		text += "; it waits for " + strings.Join(finalizers, ", ")
	}
	d.note("%s", text)
	if w.Namespace != nil {
		d.tellNamespace(w.Namespace)
	}
}
