package token

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// KalmRequest is what somebody wants a token of Kalm for.
type KalmRequest struct {
	Name string
	// Rules are what it may do. With Rotate none means those of the token that is there, as an empty memo means its memo.
	Rules         []kalm.Rule
	Expires       time.Time
	Creator, Memo string
	// Deploy has Kalm count it as a deploy token, which its web pages show.
	Deploy bool
	// Rotate makes a new token in the place of one that is there. Kalm names the object by the token: it is a new one.
	Rotate bool
}

// CreateKalm plans the AccessToken for a secret, which names it. The object of the plan has hidden in the place of the
// secret, so that nothing that shows the plan can show it: whoever carries it out puts the secret in.
func CreateKalm(s *State, r KalmRequest, secret, hidden string) (Draft, error) {
	if err := CheckName(r.Name); err != nil {
		return Draft{}, err
	}
	there := s.kalmTokens(r.Name)
	switch {
	case r.Rotate && len(s.inv.Missing(inventory.AccessTokens)) > 0:
		return Draft{}, fmt.Errorf("rotate token %s: not all %s can be read, so that what it replaces is not known", r.Name, inventory.AccessTokens.Called()[0])
	case r.Rotate && len(there) == 0:
		return Draft{}, fmt.Errorf("there is no token %s of Kalm to be rotated", r.Name)
	case !r.Rotate && len(there) > 0:
		return Draft{}, fmt.Errorf("token %s is there already (%s): --rotate makes a new one in its place, and \"revoke\" takes it away", r.Name, there[0].ID())
	case slices.ContainsFunc(s.tokens, func(t Token) bool { return t.Kind == Kalm && t.objectName() == r.Name }):
		return Draft{}, fmt.Errorf("there is an accesstoken/%s, which is not one of ours: take another name", r.Name)
	}
	var (
		d   Draft
		old []plan.Step
		err error
	)
	for _, t := range there {
		old = append(old, deletion(t.object, "a new token takes its place"))
		d.Notes = append(d.Notes, fmt.Sprintf("when the new token is there, %s is deleted, which ends the old one", t.Object()))
	}
	if d.After, err = plan.New("revoke the old token "+r.Name+" of Kalm", old...); err != nil {
		return Draft{}, err
	}
	if r.Rotate {
		if r, err = r.after(there[len(there)-1]); err != nil {
			return Draft{}, err
		}
	}
	u := kalm.NewToken(kalm.Token{
		Rules: r.Rules, Creator: r.Creator, Memo: strings.TrimSpace(r.Memo), Expires: kalm.FormatExpiry(r.Expires), Deploy: r.Deploy,
	}, secret)
	if err := unstructured.SetNestedField(u.Object, hidden, "spec", "token"); err != nil {
		return Draft{}, fmt.Errorf("hide token: %w", err)
	}
	if r.Memo == "" {
		unstructured.RemoveNestedField(u.Object, "spec", "memo")
	}
	u.SetLabels(with(u.GetLabels(), Label, r.Name))
	d.KalmRules = r.Rules
	d.Plan, err = plan.New("make token "+r.Name+" of Kalm", plan.Step{Verb: plan.Create, Object: u, Why: "Kalm keeps the token in it", Unit: "token " + r.Name})
	return d, err
}

// kalmTokens returns the tokens of Kalm that were made under a name, the newest last. There are several where a rotation was
// cut off.
func (s *State) kalmTokens(name string) []Token {
	var out []Token
	for _, t := range s.tokens {
		if t.Kind == Kalm && t.object.GetLabels()[Label] == name {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Token) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.ID(), b.ID())) })
	return out
}

// after returns the request with what it takes over from the token in whose place the new one is made.
func (r KalmRequest) after(old Token) (KalmRequest, error) {
	read := kalm.ReadToken(old.object)
	r.Deploy = r.Deploy || read.Deploy
	r.Memo = cmp.Or(r.Memo, read.Memo)
	if len(r.Rules) > 0 {
		return r, nil
	}
	r.Rules = read.Rules
	if len(r.Rules) == 0 {
		return r, fmt.Errorf("nothing says what the token %s may do: give --may", r.Name)
	}
	for _, rule := range r.Rules {
		if err := cmp.Or(kalm.CheckRule(rule), kalm.CheckKind(rule.Kind)); err != nil {
			return r, fmt.Errorf("rotate token %s: it has a rule that must not be made again: %w; give --may", r.Name, err)
		}
	}
	return r, nil
}
