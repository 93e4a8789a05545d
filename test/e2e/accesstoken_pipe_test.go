package e2e

import (
	"strings"
	"testing"
)

// TestAccessTokenUnseen makes tokens where nobody reads the output: nothing of them stays.
func TestAccessTokenUnseen(t *testing.T) {
	w := newTokenWorld(t, "token-unseen")
	// told runs a command in a shell that does with its streams what is said.
	told := func(redirect string, args ...string) outcome {
		script := `{ "$0" accesstoken create ci "$@" -n ` + w.namespace + redirect
		return w.admin.run(t, nil, "/bin/sh", append([]string{"-c", script, shared.kubectl()}, args...)...)
	}
	const (
		closedPipe = `; echo "code $?" >&2; } | :`
		bothClosed = ` 2>&1; } | :`
		closed     = ` >&-; }`
		thrownAway = ` >/dev/null; }`
	)
	native := []string{"--may", "view:services", "--yes"}
	kalm := []string{"--flavor", "kalm", "--may", "edit:components/web", "--yes"}
	for name, args := range map[string][]string{"native": native, "native as JSON": append(native, "-o", "json"), "kalm": kalm} {
		out := told(closedPipe, args...)
		out.hears(t, "error: ", "broken pipe", "made for it ", "been taken back", "code 1\n")
		told(bothClosed, args...)
		told(closed, args...).says(t, 1, "nobody would see the token")
		told(thrownAway, args...).says(t, 1, "nobody would see the token")
		tokens := w.admin.kubectl(t, "get", "accesstokens.core.kalm.dev", "-l", "gatehouse.dev/token=ci", "-o", "name")
		tokens.want(t, 0)
		if left := w.left(t) + tokens.stdout; left != "" {
			t.Errorf("%s: there is %s", name, left)
		}
	}
	// The old token goes on where the new one was not seen.
	token, _ := w.create(t, "ci", "--may", "view:services", "--yes")
	told(closedPipe, "--rotate", "--yes").hears(t, "the old token may do what it could before", "code 1\n")
	if code := w.curl(t, token, "GET", "/api/v1/namespaces/"+w.namespace+"/services", ""); code != 200 {
		t.Errorf("the old token is answered with %d", code)
	}
	told(closed, "--dry-run=server", "--rotate").want(t, 0)
}

// TestAccessTokenPlace makes tokens for namespaces that are not there, or none of Kalm's.
func TestAccessTokenPlace(t *testing.T) {
	w := newTokenWorld(t, "token-place")
	for _, args := range [][]string{
		{"--may", "view:services", "--yes"},
		{"--may", "view:services", "--dry-run=server"},
		{"--flavor", "kalm", "--may", "edit:components/web", "--yes"},
	} {
		w.admin.kubectl(t, append([]string{"accesstoken", "create", "ci", "-n", "token-plaec"}, args...)...).says(t, 1,
			`error: make token ci: there is no namespace "token-plaec"`, "hint: did you mean token-place?")
	}
	plain := w.run(t, "create", "ci", "--flavor", "kalm", "--may", "edit:Component/web", "--dry-run=server", "-o", "yaml")
	plain.want(t, 0)
	plain.hears(t, "warning: namespace token-place is no application of Kalm's: kubectl label namespace token-place kalm-enabled=true",
		"view components/web in token-place", "note: not for kubectl apply")
	w.admin.kubectl(t, "label", "namespace", w.namespace, "kalm-enabled=true").want(t, 0)
	if out := w.run(t, "create", "ci", "--flavor", "kalm", "--may", "edit:components/web", "--dry-run=server"); strings.Contains(out.stderr, "warning: ") {
		t.Errorf("an application is warned of:\n%s", out.stderr)
	}
}
