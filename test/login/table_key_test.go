package login

import "github.com/kubegatehouse/gatehouse/pkg/login"

// algorithmsAndKeys are tokens signed in all ways that issuers have. RS, ES and PS are good, the rest is not.
func algorithmsAndKeys() map[string]row {
	const unsupported, bad = "unsupported algorithm", "failed to verify id token signature"
	return map[string]row{
		"RS256":                        {key: "rsa", want: as("oidc:ana")},
		"RS384":                        {key: "rsa", header: claims{"alg": "RS384"}, want: as("oidc:ana")},
		"RS512":                        {key: "rsa", header: claims{"alg": "RS512"}, want: as("oidc:ana")},
		"PS256":                        {key: "pss", want: as("oidc:ana")},
		"PS384":                        {key: "pss", header: claims{"alg": "PS384"}, want: as("oidc:ana")},
		"PS512":                        {key: "pss", header: claims{"alg": "PS512"}, want: as("oidc:ana")},
		"ES256":                        {key: "p256", want: as("oidc:ana")},
		"ES384":                        {key: "p384", want: as("oidc:ana")},
		"ES512":                        {key: "p521", want: as("oidc:ana")},
		"EdDSA":                        {key: "ed25519", rule: login.Algorithm, log: unsupported},
		"HS256 with a public key":      {key: "rsa", header: claims{"alg": "HS256"}, rule: login.Algorithm, log: unsupported},
		"none":                         {key: "rsa", header: claims{"alg": "none"}, rule: login.Algorithm, log: unsupported},
		"unknown":                      {key: "rsa", header: claims{"alg": "XX256"}, rule: login.Algorithm, log: unsupported},
		"no kid: every key is tried":   {key: "p384", header: claims{"kid": absent}, want: as("oidc:ana")},
		"unknown kid":                  {key: "rsa", header: claims{"kid": "gone"}, rule: login.Key, log: bad},
		"kid of another key":           {key: "rsa", header: claims{"kid": "pss"}, rule: login.Signature, log: bad},
		"kid of a key of another kind": {key: "rsa", header: claims{"kid": "p256"}, rule: login.Signature, log: bad},
		"kid of two keys, the first":   {key: "old", header: claims{"kid": "rotated"}, want: as("oidc:ana")},
		"kid of two keys, the second":  {key: "new", header: claims{"kid": "rotated"}, want: as("oidc:ana")},
		"key that nobody publishes":    {key: "stranger", rule: login.Key, log: bad},
		"key that nobody publishes, with a known kid": {key: "stranger", header: claims{"kid": "rsa"}, rule: login.Signature, log: bad},
		"key that nobody publishes, without kid":      {key: "stranger", header: claims{"kid": absent}, rule: login.Signature, log: bad},
		"type of an access token":                     {key: "rsa", header: claims{"typ": "at+jwt"}, want: as("oidc:ana")},
		"without type":                                {key: "rsa", header: claims{"typ": absent}, want: as("oidc:ana")},
	}
}

// forged are tokens that somebody made who has no key, or changed who has a token.
func forged() map[string]row {
	const bad = "failed to verify id token signature"
	none := func(string) string { return "" }
	return map[string]row{
		"another name in a signed token":  {forge: tampered(`"ana"`, `"bob"`), rule: login.Signature, log: bad},
		"another group in a signed token": {claims: claims{"groups": "dev"}, forge: tampered(`"dev"`, `"ops"`), rule: login.Signature, log: bad},
		"a later expiry":                  {claims: claims{"exp": 1600000000}, forge: tampered(`1600000000`, `4102444800`), rule: login.Signature, log: bad},
		"no signature":                    {forge: part(2, none), rule: login.Signature, log: bad},
		"half a signature":                {forge: part(2, func(s string) string { return s[:len(s)/2] }), rule: login.Signature, log: bad},
		"another algorithm's signature": {
			key: "p256", forge: part(0, func(string) string { return encode([]byte(`{"alg":"RS256","kid":"rsa"}`)) }), rule: login.Signature, log: bad,
		},
		"algorithm none, no signature": {
			forge: func(s string) string {
				return part(2, none)(part(0, func(string) string { return encode([]byte(`{"alg":"none"}`)) })(s))
			},
			rule: login.Algorithm, log: "unsupported algorithm",
		},
		"with its own key in the header": {key: "stranger", header: claims{"kid": absent, "jwk": itself}, rule: login.Signature, log: bad},
		"with an extension that has to be known": {
			key: "rsa", header: claims{"crit": []string{"acme"}, "acme": true}, rule: login.Signature, log: bad,
		},
	}
}
