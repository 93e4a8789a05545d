package e2e

import (
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/fault"
)

// left names what there is of a token in the namespace.
func (w tokenWorld) left(t *testing.T) string {
	t.Helper()
	out := w.admin.kubectl(t, "get", "serviceaccounts,roles,rolebindings,secrets", "-l", "gatehouse.dev/token=ci", "-o", "name", "-n", w.namespace)
	out.want(t, 0)
	return strings.TrimSpace(out.stdout)
}

// TestAccessTokenFault has the request for the token fail, and what was made for it is taken back.
func TestAccessTokenFault(t *testing.T) {
	w := newTokenWorld(t, "token-fault")
	l := newLane(t, w.cp)
	isToken := func(r fault.Request) bool {
		return r.Method == "POST" && strings.Contains(r.URI, "/serviceaccounts/ci/token")
	}
	create := []string{"accesstoken", "create", "ci", "--may", "view:services", "--yes", "-n", w.namespace}
	for _, kind := range []fault.Kind{fault.Forbidden, fault.Broken, fault.CutBefore, fault.CutAfter} {
		l.proxy.Spoil(func(r fault.Request) fault.Kind {
			if isToken(r) {
				return kind
			}
			return fault.None
		})
		out := l.run(t, create...)
		l.proxy.Spoil(nil)
		out.says(t, 1, "ask for token of service account ci", "objects that were made for it have been taken back")
		if left := w.left(t); left != "" {
			t.Errorf("%s: there is still %s", kind, left)
		}
	}
	// When nothing can be taken back either, what is left is said, and the same command with --rotate completes it.
	broken := false
	l.proxy.Spoil(func(r fault.Request) fault.Kind {
		broken = broken || isToken(r)
		if broken && r.IsWrite() {
			return fault.Forbidden
		}
		return fault.None
	})
	out := l.run(t, create...)
	l.proxy.Spoil(nil)
	out.says(t, 1, "take back what was made", "accesstoken revoke ci -n token-fault takes away what is left")
	if left := w.left(t); strings.Count(left, "/") < 4 {
		t.Errorf("there is only %q left", left)
	}
	l.run(t, append(create, "--rotate")...).want(t, 0)
	l.run(t, "accesstoken", "revoke", "ci", "--yes", "-n", w.namespace).want(t, 0)
	if left := w.left(t); left != "" {
		t.Errorf("after revoke there is still %s", left)
	}
}

// TestAccessTokenRefused makes tokens as people who may not.
func TestAccessTokenRefused(t *testing.T) {
	w := newTokenWorld(t, "token-refused")
	for user, roles := range map[string][]string{"viewer@example.com": {"view"}, "editor@example.com": {"edit"}, "owner@example.com": {"admin"}} {
		for _, role := range roles {
			w.admin.kubectl(t, "create", "rolebinding", role, "--clusterrole="+role, "--user="+user, "-n", w.namespace).want(t, 0)
		}
	}
	as := func(user string, args ...string) outcome {
		return scratchHome(t, user).kubectl(t, append([]string{"accesstoken"}, append(args, "-n", w.namespace)...)...)
	}
	as("viewer@example.com", "create", "ci", "--may", "view:services", "--yes").says(t, 1, "you may not create serviceaccounts/token in token-refused, and nothing was made")
	as("editor@example.com", "create", "ci", "--may", "view:services", "--yes").says(t, 1, "roles")
	// An owner gives what he has, and nothing else.
	as("owner@example.com", "create", "ci", "--may", "view:resourcequotas", "--may", "edit:limitranges", "--yes").says(t, 1, "limitranges")
	if left := w.left(t); left != "" {
		t.Errorf("there is %s", left)
	}
	told := as("viewer@example.com", "list")
	told.want(t, 0)
	told.hears(t, "secrets")
	as("viewer@example.com", "list", "--strict").want(t, 2)
	made := as("owner@example.com", "create", "ci", "--may", "view:services", "--yes", "--verify")
	made.want(t, 0)
	listed := as("owner@example.com", "list")
	listed.want(t, 0)
	if !strings.Contains(listed.stdout, "owner@example.com") {
		t.Errorf("list does not say who made it:\n%s", listed.stdout)
	}
	as("owner@example.com", "revoke", "ci", "--yes").want(t, 0)
}
