package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Export returns workspaces as specs that [Apply] finds unchanged, by name; all of them when none is named. The notes say
// what is left out: workspaces that are being deleted, and what a spec cannot say.
func Export(s *workspace.State, names []string) ([]Spec, []string, error) {
	all, notes, err := exported(s, names)
	if err != nil {
		return nil, nil, err
	}
	out := make([]Spec, 0, len(all))
	for i := range all {
		spec, told, err := specOf(s, &all[i])
		if err != nil {
			return nil, nil, err
		}
		out, notes = append(out, spec), append(notes, told...)
	}
	return out, notes, nil
}

// ExportManifests returns the objects that make up workspaces, apart from their members, ready to be kept in a repository:
// without what servers and Kubeflow's controller write. A Kubeflow profile is its Profile; the rest comes of it.
func ExportManifests(s *workspace.State, names []string) ([]*unstructured.Unstructured, []string, error) {
	all, notes, err := exported(s, names)
	if err != nil {
		return nil, nil, err
	}
	d := &draft{}
	for i := range all {
		w := &all[i]
		if w.Flavor == workspace.Native {
			d.manifests(s, w)
			continue
		}
		profile := w.Profile.DeepCopy()
		profile.SetFinalizers(nil)
		profile.SetOwnerReferences(nil)
		profile.SetAnnotations(ownAnnotations(profile.GetAnnotations()))
		d.create("", profile)
	}
	p, told, err := d.finish("export")
	if err != nil {
		return nil, nil, err
	}
	return p.Manifests(), append(notes, told...), nil
}

// exported returns the workspaces that can be exported.
func exported(s *workspace.State, names []string) (out []workspace.Workspace, notes []string, err error) {
	all := s.Workspaces()
	if len(names) > 0 {
		all = nil
		for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
			w, err := find(s, name)
			if err != nil {
				return nil, nil, err
			}
			all = append(all, w)
		}
	}
	for _, w := range all {
		switch {
		case w.Status.Phase == workspace.Terminating, w.Status.Phase == workspace.Stuck:
			notes = append(notes, fmt.Sprintf("profile %s is being deleted, and left out", w.Name))
		case w.Flavor == workspace.Kalm:
			notes = append(notes, fmt.Sprintf("profile %s is an application of Kalm's, and left out: kubectl contrib export has its members", w.Name))
		case w.Flavor == workspace.Kubeflow && w.Profile == nil, w.Flavor == workspace.Native && w.Namespace == nil:
			notes = append(notes, fmt.Sprintf("profile %s cannot be read whole, and is left out", w.Name))
		case w.Owner.Name == "":
			notes = append(notes, fmt.Sprintf("profile %s has no owner, and is left out", w.Name))
		default:
			out = append(out, w)
		}
	}
	return out, notes, nil
}

// specOf returns a workspace as a spec.
func specOf(s *workspace.State, w *workspace.Workspace) (spec Spec, notes []string, err error) {
	spec = Spec{Name: w.Name, Owner: w.Owner}
	quota, err := quotaOf(s, w)
	if err != nil {
		return Spec{}, nil, err
	}
	if len(quota.Hard) > 0 {
		spec.Quota = *quota.DeepCopy()
	}
	for _, name := range slices.Sorted(maps.Keys(quota.Hard)) {
		if _, err := checkResource(string(name)); err != nil {
			notes = append(notes, fmt.Sprintf("profile %s: %s; it is left out", w.Name, err))
			delete(spec.Quota.Hard, name)
		}
	}
	if len(quota.Hard) == 0 && len(quota.Scopes) > 0 {
		notes = append(notes, fmt.Sprintf("profile %s: scopes without limits are no quota, and left out", w.Name))
	}
	if w.Profile != nil {
		read, err := kubeflow.ReadProfile(w.Profile)
		if err != nil {
			return Spec{}, nil, err
		}
		spec.Plugins = read.Plugins
		spec.ProfileLabels = merged(w.Profile.GetLabels(), nil)
		spec.ProfileAnnotations = ownAnnotations(w.Profile.GetAnnotations())
	}
	if w.Namespace != nil {
		spec.Labels = ownLabels(w.Namespace.Labels, s.Config.NamespaceLabels)
		spec.Annotations = ownAnnotations(w.Namespace.Annotations)
	}
	spec.LimitRange = holds(s.Inventory.LimitRanges, w.Name, LimitRangeName)
	if w.Flavor == workspace.Native {
		spec.DefaultDeny = holds(s.Inventory.NetworkPolicies, w.Name, DefaultDenyName)
		spec.ServiceAccounts = true
		for _, a := range accounts() {
			spec.ServiceAccounts = spec.ServiceAccounts && holds(s.Inventory.ServiceAccounts, w.Name, a.name) && holds(s.Bindings(w.Name), w.Name, a.name)
		}
	}
	spec.Members = memberSpecs(w.Members)
	return spec, notes, nil
}

// memberSpecs returns the members that a file can say: those with a binding, one role each, the strongest.
func memberSpecs(members []workspace.Member) []MemberSpec {
	var out []MemberSpec
	for i := range members {
		m := &members[i]
		if m.How == workspace.ByOwnership || m.Binding == nil {
			continue
		}
		// Members come by subject, strongest first.
		if n := len(out); n > 0 && out[n-1].Subject == m.Subject {
			continue
		}
		spec := MemberSpec{
			Subject: m.Subject, Role: m.Role, Expires: m.Expires, NoHTTP: m.Binding.Annotations[workspace.HTTPAnnotation] == "false",
		}
		if spec.Role == "" || spec.Role.ClusterRole(m.Flavor) != m.RoleRef.Name {
			spec.Role, spec.RoleRef = "", &m.RoleRef
		}
		out = append(out, spec)
	}
	return out
}

// ownLabels returns the labels of a namespace that somebody chose: not those of Kubernetes, of Kubeflow's controller, of
// Istio's injection, and of ours.
func ownLabels(labels, file map[string]string) map[string]string {
	defaults := kubeflow.DefaultNamespaceLabels()
	out := map[string]string{}
	for key, value := range labels {
		usual := key == kubeflow.InjectionLabel && value == kubeflow.InjectionEnabled || key == workspace.Label || key == corev1.LabelMetadataName
		if set, known := file[key]; known && set == value {
			usual = true
		}
		if set, known := defaults[key]; known && set == value {
			usual = true
		}
		if !usual {
			out[key] = value
		}
	}
	return merged(out, nil)
}

// ownAnnotations returns the annotations that somebody chose: not those that say whose a workspace is, and not what
// programs keep for themselves.
func ownAnnotations(annotations map[string]string) map[string]string {
	out := map[string]string{}
	for key, value := range annotations {
		prefix, _, _ := strings.Cut(key, "/")
		switch {
		case key == kubeflow.OwnerAnnotation, key == workspace.OwnerAnnotation:
		case prefix == "kubectl.kubernetes.io", prefix == "field.cattle.io", prefix == "openshift.io", strings.HasSuffix(prefix, ".openshift.io"):
		default:
			out[key] = value
		}
	}
	return merged(out, nil)
}

// manifests adds the objects of a native workspace.
func (d *draft) manifests(s *workspace.State, w *workspace.Workspace) {
	ns := w.Namespace.DeepCopy()
	ns.Spec, ns.OwnerReferences, ns.Finalizers = corev1.NamespaceSpec{}, nil, nil
	delete(ns.Labels, corev1.LabelMetadataName)
	delete(ns.Annotations, corev1.LastAppliedConfigAnnotation)
	d.create("", ns)
	if b, found := pick(s.Bindings(w.Name), w.Name, workspace.OwnerBinding); found {
		d.create("", b)
	}
	for _, b := range ownersByHand(s, w.Name, w.Owner) {
		d.create("", b)
	}
	if q, found := pick(s.Quotas(w.Name), w.Name, QuotaName); found {
		d.create("", q)
	}
	if l, found := pick(s.Inventory.LimitRanges, w.Name, LimitRangeName); found {
		d.create("", l)
	}
	if p, found := pick(s.Inventory.NetworkPolicies, w.Name, DefaultDenyName); found {
		d.create("", p)
	}
	for _, a := range accounts() {
		if o, found := pick(s.Inventory.ServiceAccounts, w.Name, a.name); found {
			d.create("", o)
		}
		if b, found := pick(s.Bindings(w.Name), w.Name, a.name); found {
			d.create("", b)
		}
	}
	for _, kind := range []inventory.Kind{inventory.RoleBindings, inventory.Quotas} {
		if len(s.Inventory.Missing(kind)) > 0 {
			d.note("profile %s: its %s cannot be read, and are left out", w.Name, kind)
		}
	}
	for i := range d.steps {
		if d.steps[i].Verb == plan.Create && d.steps[i].Object != nil {
			annotations := d.steps[i].Object.GetAnnotations()
			delete(annotations, corev1.LastAppliedConfigAnnotation)
			d.steps[i].Object.SetAnnotations(annotations)
		}
	}
}
