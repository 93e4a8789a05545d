package accesstoken

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// patched is a server that takes patches of one object.
type patched struct {
	plan.Server
	patch string
}

// Patch implements [plan.Server].
func (p *patched) Patch(_ context.Context, o *unstructured.Unstructured, patch []byte, _ plan.Write) (*unstructured.Unstructured, error) {
	p.patch = string(patch)
	return o.DeepCopy(), nil
}

// When the server gives no token in the place of an old one, the old one may do no more than before.
func TestTakeBackRules(t *testing.T) {
	t.Parallel()
	role := func(verb string) *unstructured.Unstructured {
		objects, err := plan.FromObjects(&rbacv1.Role{
			TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "Role"},
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "ci", UID: "u", ResourceVersion: "1"},
			Rules:      []rbacv1.PolicyRule{{Verbs: []string{verb}, APIGroups: []string{""}, Resources: []string{"pods"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return objects[0]
	}
	p, err := plan.New("", plan.Step{Verb: plan.Update, Old: role("get"), Object: role("delete")})
	if err != nil {
		t.Fatal(err)
	}
	env := cli.NewEnv(genericiooptions.IOStreams{In: strings.NewReader(""), Out: io.Discard, ErrOut: io.Discard}, &clocktesting.FakePassiveClock{}, "kubectl accesstoken")
	f := &createFlags{sources: newSources(env), change: change.NewFlags(env), writes: &cobra.Command{}, rotate: true}
	f.change.AddFlags(f.writes)
	server := &patched{}
	if err := (&createOptions{createFlags: f, name: "ci"}).takeBack(t.Context(), &witness{Server: server}, token.Draft{Plan: p}); err != nil {
		t.Fatal(err)
	}
	var sent struct {
		Rules []rbacv1.PolicyRule `json:"rules"`
	}
	if err := json.Unmarshal([]byte(server.patch), &sent); err != nil || len(sent.Rules) != 1 || sent.Rules[0].Verbs[0] != "get" {
		t.Errorf("the role was not put back: %s, %v", server.patch, err)
	}
}

// Input that is no token is refused, and not cut into one.
func TestHugeInput(t *testing.T) {
	t.Parallel()
	got := execute(t, strings.Repeat("a", mostToken+1), "describe", "-", "--from", tokens)
	if got.Code != 1 || !strings.Contains(got.Stderr, "it is longer than any token") {
		t.Errorf("%s", got)
	}
}

// Every token that is not named yet is offered, for commands that take several.
func TestCompleteTokens(t *testing.T) {
	t.Parallel()
	got := execute(t, "", "__complete", "revoke", "--from", tokens, "good", "")
	if !strings.Contains(got.Stdout, "strong\n") || strings.Contains(got.Stdout, "good\n") {
		t.Errorf("revoke offers:\n%s", got)
	}
	if got := execute(t, "", "__complete", "describe", "--from", tokens, "good", ""); strings.Contains(got.Stdout, "strong\n") {
		t.Errorf("describe offers a second:\n%s", got)
	}
	// An AccessToken is offered by its name, or else by no more of its sum than the list shows.
	offers := strings.Split(execute(t, "", "__complete", "describe", "--from", tokens, "").Stdout, "\n")
	for _, want := range []string{"deploy", "accesstoken/7e9148147af3", "tokenless", "secret/root-token"} {
		if !slices.Contains(offers, want) {
			t.Errorf("%s is not offered: %q", want, offers)
		}
	}
	if len(slices.Compact(offers)) != len(offers) {
		t.Errorf("one is offered twice: %q", offers)
	}
}

// Of hundreds of rules that nobody has asked for, those that say most are told.
func TestTellProven(t *testing.T) {
	t.Parallel()
	var told bytes.Buffer
	env := cli.NewEnv(genericiooptions.IOStreams{In: strings.NewReader(""), Out: io.Discard, ErrOut: &told}, &clocktesting.FakePassiveClock{}, "kubectl accesstoken")
	p := token.Proven{}
	for range 30 {
		p.More = append(p.More, token.Extra{Rule: rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}})
	}
	p.More = append(p.More, token.Extra{Rule: rbacv1.PolicyRule{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}})
	p.More = append(p.More, p.More[0])
	p.More[31].Via = []string{"rolebinding/stray"}
	o := &createOptions{createFlags: &createFlags{sources: newSources(env)}, name: "ci", namespace: "shop"}
	o.tellProven(p, nil)
	lines := strings.Split(strings.TrimSpace(told.String()), "\n")
	if len(lines) != mostTold+2 || !strings.HasSuffix(lines[0], "it may * *") || !strings.HasSuffix(lines[mostTold], "via rolebinding/stray") ||
		lines[mostTold+1] != "and 11 more rules: kubectl whocan rules sa:shop/ci -n shop shows all" {
		t.Errorf("told:\n%s", told.String())
	}
}
