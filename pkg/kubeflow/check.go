package kubeflow

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// CheckProfileName says whether there can be a namespace for a profile of this name. The API server takes names for
// profiles that it does not take for namespaces; the controller then fails for ever and says so nowhere.
func CheckProfileName(name string) error {
	var why string
	switch {
	case name == "":
		return errors.New("check profile name: it is empty")
	case len(name) > validation.DNS1123LabelMaxLength:
		why = fmt.Sprintf("it has %d characters, and a namespace at most %d", len(name), validation.DNS1123LabelMaxLength)
	case strings.Contains(name, "."):
		why = "the name of a namespace has no dots"
	case strings.ToLower(name) != name:
		why = "the name of a namespace is lower case"
	case len(validation.IsDNS1123Label(name)) > 0:
		why = "the name of a namespace consists of a-z, 0-9 and -, and begins and ends with a letter or digit"
	default:
		return nil
	}
	return fmt.Errorf("check profile name %q: its namespace can never be made: %s", name, why)
}

// CheckPair says whether both objects of a user's pair can be made, and mean the user and nobody else. See
// [CheckSubjectPair].
func CheckPair(userName, short string) error {
	return CheckSubjectPair(rbac.Subject{Kind: rbacv1.UserKind, Name: userName}, short)
}

// CheckSubjectPair says whether both objects of a pair can be made, and mean the subject and nobody else:
//   - the name of a policy has at most 253 characters, of which 231 are left for a user's name, or 230 for admin. The role
//     binding would be made, and the policy refused;
//   - "*" at an end of the name makes it a pattern in the policy.
func CheckSubjectPair(subject rbac.Subject, short string) error {
	name := PairName(subject, short)
	switch {
	case ClusterRole(short) == "":
		return fmt.Errorf("check pair of %q: the role %q is none of admin, edit and view", subject.Name, short)
	case subject.Name == "":
		return errors.New("check pair: the name of the subject is empty")
	case strings.HasPrefix(subject.Name, "*"), strings.HasSuffix(subject.Name, "*"):
		return fmt.Errorf("check pair of %q: Istio takes the name for a pattern that lets others in", subject.Name)
	case subject.Kind == rbacv1.ServiceAccountKind:
		return nil // it has no policy
	case len(name) > validation.DNS1123SubdomainMaxLength:
		excess := len(name) - validation.DNS1123SubdomainMaxLength
		return fmt.Errorf("check pair of %.40q...: the name of the policy would have %d characters, %d more than there may be",
			subject.Name, len(name), excess)
	}
	return nil
}

// emailPattern is what a browser takes for an e-mail address. Source: the HTML standard, which the dashboard follows
// since 1.9.
var emailPattern = regexp.MustCompile(
	"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@" +
		`[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$`)

// CheckEmail says whether the dashboard takes the text for an e-mail address. It adds and removes no other contributors.
func CheckEmail(text string) error {
	if !emailPattern.MatchString(text) {
		return fmt.Errorf("check e-mail %q: the dashboard does not take it for an address", text)
	}
	return nil
}
