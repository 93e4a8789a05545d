package profile

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Create returns the plan that makes a workspace of the state's flavor.
//
// On Kubeflow that is the Profile alone: its controller makes the rest. What the spec wants on the namespace comes with
// [FollowUp], once the namespace is there. On plain Kubernetes it is the namespace, the owner's binding, the quota, and
// what else the spec asks for.
//
// When the workspace is there as it should be, the plan is empty; when a native one is there in part, the plan completes
// it. Refused are: a namespace that is no workspace, another owner, and a workspace that differs.
func Create(s *workspace.State, spec Spec) (plan.Plan, []string, error) {
	flavor := s.Flavor
	w, exists := s.Workspace(spec.Name)
	if exists {
		flavor = w.Flavor
	}
	if err := spec.check(flavor, w.Owner); err != nil {
		return plan.Plan{}, nil, err
	}
	d := newDraft(spec.Name)
	d.tellQuota(s, spec)
	d.tellPluginKinds(spec)
	if !exists {
		if err := d.make(s, spec); err != nil {
			return plan.Plan{}, nil, err
		}
		return d.finish("create profile " + spec.Name + " for " + spec.Owner.String())
	}
	if err := d.adjust(s, &w, spec); err != nil {
		return plan.Plan{}, nil, err
	}
	if d.changes(plan.Update, plan.Delete) {
		var differing []string
		for _, step := range d.steps {
			if step.Verb != plan.Create && !step.Unchanged() {
				differing = append(differing, step.String())
			}
		}
		return plan.Plan{}, nil, workspace.Refuse("kubectl profile apply -f FILE changes workspaces; kubectl profile quota set changes limits",
			"create profile %q: it exists, and differs from what is asked for (%s)", spec.Name, strings.Join(differing, ", "))
	}
	if !d.changes(plan.Create) {
		d.note("profile %s exists already, as it should be", spec.Name)
	}
	return d.finish("create profile " + spec.Name + " for " + spec.Owner.String())
}

// check says what is wrong with a spec itself. An owner who is it already is not judged.
func (spec *Spec) check(flavor workspace.Flavor, owner rbac.Subject) error {
	if err := checkName(spec.Name); err != nil {
		return err
	}
	if err := checkOwner(flavor, spec.Owner); err != nil && (spec.Owner != owner || owner.Name == "") {
		return err
	}
	if err := checkMetadata(spec.Labels, spec.Annotations); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Quota.Hard)) {
		if _, err := checkResource(string(name)); err != nil {
			return workspace.Refuse("", "profile %q: quota: %w", spec.Name, err)
		}
	}
	for _, p := range spec.Plugins {
		if err := checkPlugin(p); err != nil {
			return workspace.Refuse("", "profile %q: %w", spec.Name, err)
		}
	}
	switch {
	case flavor == workspace.Kubeflow && spec.DefaultDeny:
		return workspace.Refuse("Istio's policies say who gets into a Kubeflow profile",
			"profile %q: a default-deny network policy would cut it off from Kubeflow's gateway", spec.Name)
	case flavor != workspace.Kubeflow && len(spec.Plugins) > 0:
		return workspace.Refuse("", "profile %q: plugins are Kubeflow's, and this is a %s workspace", spec.Name, flavor)
	case flavor == workspace.Kalm:
		return checkKalmOwner(spec.Name, spec.Owner)
	}
	return nil
}

// checkPlugin says what Kubeflow's controller would do wrong with a plugin. Kinds that it does not know it skips.
func checkPlugin(p kubeflow.Plugin) error {
	if p.Kind != kubeflow.WorkloadIdentity && p.Kind != kubeflow.AwsIamForServiceAccount {
		return nil
	}
	return kubeflow.CheckPlugin(p)
}

// tellPluginKinds warns of plugins that do nothing.
func (d *draft) tellPluginKinds(spec Spec) {
	for _, p := range spec.Plugins {
		if err := kubeflow.CheckPlugin(p); err != nil && checkPlugin(p) == nil {
			d.note("profile %s: %s", spec.Name, err)
		}
	}
}

// checkOwner says whether a subject can own a workspace.
func checkOwner(flavor workspace.Flavor, owner rbac.Subject) error {
	switch {
	case owner.Name == "":
		return workspace.Refuse("--owner alice@example.com", "the owner is missing")
	case strings.TrimSpace(owner.Name) != owner.Name:
		return workspace.Refuse("", "owner %q: the name has blanks around it", owner.Name)
	case flavor == workspace.Kubeflow && owner.Kind == rbacv1.GroupKind:
		return workspace.Refuse("name a user as the owner, and share with the group: kubectl contrib add "+owner.String()+" --role editor",
			"owner %s: Kubeflow knows owners by their user name: of a group, nobody could manage the workspace", owner)
	}
	return nil
}

// kubeflowOwner returns an owner as a Profile has it. Service accounts go by their user name: Kubeflow compares names
// only, and that is the name by which requests come.
func kubeflowOwner(owner rbac.Subject) rbacv1.Subject {
	if owner.Kind == rbacv1.ServiceAccountKind {
		return rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: owner.UserName()}
	}
	return owner.RBAC()
}

// make adds the steps for a workspace that is not there.
func (d *draft) make(s *workspace.State, spec Spec) error {
	if ns := s.Namespace(spec.Name); ns != nil {
		if isTerminating(ns) {
			return workspace.Refuse("wait until it is gone, then try again", "create profile %q: the namespace of this name is being deleted", spec.Name)
		}
		return workspace.Refuse("kubectl profile adopt "+spec.Name+" --owner "+spec.Owner.String()+" makes it a workspace",
			"create profile %q: a namespace of this name exists, and is no workspace", spec.Name)
	}
	switch s.Flavor {
	case workspace.Native:
		d.makeNative(s, spec)
		return nil
	case workspace.Kalm:
		d.makeKalm(s, spec)
		return nil
	case workspace.Kubeflow:
	}
	if len(s.Inventory.Missing(inventory.Namespaces)) > 0 {
		d.note("namespaces cannot be read: if there is one called %s, Kubeflow will leave the profile alone", spec.Name)
	}
	profile := kubeflow.NewProfile(spec.Name, kubeflowOwner(spec.Owner), &spec.Quota, spec.Plugins)
	profile.SetLabels(merged(nil, spec.ProfileLabels))
	profile.SetAnnotations(merged(nil, spec.ProfileAnnotations))
	d.create("Kubeflow's controller makes the namespace and what belongs into it", profile)
	d.tellFollowUp(spec)
	return nil
}

// tellFollowUp says what has to wait until the controller has made the namespace.
func (d *draft) tellFollowUp(spec Spec) {
	var parts []string
	if len(spec.Labels) > 0 {
		parts = append(parts, "labels")
	}
	if len(spec.Annotations) > 0 {
		parts = append(parts, "annotations")
	}
	if spec.LimitRange {
		parts = append(parts, "the limit range")
	}
	if len(parts) > 0 {
		d.note("profile %s: %s can be set once Kubeflow's controller has made the namespace", spec.Name, strings.Join(parts, ", "))
	}
	if spec.ServiceAccounts {
		d.note("profile %s: Kubeflow's controller makes the service accounts itself", spec.Name)
	}
}

func (d *draft) makeNative(s *workspace.State, spec Spec) {
	d.create("marks the workspace, and names its owner", nativeNamespace(spec))
	d.create("the owner's rights", workspace.NativeOwnerBinding(spec.Name, spec.Owner))
	if len(spec.Quota.Hard) > 0 {
		d.create("what the workspace may use", nativeQuota(spec.Name, spec.Quota))
	}
	d.makeOptional(s, spec)
}

// makeOptional adds the optional objects that a spec asks for and that are not there.
func (d *draft) makeOptional(s *workspace.State, spec Spec) {
	inv := s.Inventory
	if spec.LimitRange && !holds(inv.LimitRanges, spec.Name, LimitRangeName) {
		d.create("defaults for containers that ask for nothing", limitRange(spec.Name))
	}
	if spec.DefaultDeny && !holds(inv.NetworkPolicies, spec.Name, DefaultDenyName) {
		d.create("keeps out traffic from other namespaces", defaultDeny(spec.Name))
	}
	if !spec.ServiceAccounts {
		return
	}
	for _, a := range accounts() {
		if !holds(inv.ServiceAccounts, spec.Name, a.name) {
			d.create("an account for workloads", a.object(spec.Name))
		}
		if !holds(inv.RoleBindings, spec.Name, a.name) {
			d.create("the rights of "+a.name, a.binding(spec.Name))
		}
	}
}

// holds reports whether a list has an object of that name.
func holds[T identified](list []T, namespace, name string) bool {
	_, ok := pick(list, namespace, name)
	return ok
}

// identified is what all objects are.
type identified interface {
	GetNamespace() string
	GetName() string
}

func pick[T identified](list []T, namespace, name string) (T, bool) {
	for _, o := range list {
		if o.GetName() == name && o.GetNamespace() == namespace {
			return o, true
		}
	}
	var none T
	return none, false
}

func isTerminating(ns *corev1.Namespace) bool {
	return ns.DeletionTimestamp != nil || ns.Status.Phase == corev1.NamespaceTerminating
}
