package kalm

import (
	"crypto/md5" //nolint:gosec // it names objects, as Kalm does; it protects nothing
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Binding is a RoleBinding of Kalm.
type Binding struct {
	Namespace, Name string
	// Subject is an e-mail address, or the name of a group; Group tells which.
	Subject string
	Group   bool
	Role    Role
	Creator string
	// Expires is expiredAt as it is written; empty for never.
	Expires string
	Object  *unstructured.Unstructured
}

// ReadBinding reads a RoleBinding of Kalm; what is not as its schema demands is empty.
func ReadBinding(u *unstructured.Unstructured) Binding {
	spec := specOf(u)
	return Binding{
		Namespace: u.GetNamespace(), Name: u.GetName(), Object: u,
		Subject: str(spec, "subject"), Group: str(spec, "subjectType") == groupType, Role: Role(str(spec, "role")),
		Creator: str(spec, "creator"), Expires: str(spec, "expiredAt"),
	}
}

// NewBinding returns the object of a binding. An empty name becomes the one that Kalm's API would give ([BindingName]), and an
// empty namespace that of the system. Object is not looked at.
func NewBinding(b Binding) *unstructured.Unstructured {
	if b.Namespace == "" {
		b.Namespace = SystemNamespace
	}
	if b.Name == "" {
		b.Name = BindingName(b.Namespace, b.Role, b.Subject)
	}
	spec := map[string]any{"subject": b.Subject, "subjectType": userType, "role": string(b.Role), "creator": b.Creator}
	if b.Group {
		spec["subjectType"] = groupType
	}
	if b.Expires != "" {
		spec["expiredAt"] = b.Expires
	}
	u := object(BindingKind, b.Name, spec)
	u.SetNamespace(b.Namespace)
	return u
}

// The values of subjectType.
const (
	userType  = "user"
	groupType = "group"
)

// BindingName returns the name that Kalm's API gives to a binding. It is made of the subject's text alone: a user and a group
// that are spelled alike have the same name, and there is one binding for each subject in each place. The operator calls its
// first one default-cluster-owner-<md5> instead. Source: controller/api/v1alpha1/rolebinding_webhook.go.
func BindingName(namespace string, role Role, subject string) string {
	if role.everywhere() {
		namespace = "cluster"
	}
	sum := md5.Sum([]byte(subject)) //nolint:gosec // as above
	return namespace + "-rolebinding-" + hex.EncodeToString(sum[:])
}

// Rule is one permission of an AccessToken.
type Rule struct {
	Verb      string `json:"verb"`
	Namespace string `json:"namespace"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
}

// String returns the rule in one line: "edit components/web in shop". What is not printable in it is escaped.
func (r Rule) String() string {
	return fmt.Sprintf("%s %s/%s in %s", plain(r.Verb), plain(r.Kind), plain(r.Name), plain(r.Namespace))
}

// The labels of tokens.
const (
	// TokenTypeLabel says what the token was made for; [DeployToken] is the only value that Kalm gives.
	TokenTypeLabel = "tokenType"
	DeployToken    = "deployAccessToken"
	// RootTokenLabel is "true" on the token that Kalm's own cloud was given.
	RootTokenLabel = "root-access-token"
)

// TokenLength is how many characters the schema demands of a token, at least.
const TokenLength = 64

// Token is an AccessToken of Kalm, without its token.
type Token struct {
	Name, Memo, Creator string
	Rules               []Rule
	// Expires is expiredAt as it is written; empty for never.
	Expires string
	// Deploy and Root are what the labels say of it.
	Deploy, Root bool
	// LastUsed and UsedCount are what its status says: zero mostly, since Kalm's API writes them where they are dropped.
	LastUsed  time.Time
	UsedCount int64
	Object    *unstructured.Unstructured
}

// ReadToken reads an AccessToken of Kalm; what is not as its schema demands is empty.
func ReadToken(u *unstructured.Unstructured) Token {
	spec := specOf(u)
	t := Token{
		Name: u.GetName(), Memo: str(spec, "memo"), Creator: str(spec, "creator"), Expires: str(spec, "expiredAt"), Object: u,
		Deploy: u.GetLabels()[TokenTypeLabel] == DeployToken, Root: u.GetLabels()[RootTokenLabel] == "true",
	}
	rules, _ := spec["rules"].([]any)
	for _, item := range rules {
		if rule, ok := item.(map[string]any); ok {
			t.Rules = append(t.Rules, Rule{
				Verb: str(rule, "verb"), Namespace: str(rule, "namespace"), Kind: str(rule, "kind"), Name: str(rule, "name"),
			})
		}
	}
	status, _ := u.Object["status"].(map[string]any)
	t.UsedCount = number(status, "usedCount")
	if at := number(status, "lastUsedAt"); at > 0 {
		t.LastUsed = time.Unix(at, 0).UTC()
	}
	return t
}

// NewToken returns the object of a token: secret is the token itself, and names the object. The secret is in the object, since
// Kalm keeps it there: whoever prints the object has to hide it first. Name and Object are not looked at.
func NewToken(t Token, secret string) *unstructured.Unstructured {
	rules := make([]any, 0, len(t.Rules))
	for _, r := range t.Rules {
		rules = append(rules, map[string]any{"verb": r.Verb, "namespace": r.Namespace, "kind": r.Kind, "name": r.Name})
	}
	spec := map[string]any{"memo": t.Memo, "token": secret, "rules": rules, "creator": t.Creator}
	if t.Expires != "" {
		spec["expiredAt"] = t.Expires
	}
	u := object(TokenKind, TokenName(secret), spec)
	labels := map[string]string{}
	if t.Deploy {
		labels[TokenTypeLabel] = DeployToken
	}
	if t.Root {
		labels[RootTokenLabel] = "true"
	}
	if len(labels) > 0 {
		u.SetLabels(labels)
	}
	return u
}

// TokenName returns the name that an AccessToken has to have: the SHA-256 of the token, in hex. Its API finds the object by it,
// and takes it for the e-mail address of who shows the token. Source: controller/api/v1alpha1/access_token.go.
func TokenName(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func object(kind, name string, spec map[string]any) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{"apiVersion": APIVersion(), "kind": kind, "spec": spec}}
	u.SetName(name)
	return u
}

func specOf(u *unstructured.Unstructured) map[string]any {
	spec, _ := u.Object["spec"].(map[string]any)
	return spec
}

func str(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

func number(m map[string]any, key string) int64 {
	switch n := m[key].(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return 0
}
