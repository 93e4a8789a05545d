package profile

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Labels by which Istio knows what to do with the pods of a namespace, besides [kubeflow.InjectionLabel].
const (
	revisionLabel  = "istio.io/rev"
	dataplaneLabel = "istio.io/dataplane-mode"
)

// Adopt returns the plan that makes a namespace which is there a workspace of the state's flavor. Without an owner, it is
// the one whom the namespace names already.
//
// Kubeflow's controller takes over a namespace whose annotation names the owner of the Profile. It then neither labels it
// for Istio nor makes it go with the Profile, so the plan does the one, and [AdoptOwnerReference] the other, once the
// Profile is there. Refused are namespaces of the system, those that name another owner, and what would stop Kubeflow's
// controller. A namespace that was adopted in part is completed.
func Adopt(s *workspace.State, namespace string, owner rbac.Subject) (plan.Plan, []string, error) {
	ns := s.Namespace(namespace)
	if err := checkAdoption(ns, namespace); err != nil {
		return plan.Plan{}, nil, err
	}
	if owner.Name == "" {
		owner = ownerOnNamespace(s, ns)
	}
	if s.Flavor == workspace.Kalm || s.FlavorOf(namespace) == workspace.Kalm {
		if workspace.IsKalm(ns) {
			return plan.Plan{}, nil, workspace.Refuse("kubectl profile describe "+namespace+" shows it; --flavor native makes it a workspace of plain Kubernetes",
				"adopt namespace %q: it is an application of Kalm's already", namespace)
		}
		return plan.Plan{}, nil, workspace.Refuse("kubectl label namespace "+namespace+" "+kalm.EnabledLabel+"="+kalm.EnabledValue+" makes it one; --flavor native makes it a workspace of plain Kubernetes",
			"adopt namespace %q: Kalm takes namespaces for applications by their label", namespace)
	}
	if err := checkOwner(s.Flavor, owner); err != nil {
		return plan.Plan{}, nil, err
	}
	if err := checkClaims(s, ns, owner); err != nil {
		return plan.Plan{}, nil, err
	}
	d := newDraft(namespace)
	if s.Flavor == workspace.Native {
		d.adoptNative(s, ns, owner)
	} else if err := d.adoptKubeflow(s, ns, owner); err != nil {
		return plan.Plan{}, nil, err
	}
	return d.finish("make namespace " + namespace + " a profile of " + owner.String())
}

// checkAdoption says whether a namespace can be adopted at all.
func checkAdoption(ns *corev1.Namespace, name string) error {
	switch {
	case name == "default", name == kubeflow.SystemNamespace, name == "istio-system", strings.HasPrefix(name, "kube-"):
		return workspace.Refuse("", "adopt namespace %q: it belongs to the system", name)
	case ns == nil:
		return workspace.Refuse("kubectl profile create "+name+" --owner OWNER makes it",
			"adopt namespace %q: there is no such namespace, or it cannot be read", name)
	case isTerminating(ns):
		return workspace.Refuse("", "adopt namespace %q: it is being deleted", name)
	}
	return nil
}

// ownerOnNamespace is the owner whom a namespace names itself.
func ownerOnNamespace(s *workspace.State, ns *corev1.Namespace) rbac.Subject {
	if s.Flavor == workspace.Kubeflow {
		if name := ns.Annotations[kubeflow.OwnerAnnotation]; name != "" {
			return rbac.User(name)
		}
	}
	owner, err := rbac.ParseSubject(ns.Annotations[workspace.OwnerAnnotation])
	if err != nil {
		return rbac.Subject{}
	}
	return owner
}

// checkClaims says whether the namespace is somebody else's, or a workspace of the other flavor.
func checkClaims(s *workspace.State, ns *corev1.Namespace, owner rbac.Subject) error {
	profile := s.Profile(ns.Name)
	claimed := func(by rbac.Subject) error {
		return workspace.Refuse("kubectl profile adopt "+ns.Name+" --owner "+by.String()+", then kubectl profile transfer "+ns.Name+" --owner "+owner.String(),
			"adopt namespace %q: it belongs to %s", ns.Name, by)
	}
	switch {
	case s.Flavor == workspace.Native && profile != nil:
		return workspace.Refuse("", "adopt namespace %q: it is a Kubeflow profile", ns.Name)
	case s.Flavor == workspace.Kubeflow && ns.Labels[workspace.Label] == "true":
		return workspace.Refuse("kubectl profile delete "+ns.Name+" --keep-namespace makes it free",
			"adopt namespace %q: it is a native workspace", ns.Name)
	case s.Flavor == workspace.Native:
		if by, err := rbac.ParseSubject(ns.Annotations[workspace.OwnerAnnotation]); err == nil && by != owner {
			return claimed(by)
		}
		return nil
	}
	if profile != nil {
		if profile.GetDeletionTimestamp() != nil {
			return workspace.Refuse("", "adopt namespace %q: a profile of this name is being deleted", ns.Name)
		}
		if by := workspace.ProfileOwner(profile); by != owner {
			return workspace.Refuse("kubectl profile transfer "+ns.Name+" --owner "+owner.String()+" hands it on",
				"adopt namespace %q: there is a profile of this name, and it belongs to %s", ns.Name, by)
		}
	}
	if by := ns.Annotations[kubeflow.OwnerAnnotation]; by != "" && by != kubeflowOwner(owner).Name {
		return claimed(rbac.User(by))
	}
	return nil
}

func (d *draft) adoptNative(s *workspace.State, ns *corev1.Namespace, owner rbac.Subject) {
	next := ns.DeepCopy()
	next.Labels = merged(ns.Labels, map[string]string{workspace.Label: "true"})
	if by, err := rbac.ParseSubject(ns.Annotations[workspace.OwnerAnnotation]); err != nil || by != owner {
		next.Annotations = merged(ns.Annotations, map[string]string{workspace.OwnerAnnotation: owner.String()})
	}
	d.update("marks the workspace, and names its owner", ns, next)
	d.bindOwner(s, ns.Name, owner)
}

func (d *draft) adoptKubeflow(s *workspace.State, ns *corev1.Namespace, owner rbac.Subject) error {
	subject := kubeflowOwner(owner)
	profile := s.Profile(ns.Name)
	if err := checkMade(s, ns.Name); err != nil {
		return err
	}
	next := ns.DeepCopy()
	next.Annotations = merged(ns.Annotations, map[string]string{kubeflow.OwnerAnnotation: subject.Name})
	next.Labels = merged(kubeflow.SetNamespaceLabels(ns.Labels, s.Config.NamespaceLabels), nil)
	if err := d.mesh(s, ns, next); err != nil {
		return err
	}
	const enforce = "pod-security.kubernetes.io/enforce"
	if level := next.Labels[enforce]; level != ns.Labels[enforce] {
		d.note("profile %s: its pods will have to meet the pod security standard %q", ns.Name, level)
	}
	if profile != nil {
		if err := refer(next, profile); err != nil {
			return err
		}
	}
	d.update("Kubeflow's controller takes over a namespace that names the profile's owner", ns, next)
	if profile != nil {
		return nil
	}
	quota := corev1.ResourceQuotaSpec{}
	if old, found := pick(s.Quotas(ns.Name), ns.Name, kubeflow.Quota); found {
		// Without a quota in the Profile, the controller would delete it.
		quota = old.Spec
		d.note("profile %s: its quota %s becomes the profile's", ns.Name, old.Name)
	}
	d.create("Kubeflow's controller makes what is missing", kubeflow.NewProfile(ns.Name, subject, &quota, nil))
	d.note("profile %s: the namespace has to be made to go with it, once it is there: run adopt again if this is interrupted", ns.Name)
	return nil
}

// checkMade says whether role bindings stand in the way of those that the controller makes: it cannot change their roles,
// and would try for ever.
func checkMade(s *workspace.State, namespace string) error {
	roles := map[string]workspace.Role{
		kubeflow.OwnerBinding: workspace.Owner, kubeflow.EditorAccount: workspace.Editor, kubeflow.ViewerAccount: workspace.Viewer,
	}
	for _, b := range s.Bindings(namespace) {
		role, made := roles[b.Name]
		if wanted := role.ClusterRole(workspace.Kubeflow); made && (b.RoleRef.Kind != "ClusterRole" || b.RoleRef.Name != wanted) {
			return workspace.Refuse("kubectl delete rolebinding "+b.Name+" -n "+namespace,
				"adopt namespace %q: its rolebinding %s has the role %s where Kubeflow's controller needs %s, and cannot change it",
				namespace, b.Name, b.RoleRef.Name, wanted)
		}
	}
	return nil
}

// mesh brings the namespace into the mesh: without it, no policy is enforced.
func (d *draft) mesh(s *workspace.State, ns, next *corev1.Namespace) error {
	switch {
	case !s.Istio:
		d.note("profile %s: there is no Istio, so nothing keeps people without a role from its notebooks over HTTP", ns.Name)
	case ns.Labels[dataplaneLabel] == "ambient":
		d.note("profile %s: it is in Istio's ambient mode, in which Kubeflow's policies need a waypoint", ns.Name)
	case ns.Labels[kubeflow.InjectionLabel] == "disabled":
		return workspace.Refuse("kubectl label namespace "+ns.Name+" "+kubeflow.InjectionLabel+"-",
			"adopt namespace %q: Istio's sidecars are turned off in it (%s=disabled), so that its policies would not be enforced", ns.Name, kubeflow.InjectionLabel)
	case ns.Labels[kubeflow.InjectionLabel] == kubeflow.InjectionEnabled, ns.Labels[revisionLabel] != "":
	default:
		next.Labels = merged(next.Labels, map[string]string{kubeflow.InjectionLabel: kubeflow.InjectionEnabled})
		if n := countIn(s.Inventory.Pods, ns.Name); n > 0 {
			d.note("profile %s: pods that run now (%d) have no sidecar of Istio's until they are made anew", ns.Name, n)
		}
	}
	return nil
}

func countIn[T identified](list []T, namespace string) int {
	n := 0
	for _, o := range list {
		if o.GetNamespace() == namespace {
			n++
		}
	}
	return n
}

// AdoptOwnerReference returns the follow-up plan of [Adopt]: the namespace goes with the Profile, which is there by now,
// when it is deleted. The plan is empty when it does already.
func AdoptOwnerReference(s *workspace.State, name string) (plan.Plan, []string, error) {
	profile, ns := s.Profile(name), s.Namespace(name)
	switch {
	case profile == nil || profile.GetUID() == "":
		return plan.Plan{}, nil, workspace.Refuse("kubectl profile adopt "+name+" makes it", "own namespace %q: its profile is not there yet", name)
	case ns == nil:
		return plan.Plan{}, nil, workspace.Refuse("", "own namespace %q: it is not there, or cannot be read", name)
	case profile.GetDeletionTimestamp() != nil:
		return plan.Plan{}, nil, workspace.Refuse("", "own namespace %q: its profile is being deleted", name)
	case ns.Annotations[kubeflow.OwnerAnnotation] != ownerName(profile):
		return plan.Plan{}, nil, workspace.Refuse("kubectl profile adopt "+name+" comes first", "own namespace %q: it does not name the profile's owner", name)
	}
	d := newDraft(name)
	next := ns.DeepCopy()
	if err := refer(next, profile); err != nil {
		return plan.Plan{}, nil, err
	}
	d.update("it goes with the profile when that is deleted", ns, next)
	return d.finish("make namespace " + name + " go with its profile")
}

// refer makes a namespace go with a profile. References to profiles that are gone go away: they could take it along.
func refer(ns *corev1.Namespace, profile metav1.Object) error {
	wanted := ownerReference(profile)
	if wanted.UID == "" {
		return nil
	}
	if i := slices.IndexFunc(ns.OwnerReferences, func(r metav1.OwnerReference) bool { return isProfileReference(r) && r.UID == wanted.UID }); i >= 0 {
		return nil
	}
	ns.OwnerReferences = slices.DeleteFunc(ns.OwnerReferences, isProfileReference)
	if by := metav1.GetControllerOf(ns); by != nil {
		return workspace.Refuse("", "own namespace %q: it goes with %s %s already", ns.Name, strings.ToLower(by.Kind), by.Name)
	}
	ns.OwnerReferences = append(ns.OwnerReferences, wanted)
	return nil
}

// ownerName is what Kubeflow's controller compares with the annotation of the namespace.
func ownerName(profile *unstructured.Unstructured) string {
	name, _, err := unstructured.NestedString(profile.Object, "spec", "owner", "name")
	if err != nil {
		return ""
	}
	return name
}

func ownerReference(profile metav1.Object) metav1.OwnerReference {
	return kubeflow.OwnerReference(kubeflow.Profile{Name: profile.GetName(), UID: profile.GetUID()})
}

// isProfileReference reports whether an owner reference names a Profile of Kubeflow, in either version.
func isProfileReference(r metav1.OwnerReference) bool {
	group, _, _ := strings.Cut(r.APIVersion, "/")
	return group == kubeflow.ProfileKind.Group && r.Kind == kubeflow.ProfileKind.Kind
}
