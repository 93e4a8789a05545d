package login

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"gopkg.in/go-jose/go-jose.v2"
)

// throwAway is a key that signs claims for a try. It is made when first needed and never leaves the tester.
// It is of an elliptic curve, since such a key takes no time to make.
type throwAway struct {
	once   sync.Once
	public []jose.JSONWebKey
	signer jose.Signer
	err    error
}

// validity is how long a token lasts when nobody says.
const validity = time.Hour

func (k *throwAway) make() error {
	k.once.Do(func() {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			k.err = err
			return
		}
		k.public = []jose.JSONWebKey{{Key: key.Public(), Algorithm: string(jose.ES256), Use: "sig"}}
		k.signer, k.err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	})
	return k.err
}

// Claims tries claims, as the payload of a token that is signed for it with a key that nobody else has. What each token
// needs and these claims lack is filled in, with one note on all of it: iss when there is one issuer, and aud, iat and exp,
// an hour from now, of an issuer that is configured.
//
// The error is that of [Tester.Token], or that claims cannot be JSON. Without iss and with several issuers it is an
// [Undecided] too, since nobody says which is meant. Claims whose iss is null are of a token without one: that is a verdict.
func (t *Tester) Claims(ctx context.Context, claims map[string]any) (Verdict, error) {
	all := maps.Clone(claims)
	if all == nil {
		all = map[string]any{}
	}
	a := &attempt{}
	var filled []string
	fill := func(name string, value any, words string) {
		if _, ok := claimOf(all, name); !ok {
			all[name] = value
			filled = append(filled, name+" "+words)
		}
	}
	if len(t.issuers) == 1 {
		url := t.issuers[0].spec.Issuer.URL
		fill("iss", url, url)
	}
	named, ok := claimOf(all, "iss")
	if !ok && len(t.issuers) > 1 {
		return Verdict{}, &Undecided{
			Err:  fmt.Errorf("the claims name no issuer (iss), and there are %d", len(t.issuers)),
			Next: "add iss to the claims, one of " + list(t.urls()),
		}
	}
	if url, ok := named.(string); ok {
		if url == "accounts.google.com" {
			url = "https://" + url
		}
		if i := t.matching(url); i != nil {
			now := t.clock.Now()
			fill("aud", i.spec.Issuer.Audiences[0], i.spec.Issuer.Audiences[0])
			fill("exp", now.Add(validity).Unix(), stamp(now.Add(validity)))
			fill("iat", now.Unix(), stamp(now))
		}
	}
	if len(filled) > 0 {
		slices.Sort(filled)
		a.notes = append(a.notes, "claims that were filled in: "+strings.Join(filled, ", "))
	}
	payload, err := json.Marshal(all)
	if err != nil {
		return Verdict{}, fmt.Errorf("write claims: %w", err)
	}
	if err := t.throwAway.make(); err != nil {
		return Verdict{}, fmt.Errorf("make a key: %w", err)
	}
	signed, err := t.throwAway.signer.Sign(payload)
	if err != nil {
		return Verdict{}, fmt.Errorf("sign claims: %w", err)
	}
	if a.token, err = signed.CompactSerialize(); err != nil {
		return Verdict{}, fmt.Errorf("sign claims: %w", err)
	}
	a.own = t.throwAway.public
	return t.try(ctx, a)
}

// claimOf returns the claim that the authenticator takes for a name with a fixed meaning, and whether there is one. As it
// reads JSON the case of letters does not count, and of several the last one does that is not null.
func claimOf(claims map[string]any, name string) (value any, ok bool) {
	for _, one := range slices.Sorted(maps.Keys(claims)) {
		if strings.EqualFold(one, name) {
			ok = true
			if claims[one] != nil {
				value = claims[one]
			}
		}
	}
	return value, ok
}
