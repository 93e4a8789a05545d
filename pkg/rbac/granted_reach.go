package rbac

// Reach returns how far a grant goes, without its proofs: what [Grant.Everywhere] and [Grant.Namespaces] say. It is for who
// asks about every subject at once. Superusers go everywhere, which is not said of them here.
func (g *Granted) Reach(n int) (everywhere bool, namespaces []string) {
	for _, h := range g.ranges[n] {
		in := g.q.ix.bindings[h.binding].Namespace
		switch {
		case in == "":
			everywhere = true
		case len(namespaces) == 0 || namespaces[len(namespaces)-1] != in: // bindings are in the order of namespaces
			namespaces = append(namespaces, in)
		}
	}
	return everywhere, namespaces
}
