package login

import (
	"fmt"
	"math"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/document"
)

// Case is claims, with who they should be to an API server.
type Case struct {
	// Name is what the case is called; no other of its file has it.
	Name string `json:"name"`
	// Line is where it stands in its file, from 1.
	Line   int            `json:"line"`
	Claims map[string]any `json:"claims"`
	Expect Expect         `json:"expect"`
}

// Expect is what a case expects. What is nil is not looked at.
type Expect struct {
	Username *string `json:"username,omitempty"`
	UID      *string `json:"uid,omitempty"`
	// Groups are all, in any order; system:authenticated counts only if it is there.
	Groups *[]string `json:"groups,omitempty"`
	// Extra is all of it; the ID of the credential, which kube-apiserver adds, counts only if it is there.
	Extra map[string][]string `json:"extra,omitempty"`
	// Denied says that it should be nobody; Rule, the rule that refuses, and Reason, a part of what is said, may be empty.
	Denied bool   `json:"denied,omitempty"`
	Rule   string `json:"rule,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Rules returns the rules that a refusal may name, in the order in which they are looked at.
func Rules() []string {
	return []string{
		TooLong, Malformed, Issuer, Algorithm, Key, Signature, DistributedClaim, Audience, Expired, NotYetValid, Username,
		EmailNotVerified, Groups, UID, Extra, RequiredClaim, ClaimRule, UserRule, Unexplained,
	}
}

const (
	// mostValues limits the values of a file, since a few lines of YAML can stand for any number of them.
	mostValues = 100_000
	// deepest limits how deep values are in each other; some that are in themselves have no end.
	deepest = 100
)

// caseReader reads one file.
type caseReader struct {
	*document.Reader
	values int
}

// ReadCases reads a list of cases in YAML or JSON; name is that of the file, for messages. The error joins one for each
// mistake, each with its line: what nobody reads is one, and so are a case that expects nothing, and two of one name.
func ReadCases(data []byte, name string) ([]Case, error) {
	r := &caseReader{Reader: &document.Reader{File: name}}
	var out []Case
	lines := map[string]int{}
	err := r.Documents(data, func(n *yaml.Node) {
		for _, item := range r.List(n, "cases") {
			c := r.read(item)
			if first, twice := lines[c.Name]; twice && c.Name != "" {
				r.Fail(c.Line, "case %q is there twice, first on line %d", c.Name, first)
			}
			lines[c.Name] = c.Line
			out = append(out, c)
		}
	})
	if err != nil {
		return nil, err
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: it holds no cases", name)
	}
	return out, nil
}

func (r *caseReader) read(n *yaml.Node) Case {
	n = document.Target(n)
	c := Case{Line: n.Line}
	before := r.Mistakes()
	given := r.Mapping(n, "case",
		document.Key("name", r.Text("name", &c.Name)),
		document.Key("claims", func(n *yaml.Node) {
			value, ok := r.value(n, "claims", 0)
			if c.Claims, _ = value.(map[string]any); ok && c.Claims == nil {
				r.Fail(n.Line, "claims: want a mapping, not %s", document.Describe(document.Target(n)))
			}
		}),
		document.Key("expect", func(n *yaml.Node) { c.Expect = r.expect(n) }),
	)
	if r.Mistakes() == before {
		for _, field := range []string{"name", "claims", "expect"} {
			if !given[field] {
				r.Fail(n.Line, "case: field %q is missing", field)
			}
		}
	}
	return c
}

func (r *caseReader) expect(n *yaml.Node) Expect {
	var e Expect
	n = document.Target(n)
	before := r.Mistakes()
	var username string
	given := r.Mapping(n, "expect",
		document.Key("username", func(n *yaml.Node) { r.Text("username", &username)(n); e.Username = &username }),
		document.Key("uid", func(n *yaml.Node) {
			if text, ok := r.text(n, "uid"); ok {
				e.UID = &text
			}
		}),
		document.Key("groups", func(n *yaml.Node) {
			groups := r.texts(n, "groups")
			e.Groups = &groups
		}),
		document.Key("extra", func(n *yaml.Node) {
			e.Extra = map[string][]string{}
			for _, m := range r.Members(n, "extra") {
				e.Extra[m.Name] = r.texts(m.Value, "extra: "+m.Name)
			}
		}),
		document.Key("denied", r.Bool("denied", &e.Denied)),
		document.Key("rule", func(n *yaml.Node) {
			r.Text("rule", &e.Rule)(n)
			if e.Rule != "" && !slices.Contains(Rules(), e.Rule) {
				r.Fail(n.Line, "rule: %q is none: want one of %s", e.Rule, list(Rules()))
			}
		}),
		document.Key("reason", r.Text("reason", &e.Reason)),
	)
	if r.Mistakes() > before {
		return e
	}
	somebody := given["username"] || given["uid"] || given["groups"] || given["extra"]
	switch {
	case e.Denied && somebody:
		r.Fail(n.Line, "expect: who is denied has no username, uid, groups or extra")
	case !e.Denied && (given["rule"] || given["reason"]):
		r.Fail(n.Line, "expect: rule and reason go with denied: true only")
	case !e.Denied && !somebody:
		r.Fail(n.Line, "expect: it expects nothing: want username, uid, groups or extra, or denied: true")
	}
	return e
}

// text reads a string, which may be empty.
func (r *caseReader) text(n *yaml.Node, what string) (string, bool) {
	if n = document.Target(n); n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" && n.Value == "" {
		return "", true
	}
	return r.Word(n, what)
}

// texts reads a list of strings. What it returns is not nil.
func (r *caseReader) texts(n *yaml.Node, what string) []string {
	out := []string{}
	for _, item := range r.List(n, what) {
		if text, ok := r.text(item, what); ok {
			out = append(out, text)
		}
	}
	return out
}

// value reads any value that JSON has.
func (r *caseReader) value(n *yaml.Node, what string, depth int) (any, bool) {
	n = document.Target(n)
	if r.values++; r.values >= mostValues || depth > deepest {
		if r.values == mostValues || depth > deepest {
			r.values = mostValues
			r.Fail(n.Line, "%s: more than %d values, or more than %d in each other", what, mostValues, deepest)
		}
		return nil, false
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for _, m := range r.Members(n, what) {
			if value, ok := r.value(m.Value, what+": "+m.Name, depth+1); ok {
				out[m.Name] = value
			}
		}
		return out, true
	case yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			if value, ok := r.value(item, what, depth+1); ok {
				out = append(out, value)
			}
		}
		return out, true
	case yaml.ScalarNode, yaml.DocumentNode, yaml.AliasNode:
	}
	return r.scalar(n, what)
}

func (r *caseReader) scalar(n *yaml.Node, what string) (any, bool) {
	switch n.ShortTag() {
	case "!!null":
		return nil, true
	case "!!str":
		return n.Value, true
	case "!!bool", "!!int", "!!float":
		var out any
		if err := n.Decode(&out); err == nil {
			if number, ok := out.(float64); !ok || !math.IsNaN(number) && !math.IsInf(number, 0) {
				return out, true
			}
		}
		r.Fail(n.Line, "%s: %s is nothing that JSON has", what, n.Value)
	default:
		r.Fail(n.Line, "%s: want what JSON has, not %s: put %s into quotes", what, document.Describe(n), n.Value)
	}
	return nil, false
}
