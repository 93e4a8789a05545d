// Package authn_test holds pkg/authn against the real kube-apiserver: what it says of a configuration file when it
// starts is what Parse and Validate have to say.
package authn_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// serviceAccountIssuer is what no JWT authenticator may have as its issuer.
const serviceAccountIssuer = "https://kubernetes.default.svc"

// server starts kube-apiserver just far enough to hear what it says of a file. Its audit policy does not exist, which it
// finds out right after it has built its authenticators: then it ends, within a fraction of a second, with nothing else
// needed. What it ends with tells whether it came that far.
type server struct {
	binary, dir string
}

// reached is how the API server ends when it has accepted the file.
const reached = "loading audit policy file: "

func newServer(ctx context.Context, dir string) (*server, error) {
	binaries, err := controlplane.Build(ctx, os.Stderr)
	if err != nil {
		return nil, err
	}
	s := &server{binary: binaries.APIServer, dir: dir}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	certificate, err := newCertificate("127.0.0.1", key)
	if err != nil {
		return nil, err
	}
	egress := "apiVersion: apiserver.k8s.io/v1beta1\nkind: EgressSelectorConfiguration\negressSelections:\n"
	for _, name := range []string{"cluster", "controlplane"} {
		egress += "- name: " + name + "\n  connection: {proxyProtocol: Direct}\n"
	}
	return s, errors.Join(
		os.WriteFile(s.file("key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600),
		os.WriteFile(s.file("cert.pem"), certificate, 0o600),
		os.WriteFile(s.file("egress.yaml"), []byte(egress), 0o600),
	)
}

func (s *server) file(name string) string { return filepath.Join(s.dir, name) }

// The log quotes an error of one line, and indents one of several.
var (
	oneLine     = regexp.MustCompile(`"command failed" err=(".*")\n`)
	severalLine = regexp.MustCompile(`"command failed" err=<\n((?:\t.*\n)+) >`)
)

// verdict returns what the API server says of a file: an empty text when it accepts it, else its error.
func (s *server) verdict(ctx context.Context, path string) (string, error) {
	port, err := freePort(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.binary,
		"--etcd-servers=http://127.0.0.1:1",
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port="+port,
		"--tls-cert-file="+s.file("cert.pem"), "--tls-private-key-file="+s.file("key.pem"),
		"--authorization-mode=RBAC",
		"--service-account-issuer="+serviceAccountIssuer,
		"--service-account-key-file="+s.file("key.pem"), "--service-account-signing-key-file="+s.file("key.pem"),
		"--service-cluster-ip-range=10.0.0.0/24",
		"--egress-selector-config-file="+s.file("egress.yaml"),
		"--audit-log-path=-", "--audit-policy-file="+s.file("no-such-policy.yaml"),
		"--authentication-config="+path,
	)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err == nil {
		return "", errors.New("kube-apiserver ended well without an audit policy")
	}
	text, err := reason(output.String())
	if err != nil || strings.HasPrefix(text, reached) {
		return "", err
	}
	return text, nil
}

// reason returns why the API server ended, as its log has it.
func reason(log string) (string, error) {
	if m := oneLine.FindStringSubmatch(log); m != nil {
		return strconv.Unquote(m[1])
	}
	m := severalLine.FindStringSubmatch(log)
	if m == nil {
		return "", fmt.Errorf("kube-apiserver gave no reason:\n%s", log)
	}
	lines := strings.Split(strings.TrimSuffix(m[1], "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "\t")
	}
	return strings.Join(lines, "\n"), nil
}

func freePort(ctx context.Context) (string, error) {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// newCertificate returns a self-signed certificate in PEM form, valid for a century; a nil key is made up.
func newCertificate(name string, key *rsa.PrivateKey) ([]byte, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	var public, private any
	if key != nil {
		public, private = &key.PublicKey, key
	} else {
		own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		public, private = &own.PublicKey, own
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// TestServerTells checks the harness itself: a file that is there and right, and one that is not there at all.
func TestServerTells(t *testing.T) {
	t.Parallel()
	s, err := newServer(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.verdict(t.Context(), s.file("missing.yaml")); err != nil || got == "" {
		t.Errorf("verdict on no file = %q, %v; want a refusal", got, err)
	}
	path := s.file("good.yaml")
	if err := os.WriteFile(path, []byte(header), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := s.verdict(t.Context(), path); err != nil || got != "" {
		t.Errorf("verdict on an empty configuration = %q, %v; want none", got, err)
	}
}
