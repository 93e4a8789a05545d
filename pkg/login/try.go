package login

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apiserver/pkg/authentication/user"
)

// try tries one token: what explains it first, then the authenticator, whose word counts.
func (t *Tester) try(ctx context.Context, a *attempt) (Verdict, error) {
	tr := &trace{tester: t, attempt: a, now: t.clock.Now()}
	if r := unsendable(a.token); r != nil {
		tr.verdict.Notes = a.notes
		tr.refuse(Step{Name: "form"}, r.Rule, r.Reason)
		return tr.verdict, nil
	}
	i, claims, err := tr.token(ctx)
	tr.verdict.Notes = append(slices.Clone(a.notes), tr.verdict.Notes...)
	if err != nil {
		tr.skipAll(i, "the signature was not checked")
		return tr.verdict, err
	}
	switch {
	case claims != nil:
		if tr.remote != "" && !t.options.Discover {
			return tr.verdict, &Undecided{
				Err:            fmt.Errorf("read groups: the token says that they are at %s", tr.remote),
				Next:           "an API server asks there; only with discovery is it asked here",
				NeedsDiscovery: true,
			}
		}
		tr.claims(ctx, i, claims)
	case i != nil:
		tr.skipAll(i, "the token is not valid")
	}
	response, ok, err := t.authenticate(context.WithValue(ctx, attemptKey{}, a), a.token, tr.remote != "")
	if ctx.Err() != nil {
		return tr.verdict, &Undecided{Err: fmt.Errorf("try the login: %w", ctx.Err())}
	}
	if ok {
		tr.allow(response.User)
	} else {
		tr.deny(err)
	}
	return tr.verdict, nil
}

// allow takes the user of the authenticator.
func (tr *trace) allow(who user.Info) {
	if r := tr.verdict.Refusal; r != nil {
		tr.disagree("it lets the token in, where the steps say: " + r.Reason)
		tr.verdict.Refusal = nil
	} else if tr.remote == "" && !alike(shownUser(who), shownUser(&tr.who)) {
		tr.disagree("its user is not the one of the steps")
	}
	tr.verdict.Allowed = true
	out := shownUser(who)
	if v := tr.tester.options.Kubernetes; v != nil && v.Major() == 1 && v.Minor() < 32 {
		delete(out.Extra, user.CredentialIDKey)
		if len(out.Extra) == 0 {
			out.Extra = nil
		}
	}
	// kube-apiserver adds the group to everybody who is somebody.
	known := func(group string) bool { return group == user.AllAuthenticated || group == user.AllUnauthenticated }
	if out.Username != user.Anonymous && !slices.ContainsFunc(out.Groups, known) {
		out.Groups = append(out.Groups, user.AllAuthenticated)
	}
	tr.verdict.User = &out
}

func shownUser(who user.Info) User {
	out := User{Username: who.GetName(), UID: who.GetUID(), Groups: slices.Clone(who.GetGroups())}
	if len(out.Groups) == 0 {
		out.Groups = nil
	}
	if extra := who.GetExtra(); len(extra) > 0 {
		out.Extra = maps.Clone(extra)
	}
	return out
}

// alike reports whether two users are the same. Order does not count: an expression that goes over an object has its
// members in another order each time, to an API server too.
func alike(a, b User) bool {
	same := func(a, b []string) bool {
		return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
	}
	return a.Username == b.Username && a.UID == b.UID && same(a.Groups, b.Groups) && maps.EqualFunc(a.Extra, b.Extra, same)
}

// deny takes the refusal of the authenticator, whose error is nil when the token is of none of its issuers.
func (tr *trace) deny(err error) {
	r := tr.verdict.Refusal
	if err == nil {
		if r == nil || r.Rule != Malformed && r.Rule != Issuer {
			tr.verdict.Refusal = &Refusal{Rule: Issuer, Reason: "no issuer of the configuration takes the token"}
			tr.disagree("it takes the token for none of its issuers")
		}
		return
	}
	said := clean(err.Error(), tr.attempt.token)
	rule := ruleOf(err.Error())
	switch {
	case r == nil && rule == DistributedClaim:
		// What an endpoint answers is no step of ours.
		tr.verdict.Refusal = &Refusal{Rule: rule, Reason: said}
	case r == nil:
		tr.verdict.Refusal = &Refusal{Rule: rule, Reason: said}
		tr.disagree("it refuses the token, and no step says why")
	case r.Rule != rule && (r.Rule != Key || rule != Signature) && (r.Rule != Malformed || rule != Algorithm):
		tr.disagree("it refuses the token for another reason: " + said)
		tr.verdict.Refusal = &Refusal{Rule: rule, Reason: said}
	}
}

// disagree notes that the steps do not explain what the authenticator says.
func (tr *trace) disagree(what string) {
	tr.verdict.Notes = append(tr.verdict.Notes, "the steps do not explain the verdict, which is the authenticator's: "+what)
}

// ruleOf returns the rule that an error of the authenticator is of.
func ruleOf(text string) string {
	for _, known := range []struct{ prefix, rule string }{
		{"oidc: verify token: oidc: malformed jwt", Malformed},
		{"oidc: verify token: oidc: id token not signed", Malformed},
		{"oidc: verify token: oidc: id token signed with unsupported algorithm", Algorithm},
		{"oidc: verify token: failed to verify signature", Signature},
		{"oidc: verify token: oidc: failed to unmarshal claims", Malformed},
		{"oidc: verify token: oidc: failed to obtain source", DistributedClaim},
		{"oidc: verify token: oidc: source does not exist", DistributedClaim},
		{"oidc: verify token: oidc: id token issued by a different provider", Issuer},
		{"oidc: verify token: oidc: expected audience", Audience},
		{"oidc: verify token: oidc: token is expired", Expired},
		{"oidc: verify token: oidc: current time", NotYetValid},
		{"oidc: parse claims", Malformed},
		{"oidc: could not expand distributed claims", DistributedClaim},
		{"oidc: error evaluating username", Username},
		{"oidc: empty username", Username},
		{"oidc: parse username", Username},
		{"oidc: parse 'email_verified'", EmailNotVerified},
		{"oidc: email not verified", EmailNotVerified},
		{"oidc: parse groups claim", Groups},
		{"oidc: error evaluating group", Groups},
		{"oidc: parse uid claim", UID},
		{"oidc: error evaluating uid", UID},
		{"oidc: error evaluating extra", Extra},
		{"expression '", Extra},
		{"oidc: required claim", RequiredClaim},
		{"oidc: parse claim ", RequiredClaim},
		{"oidc: error evaluating claim validation", ClaimRule},
		{"oidc: error evaluating user info", UserRule},
	} {
		if strings.HasPrefix(text, known.prefix) {
			return known.rule
		}
	}
	return Unexplained
}
