package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/go-jose/go-jose.v2"
	"k8s.io/apiserver/pkg/authentication/user"
	upstream "k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"
)

// trace looks once more at what the authenticator looks at, in its order, and says what it sees.
type trace struct {
	tester  *Tester
	attempt *attempt
	now     time.Time
	verdict Verdict
	// who is what the mappings make of the claims; it is whole when nothing refused.
	who user.DefaultInfo
	// remote reports that only an issuer's endpoint knows the groups.
	remote string
}

// add adds a step that went well or was not needed.
func (tr *trace) add(s Step) { tr.verdict.Steps = append(tr.verdict.Steps, s) }

// refuse adds a step that went wrong. The first one is why there is no user.
func (tr *trace) refuse(s Step, rule, reason string) {
	s.State, s.Reason = Failed, reason
	tr.add(s)
	if tr.verdict.Refusal == nil {
		tr.verdict.Refusal = &Refusal{Rule: rule, Reason: reason}
	}
}

// refused reports whether anything went wrong.
func (tr *trace) refused() bool { return tr.verdict.Refusal != nil }

// token looks at all but the claims that only the configuration gives a meaning. It returns the issuer and the claims
// when the token is one of the issuer's, valid now. The error is an [Undecided].
func (tr *trace) token(ctx context.Context) (*issuer, map[string]json.RawMessage, error) {
	if r := form(tr.attempt.token); r != nil {
		tr.refuse(Step{Name: "form"}, r.Rule, r.Reason)
		return nil, nil, nil
	}
	token, malformed := takeApart(tr.attempt.token)
	if token.issuer != "" || malformed == nil {
		if i := tr.issuer(token.issuer); i != nil && malformed == nil {
			claims, err := tr.signed(ctx, i, token)
			return i, claims, err
		}
	}
	if malformed != nil {
		tr.refuse(Step{Name: "form"}, malformed.Rule, malformed.Reason)
	}
	return nil, nil, nil
}

// issuer finds the issuer of a token in the configuration.
func (tr *trace) issuer(url string) *issuer {
	step := Step{Name: "issuer", Value: url, State: OK}
	i := tr.tester.matching(url)
	if i != nil {
		tr.verdict.Issuer = i.spec.Issuer.URL
		tr.add(step)
		return i
	}
	has := fmt.Sprintf("the token is of issuer %q", url)
	if url == "" {
		has = "the token has no issuer (claim iss)"
	}
	urls := tr.tester.urls()
	switch {
	case len(urls) == 0:
		has += "; the configuration has no issuer"
	case len(urls) == 1:
		has += "; the configuration has " + list(urls)
	default:
		has += "; the configuration has only " + list(urls)
	}
	for _, one := range urls {
		if url != one && strings.EqualFold(strings.TrimSuffix(url, "/"), strings.TrimSuffix(one, "/")) {
			has += ": issuers are compared to the letter, slash at the end included"
			break
		}
	}
	tr.refuse(step, Issuer, has)
	return nil
}

// signed looks at the signature, and then at the claims that every token has.
func (tr *trace) signed(ctx context.Context, i *issuer, token parts) (map[string]json.RawMessage, error) {
	step := Step{Name: "algorithm", Value: token.algorithm, State: OK}
	if allowed := upstream.AllValidSigningAlgorithms(); !slices.Contains(allowed, token.algorithm) {
		tr.refuse(step, Algorithm, fmt.Sprintf("the token is signed with algorithm %q; kube-apiserver takes %s", token.algorithm, strings.Join(allowed, ", ")))
		tr.unseen("signature", "audience", "expiry")
		return nil, nil
	}
	tr.add(step)
	keys, err := tr.attempt.verify(ctx, i, token.jws)
	if err != nil {
		tr.add(Step{Name: "signature", State: Skipped, Reason: err.Error()})
		tr.unseen("audience", "expiry")
		return nil, err
	}
	step = Step{Name: "signature", State: OK}
	if token.keyID != "" {
		step.Value = "key " + token.keyID
	}
	if tr.attempt.own != nil {
		step.Value = "a key made for this try"
	}
	if tr.attempt.err != nil {
		rule, reason := signature(tr.attempt.err, token, keys)
		tr.refuse(step, rule, reason)
		tr.unseen("audience", "expiry")
		return nil, nil
	}
	tr.add(step)

	var fixed registered
	if err := json.Unmarshal(tr.attempt.payload, &fixed); err != nil {
		tr.refuse(Step{Name: "claims"}, Malformed, misread(err))
		return nil, nil
	}
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(tr.attempt.payload, &claims); err != nil {
		tr.refuse(Step{Name: "claims"}, Malformed, misread(err))
		return nil, nil
	}
	tr.verdict.IssuedAt, tr.verdict.Expires = shown(time.Time(fixed.IssuedAt)), shown(time.Time(fixed.Expires))
	if fixed.NotBefore != nil {
		tr.verdict.NotBefore = shown(time.Time(*fixed.NotBefore))
	}
	tr.distributed(i, fixed, claims)
	// Several audiences are looked at by kube-apiserver itself, after its library has looked at the rest.
	if len(i.spec.Issuer.Audiences) == 1 {
		tr.audience(i, fixed)
		tr.time(fixed, claims)
	} else {
		tr.time(fixed, claims)
		tr.audience(i, fixed)
	}
	if tr.refused() {
		return nil, nil
	}
	return claims, nil
}

// unseen adds steps that were not looked at, since whatever a token says is worth nothing without a signature.
func (tr *trace) unseen(names ...string) {
	for _, name := range names {
		tr.add(Step{Name: name, State: Skipped, Reason: "the signature was not checked, or is none"})
	}
}

// signature says why a signature is none: there is no such key, or the key says no.
func signature(cause error, token parts, keys []jose.JSONWebKey) (rule, reason string) {
	if unreadable, ok := errors.AsType[*unreadableKeys](cause); ok {
		return Key, unreadable.Error()
	}
	var ids []string
	fits, named := false, token.keyID == ""
	for _, key := range keys {
		ids = append(ids, key.KeyID)
		if token.keyID != "" && key.KeyID != token.keyID {
			continue
		}
		named = true
		fits = fits || fitting(token.algorithm, key)
	}
	slices.Sort(ids)
	switch {
	case len(keys) == 0:
		return Key, "the issuer has no keys"
	case !named:
		return Key, fmt.Sprintf("the token is signed with key %q; the issuer has %s", token.keyID, list(slices.Compact(ids)))
	case !fits:
		return Signature, fmt.Sprintf("the key of the token is of another type than its algorithm %s needs", token.algorithm)
	}
	return Signature, "the signature is not the issuer's: the token was changed, or somebody else signed it"
}

// audience looks at whom the token is for.
func (tr *trace) audience(i *issuer, fixed registered) {
	step := Step{Name: "audience", Value: []string(fixed.Audience), State: OK}
	for _, one := range fixed.Audience {
		if slices.Contains(i.spec.Issuer.Audiences, one) {
			tr.add(step)
			return
		}
	}
	has := "the token has no audience (claim aud)"
	if len(fixed.Audience) > 0 {
		has = "the token is for audience " + list(fixed.Audience)
	}
	want := "; the configuration wants "
	if len(i.spec.Issuer.Audiences) > 1 {
		want += "one of "
	}
	tr.refuse(step, Audience, has+want+list(i.spec.Issuer.Audiences))
}
