package profile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// limits are those of all quotas of a workspace: what people look at first comes first.
func limits(s *workspace.State, name string) []profile.Usage {
	list, _, err := profile.QuotaUsage(s, name)
	if err != nil {
		return nil // there is no such workspace: it is one that the caller may not read
	}
	slices.SortStableFunc(list, profile.CompareUsage)
	return list
}

// bar draws the share in five cells of plain characters: "[###--]". Any use at all shows, only what is full looks full,
// "[#####!" is more than full, and what nobody has counted is empty.
func bar(u profile.Usage) string {
	const cells = 5
	if u.Used == nil {
		return ""
	}
	part := u.Share()
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
		parts = append(parts, part+" "+u.UsedText()+"/"+u.Hard.String())
	}
	return strings.Join(parts, ", ")
}
