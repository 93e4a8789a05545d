package expect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// Parse reads the expectations of a file: YAML or JSON, one or several documents. The name of the file is for messages
// and locations. The error joins one error for each mistake, each with its line.
func Parse(data []byte, file string) (*Set, error) {
	r := &reader{file: file}
	set := &Set{}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, syntaxError(file, err)
		}
		if len(doc.Content) == 0 || follow(doc.Content[0]).Tag == "!!null" {
			continue
		}
		if one := r.document(doc.Content[0]); len(r.errs) == 0 {
			if err := set.Add(one); err != nil {
				r.errs = append(r.errs, err)
			}
		}
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	if len(set.Expectations) == 0 {
		return nil, fmt.Errorf("%s: it holds no expectations", file)
	}
	return set, nil
}

// syntaxError puts the line of a YAML error where those of other errors are.
func syntaxError(file string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at := finding.Location{File: file}
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(text); m != nil {
		at.Line, _ = strconv.Atoi(m[1]) // digits
		text = strings.TrimPrefix(text, m[0])
	}
	if strings.Contains(text, "alphabetic or numeric character") {
		text += ` (a word that starts with a star needs quotes: "*")`
	}
	return fmt.Errorf("%s: %s", at, text)
}

// document reads one document.
func (r *reader) document(n *yaml.Node) *Set {
	set := &Set{}
	before := len(r.errs)
	var apiVersion, kind string
	given := r.mapping(n, "document",
		field{"apiVersion", r.text("apiVersion", &apiVersion)},
		field{"kind", r.text("kind", &kind)},
		field{"groups", func(n *yaml.Node) { set.Groups = r.groups(n) }},
		field{"expectations", func(n *yaml.Node) {
			for _, item := range r.list(n, "expectations") {
				set.Expectations = append(set.Expectations, r.expectation(item))
			}
		}},
	)
	// A file of another kind has fields that are not known here: saying so of each helps nobody.
	if kind != Kind {
		r.errs = r.errs[:before]
		r.fail(n.Line, "kind is %q: want apiVersion %s and kind %s", kind, APIVersion, Kind)
		return set
	}
	if apiVersion != APIVersion {
		r.fail(n.Line, "apiVersion is %q: want %s", apiVersion, APIVersion)
	}
	if !given["expectations"] {
		r.fail(n.Line, "document: field \"expectations\" is missing")
	}
	return set
}

// groups reads a map of users to the groups that they are in.
func (r *reader) groups(n *yaml.Node) map[string][]string {
	out := map[string][]string{}
	n = follow(n)
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "groups: want a mapping of users to lists of groups, not %s", describe(n))
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		user, ok := r.word(n.Content[i], "groups")
		if !ok {
			continue
		}
		if _, twice := out[user.Text]; twice {
			r.fail(user.Line, "groups: %q is there twice", user.Text)
		}
		var groups []Word
		r.words("groups of "+user.Text, &groups)(n.Content[i+1])
		out[user.Text] = texts(groups)
	}
	return out
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
	e := Expectation{Location: finding.Location{File: r.file, Line: follow(n).Line}}
	before := len(r.errs)
	request := func(n *yaml.Node) { e.Request = r.request(n) }
	given := r.mapping(n, "expectation",
		field{"name", r.text("name", &e.Name)},
		field{"reason", r.text("reason", &e.Reason)},
		field{"subjects", r.words("subjects", &e.Subjects)},
		field{"nobodyBut", r.words("nobodyBut", &e.Subjects)},
		field{"can", request},
		field{"cannot", request},
		field{"includeSystem", r.boolean("includeSystem", &e.IncludeSystem)},
	)
	line := e.Location.Line
	switch {
	case !given["name"]:
		r.fail(line, "expectation: field \"name\" is missing")
	case given["subjects"] == given["nobodyBut"]:
		r.fail(line, "expectation %q: want either subjects or nobodyBut", e.Name)
	case given["nobodyBut"] && (given["cannot"] || !given["can"]):
		r.fail(line, "expectation %q: nobodyBut goes with can", e.Name)
	case given["can"] == given["cannot"]:
		r.fail(line, "expectation %q: want either can or cannot", e.Name)
	case given["subjects"] && len(e.Subjects) == 0 && len(r.errs) == before:
		r.fail(line, "expectation %q: subjects is empty; for nobody at all write \"nobodyBut: []\"", e.Name)
	}
	switch {
	case given["nobodyBut"]:
		e.Mode = NobodyBut
	case given["cannot"]:
		e.Mode = Cannot
	}
	for _, w := range e.Subjects {
		if _, err := parsePattern(w.Text); err != nil {
			r.fail(w.Line, "expectation %q: %s", e.Name, err)
		}
	}
	return e
}

// request reads what follows can or cannot.
func (r *reader) request(n *yaml.Node) Request {
	var q Request
	given := r.mapping(n, "request",
		field{"verbs", r.words("verbs", &q.Verbs)},
		field{"resources", r.words("resources", &q.Resources)},
		field{"names", r.words("names", &q.Names)},
		field{"namespaces", r.words("namespaces", &q.Namespaces)},
		field{"urls", r.words("urls", &q.URLs)},
	)
	line := follow(n).Line
	for _, list := range []struct {
		name  string
		words []Word
	}{{"verbs", q.Verbs}, {"resources", q.Resources}, {"names", q.Names}, {"namespaces", q.Namespaces}, {"urls", q.URLs}} {
		if list.words != nil && len(list.words) == 0 {
			r.fail(line, "request: %s is empty", list.name)
		}
	}
	switch {
	case !given["verbs"]:
		r.fail(line, "request: field \"verbs\" is missing")
	case given["resources"] == given["urls"]:
		r.fail(line, "request: want either resources or urls")
	case given["urls"] && (given["names"] || given["namespaces"]):
		r.fail(line, "request: urls have no names and no namespaces")
	}
	for _, w := range q.URLs {
		if !strings.HasPrefix(w.Text, "/") || strings.Contains(w.Text, "*") {
			r.fail(w.Line, "request: url %q: want a path that starts with a slash and has no star", w.Text)
		}
	}
	for _, w := range q.Resources {
		if err := checkResource(w.Text); err != nil {
			r.fail(w.Line, "request: %s", err)
		}
	}
	for _, list := range [][]Word{q.Verbs, q.Names} {
		for _, w := range list {
			if w.Text != "*" && strings.Contains(w.Text, "*") {
				r.fail(w.Line, "request: %q: only subjects and namespaces can be patterns", w.Text)
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
