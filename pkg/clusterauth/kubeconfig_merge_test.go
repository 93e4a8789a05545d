package clusterauth

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// way is a kubeconfig with one way to a cluster.
func way(name, server string, user *clientcmdapi.AuthInfo) *clientcmdapi.Config {
	out := clientcmdapi.NewConfig()
	out.Clusters[name] = &clientcmdapi.Cluster{Server: server}
	out.AuthInfos[name+"-oidc"] = user
	out.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name + "-oidc"}
	out.CurrentContext = name
	return out
}

func oidc(args ...string) *clientcmdapi.AuthInfo {
	return &clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{Command: "kubectl", Args: append([]string{"oidc-login"}, args...)}}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	other := &clientcmdapi.AuthInfo{ClientKeyData: []byte("k"), Token: "t"}
	tests := map[string]struct {
		existing, added *clientcmdapi.Config
		current         string
		names           []string
		notes           []string
		err             string
	}{
		"into nothing": {&clientcmdapi.Config{}, way("c1", "https://a", oidc()), "c1", []string{"c1"}, nil, ""},
		"beside another": {
			way("prod", "https://b", other), way("c1", "https://a", oidc()), "prod", []string{"c1", "prod"}, nil, "",
		},
		"the same again": {way("c1", "https://a", oidc("x")), way("c1", "https://a", oidc("x")), "c1", []string{"c1"}, nil, ""},
		"other scopes": {
			way("c1", "https://a", oidc("x")), way("c1", "https://a", oidc("y")), "c1", []string{"c1"}, []string{"replaced user c1-oidc"}, "",
		},
		"another server": {
			existing: way("c1", "https://b", oidc()), added: way("c1", "https://a", oidc()),
			err: "merge kubeconfig: there is a cluster c1 already, with server https://b",
		},
		"another kind of user": {
			existing: way("c1", "https://a", other), added: way("c1", "https://a", oidc()),
			err: "merge kubeconfig: there is a user c1-oidc already, who does not log in by oidc-login",
		},
		"another context": {
			existing: &clientcmdapi.Config{Contexts: map[string]*clientcmdapi.Context{"c1": {Cluster: "x", AuthInfo: "y"}}},
			added:    way("c1", "https://a", oidc()), err: "merge kubeconfig: there is a context c1 already, of cluster x and user y",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			existing, added := tt.existing.DeepCopy(), tt.added.DeepCopy()
			got, notes, err := Merge(tt.existing, tt.added)
			if tt.err != "" {
				checkRefusal(t, err, tt.err, "give it another name")
				return
			}
			checkRefusal(t, err, "", "")
			if diff := cmp.Diff(tt.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			if got.CurrentContext != tt.current {
				t.Errorf("the current context is %q, want %q", got.CurrentContext, tt.current)
			}
			for _, name := range tt.names {
				if got.Clusters[name] == nil || got.AuthInfos[name+"-oidc"] == nil || got.Contexts[name] == nil {
					t.Errorf("%s is not whole", name)
				}
			}
			if len(got.Clusters) != len(tt.names) {
				t.Errorf("there are %d clusters", len(got.Clusters))
			}
			if diff := cmp.Diff(tt.added.AuthInfos["c1-oidc"], got.AuthInfos["c1-oidc"]); diff != "" {
				t.Errorf("user (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]*clientcmdapi.Config{existing, added}, []*clientcmdapi.Config{tt.existing, tt.added}); diff != "" {
				t.Errorf("what was given was changed (-before +after):\n%s", diff)
			}
		})
	}
}

// What somebody set in a context by hand stays.
func TestMergeKeepsNamespace(t *testing.T) {
	t.Parallel()
	existing := way("c1", "https://a", oidc())
	existing.Contexts["c1"].Namespace = "dev"
	existing.Clusters["c1"].TLSServerName = "old"
	got, notes, err := Merge(existing, way("c1", "https://a", oidc()))
	checkRefusal(t, err, "", "")
	if diff := cmp.Diff([]string{"replaced cluster c1"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if got.Contexts["c1"].Namespace != "dev" || got.Clusters["c1"].TLSServerName != "" {
		t.Errorf("namespace %q, TLS server name %q", got.Contexts["c1"].Namespace, got.Clusters["c1"].TLSServerName)
	}
}
