package token_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// TestGenerate looks at 10,000 tokens: they are distinct, and as random as can be told. The bounds are twelve standard
// deviations wide: a good source leaves the widest of them, that of a chi-square, once in 10^14 runs, and one that prefers
// a character by a tenth always.
func TestGenerate(t *testing.T) {
	t.Parallel()
	const (
		tokens, length, letters = 10_000, 128, 64
		characters              = tokens * length
		sigmas                  = 12
	)
	seen := map[string]bool{}
	counts, pairs := map[byte]int{}, 0
	places := make([]map[byte]int, length)
	runs := 0 // of characters in the same half of the alphabet
	upper := func(c byte) bool { return c >= 'a' }
	for range tokens {
		text, err := token.Generate(nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) != length || seen[text] {
			t.Fatal("a token has another length, or is there twice")
		}
		seen[text] = true
		for i := range length {
			counts[text[i]]++
			if places[i] == nil {
				places[i] = map[byte]int{}
			}
			places[i][text[i]]++
			if i > 0 && text[i] == text[i-1] {
				pairs++
			}
			if i == 0 || upper(text[i]) != upper(text[i-1]) {
				runs++
			}
		}
	}
	if len(counts) != letters {
		t.Fatalf("%d characters are used, want %d", len(counts), letters)
	}
	// The square deviation of each character, summed up: it has 63 degrees of freedom, and with them mean and variance.
	square := func(counts map[byte]int, total float64) float64 {
		sum, expected := 0.0, total/letters
		for _, n := range counts {
			sum += (float64(n) - expected) * (float64(n) - expected) / expected
		}
		return sum + float64(letters-len(counts))*expected
	}
	near := func(what string, got, mean, variance float64) {
		t.Helper()
		if deviation := math.Abs(got-mean) / math.Sqrt(variance); deviation > sigmas {
			t.Errorf("%s: %.1f, want %.1f: %.1f standard deviations away", what, got, mean, deviation)
		}
	}
	const freedom = letters - 1
	near("chi-square of all characters", square(counts, characters), freedom, 2*freedom)
	all := 0.0
	for _, place := range places {
		all += square(place, tokens)
	}
	near("chi-square of each place", all, freedom*length, 2*freedom*length)
	const follows = tokens * (length - 1)
	near("repeated characters", float64(pairs), follows/float64(letters), follows/float64(letters)*(1-1/float64(letters)))
	// Of the alphabet, 26 characters are in the upper half: a run ends where the half changes.
	p := 2 * (26.0 / letters) * (38.0 / letters)
	near("runs", float64(runs), tokens+follows*p, follows*p*(1-p)*2)
}

func TestGenerateFails(t *testing.T) {
	t.Parallel()
	if _, err := token.Generate(iotest.ErrReader(errors.New("no entropy"))); err == nil {
		t.Error("a source that fails gives a token")
	}
	// Each byte becomes one character of its own: none is more likely than others.
	data := make([]byte, 128)
	for i := range data {
		data[i] = byte(i)
	}
	text, err := token.Generate(bytes.NewReader(data))
	if err != nil || text[:64] != text[64:] || strings.ContainsAny(text, "+/= \n") {
		t.Errorf("%q, %v", text, err)
	}
}

func TestParseKalm(t *testing.T) {
	t.Parallel()
	rule := func(verb, kind, name string) kalm.Rule {
		return kalm.Rule{Verb: verb, Namespace: "shop", Kind: kind, Name: name}
	}
	tests := map[string]struct {
		text, namespace string
		want            []kalm.Rule
		notes           string
		fails           string
	}{
		"view":             {text: "view:components", want: []kalm.Rule{rule("view", "components", "*")}},
		"edit comes along": {text: "edit:components/web", want: []kalm.Rule{rule("view", "components", "web"), rule("edit", "components", "web")}},
		"both":             {text: "edit,view:components/web", want: []kalm.Rule{rule("view", "components", "web"), rule("edit", "components", "web")}},
		"as people write":  {text: "view:Component/web", want: []kalm.Rule{rule("view", "components", "web")}},
		"no such view": {
			text: "edit:protectedendpoints/web", want: []kalm.Rule{rule("view", "protectedEndpoints", "web"), rule("edit", "protectedEndpoints", "web")},
			notes: "view:protectedEndpoints/web comes along",
		},
		"not asked":           {text: "view:domains", want: []kalm.Rule{rule("view", "domains", "*")}, notes: "view:domains gives nothing"},
		"manage":              {text: "manage:components", fails: "asks for manage of the whole cluster only; to change something it asks for edit"},
		"manage, everywhere":  {text: "manage:rolebindings", fails: "manage roleBindings/* in shop would never be enough: Kalm's API asks to manage the whole cluster"},
		"everywhere":          {text: "view:httproutes", fails: "view httpRoutes/* in shop would never be enough: Kalm's API asks for the whole cluster"},
		"nodes":               {text: "view:nodes", fails: "whole cluster"},
		"registries":          {text: "view:registries/hub", fails: "whole cluster"},
		"new applications":    {text: "edit:applications", fails: "in the whole cluster"},
		"another application": {text: "view:applications/blog", fails: "the application in shop has its name"},
		"the application":     {text: "view:apps/shop", want: []kalm.Rule{rule("view", "applications", "shop")}},
		"the whole namespace": {text: "edit:jobs", fails: "edit jobs/* in shop would never be enough: Kalm's API asks for edit in the whole namespace"},
		"volumes":             {text: "view:volumes/data", fails: "whole namespace"},
		"one service":         {text: "view:services/web", fails: "asks for all objects of the kind"},
		"a slip":              {text: "view:compnents", fails: `there is no kind "compnents" in Kalm's API; did you mean components?`},
		"no such kind":        {text: "edit:foo", fails: `there is no kind "foo" in Kalm's API, which has applications, components, `},
		"another verb":        {text: "get:components", fails: "want view, edit or manage"},
		"a comma":             {text: "view:components, role_cluster_owner", fails: "bad kind"},
		"a line break":        {text: "view:components\ng, x, role_cluster_owner", fails: "bad kind"},
		"a comment":           {text: "view:components#", fails: "bad kind"},
		"all kinds":           {text: "view:*", fails: "bad kind"},
		"a name with dots":    {text: "view:components/a.b", fails: "bad name"},
		"a digit first":       {text: "view:components/1a", fails: "bad name"},
		"the trap":            {text: "view:components", namespace: "cluster", fails: "those of the whole cluster"},
		"nothing":             {text: "view:", fails: "want VERB"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			namespace := tt.namespace
			if namespace == "" {
				namespace = "shop"
			}
			got, notes, err := token.ParseKalm(tt.text, namespace)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error %v, want one with %q", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			if text := strings.Join(notes, "; "); !strings.Contains(text, tt.notes) {
				t.Errorf("notes %q, want %q", text, tt.notes)
			}
		})
	}
}
