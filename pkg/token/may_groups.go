package token

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// ownRights returns the rights that bindings give the account itself, without what can't be used.
func (s *State) ownRights(account rbac.Subject) []rbac.Right {
	return usable(s.rights.Rights(rbac.Identity{Subject: account, User: account.UserName()}, ""))
}

// groupRights returns what the groups of an account give beyond what Kubernetes ships: each token of it has that too.
func (s *State) groupRights(account rbac.Subject) []rbac.Right {
	return usable(s.shared().Rights(rbac.Identity{Subject: account, Groups: rbac.NewIdentity(account).Groups}, ""))
}

func usable(rights []rbac.Right) []rbac.Right {
	return slices.DeleteFunc(rights, func(r rbac.Right) bool { return r.Void != "" })
}

// sharedRights returns the bindings that name one of the groups of service accounts, or everybody who has logged in, and
// give more than Kubernetes lets everybody do. They are compiled by themselves: the rights of a line are those of all its
// bindings, so that what Kubernetes ships can't be told from the rest in one that has both.
func sharedRights(rights *rbac.Index) *rbac.Index {
	all, allRoles, allBindings := rights.Snapshot(), rights.Roles(), rights.Bindings()
	only := &rbac.Snapshot{Namespaces: all.Namespaces, Resources: all.Resources, Gaps: all.Gaps}
	roles, bindings := map[int]bool{}, map[int32]bool{}
	for number, subject := range rights.Subjects() {
		if !isShared(subject) {
			continue
		}
		for _, b := range rights.BindingsOf(number) {
			role, _ := rights.Bound(int(b))
			if role < 0 || bindings[b] {
				continue
			}
			given := allRoles[role]
			if len(rbac.Covers(baseline(), given.Rules)) == 0 {
				continue
			}
			bindings[b] = true
			only.Bindings = append(only.Bindings, *allBindings[b])
			if !roles[role] {
				roles[role] = true
				filled := *given
				filled.Aggregates = nil // its rules are filled in
				only.Roles = append(only.Roles, filled)
			}
		}
	}
	return rbac.Compile(only)
}

// isShared reports whether a subject is a group that service accounts are in.
func isShared(s rbac.Subject) bool {
	return s.Kind == rbacv1.GroupKind && (s.Name == rbac.GroupAuthenticated || s.Name == rbac.GroupServiceAccounts ||
		strings.HasPrefix(s.Name, rbac.GroupServiceAccounts+":"))
}

// judgeShared finds what groups give to every token of a namespace, a finding for each namespace.
func (s *State) judgeShared() []finding.Finding {
	if s.rights == nil {
		return nil
	}
	names := map[string][]string{}
	for _, t := range s.tokens {
		if t.Kind == Bound && !t.Ended(s.now) && !slices.Contains(names[t.Namespace], t.Name) {
			names[t.Namespace] = append(names[t.Namespace], t.Name)
		}
	}
	var out []finding.Finding
	for _, namespace := range slices.Sorted(maps.Keys(names)) {
		tokens := names[namespace]
		_, paths := inWords(s.groupRights(rbac.ServiceAccount(namespace, tokens[0])), groupPathText)
		if len(paths) == 0 {
			continue
		}
		out = append(out, found("TK021", "namespace "+namespace, fmt.Sprintf("%s may do more than %s for: %s", list(tokens, 3), made(len(tokens)), list(paths, 3)),
			"A token is in the groups of its service account, and RBAC can't say no. Bind the accounts that need it in place of the group.\n"+
				"All that the groups give: kubectl accesstoken describe "+tokens[0]+" -n "+namespace+"."))
	}
	return out
}

func made(tokens int) string {
	if tokens == 1 {
		return "the token was made"
	}
	return "the tokens were made"
}
