package expect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/expect"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

const head = "apiVersion: gatehouse.dev/v1alpha1\nkind: AccessExpectations\n"

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := expect.Parse([]byte(head+`groups:
  dana: [ml, ml, ops]
expectations:
- name: one
  reason: because
  subjects: [user:dana, "group:ml-*"]
  can:
    verbs: [get]
    resources: [pods, deployments/scale.apps]
    names: [a, "1"]
    namespaces: ["team-*"]
---
# nothing
---
{"apiVersion": "gatehouse.dev/v1alpha1", "kind": "AccessExpectations", "expectations": [
  {"name": "two", "nobodyBut": [], "includeSystem": true, "can": {"verbs": ["get"], "urls": ["/metrics"]}}]}
---
`+head+`expectations:
- &three
  name: three
  subjects: &who [sa:ci/bot]
  cannot: {verbs: ["*"], resources: ["*", "*.apps", "*/scale"]}
- name: four
  subjects: *who
  cannot: {verbs: [use], resources: [things.example.com]}
`), "x.yaml")
	if err != nil {
		t.Fatal(err)
	}
	at := func(line int) finding.Location { return finding.Location{File: "x.yaml", Line: line} }
	word := func(line int, list ...string) []expect.Word {
		out := []expect.Word{}
		for _, text := range list {
			out = append(out, expect.Word{Text: text, Line: line})
		}
		return out
	}
	want := &expect.Set{
		Groups: map[string][]string{"dana": {"ml", "ops"}},
		Expectations: []expect.Expectation{
			{
				Name: "one", Reason: "because", Location: at(6), Subjects: word(8, "user:dana", "group:ml-*"),
				Request: expect.Request{
					Verbs: word(10, "get"), Resources: word(11, "pods", "deployments/scale.apps"), Names: word(12, "a", "1"),
					Namespaces: word(13, "team-*"),
				},
			},
			{
				Name: "two", Location: at(18), Mode: expect.NobodyBut, Subjects: word(18), IncludeSystem: true,
				Request: expect.Request{Verbs: word(18, "get"), URLs: word(18, "/metrics")},
			},
			{
				Name: "three", Location: at(23), Mode: expect.Cannot, Subjects: word(25, "sa:ci/bot"),
				Request: expect.Request{Verbs: word(26, "*"), Resources: word(26, "*", "*.apps", "*/scale")},
			},
			{
				Name: "four", Location: at(27), Mode: expect.Cannot, Subjects: word(25, "sa:ci/bot"),
				Request: expect.Request{Verbs: word(29, "use"), Resources: word(29, "things.example.com")},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	const request = "can: {verbs: [get], resources: [pods]}"
	one := func(lines ...string) string {
		return head + "expectations:\n- name: x\n  " + strings.Join(lines, "\n  ") + "\n"
	}
	for name, test := range map[string]struct {
		doc  string
		want string
	}{
		"empty":              {doc: "# nothing\n", want: "f.yaml: it holds no expectations"},
		"empty list":         {doc: head + "expectations: []\n", want: "f.yaml: it holds no expectations"},
		"no list":            {doc: head, want: `f.yaml:1: document: field "expectations" is missing`},
		"another kind":       {doc: "kind: Role\nrules: []\n", want: `f.yaml:1: kind is "Role": want apiVersion gatehouse.dev/v1alpha1 and kind AccessExpectations`},
		"a list":             {doc: "- a\n", want: `f.yaml:1: kind is "": want apiVersion gatehouse.dev/v1alpha1 and kind AccessExpectations`},
		"another version":    {doc: "apiVersion: gatehouse.dev/v9\nkind: AccessExpectations\nexpectations: []\n", want: `f.yaml:1: apiVersion is "gatehouse.dev/v9": want gatehouse.dev/v1alpha1`},
		"broken YAML":        {doc: head + "expectations:\n- name: [x\n", want: "f.yaml:3: did not find expected ',' or ']'"},
		"bare star":          {doc: one("subjects: [user:a]", "cannot: {verbs: [*], resources: [pods]}"), want: `f.yaml:6: did not find expected alphabetic or numeric character (a word that starts with a star needs quotes: "*")`},
		"unknown field":      {doc: one("subject: [user:a]", request), want: "f.yaml:5: expectation: unknown field \"subject\"; did you mean subjects?\nf.yaml:4: expectation \"x\": want either subjects or nobodyBut"},
		"nothing like it":    {doc: one("subjects: [user:a]", "can: {verbs: [get], resources: [pods], frobnicate: 1}"), want: `f.yaml:6: request: unknown field "frobnicate"; want one of verbs, resources, names, namespaces, urls`},
		"twice":              {doc: one("subjects: [user:a]", "subjects: [user:b]", request), want: `f.yaml:6: expectation: "subjects" is there twice, first on line 5`},
		"no name":            {doc: head + "expectations:\n- subjects: [user:a]\n  " + request + "\n", want: `f.yaml:4: expectation: field "name" is missing`},
		"same name":          {doc: one("subjects: [user:a]", request) + "- name: x\n  subjects: [user:b]\n  " + request + "\n", want: `f.yaml:7: the name "x" is taken by the expectation at f.yaml:4`},
		"both":               {doc: one("subjects: [user:a]", request, "cannot: {verbs: [get], resources: [pods]}"), want: `f.yaml:4: expectation "x": want either can or cannot`},
		"nobody but cannot":  {doc: one("nobodyBut: [user:a]", "cannot: {verbs: [get], resources: [pods]}"), want: `f.yaml:4: expectation "x": nobodyBut goes with can`},
		"no subjects":        {doc: one("subjects: []", request), want: `f.yaml:4: expectation "x": subjects is empty; for nobody at all write "nobodyBut: []"`},
		"nothing as list":    {doc: one("nobodyBut:", request), want: `f.yaml:5: nobodyBut: want a list, not nothing`},
		"string as list":     {doc: one("subjects: user:a", request), want: `f.yaml:5: subjects: want a list, not "user:a"`},
		"number":             {doc: one("subjects: [1]", request), want: `f.yaml:5: subjects: want a string, not a number: put 1 into quotes`},
		"boolean":            {doc: one("subjects: [user:a]", "can: {verbs: [get], resources: [pods], names: [yes, true]}"), want: `f.yaml:6: names: want a string, not a boolean: put true into quotes`},
		"date":               {doc: one("subjects: [user:a]", "can: {verbs: [get], resources: [pods], names: [2026-01-01]}"), want: `f.yaml:6: names: want a string, not a date: put 2026-01-01 into quotes`},
		"empty word":         {doc: one("subjects: ['']", request), want: `f.yaml:5: subjects: it is empty`},
		"no boolean":         {doc: one("nobodyBut: []", "includeSystem: maybe", request), want: `f.yaml:6: includeSystem: want true or false, not "maybe"`},
		"pattern, no kind":   {doc: one(`subjects: ["ml-*"]`, request), want: `f.yaml:5: expectation "x": parse subject "ml-*": want user:NAME, group:NAME or sa:NAMESPACE/NAME for a pattern`},
		"pattern, no sa":     {doc: one(`subjects: ["sa:*"]`, request), want: `f.yaml:5: expectation "x": parse subject "sa:*": want sa:NAMESPACE/NAME`},
		"bad subject":        {doc: one(`subjects: ["group:"]`, request), want: `f.yaml:5: expectation "x": parse subject "group:": the name is empty`},
		"no verbs":           {doc: one("subjects: [user:a]", "can: {resources: [pods]}"), want: `f.yaml:6: request: field "verbs" is missing`},
		"empty verbs":        {doc: one("subjects: [user:a]", "can: {verbs: [], resources: [pods]}"), want: `f.yaml:6: request: verbs is empty`},
		"no resources":       {doc: one("subjects: [user:a]", "can: {verbs: [get]}"), want: `f.yaml:6: request: want either resources or urls`},
		"resources and urls": {doc: one("subjects: [user:a]", "can: {verbs: [get], resources: [pods], urls: [/x]}"), want: `f.yaml:6: request: want either resources or urls`},
		"url in a namespace": {doc: one("subjects: [user:a]", "can: {verbs: [get], urls: [/x], namespaces: [dev]}"), want: `f.yaml:6: request: urls have no names and no namespaces`},
		"url with a star":    {doc: one("subjects: [user:a]", "can: {verbs: [get], urls: [/x/*]}"), want: `f.yaml:6: request: url "/x/*": want a path that starts with a slash and has no star`},
		"verb with a star":   {doc: one("subjects: [user:a]", `can: {verbs: ["g*"], resources: [pods]}`), want: `f.yaml:6: request: "g*": only subjects and namespaces can be patterns`},
		"pods/*":             {doc: one("subjects: [user:a]", `can: {verbs: [get], resources: ["pods/*"]}`), want: `f.yaml:6: request: resource "pods/*": want RESOURCE[/SUBRESOURCE][.GROUP], "*", "*.GROUP" or "*/SUBRESOURCE"`},
		"half a resource":    {doc: one("subjects: [user:a]", `can: {verbs: [get], resources: [pods/]}`), want: `f.yaml:6: request: resource "pods/": want RESOURCE[/SUBRESOURCE][.GROUP], "*", "*.GROUP" or "*/SUBRESOURCE"`},
		"groups":             {doc: head + "groups: [a]\nexpectations: []\n", want: "f.yaml:3: groups: want a mapping of users to lists of groups, not a list"},
		"user twice":         {doc: head + "groups:\n  dana: [a]\n  dana: [b]\nexpectations: []\n", want: `f.yaml:5: groups: "dana" is there twice, first on line 4`},
		"user is a number":   {doc: head + "groups: {7: [a]}\nexpectations: []\n", want: `f.yaml:3: groups: want a string, not a number: put 7 into quotes`},
		"alias of itself":    {doc: head + "expectations: &a [*a]\n", want: "f.yaml:3: expectation: want a mapping, not a list\nf.yaml:3: expectation: field \"name\" is missing"},
		"several mistakes": {
			doc:  one("subjects: [1]", "can: {verb: [get], resources: [pods]}") + "- 7\n",
			want: "f.yaml:5: subjects: want a string, not a number: put 1 into quotes\nf.yaml:6: request: unknown field \"verb\"; did you mean verbs?\nf.yaml:6: request: field \"verbs\" is missing\nf.yaml:7: expectation: want a mapping, not a number\nf.yaml:7: expectation: field \"name\" is missing",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := expect.Parse([]byte(test.doc), "f.yaml")
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	first := parse(t, head+"groups: {dana: [ops]}\nexpectations:\n- {name: x, nobodyBut: [], can: {verbs: [get], resources: [pods]}}\n")
	err := first.Add(parse(t, head+"expectations:\n- {name: x, nobodyBut: [], can: {verbs: [get], resources: [pods]}}\n"))
	if want := `f.yaml:4: the name "x" is taken by the expectation at f.yaml:5`; err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
	if err := first.Add(parse(t, head+"groups: {dana: [ml]}\nexpectations:\n- {name: y, nobodyBut: [], can: {verbs: [get], resources: [pods]}}\n")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]string{"dana": {"ml", "ops"}}, first.Groups); diff != "" || len(first.Expectations) != 2 {
		t.Errorf("%d expectations, groups (-want +got):\n%s", len(first.Expectations), diff)
	}
}

func parse(t testing.TB, doc string) *expect.Set {
	t.Helper()
	set, err := expect.Parse([]byte(doc), "f.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// FuzzParse looks for files that end the program instead of giving an error.
func FuzzParse(f *testing.F) {
	f.Add(head + "expectations:\n- {name: x, nobodyBut: [], can: {verbs: [get], resources: [pods]}}\n")
	f.Add(head + "expectations: &a [*a]\n")
	f.Add("groups: {? [a] : b}\n---\n- *x\n")
	f.Fuzz(func(t *testing.T, doc string) {
		set, err := expect.Parse([]byte(doc), "f.yaml")
		if (set == nil) == (err == nil) {
			t.Errorf("set %v with error %v", set, err)
		}
	})
}
