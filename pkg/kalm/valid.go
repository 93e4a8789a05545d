package kalm

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// CheckBinding returns why Kalm would refuse a binding, or nil: first what its schema demands, then its webhook.
// The webhook lets through much that does harm: see [Policy.Flags].
// Source: controller/api/v1alpha1/rolebinding_types.go and rolebinding_webhook.go.
func CheckBinding(b Binding) error {
	var errs []error
	if b.Subject == "" {
		errs = append(errs, errors.New("spec.subject is empty"))
	}
	if b.Creator == "" {
		errs = append(errs, errors.New("spec.creator is empty"))
	}
	if !b.Role.Known() {
		errs = append(errs, fmt.Errorf("spec.role %s is none that Kalm has", plain(string(b.Role))))
	}
	if _, err := ParseExpiry(b.Expires); err != nil {
		errs = append(errs, err)
	}
	if b.Role.Cluster() && b.Namespace != SystemNamespace {
		errs = append(errs, fmt.Errorf("role %s can be bound in namespace %s only", b.Role, SystemNamespace))
	}
	return errors.Join(errs...)
}

// CheckBindingChange returns why Kalm would refuse to change a binding, or nil. A role of a namespace cannot become one of the
// cluster, nor the other way round; suspended and placeholder count as roles of a namespace here.
func CheckBindingChange(before, after Binding) error {
	var errs []error
	if before.Creator != after.Creator {
		errs = append(errs, errors.New("spec.creator cannot be changed"))
	}
	if before.Subject != after.Subject {
		errs = append(errs, errors.New("spec.subject cannot be changed"))
	}
	if before.Role.everywhere() != after.Role.everywhere() {
		errs = append(errs, fmt.Errorf("role %s cannot become %s: make another binding instead", before.Role, after.Role))
	}
	return errors.Join(append(errs, CheckBinding(after))...)
}

// CheckToken returns why Kalm would refuse a token, or nil. The kind of a rule is not looked at, as in Kalm: [CheckKind] does.
// Secret is the token itself, when it is known; t.Name has to be made of it. No error holds it.
// Source: controller/api/v1alpha1/access_token.go and access_token_webhook.go.
func CheckToken(t Token, secret string) error {
	var errs []error
	if secret != "" && len(secret) < TokenLength {
		errs = append(errs, fmt.Errorf("spec.token has %d characters, and needs %d", len(secret), TokenLength))
	}
	if secret != "" && t.Name != TokenName(secret) {
		errs = append(errs, errors.New("metadata.name is not the SHA-256 of the token"))
	}
	if t.Creator == "" {
		errs = append(errs, errors.New("spec.creator is empty"))
	}
	if len(t.Rules) == 0 {
		errs = append(errs, errors.New("spec.rules is empty"))
	}
	if _, err := ParseExpiry(t.Expires); err != nil {
		errs = append(errs, err)
	}
	for i, rule := range t.Rules {
		if err := CheckRule(rule); err != nil {
			errs = append(errs, fmt.Errorf("spec.rules[%d]: %w", i, err))
		}
	}
	return errors.Join(errs...)
}

// CheckRule returns why Kalm would refuse a rule of a token, or nil.
func CheckRule(r Rule) error {
	if _, err := ParseAction(r.Verb); err != nil {
		return err
	}
	if r.Namespace != All && len(validation.IsDNS1123Label(r.Namespace)) > 0 {
		return fmt.Errorf("namespace %s is neither * nor the name of one", plain(r.Namespace))
	}
	if r.Name != All && len(validation.IsDNS1035Label(r.Name)) > 0 {
		return fmt.Errorf("name %s is neither * nor letters, digits and dashes that begin with a letter", plain(r.Name))
	}
	if r.Kind == "" {
		return errors.New("kind is empty")
	}
	return nil
}

// CheckKind returns why a rule of such a kind must not be made, though Kalm would take it, or nil.
func CheckKind(kind string) error {
	if strings.ContainsAny(kind, ",\n\r\"#") || strings.TrimSpace(kind) != kind {
		return fmt.Errorf("kind %s would break out of its line of Kalm's policy", plain(kind))
	}
	if rest := strings.TrimSuffix(kind, All); strings.Contains(rest, All) || rest != kind && rest != "" {
		return fmt.Errorf("kind %s would stand for every kind that begins like it", plain(kind))
	}
	return nil
}

// CheckSubject returns why a binding to such a subject must not be made, though Kalm would take it, or nil.
func CheckSubject(subject string, group bool) error {
	switch {
	case subject == "":
		return errors.New("the subject is empty")
	case strings.ContainsAny(subject, ",\n\r\""):
		return fmt.Errorf("subject %s would break out of its line of Kalm's policy", plain(subject))
	case !group && subject != strings.ToLower(subject):
		return fmt.Errorf("subject %s has capital letters: Kalm's login compares in small ones and its policy as written, so that it would give nothing", plain(subject))
	}
	return nil
}

// CheckSingleSignOn returns all that Kalm's webhook would refuse of a SingleSignOnConfig.
// Source: controller/api/v1alpha1/singlesignonconfig_webhook.go.
func CheckSingleSignOn(s SingleSignOn) []error {
	var errs []error
	if s.Domain == "" {
		errs = append(errs, errors.New("spec.domain is empty"))
	}
	if s.Issuer != "" {
		if len(s.Connectors) > 0 {
			errs = append(errs, errors.New("spec.connectors and spec.issuer exclude each other"))
		}
		if s.Temporary != nil {
			errs = append(errs, errors.New("spec.temporaryUser and spec.issuer exclude each other"))
		}
		return errs
	}
	if len(s.Connectors) == 0 && s.Temporary == nil {
		errs = append(errs, errors.New("there is neither a connector nor a temporary user: nobody can log in"))
	}
	for i, c := range s.Connectors {
		for _, text := range c.wrong() {
			errs = append(errs, fmt.Errorf("spec.connectors[%d]: %s", i, text))
		}
	}
	return errs
}

func (c Connector) wrong() []string {
	if c.Type != GitHub && c.Type != GitLab {
		return []string{fmt.Sprintf("type %s is none that Kalm takes: github, gitlab", plain(c.Type))}
	}
	var texts []string
	if c.ClientID == "" {
		texts = append(texts, "config.clientID is empty")
	}
	if !c.Secret {
		texts = append(texts, "config.clientSecret is empty")
	}
	if c.Type == GitHub && len(c.Orgs) == 0 {
		texts = append(texts, "config.orgs is empty")
	}
	if c.Type == GitLab && len(c.Groups) == 0 {
		texts = append(texts, "config.groups is empty")
	}
	return texts
}
