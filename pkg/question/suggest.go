package question

import (
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// Suggestion is a way to allow what is refused now.
type Suggestion struct {
	// Commands are to be run one after the other.
	Commands []string `json:"commands"`
	// Grants says what else it gives away, in words.
	Grants string `json:"grants"`
}

// Suggest offers a role of its own for just this request, and a role that is there. Nothing is offered for what kubectl's
// generators can't write.
func Suggest(ix *rbac.Index, id rbac.Identity, req Request, misses []rbac.NearMiss) []Suggestion {
	var out []Suggestion
	bind := newBinder(ix, id.Subject, req.Action)
	if create, r := bind.roleCommand(req); create != "" {
		out = append(out, Suggestion{Commands: []string{create, bind.command(r)}, Grants: "only this"})
	}
	if r := fitting(ix, req.Action, misses); r != nil && !tooWide(r, req.Action) {
		out = append(out, Suggestion{Commands: []string{bind.command(r)}, Grants: "all of " + r.KindName() + bind.reach()})
	}
	return out
}

// fitting returns the role that people there would take: the one that the subject has elsewhere, else the narrowest that
// is bound in the namespace already, else view or edit, else the narrowest of all. Roles with which one could give roles
// to others are taken only when there is nothing else.
func fitting(ix *rbac.Index, a rbac.Action, misses []rbac.NearMiss) *rbac.Role {
	roles := slices.DeleteFunc(ix.RolesAllowing(a), func(r *rbac.Role) bool { return !bindable(r) })
	slices.SortStableFunc(roles, func(a, b *rbac.Role) int {
		switch {
		case givesRoles(a) == givesRoles(b):
			return 0
		case givesRoles(a):
			return 1
		}
		return -1
	})
	has := map[string]bool{}
	for i := range misses {
		if m := &misses[i]; m.Reason == rbac.ReasonElsewhere && m.Role.Namespace == "" {
			has[m.Role.Name] = true
		}
	}
	used := map[string]bool{}
	for i := range ix.Snapshot().Bindings {
		if b := &ix.Snapshot().Bindings[i]; b.Namespace != "" && b.Namespace == a.Namespace {
			used[b.RoleKindName()] = true
		}
	}
	for _, fits := range []func(*rbac.Role) bool{
		func(r *rbac.Role) bool { return r.Namespace == "" && has[r.Name] && !givesRoles(r) },
		func(r *rbac.Role) bool { return used[r.KindName()] && !givesRoles(r) },
		func(r *rbac.Role) bool { return r.Namespace == "" && (r.Name == "view" || r.Name == "edit") },
		func(*rbac.Role) bool { return true },
	} {
		if i := slices.IndexFunc(roles, fits); i >= 0 {
			return roles[i]
		}
	}
	return nil
}

// bindable reports whether a role is made for people to bind: it is not one of the system's own, and does not allow
// everything.
func bindable(r *rbac.Role) bool {
	all := slices.ContainsFunc(r.Rules, func(p rbacv1.PolicyRule) bool {
		return slices.Contains(p.Resources, "*") && slices.Contains(p.APIGroups, "*") && slices.Contains(p.Verbs, "*")
	})
	return !all && !strings.HasPrefix(r.Name, "system:")
}

// tooWide reports whether the role would allow changes everywhere to somebody who asks for a look.
func tooWide(r *rbac.Role, a rbac.Action) bool {
	looks := func(verb string) bool { return verb == "get" || verb == "list" || verb == "watch" }
	return a.Namespace == "" && looks(a.Verb) && slices.ContainsFunc(r.Rules, func(p rbacv1.PolicyRule) bool {
		return slices.ContainsFunc(p.Verbs, func(v string) bool { return !looks(v) })
	})
}

// givesRoles reports whether whoever has the role can write bindings, and so give roles to others.
func givesRoles(r *rbac.Role) bool {
	has := func(list []string, words ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return s == "*" || slices.Contains(words, s) })
	}
	return slices.ContainsFunc(r.Rules, func(p rbacv1.PolicyRule) bool {
		return has(p.APIGroups, rbacv1.GroupName) && has(p.Resources, "rolebindings", "clusterrolebindings") &&
			has(p.Verbs, "create", "update", "patch")
	})
}

// binder writes kubectl commands that bind roles to a subject where an action takes place.
type binder struct {
	subject rbac.Subject
	action  rbac.Action
	taken   map[string]bool
}

func newBinder(ix *rbac.Index, s rbac.Subject, a rbac.Action) binder {
	b := binder{subject: s, action: a, taken: map[string]bool{}}
	for i := range ix.Snapshot().Bindings {
		if have := &ix.Snapshot().Bindings[i]; have.Namespace == a.Namespace {
			b.taken[have.Name] = true
		}
	}
	for i := range ix.Snapshot().Roles {
		if have := &ix.Snapshot().Roles[i]; have.Namespace == a.Namespace {
			b.taken[have.Name] = true
		}
	}
	return b
}

// command binds the role to the subject.
func (b binder) command(r *rbac.Role) string {
	words := []string{"kubectl", "create", "rolebinding"}
	if b.action.Namespace == "" {
		words[2] = "clusterrolebinding"
	}
	words = append(words, b.free(slug(b.subject.Name)+"-"+slug(r.Name)))
	if r.Namespace == "" {
		words = append(words, "--clusterrole="+r.Name)
	} else {
		words = append(words, "--role="+r.Name)
	}
	switch b.subject.Kind {
	case rbacv1.ServiceAccountKind:
		words = append(words, "--serviceaccount="+b.subject.Namespace+":"+b.subject.Name)
	case rbacv1.GroupKind:
		words = append(words, "--group="+b.subject.Name)
	default:
		words = append(words, "--user="+b.subject.Name)
	}
	return b.line(words)
}

// roleCommand creates a role for just the request; empty when "kubectl create role" would refuse it, as it does with
// resources that are not served.
func (b binder) roleCommand(req Request) (string, *rbac.Role) {
	a := req.Action
	r := &rbac.Role{Namespace: a.Namespace}
	words := []string{"kubectl", "create", "role"}
	if a.Namespace == "" {
		words[2] = "clusterrole"
	}
	target := slug(a.ResourceName())
	if a.IsURL() {
		target = slug(a.Path)
	}
	r.Name = b.free(slug(a.Verb) + "-" + target)
	words = append(words, r.Name, "--verb="+a.Verb)
	switch {
	case a.IsURL():
		words = append(words, "--non-resource-url="+a.Path)
	case !req.Served || strings.Contains(a.Verb, ":"):
		return "", nil
	default:
		resource := a.Resource
		if a.Group != "" {
			resource += "." + a.Group
		}
		if a.Subresource != "" {
			resource += "/" + a.Subresource
		}
		words = append(words, "--resource="+resource)
		if a.Name != "" && (a.Verb != "create" || a.Subresource != "") {
			words = append(words, "--resource-name="+a.Name)
		}
	}
	return b.line(words), r
}

// reach says where a binding counts, when that is everywhere.
func (b binder) reach() string {
	if b.action.Namespace == "" && !b.action.IsURL() {
		return ", everywhere"
	}
	return ""
}

func (b binder) line(words []string) string {
	if b.action.Namespace != "" {
		words = append(words, "--namespace="+b.action.Namespace)
	}
	return shell.Command(words...)
}

// free returns the name, or the name with a number when it is taken.
func (b binder) free(name string) string {
	for n, try := 2, name; ; n++ {
		if !b.taken[try] {
			return try
		}
		try = name + "-" + strconv.Itoa(n)
	}
}

// slug turns any text into part of an object's name.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	out := strings.Trim(b.String(), "-")
	if out == "" {
		return "x"
	}
	return out[:min(len(out), 100)]
}
