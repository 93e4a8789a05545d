package login

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

// required looks at the claims that must have a certain value.
func (tr *trace) required(i *issuer, claims map[string]json.RawMessage) {
	for _, rule := range i.spec.ClaimValidationRules {
		if rule.Claim == "" {
			continue
		}
		step := Step{Name: "required claim " + rule.Claim, Expression: fmt.Sprintf("claim %s is %q", rule.Claim, rule.RequiredValue), State: OK}
		value, err := text(claims, rule.Claim)
		switch {
		case err != nil:
			tr.refuse(step, RequiredClaim, "required claim: "+err.Error())
		case value != rule.RequiredValue:
			step.Value = value
			tr.refuse(step, RequiredClaim, fmt.Sprintf("required claim: claim %q is %q, and must be %q", rule.Claim, value, rule.RequiredValue))
		default:
			step.Value = value
			tr.add(step)
		}
	}
}

// claimRules looks at the rules on claims.
func (tr *trace) claimRules(ctx context.Context, i *issuer, claims traits.Mapper) {
	tr.rules(i.rules.claimRules, "claim rule", ClaimRule, func(e *expression) (ref.Val, error) { return e.of(ctx, claims) })
}

// userRules looks at the rules on the user, if there is one.
func (tr *trace) userRules(ctx context.Context, i *issuer) {
	why := ""
	switch {
	case tr.refused():
		why = "there is no user to look at"
	case tr.remote != "":
		why = "it needs groups that the issuer has"
	}
	if why != "" {
		tr.skip(i.rules.userRules, "user rule", why)
		return
	}
	who := userValue(&tr.who)
	tr.rules(i.rules.userRules, "user rule", UserRule, func(e *expression) (ref.Val, error) { return e.ofUser(ctx, who) })
}

// rules looks at rules of one sort. One that cannot be evaluated refuses before one that is false, wherever it stands.
func (tr *trace) rules(rules []expression, name, rule string, evaluate func(*expression) (ref.Val, error)) {
	before := tr.refused()
	broken := false
	for n := range rules {
		e := &rules[n]
		step := Step{Name: fmt.Sprintf("%s %d", name, n+1), Expression: e.text, State: OK}
		value, err := evaluate(e)
		step.Value = plain(value)
		var reason string
		switch result, ok := asBool(value); {
		case err != nil:
			reason = "it cannot be evaluated: " + evaluation(err)
		case !ok:
			reason = "it must be true or false, and is " + kind(value)
		case !result && e.message != "":
			reason = e.message
		case !result:
			reason = "it is false"
		}
		if reason == "" {
			tr.add(step)
			continue
		}
		reason = fmt.Sprintf("%s %d (%s): %s", name, n+1, e.text, reason)
		if err != nil && !broken && !before {
			broken = true
			tr.verdict.Refusal = nil
		}
		tr.refuse(step, rule, reason)
	}
}

func asBool(value ref.Val) (result, ok bool) {
	if value == nil {
		return false, false
	}
	result, ok = value.Value().(bool)
	return result, ok
}

// skip adds steps that were not looked at.
func (tr *trace) skip(rules []expression, name, why string) {
	for n, e := range rules {
		tr.add(Step{Name: fmt.Sprintf("%s %d", name, n+1), Expression: e.text, State: Skipped, Reason: why})
	}
}

// skipAll adds the steps of an issuer's mappings and rules, none of which was looked at.
func (tr *trace) skipAll(i *issuer, why string) {
	one := func(name, claim string, prefix *string, e *expression) {
		step := Step{Name: name, State: Skipped, Reason: why}
		switch {
		case e != nil:
			step.Expression = e.text
		case claim != "":
			step.Expression = mapped(claim, prefix)
		default:
			return
		}
		tr.add(step)
	}
	m := i.spec.ClaimMappings
	one("username", m.Username.Claim, m.Username.Prefix, i.rules.username)
	one("groups", m.Groups.Claim, m.Groups.Prefix, i.rules.groups)
	one("uid", m.UID.Claim, nil, i.rules.uid)
	for n := range i.rules.extra {
		one("extra "+i.rules.extra[n].key, "", nil, &i.rules.extra[n])
	}
	for _, rule := range i.spec.ClaimValidationRules {
		if rule.Claim != "" {
			one("required claim "+rule.Claim, rule.Claim, nil, nil)
		}
	}
	tr.skip(i.rules.claimRules, "claim rule", why)
	tr.skip(i.rules.userRules, "user rule", why)
}
