package rbac

// Decision is the answer to whether an identity may do an action.
type Decision struct {
	Allowed bool
	// Superuser says that the API server admits the identity without asking RBAC. Proofs may be empty then.
	Superuser bool
	// Proofs are all paths that allow the action, cluster-wide ones first, then by name of the binding.
	Proofs []Proof
}

// Allowed reports whether the identity may do the action: what kube-apiserver would decide.
func (ix *Index) Allowed(id Identity, a Action) bool {
	if id.Superuser() {
		return true
	}
	allowed := false
	ix.visit(id, a, func(int32, int32, int) bool {
		allowed = true
		return false
	})
	return allowed
}

// Can decides like [Index.Allowed] and gives every proof.
func (ix *Index) Can(id Identity, a Action) Decision {
	d := Decision{Superuser: id.Superuser()}
	prover := ix.newProver()
	ix.visit(id, a, func(subject, binding int32, position int) bool {
		s := ix.subjects[subject].Subject
		d.Proofs = append(d.Proofs, Proof{})
		prover.prove(&d.Proofs[len(d.Proofs)-1], subject, id.via(s), binding, position)
		return true
	})
	sortProofs(d.Proofs)
	d.Allowed = d.Superuser || len(d.Proofs) > 0
	return d
}

// visit calls found for every rule that allows the identity the action, until found returns false.
func (ix *Index) visit(id Identity, a Action, found func(subject, binding int32, position int) bool) {
	var buf [16]int32
	first, end := int32(0), int32(0)
	if a.Namespace != "" && !a.IsURL() {
		first, end = ix.bindingsIn(a.Namespace)
	}
	for _, n := range ix.numbersOf(id, buf[:0]) {
		s := &ix.subjects[n]
		if !ix.visitBindings(s.bindings[:s.cluster], n, &a, found) {
			return
		}
		if first < end && !ix.visitBindings(ix.inNamespace(s, first, end), n, &a, found) {
			return
		}
	}
}

func (ix *Index) visitBindings(list []int32, n int32, a *Action, found func(int32, int32, int) bool) bool {
	for _, b := range list {
		r := ix.bindings[b].role
		if r == noRole {
			continue
		}
		for position, rule := range ix.roles[r].rules {
			if ix.rules[rule].allows(a) && !found(n, b, position) {
				return false
			}
		}
	}
	return true
}
