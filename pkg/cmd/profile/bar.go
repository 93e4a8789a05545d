package profile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// limits are those of all quotas of a workspace: what people look at first comes first, then by name.
func limits(s *workspace.State, name string) []profile.Usage {
	list, _, err := profile.QuotaUsage(s, name)
	if err != nil {
		return nil // there is no such workspace: it is one that the caller may not read
	}
	slices.SortStableFunc(list, func(a, b profile.Usage) int {
		return cmp.Or(
			cmp.Compare(importance(a.Resource), importance(b.Resource)),
			cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Quota, b.Quota),
		)
	})
	return list
}

// importance orders resources: processors, memory, devices, storage, everything else.
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

// share is how much of the limit is used, 1 being all; it is above 1 when the limit was lowered below the use.
func share(u profile.Usage) float64 {
	switch {
	case u.Used == nil || u.Used.IsZero():
		return 0
	case u.Hard.IsZero():
		return 2
	}
	return u.Used.AsApproximateFloat64() / u.Hard.AsApproximateFloat64()
}

// usedText is what is used; "?" when nobody has counted, as in manifests.
func usedText(u profile.Usage) string {
	if u.Used == nil {
		return "?"
	}
	return u.Used.String()
}

// bar draws the share in five cells of plain characters: "[###--]". Any use at all shows, only what is full looks full,
// "[#####!" is more than full, and what nobody has counted is empty.
func bar(u profile.Usage) string {
	const cells = 5
	if u.Used == nil {
		return ""
	}
	part := share(u)
	if part > 1 {
		return "[" + strings.Repeat("#", cells) + "!"
	}
	full := int(part * cells)
	if full == 0 && !u.Used.IsZero() {
		full = 1
	}
	return "[" + strings.Repeat("#", full) + strings.Repeat("-", cells-full) + "]"
}

// bars joins the limits, each as "cpu [###--] 3/5", and cuts a long list.
func bars(list []profile.Usage, most int) string {
	var parts []string
	for i, u := range list {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(list)-most))
			break
		}
		part := string(u.Resource)
		if drawn := bar(u); drawn != "" {
			part += " " + drawn
		}
		parts = append(parts, part+" "+usedText(u)+"/"+u.Hard.String())
	}
	return strings.Join(parts, ", ")
}
