package token

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Permission is something that a token is to be allowed in its namespace: verbs on one kind.
type Permission struct {
	Verbs           []string
	Group, Resource string
	// Names limits it to objects; nil means any.
	Names []string
}

// Grammar reads permissions as people write them.
type Grammar struct {
	Catalog *rbac.Catalog
	// Served says that the catalog is what a server has told: what is not in it is not there.
	Served bool
	// Namespace is that of the token.
	Namespace string
}

var errForm = errors.New("want VERB[,VERB]:KIND[.GROUP][/NAME], such as get,list:pods or edit:deployments.apps/web")

// Parse reads VERB[,VERB]:KIND[.GROUP][/NAME]; a kind may be a subresource, such as pods/log. The verbs view, edit and
// manage stand for several. The notes say what was taken where something was left out; the error is of what can't be given
// by a Role of one namespace, or would give more than was written.
func (g Grammar) Parse(text string) ([]Permission, []string, error) {
	verbs, kinds, found := strings.Cut(text, ":")
	if !found || verbs == "" || kinds == "" {
		return nil, nil, errForm
	}
	words := strings.Split(verbs, ",")
	for _, word := range words {
		switch {
		case word == "":
			return nil, nil, errForm
		case strings.Contains(word, "*"):
			return nil, nil, errors.New("\"*\" would grow with what the server serves: name the verbs")
		}
	}
	var (
		out   []Permission
		notes []string
	)
	for kind := range strings.SplitSeq(kinds, ",") {
		more, told, err := g.parseKind(words, kind)
		if err != nil {
			return nil, nil, err
		}
		out, notes = append(out, more...), append(notes, told...)
	}
	return out, notes, nil
}

func (g Grammar) parseKind(words []string, text string) ([]Permission, []string, error) {
	switch {
	case strings.HasPrefix(text, "/"):
		return nil, nil, fmt.Errorf("%s is a URL: a Role of a namespace gives none", text)
	case strings.Contains(text, "*"):
		return nil, nil, errors.New("\"*\" would grow with what the server serves: name the kinds")
	}
	verb := words[0]
	if wide(verb) {
		verb = ""
	}
	parts, name := strings.Split(text, "/"), ""
	if len(parts) == 3 {
		text, name = parts[0]+"/"+parts[1], parts[2]
	}
	r, err := g.Catalog.Resolve(text, verb, name != "")
	if err != nil {
		return nil, nil, err
	}
	if name == "" && r.Name != "" {
		name = r.Name
		kind, _, _ := strings.Cut(text, "/")
		// That what comes after the slash is a name is how permissions are written, and worth no note.
		if r, err = g.Catalog.Resolve(kind, verb, true); err != nil {
			return nil, nil, err
		}
	}
	if !r.Known && name == "" && r.Subresource != "" { // whether it has such a subresource is not known: names are commoner
		name, r.Subresource = r.Subresource, ""
	}
	notes := slices.Clone(r.Notes)
	switch {
	case !r.Known && (g.Served || r.Group == ""):
		return nil, nil, fmt.Errorf("there is no kind %q%s", text, didYouMean(r.Suggestions))
	case !r.Known:
		notes = append(notes, fmt.Sprintf("%s is taken as it is written: no cluster was asked what it serves", text))
	}
	resource := r.Resource
	if r.Subresource != "" {
		resource += "/" + r.Subresource
	}
	p := Permission{Group: r.Group, Resource: resource}
	if r.Known && !r.Namespaced {
		// A request for one namespace is made in that namespace, so that a Role there can allow it.
		if r.Group != "" || r.Resource != "namespaces" {
			return nil, nil, fmt.Errorf("%s live in no namespace: a token that is limited to %s can't be given them", resource, g.Namespace)
		}
		if name != "" && name != g.Namespace {
			return nil, nil, fmt.Errorf("a token that is limited to %s can't be given the namespace %s", g.Namespace, name)
		}
		name = g.Namespace
	}
	if name != "" {
		if reasons := content.IsPathSegmentName(name); len(reasons) > 0 || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
			return nil, nil, fmt.Errorf("bad name %q: no object can be called so", name)
		}
		p.Names = []string{name}
	}
	return g.expand(words, p, notes)
}

// expand puts verbs into a permission for one kind, and makes those for its subresources.
func (g Grammar) expand(words []string, p Permission, notes []string) ([]Permission, []string, error) {
	known := g.Catalog.Verbs(p.Group, p.Resource)
	var out []Permission
	for _, word := range words {
		if !wide(word) {
			if err := checkVerb(word, p, known); err != nil {
				return nil, nil, err
			}
			p.Verbs = append(p.Verbs, word)
			continue
		}
		verbs := verbsOf(kalm.Action(word))
		var fit, left []string
		for _, verb := range verbs {
			switch {
			case known != nil && !slices.Contains(known, verb):
			case p.unlimited(verb):
				left = append(left, verb)
			default:
				fit = append(fit, verb)
			}
		}
		if len(fit) == 0 {
			return nil, nil, fmt.Errorf("%s means nothing for %s, which has %s", word, p.object(), strings.Join(known, ", "))
		}
		if len(left) > 0 {
			notes = append(notes, fmt.Sprintf("%s of %s leaves out %s, which can't be limited to a name", word, p.object(), strings.Join(left, ", ")))
		}
		p.Verbs = append(p.Verbs, fit...)
		if word == string(kalm.Manage) {
			more, told := g.parts(p)
			out, notes = append(out, more...), append(notes, told...)
		}
	}
	p.Verbs = rbac.SortVerbs(p.Verbs)
	return append([]Permission{p}, out...), notes, nil
}

// parts are the permissions for the subresources of a kind, but for the one by which others' rights can be had.
func (g Grammar) parts(p Permission) (out []Permission, notes []string) {
	if strings.Contains(p.Resource, "/") {
		return nil, nil
	}
	for _, sub := range g.Catalog.Subresources(p.Group, p.Resource) {
		resource := p.Resource + "/" + sub
		if p.Group == "" && resource == "serviceaccounts/token" {
			notes = append(notes, "manage of serviceaccounts leaves out create serviceaccounts/token, which makes one all of them: ask for it by name")
			continue
		}
		var verbs []string
		for _, verb := range g.Catalog.Verbs(p.Group, resource) {
			if slices.Contains(rbac.StandardVerbs(), verb) {
				verbs = append(verbs, verb)
			}
		}
		if len(verbs) > 0 {
			out = append(out, Permission{Verbs: rbac.SortVerbs(verbs), Group: p.Group, Resource: resource, Names: p.Names})
		}
	}
	return out, notes
}

// wide reports whether a word stands for several verbs.
func wide(word string) bool { return slices.Contains(kalm.Actions(), kalm.Action(word)) }

// verbsOf are the verbs that a word stands for. Who edits may look: with Kalm's tokens, view is put next to edit as well.
func verbsOf(word kalm.Action) []string {
	verbs := []string{"get", "list", "watch"}
	if word != kalm.View {
		verbs = append(verbs, "create", "update", "patch", "delete")
	}
	if word == kalm.Manage {
		verbs = append(verbs, "deletecollection")
	}
	return verbs
}

func checkVerb(verb string, p Permission, known []string) error {
	switch {
	case known == nil && !rbac.KnownVerb(verb):
		return fmt.Errorf("unknown verb %q%s", verb, didYouMean(rbac.Nearest(verb, rbac.AllVerbs())))
	case known != nil && !slices.Contains(known, verb):
		near := rbac.Nearest(verb, append(slices.Clone(known), "view", "edit", "manage"))
		return fmt.Errorf("%s has no verb %q%s (it has %s)", p.object(), verb, didYouMean(near), strings.Join(known, ", "))
	case p.unlimited(verb):
		return fmt.Errorf("%s can't be limited to a name: leave out %q, or the name", verb, strings.Join(p.Names, ","))
	}
	return nil
}

// unlimited reports whether the permission is limited to a name, and the verb can't be: an object that is made has no
// name yet, and lists are of all objects.
func (p Permission) unlimited(verb string) bool {
	if len(p.Names) == 0 || strings.Contains(p.Resource, "/") {
		return false
	}
	return slices.Contains([]string{"create", "list", "watch", "deletecollection"}, verb)
}

// object names what is permitted: "deployments.apps".
func (p Permission) object() string {
	resource, sub, _ := strings.Cut(p.Resource, "/")
	if p.Group != "" {
		resource += "." + p.Group
	}
	if sub != "" {
		resource += "/" + sub
	}
	return resource
}

// RulesOf returns the rules of a Role that gives the permissions, as few as can be read at a glance: kinds of one group with
// the same verbs and names share a rule.
func RulesOf(permissions []Permission) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for _, p := range permissions {
		i := slices.IndexFunc(rules, func(r rbacv1.PolicyRule) bool {
			return r.APIGroups[0] == p.Group && slices.Equal(r.Verbs, p.Verbs) && slices.Equal(r.ResourceNames, p.Names)
		})
		if i < 0 {
			rules = append(rules, rbacv1.PolicyRule{
				APIGroups: []string{p.Group}, Resources: []string{p.Resource}, Verbs: p.Verbs, ResourceNames: p.Names,
			})
			continue
		}
		if !slices.Contains(rules[i].Resources, p.Resource) {
			rules[i].Resources = append(rules[i].Resources, p.Resource)
			slices.Sort(rules[i].Resources)
		}
	}
	return rules
}

// didYouMean offers words behind a sentence.
func didYouMean(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(words, ", ") + "?"
}
