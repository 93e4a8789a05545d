package contrib

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Held returns the grant that a subject has in a workspace, so that [Add] gives and takes nothing: with its date, and without
// a way in where there is none, whether on purpose or not. role or ref says which of several is meant; neither means the
// only one. It is refused for the owner, for who has no such role, and for who has several when none is named.
func Held(s *workspace.State, in string, subject rbac.Subject, role workspace.Role, ref *rbacv1.RoleRef) (Grant, error) {
	d := newDraft(s)
	r := d.enter(in, true, "")
	if r == nil {
		return Grant{}, d.errs[0]
	}
	wanted := Grant{Workspace: in, Subject: subject, Role: role, RoleRef: ref}
	check, having := r.checkGrant, r.guests(subject)
	if r.isKalm() {
		wanted.Role, having = role, r.kalmRoles(subject, in == kalm.SystemNamespace)
		check = func(Grant) error { return nil } // what is held was given
	}
	if err := check(wanted); err != nil {
		return Grant{}, err
	}
	var found []Grant
	for _, m := range having {
		if !Counts(m) {
			continue
		}
		g := grantOf(m)
		g.NoHTTP = g.NoHTTP || d.without(m)
		if role == "" && ref == nil || g.RoleText() == wanted.RoleText() {
			found = append(found, g)
		}
	}
	// The role may be held twice, under two names.
	found = slices.CompactFunc(found, func(a, b Grant) bool { return a.RoleText() == b.RoleText() })
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		next := "kubectl contrib list -n " + in + " shows the members"
		if like := r.spelledLike(subject); len(like) > 0 {
			next = "did you mean " + Label(like[0]) + "?"
		}
		return Grant{}, workspace.Refuse(next, "find the role %sof %s in %s: there is none", spaced(wanted.RoleText()), Label(subject), in)
	}
	roles := make([]string, 0, len(found))
	for _, g := range found {
		roles = append(roles, g.RoleText())
	}
	return Grant{}, workspace.Refuse("name one of them", "find the role of %s in %s: there are several, %s",
		Label(subject), in, strings.Join(roles, ", "))
}

func spaced(word string) string {
	if word == "" {
		return ""
	}
	return word + " "
}
