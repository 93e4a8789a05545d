package plan

import (
	"fmt"
	"strings"
)

// unitSets are units that were joined.
type unitSets struct {
	parent map[string]string
	order  []string
	// names are those of the sets, by their roots; nil when they have to be found anew.
	names map[string]string
}

func (u *unitSets) root(unit string) string {
	if _, known := u.parent[unit]; !known {
		u.parent[unit] = unit
		u.order = append(u.order, unit)
		u.names = nil
	}
	for u.parent[unit] != unit {
		// A set of thousands, one joined after the other, would be a long way to go each time.
		u.parent[unit] = u.parent[u.parent[unit]]
		unit = u.parent[unit]
	}
	return unit
}

func (u *unitSets) join(units ...string) {
	for _, unit := range units {
		first, second := u.root(units[0]), u.root(unit)
		if first != second {
			u.parent[second] = first
			u.names = nil
		}
	}
}

// name returns the name of the unit that a unit is part of now.
func (u *unitSets) name(unit string) string {
	root := u.root(unit)
	if u.names == nil {
		u.names = u.allNames()
	}
	return u.names[root]
}

// allNames names each set after its first units.
func (u *unitSets) allNames() map[string]string {
	const most = 3
	members := map[string][]string{}
	for _, unit := range u.order {
		if root := u.root(unit); unit != "" {
			members[root] = append(members[root], unit)
		}
	}
	out := make(map[string]string, len(members))
	for root, names := range members {
		if more := len(names) - most; more > 0 {
			out[root] = fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
			continue
		}
		out[root] = strings.Join(names, ", ")
	}
	return out
}
