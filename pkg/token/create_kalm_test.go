package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// A new token of Kalm in the place of one is another object with the same rules, and the old one goes after.
func TestRotateKalm(t *testing.T) {
	t.Parallel()
	web := kalm.Rule{Verb: "edit", Namespace: "blog", Kind: "components", Name: "web"}
	made := func(uid, label string, minute int, rules ...kalm.Rule) *unstructured.Unstructured {
		u := kalm.NewToken(kalm.Token{Rules: rules, Memo: "the pipeline", Creator: "ann", Deploy: true}, uid)
		u.SetUID(types.UID(uid))
		u.SetCreationTimestamp(metav1.NewTime(now.Add(time.Duration(minute) * time.Minute)))
		labels := u.GetLabels()
		labels[token.Label] = label
		u.SetLabels(labels)
		return u
	}
	one := []*unstructured.Unstructured{made("u1", "deploy", 0, web)}
	tests := map[string]struct {
		there   []*unstructured.Unstructured
		request token.KalmRequest
		gaps    []rbac.Gap
		rules   []kalm.Rule
		ended   []string
		fails   string
	}{
		"the same rules": {there: one, request: token.KalmRequest{Rotate: true}, rules: []kalm.Rule{web}, ended: []string{"u1"}},
		"others": {
			there: one, request: token.KalmRequest{Rotate: true, Rules: []kalm.Rule{{Verb: "view", Namespace: "shop", Kind: "components", Name: "*"}}},
			rules: []kalm.Rule{{Verb: "view", Namespace: "shop", Kind: "components", Name: "*"}}, ended: []string{"u1"},
		},
		"the newest of several": {
			there:   []*unstructured.Unstructured{made("u2", "deploy", 5, web), made("u1", "deploy", 0)},
			request: token.KalmRequest{Rotate: true}, rules: []kalm.Rule{web}, ended: []string{"u1", "u2"},
		},
		"another's":     {there: []*unstructured.Unstructured{made("u1", "other", 0, web)}, request: token.KalmRequest{Rotate: true}, fails: "there is no token deploy of Kalm"},
		"there already": {there: one, request: token.KalmRequest{Rules: []kalm.Rule{web}}, fails: "is there already (accesstoken/"},
		"without rules": {there: []*unstructured.Unstructured{made("u1", "deploy", 0)}, request: token.KalmRequest{Rotate: true}, fails: "give --may"},
		"a rule that breaks out": {
			there:   []*unstructured.Unstructured{made("u1", "deploy", 0, kalm.Rule{Verb: "view", Namespace: "shop", Kind: "x\np, a, b, c, d", Name: "*"})},
			request: token.KalmRequest{Rotate: true}, fails: "a rule that must not be made again",
		},
		"not all can be read": {
			there: one, request: token.KalmRequest{Rotate: true}, gaps: []rbac.Gap{{What: "accesstokens"}}, fails: "not all accesstokens can be read",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := &inventory.Inventory{Custom: map[inventory.Kind][]*unstructured.Unstructured{inventory.AccessTokens: tt.there}, Gaps: tt.gaps}
			tt.request.Name, tt.request.Expires, tt.request.Creator = "deploy", now.Add(time.Hour), "bob"
			d, err := token.CreateKalm(token.NewState(inv, nil, now), tt.request, strings.Repeat("s", kalm.TokenLength), inventory.Hidden)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error %v, want one with %q", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := kalm.ReadToken(d.Plan.Steps[0].Object)
			if diff := cmp.Diff(tt.rules, got.Rules); diff != "" || got.Memo != "the pipeline" || !got.Deploy || got.Creator != "bob" {
				t.Errorf("made %+v, rules (-want +got):\n%s", got, diff)
			}
			var ended []string
			for _, step := range d.After.Steps {
				ended = append(ended, step.UID())
			}
			if diff := cmp.Diff(tt.ended, ended); diff != "" || len(d.Notes) != len(tt.ended) {
				t.Errorf("notes %q; ended (-want +got):\n%s", d.Notes, diff)
			}
		})
	}
}
