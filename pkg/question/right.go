package question

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// AnyName stands for a right that is not limited to object names.
const AnyName = "any"

// RightWhere says where a right holds: "everywhere", or its namespaces, at most so many by name.
func RightWhere(r *rbac.Right, most int) string {
	if r.Everywhere {
		return "everywhere"
	}
	return List(r.Namespaces, most)
}

// RightObject writes what a right is on as commands take it: "pods/exec", "deployments.apps", or a URL.
func RightObject(r *rbac.Right) string {
	switch {
	case r.URL != "":
		return r.URL
	case r.Group != "":
		return r.Resource + "." + r.Group
	}
	return r.Resource
}

// RightNames writes the object names that a right or a rule is limited to, at most so many, and [AnyName] for no limit. The
// empty name, which stands for requests that name no object, is in quotes.
func RightNames(names []string, most int) string {
	if len(names) == 0 {
		return AnyName
	}
	names = slices.Clone(names)
	for i, name := range names {
		if name == "" {
			names[i] = `""`
		}
	}
	return List(names, most)
}

// Everybodys reports whether a right is one that Kubernetes itself gives to everybody: URLs of discovery and health, and
// questions about oneself, through one of its own roles. The same role with anything more in it is not taken for built-in.
func Everybodys(r *rbac.Right) bool {
	if r.URL == "" && !AboutSelf(r.Resource) {
		return false
	}
	return !slices.ContainsFunc(r.Sources, func(s rbac.Source) bool {
		switch s.Role.Name {
		case "system:basic-user", "system:discovery", "system:public-info-viewer", "system:service-account-issuer-discovery":
			return s.Via == rbac.ViaDirect
		}
		return true
	})
}

// AboutSelf reports whether the resource is one by which everybody asks about himself.
func AboutSelf(resource string) bool { return strings.HasPrefix(resource, "selfsubject") }

// Source is a source of a right together with its like in other namespaces.
type Source struct {
	rbac.Source
	// Namespaces are those of RoleBindings; none for a ClusterRoleBinding.
	Namespaces []string
}

// FoldSources joins bindings that differ in their namespace only: somebody in 5,000 namespaces has 5,000 bindings that
// say the same. The order is that of the first of each.
func FoldSources(sources []rbac.Source) []Source {
	type key struct {
		subject       rbac.Subject
		binding, role string
		cluster       [2]bool // whether binding and role are cluster-wide
	}
	at := map[key]int{}
	var out []Source
	for _, s := range sources {
		k := key{s.Subject, s.Binding.Name, s.Role.Name, [2]bool{s.Binding.Namespace == "", s.Role.Namespace == ""}}
		i, seen := at[k]
		if !seen {
			i = len(out)
			at[k] = i
			out = append(out, Source{Source: s})
		}
		if s.Binding.Namespace != "" {
			out[i].Namespaces = append(out[i].Namespaces, s.Binding.Namespace)
		}
	}
	return out
}

// String writes a source in one line: "group:readers > rolebinding/x > clusterrole/view". The subject is left out when it
// is the one that was asked about.
func (s *Source) String() string {
	if s.Binding.Told() {
		return rbac.ToldText
	}
	text := s.Binding.KindName() + " > " + s.Role.KindName()
	if s.Via != rbac.ViaDirect {
		text = s.Subject.String() + " > " + text
	}
	return text
}

// Sources writes sources in one line, at most so many, and how many more there are.
func Sources(sources []Source, most int) string {
	var texts []string
	for i := range sources[:min(most, len(sources))] {
		texts = append(texts, sources[i].String())
	}
	text := strings.Join(texts, "; ")
	if more := len(sources) - most; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}
