package token

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// May is what a token may do. What Kubernetes itself lets everybody do, such as questions about oneself, is left out.
type May struct {
	// Known is false when the rules of access were not read, or nothing was found in the part of them that was.
	Known bool `json:"known"`
	// Rights are those that bindings give the account itself, in single lines, such as "get, list pods in shop".
	Rights []string `json:"rights,omitempty"`
	// Paths say through which bindings: "rolebinding/ci > role/ci in shop".
	Paths []string `json:"paths,omitempty"`
	// ByGroups are the rights that the account has as one of all service accounts, of those of its namespace, or of
	// everybody who has logged in; GroupPaths say through which bindings, and which group each names.
	ByGroups   []string `json:"byGroups,omitempty"`
	GroupPaths []string `json:"groupPaths,omitempty"`
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
	may.Rights, may.Paths = inWords(s.ownRights(t.Account), pathText)
	may.ByGroups, may.GroupPaths = inWords(s.groupRights(t.Account), groupPathText)
	// That nothing was found where not all could be read says nothing.
	may.Known = len(may.Rights)+len(may.ByGroups) > 0 || len(s.rights.Snapshot().Gaps) == 0
	return may
}

// inWords writes rights out, and through which bindings they come, each once.
func inWords(rights []rbac.Right, path func(rbac.Source) string) (lines, paths []string) {
	for _, right := range rights {
		lines = append(lines, rightText(&right))
		for _, source := range right.Sources {
			if text := path(source); !slices.Contains(paths, text) {
				paths = append(paths, text)
			}
		}
	}
	slices.Sort(paths)
	return lines, paths
}

// Short sums up what the token may do in one line: its rights, or, when there are many, its roles; then what it has by
// its groups.
func (m May) Short() string {
	if !m.Known {
		return "unknown"
	}
	own, shared := "nothing of its own", ""
	if len(m.Rights) > 0 {
		own = short(m.Rights, m.Paths)
	}
	if len(m.ByGroups) > 0 {
		shared = "; by its groups: " + short(m.ByGroups, m.GroupPaths)
	}
	return own + shared
}

func short(rights, paths []string) string {
	all := everyRight(rights)
	if len(rights) <= fewRights && !all || len(paths) == 0 {
		rest := ""
		if more := len(rights) - fewRights; more > 0 {
			rest = fmt.Sprintf("; and %d more", more)
		}
		return strings.Join(rights[:min(fewRights, len(rights))], "; ") + rest
	}
	var roles []string
	for _, path := range paths {
		_, role, _ := strings.Cut(path, " > ")
		role, _, _ = strings.Cut(role, viaGroup)
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	if all {
		return strings.Join(roles, "; ") + " (everything)"
	}
	return fmt.Sprintf("%s (%d rights)", strings.Join(roles, "; "), len(rights))
}

// everyRight reports whether one of the rights is every verb on every kind.
func everyRight(rights []string) bool {
	return slices.ContainsFunc(rights, func(right string) bool { return strings.HasPrefix(right, "* * ") })
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

// viaGroup is between a path and the group that its binding names.
const viaGroup = " (via "

func groupPathText(s rbac.Source) string { return pathText(s) + viaGroup + s.Subject.String() + ")" }

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
