package expect

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// reader reads the nodes of one file.
type reader struct{ *document.Reader }

// Parse reads the expectations of a file: YAML or JSON, one or several documents. The name of the file is for messages
// and locations. The error joins one error for each mistake, each with its line.
func Parse(data []byte, file string) (*Set, error) {
	r := &reader{&document.Reader{File: file}}
	set := &Set{}
	err := r.Documents(data, func(doc *yaml.Node) {
		if one := r.document(doc); r.Mistakes() == 0 {
			if err := set.Add(one); err != nil {
				r.Add(err)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if len(set.Expectations) == 0 {
		return nil, fmt.Errorf("%s: it holds no expectations", file)
	}
	return set, nil
}

// document reads one document.
func (r *reader) document(n *yaml.Node) *Set {
	set := &Set{}
	before := r.Mistakes()
	var apiVersion, kind string
	given := r.Mapping(n, "document",
		document.Key("apiVersion", r.Text("apiVersion", &apiVersion)),
		document.Key("kind", r.Text("kind", &kind)),
		document.Key("groups", func(n *yaml.Node) { set.Groups = r.groups(n) }),
		document.Key("expectations", func(n *yaml.Node) {
			for _, item := range r.List(n, "expectations") {
				set.Expectations = append(set.Expectations, r.expectation(item))
			}
		}),
	)
	// A file of another kind has fields that are not known here: saying so of each helps nobody.
	if kind != Kind {
		r.Forget(before)
		r.Fail(n.Line, "kind is %q: want apiVersion %s and kind %s", kind, APIVersion, Kind)
		return set
	}
	if apiVersion != APIVersion {
		r.Fail(n.Line, "apiVersion is %q: want %s", apiVersion, APIVersion)
	}
	if !given["expectations"] {
		r.Fail(n.Line, "document: field \"expectations\" is missing")
	}
	return set
}

// groups reads a map of users to the groups that they are in.
func (r *reader) groups(n *yaml.Node) map[string][]string {
	out := map[string][]string{}
	if n = document.Target(n); n.Kind != yaml.MappingNode {
		r.Fail(n.Line, "groups: want a mapping of users to lists of groups, not %s", document.Describe(n))
		return out
	}
	for _, m := range r.Members(n, "groups") {
		user, ok := r.Word(m.Key, "groups")
		if !ok {
			continue
		}
		var groups []Word
		r.words("groups of "+user, &groups)(m.Value)
		out[user] = texts(groups)
	}
	return out
}

// words returns a reader of a list of strings. An empty list becomes one that is not nil.
func (r *reader) words(what string, to *[]Word) func(*yaml.Node) {
	return func(n *yaml.Node) {
		items := r.List(n, what)
		if items != nil && len(items) == 0 {
			*to = []Word{}
		}
		for _, item := range items {
			if text, ok := r.Word(item, what); ok {
				*to = append(*to, Word{Text: text, Line: document.Target(item).Line})
			}
		}
	}
}

func texts(words []Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Text
	}
	return out
}

// expectation reads one item of the list.
func (r *reader) expectation(n *yaml.Node) Expectation {
	e := Expectation{Location: finding.Location{File: r.File, Line: document.Target(n).Line}}
	before := r.Mistakes()
	request := func(n *yaml.Node) { e.Request = r.request(n) }
	given := r.Mapping(n, "expectation",
		document.Key("name", r.Text("name", &e.Name)),
		document.Key("reason", r.Text("reason", &e.Reason)),
		document.Key("subjects", r.words("subjects", &e.Subjects)),
		document.Key("nobodyBut", r.words("nobodyBut", &e.Subjects)),
		document.Key("can", request),
		document.Key("cannot", request),
		document.Key("includeSystem", r.Bool("includeSystem", &e.IncludeSystem)),
	)
	line := e.Location.Line
	switch {
	case !given["name"]:
		r.Fail(line, "expectation: field \"name\" is missing")
	case given["subjects"] == given["nobodyBut"]:
		r.Fail(line, "expectation %q: want either subjects or nobodyBut", e.Name)
	case given["nobodyBut"] && (given["cannot"] || !given["can"]):
		r.Fail(line, "expectation %q: nobodyBut goes with can", e.Name)
	case given["can"] == given["cannot"]:
		r.Fail(line, "expectation %q: want either can or cannot", e.Name)
	case given["subjects"] && len(e.Subjects) == 0 && r.Mistakes() == before:
		r.Fail(line, "expectation %q: subjects is empty; for nobody at all write \"nobodyBut: []\"", e.Name)
	}
	switch {
	case given["nobodyBut"]:
		e.Mode = NobodyBut
	case given["cannot"]:
		e.Mode = Cannot
	}
	for _, w := range e.Subjects {
		if _, err := parsePattern(w.Text); err != nil {
			r.Fail(w.Line, "expectation %q: %s", e.Name, err)
		}
	}
	return e
}

// request reads what follows can or cannot.
func (r *reader) request(n *yaml.Node) Request {
	var q Request
	given := r.Mapping(n, "request",
		document.Key("verbs", r.words("verbs", &q.Verbs)),
		document.Key("resources", r.words("resources", &q.Resources)),
		document.Key("names", r.words("names", &q.Names)),
		document.Key("namespaces", r.words("namespaces", &q.Namespaces)),
		document.Key("urls", r.words("urls", &q.URLs)),
	)
	line := document.Target(n).Line
	for _, list := range []struct {
		name  string
		words []Word
	}{{"verbs", q.Verbs}, {"resources", q.Resources}, {"names", q.Names}, {"namespaces", q.Namespaces}, {"urls", q.URLs}} {
		if list.words != nil && len(list.words) == 0 {
			r.Fail(line, "request: %s is empty", list.name)
		}
	}
	switch {
	case !given["verbs"]:
		r.Fail(line, "request: field \"verbs\" is missing")
	case given["resources"] == given["urls"]:
		r.Fail(line, "request: want either resources or urls")
	case given["urls"] && (given["names"] || given["namespaces"]):
		r.Fail(line, "request: urls have no names and no namespaces")
	}
	for _, w := range q.URLs {
		if !strings.HasPrefix(w.Text, "/") || strings.Contains(w.Text, "*") {
			r.Fail(w.Line, "request: url %q: want a path that starts with a slash and has no star", w.Text)
		}
	}
	for _, w := range q.Resources {
		if err := checkResource(w.Text); err != nil {
			r.Fail(w.Line, "request: %s", err)
		}
	}
	for _, list := range [][]Word{q.Verbs, q.Names} {
		for _, w := range list {
			if w.Text != "*" && strings.Contains(w.Text, "*") {
				r.Fail(w.Line, "request: %q: only subjects and namespaces can be patterns", w.Text)
			}
		}
	}
	return q
}

// checkResource checks the form of a resource; what it means, an index knows.
func checkResource(text string) error {
	head, _, _ := strings.Cut(text, ".")
	main, sub, slash := strings.Cut(head, "/")
	if main == "" || slash && sub == "" || main != "*" && strings.Contains(main, "*") || strings.Contains(sub, "*") {
		return fmt.Errorf("resource %q: want RESOURCE[/SUBRESOURCE][.GROUP], \"*\", \"*.GROUP\" or \"*/SUBRESOURCE\"", text)
	}
	return nil
}
