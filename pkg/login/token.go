package login

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gopkg.in/go-jose/go-jose.v2"
)

// longestHeader is how many bytes of headers kube-apiserver reads of a request (MaxHeaderBytes of its server).
const longestHeader = 1 << 20

// bearer is what stands before a token in a request.
const bearer = "Bearer"

// cut takes the token out of what stands behind "Bearer", as kube-apiserver does: what follows a space is passed over.
// The note says that there was any.
func cut(text string) (token, note string) {
	token, rest, found := strings.Cut(strings.TrimSpace(text), " ")
	if found && rest != "" && !strings.EqualFold(token, bearer) {
		note = "there is a space in the token: kube-apiserver passes over what follows it"
	}
	return token, note
}

func malformed(format string, args ...any) *Refusal {
	return &Refusal{Rule: Malformed, Reason: fmt.Sprintf(format, args...)}
}

// unsendable says why no authenticator gets to see a token: no request can have it. It is nil if one can.
func unsendable(token string) *Refusal {
	switch {
	case token == "":
		return malformed("the token is empty")
	case len(bearer)+1+len(token) > longestHeader:
		return &Refusal{Rule: TooLong, Reason: fmt.Sprintf(
			"the token has %d bytes: kube-apiserver reads %d bytes (1 MiB) of headers, and answers 431 without a look at the token",
			len(token), longestHeader)}
	case strings.ContainsFunc(token, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return malformed("there is a line break or another control character in the token, which no header of a request may have")
	}
	return nil
}

// form says what is wrong with a token before anybody looks at its issuer: nothing, or a refusal.
func form(token string) *Refusal {
	switch {
	case strings.EqualFold(token, bearer):
		return malformed("it begins with the word %s: only what follows is the token", bearer)
	case strings.HasPrefix(token, "{"):
		return malformed("the token is JSON: want a JWT in its compact form, three parts with dots between")
	}
	parts := strings.Split(token, ".")
	if len(parts) == 5 {
		return malformed("the token has 5 parts: it is encrypted (JWE), and kube-apiserver takes signed ones only")
	}
	if len(parts) != 3 {
		return malformed("the token is no JWT: it has %d %s, want 3 with dots between", len(parts), plural(len(parts), "part"))
	}
	for i, name := range []string{"header", "payload", "signature"} {
		part := parts[i]
		if name != "payload" {
			part = strings.ReplaceAll(part, "\t", "") // jose takes space out of what it reads
		}
		data, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			why := ""
			if strings.ContainsAny(part, "=+/") {
				why = `: it has "=", "+" or "/", which that of URLs without padding has not`
			}
			return malformed("the %s of the token is no base64%s", name, why)
		}
		if name == "signature" {
			continue
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil || object == nil {
			return malformed("the %s of the token is no JSON object", name)
		}
	}
	return nil
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// parts are a token taken apart, before anybody trusts it.
type parts struct {
	jws       *jose.JSONWebSignature
	algorithm string
	keyID     string
	issuer    string
}

// takeApart reads a token of the right form.
func takeApart(token string) (parts, *Refusal) {
	var out parts
	var unsafe struct {
		Issuer string `json:"iss"`
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = json.Unmarshal(payload, &unsafe)
	}
	if err != nil {
		return out, &Refusal{Rule: Malformed, Reason: "the claim iss must be a string"}
	}
	// What Google wrote long ago is taken for what it writes now.
	if out.issuer = unsafe.Issuer; out.issuer == "accounts.google.com" {
		out.issuer = "https://accounts.google.com"
	}
	if out.jws, err = jose.ParseSigned(token); err != nil {
		return out, &Refusal{Rule: Malformed, Reason: "the header of the token cannot be read: " + clean(err.Error(), token)}
	}
	if len(out.jws.Signatures) == 1 {
		out.algorithm, out.keyID = out.jws.Signatures[0].Header.Algorithm, out.jws.Signatures[0].Header.KeyID
	}
	return out, nil
}

// registered are the claims that a token must not have another type for, whoever reads them.
type registered struct {
	Issuer     string                         `json:"iss"`
	Subject    string                         `json:"sub"`
	Audience   audience                       `json:"aud"`
	Expires    seconds                        `json:"exp"`
	IssuedAt   seconds                        `json:"iat"`
	NotBefore  *seconds                       `json:"nbf"`
	Nonce      string                         `json:"nonce"`
	AccessHash string                         `json:"at_hash"`
	Names      map[string]string              `json:"_claim_names"`
	Sources    map[string]distributedEndpoint `json:"_claim_sources"`
}

// distributedEndpoint is where the value of a claim is. What opens it is a secret, and is not shown.
type distributedEndpoint struct {
	Endpoint    string `json:"endpoint"`
	AccessToken string `json:"access_token"`
}

// audience is one, or a list.
type audience []string

func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*a = audience{one}
		return nil
	}
	var several []string
	if err := json.Unmarshal(data, &several); err != nil {
		return errors.New("aud must be a string or a list of strings")
	}
	*a = several
	return nil
}

var errSeconds = errors.New("exp, iat and nbf must be numbers of seconds")

// seconds is a time in seconds since 1970.
type seconds time.Time

func (s *seconds) UnmarshalJSON(data []byte) error {
	var number json.Number
	if err := json.Unmarshal(data, &number); err != nil {
		return errSeconds
	}
	whole, err := number.Int64()
	if err != nil {
		fraction, err := number.Float64()
		if err != nil {
			return errSeconds
		}
		whole = int64(fraction)
	}
	*s = seconds(time.Unix(whole, 0).UTC())
	return nil
}

// shown is a time as a verdict has it: none is one that no year has.
func shown(t time.Time) time.Time {
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC()
}

// misread says which registered claim is of another type than it must be.
func misread(err error) string {
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && mismatch.Field != "" {
		return fmt.Sprintf("the claim %s must not be a JSON %s", mismatch.Field, mismatch.Value)
	}
	return "a claim with a fixed meaning cannot be read: " + err.Error()
}
