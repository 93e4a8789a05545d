package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// TestAccessTokenNowhere looks for a token everywhere that it must not be: in what other programs see, in logs of all
// kinds as verbose as can be, in files, in the audit log and what the server stores, and in errors.
func TestAccessTokenNowhere(t *testing.T) {
	w := newTokenWorld(t, "token-nowhere")
	var others observed
	run := func(stdin string, args ...string) outcome {
		var in *strings.Reader
		if stdin != "" {
			in = strings.NewReader(stdin)
		}
		plugin := filepath.Join(shared.bin, "kubectl-accesstoken")
		if in == nil {
			return w.admin.start(t, nil, others.observe, plugin, args...)
		}
		return w.admin.start(t, in, others.observe, plugin, args...)
	}
	made := run("", "create", "ci", "--may", "view:services", "--yes", "--verify", "-v=10", "-n", w.namespace)
	made.want(t, 0)
	token := strings.TrimSpace(made.stdout)
	secrets := parts(token)
	outcome{stderr: made.stderr}.reveals(t, secrets...)
	if !strings.Contains(made.stderr, "/serviceaccounts/ci") && !strings.Contains(made.stderr, "selfsubjectrulesreviews") {
		t.Error("-v=10 has logged no request, so that nothing was searched")
	}
	for _, command := range [][]string{
		{"describe", "-", "-v=10"},
		{"describe", "-", "-o", "json"},
		{"list", "-A", "-v=10"},
		{"list", "-o", "yaml"},
		{"describe", "ci", "-v=10"},
		{"audit", "-v=10"},
		{"audit", "-o", "json"},
		{"describe", "-", "--from", w.ca},
		{"describe", "-", "--kubeconfig", "/nowhere"},
	} {
		out := run(token+"\n", append(slices.Clone(command), "-n", w.namespace)...)
		out.reveals(t, secrets...)
	}
	// Damaged ones are refused without being repeated.
	for name, damaged := range map[string]string{
		"two": token + "\n" + token, "no base64": strings.Replace(token, ".", ".~~", 1), "cut": token[:len(token)/2], "prefixed": "token: " + token,
	} {
		out := run(damaged, "describe", "-", "-n", w.namespace)
		out.reveals(t, secrets...)
		if out.stdout == "" && !strings.Contains(out.stderr, "error: ") {
			t.Errorf("%s: nothing is said:\n%s", name, out.stderr)
		}
	}
	for _, where := range [][]string{{"describe", token}, {"revoke", token}, {token}, {"create", token, "--may", "view:pods"}} {
		// Whoever types it has shown it to ps; we at least don't repeat it.
		out := w.admin.kubectl(t, append([]string{"accesstoken"}, where...)...)
		out.want(t, 1)
		out.hears(t, "must not be typed")
		out.reveals(t, secrets...)
	}
	run("", "revoke", "ci", "--yes", "-v=10", "-n", w.namespace).reveals(t, secrets...)

	if others.seen.Len() == 0 || !strings.Contains(others.seen.String(), "kubectl-accesstoken") {
		t.Error("no process was looked at")
	}
	for _, secret := range secrets {
		if strings.Contains(others.seen.String(), secret) {
			t.Error("the token is among the arguments or in the environment of a process")
		}
	}
	// The home has the caches; the directory of the control plane its logs, the audit log, and all that etcd has stored.
	if found := append(holding(t, w.admin.dir, secrets...), holding(t, w.cp.Dir(), secrets...)...); len(found) > 0 {
		t.Errorf("the token is in %s", strings.Join(found, ", "))
	}
	if found := holding(t, w.cp.Dir(), "serviceaccounts/ci/token"); len(found) == 0 {
		t.Error("the audit log does not have the request for the token, so that nothing was searched")
	}
}

// TestAccessTokenKalm makes a token of Kalm: only the output and the object have it.
func TestAccessTokenKalm(t *testing.T) {
	w := newTokenWorld(t, "token-kalm")
	var others observed
	plugin := filepath.Join(shared.bin, "kubectl-accesstoken")
	dry := w.run(t, "create", "deploy", "--flavor", "kalm", "--may", "edit:components/web", "--dry-run=server", "-o", "yaml")
	dry.want(t, 0)
	if !strings.Contains(dry.stdout, "token: <hidden>") {
		t.Errorf("a dry run shows another token:\n%s", dry.stdout)
	}
	out := w.admin.start(t, nil, others.observe, plugin, "create", "deploy", "--flavor", "kalm", "--may", "edit:components/web", "--deploy",
		"--expires", "7d", "--memo", "from the pipeline", "--yes", "--preview=full", "-v=10", "-n", w.namespace)
	out.want(t, 0)
	token := strings.TrimSuffix(out.stdout, "\n")
	sum := sha256.Sum256([]byte(token))
	name := hex.EncodeToString(sum[:])
	if len(token) != 128 {
		t.Fatalf("the token has %d characters", len(token))
	}
	secrets := parts(token)
	outcome{stderr: out.stderr}.reveals(t, secrets...)
	t.Cleanup(func() {
		cmd := exec.Command(shared.kubectl(), "delete", "accesstoken.core.kalm.dev", name, "--ignore-not-found", "--kubeconfig", w.cp.Admin()) //nolint:noctx // the test's context is over
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("delete accesstoken: %v\n%s", err, text)
		}
	})
	get := func(path string) string {
		out := w.admin.kubectl(t, "get", "accesstokens.core.kalm.dev", name, "-o", "jsonpath={"+path+"}")
		out.want(t, 0)
		return out.stdout
	}
	if got := get(".spec.token"); got != token {
		t.Error("the object has another token")
	}
	if got := get(".spec.rules[*].verb"); got != "view edit" {
		t.Errorf("the rules have the verbs %q", got)
	}
	if got := get(".metadata.labels"); got != `{"gatehouse.dev/token":"deploy","tokenType":"deployAccessToken"}` {
		t.Errorf("the labels are %s", got)
	}
	if ends, err := time.Parse(time.RFC3339, get(".spec.expiredAt")); err != nil || ends.Before(time.Now().Add(7*24*time.Hour-time.Minute)) {
		t.Errorf("it ends on %s: %v", ends, err)
	}
	for _, args := range [][]string{
		{"list", "-n", w.namespace},
		{"list", "-A", "-o", "json"},
		{"describe", "deploy", "-o", "yaml"},
		{"describe", name[:8]},
		{"describe", "accesstoken/" + name},
		{"audit", "-A", "--severity", "info", "-o", "json"},
		{"audit", "--severity", "info", "-o", "text"},
	} {
		seen := w.admin.kubectl(t, append([]string{"accesstoken"}, args...)...)
		seen.reveals(t, secrets...)
		if !strings.Contains(seen.stdout, "deploy") && args[0] != "audit" {
			t.Errorf("%v: the token is not shown:\n%s%s", args, seen.stdout, seen.stderr)
		}
	}
	described := w.pasted(t, token, "describe", "-")
	described.want(t, 0)
	described.reveals(t, secrets...)
	if !strings.Contains(described.stdout, "accesstoken "+name) || !strings.Contains(described.stdout, "edit components/web in token-kalm") {
		t.Errorf("a pasted token is not found:\n%s", described.stdout)
	}
	w.run(t, "create", "deploy", "--flavor", "kalm", "--may", "edit:components/web", "--yes").says(t, 1, "token deploy is there already")
	for _, secret := range secrets {
		if strings.Contains(others.seen.String(), secret) {
			t.Error("the token is among the arguments or in the environment of a process")
		}
	}
	// Kalm's own design has it in the object, and so in etcd; it is in no log, and in no file of ours.
	found := holding(t, w.admin.dir, secrets...)
	for _, file := range holding(t, w.cp.Dir(), secrets...) {
		if !strings.Contains(file, string(os.PathSeparator)+"etcd"+string(os.PathSeparator)) {
			found = append(found, file)
		}
	}
	if len(found) > 0 {
		t.Errorf("the token is in %s", strings.Join(found, ", "))
	}
	// A new one in its place is another object, and the old one is gone when that was printed.
	second, rotated := w.create(t, "deploy", "--flavor", "kalm", "--rotate", "--yes")
	rotated.hears(t, "when the new token is there, accesstoken "+name+" is deleted", "the old token is revoked")
	w.admin.kubectl(t, "get", "accesstokens.core.kalm.dev", name).want(t, 1)
	sum = sha256.Sum256([]byte(second))
	if name = hex.EncodeToString(sum[:]); second == token || get(".spec.token") != second || get(".spec.rules[*].verb") != "view edit" ||
		get(".metadata.labels") != `{"gatehouse.dev/token":"deploy","tokenType":"deployAccessToken"}` || get(".spec.memo") != "from the pipeline" {
		t.Error("the new token is not as the old one was")
	}
	w.run(t, "revoke", "deploy", "--yes").want(t, 0)
	w.admin.kubectl(t, "get", "accesstokens.core.kalm.dev", name).want(t, 1)
}

// TestAccessTokenCapped asks a server that gives no token for longer than an hour: what is noted is when it really ends.
func TestAccessTokenCapped(t *testing.T) {
	cp, err := controlplane.Start(t.Context(), controlplane.Options{ExtraAPIServerArgs: []string{
		"--service-account-max-token-expiration=1h", "--service-account-extend-token-expiration=false",
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cp.Stop(); err != nil {
			t.Error(err)
		}
	})
	w := tokenWorldOn(t, cp, "token-capped")
	token, out := w.create(t, "ci", "--may", "view:services", "--expires", "30d", "--yes")
	out.hears(t, "warning: the token ends on ", "the server gives no token for longer")
	if c := claimsOf(t, token); c.Expires-c.Issued != 3600 {
		t.Errorf("the token lives for %d s", c.Expires-c.Issued)
	}
	listed := w.run(t, "list")
	listed.want(t, 0)
	if !strings.Contains(listed.stdout, "59m") && !strings.Contains(listed.stdout, "60m") {
		t.Errorf("list does not say when it really ends:\n%s", listed.stdout)
	}
}
