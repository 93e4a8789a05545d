package profile

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// limited looks whether the quota that Kubeflow's controller keeps limits what the Profile says, and nothing else. What
// nobody makes anything of, a Profile without limits and no quota, is as it should be.
func limited(s *workspace.State, w *workspace.Workspace) sight {
	if w.Flavor != workspace.Kubeflow {
		return sight{reached: true}
	}
	pending := func(why string) sight {
		return sight{Status: workspace.Status{Phase: workspace.Pending, Why: why}}
	}
	if w.Status.Phase == workspace.Conflict || w.Status.Phase == workspace.Stuck || w.Profile == nil {
		return sight{Status: w.Status, final: true}
	}
	read, err := kubeflow.ReadProfile(w.Profile)
	switch {
	case err != nil:
		return sight{Status: workspace.Status{Phase: workspace.Unknown, Why: err.Error()}, final: true}
	case len(s.Inventory.Missing(inventory.Quotas)) > 0:
		return sight{Status: workspace.Status{Phase: workspace.Unknown, Why: "its quotas cannot be read"}, final: true}
	}
	var hard corev1.ResourceList
	there := false
	for _, q := range w.Quotas {
		if q.Name == kubeflow.Quota {
			hard, there = q.Spec.Hard, true
		}
	}
	if !there && len(read.Quota.Hard) > 0 {
		return pending("the quota " + kubeflow.Quota + " has not been made yet")
	}
	for _, name := range slices.Sorted(maps.Keys(read.Quota.Hard)) {
		wanted := read.Quota.Hard[name]
		amount, limits := hard[name]
		switch {
		case !limits:
			return pending("the quota " + kubeflow.Quota + " does not limit " + string(name) + " yet")
		case amount.Cmp(wanted) != 0:
			return pending("the quota " + kubeflow.Quota + " still limits " + string(name) + " to " + amount.String())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(hard)) {
		if _, wanted := read.Quota.Hard[name]; !wanted {
			return pending("the quota " + kubeflow.Quota + " still limits " + string(name))
		}
	}
	return sight{reached: true}
}
