package e2e

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
)

func TestUnknownFlag(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	h.whocan(t, "get", "pods", "--namespce", "x").says(t, 1, "unknown flag: --namespce", "did you mean --namespace?",
		"See 'kubectl whocan -h' for help.")
	h.whocan(t, "why", "bob", "get", "pods", "-Z").says(t, 2, "unknown shorthand flag: 'Z'", "See 'kubectl whocan why -h' for help.")
	h.whocan(t, "get").says(t, 1, "want VERB RESOURCE", "See 'kubectl whocan -h' for help.")
	h.whocan(t, "get", "pods", "a", "b").says(t, 1, "See 'kubectl whocan -h' for help.")
	h.whocan(t, "get", "pods", "-n", "Not_A_Name").says(t, 1, `bad --namespace "Not_A_Name"`)
	h.whocan(t, "get", "pods", "--request-timeout", "soon").says(t, 1, `bad --request-timeout "soon"`)
	h.whocan(t, "get", "pods", "--as-group", "sre").says(t, 1, "--as-group needs --as")
	h.whocan(t, "get", "pods", "-o", "xml").says(t, 1, `unknown output format "xml"`)
}

func TestUnknownContext(t *testing.T) {
	t.Parallel()
	h := homeOf(t, shared.cp, "judy@acme.example", "auditors")
	h.whocan(t, "get", "pods", "--context", "judi@acme.example").says(t, 1,
		`context "judi@acme.example" does not exist`, "did you mean judy@acme.example?")
	h.whocan(t, "why", "me", "get", "pods", "--context", "prod").says(t, 2, "prod",
		"the contexts there are: judy@acme.example")
	nowhere(t).whocan(t, "get", "pods").says(t, 1, "KUBECONFIG", "--from FILE reads manifests")
	broken := nowhere(t)
	if err := os.WriteFile(broken.kubeconfig, []byte("clusters: [\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken.whocan(t, "get", "pods").says(t, 1, broken.kubeconfig)
}

func TestRefusedConnection(t *testing.T) {
	t.Parallel()
	h := homeAt(t, "https://127.0.0.1:1")
	h.whocan(t, "get", "pods").says(t, 1, "The connection to the server 127.0.0.1:1 was refused", "nothing listens at 127.0.0.1:1",
		`context "test"`, "--from FILE reads manifests")
	h.whocan(t, "why", "bob", "get", "pods").says(t, 2, "was refused")
	h.whocan(t, "get", "pods", "-q").says(t, 2, "was refused")
}

// TestSilentServer asks a server that takes the connection and never answers.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	h := homeAt(t, newListener(t).url)
	for _, args := range [][]string{
		{"get", "pods"}, {"why", "bob", "get", "pods"}, {"rules", "me"}, {"snapshot", "-"},
	} {
		out := h.whocan(t, append(args, "--request-timeout", "2s")...)
		code := 1
		if args[0] == "why" {
			code = 2
		}
		out.says(t, code, "did not answer in time", "--request-timeout")
		if out.wall < 1500*time.Millisecond || out.wall > 6*time.Second {
			t.Errorf("%v: ended after %s, want about 2s", args, out.wall)
		}
		t.Logf("%v: ended after %s", args, out.wall.Round(10*time.Millisecond))
	}
}

// TestInterrupt sends Ctrl-C while the server does not answer.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	h := homeAt(t, newListener(t).url)
	for name, args := range map[string][]string{
		"who":   {"get", "pods"},
		"why":   {"why", "bob", "get", "pods"},
		"stdin": {"get", "pods", "--from", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, after := h.interrupted(t, syscall.SIGINT, args...)
			out.says(t, 130, "interrupted")
			if after > 2*time.Second {
				t.Errorf("ended %s after the signal", after)
			}
			t.Logf("ended %s after the signal", after.Round(time.Millisecond))
		})
	}
}

func TestWrongCredentials(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"garbage": "no-token-at-all-0123456789", "expired": expiredToken(t)} {
		kubeconfig, err := shared.cp.TokenKubeconfig(token)
		if err != nil {
			t.Fatal(err)
		}
		h := home{dir: t.TempDir(), kubeconfig: kubeconfig}
		for code, args := range map[int][]string{1: {"get", "pods"}, 2: {"why", "me", "get", "pods"}} {
			out := h.whocan(t, args...)
			out.says(t, code, "You must be logged in to the server", "are wrong or have expired", `context "token"`)
			if strings.Contains(out.stderr, token) {
				t.Errorf("%s: the token is in the message:\n%s", name, out.stderr)
			}
		}
	}
	// A server whose certificate is not trusted.
	config, err := clientcmd.LoadFromFile(shared.cp.Admin())
	if err != nil {
		t.Fatal(err)
	}
	for _, cluster := range config.Clusters {
		cluster.CertificateAuthorityData = nil
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	home{dir: t.TempDir(), kubeconfig: path}.whocan(t, "get", "pods").says(t, 1, "is not trusted", "certificate authority")
}

// expiredToken returns a token of a ServiceAccount, signed by the control plane's own key, that has expired.
func expiredToken(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(shared.cp.Dir(), "sa.key"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatal("the key of the control plane is not PEM")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if key, err = x509.ParseECPrivateKey(block.Bytes); err != nil {
			t.Fatal(err)
		}
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok || private.Params().BitSize != 256 {
		t.Fatalf("the key of the control plane is a %T", key)
	}
	part := func(fields map[string]any) string {
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	then := time.Now().Add(-2 * time.Hour).Unix()
	signed := part(map[string]any{"alg": "ES256", "typ": "JWT"}) + "." + part(map[string]any{
		"iss": "https://kubernetes.default.svc.cluster.local", "aud": []string{"https://kubernetes.default.svc.cluster.local"},
		"sub": "system:serviceaccount:default:default", "iat": then, "nbf": then, "exp": then + 600,
		"kubernetes.io": map[string]any{"namespace": "default", "serviceaccount": map[string]string{"name": "default", "uid": "1"}},
	})
	sum := sha256.Sum256([]byte(signed))
	r, v, err := ecdsa.Sign(rand.Reader, private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := append(r.FillBytes(make([]byte, 32)), v.FillBytes(make([]byte, 32))...)
	return fmt.Sprintf("%s.%s", signed, base64.RawURLEncoding.EncodeToString(signature))
}
