package profile

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// JudgeIdentity returns finding KF019 when the person who asks is called otherwise by the cluster than by Kubeflow:
// kubectlUser is no member of any workspace, but a member has that name without a prefix, or in another case. An API
// server puts a prefix such as "oidc:" before names, if it is told to; Kubeflow's gateway does not.
func JudgeIdentity(s *workspace.State, kubectlUser string) []finding.Finding {
	known := map[string]bool{}
	for _, w := range s.Workspaces() {
		if w.Flavor != workspace.Kubeflow {
			continue
		}
		if w.Owner.Kind == rbacv1.UserKind {
			known[w.Owner.Name] = true
		}
		for _, m := range w.Members {
			if m.Subject.Kind == rbacv1.UserKind {
				known[m.Subject.Name] = true
			}
		}
	}
	if kubectlUser == "" || known[kubectlUser] {
		return nil
	}
	called := ""
	for name := range known {
		// The longest is the likeliest; equal ones can only differ in case.
		if isForm(kubectlUser, name) && (len(name) > len(called) || len(name) == len(called) && name < called) {
			called = name
		}
	}
	if called == "" {
		return nil
	}
	return []finding.Finding{{
		ID: "KF019", Severity: finding.Info, Object: "user " + kubectlUser,
		Message: fmt.Sprintf("the cluster knows you as %s, and Kubeflow has a member %s", kubectlUser, called),
		Why: "If that is you, the dashboard lets you in, and kubectl does not: role bindings name Kubeflow's form.\n" +
			"Let the API server call users as Kubeflow does (--oidc-username-claim, --oidc-username-prefix=-), or bind both names.",
	}}
}

// isForm reports whether user is name in another case, or behind a prefix that ends in something like a colon.
func isForm(user, name string) bool {
	if name == "" || len(user) < len(name) {
		return false
	}
	cut := len(user) - len(name)
	if !strings.EqualFold(user[cut:], name) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(user[:cut])
	return cut == 0 || !unicode.IsLetter(before) && !unicode.IsDigit(before) && !strings.ContainsRune("._-+", before)
}
