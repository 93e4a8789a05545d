package rbac

import rbacv1 "k8s.io/api/rbac/v1"

// GrantCheck says whether somebody may give a role to others, as the API server decides when a binding is written.
type GrantCheck struct {
	Allowed bool
	// How says why it is allowed: "superuser", "bind" (the bind verb on the role) or "covered" (has all its rules).
	How string
	// RoleFound is false when the role does not exist: then only a superuser or the bind verb lets one bind it.
	RoleFound bool
	// Missing are the rules of the role that the identity does not have itself.
	Missing []rbacv1.PolicyRule
}

// MayGrant reports whether the identity may bind the role in the namespace, or cluster-wide when it is empty. It does
// not look at the right to write the binding itself.
func (ix *Index) MayGrant(id Identity, ref rbacv1.RoleRef, namespace string) GrantCheck {
	var check GrantCheck
	n := ix.resolve(ref, namespace)
	check.RoleFound = n != noRole
	if id.Superuser() {
		check.Allowed, check.How = true, "superuser"
		return check
	}
	bind := Action{Verb: "bind", Group: rbacv1.GroupName, Resource: "clusterroles", Name: ref.Name, Namespace: namespace}
	switch ref.Kind {
	case "ClusterRole":
	case "Role":
		bind.Resource = "roles"
	default:
		return check
	}
	if ix.Allowed(id, bind) {
		check.Allowed, check.How = true, "bind"
		return check
	}
	if !check.RoleFound {
		return check
	}
	check.Missing = Covers(ix.Rules(id, namespace), ix.roles[n].Rules)
	if len(check.Missing) == 0 {
		check.Allowed, check.How = true, "covered"
	}
	return check
}

// Rules returns the distinct rules that bindings give the identity for requests in the namespace, or for cluster-wide
// requests when it is empty.
func (ix *Index) Rules(id Identity, namespace string) []rbacv1.PolicyRule {
	seen := map[int32]bool{}
	var out []rbacv1.PolicyRule
	add := func(list []int32) {
		for _, b := range list {
			if ix.bindings[b].role == noRole {
				continue
			}
			for _, n := range ix.roles[ix.bindings[b].role].rules {
				if !seen[n] {
					seen[n] = true
					out = append(out, *ix.rules[n].policy)
				}
			}
		}
	}
	var buf [16]int32
	for _, n := range ix.numbersOf(id, buf[:0]) {
		s := &ix.subjects[n]
		add(s.bindings[:s.cluster])
		if namespace != "" {
			first, end := ix.bindingsIn(namespace)
			add(ix.inNamespace(s, first, end))
		}
	}
	return out
}
