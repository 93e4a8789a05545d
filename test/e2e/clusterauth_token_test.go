package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestClusterauthMalformedTokens tries what is no token: it is nobody, and the answer shows nothing of it.
func TestClusterauthMalformedTokens(t *testing.T) {
	t.Parallel()
	const issuer = "https://sso.acme.example"
	claims := map[string]any{"iss": issuer, "sub": "hidden-subject", "aud": "gatehouse", "exp": 9999999999, "email": "hidden-mail"}
	good, jwks := signedToken(t, claims)
	payload := string(jsonOf(t, claims))
	parts := strings.Split(good, ".")
	auth := configured(t, issuer, "")
	for name, test := range map[string]struct{ token, says string }{
		"word":              {"hidden-word", "no: malformed: "},
		"two parts":         {parts[0] + "." + parts[1], "no: malformed: "},
		"four parts":        {good + ".hidden-part", "no: malformed: "},
		"five parts":        {"hidden-1.hidden-2.hidden-3.hidden-4.hidden-5", "encrypted"},
		"dots":              {"..", "no: malformed: "},
		"no base64":         {"hidden~header.hidden~payload.hidden~signature", "no: malformed: "},
		"padding":           {parts[0] + "==." + parts[1] + "." + parts[2], "no: malformed: "},
		"no JSON":           {unsigned("hidden-header", payload), "no JSON object"},
		"a list":            {unsigned(`["hidden-header"]`, payload), "no JSON object"},
		"payload no JSON":   {unsigned(`{"alg":"ES256"}`, "hidden-payload"), "no JSON object"},
		"payload null":      {unsigned(`{"alg":"ES256"}`, "null"), "no JSON object"},
		"iss a number":      {unsigned(`{"alg":"ES256"}`, `{"iss": 7, "sub": "hidden-subject"}`), "iss must be a string"},
		"another issuer":    {unsigned(`{"alg":"ES256"}`, `{"iss": "https://other.example", "sub": "hidden-subject"}`), "no: issuer: "},
		"no algorithm":      {unsigned(`{"alg":"none"}`, payload), "no: "},
		"HMAC":              {unsigned(`{"alg":"HS256"}`, payload), "no: algorithm: "},
		"critical":          {unsigned(`{"alg":"ES256","crit":["hidden-extension"],"hidden-extension":1}`, payload), "no: "},
		"JSON":              {`{"payload": "hidden-payload", "signatures": []}`, "JSON"},
		"line break":        {good[:20] + "\n" + good[20:], "line break"},
		"another signature": {parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])), "no: signature: "},
		"swapped payload":   {unsigned(`{"alg":"ES256","kid":"one"}`, payload), "no: signature: "},
		"megabyte":          {strings.Repeat("hiddenhidden", 1<<20/12+1), "no: too-long: "},
		"megabyte in parts": {parts[0] + "." + strings.Repeat("A", 1<<20) + "." + parts[2], "no: too-long: "},
		"below a megabyte":  {strings.Repeat("hiddenhidden", 80_000), "no: malformed: "},
		"binary":            {"\x00\x01\xff\xfehidden", "no: malformed: "},
		"escape":            {"\x1b[2Jhidden.\x1b]0;hidden\a.x", "no: malformed: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, map[string]string{"token": test.token, "keys": jwks})
			h := home{dir: dir, kubeconfig: nowhere(t).kubeconfig}
			for _, form := range []string{"text", "json", "junit", "table"} {
				out := h.clusterauth(t, "test-token", "-f", auth, "--token-file", "token", "--jwks", "keys", "--steps", "-o", form)
				out.want(t, 1)
				out.hears(t)
				if form == "text" && !strings.Contains(out.stdout, test.says) {
					t.Errorf("the answer lacks %q: %.600s", test.says, out.stdout)
				}
				if form == "json" && !json.Valid([]byte(out.stdout)) {
					t.Errorf("no JSON: %.600s", out.stdout)
				}
				if len(out.stdout) > 8<<10 {
					t.Errorf("-o %s: %d bytes of output", form, len(out.stdout))
				}
				// What the token says of its issuer is told, and so is the algorithm.
				out.reveals(t, append(partsOf(test.token), "hiddenhidden", "hidden~", "hidden-1", "hidden-word", "hidden-part")...)
				if r, found := raw(out.stdout + out.stderr); found {
					t.Errorf("-o %s: a raw %U is in the output", form, r)
				}
			}
		})
	}
}

// TestClusterauthHugeFiles gives a file of 100 MB for each that is read: it is refused, in little memory and time.
func TestClusterauthHugeFiles(t *testing.T) {
	h := nowhere(t)
	huge := filepath.Join(h.dir, "huge")
	file, err := os.Create(huge)
	if err != nil {
		t.Fatal(err)
	}
	line := []byte(strings.Repeat("a: b # a line of text\n", 50_000))
	for range 100 {
		if _, err := file.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	auth, claims, acme := shared.logins("auth.yaml"), shared.logins("claims.json"), shared.acme()
	plugin := filepath.Join(shared.bin, "kubectl-clusterauth")
	for _, args := range [][]string{
		{"test-token", "-f", "huge", "--claims", claims},
		{"test-token", "-f", auth, "--claims", "huge"},
		{"test-token", "-f", auth, "--token-file", "huge"},
		{"test-token", "-f", auth, "--token-file", auth, "--jwks", "huge"},
		{"validate", "-f", "huge"},
		{"explain", "-f", "huge"},
		{"create", "x", "-n", "x", "--config", "huge", "--dry-run=client"},
		{"create", "x", "-n", "x", "--issuer", "https://a.example", "--audience", "a", "--ca-file", "huge", "--dry-run=client"},
		{"ca", "rotate", "acme-lab", "--ca-file", "huge", "--from", acme, "--dry-run=client"},
		{"lint-template", filepath.Join(shared.root, "examples", "charts", "hosted-good"), "--values", "huge"},
	} {
		name := strings.Join(args, " ")
		out := h.run(t, nil, plugin, args...)
		if out.code == 0 || out.stdout != "" || !strings.Contains(out.stderr, "read huge: it is longer than") {
			t.Errorf("%s: exit code %d, stdout %.300q, stderr %.300s", name, out.code, out.stdout, out.stderr)
		}
		if out.peak > 200<<20 {
			t.Errorf("%s: %s and %d MiB", name, out.wall, out.peak>>20)
		}
	}
}
