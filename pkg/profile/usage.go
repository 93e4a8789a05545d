package profile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Usage is one row of a quota: a resource, how much of it may be used, and how much is.
type Usage struct {
	// Quota names the ResourceQuota; it is empty for a limit of a Profile from which no quota has been made yet.
	Quota    string              `json:"quota,omitempty"`
	Resource corev1.ResourceName `json:"resource"`
	Hard     resource.Quantity   `json:"hard"`
	// Used is nil when it is not known: nothing has been counted yet.
	Used *resource.Quantity `json:"used,omitempty"`
	// Scopes are those of the quota: it counts only what is in all of them.
	Scopes []corev1.ResourceQuotaScope `json:"scopes,omitempty"`
}

// QuotaUsage returns what the quotas of a workspace limit, by quota and resource. It is empty when nothing does.
func QuotaUsage(s *workspace.State, name string) ([]Usage, []string, error) {
	w, err := find(s, name)
	if err != nil {
		return nil, nil, err
	}
	rows, notes := UsageOf(s, &w)
	return rows, notes, nil
}

// UsageOf is [QuotaUsage] of a workspace that was read, or of any other namespace: then the name and the quotas are all that
// has to be known of it.
func UsageOf(s *workspace.State, w *workspace.Workspace) (rows []Usage, notes []string) {
	rows = []Usage{}
	made := false
	for _, q := range w.Quotas {
		made = made || q.Name == kubeflow.Quota
		for _, name := range slices.Sorted(maps.Keys(q.Spec.Hard)) {
			row := Usage{Quota: q.Name, Resource: name, Hard: q.Spec.Hard[name], Scopes: q.Spec.Scopes}
			if used, known := q.Status.Used[name]; known {
				row.Used = &used
			}
			rows = append(rows, row)
		}
	}
	for _, gap := range s.Inventory.Missing(inventory.Quotas) {
		if gap.Concerns(w.Name) {
			return rows, append(notes, fmt.Sprintf("profile %s: its quotas cannot be read: %s", w.Name, gap.Cause))
		}
	}
	if made || w.Profile == nil {
		return rows, notes
	}
	read, err := kubeflow.ReadProfile(w.Profile)
	if err != nil || len(read.Quota.Hard) == 0 {
		return rows, notes
	}
	for _, name := range slices.Sorted(maps.Keys(read.Quota.Hard)) {
		rows = append(rows, Usage{Resource: name, Hard: read.Quota.Hard[name], Scopes: read.Quota.Scopes})
	}
	return rows, append(notes, fmt.Sprintf("profile %s: Kubeflow's controller has not made its quota", w.Name))
}

// Share returns how much of the limit is used, 1 being all; it is above 1 when the limit was lowered below the use.
func (u *Usage) Share() float64 {
	switch {
	case u.Used == nil || u.Used.IsZero():
		return 0
	case u.Hard.IsZero():
		return 2
	}
	return u.Used.AsApproximateFloat64() / u.Hard.AsApproximateFloat64()
}

// UsedText returns what is used; "?" when nobody has counted, as in manifests.
func (u *Usage) UsedText() string {
	if u.Used == nil {
		return "?"
	}
	return u.Used.String()
}

// CompareUsage orders limits by what people look at first: processors, memory, devices, storage, everything else; then by
// resource and quota.
func CompareUsage(a, b Usage) int {
	return cmp.Or(
		cmp.Compare(importance(a.Resource), importance(b.Resource)),
		cmp.Compare(a.Resource, b.Resource),
		cmp.Compare(a.Quota, b.Quota),
	)
}

// importance orders resources.
func importance(name corev1.ResourceName) int {
	text := string(name)
	switch {
	case strings.HasSuffix(text, "requests.storage"), strings.HasSuffix(text, "persistentvolumeclaims"):
		return 6
	case text == "cpu":
		return 0
	case strings.HasSuffix(text, ".cpu"):
		return 1
	case text == "memory":
		return 2
	case strings.HasSuffix(text, ".memory"):
		return 3
	case strings.Contains(text, "/gpu"):
		return 4
	case strings.HasPrefix(text, "requests."):
		return 5
	}
	return 7
}
