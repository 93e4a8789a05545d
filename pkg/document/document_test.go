package document_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/document"
)

// thing has one field for every method of a reader.
type thing struct {
	Name   string
	Number string
	On     bool
	Words  []string
	Labels map[string]string
	Given  []string
}

// read reads things as a package does that uses this one.
func read(text string, lenient bool) ([]thing, error) {
	r := &document.Reader{File: "f.yaml", Lenient: lenient}
	var out []thing
	err := r.Documents([]byte(text), func(n *yaml.Node) {
		var t thing
		fields := append(document.Ignored("status", "spec"),
			document.Key("name", r.Text("name", &t.Name)),
			document.Key("number", func(n *yaml.Node) { t.Number, _ = r.Scalar(n, "number") }),
			document.Key("on", r.Bool("on", &t.On)),
			document.Key("words", func(n *yaml.Node) {
				for _, item := range r.List(n, "words") {
					if word, ok := r.Word(item, "words"); ok {
						t.Words = append(t.Words, word)
					}
				}
			}),
			document.Key("labels", r.Texts("labels", &t.Labels)),
		)
		given := r.Mapping(n, "thing", fields...)
		for _, name := range []string{"name", "number", "on", "words", "labels", "status", "spec"} {
			if given[name] {
				t.Given = append(t.Given, name)
			}
		}
		out = append(out, t)
	})
	return out, errors.Join(r.Err(), err)
}

func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		lenient bool
		want    []thing
	}{
		"all": {
			text: "name: a\nnumber: 1.50\non: True\nwords: [x, \"1\"]\nlabels: {a: b, c: \"\"}\nstatus: [whatever]\n",
			want: []thing{{
				Name: "a", Number: "1.50", On: true, Words: []string{"x", "1"}, Labels: map[string]string{"a": "b", "c": ""},
				Given: []string{"name", "number", "on", "words", "labels", "status"},
			}},
		},
		"JSON":      {text: `{"name": "a", "on": true, "number": null}`, want: []thing{{Name: "a", On: true, Given: []string{"name", "number", "on"}}}},
		"documents": {text: "# nobody\n---\nname: a\n---\n---\nname: b\n", want: []thing{{Name: "a", Given: []string{"name"}}, {Name: "b", Given: []string{"name"}}}},
		"nothing":   {text: ""},
		"aliases":   {text: "name: &a x\nnumber: *a\nwords: [*a]\n", want: []thing{{Name: "x", Number: "x", Words: []string{"x"}, Given: []string{"name", "number", "words"}}}},
		"merge keys": {
			text: "spec:\n- &a {name: far, number: 7}\n- &b {name: near, on: true}\n<<: [*b, *a]\nname: own\n",
			want: []thing{{Name: "own", On: true, Number: "7", Given: []string{"name", "number", "on", "spec"}}},
		},
		"merge keys in merge keys": {
			text: "spec: [&a {number: 7}, &b {<<: *a, on: true}]\n<<: *b\n",
			want: []thing{{On: true, Number: "7", Given: []string{"number", "on", "spec"}}},
		},
		"a key that looks like one": {text: "labels: {\"<<\": x}\n", want: []thing{{Labels: map[string]string{"<<": "x"}, Given: []string{"labels"}}}},
		"lenient": {
			text: "name: 2026-01-01\nwords:\nlabels: ~\n", lenient: true,
			want: []thing{{Name: "2026-01-01", Labels: map[string]string{}, Given: []string{"name", "words", "labels"}}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(tc.text, tc.lenient)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text    string
		lenient bool
		want    string
	}{
		"no mapping":      {text: "- a\n", want: "f.yaml:1: thing: want a mapping, not a list"},
		"unknown":         {text: "name: a\nwrods: []\n", want: `f.yaml:2: thing: unknown field "wrods"; did you mean words?`},
		"nothing like it": {text: "colour: red\n", want: `f.yaml:1: thing: unknown field "colour"; want one of status, spec, name, number, on, words, labels`},
		"case":            {text: "Name: a\n", want: `f.yaml:1: thing: unknown field "Name"; did you mean name?`},
		"twice":           {text: "name: a\non: true\nname: b\n", want: `f.yaml:3: thing: "name" is there twice, first on line 1`},
		"ignored twice":   {text: "status: a\nstatus: b\n", want: `f.yaml:2: thing: "status" is there twice, first on line 1`},
		"no key":          {text: "? [a]\n: b\n", want: "f.yaml:1: thing: want a string as a key, not a list"},
		"empty":           {text: "name: ''\n", want: "f.yaml:1: name: it is empty"},
		"null":            {text: "name:\n", want: "f.yaml:1: name: it is empty"},
		"number":          {text: "name: 1\n", want: "f.yaml:1: name: want a string, not a number: put 1 into quotes"},
		"boolean":         {text: "words: [yes, true]\n", want: "f.yaml:1: words: want a string, not a boolean: put true into quotes"},
		"date":            {text: "name: 2026-01-01\n", want: "f.yaml:1: name: want a string, not a date: put 2026-01-01 into quotes"},
		"a list of words": {text: "name: [a]\n", want: "f.yaml:1: name: want a string, not a list"},
		"scalar":          {text: "number: {a: b}\n", want: "f.yaml:1: number: want a string, not a mapping"},
		"no boolean":      {text: "on: \"true\"\n", want: `f.yaml:1: on: want true or false, not "true"`},
		"old boolean":     {text: "on: yes\n", want: `f.yaml:1: on: want true or false, not "yes"`},
		"control":         {text: "on: \"\\e[2J\"\n", want: `f.yaml:1: on: want true or false, not "\x1b[2J"`},
		"no list":         {text: "words: a\n", want: `f.yaml:1: words: want a list, not "a"`},
		"null as list":    {text: "words:\n", want: "f.yaml:1: words: want a list, not nothing"},
		"null as mapping": {text: "labels:\n", want: "f.yaml:1: labels: want a mapping, not nothing"},
		"label":           {text: "labels:\n  a: true\n  b:\n", want: "f.yaml:2: labels: a: want a string, not a boolean: put true into quotes\nf.yaml:3: labels: b: want a string, not nothing"},
		"label, lenient":  {text: "labels: {a: ~, b: [c]}\n", lenient: true, want: "f.yaml:1: labels: a: want a string, not nothing\nf.yaml:1: labels: b: want a string, not a list"},
		"all of them": {
			text: "name: 1\nnaem: a\n---\non: 2\n",
			want: "f.yaml:1: name: want a string, not a number: put 1 into quotes\nf.yaml:2: thing: unknown field \"naem\"; did you mean name?\nf.yaml:4: on: want true or false, not a number",
		},
		"syntax":         {text: "name: a\n---\na: b: c\n", want: "f.yaml:3: mapping values are not allowed in this context"},
		"bare star":      {text: "name: a\nwords: [*]\n", want: `f.yaml:2: did not find expected alphabetic or numeric character (a word that starts with a star needs quotes: "*")`},
		"unknown anchor": {text: "name: *a\n", want: "f.yaml: unknown anchor 'a' referenced"},
		"merged text":    {text: "<<: a\n", want: `f.yaml:1: thing: want a mapping, not "a"`},
		"merges itself":  {text: "&a\nname: x\n<<: [*a, *a]\n", want: "f.yaml:3: thing: more than 1000 merge keys, or one that names itself"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(tc.text, tc.lenient)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Few lines can stand for any number of fields: reading them ends soon.
func TestMergesThatMultiply(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("spec:\n- &a0 {name: x}\n")
	for i := range 60 {
		alias := "*a" + strconv.Itoa(i)
		b.WriteString("- &a" + strconv.Itoa(i+1) + " {<<: [" + alias + ", " + alias + "]}\n")
	}
	b.WriteString("<<: *a60\n")
	_, err := read(b.String(), false)
	if err == nil || !strings.Contains(err.Error(), "more than 1000 merge keys") {
		t.Errorf("error = %v, want one that says that there are too many merge keys", err)
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2030-01-31":                time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC),
		"2030-01-31T18:00:00Z":      time.Date(2030, 1, 31, 18, 0, 0, 0, time.UTC),
		"2030-01-31T02:00:00+02:00": time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC),
	} {
		if got, err := document.Date(text); err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: got %s, error %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "7d", "31.1.2030", "2030-02-31", "2030-01-31T18:00:00"} {
		want := strconv.Quote(text) + " is no date: want one such as 2030-01-31 or 2030-01-31T18:00:00Z"
		if got, err := document.Date(text); err == nil || err.Error() != want {
			t.Errorf("%s: got %s, error %v, want %s", text, got, err, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	r := &document.Reader{File: "f.yaml"}
	if err := r.Err(); err != nil || r.Mistakes() != 0 {
		t.Errorf("a new reader has %d mistakes, error %v", r.Mistakes(), err)
	}
	cause := errors.New("cause")
	r.Fail(0, "first: %w", cause)
	before := r.Mistakes()
	r.Fail(2, "second")
	r.Fail(3, "third")
	r.Forget(before)
	r.Add(errors.New("elsewhere.yaml:7: fourth"))
	if want, got := "f.yaml: first: cause\nelsewhere.yaml:7: fourth", r.Err().Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !errors.Is(r.Err(), cause) {
		t.Error("the cause of a mistake is not wrapped")
	}
}

// FuzzReader looks for files that end the program, or never end, and for mistakes without a place.
func FuzzReader(f *testing.F) {
	f.Add("name: a\nwords: [b]\nlabels: {c: d}\n---\non: true\n", false)
	f.Add("&a\n<<: [*a, *a]\nlabels: *a\n", true)
	f.Add("? [a]\n: &b {<<: *b}\n---\n*x\n", false)
	f.Add("words: &a [*a]\nstatus: !!binary x\nname: !a b\n", true)
	f.Fuzz(func(t *testing.T, text string, lenient bool) {
		things, err := read(text, lenient)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.yaml:") {
				t.Errorf("error %q names no place", err)
			}
			return
		}
		for _, one := range things {
			if one.Name == "" && len(one.Given) > 0 && one.Given[0] == "name" {
				t.Errorf("an empty name was taken: %+v", one)
			}
		}
	})
}
