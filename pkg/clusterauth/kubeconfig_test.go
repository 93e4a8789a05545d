package clusterauth

import (
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// adminKubeconfig is one as Cluster API writes it, with every secret that there can be.
func adminKubeconfig(t *testing.T, change func(*clientcmdapi.Config)) (data []byte, secrets []string) {
	t.Helper()
	ca, client := newAuthority(t, "cluster", 400), newAuthority(t, "admin", 400)
	config := clientcmdapi.NewConfig()
	cluster := clientcmdapi.NewCluster()
	cluster.Server = "https://10.0.0.1:6443"
	cluster.CertificateAuthorityData = []byte("# text\n" + ca.key + ca.pem)
	config.Clusters["c1"] = cluster
	config.AuthInfos["admin"] = &clientcmdapi.AuthInfo{
		ClientCertificateData: []byte(client.pem), ClientKeyData: []byte(client.key), Token: "t0ken-of-admin",
		Username: "r00t-of-admin", Password: "p4ssword-of-admin",
		Exec: &clientcmdapi.ExecConfig{
			APIVersion: "client.authentication.k8s.io/v1", Command: "steal", InteractiveMode: clientcmdapi.NeverExecInteractiveMode,
			Env: []clientcmdapi.ExecEnvVar{{Name: "A", Value: "3nv-of-admin"}},
		},
	}
	config.Contexts["admin@c1"] = &clientcmdapi.Context{Cluster: "c1", AuthInfo: "admin", Namespace: "n4mespace-of-admin"}
	config.CurrentContext = "admin@c1"
	if change != nil {
		change(config)
	}
	data, err := clientcmd.Write(*config)
	if err != nil {
		t.Fatal(err)
	}
	secrets = []string{"t0ken", "r00t", "p4ssword", "3nv", "n4mespace", "steal", "pr0xy", "us3r", "# text"}
	for _, key := range []string{ca.key, client.key, client.pem} {
		block, _ := pem.Decode([]byte(key))
		secrets = append(secrets, base64.StdEncoding.EncodeToString(block.Bytes)[8:60])
	}
	return data, secrets
}

// revealed returns all that is in a kubeconfig, with what is encoded in it decoded.
func revealed(t *testing.T, config *clientcmdapi.Config) (file, all string) {
	t.Helper()
	data, err := clientcmd.Write(*config)
	if err != nil {
		t.Fatal(err)
	}
	all = string(data)
	for _, word := range strings.FieldsFunc(all, func(r rune) bool { return strings.ContainsRune(" \n=", r) }) {
		for len(word)%4 != 0 {
			word += "="
		}
		if decoded, err := base64.StdEncoding.DecodeString(word); err == nil && len(decoded) > 20 {
			all += "\n" + strings.ReplaceAll(string(decoded), "\n", "")
		}
	}
	return string(data), all
}

// target returns a cluster and its ClusterAuthentication.
func target(t *testing.T, documents ...string) (Cluster, Authentication) {
	t.Helper()
	s := state(t, append(documents, deployment("c1", "{template: "+hosted+", clusterAuth: dex}"))...)
	c, err := s.Cluster("team-a", "c1")
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Authentication("team-a", "dex")
	if err != nil {
		t.Fatal(err)
	}
	return c, a
}

func TestKubeconfig(t *testing.T) {
	t.Parallel()
	issuer := newAuthority(t, "issuer", 400)
	encodedCA := base64.StdEncoding.EncodeToString([]byte(issuer.pem))
	const client = "client example-app must be a public one at the issuer, and allow http://localhost:8000 and " +
		"http://localhost:18000 as redirects; a client secret does not belong in a file that is handed out"
	base := []string{"oidc-login", "get-token", "--oidc-issuer-url=https://dex.example.com:5556", "--oidc-client-id=example-app"}
	scopes := []string{"--oidc-extra-scope=email", "--oidc-extra-scope=groups"}
	withArgs := func(lists ...[]string) []string {
		out := append([]string{}, base...)
		for _, list := range lists {
			out = append(out, list...)
		}
		return out
	}
	tests := map[string]struct {
		documents []string
		admin     func(*clientcmdapi.Config)
		login     Login
		name      string
		cluster   clientcmdapi.Cluster
		args      []string
		notes     []string
	}{
		"plain": {
			documents: []string{dex}, name: "c1", cluster: clientcmdapi.Cluster{Server: "https://10.0.0.1:6443"},
			args: withArgs(scopes), notes: []string{client},
		},
		"with a CA, a name and scopes": {
			documents: []string{withCA, caSecret("", map[string]string{"ca.crt": issuer.key + issuer.pem})}, name: "dev",
			login:   Login{Name: "dev", Issuer: "https://dex.example.com:5556", Audience: "example-app", Scopes: []string{"offline_access"}},
			cluster: clientcmdapi.Cluster{Server: "https://10.0.0.1:6443"},
			args:    withArgs([]string{"--oidc-extra-scope=offline_access", "--certificate-authority-data=" + encodedCA}),
			notes:   []string{client},
		},
		"own CA of the issuer, no scopes": {
			documents: []string{inlined(issuer.pem, "")}, name: "c1", login: Login{Issuer: "https://dex.example.com:5556", Scopes: []string{}},
			cluster: clientcmdapi.Cluster{Server: "https://10.0.0.1:6443"},
			args:    withArgs([]string{"--certificate-authority-data=" + encodedCA}), notes: []string{client},
		},
		"everything that warns": {
			documents: []string{strings.Replace(withCA, "url: https://dex.example.com:5556", "url: https://dex.example.com:5556\n        discoveryURL: https://in.cluster", 1)},
			admin: func(c *clientcmdapi.Config) {
				c.Clusters["c1"] = &clientcmdapi.Cluster{
					Server: "https://us3r:us3r@10.0.0.1:6443", InsecureSkipTLSVerify: true, ProxyURL: "http://pr0xy:pr0xy@proxy:3128",
					TLSServerName: "c1.local",
				}
			},
			name: "c1",
			cluster: clientcmdapi.Cluster{
				Server: "https://10.0.0.1:6443", InsecureSkipTLSVerify: true, ProxyURL: "http://proxy:3128", TLSServerName: "c1.local",
			},
			args: withArgs(scopes),
			notes: []string{
				"the password of the proxy is left out",
				"as in the administrator's kubeconfig, the certificate of the server is not checked: whoever is in between gets the tokens of those who log in",
				"read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there: the plugin is not told of a CA",
				"the plugin asks the issuer at https://dex.example.com:5556, not at discoveryURL as the API server does: that address must answer people's machines",
				client,
			},
		},
		"no current context": {
			documents: []string{dex}, admin: func(c *clientcmdapi.Config) { c.CurrentContext = "" },
			name: "c1", cluster: clientcmdapi.Cluster{Server: "https://10.0.0.1:6443"}, args: withArgs(scopes), notes: []string{client},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, a := target(t, tt.documents...)
			admin, secrets := adminKubeconfig(t, tt.admin)
			got, notes, err := Kubeconfig(c, admin, a, tt.login)
			checkRefusal(t, err, "", "")
			file, all := revealed(t, got)
			for _, secret := range append(secrets, "PRIVATE KEY", "client-key", "client-certificate", "token:", "password") {
				if strings.Contains(all, secret) || strings.Contains(strings.Join(notes, "\n"), secret) && secret != "password" {
					t.Fatalf("%q is in what is given to people", secret)
				}
			}
			cluster := *got.Clusters[tt.name]
			if list, others, err := certificates(cluster.CertificateAuthorityData); !cluster.InsecureSkipTLSVerify &&
				(err != nil || len(list) != 1 || len(others) > 0 || list[0].Subject != "CN=cluster") {
				t.Errorf("the CA of the cluster: %v, %v, %v", list, others, err)
			}
			cluster.CertificateAuthorityData, cluster.Extensions = nil, nil
			if diff := cmp.Diff(tt.cluster, cluster); diff != "" {
				t.Errorf("cluster (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.args, got.AuthInfos[tt.name+"-oidc"].Exec.Args); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			// kubectl must be able to use it.
			if _, err := clientcmd.RESTConfigFromKubeConfig([]byte(file)); err != nil {
				t.Errorf("use it: %v", err)
			}
			if len(got.Clusters) != 1 || len(got.AuthInfos) != 1 || len(got.Contexts) != 1 || got.CurrentContext != tt.name {
				t.Errorf("there is more, or less, in it:\n%s", file)
			}
		})
	}
}

func TestKubeconfigNotes(t *testing.T) {
	t.Parallel()
	admin, _ := adminKubeconfig(t, nil)
	tests := map[string]struct {
		spec, status, want string
	}{
		"another one": {"{template: " + hosted + ", clusterAuth: okta}", "", "clusterdeployment team-a/c2 does not use clusterauthentication team-a/dex: its API server knows nothing of the issuer"},
		"ignored":     {"{template: aws-eks-1-0-13, clusterAuth: dex}", "", "template aws-eks-1-0-13 ignores clusterAuth: the API server knows nothing of the issuer"},
		"not ready": {
			"{template: " + hosted + ", clusterAuth: dex}", `status: {conditions: [{type: ClusterAuthenticationReady, status: "False", message: broken}]}`,
			"KCM reports that authentication is not ready: broken",
		},
	}
	for name, tt := range tests {
		s := state(t, dex, deployment("c2", tt.spec)+tt.status)
		c, err := s.Cluster("team-a", "c2")
		if err != nil {
			t.Fatal(err)
		}
		a, err := s.Authentication("team-a", "dex")
		if err != nil {
			t.Fatal(err)
		}
		_, notes, err := Kubeconfig(c, admin, a, Login{})
		checkRefusal(t, err, "", "")
		if diff := cmp.Diff(tt.want, notes[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestKubeconfigRefuses(t *testing.T) {
	t.Parallel()
	const at = "make kubeconfig of clusterdeployment team-a/c1: "
	tests := map[string]struct {
		authentication string
		admin          func(*clientcmdapi.Config)
		raw            []byte
		login          Login
		want, hint     string
	}{
		"several issuers": {
			authentication: inlined("", ""), want: "clusterauthentication team-a/dex has several issuers: want one of them",
			hint: "it has https://dex.example.com:5556 and https://b.example.com",
		},
		"another issuer": {
			authentication: dex, login: Login{Issuer: "https://x"}, want: "clusterauthentication team-a/dex has no issuer https://x",
			hint: "it has https://dex.example.com:5556",
		},
		"several audiences": {
			authentication: strings.Replace(dex, "[example-app]", "[a, b]", 1),
			want:           "issuer https://dex.example.com:5556 has several audiences: want one of them", hint: "it has a and b",
		},
		"another audience": {
			authentication: dex, login: Login{Audience: "x"}, want: "issuer https://dex.example.com:5556 does not take audience x",
			hint: "it has example-app",
		},
		"no audience": {
			authentication: strings.Replace(dex, "[example-app]", "[]", 1),
			want:           "issuer https://dex.example.com:5556 has no audiences, so that it lets in nobody",
		},
		"off": {authentication: strings.Split(dex, "spec:")[0] + "spec: {}\n", want: "clusterauthentication team-a/dex has no issuers"},
		"garbage": {
			authentication: dex, raw: []byte("users: [{name: t0ken-of-admin, user: [t0ken-of-admin]}]"),
			want: "the administrator's kubeconfig can't be read",
		},
		"empty":            {authentication: dex, raw: []byte{}, want: "the administrator's kubeconfig does not say which cluster it is for"},
		"dangling context": {authentication: dex, admin: func(c *clientcmdapi.Config) { c.CurrentContext = "x" }, want: "the administrator's kubeconfig does not say which cluster it is for"},
		"no server":        {authentication: dex, admin: func(c *clientcmdapi.Config) { c.Clusters["c1"].Server = "10.0.0.1" }, want: "the server of the administrator's kubeconfig is no URL"},
		"bad proxy":        {authentication: dex, admin: func(c *clientcmdapi.Config) { c.Clusters["c1"].ProxyURL = "::pr0xy" }, want: "the proxy of the administrator's kubeconfig is no URL"},
		"CA in a file": {
			authentication: dex, admin: func(c *clientcmdapi.Config) {
				c.Clusters["c1"].CertificateAuthorityData, c.Clusters["c1"].CertificateAuthority = nil, "/etc/ca.crt"
			}, want: "the CA of the administrator's kubeconfig is in a file that is not at hand",
		},
		"CA of nothing": {
			authentication: dex, admin: func(c *clientcmdapi.Config) { c.Clusters["c1"].CertificateAuthorityData = []byte("t0ken") },
			want: "the CA of the administrator's kubeconfig: read certificates: no certificate in PEM form",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, a := target(t, tt.authentication)
			admin, secrets := adminKubeconfig(t, tt.admin)
			if tt.raw != nil {
				admin = tt.raw
			}
			got, _, err := Kubeconfig(c, admin, a, tt.login)
			checkRefusal(t, err, at+tt.want, tt.hint)
			for _, secret := range secrets {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%q is in the error", secret)
				}
			}
			if got != nil {
				t.Error("there is a kubeconfig")
			}
		})
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		username, groups string
		want             []string
	}{
		"claims":       {`{claim: preferred_username, prefix: ""}`, `{claim: groups, prefix: ""}`, []string{"groups", "profile"}},
		"subject":      {`{claim: sub, prefix: ""}`, "{}", []string{}},
		"expressions":  {`{expression: "claims.email_verified ? claims.email : claims.sub"}`, `{expression: "claims['groups']"}`, []string{"email", "groups"}},
		"similar word": {`{expression: "claims.my_email"}`, `{expression: "['groups']"}`, []string{}},
	}
	for name, tt := range tests {
		a := bound(t, tt.username, tt.groups)
		if diff := cmp.Diff(tt.want, scopesFor(a.Configuration.JWT[0])); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
