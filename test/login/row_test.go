package login

import (
	"maps"
	"strings"
	"testing"

	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// row is a token, and what an API server makes of it.
type row struct {
	issuer string              // its path; "prefixed" when empty
	claims claims              // what the token says that others don't; see usual
	key    string              // what signs it; "rsa", or the issuer's own, when empty
	header claims              // what its header says that others' don't
	forge  func(string) string // changes the signed token; may be nil

	want *login.User // who it is; nil when it is nobody
	rule string      // which rule refuses it then
	log  string      // a part of what the API server then writes into its log; "" for "invalid bearer token" alone: of no configured issuer
}

// tables are all tokens, by what they are about.
func tables() map[string]map[string]row {
	return map[string]map[string]row{
		"times": times(), "audiences": audiences(), "issuers": issuers(), "algorithms": algorithmsAndKeys(), "forged": forged(),
		"malformed": malformed(), "usernames": usernames(), "e-mails": emails(), "groups": groups(), "system names": systemNames(),
		"expressions": expressions(), "lists": lists(), "numbers": numbers(), "nested claims": nested(), "uid and extra": uidAndExtra(), "rules": rules(),
	}
}

// allowed is a token of an issuer that is somebody.
func allowed(issuer string, changes claims, who *login.User) row {
	return row{issuer: issuer, claims: changes, want: who}
}

// refused is a token of an issuer that is nobody.
func refused(issuer string, changes claims, rule, log string) row {
	return row{issuer: issuer, claims: changes, rule: rule, log: log}
}

// as returns somebody, who is in the group of all that are authenticated too.
func as(name string, groups ...string) *login.User {
	return &login.User{Username: name, Groups: append(groups, user.AllAuthenticated)}
}

// exactly returns somebody in these groups alone.
func exactly(name string, groups ...string) *login.User {
	return &login.User{Username: name, Groups: groups}
}

// with returns the same user with a uid, when that is not empty, and the extra values of a key, when that is not empty.
func with(u *login.User, uid, key string, values ...string) *login.User {
	changed := *u
	if uid != "" {
		changed.UID = uid
	}
	if key != "" {
		changed.Extra = maps.Clone(u.Extra)
		if changed.Extra == nil {
			changed.Extra = map[string][]string{}
		}
		changed.Extra[key] = values
	}
	return &changed
}

// path returns the path of the row's issuer.
func (r row) path() string {
	if r.issuer == "" {
		return "prefixed"
	}
	return r.issuer
}

// payload returns the claims of the row's token. ISSUER in a claim is the loopback server.
func (r row) payload(s *issuer) claims {
	all := usual(s.url(r.path()), r.claims)
	for name, value := range all {
		if text, is := value.(string); is {
			all[name] = strings.ReplaceAll(text, "ISSUER", s.host)
		}
	}
	return all
}

// signer returns the key of the row's token.
func (r row) signer() string {
	switch {
	case r.key != "":
		return r.key
	case r.path() == "own":
		return "own"
	default:
		return "rsa"
	}
}

// token makes the row's token.
func (r row) token(t *testing.T, s *issuer) string {
	t.Helper()
	token := s.ring.token(t, r.signer(), r.header, r.payload(s))
	if r.forge != nil {
		token = r.forge(token)
	}
	return token
}

// aboutClaims reports whether the row is about claims alone, so that they may be signed by anybody. A tester fills in what each token has, so
// the rows that take that away are left out; of which issuer they are it does not guess.
func (r row) aboutClaims() bool {
	for _, name := range []string{"aud", "exp", "iat"} {
		if r.claims[name] == absent {
			return false
		}
	}
	if _, named := r.claims["ISS"]; r.claims["iss"] == absent && !named {
		return false
	}
	return r.key == "" && r.header == nil && r.forge == nil
}
