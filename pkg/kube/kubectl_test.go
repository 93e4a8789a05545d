package kube_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/discovery"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/kubectl/pkg/kuberc"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

const (
	legacyCore   = `{"kind":"APIVersions","versions":["v1"]}`
	legacyGroups = `{"kind":"APIGroupList","apiVersion":"v1","groups":[
 {"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"},{"groupVersion":"apps/v1beta1","version":"v1beta1"}],
  "preferredVersion":{"groupVersion":"apps/v1","version":"v1"}},
 {"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}],
  "preferredVersion":{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}}]}`
	legacyPods = `{"kind":"APIResourceList","groupVersion":"v1","resources":[
 {"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list"],"shortNames":["po"],"categories":["all"],"storageVersionHash":"x"},
 {"name":"pods/exec","singularName":"","namespaced":true,"kind":"PodExecOptions","verbs":["create"]}]}`
	legacyApps = `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"apps/v1","resources":[
 {"name":"deployments/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get"]}]}`
	legacyOld  = `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"apps/v1beta1","resources":[{"name":"olds","singularName":"old","namespaced":false,"kind":"Old","verbs":["get"]}]}`
	legacyNone = `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"metrics.k8s.io/v1beta1","resources":[]}`
	oddCore    = `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[{"metadata":{"name":""},"versions":[{"version":"v1","resources":[
 {"resource":"pods","scope":"Namespaced","singularResource":"pod","verbs":["get"],
  "subresources":[{"subresource":"log","responseKind":{"group":"","version":"v1","kind":"Pod"},"verbs":["get"]},{"subresource":"kindless","verbs":["get"]}]},
 {"resource":"empties","responseKind":{"group":"","version":"","kind":""},"scope":"Cluster","verbs":[]}]}]}]}`
)

// TestDiscoveryIsKubectls asks servers of all ages with client-go's discovery and with ours: both have to find the same,
// keep the same files, and read those of the other without asking the server.
func TestDiscoveryIsKubectls(t *testing.T) {
	t.Parallel()
	type answers map[string]string
	v2beta1 := strings.NewReplacer("apidiscovery.k8s.io/v2", "apidiscovery.k8s.io/v2beta1")
	tests := map[string]struct {
		answers  answers
		requests int
		// warm is how often is asked again because of versions that can't be kept.
		warm int
	}{
		"since 1.30":     {answers: answers{"/api": coreDiscovery, "/apis": groupDiscovery}, requests: 2},
		"since 1.26":     {answers: answers{"/api": v2beta1.Replace(coreDiscovery), "/apis": v2beta1.Replace(groupDiscovery)}, requests: 2},
		"without kinds":  {answers: answers{"/api": oddCore, "/apis": groupDiscovery}, requests: 2},
		"without a core": {answers: answers{"/apis": groupDiscovery}, requests: 2},
		"nothing at all": {answers: answers{"/api": `{"kind":"APIVersions","versions":[]}`, "/apis": `{"kind":"APIGroupList","groups":[]}`}, requests: 2},
		"before 1.26": {
			answers: answers{
				"/api": legacyCore, "/apis": legacyGroups, "/api/v1": legacyPods, "/apis/apps/v1": legacyApps, "/apis/apps/v1beta1": legacyOld,
				"/apis/metrics.k8s.io/v1beta1": legacyNone,
			},
			requests: 6, warm: 6,
		},
		"before 1.26, some fail": {
			answers:  answers{"/api": legacyCore, "/apis": legacyGroups, "/api/v1": legacyPods, "/apis/apps/v1beta1": legacyOld},
			requests: 6, warm: 6,
		},
		"half and half": {
			answers: answers{
				"/api": coreDiscovery, "/apis": legacyGroups, "/api/v1": legacyPods, "/apis/apps/v1": legacyApps, "/apis/apps/v1beta1": legacyOld,
				"/apis/metrics.k8s.io/v1beta1": `{"resources":[{"name":"pods","kind":"PodMetrics","namespaced":true}]}`,
			},
			requests: 6,
		},
		"no answer for groups": {answers: answers{"/api": coreDiscovery}, requests: 2},
		"broken answer":        {answers: answers{"/api": coreDiscovery, "/apis": "{"}, requests: 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			for path, body := range test.answers {
				server.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
					contentType := "application/json"
					if _, version, ok := strings.Cut(body, `"apiVersion":"apidiscovery.k8s.io/`); ok {
						version, _, _ = strings.Cut(version, `"`)
						contentType = "application/json; as=APIGroupDiscoveryList; charset=utf-8;v=" + version + ";g=apidiscovery.k8s.io"
					}
					w.Header().Set("Content-Type", contentType)
					_, _ = io.WriteString(w, body)
				})
			}
			asked := 0
			count := func() int {
				before := asked
				asked = len(server.Requests())
				return asked - before
			}

			theirCache := t.TempDir()
			want, wantErr := byClientGo(server, theirCache)
			count()
			ourCache := t.TempDir()
			got, err := byUs(t, server, ourCache)
			if (wantErr == nil) != (err == nil) {
				t.Fatalf("client-go: %v; ours: %v", wantErr, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-client-go +ours):\n%s", diff)
			}
			if n := count(); n != test.requests {
				t.Errorf("%d requests, want %d", n, test.requests)
			}
			if diff := cmp.Diff(cacheFiles(t, theirCache), cacheFiles(t, ourCache)); diff != "" {
				t.Errorf("cache (-client-go +ours):\n%s", diff)
			}
			if err != nil || len(test.answers["/apis"]) < 100 {
				return
			}
			if again, err := byUs(t, server, theirCache); err != nil || !cmp.Equal(got, again) {
				t.Errorf("from client-go's cache, error %v (-cold +warm):\n%s", err, cmp.Diff(got, again))
			}
			if n := count(); n != test.warm {
				t.Errorf("%d requests with client-go's cache, want %d", n, test.warm)
			}
			if again, err := byClientGo(server, ourCache); err != nil || !cmp.Equal(want, again) {
				t.Errorf("client-go from our cache, error %v (-cold +warm):\n%s", err, cmp.Diff(want, again))
			}
			if n := count(); n != test.warm {
				t.Errorf("%d requests of client-go with our cache, want %d", n, test.warm)
			}
		})
	}
}

// findings are resources as "group/version name kind, ..." and the versions that failed.
type findings struct{ Resources, Failed []string }

func byUs(t *testing.T, server *kubetest.Server, cache string) (findings, error) {
	t.Helper()
	flags := server.Flags(t)
	*flags.CacheDir = cache
	cluster, err := kube.New(flags, "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	served, err := cluster.Resources(t.Context())
	if err != nil {
		return findings{}, err
	}
	var out findings
	for _, r := range served.Resources {
		out.Resources = append(out.Resources, fmt.Sprint(r))
	}
	for _, f := range served.Failed {
		out.Failed = append(out.Failed, f.GroupVersion.String())
	}
	slices.Sort(out.Resources)
	return out, nil
}

// byClientGo leaves out the versions that are not preferred where another one has the resource, as ours does.
func byClientGo(server *kubetest.Server, cache string) (findings, error) {
	flags := genericclioptions.NewConfigFlags(false)
	none := os.DevNull
	flags.KubeConfig, flags.APIServer, flags.CacheDir = &none, &server.URL, &cache
	client, err := flags.ToDiscoveryClient()
	if err != nil {
		return findings{}, err
	}
	groups, lists, err := client.ServerGroupsAndResources()
	failed := &discovery.ErrGroupDiscoveryFailed{}
	if err != nil && !errors.As(err, &failed) {
		return findings{}, err
	}
	var out findings
	for gv := range failed.Groups {
		out.Failed = append(out.Failed, gv.String())
	}
	for _, group := range groups {
		if len(group.Versions) == 0 {
			out.Failed = append(out.Failed, schema.GroupVersion{Group: group.Name}.String())
		}
	}
	slices.Sort(out.Failed)
	seen := map[string]bool{}
	for _, list := range lists { // in the order of the versions, the preferred one first in these tests
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return findings{}, err
		}
		for _, r := range list.APIResources {
			r.Group, r.Version = gv.Group, gv.Version
			if key := gv.Group + "/" + r.Name; !seen[key] {
				seen[key] = true
				out.Resources = append(out.Resources, fmt.Sprint(r))
			}
		}
	}
	slices.Sort(out.Resources)
	return out, nil
}

// cacheFiles reads what discovery keeps; client-go keeps whole answers too, next to it.
func cacheFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	root := filepath.Join(dir, "discovery")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, root)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestPluginPolicyIsKubectls compares what kubectl makes of kuberc files.
func TestPluginPolicyIsKubectls(t *testing.T) { // sets the environment, so it is not parallel
	const head = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n"
	files := map[string]string{
		"empty":          "",
		"nothing":        head,
		"deny":           head + "credentialPluginPolicy: DenyAll\n",
		"allow all":      head + "credentialPluginPolicy: AllowAll\n",
		"list":           head + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: [{command: a}, {command: /b}]\n",
		"empty list":     head + "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist: []\n",
		"old version":    "apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n",
		"unknown field":  head + "credentialPluginPolicy: DenyAll\nmore: x\n",
		"twice":          head + "credentialPluginPolicy: DenyAll\ncredentialPluginPolicy: AllowAll\n",
		"second counts":  "apiVersion: v1\nkind: ConfigMap\n---\n---\n" + head + "credentialPluginPolicy: DenyAll\n",
		"first counts":   head + "---\n" + head + "credentialPluginPolicy: DenyAll\n",
		"future version": "apiVersion: kubectl.config.k8s.io/v9\nkind: Preference\ncredentialPluginPolicy: DenyAll\n",
		"something else": "apiVersion: v1\nkind: ConfigMap\n",
		"no YAML":        "{",
		"wrong type":     head + "credentialPluginPolicy: [1]\n",
		"aliases":        head + "aliases: [{name: x, command: get}]\ndefaults: [{command: get}]\n",
	}
	paths := map[string]string{"off": "off", "missing": filepath.Join(t.TempDir(), "missing"), "directory": t.TempDir()}
	for name, content := range files {
		paths[name] = filepath.Join(t.TempDir(), "kuberc")
		if err := os.WriteFile(paths[name], []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, path := range paths {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBERC", path)
			var theirErrOut, errOut bytes.Buffer
			preference, wantErr := kuberc.DefaultGetPreferences("", &theirErrOut)
			var want clientcmdapi.PluginPolicy
			if preference != nil {
				want.PolicyType = clientcmdapi.PolicyType(preference.CredentialPluginPolicy)
				if preference.CredentialPluginAllowlist != nil {
					want.Allowlist = []clientcmdapi.AllowlistEntry{}
				}
				for _, entry := range preference.CredentialPluginAllowlist {
					want.Allowlist = append(want.Allowlist, clientcmdapi.AllowlistEntry(entry))
				}
			}
			flags := flagsFor(t, execConfig)
			kube.LimitPlugins(flags, &errOut)
			config, err := flags.ToRESTConfig()
			if err != nil {
				t.Fatal(err)
			}
			refused := strings.Contains(errOut.String(), "credential plugins are refused")
			if refused != (wantErr != nil || name == "empty list") {
				t.Errorf("kubectl: %v; ours: %q", wantErr, errOut.String())
			}
			if refused {
				want = clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PluginPolicyDenyAll}
			} else if diff := cmp.Diff(strings.Fields(theirErrOut.String()), strings.Fields(errOut.String())); diff != "" {
				t.Errorf("error stream (-kubectl +ours):\n%s", diff)
			}
			if diff := cmp.Diff(want, config.ExecProvider.PluginPolicy); diff != "" {
				t.Errorf("policy (-kubectl +ours):\n%s", diff)
			}
		})
	}
}
