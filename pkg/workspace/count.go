package workspace

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// RoleCount counts members by role; a subject counts once, with its strongest role.
type RoleCount struct {
	Owners  int `json:"owners"`
	Editors int `json:"editors"`
	Viewers int `json:"viewers"`
	// Others have a role of their own.
	Others int `json:"others"`
	// HTTPOnly are let in by Istio and have no rights in Kubernetes.
	HTTPOnly int `json:"httpOnly"`
	// Unknown are let in by Istio, and what rights they have in Kubernetes could not be read.
	Unknown int `json:"unknown,omitempty"`
}

// CountRoles counts as the function [CountRoles] does, without those whom Kalm gives nothing any more: unlike Kubernetes it
// keeps to a date by itself.
func (s *State) CountRoles(members []Member) RoleCount {
	return CountRoles(slices.DeleteFunc(slices.Clone(members), func(m Member) bool { return m.OfKalm() && m.Expired(s.Now) }))
}

// CountRoles counts the members of one workspace by role. A subject that only a policy names counts as let in
// by Istio alone, or as unknown where it may have rights that could not be read. Whoever has nothing by its grant, such as
// a member whom Kalm suspends, does not count.
func CountRoles(members []Member) RoleCount {
	const (
		httpOnly = -1 - iota
		unknown
	)
	rank := map[rbac.Subject]int{}
	for i := range members {
		m := &members[i]
		if m.Idle() {
			continue // Kalm suspends it, or passes its grant over
		}
		mine := m.Role.Rank()
		switch m.How {
		case ByPolicy:
			mine = httpOnly
		case Unseen:
			mine = unknown
		default:
		}
		if old, known := rank[m.Subject]; !known || mine > old {
			rank[m.Subject] = mine
		}
	}
	var c RoleCount
	for _, r := range rank {
		switch r {
		case Owner.Rank():
			c.Owners++
		case Editor.Rank():
			c.Editors++
		case Viewer.Rank():
			c.Viewers++
		case httpOnly:
			c.HTTPOnly++
		case unknown:
			c.Unknown++
		default:
			c.Others++
		}
	}
	return c
}

// Total returns how many subjects there are.
func (c RoleCount) Total() int {
	return c.Owners + c.Editors + c.Viewers + c.Others + c.HTTPOnly + c.Unknown
}

// String returns "1 owner, 3 editors, 2 viewers".
func (c RoleCount) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		noun string
	}{
		{c.Owners, "owner"}, {c.Editors, "editor"}, {c.Viewers, "viewer"},
	} {
		switch p.n {
		case 0:
		case 1:
			parts = append(parts, "1 "+p.noun)
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", p.n, p.noun))
		}
	}
	if c.Others > 0 {
		parts = append(parts, fmt.Sprintf("%d other", c.Others))
	}
	if c.HTTPOnly > 0 {
		parts = append(parts, fmt.Sprintf("%d http only", c.HTTPOnly))
	}
	if c.Unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d unknown", c.Unknown))
	}
	return strings.Join(parts, ", ")
}
