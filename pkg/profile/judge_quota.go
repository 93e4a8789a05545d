package profile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

// judgeQuota is KF014: the profile's quota, and what else limits the workspace.
func (r *room) judgeQuota() {
	spec := r.profile.Quota
	if len(spec.Hard) == 0 && (len(spec.Scopes) > 0 || spec.ScopeSelector != nil) {
		r.found(finding.Finding{
			ID: "KF014", Severity: finding.Warning, Object: r.object(),
			Message: "its quota has scopes but no limits, so that there is none",
			Why: "Kubeflow's controller takes a quota without limits for no quota, and deletes the one that is there.\n" +
				"Give it limits: kubectl profile quota set " + r.profile.Name + " cpu=8,memory=32Gi; or take the scopes out of spec.resourceQuotaSpec.",
		})
	}
	if !r.judgeResources() {
		r.judgeQuotaObject()
	}
	r.judgeOtherQuotas()
}

// judgeResources finds names that no API server takes. It reports whether there are any.
func (r *room) judgeResources() bool {
	bad := false
	for _, name := range slices.Sorted(maps.Keys(r.profile.Quota.Hard)) {
		counted, err := checkResource(string(name))
		f := finding.Finding{ID: "KF014", Object: r.object()}
		switch {
		case err != nil:
			bad = true
			f.Severity = finding.Error
			f.Message = "its quota can't be made: " + err.Error()
			f.Why = "The API server refuses such a quota, and Kubeflow's controller stops there each time: plugins are not applied, and the\n" +
				"profile can't be deleted. kubectl profile quota unset " + r.profile.Name + " " + paste(string(name)) + "   takes it out."
		case !counted:
			f.Severity = finding.Info
			f.Message = uncounted(string(name))
			f.Why = "The limit is stored and never met. kubectl profile quota unset " + r.profile.Name + " " + paste(string(name)) + "   takes it out."
		default:
			continue
		}
		r.found(f)
	}
	return bad
}

// judgeQuotaObject compares the quota in the namespace with the profile's.
func (r *room) judgeQuotaObject() {
	if r.workspace.Namespace == nil || !r.read(inventory.Quotas) {
		return
	}
	want, has := kubeflow.QuotaObject(r.profile), r.quota()
	out := repairOf(r.profile.Name)
	f := finding.Finding{ID: "KF014", Severity: finding.Warning, Object: "resourcequota " + r.profile.Name + "/" + kubeflow.Quota}
	switch {
	case want == nil && has == nil:
		return
	case has == nil:
		if !r.stored() || !r.sees(inventory.Quotas) {
			return
		}
		f.Object = r.object()
		f.Message = "its quota is not in force: there is no resourcequota " + kubeflow.Quota
		f.Why = "The controller makes it when the profile changes. Look whether it runs."
		out.create(want, "the profile has a quota")
	case want == nil:
		f.Message = "it limits the workspace, but its profile has no quota"
		f.Why = "From 1.7 on the controller deletes it when it looks next, before that it stays for ever.\n" +
			"To keep it: kubectl profile quota set " + r.profile.Name + " " + paste(limits(has.Spec.Hard))
		out.remove(has, "the profile has no quota")
	case equality.Semantic.DeepEqual(has.Spec, want.Spec):
		return
	default:
		f.Message = "it is not what its profile says: " + strings.Join(quotaDiffers(has.Spec, want.Spec), ", ")
		f.Why = "The controller does not watch quotas: it writes the profile's back when something else changes.\n" +
			"To keep what is in force: kubectl profile quota set " + r.profile.Name + " " + paste(limits(has.Spec.Hard))
		after := has.DeepCopy()
		after.Spec = want.Spec
		out.update(has, after, "as the profile says")
	}
	f.Fix = out.plan("make the quota of " + r.profile.Name + " what its profile says")
	r.found(f)
}

func (r *room) quota() *corev1.ResourceQuota {
	all := r.state.Quotas(r.profile.Name)
	i := slices.IndexFunc(all, func(q *corev1.ResourceQuota) bool { return q.Name == kubeflow.Quota })
	if i < 0 {
		return nil
	}
	return all[i]
}

// quotaDiffers says what is in force and what should be: "cpu is 4 instead of 8".
func quotaDiffers(has, want corev1.ResourceQuotaSpec) []string {
	var out []string
	all := maps.Clone(want.Hard)
	maps.Copy(all, has.Hard)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a, inForce := has.Hard[name]
		b, wanted := want.Hard[name]
		switch {
		case !inForce:
			out = append(out, fmt.Sprintf("%s is not limited to %s", name, b.String()))
		case !wanted:
			out = append(out, fmt.Sprintf("%s is limited to %s", name, a.String()))
		case a.Cmp(b) != 0:
			out = append(out, fmt.Sprintf("%s is %s instead of %s", name, a.String(), b.String()))
		}
	}
	if len(out) == 0 {
		out = append(out, "its scopes are others")
	}
	return out
}

// limits writes limits as the command takes them.
func limits(hard corev1.ResourceList) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(hard)) {
		amount := hard[name]
		out = append(out, string(name)+"="+amount.String())
	}
	return strings.Join(out, ",")
}

// judgeOtherQuotas tells of quotas that neither the controller nor the dashboard knows.
func (r *room) judgeOtherQuotas() {
	for _, q := range r.state.Quotas(r.profile.Name) {
		if q.Name == kubeflow.Quota {
			continue
		}
		r.found(finding.Finding{
			ID: "KF014", Severity: finding.Info, Object: "resourcequota " + q.Namespace + "/" + q.Name,
			Message: "it limits the workspace beside the quota of the profile",
			Why:     "The narrower limit counts. The controller never touches it, and the profile does not show it.",
		})
	}
}
