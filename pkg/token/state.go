package token

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Kind says what a token consists of.
type Kind string

// The kinds.
const (
	// Bound is a token of ours: it is valid as long as the Secret is there that it is bound to.
	Bound Kind = "bound"
	// Lasting is a token that a Secret of a service account holds for ever.
	Lasting Kind = "secret"
	// Kalm is an AccessToken of Kalm.
	Kalm Kind = "kalm"
)

// Token is one token that there is, or that there may be: what the cluster keeps of it.
type Token struct {
	Kind Kind
	// Namespace is empty for a token of Kalm. Name is what [Create] was given, or that of the object.
	Namespace, Name string
	// Account is whose token it is; zero for a token of Kalm.
	Account rbac.Subject
	// Secret is the Secret to which the token is bound, or that holds it; empty when it is gone, and so is the token.
	Secret string
	// Unseen says that Secrets could not all be read, so that what the token is bound to, and whether it is revoked, is
	// not known.
	Unseen        bool
	Creator, Memo string
	// Created, LastUsed and Expires are zero when they are not known, and Expires when it never ends. Of the last use only a
	// Lasting token tells, by the day.
	Created, LastUsed, Expires time.Time
	// BadExpiry is the text of an expiry that can't be read.
	BadExpiry string
	// Invalid is since when Kubernetes refuses a Lasting token that nobody used for long, as it notes it; empty when it
	// doesn't.
	Invalid   string
	Audiences []string
	// Rules are those of a token of Kalm.
	Rules []kalm.Rule

	account *corev1.ServiceAccount
	object  *unstructured.Unstructured // the Secret, or the AccessToken
}

// State is what there is of tokens at a moment.
type State struct {
	inv    *inventory.Inventory
	rights *rbac.Index
	shared func() *rbac.Index // of the rights, see [sharedRights]
	now    time.Time
	tokens []Token
	// What belongs to tokens of ours, by namespace and name; Secrets by the name of their token.
	accounts map[types.NamespacedName]*corev1.ServiceAccount
	bindings map[types.NamespacedName]*rbacv1.RoleBinding
	roles    map[types.NamespacedName]*unstructured.Unstructured
	secrets  map[types.NamespacedName][]*unstructured.Unstructured
	// Bindings by whom they name, and by the Role that they give.
	naming map[rbac.Subject][]*rbacv1.RoleBinding
	giving map[types.NamespacedName][]*rbacv1.RoleBinding
}

// NewState reads the tokens out of an inventory of [Kinds]. The index says what they may do, nil when the rules of access
// were not read; times are compared with now.
func NewState(inv *inventory.Inventory, rights *rbac.Index, now time.Time) *State {
	s := &State{inv: inv, now: now}
	s.setRights(rights)
	s.file()
	s.readBound()
	s.readLasting()
	s.readKalm()
	slices.SortStableFunc(s.tokens, func(a, b Token) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Secret, b.Secret))
	})
	return s
}

// Tokens returns all tokens, by namespace, kind and name.
func (s *State) Tokens() []Token { return slices.Clone(s.tokens) }

// Rights returns the rules of access that the state was made with, or nil.
func (s *State) Rights() *rbac.Index { return s.rights }

// Inventory returns what the state was made of.
func (s *State) Inventory() *inventory.Inventory { return s.inv }

// ID names the token as commands take it: "ci", "secret/ci-token-x7k2p", "accesstoken/9f86d08188...".
func (t Token) ID() string {
	switch t.Kind {
	case Lasting:
		return "secret/" + t.Name
	case Kalm:
		return "accesstoken/" + t.objectName()
	case Bound:
	}
	return t.Name
}

// Object names what a finding about the token is about: "serviceaccount shop/ci".
func (t Token) Object() string {
	switch t.Kind {
	case Lasting:
		return "secret " + t.Namespace + "/" + t.Name
	case Kalm:
		return "accesstoken " + t.objectName()
	case Bound:
	}
	return "serviceaccount " + t.Namespace + "/" + t.Name
}

// objectName is the name of the AccessToken; empty for other kinds.
func (t Token) objectName() string {
	if t.Kind != Kalm || t.object == nil {
		return ""
	}
	return t.object.GetName()
}

// Ended reports whether the token can't be used any more: it is past its end, what it was bound to is gone, or Kubernetes
// refuses it.
func (t Token) Ended(now time.Time) bool {
	return t.Revoked() || t.Invalid != "" || !t.Expires.IsZero() && t.Expires.Before(now)
}

// Revoked reports whether what the token was bound to is gone.
func (t Token) Revoked() bool { return t.Kind == Bound && t.Secret == "" && !t.Unseen }

// Concerns reports whether the token has to do with a namespace: it is in it, or, of Kalm's, one of its rules is for it or
// for all. Of one whose rules can't be read that is taken for so; an empty namespace stands for all.
func (t Token) Concerns(namespace string) bool {
	if namespace == "" || t.Kind != Kalm {
		return namespace == "" || t.Namespace == namespace
	}
	return len(t.Rules) == 0 || slices.ContainsFunc(t.Rules, func(rule kalm.Rule) bool {
		return slices.Contains([]string{namespace, kalm.All, kalm.TrapNamespace}, rule.Namespace) || badWord(rule) != ""
	})
}

// beginning is how many characters of the name of an AccessToken name it, if there is no other that begins so.
const beginning = 6

// Find returns the tokens that a text names, as [Token.ID] or without its kind; of an AccessToken the first six characters
// of its name will do. There are several where a token is being exchanged. The error names those with a similar name.
func (s *State) Find(namespace, text string) ([]Token, error) {
	kind, name, qualified := strings.Cut(text, "/")
	if !qualified {
		kind, name = "", text
	}
	var exact, begins []Token
	var known []string
	for _, t := range s.tokens {
		if namespace != "" && t.Namespace != "" && t.Namespace != namespace {
			continue
		}
		known = append(known, t.Name)
		prefix, _, has := strings.Cut(t.ID(), "/")
		if !has {
			prefix = ""
		}
		switch {
		case qualified && kind != prefix:
		case t.Name == name, t.objectName() == name:
			exact = append(exact, t)
		case t.Kind == Kalm && name != "" && strings.HasPrefix(t.objectName(), name):
			begins = append(begins, t)
		}
	}
	found := exact
	if len(found) == 0 {
		found = begins
	}
	switch {
	case len(exact) == 0 && len(begins) > 0 && len(name) < beginning:
		return nil, fmt.Errorf("%q is too short: of the name of an AccessToken give the first %d characters at least", text, beginning)
	case len(found) == 0:
		return nil, fmt.Errorf("there is no token %q%s", text, didYouMean(rbac.Nearest(text, known)))
	case slices.ContainsFunc(found, func(t Token) bool { return t.Object() != found[0].Object() }):
		return nil, fmt.Errorf("%q may be %s or %s: say which", text, found[0].ID(), found[len(found)-1].ID())
	}
	return found, nil
}

// Account returns the service account of that name, or nil.
func (s *State) Account(namespace, name string) *corev1.ServiceAccount {
	return s.accounts[types.NamespacedName{Namespace: namespace, Name: name}]
}

// ours reports whether a service account was made for a token.
func ours(sa *corev1.ServiceAccount) bool { return sa.Labels[Label] == sa.Name }

// WithRights returns the state with the rules of access, which say what tokens may do.
func (s *State) WithRights(rights *rbac.Index) *State {
	with := *s
	with.setRights(rights)
	return &with
}

func (s *State) setRights(rights *rbac.Index) {
	s.rights, s.shared = rights, sync.OnceValue(func() *rbac.Index { return sharedRights(rights) })
}
