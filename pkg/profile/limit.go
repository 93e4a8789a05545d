package profile

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Limit is a row of a quota beside what the profile says of it.
type Limit struct {
	Usage
	// FromProfile says that the quota is made from the profile, so that they should agree.
	FromProfile bool
	// Wanted is the limit in the profile; nil when the profile has none.
	Wanted *resource.Quantity
}

// Limits compares what [UsageOf] returned of a workspace with its profile, and adds what only the profile limits, though
// there is a quota: it is not in force, and so in none. They are in the order of [CompareUsage].
func Limits(w *workspace.Workspace, rows []Usage) []Limit {
	out := make([]Limit, 0, len(rows))
	for _, u := range rows {
		out = append(out, Limit{Usage: u})
	}
	made := false
	if read, err := readProfile(w); err == nil {
		for i := range out {
			if out[i].Quota != kubeflow.Quota {
				continue
			}
			made, out[i].FromProfile = true, true
			if wanted, limited := read.Quota.Hard[out[i].Resource]; limited {
				out[i].Wanted = &wanted
				delete(read.Quota.Hard, out[i].Resource)
			}
		}
		if !made {
			read.Quota.Hard = nil // the rows have it, as of a quota that is still to be made
		}
		for name, hard := range read.Quota.Hard {
			out = append(out, Limit{Usage: Usage{Resource: name, Hard: hard}, FromProfile: true, Wanted: &hard})
		}
	}
	slices.SortStableFunc(out, func(a, b Limit) int { return CompareUsage(a.Usage, b.Usage) })
	return out
}

// readProfile reads the profile of a workspace; an empty one of what has none.
func readProfile(w *workspace.Workspace) (kubeflow.Profile, error) {
	if w.Profile == nil {
		return kubeflow.Profile{}, nil
	}
	return kubeflow.ReadProfile(w.Profile)
}
