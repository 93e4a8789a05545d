package login

import (
	"context"
	"errors"
	"fmt"

	"gopkg.in/go-jose/go-jose.v2"
)

// attempt is one token on its way through an authenticator.
type attempt struct {
	token string
	// own are the keys of a token that was signed for this attempt; nil asks the issuer's.
	own []jose.JSONWebKey
	// notes are what else there is to say, such as what was filled in.
	notes []string

	// payload and err are what the check of the signature said.
	payload []byte
	err     error
}

// attemptKey is the key of an attempt in a context.
type attemptKey struct{}

// attemptKeys are the keys of every authenticator: those of the attempt in its context. The signature was checked before,
// since whoever explains an attempt must know more of the keys than an authenticator tells.
type attemptKeys struct{}

// VerifySignature implements the set of keys of an authenticator.
func (attemptKeys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	a, ok := ctx.Value(attemptKey{}).(*attempt)
	switch {
	case !ok || a.token != token:
		return nil, errors.New("the token is of no attempt")
	case a.err != nil:
		return nil, a.err
	case a.payload == nil:
		return nil, errors.New("the signature was not checked")
	}
	return a.payload, nil
}

// errSignature is that no key fits a signature.
var errSignature = errors.New("failed to verify id token signature")

// verify checks the signature of a token with the issuer's keys. It returns the keys, for who explains. The error is an
// [Undecided] when the keys are not known; what is wrong with the signature is in the attempt.
func (a *attempt) verify(ctx context.Context, i *issuer, jws *jose.JSONWebSignature) ([]jose.JSONWebKey, error) {
	if a.own != nil {
		a.payload, a.err = verifyWith(jws, a.own)
		return a.own, nil
	}
	if set, ok := i.given(); ok {
		if why := cannotBeRead(set.Keys); why != "" {
			a.err = &unreadableKeys{which: "given for " + i.spec.Issuer.URL, err: errors.New(why)}
		} else {
			a.payload, a.err = verifyWith(jws, set.Keys)
		}
		return set.Keys, nil
	}
	if !i.options.Discover {
		return nil, &Undecided{
			Err:       fmt.Errorf("check the signature: no keys of %s are known", i.spec.Issuer.URL),
			Next:      "give the keys of the issuer (its JWKS), or have them discovered",
			NeedsKeys: true, NeedsDiscovery: true,
		}
	}
	ctx, cancel := context.WithTimeout(ctx, i.options.Timeout)
	defer cancel()
	found, err := i.discover(ctx)
	if err != nil {
		at := i.spec.Issuer.DiscoveryURL
		if at == "" {
			at = wellKnown(i.spec.Issuer.URL)
		}
		return nil, i.unreachable("discover", at, err, a.token)
	}
	if to := i.spec.Issuer.EgressSelectorType; to != "" {
		a.notes = append(a.notes, fmt.Sprintf("the issuer was asked from here; kube-apiserver asks it through its egress selector %s", to))
	}
	a.payload, a.err = found.set.VerifySignature(ctx, a.token)
	keys, unreadable, err := found.last()
	switch {
	case a.err == nil:
	case unreadable:
		a.err = &unreadableKeys{which: "at " + found.url, err: err}
	case ctx.Err() != nil:
		return nil, i.unreachable("read keys from", found.url, ctx.Err(), a.token)
	case err != nil:
		return nil, i.unreachable("read keys from", found.url, err, a.token)
	}
	return keys, nil
}

// unreadableKeys is that an issuer has keys that no API server can read.
type unreadableKeys struct {
	which string // says which keys, such as "at URL"
	err   error
}

func (u *unreadableKeys) Error() string {
	return fmt.Sprintf("kube-apiserver cannot read the keys %s, none of them: %v", u.which, u.err)
}

// verifyWith checks a signature as the authenticator does with keys that it fetched: with those that have the ID of the
// token's key, or with all of them if it has none.
func verifyWith(jws *jose.JSONWebSignature, keys []jose.JSONWebKey) ([]byte, error) {
	id := ""
	if len(jws.Signatures) > 0 {
		id = jws.Signatures[0].Header.KeyID
	}
	for i := range keys {
		if id != "" && keys[i].KeyID != id {
			continue
		}
		if payload, err := jws.Verify(&keys[i]); err == nil {
			return payload, nil
		}
	}
	return nil, errSignature
}
