package expect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// ask is one request to the API server.
type ask struct {
	action rbac.Action
	// spread says that it is made in every place of the expectation; else action says where.
	spread bool
	// anyObject says that it is on whatever namespace object: a RoleBinding can allow it for its own.
	anyObject bool
}

// target is a resource that an expectation means.
type target struct {
	group, name string
	namespaced  bool
	verbs       []string
	// wild says that a star stands for it.
	wild bool
}

// asks lists the requests of the expectation, each once, and notes words that mean nothing.
func (j *judge) asks() []ask {
	var out []ask
	for _, url := range j.expected.Request.URLs {
		for _, verb := range j.urlVerbs() {
			out = append(out, ask{action: rbac.Action{Verb: verb, Path: url.Text}})
		}
	}
	targets := j.targets()
	for _, verb := range j.expected.Request.Verbs {
		used := false
		for _, t := range targets {
			for _, v := range t.fitting(verb.Text) {
				used = true
				out = append(out, j.onTarget(t, v)...)
			}
		}
		if used || len(targets) == 0 {
			continue
		}
		j.tellVerb(verb, targets)
		for _, t := range targets {
			if !t.wild {
				out = append(out, j.onTarget(t, verb.Text)...)
			}
		}
	}
	seen := map[ask]bool{}
	return slices.DeleteFunc(out, func(a ask) bool {
		twice := seen[a]
		seen[a] = true
		return twice
	})
}

func (j *judge) urlVerbs() []string {
	if verbs := texts(j.expected.Request.Verbs); !slices.Contains(verbs, "*") {
		return verbs
	}
	return []string{"get", "head", "post", "put", "patch", "delete", "options"}
}

// fitting returns what the verb means for the resource: itself when the resource has it, all of its verbs for a star,
// nothing when it does not have it. Of a resource that is not known everything may be meant.
func (t target) fitting(verb string) []string {
	switch {
	case verb == "*" && len(t.verbs) > 0:
		return t.verbs
	case verb == "*":
		return []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
	case len(t.verbs) == 0 && !t.wild && rbac.KnownVerb(verb), slices.Contains(t.verbs, verb):
		return []string{verb}
	}
	return nil
}

func (j *judge) tellVerb(verb Word, targets []target) {
	var fitting []string
	for _, t := range targets {
		fitting = append(fitting, t.verbs...)
	}
	message := fmt.Sprintf("none of the resources has the verb %q: asked as written", verb.Text)
	if !rbac.KnownVerb(verb.Text) {
		message = fmt.Sprintf("verb %q is not known: asked as written", verb.Text)
		if near := rbac.Nearest(verb.Text, append(rbac.AllVerbs(), fitting...)); len(near) > 0 {
			message += "; did you mean " + strings.Join(near, ", ") + "?"
		}
	}
	j.nothingMeant(finding.Warning, verb, message)
}

// targets resolves the resources.
func (j *judge) targets() []target {
	catalog := j.index.Catalog()
	var out []target
	for _, word := range j.expected.Request.Resources {
		if head, _, _ := strings.Cut(word.Text, "."); head == "*" || strings.HasPrefix(head, "*/") {
			found := j.wild(word.Text)
			if len(found) == 0 {
				j.unknown(finding.Error, word, fmt.Sprintf("resource %q matches nothing that is known", word.Text), j.unlistedIn(true))
			}
			out = append(out, found...)
			continue
		}
		r, err := catalog.Resolve(word.Text, "", true)
		if err != nil { // was checked when the file was read
			j.nothingMeant(finding.Error, word, err.Error())
			continue
		}
		t := target{group: r.Group, name: r.Resource, namespaced: r.Namespaced}
		if r.Subresource != "" {
			t.name += "/" + r.Subresource
		}
		if _, known := catalog.Lookup(t.group, t.name); known {
			t.verbs = catalog.Verbs(t.group, t.name)
		} else {
			j.tellResource(word, r)
		}
		out = append(out, t)
	}
	return out
}

// tellResource tells that a resource is not known. One of a group that is not known may well exist where its definition
// is not at hand; one without a group, or a subresource of what is known, is a slip of the finger.
func (j *judge) tellResource(word Word, r rbac.Resolution) {
	severity, suggestions := finding.Error, r.Suggestions
	message := fmt.Sprintf("resource %q is not known: asked as written", word.Text)
	switch {
	case r.Known:
		suggestions = nil
		for _, sub := range rbac.Nearest(r.Subresource, j.index.Catalog().Subresources(r.Group, r.Resource)) {
			suggestions = append(suggestions, r.Resource+"/"+sub)
		}
	case r.Group != "":
		severity = finding.Warning
		suggestions = slices.DeleteFunc(slices.Clone(suggestions), func(s string) bool {
			name, group, _ := strings.Cut(s, ".")
			return name != r.Resource && group != r.Group
		})
	case len(suggestions) == 0:
		message += "; a resource of a group is written NAME.GROUP"
	}
	if len(suggestions) > 0 {
		message += "; did you mean " + strings.Join(suggestions, ", ") + "?"
	}
	j.unknown(severity, word, message, j.unlistedIn(true))
}

// wild lists the known resources that "*", "*.GROUP", "*/SUBRESOURCE" or "*/SUBRESOURCE.GROUP" means, and those that
// only rules name; with namespaces only those that live in them.
func (j *judge) wild(text string) []target {
	head, group, grouped := strings.Cut(text, ".")
	sub, _ := strings.CutPrefix(head, "*/")
	catalog := j.index.Catalog()
	var out []target
	for _, r := range slices.Concat(catalog.Resources(), j.unlisted) {
		_, its, _ := strings.Cut(r.Name, "/")
		if grouped && r.Group != group || head != "*" && its != sub || j.expected.Request.Namespaces != nil && !r.Namespaced {
			continue
		}
		t := target{group: r.Group, name: r.Name, namespaced: r.Namespaced}
		if _, t.wild = catalog.Lookup(r.Group, r.Name); t.wild {
			t.verbs = catalog.Verbs(r.Group, r.Name)
		}
		out = append(out, t)
	}
	return out
}

// onTarget lists the requests of one verb on one resource.
func (j *judge) onTarget(t target, verb string) []ask {
	a := rbac.Action{Verb: verb, Group: t.group}
	a.Resource, a.Subresource, _ = strings.Cut(t.name, "/")
	names := texts(j.expected.Request.Names)
	if verb == "deletecollection" {
		names = nil // such requests carry no name
	}
	if a.Group == "" && a.Resource == "namespaces" {
		return j.onNamespaces(a, names)
	}
	if len(names) == 0 {
		return []ask{{action: a, spread: t.namespaced}}
	}
	out := make([]ask, 0, len(names))
	for _, name := range names {
		a.Name = name
		out = append(out, ask{action: a, spread: t.namespaced})
	}
	return out
}

// onNamespaces lists the requests on namespace objects. Those that name one are made in the namespace of that name; the
// expectation's namespaces are the objects that it means.
func (j *judge) onNamespaces(a rbac.Action, names []string) []ask {
	probe := a
	probe.Name = "x"
	onObject := probe.AtObjectNamespace().Namespace == "x"
	if len(names) == 0 && onObject {
		names = j.places
	}
	if len(names) == 0 {
		return []ask{{action: a, anyObject: onObject && j.expected.Mode != Can && j.places == nil}}
	}
	out := make([]ask, 0, len(names))
	for _, name := range names {
		a.Name, a.Namespace = name, ""
		out = append(out, ask{action: a.AtObjectNamespace()})
	}
	return out
}
