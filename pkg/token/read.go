package token

import (
	"encoding/json"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// file puts objects where they are found by their names: there may be many of them, and many tokens.
func (s *State) file() {
	key := func(namespace, name string) types.NamespacedName {
		return types.NamespacedName{Namespace: namespace, Name: name}
	}
	s.accounts, s.bindings = map[types.NamespacedName]*corev1.ServiceAccount{}, map[types.NamespacedName]*rbacv1.RoleBinding{}
	for _, sa := range s.inv.ServiceAccounts {
		s.accounts[key(sa.Namespace, sa.Name)] = sa
	}
	s.naming, s.giving = map[rbac.Subject][]*rbacv1.RoleBinding{}, map[types.NamespacedName][]*rbacv1.RoleBinding{}
	for _, b := range s.inv.RoleBindings {
		s.bindings[key(b.Namespace, b.Name)] = b
		if b.RoleRef.Kind == "Role" {
			role := key(b.Namespace, b.RoleRef.Name)
			s.giving[role] = append(s.giving[role], b)
		}
		for _, subject := range b.Subjects {
			account, ok := rbac.NewSubject(subject, b.Namespace)
			if named := s.naming[account]; ok && account.Kind == rbacv1.ServiceAccountKind && (len(named) == 0 || named[len(named)-1] != b) {
				s.naming[account] = append(named, b)
			}
		}
	}
	s.roles, s.secrets = map[types.NamespacedName]*unstructured.Unstructured{}, map[types.NamespacedName][]*unstructured.Unstructured{}
	for _, role := range s.inv.Objects(inventory.Roles) {
		s.roles[key(role.GetNamespace(), role.GetName())] = role
	}
	for _, secret := range s.inv.Objects(inventory.TokenSecrets) {
		if secretType(secret) == SecretType {
			token := key(secret.GetNamespace(), secret.GetLabels()[Label])
			s.secrets[token] = append(s.secrets[token], secret)
		}
	}
}

// readBound adds the tokens of ours: one for each Secret of a service account of ours, or one without a Secret.
func (s *State) readBound() {
	for _, sa := range s.inv.ServiceAccounts {
		if !ours(sa) {
			continue
		}
		t := Token{
			Kind: Bound, Namespace: sa.Namespace, Name: sa.Name, Account: rbac.ServiceAccount(sa.Namespace, sa.Name), account: sa,
			Created: sa.CreationTimestamp.UTC(), Creator: sa.Annotations[workspace.CreatorAnnotation], Memo: sa.Annotations[workspace.MemoAnnotation],
		}
		secrets := s.secretsOf(sa.Namespace, sa.Name)
		for _, secret := range secrets {
			s.tokens = append(s.tokens, t.boundTo(secret))
		}
		if len(secrets) == 0 {
			t.Expires, t.BadExpiry = readExpiry(sa.Annotations[workspace.ExpiresAnnotation])
			t.Unseen = !s.inv.Served[inventory.TokenSecrets] || len(s.inv.Missing(inventory.TokenSecrets)) > 0
			s.tokens = append(s.tokens, t)
		}
	}
}

// boundTo returns the token with what the Secret says of it.
func (t Token) boundTo(secret *unstructured.Unstructured) Token {
	annotations := secret.GetAnnotations()
	t.Secret, t.object, t.Created = secret.GetName(), secret, secret.GetCreationTimestamp().UTC()
	t.Expires, t.BadExpiry = readExpiry(annotations[workspace.ExpiresAnnotation])
	if by := annotations[workspace.CreatorAnnotation]; by != "" {
		t.Creator = by
	}
	if audiences := annotations[AudienceAnnotation]; audiences != "" {
		t.Audiences = strings.Split(audiences, ",")
	}
	return t
}

// secretsOf returns the Secrets to which tokens of a name are bound.
func (s *State) secretsOf(namespace, name string) []*unstructured.Unstructured {
	return s.secrets[types.NamespacedName{Namespace: namespace, Name: name}]
}

// readLasting adds the tokens that Secrets of service accounts hold.
func (s *State) readLasting() {
	for _, secret := range s.inv.Objects(inventory.TokenSecrets) {
		if secretType(secret) != corev1.SecretTypeServiceAccountToken {
			continue
		}
		t := Token{
			Kind: Lasting, Namespace: secret.GetNamespace(), Name: secret.GetName(), Secret: secret.GetName(), object: secret,
			Account: rbac.ServiceAccount(secret.GetNamespace(), secret.GetAnnotations()[corev1.ServiceAccountNameKey]),
			Created: secret.GetCreationTimestamp().UTC(), Creator: secret.GetAnnotations()[workspace.CreatorAnnotation],
			Invalid: secret.GetLabels()[invalidSinceLabel],
		}
		t.LastUsed, _ = time.Parse(time.DateOnly, secret.GetLabels()[lastUsedLabel])
		s.tokens = append(s.tokens, t)
	}
}

// readKalm adds the AccessTokens of Kalm.
func (s *State) readKalm() {
	for _, object := range s.inv.Objects(inventory.AccessTokens) {
		read := kalm.ReadToken(object)
		t := Token{
			Kind: Kalm, Name: object.GetName(), Creator: read.Creator, Memo: read.Memo, Rules: read.Rules, object: object,
			Created: object.GetCreationTimestamp().UTC(), LastUsed: read.LastUsed,
		}
		if name := object.GetLabels()[Label]; name != "" {
			t.Name = name
		}
		if expiry, err := kalm.ParseExpiry(read.Expires); err != nil {
			t.BadExpiry = read.Expires
		} else {
			t.Expires = expiry.At
		}
		s.tokens = append(s.tokens, t)
	}
}

func secretType(secret *unstructured.Unstructured) corev1.SecretType {
	text, _, _ := unstructured.NestedString(secret.Object, "type")
	return corev1.SecretType(text)
}

// readExpiry returns the time, or the text that is none.
func readExpiry(text string) (time.Time, string) {
	if text == "" {
		return time.Time{}, ""
	}
	at, err := workspace.ParseExpiry(text)
	if err != nil {
		return time.Time{}, text
	}
	return at, ""
}

// Made returns the rules that a token of ours was made for; false when nothing that can be read says so.
func (s *State) Made(namespace, name string) ([]rbacv1.PolicyRule, bool) {
	sa := s.Account(namespace, name)
	if sa == nil {
		return nil, false
	}
	var rules []rbacv1.PolicyRule
	err := json.Unmarshal([]byte(sa.Annotations[MayAnnotation]), &rules)
	return rules, err == nil && len(rules) > 0
}

// roleObject returns the Role of a token of ours, nil when there is none.
func (s *State) roleObject(namespace, name string) *unstructured.Unstructured {
	return s.roles[types.NamespacedName{Namespace: namespace, Name: name}]
}

// binding returns the RoleBinding of a token of ours, nil when there is none.
func (s *State) binding(namespace, name string) *rbacv1.RoleBinding {
	return s.bindings[types.NamespacedName{Namespace: namespace, Name: name}]
}
