package whocan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// whereText says where a grant holds: "everywhere", or its namespaces.
func whereText(g *rbac.Grant, most int) string {
	var text string
	switch {
	case g.Everywhere:
		text = "everywhere"
	default:
		text = list(g.Namespaces, most)
	}
	if len(g.Names) > 0 {
		text += " (only " + list(g.Names, 3) + ")"
	}
	return text
}

// viaText says through what a grant comes: the first path, and how many more there are.
func viaText(r *row, most int) string {
	paths := distinctPaths(r.grant.Subject, r.grant.Proofs)
	if r.grant.Superuser {
		paths = append([]string{superuserText}, paths...)
		if most == 1 {
			return superuserText
		}
	}
	text := strings.Join(paths[:min(most, len(paths))], "; ")
	if more := len(paths) - most; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// distinctPaths writes paths that differ by their namespace only once. A path through a group starts with it.
func distinctPaths(s rbac.Subject, proofs []rbac.Proof) []string {
	var paths []string
	for i := range proofs {
		p := path(&proofs[i])
		if proofs[i].Subject != s {
			p = proofs[i].Subject.String() + " > " + p
		}
		if !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	return paths
}
