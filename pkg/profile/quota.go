package profile

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// SetQuota returns the plan that sets limits of a workspace and takes others away. On Kubeflow it changes the Profile, from
// which the controller makes the quota; on plain Kubernetes the quota itself. The notes warn when more is used already
// than would be allowed. Limits that are as they should be make an empty plan.
func SetQuota(s *workspace.State, name string, set corev1.ResourceList, unset []corev1.ResourceName) (plan.Plan, []string, error) {
	w, err := find(s, name)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if err := checkLimits(name, set, unset); err != nil {
		return plan.Plan{}, nil, err
	}
	current, err := quotaOf(s, &w)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if err := checkUnset(name, current.Hard, unset); err != nil {
		return plan.Plan{}, nil, err
	}
	d := newDraft(name)
	wanted := *current.DeepCopy()
	if wanted.Hard == nil {
		wanted.Hard = corev1.ResourceList{}
	}
	for _, resourceName := range unset {
		if _, there := current.Hard[resourceName]; !there {
			d.note("profile %s: %s is not limited", name, resourceName)
		}
		delete(wanted.Hard, resourceName)
	}
	for resourceName, amount := range set {
		if old, there := current.Hard[resourceName]; !there || old.Cmp(amount) != 0 {
			wanted.Hard[resourceName] = amount
		}
	}
	if len(wanted.Hard) == 0 && len(wanted.Scopes) > 0 {
		d.note("profile %s: nothing is limited any more, so its scopes go too: without limits they mean nothing", name)
		wanted = corev1.ResourceQuotaSpec{Hard: wanted.Hard}
	}
	d.tellUse(s, name, set)
	d.tellQuota(s, Spec{Name: name, Quota: corev1.ResourceQuotaSpec{Hard: set}})
	if w.Flavor != workspace.Kubeflow {
		d.adjustNativeQuota(s, name, wanted)
		return d.finish("change the quota of profile " + name)
	}
	if w.Status.Phase == workspace.Conflict {
		d.note("profile %s: %s; the quota will not be enforced", name, w.Status.Why)
	}
	if len(wanted.Hard) == 0 && len(current.Hard) > 0 {
		d.note("profile %s: Kubeflow's controller deletes the quota %s; up to 1.6 it did not, and it has to be deleted by hand", name, kubeflow.Quota)
	}
	profile := w.Profile.DeepCopy()
	if err := d.setQuota(profile, wanted); err != nil {
		return plan.Plan{}, nil, err
	}
	d.update("Kubeflow's controller makes the quota from it", w.Profile, profile)
	return d.finish("change the quota of profile " + name)
}

// checkLimits says what is wrong with limits that are to be set and taken away.
func checkLimits(name string, set corev1.ResourceList, unset []corev1.ResourceName) error {
	if len(set)+len(unset) == 0 {
		return workspace.Refuse("kubectl profile quota set "+name+" cpu=2,memory=2Gi", "change quota of profile %q: no resource is named", name)
	}
	for _, resourceName := range slices.Sorted(maps.Keys(set)) {
		if err := checkCounted(string(resourceName)); err != nil {
			return workspace.Refuse("", "change quota of profile %q: %w", name, err)
		}
		if slices.Contains(unset, resourceName) {
			return workspace.Refuse("", "change quota of profile %q: %s is both to be set and to be taken away", name, resourceName)
		}
	}
	return nil
}

// checkUnset says whether names that are to be taken away are spelling mistakes. What can be limited, but is not, is none.
func checkUnset(name string, current corev1.ResourceList, unset []corev1.ResourceName) error {
	for _, resourceName := range unset {
		if _, there := current[resourceName]; there {
			continue
		}
		if _, err := checkResource(string(resourceName)); err == nil {
			continue
		}
		var names []string
		for known := range current {
			names = append(names, string(known))
		}
		slices.Sort(names)
		next := "limited are " + strings.Join(names, ", ")
		if near := rbac.Nearest(string(resourceName), names); len(near) > 0 {
			next = "did you mean " + near[0] + "?"
		} else if len(names) == 0 {
			next = ""
		}
		return workspace.Refuse(next, "change quota of profile %q: %q is not limited", name, resourceName)
	}
	return nil
}

// quotaOf returns the quota of a workspace as it is kept: in the Profile, or in our object.
func quotaOf(s *workspace.State, w *workspace.Workspace) (corev1.ResourceQuotaSpec, error) {
	if w.Flavor != workspace.Kubeflow {
		if old, found := pick(s.Quotas(w.Name), w.Name, QuotaName); found {
			return old.Spec, nil
		}
		if len(s.Inventory.Missing(inventory.Quotas)) > 0 {
			return corev1.ResourceQuotaSpec{}, workspace.Refuse("it takes rights to get and list resourcequotas",
				"profile %q: its quotas cannot be read", w.Name)
		}
		return corev1.ResourceQuotaSpec{}, nil
	}
	if w.Profile == nil {
		return corev1.ResourceQuotaSpec{}, noProfile(s, "change quota of", w.Name)
	}
	read, err := kubeflow.ReadProfile(w.Profile)
	return read.Quota, err
}

// tellUse warns of limits below what is used.
func (d *draft) tellUse(s *workspace.State, name string, set corev1.ResourceList) {
	for _, resourceName := range slices.Sorted(maps.Keys(set)) {
		limit := set[resourceName]
		for _, q := range s.Quotas(name) {
			used, known := q.Status.Used[resourceName]
			if known && used.Cmp(limit) > 0 {
				d.note("profile %s: %s of %s is used, and %s would be allowed: what runs stays, nothing new starts",
					name, used.String(), resourceName, limit.String())
				break
			}
		}
	}
}

// tellQuota warns of new limits that work otherwise than one may think.
func (d *draft) tellQuota(s *workspace.State, spec Spec) {
	if len(spec.Quota.Hard) == 0 {
		if len(spec.Quota.Scopes) > 0 {
			d.note("profile %s: scopes without limits are no quota", spec.Name)
		}
		return
	}
	own := kubeflow.Quota
	if s.FlavorOf(spec.Name) != workspace.Kubeflow {
		own = QuotaName
	}
	var current corev1.ResourceQuotaSpec
	if w, exists := s.Workspace(spec.Name); exists {
		// What cannot be read is taken for new: a warning too many.
		current, _ = quotaOf(s, &w)
	}
	var computed []string
	for _, name := range slices.Sorted(maps.Keys(spec.Quota.Hard)) {
		if _, there := current.Hard[name]; there {
			continue
		}
		if counted, err := checkResource(string(name)); err == nil && !counted {
			d.note("profile %s: %s", spec.Name, uncounted(string(name)))
		}
		switch base := strings.TrimPrefix(strings.TrimPrefix(string(name), "requests."), "limits."); base {
		case "cpu", "memory", "ephemeral-storage":
			computed = append(computed, string(name))
		}
		for _, q := range s.Quotas(spec.Name) {
			if limit, there := q.Spec.Hard[name]; there && q.Name != own {
				d.note("profile %s: quota %s limits %s too (%s): both count", spec.Name, q.Name, name, limit.String())
			}
		}
	}
	ranged := slices.ContainsFunc(s.Inventory.LimitRanges, func(l *corev1.LimitRange) bool { return l.Namespace == spec.Name })
	if len(computed) > 0 && !ranged && !spec.LimitRange && s.Inventory.Served[inventory.LimitRanges] {
		d.note("profile %s: with a quota on %s, pods that don't say how much they need are refused; a limit range gives them defaults",
			spec.Name, strings.Join(computed, ", "))
	}
}
