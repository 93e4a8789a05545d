package token

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Pasted is what a token says of itself. The token is not in it.
type Pasted struct {
	// Sum is the SHA-256 of the token in hex, by which Kalm names its AccessToken; Length is how many bytes it has.
	Sum    string
	Length int
	// Claims are those of a signed token; nil for any other.
	Claims *Claims
}

// Claims are those of a signed token. Nobody has checked the signature.
type Claims struct {
	Issuer, Subject string
	Audiences       []string
	// Issued and Expires are zero when the token does not tell.
	Issued, Expires time.Time
	// Account is the service account whose token it is, with the UID that it has to have; zero for other tokens.
	Account    rbac.Subject
	AccountUID string
	// Bound is the object that the token is bound to; nil for none.
	Bound *Reference
}

// Reference is an object that a token is bound to.
type Reference struct {
	Kind, Namespace, Name, UID string
}

// Read takes a token apart. The error says what is wrong with it, and holds nothing of it.
func Read(pasted string) (Pasted, error) {
	pasted = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(pasted), "Bearer "))
	switch {
	case pasted == "":
		return Pasted{}, errors.New("the token is empty")
	case strings.ContainsAny(pasted, " \t\r\n"):
		return Pasted{}, errors.New("there is more than one token: want one, and nothing else")
	}
	sum := sha256.Sum256([]byte(pasted))
	out := Pasted{Sum: hex.EncodeToString(sum[:]), Length: len(pasted)}
	parts := strings.Split(pasted, ".")
	if len(parts) != 3 {
		return out, nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return Pasted{}, errors.New("it has three parts as a signed token has, and the second is no base64")
	}
	if out.Claims, err = readClaims(payload); err != nil {
		return Pasted{}, err
	}
	return out, nil
}

// payload is what is read of the claims. Those of service accounts are as in pkg/serviceaccount/claims.go of kubernetes,
// and for those that Secrets hold as in legacy.go there.
type payload struct {
	Issuer     string          `json:"iss"`
	Subject    string          `json:"sub"`
	Audience   json.RawMessage `json:"aud"`
	Issued     float64         `json:"iat"`
	Expires    float64         `json:"exp"`
	Kubernetes struct {
		Namespace string `json:"namespace"`
		Account   object `json:"serviceaccount"`
		Pod       object `json:"pod"`
		Secret    object `json:"secret"`
		Node      object `json:"node"`
	} `json:"kubernetes.io"`
	LegacyNamespace  string `json:"kubernetes.io/serviceaccount/namespace"`
	LegacyAccount    string `json:"kubernetes.io/serviceaccount/service-account.name"`
	LegacyAccountUID string `json:"kubernetes.io/serviceaccount/service-account.uid"`
	LegacySecret     string `json:"kubernetes.io/serviceaccount/secret.name"`
}

type object struct {
	Name string `json:"name"`
	UID  string `json:"uid"`
}

func readClaims(data []byte) (*Claims, error) {
	var p payload
	if err := json.Unmarshal(data, &p); err != nil {
		// The error of the decoder may quote what it has read.
		return nil, errors.New("its claims are no JSON object with the types that they should have")
	}
	c := &Claims{Issuer: p.Issuer, Subject: p.Subject, Issued: moment(p.Issued), Expires: moment(p.Expires)}
	var one string
	if json.Unmarshal(p.Audience, &one) == nil && one != "" {
		c.Audiences = []string{one}
	} else if json.Unmarshal(p.Audience, &c.Audiences) != nil {
		c.Audiences = nil
	}
	k := p.Kubernetes
	// Anybody can write a token, and these come to be parts of requests.
	for _, namespace := range []string{k.Namespace, p.LegacyNamespace} {
		if namespace != "" && len(validation.IsDNS1123Label(namespace)) > 0 {
			return nil, errors.New("its claims name a namespace that can't be")
		}
	}
	for _, name := range []string{k.Account.Name, p.LegacyAccount} {
		if name != "" && len(validation.IsDNS1123Subdomain(name)) > 0 {
			return nil, errors.New("its claims name a service account that can't be")
		}
	}
	switch {
	case k.Account.Name != "":
		c.Account, c.AccountUID = rbac.ServiceAccount(k.Namespace, k.Account.Name), k.Account.UID
	case p.LegacyAccount != "":
		c.Account, c.AccountUID = rbac.ServiceAccount(p.LegacyNamespace, p.LegacyAccount), p.LegacyAccountUID
	}
	for _, ref := range []Reference{
		{"Secret", k.Namespace, k.Secret.Name, k.Secret.UID},
		{"Secret", p.LegacyNamespace, p.LegacySecret, ""},
		{"Pod", k.Namespace, k.Pod.Name, k.Pod.UID},
		{"Node", "", k.Node.Name, k.Node.UID},
	} {
		if ref.Name != "" && c.Bound == nil {
			c.Bound = &ref
		}
	}
	return c, nil
}

// moment reads seconds since 1970; zero for none, and for what no clock shows.
func moment(seconds float64) time.Time {
	if seconds <= 0 || seconds > math.MaxInt32*100 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// ByClaims returns the tokens that a pasted one is: the AccessToken that its SHA-256 names, or the token whose Secret its
// claims name.
func (s *State) ByClaims(p Pasted) []Token {
	var out []Token
	for _, t := range s.tokens {
		switch {
		case t.Kind == Kalm && t.objectName() == p.Sum:
		case p.Claims != nil && p.Claims.Bound != nil && p.Claims.Bound.Kind == "Secret" && t.Secret == p.Claims.Bound.Name &&
			t.Secret != "" && t.Namespace == p.Claims.Bound.Namespace:
		default:
			continue
		}
		out = append(out, t)
	}
	return out
}
