package kubeflow

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// clusterRoleKind is the kind of role in the names of pairs. kfam takes the kind from the request; its callers send no
// other.
const clusterRoleKind = "clusterrole"

// BindingName returns the name that kfam gives to the role binding and to the policy of a contributor: userKind is User
// or Group, name is the user's name as it is, short is admin, edit or view. Different users can have one name: only
// letters and digits of ASCII count, and not their case. Source: access-management, 1.3 to 2.0.
func BindingName(userKind, name, short string) string {
	return slug(isLetterOrDigit, userKind+"-"+name+"-"+clusterRoleKind+"-"+short)
}

// PairName returns the name of a subject's pair. A service account's is made like a user's, from "namespace/name": kfam
// has none.
func PairName(subject rbac.Subject, short string) string {
	if subject.Kind == rbacv1.ServiceAccountKind {
		return BindingName(subject.Kind, subject.Namespace+"/"+subject.Name, short)
	}
	return BindingName(subject.Kind, subject.Name, short)
}

// slug lower-cases text after every run of characters that are not wanted has become one "-".
func slug(wanted func(byte) bool, text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; {
		case wanted(c):
			out = append(out, c)
		case len(out) == 0 || out[len(out)-1] != '-':
			out = append(out, '-')
		}
	}
	return strings.ToLower(string(out))
}

func isLetterOrDigit(c byte) bool { return isLower(c) || isUpper(c) || isDigit(c) }

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
