package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	jwt "k8s.io/apiserver/pkg/authentication/token/jwt"
	"k8s.io/apiserver/pkg/authentication/user"
)

// claims looks at what the configuration makes of claims. All of it is looked at, so that one try shows all that is wrong;
// only the rules on the user need one.
func (tr *trace) claims(ctx context.Context, i *issuer, claims map[string]json.RawMessage) {
	value := claimsValue(claims)
	tr.username(ctx, i, claims, value)
	tr.groups(ctx, i, claims, value)
	tr.uid(ctx, i, claims, value)
	tr.extra(ctx, i, claims, value)
	tr.required(i, claims)
	tr.claimRules(ctx, i, value)
	tr.userRules(ctx, i)
}

// text reads a claim that is a string.
func text(claims map[string]json.RawMessage, name string) (string, error) {
	raw, ok := claims[name]
	if !ok {
		return "", fmt.Errorf("the token has no claim %q", name)
	}
	var out string
	if err := json.Unmarshal(raw, &out); err != nil {
		return "", fmt.Errorf("claim %q: %s", name, notText(err, raw, "a string"))
	}
	return out, nil
}

// oneText evaluates an expression that must return a string.
func (e *expression) oneText(ctx context.Context, claims traits.Mapper) (string, ref.Val, error) {
	value, err := e.of(ctx, claims)
	if err != nil {
		return "", nil, errors.New(evaluation(err))
	}
	out, ok := value.Value().(string)
	if !ok || value.Type().TypeName() != "string" {
		return "", value, fmt.Errorf("the expression must return a string: it returned %s%s", kind(value), repairOf(value))
	}
	return out, value, nil
}

// mapped says in words how a claim becomes part of a user.
func mapped(claim string, prefix *string) string {
	if prefix != nil && *prefix != "" {
		return fmt.Sprintf("claim %s with prefix %q", claim, *prefix)
	}
	return "claim " + claim
}

func (tr *trace) username(ctx context.Context, i *issuer, claims map[string]json.RawMessage, value traits.Mapper) {
	step := Step{Name: "username", State: OK}
	if e := i.rules.username; e != nil {
		step.Expression = e.text
		name, result, err := e.oneText(ctx, value)
		step.Value = plain(result)
		switch {
		case err != nil:
			tr.refuse(step, Username, "username: "+err.Error())
		case name == "":
			tr.refuse(step, Username, "username: the expression returned an empty string")
		default:
			tr.who.Name = name
			tr.add(step)
		}
		return
	}
	mapping := i.spec.ClaimMappings.Username
	step.Expression = mapped(mapping.Claim, mapping.Prefix)
	name, err := text(claims, mapping.Claim)
	if err != nil {
		tr.refuse(step, Username, "username: "+err.Error())
		return
	}
	if mapping.Prefix != nil {
		name = *mapping.Prefix + name
	}
	step.Value, tr.who.Name = name, name
	tr.add(step)
	if name == "" {
		tr.verdict.Notes = append(tr.verdict.Notes, "the username is empty: kube-apiserver takes it, and no binding can name it")
	}
	if mapping.Claim == "email" {
		tr.emailVerified(claims)
	}
}

// emailVerified looks at what goes with the claim email.
func (tr *trace) emailVerified(claims map[string]json.RawMessage) {
	step := Step{Name: "email_verified", Expression: "claim email_verified", State: OK}
	raw, ok := claims["email_verified"]
	if !ok {
		step.State, step.Reason = Skipped, "the token does not have it, which is as good as true"
		tr.add(step)
		return
	}
	var verified bool
	if err := json.Unmarshal(raw, &verified); err != nil {
		tr.refuse(step, EmailNotVerified, `claim "email_verified": `+notText(err, raw, "true or false"))
		return
	}
	step.Value = verified
	if !verified {
		tr.refuse(step, EmailNotVerified, "the e-mail address is not verified: the claim email_verified is false, and the username is the claim email")
		return
	}
	tr.add(step)
}

func (tr *trace) groups(ctx context.Context, i *issuer, claims map[string]json.RawMessage, value traits.Mapper) {
	step := Step{Name: "groups", State: OK}
	if e := i.rules.groups; e != nil {
		step.Expression = e.text
		groups, ok := tr.texts(ctx, e, &step, value, Groups)
		if ok {
			tr.who.Groups = groups
			step.Value = orEmpty(groups)
			tr.add(step)
		}
		return
	}
	mapping := i.spec.ClaimMappings.Groups
	if mapping.Claim == "" {
		step.State, step.Reason = Skipped, "the configuration takes no groups"
		tr.add(step)
		return
	}
	step.Expression = mapped(mapping.Claim, mapping.Prefix)
	raw, ok := claims[mapping.Claim]
	switch {
	case !ok && tr.remote != "":
		step.State, step.Reason = Skipped, "the issuer has them at "+tr.remote
		tr.add(step)
		return
	case !ok:
		step.State, step.Reason = Skipped, fmt.Sprintf("the token has no claim %q: no groups", mapping.Claim)
		tr.add(step)
		return
	}
	var groups audience // one, or a list, too
	if err := json.Unmarshal(raw, &groups); err != nil {
		tr.refuse(step, Groups, fmt.Sprintf("groups: claim %q must be a string or a list of strings, and is %s", mapping.Claim, rawKind(raw)))
		return
	}
	if string(raw) == "null" {
		groups = nil
	}
	for n := range groups {
		if mapping.Prefix != nil {
			groups[n] = *mapping.Prefix + groups[n]
		}
	}
	tr.who.Groups = groups
	step.Value = orEmpty(groups)
	tr.add(step)
}

// texts evaluates an expression that must return strings, and refuses if it does not.
func (tr *trace) texts(ctx context.Context, e *expression, step *Step, value traits.Mapper, rule string) ([]string, bool) {
	result, err := e.of(ctx, value)
	if err != nil {
		tr.refuse(*step, rule, step.Name+": "+evaluation(err))
		return nil, false
	}
	out, err := texts(result)
	if err != nil {
		step.Value = plain(result)
		tr.refuse(*step, rule, step.Name+": "+err.Error())
		return nil, false
	}
	return out, true
}

func orEmpty(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}

func (tr *trace) uid(ctx context.Context, i *issuer, claims map[string]json.RawMessage, value traits.Mapper) {
	step := Step{Name: "uid", State: OK}
	var uid string
	var err error
	switch e, claim := i.rules.uid, i.spec.ClaimMappings.UID.Claim; {
	case claim != "":
		step.Expression = mapped(claim, nil)
		uid, err = text(claims, claim)
		step.Value = uid
	case e != nil:
		step.Expression = e.text
		var result ref.Val
		uid, result, err = e.oneText(ctx, value)
		step.Value = plain(result)
	default:
		step.State, step.Reason = Skipped, "the configuration takes no uid"
	}
	if err != nil {
		step.Value = nil
		tr.refuse(step, UID, "uid: "+err.Error())
		return
	}
	tr.who.UID = uid
	tr.add(step)
}

func (tr *trace) extra(ctx context.Context, i *issuer, claims map[string]json.RawMessage, value traits.Mapper) {
	extra := map[string][]string{}
	if id, err := text(claims, "jti"); err == nil && id != "" {
		extra[user.CredentialIDKey] = []string{jwt.CredentialIDForJTI(id)}
	}
	for n := range i.rules.extra {
		e := &i.rules.extra[n]
		step := Step{Name: "extra " + e.key, Expression: e.text, State: OK}
		values, ok := tr.texts(ctx, e, &step, value, Extra)
		if !ok {
			continue
		}
		step.Value = orEmpty(values)
		if len(values) > 0 {
			extra[e.key] = values
		} else {
			step.Reason = "it is empty, and left out"
		}
		tr.add(step)
	}
	if len(extra) > 0 {
		tr.who.Extra = extra
	}
}
