package token_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

func TestGrammar(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		// want are the rules in words; fails is a part of the error.
		want  string
		notes string
		fails string
	}{
		"verbs":                   {text: "get,list:pods", want: "get, list pods"},
		"a short name":            {text: "get:po", want: "get pods"},
		"a kind with a group":     {text: "patch:deployments.apps/web", want: "patch deployments.apps/web"},
		"a subresource":           {text: "get:pods/log", want: "get pods/log"},
		"of one object":           {text: "create:pods/exec/web-0", want: "create pods/exec/web-0"},
		"several kinds":           {text: "get:pods,services", want: "get pods, services"},
		"view":                    {text: "view:pods", want: "get, list, watch pods"},
		"view of a subresource":   {text: "view:pods/log", want: "get pods/log"},
		"edit":                    {text: "edit:configmaps", want: "get, list, watch, create, update, patch, delete configmaps"},
		"edit of one":             {text: "edit:configmaps/a", want: "get, update, patch, delete configmaps/a", notes: "leaves out list, watch, create"},
		"manage":                  {text: "manage:deployments.apps/web", want: "get, update, patch, delete deployments.apps/web; get, update, patch deployments.apps/scale/web, deployments.apps/status/web", notes: "leaves out"},
		"manage without tokens":   {text: "manage:serviceaccounts", want: "get, list, watch, create, update, patch, delete, deletecollection serviceaccounts", notes: "serviceaccounts/token"},
		"a special verb":          {text: "impersonate:serviceaccounts/x", want: "impersonate serviceaccounts/x"},
		"its own namespace":       {text: "view:namespaces", want: "get namespaces/shop", notes: "leaves out list, watch"},
		"another namespace":       {text: "get:namespaces/other", fails: "can't be given the namespace other"},
		"no colon":                {text: "get pods", fails: "want VERB"},
		"no verb":                 {text: ":pods", fails: "want VERB"},
		"an empty verb":           {text: "get,:pods", fails: "want VERB"},
		"every verb":              {text: "*:pods", fails: "name the verbs"},
		"every kind":              {text: "get:*", fails: "name the kinds"},
		"every subresource":       {text: "get:pods/*", fails: "name the kinds"},
		"a URL":                   {text: "get:/metrics", fails: "is a URL"},
		"a misspelt verb":         {text: "gte:pods", fails: `pods has no verb "gte"; did you mean get?`},
		"a misspelt word":         {text: "veiw:pods", fails: "did you mean view?"},
		"a misspelt kind":         {text: "get:podz", fails: `there is no kind "podz"; did you mean pods`},
		"a verb it does not have": {text: "list:pods/log", fails: "pods/log has no verb"},
		"a word it has none of":   {text: "edit:pods/eviction", want: "create pods/eviction"},
		"create with a name":      {text: "create:pods/x", fails: `create can't be limited to a name: leave out "x", or the name`},
		"list with a name":        {text: "get,list:secrets/db", fails: "list can't be limited to a name"},
		"a name with a space":     {text: "get:pods/a b", fails: `bad name "a b"`},
		"a name with a line":      {text: "get:pods/a\nb", fails: "no object can be called so"},
		"of the cluster":          {text: "get:nodes", fails: "nodes live in no namespace"},
		"a group that nobody has": {text: "get:widgets.example.com", fails: `there is no kind "widgets.example.com"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := token.Grammar{Catalog: rbac.NewCatalog(nil), Served: true, Namespace: "shop"}
			got, notes, err := g.Parse(tt.text)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error %v, want one with %q", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, strings.Join(token.RuleWords(token.RulesOf(got)), "; ")); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			if told := strings.Join(notes, "; "); tt.notes == "" && told != "" || !strings.Contains(told, tt.notes) {
				t.Errorf("notes %q, want %q", told, tt.notes)
			}
		})
	}
}

// What no cluster was asked about is taken as it is written, when the group is written too.
func TestGrammarUnserved(t *testing.T) {
	t.Parallel()
	g := token.Grammar{Catalog: rbac.NewCatalog(nil), Namespace: "shop"}
	got, notes, err := g.Parse("view:widgets.example.com/a")
	if err != nil || len(notes) == 0 || !strings.Contains(notes[0], "as it is written") {
		t.Fatalf("notes %q, error %v", notes, err)
	}
	if want := "get widgets.example.com/a"; strings.Join(token.RuleWords(token.RulesOf(got)), "; ") != want {
		t.Errorf("rules %q, want %q", token.RuleWords(token.RulesOf(got)), want)
	}
	if _, _, err := g.Parse("gte:widgets.example.com"); err == nil || !strings.Contains(err.Error(), "did you mean get?") {
		t.Errorf("a verb that nobody knows: %v", err)
	}
}

// Kinds that are alike share a rule, each once, whatever the order in which they came.
func TestRulesOf(t *testing.T) {
	t.Parallel()
	var all []token.Permission
	for _, text := range []string{"view:services", "view:pods", "get:secrets/a", "view:services", "view:deployments.apps"} {
		got, _, err := token.Grammar{Catalog: rbac.NewCatalog(nil), Namespace: "shop"}.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got...)
	}
	want := []string{"get, list, watch pods, services", "get secrets/a", "get, list, watch deployments.apps"}
	if diff := cmp.Diff(want, token.RuleWords(token.RulesOf(all))); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}
