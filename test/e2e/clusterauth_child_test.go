package e2e

import (
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// kept puts a kubeconfig into the Secret where k0rdent keeps that of an administrator of a cluster.
func (w authWorld) kept(t *testing.T, cluster, kubeconfig string) {
	t.Helper()
	secret := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "%s-kubeconfig", "namespace": %q}, "data": {"value": %q}}`,
		cluster, w.namespace, base64.StdEncoding.EncodeToString([]byte(kubeconfig)))
	w.admin.kubectl(t, "apply", "-f", filepath.Join(folder(t, map[string]string{"a.yaml": secret}), "a.yaml")).want(t, 0)
}

// administrator returns the kubeconfig of an administrator of the control plane itself, and what of it is secret.
func (w authWorld) administrator(t *testing.T) (kubeconfig string, config *clientcmdapi.Config, secrets []string) {
	t.Helper()
	data, err := os.ReadFile(w.cp.Admin())
	if err != nil {
		t.Fatal(err)
	}
	if config, err = clientcmd.Load(data); err != nil {
		t.Fatal(err)
	}
	for _, user := range config.AuthInfos {
		secrets = append(secrets, user.Token, user.Password)
		for _, data := range [][]byte{user.ClientKeyData, user.ClientCertificateData} {
			if len(data) == 0 {
				continue
			}
			encoded := base64.StdEncoding.EncodeToString(data)
			lines := strings.Split(string(data), "\n")
			secrets = append(secrets, encoded, encoded[len(encoded)/2:len(encoded)/2+60], lines[1], lines[2])
		}
	}
	if len(secrets) < 10 {
		t.Fatalf("the administrator has no key and no certificate")
	}
	return string(data), config, secrets
}

// TestClusterauthKubeconfig makes a kubeconfig for people out of that of an administrator, and nothing secret of it stays.
func TestClusterauthKubeconfig(t *testing.T) {
	w := newAuthWorld(t, "auth-kubeconfig", "edge")
	admin, config, secrets := w.administrator(t)
	w.kept(t, "edge", admin)
	args := []string{"kubeconfig", "edge", "-n", w.namespace}
	out := w.admin.clusterauth(t, args...)
	out.want(t, 0)
	out.reveals(t, append(secrets, neighbour)...)
	made, err := clientcmd.Load([]byte(out.stdout))
	if err != nil {
		t.Fatal(err)
	}
	from := config.Clusters[config.Contexts[config.CurrentContext].Cluster]
	to := made.Clusters[made.Contexts[made.CurrentContext].Cluster]
	if to.Server != from.Server || string(to.CertificateAuthorityData) != string(from.CertificateAuthorityData) {
		t.Errorf("it leads to %s", to.Server)
	}
	user := made.AuthInfos["edge-oidc"]
	if len(made.AuthInfos) != 1 || user == nil || user.Exec == nil || user.Exec.Command != "kubectl" {
		t.Fatalf("the users are %+v", made.AuthInfos)
	}
	for _, want := range []string{"oidc-login", "--oidc-issuer-url=https://dex.example.com", "--oidc-client-id=kubernetes"} {
		if !strings.Contains(strings.Join(user.Exec.Args, " "), want) {
			t.Errorf("the plugin is not told %s: %s", want, user.Exec.Args)
		}
	}
	const others = `apiVersion: v1
kind: Config
current-context: mine
clusters: [{name: mine, cluster: {server: "https://mine.example"}}]
users: [{name: me, user: {token: hidden-token-of-mine}}]
contexts: [{name: mine, context: {cluster: mine, user: me, namespace: home}}]
`
	for name, test := range map[string]struct {
		file, says string
		mode       os.FileMode
	}{
		"others": {file: others, mode: 0o640},
		"narrow": {file: others, mode: 0o400},
		"cluster": {
			file: strings.Replace(others, "clusters: [", `clusters: [{name: edge, cluster: {server: "https://foreign.example"}}, `, 1), mode: 0o644,
			says: "there is a cluster edge already",
		},
		"user": {
			file: strings.Replace(others, "users: [", `users: [{name: edge-oidc, user: {token: hidden-token-of-theirs}}, `, 1), mode: 0o600,
			says: "there is a user edge-oidc already",
		},
		"context": {
			file: strings.Replace(others, "contexts: [", `contexts: [{name: edge, context: {cluster: mine, user: me}}, `, 1), mode: 0o600,
			says: "there is a context edge already",
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(folder(t, map[string]string{"config": test.file}), "config")
			if err := os.Chmod(file, test.mode); err != nil {
				t.Fatal(err)
			}
			out := w.admin.clusterauth(t, append(args, "--merge="+file)...)
			out.reveals(t, append(secrets, "hidden-token")...)
			info, err := os.Stat(file)
			if err != nil || info.Mode().Perm() != test.mode {
				t.Errorf("the mode is %s (%v), want %s", info.Mode(), err, test.mode)
			}
			after, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if test.says != "" {
				out.says(t, 1, test.says)
				if string(after) != test.file {
					t.Errorf("the file has changed: %s", after)
				}
				return
			}
			out.want(t, 0)
			merged, err := clientcmd.Load(after)
			if err != nil {
				t.Fatal(err)
			}
			if merged.CurrentContext != "mine" || merged.AuthInfos["me"].Token != "hidden-token-of-mine" || merged.Contexts["mine"].Namespace != "home" ||
				merged.Clusters["mine"].Server != "https://mine.example" || merged.Contexts["edge"] == nil || merged.AuthInfos["edge-oidc"] == nil {
				t.Errorf("the file is %s", after)
			}
			outcome{stdout: string(after)}.reveals(t, secrets...)
			w.admin.clusterauth(t, append(args, "--merge="+file)...).want(t, 0)
			if again, err := os.ReadFile(file); err != nil || string(again) != string(after) {
				t.Errorf("the second call changes the file (%v): %s", err, cmp.Diff(string(after), string(again)))
			}
		})
	}
}

// thenRights let a group do one thing in the namespace of the test.
const thenRights = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: auth-then-reader}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [list, get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: dev, namespace: NS}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: auth-then-reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "dex:dev"}]
`

// TestClusterauthThenWhocan follows a login into the cluster that it is for, which is the control plane itself here.
func TestClusterauthThenWhocan(t *testing.T) {
	w := newAuthWorld(t, "auth-then", "child")
	admin, _, secrets := w.administrator(t)
	w.apply(t, thenRights)
	silent := listening(t)
	marker := filepath.Join(w.admin.dir, "marker")
	claims := filepath.Join(folder(t, map[string]string{"c.json": `{"email": "ann@example.com", "groups": ["dev"]}`}), "c.json")
	tokenFile := filepath.Join(folder(t, map[string]string{"token": "hidden-token-file"}), "token")
	args := []string{"test-token", "dex", "-n", w.namespace, "--claims", claims, "--then", "whocan", "--cluster", "child", "--timeout", "2s"}

	w.kept(t, "child", admin)
	out := w.admin.clusterauth(t, args...)
	out.want(t, 0)
	out.reveals(t, secrets...)
	if _, rights, _ := strings.Cut(out.stdout, "\nmay, in "); strings.Join(strings.Split(rights, "\n")[1:], "\n") != "  get,list configmaps in auth-then\n" {
		t.Errorf("stdout: %s\nstderr: %s", out.stdout, out.stderr)
	}

	with := func(server, user, more string) string {
		return fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
"clusters": [{"name": "c", "cluster": {"server": %q%s}}], "users": [{"name": "u", "user": {%s}}]}`, server, more, user)
	}
	const skip = `, "insecure-skip-tls-verify": true`
	for name, test := range map[string]struct{ kubeconfig, says string }{
		"exec": {with(w.cp.URL(), fmt.Sprintf(`"exec": {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never", "command": "/bin/touch", "args": [%q]}`,
			marker), skip), "runs a program"},
		"auth provider": {with(w.cp.URL(), `"auth-provider": {"name": "oidc", "config": {"id-token": "hidden-id-token"}}`, skip), "runs a program"},
		"tokenFile":     {with(w.cp.URL(), fmt.Sprintf(`"tokenFile": %q`, tokenFile), skip), "names files"},
		"key file":      {with(w.cp.URL(), fmt.Sprintf(`"client-certificate": %[1]q, "client-key": %[1]q`, tokenFile), skip), "names files"},
		"CA file":       {with(w.cp.URL(), `"token": "hidden-token"`, fmt.Sprintf(`, "certificate-authority": %q`, tokenFile)), "names a file"},
		"nonsense":      {"hidden-nonsense", "it is no kubeconfig"},
		"empty":         {with("", `"token": "hidden-token"`, ""), "child"},
		"nobody":        {with(w.cp.URL(), `"token": "hidden-token"`, skip), ""},
		"silent":        {with("https://"+silent, `"token": "hidden-token"`, skip), ""},
		"silent HTTP":   {with("http://"+silent, `"token": "hidden-token"`, ""), ""},
	} {
		t.Run(name, func(t *testing.T) {
			w.kept(t, "child", test.kubeconfig)
			for _, form := range []string{"text", "json"} {
				out := w.admin.clusterauth(t, append(args, "-o", form)...)
				out.want(t, 2)
				out.hears(t, "error: ", test.says)
				out.reveals(t, "hidden-")
				if !strings.Contains(out.stdout, "dex:ann@example.com") {
					t.Errorf("the verdict is not told: %s", out.stdout)
				}
				if out.wall > 5*time.Second {
					t.Errorf("it took %s", out.wall)
				}
			}
			if _, err := os.Stat(marker); err == nil {
				t.Error("a program of the kubeconfig was run")
			}
		})
	}
}

// listening starts a server that takes connections and says nothing, and returns its address.
func listening(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		var held []net.Conn
		for {
			connection, err := listener.Accept()
			if err != nil {
				for _, c := range held {
					_ = c.Close()
				}
				return
			}
			held = append(held, connection)
		}
	}()
	return listener.Addr().String()
}

// TestClusterauthEscapes has texts that would drive a terminal in all that commands tell of, on a server.
func TestClusterauthEscapes(t *testing.T) {
	w := newAuthWorld(t, "auth-escapes", "edge")
	w.apply(t, strings.ReplaceAll(`apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata: {name: evil, namespace: NS, annotations: {note: EVIL, gatehouse.dev/ca-changed: EVIL}}
spec:
  authenticationConfiguration:
    jwt:
    - issuer: {url: https://dex.example.com, audiences: [EVIL]}
      claimMappings:
        username: {claim: email, prefix: EVIL}
        groups: {claim: groups, prefix: ""}
      claimValidationRules:
      - {expression: "claims.?blocked.orValue(false) == false", message: EVIL}
      userValidationRules:
      - {expression: "!user.groups.exists(g, g == 'nobody')", message: EVIL}
---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata: {name: broken, namespace: NS}
spec:
  authenticationConfiguration:
    jwt:
    - issuer: {url: EVIL, audiences: [a, EVIL, EVIL]}
      claimMappings: {username: {expression: EVIL}, extra: [{key: EVIL, valueExpression: EVIL}]}
`, "EVIL", ascii("m\x1b[31m\u202etxt\a")))
	w.apply(t, strings.NewReplacer("NAME", "odd", "clusterAuth: dex", "clusterAuth: evil", "spec:\n  template", "  annotations: {note: "+ascii(hostile)+"}\nspec:\n  template").
		Replace(strings.Replace(authCluster, "metadata: {name: NAME, namespace: NS}", "metadata:\n  name: NAME\n  namespace: NS", 1)))
	group := ascii("g\x1b[31m\u202etxt\u009b2J")
	claims := folder(t, map[string]string{
		"in.json":   `{"email": "ann@example.com", "groups": [` + group + `], "odd": ` + group + `}`,
		"rule.json": `{"email": "ann@example.com", "blocked": true, ` + group + `: 1}`,
		"user.json": `{"email": "ann@example.com", "groups": ["nobody", ` + group + `]}`,
	})
	token := "text table wide json yaml junit sarif"
	for name, test := range map[string]struct {
		args  []string
		forms string
		code  int
	}{
		"login":        {[]string{"test-token", "evil", "--steps", "--claims", "in.json"}, token, 0},
		"claim rule":   {[]string{"test-token", "evil", "--steps", "--claims", "rule.json"}, token, 1},
		"user rule":    {[]string{"test-token", "evil", "--steps", "--claims", "user.json"}, token, 1},
		"explain":      {[]string{"explain", "evil"}, "text json yaml", 0},
		"explain in":   {[]string{"explain", "evil", "--claims", "in.json"}, "text json yaml", 0},
		"explain rule": {[]string{"explain", "evil", "--claims", "rule.json"}, "text json yaml", 0},
		"describe":     {[]string{"describe", "evil"}, "text json yaml", 0},
		"validate":     {[]string{"validate", "broken", "--severity", "info"}, "table wide text json yaml sarif junit", -1},
		"list":         {[]string{"list"}, "table wide json yaml csv markdown", 0},
		"usage":        {[]string{"usage", "evil"}, "table yaml", 0},
		"attach":       {[]string{"attach", "odd", "dex", "--dry-run=server", "--preview=full"}, "yaml json name", 0},
		"detach":       {[]string{"detach", "odd", "--dry-run=client", "--preview=full"}, "yaml json name", 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := home{dir: claims, kubeconfig: w.admin.kubeconfig}
			for form := range strings.FieldsSeq(test.forms) {
				out := h.clusterauth(t, append(test.args, "-n", w.namespace, "-o", form)...)
				if out.code == 2 || test.code >= 0 && out.code != test.code || out.stdout == "" {
					t.Errorf("-o %s: exit code %d\nstdout: %q\nstderr: %q", form, out.code, out.stdout, out.stderr)
				}
				if form == "json" && !strings.Contains(out.stdout, "u001b[31m") {
					t.Errorf("nothing of it is told: %s", out.stdout)
				}
				for stream, text := range map[string]string{"stdout": out.stdout, "stderr": out.stderr} {
					if r, found := raw(text); found {
						t.Errorf("-o %s: %s has a raw %U:\n%q", form, stream, r, text)
					}
				}
			}
		})
	}
}
