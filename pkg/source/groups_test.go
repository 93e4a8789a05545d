package source_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/source"
)

func TestReadGroups(t *testing.T) { // changes the directory, so it is not parallel
	tests := map[string]struct {
		file, content string
		want          source.Groups
		err           string
	}{
		"YAML":                {"g.yaml", "bob: [b, a, a]\nzoe: []\n", source.Groups{"bob": {"a", "b"}, "zoe": {}}, ""},
		"below users":         {"g.yaml", "users:\n  bob: [a]\n", source.Groups{"bob": {"a"}}, ""},
		"a user users":        {"g.yaml", "users: [a]\n", source.Groups{"users": {"a"}}, ""},
		"anchors":             {"g.yaml", "bob: &g [a]\nzoe: *g\n", source.Groups{"bob": {"a"}, "zoe": {"a"}}, ""},
		"JSON":                {"g.json", `{"bob": ["a"]}`, source.Groups{"bob": {"a"}}, ""},
		"CSV":                 {"g.csv", "user,groups\nbob,a;b\nbob,c\n", source.Groups{"bob": {"a", "b", "c"}}, ""},
		"a string":            {"g.yaml", "bob: ml-readers\n", nil, "read groups file g.yaml:1: groups of bob: want a list, as in [ml-readers]"},
		"a number":            {"g.yaml", "bob:\n- 1\n", nil, "read groups file g.yaml:2: groups of bob: want the names of groups, as strings"},
		"twice":               {"g.yaml", "bob: [a]\nbob: [b]\n", nil, "read groups file g.yaml:2: user bob is there twice"},
		"a list":              {"g.yaml", "- bob\n", nil, "read groups file g.yaml:1: want users with lists of groups, as in bob: [ml-readers]"},
		"no users":            {"g.yaml", "users: {}\n", nil, "read groups file g.yaml: it names no user"},
		"nothing":             {"g.yaml", "", nil, "read groups file g.yaml: it names no user"},
		"CSV, no user":        {"g.csv", "user\n,a\n", nil, "read groups file g.csv:2: the user is empty"},
		"CSV, broken":         {"g.csv", "user\n\"bob,a\n", nil, "read groups file g.csv:2: broken CSV: extraneous or missing \" in quoted-field"},
		"CSV, no user at all": {"g.csv", "user,groups\n", nil, "read groups file g.csv: it names no user"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tree(t, map[string]string{tc.file: tc.content})
			got, err := source.ReadGroups(tc.file)
			gotErr := ""
			if err != nil {
				gotErr = err.Error()
			}
			if diff := cmp.Diff(tc.err, gotErr); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
