package question_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	dev := question.Place{Namespace: "dev"}
	tests := map[string]struct {
		words []string
		at    question.Place
		// want is the action, its namespace, and where it was asked; doubts are notes, then warnings.
		want   string
		doubts []string
	}{
		"in a namespace":       {[]string{"get", "po"}, dev, `get pods "dev" in dev`, nil},
		"in all":               {[]string{"get", "po"}, question.Place{All: true}, `get pods "" in any namespace`, nil},
		"all in one request":   {[]string{"list", "po"}, question.Place{Cluster: true}, `list pods "" cluster-wide`, nil},
		"of the cluster":       {[]string{"get", "nodes"}, dev, `get nodes "" in the cluster`, nil},
		"a namespace":          {[]string{"get", "namespaces", "qa"}, dev, `get namespaces qa "qa" in the cluster`, nil},
		"any namespace object": {[]string{"get", "namespaces"}, question.Place{All: true}, `get namespaces "" in any namespace`, nil},
		"a URL":                {[]string{"get", "/metrics"}, dev, `get /metrics "" on any server`, nil},
		"doubtful": {
			[]string{"gte", "secretz"},
			dev, `gte secretz "dev" in dev`,
			[]string{`resource "secretz" is not known here: asked as written; did you mean secrets?`, `verb "gte" is not known: asked as written; did you mean get?`},
		},
		"a name behind a slash": {
			[]string{"get", "pods/web-0"},
			dev, `get pods web-0 "dev" in dev`,
			[]string{`took "web-0" as the name of one of the pods, which have no subresource of that name`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			words, err := question.ParseWords(tt.words)
			if err != nil {
				t.Fatal(err)
			}
			req, doubts, err := question.Resolve(words, rbac.NewCatalog(nil), tt.at)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, fmt.Sprintf("%s %q %s", req.Action, req.Action.Namespace, req.Where())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.doubts, append(doubts.Notes, doubts.Warnings...)); diff != "" {
				t.Errorf("doubts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseWords(t *testing.T) {
	t.Parallel()
	for name, words := range map[string][]string{
		"none": nil, "a verb alone": {"get"}, "an empty verb": {"", "pods"}, "two verbs": {"get,list", "pods"}, "a URL with a name": {"get", "/x", "y"},
	} {
		if got, err := question.ParseWords(words); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestNamespaceDoubt(t *testing.T) {
	t.Parallel()
	known := []string{"team-vision"}
	for namespace, want := range map[string]string{
		"team-vision": "", "kube-system": "", "nosuch": `namespace "nosuch" is not known here: asked as written`,
		"team-visoin": `namespace "team-visoin" is not known here: asked as written; did you mean team-vision?`,
	} {
		if got := question.NamespaceDoubt(namespace, known); got != want {
			t.Errorf("%s: %q, want %q", namespace, got, want)
		}
	}
}
