package kubeflow_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestWithDefaults(t *testing.T) {
	t.Parallel()
	none := kubeflow.DefaultConfig()
	none.GatewayPrincipals = []string{}
	own := kubeflow.Config{
		UserIDHeader: "x-user", UserIDPrefix: "oidc:", GatewayPrincipals: []string{"gw"}, NotebookPrincipal: "nb",
		NamespaceLabels: map[string]string{"a": "b"}, Admins: []string{"root"}, Source: "flags",
	}
	tests := map[string]struct{ config, want kubeflow.Config }{
		"nothing":       {kubeflow.Config{}, kubeflow.DefaultConfig()},
		"all":           {own, own},
		"no principals": {kubeflow.Config{}.WithoutPrincipals(), none},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.config.WithDefaults()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestConfigFromOwnerPolicy(t *testing.T) {
	t.Parallel()
	owned := func(c kubeflow.Config) *unstructured.Unstructured {
		return kubeflow.OwnerPolicyObject(kubeflow.Profile{Name: "team-a", Owner: rbac.User("bob@x.com").RBAC()}, c)
	}
	annotated := func(o *unstructured.Unstructured, user string) *unstructured.Unstructured {
		o.SetAnnotations(map[string]string{"user": user, "role": "admin"})
		return o
	}
	const from = "authorizationpolicy team-a/ns-owner-access-istio"
	found := func(c kubeflow.Config) kubeflow.Config {
		c = c.WithDefaults()
		c.Source = from
		return c
	}
	oidc := kubeflow.Config{UserIDHeader: "x-user", UserIDPrefix: "oidc:", GatewayPrincipals: []string{"gw"}, NotebookPrincipal: "nb"}
	without := found(oidc)
	without.UserIDPrefix = ""
	tests := map[string]struct {
		policy *unstructured.Unstructured
		want   kubeflow.Config
		ok     bool
	}{
		"shipped":                        {owned(kubeflow.DefaultConfig()), found(kubeflow.DefaultConfig()), true},
		"one's own":                      {owned(oidc), found(oidc), true},
		"of 1.7, Google":                 {owned(google()), found(google()), true},
		"annotation of the old owner":    {annotated(owned(google()), "eve@x.com"), found(google()), true},
		"own prefix, old annotation":     {annotated(owned(without), "eve@x.com"), without, true},
		"a name that ends another":       {annotated(owned(without), "ob@x.com"), without, true},
		"nothing":                        {nil, kubeflow.Config{}, false},
		"a contributor's":                {kubeflow.PairPolicy("a", rbac.User("b"), "edit", oidc), kubeflow.Config{}, false},
		"of its name, but not its shape": {policy(t, "ns-owner-access-istio", "{rules: [{}]}"), kubeflow.Config{}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := kubeflow.ConfigFromOwnerPolicy(tt.policy)
			if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
				t.Errorf("%v, want %v (-want +got):\n%s", ok, tt.ok, diff)
			}
		})
	}
}

// installation reads a Deployment and ConfigMaps out of a file of testdata.
func installation(t *testing.T, name string) ([]*appsv1.Deployment, []*corev1.ConfigMap) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "installation", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var deployments []*appsv1.Deployment
	var configMaps []*corev1.ConfigMap
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		object, _, err := scheme.Codecs.UniversalDeserializer().Decode([]byte(document), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		switch o := object.(type) {
		case *appsv1.Deployment:
			deployments = append(deployments, o)
		case *corev1.ConfigMap:
			configMaps = append(configMaps, o)
		}
	}
	return deployments, configMaps
}

func TestDiscoverConfig(t *testing.T) {
	t.Parallel()
	shipped := kubeflow.DefaultConfig()
	shipped.Source = "deployment kubeflow/profiles-deployment"
	shipped.NamespaceLabels = kubeflow.DefaultNamespaceLabels()
	old := shipped
	old.GatewayPrincipals = []string{}
	old.Admins = []string{"root@x.com, other@x.com"} // one name, to kfam of that age
	secured := shipped
	secured.Admins = []string{"root@x.com", "other@x.com"}
	secured.NamespaceLabels = kubeflow.DefaultNamespaceLabels()
	secured.NamespaceLabels[kubeflow.PodSecurity] = "baseline"
	code := kubeflow.Config{
		UserIDHeader: "x-goog-authenticated-user-email", UserIDPrefix: "accounts.google.com:",
		GatewayPrincipals: shipped.GatewayPrincipals, NotebookPrincipal: shipped.NotebookPrincipal,
		Source: "deployment auth/profiles-deployment",
	}
	custom := kubeflow.Config{
		UserIDHeader: "x-user", UserIDPrefix: "oidc:", GatewayPrincipals: []string{"gw", "ui"}, NotebookPrincipal: "nb",
		NamespaceLabels: map[string]string{"team": "ml", "old": ""},
		Admins:          []string{"root@x.com"}, Source: "deployment kubeflow/profiles-deployment",
	}
	unread := kubeflow.Config{Source: "deployment kubeflow/profiles-deployment"}
	tests := map[string]struct {
		file    string
		without bool // ConfigMaps were not read
		want    kubeflow.Config
		ok      bool
	}{
		"1.7":                      {file: "v1.7", want: old, ok: true},
		"2.0":                      {file: "v2.0", want: secured, ok: true},
		"2.0, ConfigMaps not read": {file: "v2.0", without: true, want: unread, ok: true},
		"nothing set":              {file: "bare", want: code, ok: true},
		"by hand":                  {file: "custom", want: custom, ok: true},
		"another Deployment":       {file: "other"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			deployments, configMaps := installation(t, tt.file)
			if tt.without {
				configMaps = nil
			}
			got, ok := kubeflow.DiscoverConfig(deployments, configMaps)
			if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
				t.Errorf("%v, want %v (-want +got):\n%s", ok, tt.ok, diff)
			}
		})
	}
}
