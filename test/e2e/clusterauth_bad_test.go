package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// badFiles are files that nobody should give, in one directory.
func badFiles(t *testing.T) string {
	t.Helper()
	ca := newAuthority(t, "of the issuer")
	dir := folder(t, map[string]string{
		"binary": "\x7fELF\x02\x01\x01\x00\x00\xff\xfe\x00\x00", "empty": "", "blank": " \n\n", "null.json": "null", "list.json": "[1]",
		"two.json": `{"a": 1} {"b": 2}`, "broken.json": `{"email": "hidden@acme.example", `, "claims.json": `{"email": "ann@acme.example"}`,
		"comments.yaml": "# nothing\n---\n",
		"key.pem":       ca.secret, "both.pem": ca.pem + ca.secret, "cut.pem": ca.pem[:len(ca.pem)/2],
		"bad-ca.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"keys-none":  `{"keys": []}`, "keys-null": `{"keys": null}`, "keys-number": `{"keys": 7}`, "keys-text": "hello",
		"keys-document": `{"issuer": "https://sso.acme.example", "jwks_uri": "https://sso.acme.example/keys"}`,
		"keys-private":  `{"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "c2VjcmV0LXNlY3JldA"}]}`,
		"keys-secret":   `{"keys": [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldA"}]}`,
		"keys-new":      `{"keys": [{"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}]}`,
		"keys-broken":   `{"keys": [{"kty": "RSA", "n": "!", "e": "AQAB"}]}`,
		"cases-unknown": "- nam: a\n  claims: {sub: a}\n  expect: {username: a}\n- name: b\n  claims: {sub: b}\n  expect: {grups: [x]}\n",
		"cases-empty":   "[]\n", "cases-rule": "- {name: a, claims: {sub: a}, expect: {denied: true, rule: nix}}\n",
		"cases-bomb": "- &a {name: a, claims: &c {x: [*c, *c]}, expect: {denied: true}}\n",
	})
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestClusterauthBadFiles gives what is none of what is wanted. The answer is one line of error, and no data.
func TestClusterauthBadFiles(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	dir := badFiles(t)
	auth, acme := shared.logins("auth.yaml"), shared.acme()
	good, _ := signedToken(t, map[string]any{"iss": "https://sso.acme.example", "sub": "hidden-subject"})
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	create := "create dex -n kcm-system --issuer https://dex.example --audience a --dry-run=client"
	for call, test := range map[string]struct {
		code int
		says string
	}{
		// A configuration that is none. To validate, it is a finding; see TestClusterauthWrongCase.
		"test-token -f AUTH -f AUTH --claims claims.json":                  {2, "both configurations"},
		"test-token -f binary --claims claims.json":                        {2, "read binary: "},
		"test-token -f empty --claims claims.json":                         {2, "the file is empty"},
		"test-token -f directory --claims claims.json":                     {2, "read directory: is a directory"},
		"test-token -f nowhere --claims claims.json":                       {2, "read nowhere: no such file or directory"},
		"test-token nix -f AUTH --claims claims.json":                      {2, "not both"},
		"test-token nix --claims claims.json --from ACME":                  {2, "find clusterauthentication nix"},
		"explain -f binary":                                                {1, "read binary: "},
		"explain -f directory":                                             {1, "read directory: is a directory"},
		"validate -f directory":                                            {2, "read directory: is a directory"},
		"validate -f nowhere":                                              {2, "read nowhere: no such file or directory"},
		"validate -f AUTH partner-sso --from ACME":                         {2, "not both"},
		"render partner-sso --from ACME":                                   {1, "secret kcm-system/partner-ca is not there"},
		"attach edge-berlin partner-sso --from ACME --dry-run=client":      {1, "secret kcm-system/partner-ca is not there"},
		"create dex --config binary -n kcm-system --dry-run=client":        {1, "control characters"},
		"create dex --config empty -n kcm-system --dry-run=client":         {1, "the file is empty"},
		"create dex --config directory -n kcm-system --dry-run=client":     {1, "is a directory"},
		"create dex --config cases-unknown -n kcm-system --dry-run=client": {1, "read authentication configuration"},
		// Claims.
		"test-token -f AUTH --claims binary":       {2, "read claims binary: it is no JSON (byte 1)"},
		"test-token -f AUTH --claims empty":        {2, "read claims empty: "},
		"test-token -f AUTH --claims list.json":    {2, "want an object, not array"},
		"test-token -f AUTH --claims null.json":    {2, "not null"},
		"test-token -f AUTH --claims two.json":     {2, "it is no JSON (byte "},
		"test-token -f AUTH --claims broken.json":  {2, "it is no JSON"},
		"test-token -f AUTH --claims directory":    {2, "is a directory"},
		"explain -f AUTH --claims broken.json":     {1, "it is no JSON"},
		"test-token -f AUTH --token-env NOT_THERE": {2, "no environment variable NOT_THERE"},
		// Tokens.
		"test-token -f AUTH --token-file empty":     {2, "the token is empty"},
		"test-token -f AUTH --token-file blank":     {2, "the token is empty"},
		"test-token -f AUTH --token-file directory": {2, "is a directory"},
		"test-token -f AUTH --token-file token":     {2, "no keys of https://sso.acme.example"},
		// Keys.
		"test-token -f AUTH --token-file token --jwks keys-none":                    {2, "keys-none: read keys: no key"},
		"test-token -f AUTH --token-file token --jwks keys-null":                    {2, "keys-null: read keys: "},
		"test-token -f AUTH --token-file token --jwks keys-number":                  {2, "keys-number: read keys: "},
		"test-token -f AUTH --token-file token --jwks keys-text":                    {2, "keys-text: read keys: "},
		"test-token -f AUTH --token-file token --jwks keys-document":                {2, "jwks_uri"},
		"test-token -f AUTH --token-file token --jwks keys-secret":                  {2, "it is a secret"},
		"test-token -f AUTH --token-file token --jwks key.pem":                      {2, "private key"},
		"test-token -f AUTH --token-file token --jwks both.pem":                     {2, "certificate"},
		"test-token -f AUTH --token-file token --jwks empty":                        {2, "empty: read keys: it is empty"},
		"test-token -f AUTH --token-file token --jwks directory":                    {2, "is a directory"},
		"test-token -f AUTH --token-file token --jwks https://sso.acme.example=nix": {2, "read nix: no such file"},
		// Cases.
		"test-token -f AUTH -f cases-unknown":                 {2, `cases-unknown:1: case: unknown field "nam"; did you mean name?`},
		"test-token -f AUTH -f cases-empty":                   {2, "it holds no cases"},
		"test-token -f AUTH -f cases-rule":                    {2, `"nix" is none`},
		"test-token -f AUTH -f cases-bomb":                    {2, "cases-bomb:1: "},
		"test-token -f AUTH -f CASES --claims claims.json":    {2, "two things"},
		"test-token -f CASES":                                 {2, "there are cases only"},
		"test-token -f AUTH -f CASES --then whocan --in ACME": {2, "--then is about one user"},
		// CAs.
		create + " --ca-file empty":                                           {1, "empty: read certificates: the bundle is empty"},
		create + " --ca-file binary":                                          {1, "binary: read certificates: no certificate"},
		create + " --ca-file key.pem":                                         {1, "key.pem: read certificates: no certificate"},
		create + " --ca-file both.pem":                                        {1, "read both.pem: it holds PRIVATE KEY"},
		create + " --ca-file cut.pem":                                         {1, "cut.pem: read certificates: no certificate"},
		create + " --ca-file bad-ca.pem":                                      {1, "certificate 1 cannot be parsed"},
		create + " --ca-file directory":                                       {1, "read directory: is a directory"},
		create + " --ca-file nowhere":                                         {1, "read nowhere: no such file"},
		create + " --ca-secret dex":                                           {1, "want NAME:KEY"},
		create + " --kubernetes-version 1.2":                                  {1, "want 1.29 or newer"},
		create + " --user-rule nonsense":                                      {1, "want EXPRESSION=MESSAGE"},
		create + " --username-expression ][=no":                               {1, "username"},
		"ca rotate acme-lab --ca-file empty --from ACME --dry-run=client":     {1, "empty"},
		"ca rotate acme-lab --ca-file binary --from ACME --dry-run=client":    {1, "no certificate"},
		"ca rotate acme-lab --ca-file key.pem --from ACME --dry-run=client":   {1, "private key"},
		"ca rotate acme-lab --ca-file both.pem --from ACME --dry-run=client":  {1, "private key"},
		"ca rotate acme-lab --ca-file directory --from ACME --dry-run=client": {1, "read directory: is a directory"},
		"ca rotate nix --ca-file both.pem --from ACME --dry-run=client":       {1, "find clusterauthentication nix"},
		// Manifests and charts.
		"list --from binary":                                  {1, "binary"},
		"plan -f binary --from ACME":                          {1, "binary"},
		"plan -f nowhere --from ACME":                         {1, "read nowhere: no such file"},
		"plan -f comments.yaml --from ACME":                   {1, "comments.yaml"},
		"plan nix --from ACME":                                {1, "find clusterdeployment nix"},
		"plan nix --from ACME --exit-code":                    {2, "find clusterdeployment nix"},
		"lint-template binary":                                {2, "binary is no directory"},
		"lint-template directory":                             {2, "directory"},
		"lint-template nowhere":                               {2, "read nowhere: no such file"},
		"describe acme-sos --from ACME":                       {1, "did you mean acme-sso"},
		"attach edge-berlin  --from ACME --dry-run=client":    {1, `bad name ""`},
		"attach edge-berlin a/b --from ACME --dry-run=client": {1, `bad name "a/b"`},
		"bind edge-nix --group dev --role viewer --from ACME": {1, "find clusterdeployment edge-nix"},
		"kubeconfig edge-lab --from ACME":                     {1, "edge-lab-kubeconfig"},
	} {
		t.Run(strings.ReplaceAll(call, "/", "|"), func(t *testing.T) {
			t.Parallel()
			h := home{dir: dir, kubeconfig: h.kubeconfig}
			args := strings.Split(strings.NewReplacer(
				"AUTH", auth, "ACME", acme, "CASES", shared.logins("cases.yaml"), "CLAIMS", shared.logins("claims.json"),
			).Replace(call), " ")
			out := h.clusterauth(t, args...)
			out.says(t, test.code, "error: ", test.says)
			out.plain(t)
			out.reveals(t, append(partsOf(good), "hidden", "c2VjcmV0LXNlY3JldA")...)
		})
	}
}

// TestClusterauthUnreadableKeys refuses a token for keys that kube-apiserver cannot read, as that does, and says what is
// wrong with them.
func TestClusterauthUnreadableKeys(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	dir := badFiles(t)
	good, _ := signedToken(t, map[string]any{"iss": "https://sso.acme.example", "sub": "hidden-subject"})
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	for keys, says := range map[string]string{
		"keys-private": "private key", "keys-new": `its type "AKP" is unknown`, "keys-broken": "damaged",
	} {
		h := home{dir: dir, kubeconfig: h.kubeconfig}
		out := h.clusterauth(t, "test-token", "-f", shared.logins("auth.yaml"), "--token-file", "token", "--jwks", keys)
		if out.code != 1 || !strings.HasPrefix(out.stdout, "no: key: ") || !strings.Contains(out.stdout, says) || !strings.Contains(out.stderr, says) {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q", keys, out.code, out.stdout, out.stderr)
		}
		out.plain(t)
		out.reveals(t, append(partsOf(good), "hidden", "c2VjcmV0LXNlY3JldA")...)
	}
}

// TestClusterauthMissingCA goes on without a CA that is not there where nobody is asked, and says so.
func TestClusterauthMissingCA(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	for _, call := range [][]string{
		{"explain", "partner-sso"},
		{"test-token", "partner-sso", "--claims", shared.logins("claims.json")},
	} {
		out := h.clusterauth(t, append(call, "--from", shared.acme())...)
		if out.code > 1 || out.stdout == "" || !strings.Contains(out.stderr, "secret kcm-system/partner-ca is not there") {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q", call, out.code, out.stdout, out.stderr)
		}
	}
}

// TestClusterauthStdinTwice wants stdin for two things.
func TestClusterauthStdinTwice(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	auth := shared.logins("auth.yaml")
	for _, call := range []string{
		"test-token -f - --claims -", "test-token -f - --token-file -", "test-token -f - -f - --claims x",
		"test-token -f " + auth + " --token-file - --jwks -", "test-token -f " + auth + " --token-file - --jwks https://sso.acme.example=-",
		"test-token a --claims - --from -", "test-token -f " + auth + " --claims - --then whocan --in -", "explain -f - --claims -",
		"explain a --claims - --from -", "validate -f - --from -", "plan -f - --from -", "plan -f - -f -",
		"create a --config - --ca-file - --dry-run=client", "create a --config - --from - --dry-run=client",
		"ca rotate a --ca-file - --from - --dry-run=client",
	} {
		args := append([]string{"clusterauth"}, strings.Fields(call)...)
		out := h.run(t, strings.NewReader("a: b\n"), shared.kubectl(), args...)
		if out.code == 0 || out.stdout != "" || !strings.Contains(out.stderr, "stdin comes once") {
			t.Errorf("%s: exit code %d, stdout %q, stderr %s", call, out.code, out.stdout, out.stderr)
		}
	}
}

// TestClusterauthWrongCase judges keys of the wrong case, which many parsers take and an API server refuses.
func TestClusterauthWrongCase(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	dir := folder(t, map[string]string{
		"auth.yaml": "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt:\n- issuer: {URL: https://a.example, audiences: [a]}\n" +
			"  claimMappings:\n    username: {Claim: sub, prefix: \"\"}\nJWT: []\n",
		"object.yaml": "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuthentication\nmetadata: {name: a, namespace: b}\nspec:\n" +
			"  authenticationConfiguration:\n    jwt:\n    - issuer:\n        URL: https://a.example\n        audiences: [a]\n" +
			"      claimMappings: {username: {claim: sub, prefix: \"\"}}\n",
		"binary": "\x00\x01\x02", "empty": "",
	})
	for file, want := range map[string][]string{
		"auth.yaml": {
			`auth.yaml:4 .*unknown field "jwt\[0\].issuer.URL": did you mean "url"`, `auth.yaml:6 .*did you mean "claim"`, `auth.yaml:7 .*did you mean "jwt"`,
		},
		"object.yaml": {`object.yaml:[78]\) .*jwt\[0\].issuer.url: it is missing, and "URL" is not the same`},
		"binary":      {`AU020 +error +binary`},
		"empty":       {`AU020 +error +empty .*the file is empty`},
	} {
		out := home{dir: dir, kubeconfig: h.kubeconfig}.clusterauth(t, "validate", "-f", file)
		out.want(t, 1)
		for _, pattern := range want {
			if !matches(t, pattern, out.stdout) {
				t.Errorf("%s: no line matches %s:\n%s", file, pattern, out.stdout)
			}
		}
	}
}
