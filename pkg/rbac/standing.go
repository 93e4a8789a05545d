package rbac

// The methods here number roles, bindings and subjects by their places in [Index.Roles], [Index.Bindings] and
// [Index.Subjects], so that whoever counts or lists many of them needs no maps. Slices of numbers belong to the index.

// Roles returns every role: ClusterRoles by name, then Roles by namespace and name. Aggregated ClusterRoles hold the rules
// that aggregation gives them.
func (ix *Index) Roles() []*Role {
	out := make([]*Role, len(ix.roles))
	for i := range ix.roles {
		out[i] = ix.roles[i].Role
	}
	return out
}

// Bindings returns every binding: ClusterRoleBindings by name, then RoleBindings by namespace and name.
func (ix *Index) Bindings() []*Binding {
	out := make([]*Binding, len(ix.bindings))
	for i := range ix.bindings {
		out[i] = ix.bindings[i].Binding
	}
	return out
}

// RoleNumber returns the number of a role; false when there is no such role.
func (ix *Index) RoleNumber(id ObjectID) (int, bool) {
	n, ok := ix.roleOf[ObjectRef{Namespace: id.Namespace, Name: id.Name}]
	if !ok || ix.roles[n].ID() != id {
		return 0, false
	}
	return int(n), true
}

// SubjectNumber returns the number of a subject; false when no binding names it.
func (ix *Index) SubjectNumber(s Subject) (int, bool) {
	n, ok := ix.subjectOf[s]
	return int(n), ok
}

// Bound returns how the API server reads a binding: the number of the role that it gives, or -1 when there is no such role,
// and those of the subjects to whom, each once. Subjects that can be nobody are left out.
func (ix *Index) Bound(binding int) (role int, subjects []int32) {
	b := &ix.bindings[binding]
	return int(b.role), b.subjects
}

// BindingsOf returns the numbers of the bindings that name a subject, ascending.
func (ix *Index) BindingsOf(subject int) []int32 { return ix.subjects[subject].bindings }

// Parts returns the numbers of the ClusterRoles that the selectors of an aggregated one find; nil for any other role.
func (ix *Index) Parts(role int) []int32 { return ix.roles[role].parts }

// Origin returns the ClusterRole out of which an aggregated one got the rule with that number in Role.Rules, and the number
// of the rule there. It returns nil for a rule that is the role's own.
func (ix *Index) Origin(role, rule int) (part *Role, partRule int) {
	if len(ix.roles[role].parts) == 0 {
		return nil, 0
	}
	found := ix.newProver().part(int32(role), ix.roles[role].rules[rule])
	return found.role, found.rule
}
