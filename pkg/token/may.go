package token

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// May is what a token may do, as far as bindings name its account: what every account of the namespace may do is left out.
type May struct {
	// Known is false when the rules of access were not read, or nothing was found in the part of them that was.
	Known bool `json:"known"`
	// Rights are single lines, such as "get, list pods in shop".
	Rights []string `json:"rights,omitempty"`
	// Paths say through which bindings: "rolebinding/ci > role/ci in shop".
	Paths []string `json:"paths,omitempty"`
}

// fewRights is how many lines a summary has at most before it names roles.
const fewRights = 3

// MayOf returns what a token may do.
func (s *State) MayOf(t Token) May {
	if t.Kind == Kalm {
		may := May{Known: true}
		for _, rule := range t.Rules {
			may.Rights = append(may.Rights, rule.String())
		}
		return may
	}
	if s.rights == nil {
		return May{}
	}
	may := May{Known: true}
	for _, right := range s.rightsOf(t.Account) {
		may.Rights = append(may.Rights, rightText(&right))
		for _, source := range right.Sources {
			path := pathText(source)
			if !slices.Contains(may.Paths, path) {
				may.Paths = append(may.Paths, path)
			}
		}
	}
	slices.Sort(may.Paths)
	// That nothing was found where not all could be read says nothing.
	may.Known = len(may.Rights) > 0 || len(s.rights.Snapshot().Gaps) == 0
	return may
}

// rightsOf returns the rights that bindings give the account itself, without what can't be used.
func (s *State) rightsOf(account rbac.Subject) []rbac.Right {
	var out []rbac.Right
	for _, right := range s.rights.Rights(rbac.NewIdentity(account), "") {
		right.Sources = slices.DeleteFunc(slices.Clone(right.Sources), func(source rbac.Source) bool { return source.Subject != account })
		if right.Void == "" && len(right.Sources) > 0 {
			out = append(out, right)
		}
	}
	return out
}

// Short sums up what the token may do in one line: its rights, or, when there are many, its roles.
func (m May) Short() string {
	switch {
	case !m.Known:
		return "unknown"
	case len(m.Rights) == 0:
		return "nothing of its own"
	case len(m.Rights) <= fewRights && !m.wide() || len(m.Paths) == 0:
		rest := ""
		if more := len(m.Rights) - fewRights; more > 0 {
			rest = fmt.Sprintf("; and %d more", more)
		}
		return strings.Join(m.Rights[:min(fewRights, len(m.Rights))], "; ") + rest
	}
	var roles []string
	for _, path := range m.Paths {
		_, role, _ := strings.Cut(path, " > ")
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	if m.wide() {
		return strings.Join(roles, "; ") + " (everything)"
	}
	return fmt.Sprintf("%s (%d rights)", strings.Join(roles, "; "), len(m.Rights))
}

// wide reports whether one of the rights is every verb on every kind.
func (m May) wide() bool {
	return slices.ContainsFunc(m.Rights, func(right string) bool { return strings.HasPrefix(right, "* * ") })
}

func rightText(r *rbac.Right) string {
	object := "URL " + r.URL
	if r.URL == "" {
		object = Permission{Group: r.Group, Resource: r.Resource, Names: r.Names}.words()
	}
	where := " in " + strings.Join(r.Namespaces, ", ")
	if r.Everywhere {
		where = " everywhere"
	}
	return strings.Join(r.Verbs, ", ") + " " + object + where
}

// words names what is permitted with the names that it is limited to: "deployments.apps/web".
func (p Permission) words() string {
	text := p.object()
	if p.Group == "*" {
		text = strings.TrimSuffix(text, ".*") // "*.*" says no more than "*"
	}
	if len(p.Names) > 0 {
		text += "/" + strings.Join(p.Names, ",")
	}
	return text
}

func pathText(s rbac.Source) string {
	text := s.Binding.KindName() + " > " + s.Role.KindName()
	if s.Binding.Namespace != "" {
		return text + " in " + s.Binding.Namespace
	}
	return text + " everywhere"
}

// RuleWords writes rules in words, a line each: "get, list pods, services".
func RuleWords(rules []rbacv1.PolicyRule) []string {
	out := make([]string, 0, len(rules))
	for _, r := range rules {
		var objects []string
		for _, group := range r.APIGroups {
			for _, resource := range r.Resources {
				objects = append(objects, Permission{Group: group, Resource: resource, Names: r.ResourceNames}.words())
			}
		}
		for _, url := range r.NonResourceURLs {
			objects = append(objects, "URL "+url)
		}
		out = append(out, strings.Join(r.Verbs, ", ")+" "+strings.Join(objects, ", "))
	}
	return out
}
