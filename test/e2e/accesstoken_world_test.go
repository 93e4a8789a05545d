package e2e

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// tokenWorld is a namespace with two ConfigMaps and a Service, and a neighbour that has the same.
type tokenWorld struct {
	cp               *controlplane.ControlPlane
	admin            home
	namespace, other string
	ca               string
}

func newTokenWorld(t *testing.T, name string) tokenWorld {
	t.Helper()
	return tokenWorldOn(t, scratch(t), name)
}

func tokenWorldOn(t *testing.T, cp *controlplane.ControlPlane, name string) tokenWorld {
	t.Helper()
	w := tokenWorld{cp: cp, admin: home{dir: t.TempDir(), kubeconfig: cp.Admin()}, namespace: name, other: name + "-other"}
	w.ca = filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(w.ca, cp.AdminConfig().CAData, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, namespace := range []string{w.namespace, w.other} {
		w.admin.kubectl(t, "create", "namespace", namespace).want(t, 0)
		w.admin.kubectl(t, "create", "configmap", "web", "--from-literal=a=b", "-n", namespace).want(t, 0)
		w.admin.kubectl(t, "create", "configmap", "other", "--from-literal=a=b", "-n", namespace).want(t, 0)
		w.admin.kubectl(t, "create", "service", "clusterip", "web", "--tcp=80", "-n", namespace).want(t, 0)
	}
	return w
}

// run runs a command of the plugin in the namespace.
func (w tokenWorld) run(t *testing.T, args ...string) outcome {
	t.Helper()
	return w.admin.kubectl(t, append([]string{"accesstoken"}, append(args, "-n", w.namespace)...)...)
}

// pasted runs a command of the plugin with a token on its stdin.
func (w tokenWorld) pasted(t *testing.T, token string, args ...string) outcome {
	t.Helper()
	return w.admin.run(t, strings.NewReader(token), shared.kubectl(), append([]string{"accesstoken"}, args...)...)
}

// create makes a token, and returns it. Nothing but the token is on stdout, and nothing of it on stderr.
func (w tokenWorld) create(t *testing.T, args ...string) (string, outcome) {
	t.Helper()
	out := w.run(t, append([]string{"create"}, args...)...)
	out.want(t, 0)
	token := strings.TrimSuffix(out.stdout, "\n")
	if len(token) < 64 || strings.ContainsAny(token, " \n") {
		t.Fatalf("stdout is no token alone: %d bytes\nstderr: %s", len(out.stdout), out.stderr)
	}
	outcome{stderr: out.stderr}.reveals(t, parts(token)...)
	return token, out
}

// parts are what must not be seen of a token: all of it, and each part of a signed one that is secret or long.
func parts(token string) []string {
	out := []string{token}
	if pieces := strings.Split(token, "."); len(pieces) == 3 {
		return append(out, pieces[1], pieces[2])
	}
	return append(out, token[:32], token[len(token)-32:])
}

// curl asks the server as curl does, with the token on its stdin, and returns the status.
func (w tokenWorld) curl(t *testing.T, token, method, path, body string) int {
	t.Helper()
	program, err := exec.LookPath("curl")
	if err != nil {
		t.Fatal("curl is needed to show that a token works without any of our code")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	args := []string{"--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--cacert", w.ca, "--request", method, "--header", "@-"}
	if body != "" {
		args = append(args, "--data", body, "--header", "Content-Type: application/merge-patch+json")
		if method == "POST" {
			args[len(args)-1] = "Content-Type: application/json"
		}
	}
	cmd := exec.CommandContext(ctx, program, append(args, w.cp.URL()+path)...)
	cmd.Stdin = strings.NewReader("Authorization: Bearer " + token + "\n")
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("curl %s: %v: %s", path, err, text)
	}
	code, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatalf("curl %s: %q", path, text)
	}
	return code
}

// refusedWithin fails the test unless the server refuses the token within the time; it returns how long that took.
func (w tokenWorld) refusedWithin(t *testing.T, token, path string, most time.Duration) time.Duration {
	t.Helper()
	begin := time.Now()
	for {
		code := w.curl(t, token, "GET", path, "")
		if code == 401 {
			return time.Since(begin)
		}
		if time.Since(begin) > most {
			t.Fatalf("after %s the token is still answered with %d", time.Since(begin), code)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// claims are those of a signed token.
type claims struct {
	Issued     int64    `json:"iat"`
	Expires    int64    `json:"exp"`
	Audiences  []string `json:"aud"`
	Subject    string   `json:"sub"`
	Kubernetes struct {
		Secret struct{ Name, UID string }
	} `json:"kubernetes.io"`
}

func claimsOf(t *testing.T, token string) claims {
	t.Helper()
	var c claims
	if err := json.Unmarshal(segment(t, token, 1), &c); err != nil {
		t.Fatal("the claims of a token are no JSON")
	}
	return c
}

func segment(t *testing.T, token string, n int) []byte {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[n])
	if err != nil {
		t.Fatal("a part of a token is no base64")
	}
	return data
}

// forged signs the claims of a token anew with the key of the server, with another end: no server gives a token for less
// than ten minutes, and no test waits that long.
func (w tokenWorld) forged(t *testing.T, token string, ends time.Time) string {
	t.Helper()
	var content map[string]any
	decoder := json.NewDecoder(bytes.NewReader(segment(t, token, 1)))
	decoder.UseNumber()
	if err := decoder.Decode(&content); err != nil {
		t.Fatal(err)
	}
	content["exp"] = ends.Unix()
	data, err := os.ReadFile(filepath.Join(w.cp.Dir(), "sa.key"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		t.Fatalf("the key of the server is a %T", parsed)
	}
	signed := strings.Split(token, ".")[0] + "." + base64.RawURLEncoding.EncodeToString(jsonOf(t, content))
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	const size = 32 // of ES256
	signature := make([]byte, 2*size)
	r.FillBytes(signature[:size])
	s.FillBytes(signature[size:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// observed is what other programs could see while one ran: arguments and environments of all processes.
type observed struct{ seen bytes.Buffer }

// observe looks at all processes until the one has ended.
func (o *observed) observe(process *os.Process) {
	self := filepath.Join("/proc", strconv.Itoa(process.Pid), "cmdline")
	for {
		if own, err := os.ReadFile(self); err != nil || len(own) == 0 {
			return
		}
		files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is right
		for _, file := range files {
			for _, name := range []string{file, filepath.Join(filepath.Dir(file), "environ")} {
				if data, err := os.ReadFile(name); err == nil { // of others' processes it can't be read
					o.seen.Write(data)
					o.seen.WriteByte('\n')
				}
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// holding returns the files below a directory that hold one of the texts.
func holding(t *testing.T, dir string, texts ...string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return nil // gone meanwhile
		}
		file, err := os.Open(path)
		if err != nil {
			return nil
		}
		defer file.Close() //nolint:errcheck // it was only read
		data, err := io.ReadAll(file)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		for _, text := range texts {
			if bytes.Contains(data, []byte(text)) {
				out = append(out, path)
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
