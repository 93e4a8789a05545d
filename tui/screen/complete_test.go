package screen_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// TestComplete offers words where the bar stands in a question.
func TestComplete(t *testing.T) {
	t.Parallel()
	access := screen.Place{Kind: screen.Workspace, Name: "team-vision", Tab: "access"}
	tests := map[string]struct {
		place screen.Place
		text  string
		// want are the first words offered.
		want []string
		// first is the question with the first of them, with the bar.
		first string
	}{
		"nothing yet":               {text: "|", want: []string{"get", "list", "watch", "create"}, first: "get |"},
		"verb":                      {text: "de|", want: []string{"delete", "deletecollection"}, first: "delete |"},
		"why":                       {text: "wh|", want: []string{"why", "why not"}, first: "why |"},
		"why not":                   {text: "why|", want: []string{"why not"}, first: "why not |"},
		"verbs of the resource":     {text: "| pods/log", want: []string{"get"}, first: "get |pods/log"},
		"verbs of a URL":            {text: "p| /metrics", want: []string{"post", "put", "patch"}, first: "post |/metrics"},
		"short name":                {text: "get po|", want: []string{"pods"}, first: "get pods |"},
		"kind":                      {text: "get secret|", want: []string{"secrets"}, first: "get secrets |"},
		"only with the verb":        {text: "impersonate |", want: []string{"groups", "serviceaccounts", "uids", "userextras", "users"}},
		"subresources":              {text: "create pods/e|", want: []string{"pods/eviction", "pods/exec"}},
		"in the middle of a word":   {text: "get se|crets -n dev", want: []string{"secrets"}, first: "get secrets |-n dev"},
		"ambiguous":                 {text: "get events|", want: []string{"events", "events.events.k8s.io"}, first: "get events |"},
		"URL":                       {text: "get /li|", want: []string{"/livez"}, first: "get /livez |"},
		"names of roles":            {text: "get roles kaiwo|", want: []string{"kaiwo-scientist-role"}, first: "get roles kaiwo-scientist-role |"},
		"names of the namespace":    {place: screen.Place{Kind: screen.WhoCan, Namespace: "team-vision"}, text: "use rolebindings def|", want: []string{"default-editor", "default-viewer"}},
		"names of another":          {text: "get rolebindings own| -n payments", want: []string{"owner"}, first: "get rolebindings owner |-n payments"},
		"behind a slash":            {text: "get clusterroles/kubeflow-v|", want: []string{"clusterroles/kubeflow-view"}},
		"after the resource":        {text: "get secrets |", want: []string{"-n", "-A", "--cluster-scope", "--system", "--names"}, first: "get secrets -n |"},
		"flag":                      {text: "get secrets --n|", want: []string{"--names"}},
		"namespace":                 {text: "get secrets -n team|", want: []string{"team-nlp", "team-vision"}, first: "get secrets -n team-nlp |"},
		"namespace, glued":          {text: "get secrets --namespace=team|", want: []string{"team-nlp", "team-vision"}, first: "get secrets --namespace=team-nlp |"},
		"namespace, part of":        {text: "get secrets -n visi|", want: []string{"team-vision"}, first: "get secrets -n team-vision |"},
		"subject":                   {text: "why not bo|", want: []string{"user:bob@acme.example"}, first: "why not user:bob@acme.example |"},
		"service account":           {text: "why sa:ci/d|", want: []string{"sa:ci/deployer"}, first: "why sa:ci/deployer |"},
		"verb of a subject":         {text: "why user:bob@acme.example del|", want: []string{"delete", "deletecollection"}},
		"group":                     {text: "why bob get pods --group ml-r|", want: []string{"ml-readers"}, first: "why bob get pods --group ml-readers |"},
		"a whole command":           {text: "kubectl whocan ge|", want: []string{"get"}, first: "kubectl whocan get |"},
		"too many words":            {text: "get pods web-0 more|", want: []string{}},
		"nothing fits":              {text: "zzz|", want: []string{}},
		"access, a resource":        {place: access, text: "deploy|", want: []string{"deployments", "deployments/scale", "deployments/status"}, first: "deployments|"},
		"access, the start of many": {place: access, text: "pods/|", want: []string{"pods/attach", "pods/binding"}, first: "pods/attach|"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after, _ := strings.Cut(tt.text, "|")
			if tt.place.Zero() {
				tt.place.Kind = screen.WhoCan
			}
			offers := screen.Complete(acmeWorld(t), tt.place, before+after, len([]rune(before)))
			got := []string{}
			for _, o := range offers[:min(len(offers), len(tt.want))] {
				got = append(got, o.Word)
			}
			if len(tt.want) == 0 && len(offers) > 0 {
				t.Errorf("offers %v, want none", offers)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if tt.first != "" && len(offers) > 0 {
				runes := []rune(offers[0].Text)
				if got := string(runes[:offers[0].Cursor]) + "|" + string(runes[offers[0].Cursor:]); got != tt.first {
					t.Errorf("the question becomes %q, want %q", got, tt.first)
				}
			}
		})
	}
}

// FuzzComplete types anything: there are at most a dozen offers, and the cursor stays in the question.
func FuzzComplete(f *testing.F) {
	for _, text := range []string{"", "get po", "why not bob get pods --group=", "get 'a b' -n", "delete\tpods/é", "kubectl whocan get /m -A", `\'"`, "--namespace='x y", "-nteam"} {
		f.Add(text, 3, "dev")
	}
	w, err := readAcme()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string, cursor int, namespace string) {
		for _, place := range []screen.Place{
			{Kind: screen.WhoCan, Namespace: namespace, Query: text}, {Kind: screen.Workspace, Name: namespace, Tab: "access"},
		} {
			offers := screen.Complete(w, place, text, cursor)
			if len(offers) > 12 {
				t.Errorf("%d offers for %q", len(offers), text)
			}
			for _, o := range offers {
				if o.Word == "" || o.Cursor < 0 || o.Cursor > len([]rune(o.Text)) {
					t.Errorf("%q at %d: offer %+v", text, cursor, o)
				}
			}
		}
	})
}

// FuzzAsk types any question: there is a page with an answer or with a word on what comes next.
func FuzzAsk(f *testing.F) {
	for _, text := range []string{"get secrets", "why", "why not bob delete pods -n x", "get pods/ x", "get /x y", "-n", "--x", "get a,b c", "* *", "get pods/a/b", "why '' get pods", "can sa:a/b get pods -A --cluster-scope"} {
		f.Add(text)
	}
	w, err := readAcme()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		page, err := screen.Build(w, screen.Place{Kind: screen.WhoCan, Query: text})
		switch {
		case err != nil:
			t.Errorf("%q: %v", text, err)
		case page.List == nil && (page.Text == nil || len(page.Text.Lines) == 0):
			t.Errorf("%q: the page says nothing", text)
		case page.List != nil && page.List.Rows == 0 && page.List.Empty == "":
			t.Errorf("%q: an empty list without a word", text)
		}
	})
}
