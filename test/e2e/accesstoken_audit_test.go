package e2e

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// TestAccessTokenAudit finds what has happened to tokens on a real server, and repairs it.
func TestAccessTokenAudit(t *testing.T) {
	w := newTokenWorld(t, "token-audit")
	for _, name := range []string{"right", "drifted", "ended", "revoked", "lost"} {
		w.create(t, name, "--may", "get:configmaps/web", "--yes")
	}
	const annotation = "gatehouse.dev/expires=2026-01-01T00:00:00Z"
	secret := func(name string) string {
		out := w.admin.kubectl(t, "get", "secrets", "-l", "gatehouse.dev/token="+name, "-o", "name", "-n", w.namespace)
		out.want(t, 0)
		return strings.TrimSpace(out.stdout)
	}
	for _, args := range [][]string{
		{"patch", "role", "drifted", "--type=json", "-p", `[{"op":"add","path":"/rules/-","value":{"apiGroups":[""],"resources":["secrets"],"verbs":["list"]}}]`},
		{"annotate", secret("ended"), annotation, "--overwrite"},
		{"delete", secret("revoked")},
		{"delete", "serviceaccount", "lost"},
	} {
		w.admin.kubectl(t, append(args, "-n", w.namespace)...).want(t, 0)
	}
	found := w.run(t, "audit", "--severity", "info", "-o", "csv")
	found.want(t, 1)
	for _, text := range []string{
		"TK012,warning,serviceaccount token-audit/drifted", "TK010,warning,serviceaccount token-audit/ended",
		"TK011,info,serviceaccount token-audit/revoked", "TK018,warning,secret token-audit/lost-",
	} {
		if !strings.Contains(found.stdout, text) {
			t.Errorf("the audit lacks %q:\n%s", text, found.stdout)
		}
	}
	if strings.Contains(found.stdout, "token-audit/right") {
		t.Errorf("something is found about what is right:\n%s", found.stdout)
	}
	fixed := w.run(t, "audit", "--severity", "info", "--fix", "--yes")
	fixed.want(t, 0)
	again := w.run(t, "audit", "--severity", "info")
	again.want(t, 0)
	again.hears(t, "no findings")
	left := w.run(t, "list", "-o", "name")
	left.want(t, 0)
	if left.stdout != "drifted\nright\n" {
		t.Errorf("there is\n%s", left.stdout)
	}
}

// TestAccessTokenExpired takes away what has ended, and nothing else.
func TestAccessTokenExpired(t *testing.T) {
	w := newTokenWorld(t, "token-expired")
	for _, name := range []string{"old", "fresh"} {
		w.create(t, name, "--may", "get:configmaps/web", "--yes")
	}
	w.run(t, "revoke", "--expired", "--yes").hears(t, "nothing to do: no token is past its end")
	w.admin.kubectl(t, "annotate", "secret", "-l", "gatehouse.dev/token=old", "gatehouse.dev/expires=2026-01-01", "--overwrite", "-n", w.namespace).want(t, 0)
	w.run(t, "revoke", "--expired", "--yes").want(t, 0)
	left := w.run(t, "list", "-o", "name")
	if left.stdout != "fresh\n" {
		t.Errorf("there is\n%s", left.stdout)
	}
	w.admin.kubectl(t, "get", "serviceaccount/old", "-n", w.namespace).want(t, 1)
}

// TestAccessTokenLasting lists and ends a token that a Secret holds, which nothing of ours ever reads.
func TestAccessTokenLasting(t *testing.T) {
	w := newTokenWorld(t, "token-lasting")
	w.admin.kubectl(t, "create", "serviceaccount", "builder", "-n", w.namespace).want(t, 0)
	w.admin.kubectl(t, "create", "rolebinding", "builder", "--clusterrole=view", "--serviceaccount="+w.namespace+":builder", "-n", w.namespace).want(t, 0)
	manifest := `{"apiVersion":"v1","kind":"Secret","type":"kubernetes.io/service-account-token","metadata":{"name":"builder-token","annotations":{"kubernetes.io/service-account.name":"builder"}}}`
	w.admin.run(t, strings.NewReader(manifest), shared.kubectl(), "create", "-n", w.namespace, "-f", "-").want(t, 0)
	token := ""
	for deadline := time.Now().Add(20 * time.Second); token == ""; time.Sleep(100 * time.Millisecond) {
		out := w.admin.kubectl(t, "get", "secret", "builder-token", "-n", w.namespace, "-o", "jsonpath={.data.token}")
		data, err := base64.StdEncoding.DecodeString(out.stdout)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("no token: %v, %s", err, out.stderr)
		}
		token = string(data)
	}
	path := "/api/v1/namespaces/" + w.namespace + "/services"
	if code := w.curl(t, token, "GET", path, ""); code != 200 {
		t.Fatalf("the token of the Secret: %d", code)
	}
	recorder, err := w.cp.Record(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"list", "-v=10"}, {"describe", "secret/builder-token", "-v=10"}, {"audit", "-o", "text", "-v=10"}} {
		out := w.run(t, args...)
		out.reveals(t, append(parts(token), base64.StdEncoding.EncodeToString([]byte(token)))...)
		if !strings.Contains(out.stdout, "builder-token") {
			t.Errorf("%v does not show it:\n%s%s", args, out.stdout, out.stderr)
		}
	}
	requests, err := recorder.Requests(t.Context(), "admin")
	if err != nil {
		t.Fatal(err)
	}
	lists := 0
	for _, r := range requests {
		if strings.Contains(r.URI, "/secrets/") {
			t.Errorf("a Secret was read: %s", r.URI)
		}
		if strings.Contains(r.URI, "/secrets?") {
			lists++
			if !strings.Contains(r.URI, "fieldSelector=type") {
				t.Errorf("all Secrets were listed: %s", r.URI)
			}
		}
	}
	if lists == 0 {
		t.Error("no list of Secrets was looked at")
	}
	described := w.pasted(t, token, "describe", "-")
	described.want(t, 0)
	described.reveals(t, parts(token)...)
	if !strings.Contains(described.stdout, "secret token-lasting/builder-token, which is there") || !strings.Contains(described.stdout, "Ends:      never") {
		t.Errorf("describe:\n%s", described.stdout)
	}
	w.run(t, "revoke", "secret/builder-token", "--yes").want(t, 0)
	took := w.refusedWithin(t, token, path, cacheTime)
	t.Logf("refused %s after its Secret was deleted", took.Round(100*time.Millisecond))
}
