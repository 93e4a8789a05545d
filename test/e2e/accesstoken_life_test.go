package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cacheTime is for how long a server remembers that a token was good (--authentication-token-success-cache-ttl), and a
// few seconds for its watches.
const cacheTime = 15 * time.Second

// TestAccessTokenLife makes a token, uses it as anybody would, and ends it.
func TestAccessTokenLife(t *testing.T) {
	w := newTokenWorld(t, "token-life")
	const hour = 3600
	token, out := w.create(t, "ci", "--may", "get,patch:configmaps/web", "--may", "view:services", "--expires", "1h",
		"--memo", "the pipeline", "--yes", "--verify")
	out.hears(t, "serviceaccount/ci created", "verified: the server lets the token do exactly what was asked for", "the token ends on ")
	c := claimsOf(t, token)
	if life := c.Expires - c.Issued; life < hour-5 || life > hour+5 {
		t.Errorf("the token lives for %d s, want %d", life, hour)
	}
	if c.Subject != "system:serviceaccount:token-life:ci" || !strings.HasPrefix(c.Kubernetes.Secret.Name, "ci-") {
		t.Errorf("the token is of %s, and bound to %+v", c.Subject, c.Kubernetes.Secret)
	}

	here, there := "/api/v1/namespaces/"+w.namespace, "/api/v1/namespaces/"+w.other
	const patch = `{"data":{"a":"c"}}`
	for _, test := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", here + "/configmaps/web", "", 200},
		{"PATCH", here + "/configmaps/web", patch, 200},
		{"GET", here + "/services", "", 200},
		{"GET", here + "/services/web", "", 200},
		// another verb, name, kind, namespace, and the whole cluster
		{"DELETE", here + "/configmaps/web", "", 403},
		{"POST", here + "/services", `{"apiVersion":"v1","kind":"Service","metadata":{"name":"x"},"spec":{"ports":[{"port":1}]}}`, 403},
		{"PATCH", here + "/services/web", patch, 403},
		{"GET", here + "/configmaps/other", "", 403},
		{"PATCH", here + "/configmaps/other", patch, 403},
		{"GET", here + "/configmaps", "", 403},
		{"GET", here + "/secrets", "", 403},
		{"GET", here + "/secrets/" + c.Kubernetes.Secret.Name, "", 403},
		{"GET", here, "", 403},
		{"POST", here + "/serviceaccounts/ci/token", `{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}`, 403},
		{"GET", there + "/configmaps/web", "", 403},
		{"GET", there + "/services", "", 403},
		{"GET", "/api/v1/services", "", 403},
		{"GET", "/api/v1/nodes", "", 403},
	} {
		if code := w.curl(t, token, test.method, test.path, test.body); code != test.want {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, code, test.want)
		}
	}
	if code := w.curl(t, token[:len(token)-4]+"AAAA", "GET", here+"/services", ""); code != 401 {
		t.Errorf("with another signature: %d, want 401", code)
	}

	listed := w.run(t, "list")
	listed.want(t, 0)
	for _, text := range []string{"ci", "bound", "get, patch configmaps/web in token-life; get, list, watch services in token-life"} {
		if !strings.Contains(listed.stdout, text) {
			t.Errorf("list lacks %q:\n%s", text, listed.stdout)
		}
	}
	described := w.pasted(t, token+"\n", "describe", "-")
	described.want(t, 0)
	for _, text := range []string{"sa:token-life/ci", "which is there", "the pipeline", "rolebinding/ci > role/ci in token-life"} {
		if !strings.Contains(described.stdout, text) {
			t.Errorf("describe lacks %q:\n%s", text, described.stdout)
		}
	}
	described.reveals(t, parts(token)...)
	w.run(t, "audit", "--severity", "warning").want(t, 0)

	revoked := w.run(t, "revoke", "ci", "--yes")
	revoked.want(t, 0)
	took := w.refusedWithin(t, token, here+"/services", cacheTime)
	t.Logf("refused %s after it was revoked", took.Round(100*time.Millisecond))
	for _, kind := range []string{"serviceaccount/ci", "role/ci", "rolebinding/ci", "secret/" + c.Kubernetes.Secret.Name} {
		if out := w.admin.kubectl(t, "get", kind, "-n", w.namespace); out.code == 0 {
			t.Errorf("%s is still there", kind)
		}
	}
	gone := w.pasted(t, token, "describe", "-")
	gone.want(t, 0)
	if !strings.Contains(gone.stdout, "the token is refused") {
		t.Errorf("describe of a revoked token:\n%s", gone.stdout)
	}
	w.run(t, "revoke", "ci", "--yes").says(t, 1, `there is no token "ci"`)
}

// TestAccessTokenRotate puts a new token in the place of one, and ends one while its account stays.
func TestAccessTokenRotate(t *testing.T) {
	w := newTokenWorld(t, "token-rotate")
	path := "/api/v1/namespaces/" + w.namespace + "/services"
	first, _ := w.create(t, "ci", "--may", "view:services", "--yes")
	w.run(t, "create", "ci", "--may", "view:services", "--yes").says(t, 1, "token ci is there already: --rotate")
	time.Sleep(time.Second) // the name of the Secret ends with the second
	second, out := w.create(t, "ci", "--rotate", "--yes", "--verify", "--expires", "10m")
	out.hears(t, "which ends the token that is bound to it", "the old token is revoked")
	if code := w.curl(t, second, "GET", path, ""); code != 200 {
		t.Errorf("the new token: %d", code)
	}
	w.refusedWithin(t, first, path, cacheTime)
	c := claimsOf(t, second)
	if life := c.Expires - c.Issued; life < 600 || life > 605 {
		t.Errorf("the token lives for %d s, want 600", life)
	}

	w.run(t, "revoke", "ci", "--keep-account", "--yes").want(t, 0)
	w.refusedWithin(t, second, path, cacheTime)
	audit := w.run(t, "audit", "--severity", "info", "--rule", "TK011")
	audit.want(t, 1)
	third, _ := w.create(t, "ci", "--rotate", "--may", "get:configmaps/web", "--yes", "--verify")
	for path, want := range map[string]int{path: 403, "/api/v1/namespaces/" + w.namespace + "/configmaps/web": 200} {
		if code := w.curl(t, third, "GET", path, ""); code != want {
			t.Errorf("with other rules, %s: %d, want %d", path, code, want)
		}
	}
}

// TestAccessTokenEnds shows that a token is refused after its end, and that none is given for less than ten minutes.
func TestAccessTokenEnds(t *testing.T) {
	w := newTokenWorld(t, "token-ends")
	path := "/api/v1/namespaces/" + w.namespace + "/services"
	w.run(t, "create", "ci", "--may", "view:services", "--expires", "5m", "--yes").says(t, 1, "no token for less than ten minutes")
	token, _ := w.create(t, "ci", "--may", "view:services", "--expires", "10m", "--yes")
	if code := w.curl(t, w.forged(t, token, time.Now().Add(-2*time.Minute)), "GET", path, ""); code != 401 {
		t.Errorf("a token of the same claims that ended two minutes ago: %d, want 401", code)
	}
	// Servers forgive a minute, for clocks that differ (DefaultLeeway of go-jose).
	const leeway, life = time.Minute, 4 * time.Second
	ends := time.Now().Add(life)
	short := w.forged(t, token, ends.Add(-leeway))
	if code := w.curl(t, short, "GET", path, ""); code != 200 {
		t.Fatalf("a token of the same claims that counts for %s: %d, want 200", life, code)
	}
	w.refusedWithin(t, short, path, life+cacheTime)
	if time.Now().Before(ends.Add(-time.Second)) {
		t.Error("it was refused before its end")
	}
	if code := w.curl(t, token, "GET", path, ""); code != 200 {
		t.Errorf("the token that has not ended: %d", code)
	}
}

// TestAccessTokenAudience makes a token for somebody else, whom the API server is not.
func TestAccessTokenAudience(t *testing.T) {
	w := newTokenWorld(t, "token-audience")
	token, _ := w.create(t, "vault", "--may", "view:services", "--audience", "https://vault.example", "--yes")
	if c := claimsOf(t, token); len(c.Audiences) != 1 || c.Audiences[0] != "https://vault.example" {
		t.Errorf("the token is for %q", c.Audiences)
	}
	if code := w.curl(t, token, "GET", "/api/v1/namespaces/"+w.namespace+"/services", ""); code != 401 {
		t.Errorf("the API server takes a token for somebody else: %d", code)
	}
	out := w.run(t, "create", "other", "--may", "view:services", "--audience", "x", "--yes", "--verify")
	out.says(t, 1, "--audience makes it one for somebody else")
	w.admin.kubectl(t, "get", "serviceaccount", "other", "-n", w.namespace).want(t, 1)
}

// TestAccessTokenVerify compares what a token may do with what was asked for, where somebody gives more.
func TestAccessTokenVerify(t *testing.T) {
	w := newTokenWorld(t, "token-verify")
	for _, args := range [][]string{
		{"create", "rolebinding", "all-accounts", "--clusterrole=view", "--group=system:serviceaccounts:" + w.namespace},
	} {
		w.admin.kubectl(t, append(args, "-n", w.namespace)...).want(t, 0)
	}
	w.admin.kubectl(t, "create", "rolebinding", "stray", "--clusterrole=edit", "--serviceaccount="+w.namespace+":ci", "-n", w.other).want(t, 0)
	out := w.run(t, "create", "ci", "--may", "get:configmaps/web", "--yes", "--verify")
	out.want(t, 1)
	out.hears(t, "more than was asked for: it may ", "via rolebinding/all-accounts > clusterrole/view", "via group:system:serviceaccounts:"+w.namespace,
		"rolebinding/stray > clusterrole/edit in "+w.other)
	if strings.Count(out.stdout, ".") != 2 {
		t.Errorf("the token is not printed, though it was made: %d bytes", len(out.stdout))
	}
	audit := w.run(t, "audit", "-o", "json")
	audit.want(t, 1)
	if !strings.Contains(audit.stdout, `"TK013"`) {
		t.Error("the audit does not say that the account has more than its Role")
	}
	if !strings.Contains(audit.stdout, `"TK021"`) {
		t.Error("the audit does not say that a group of service accounts has more than the Role")
	}
	described := w.run(t, "describe", "ci", "-o", "jsonpath={.tokens[0].may.rights} {.tokens[0].may.groupPaths}")
	described.want(t, 0)
	if own, shared, _ := strings.Cut(described.stdout, "] ["); strings.Contains(own, "pods in "+w.namespace+`"`) || !strings.Contains(shared, "clusterrole/view") {
		t.Errorf("what the account itself has is not told apart from what its groups give: %s", described.stdout)
	}
	w.admin.kubectl(t, "delete", "rolebinding", "all-accounts", "-n", w.namespace).want(t, 0)
	w.admin.kubectl(t, "delete", "rolebinding", "stray", "-n", w.other).want(t, 0)
	time.Sleep(time.Second)
	again := w.run(t, "create", "ci", "--rotate", "--yes", "--verify", "-o", "json")
	again.want(t, 0)
	again.hears(t, "verified: ")
	if !strings.Contains(again.stdout, `"kind": "IssuedToken"`) {
		t.Error("-o json is no IssuedToken")
	}
}

// TestAccessTokenKubeconfig makes a kubeconfig that kubectl takes as it is.
func TestAccessTokenKubeconfig(t *testing.T) {
	w := newTokenWorld(t, "token-kubeconfig")
	out := w.run(t, "create", "ci", "--may", "view:services", "--yes", "-o", "kubeconfig")
	out.want(t, 0)
	robot := home{dir: t.TempDir(), kubeconfig: filepath.Join(folder(t, map[string]string{"config": out.stdout}), "config")}
	seen := robot.kubectl(t, "get", "services", "-o", "name")
	seen.want(t, 0)
	if seen.stdout != "service/web\n" {
		t.Errorf("kubectl sees %q", seen.stdout)
	}
	robot.kubectl(t, "get", "configmaps").want(t, 1)
	who := robot.kubectl(t, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
	if who.stdout != "system:serviceaccount:token-kubeconfig:ci" {
		t.Errorf("kubectl is %q", who.stdout)
	}
}
