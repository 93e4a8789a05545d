package source_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const (
	k0rdentGroup = "k0rdent.mirantis.com"
	k0rdentPath  = "/apis/" + k0rdentGroup + "/v1beta1/"
)

// k0rdentKinds are all that say how clusters of k0rdent are made, but Secrets.
func k0rdentKinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.ClusterAuthentications, inventory.ClusterDeployments, inventory.ClusterTemplates, inventory.Credentials,
		inventory.AccessManagements, inventory.Managements, inventory.Releases, inventory.Regions, inventory.HelmReleases,
		inventory.K0sControlPlanes, inventory.K0smotronControlPlanes, inventory.Machines,
	}
}

// k0rdentServer has objects of two namespaces, and two of each cluster-scoped kind.
func k0rdentServer(t *testing.T) *kubetest.Server {
	t.Helper()
	server := kubetest.New(t)
	for path, kind := range map[string]string{
		k0rdentPath + "clusterauthentications":                                      k0rdentGroup + "/v1beta1 ClusterAuthentication",
		k0rdentPath + "clusterdeployments":                                          k0rdentGroup + "/v1beta1 ClusterDeployment",
		k0rdentPath + "clustertemplates":                                            k0rdentGroup + "/v1beta1 ClusterTemplate",
		k0rdentPath + "credentials":                                                 k0rdentGroup + "/v1beta1 Credential",
		"/apis/helm.toolkit.fluxcd.io/v2/helmreleases":                              "helm.toolkit.fluxcd.io/v2 HelmRelease",
		"/apis/controlplane.cluster.x-k8s.io/v1beta1/k0scontrolplanes":              "controlplane.cluster.x-k8s.io/v1beta1 K0sControlPlane",
		"/apis/controlplane.cluster.x-k8s.io/v1beta2/k0smotroncontrolplanes":        "controlplane.cluster.x-k8s.io/v1beta2 K0smotronControlPlane",
		"/apis/cluster.x-k8s.io/v1beta2/machines":                                   "cluster.x-k8s.io/v1beta2 Machine",
		"/apis/machine.openshift.io/v1beta1/machines":                               "machine.openshift.io/v1beta1 Machine",
		"/apis/controlplane.cluster.x-k8s.io/v1beta1/namespaces/a/k0scontrolplanes": "controlplane.cluster.x-k8s.io/v1beta1 K0sControlPlane",
	} {
		version, kind, _ := strings.Cut(kind, " ")
		customList(server, path, kind, custom(version, kind, "b", "x"), custom(version, kind, "a", "y"))
	}
	for path, kind := range map[string]string{
		"accessmanagements": "AccessManagement", "managements": "Management", "releases": "Release", "regions": "Region",
	} {
		version := k0rdentGroup + "/v1beta1"
		customList(server, k0rdentPath+path, kind, custom(version, kind, "", "two"), custom(version, kind, "", "one"))
	}
	return server
}

func TestLiveInventoryK0rdent(t *testing.T) {
	t.Parallel()
	server := k0rdentServer(t)
	// Secrets may be asked for, as of manifests; of a cluster they are not listed.
	inv, warned, err := readLive(t, server, inventory.Want{Kinds: append(k0rdentKinds(), inventory.Secrets)})
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, kind := range []string{
		"accessmanagements k0rdent.mirantis.com/v1beta1 AccessManagement one",
		"accessmanagements k0rdent.mirantis.com/v1beta1 AccessManagement two",
		"clusterauthentications k0rdent.mirantis.com/v1beta1 ClusterAuthentication",
		"clusterdeployments k0rdent.mirantis.com/v1beta1 ClusterDeployment",
		"clustertemplates k0rdent.mirantis.com/v1beta1 ClusterTemplate",
		"credentials k0rdent.mirantis.com/v1beta1 Credential",
		"helmreleases helm.toolkit.fluxcd.io/v2 HelmRelease",
		"k0scontrolplanes controlplane.cluster.x-k8s.io/v1beta1 K0sControlPlane",
		"k0smotroncontrolplanes controlplane.cluster.x-k8s.io/v1beta2 K0smotronControlPlane",
		"machines cluster.x-k8s.io/v1beta2 Machine",
		"managements k0rdent.mirantis.com/v1beta1 Management one",
		"managements k0rdent.mirantis.com/v1beta1 Management two",
		"regions k0rdent.mirantis.com/v1beta1 Region one",
		"regions k0rdent.mirantis.com/v1beta1 Region two",
		"releases k0rdent.mirantis.com/v1beta1 Release one",
		"releases k0rdent.mirantis.com/v1beta1 Release two",
	} {
		_, object, _ := strings.Cut(kind, " ")
		if strings.Count(object, " ") > 1 {
			want = append(want, object)
			continue
		}
		want = append(want, object+" a/y", object+" b/x")
	}
	diff(t, "objects", want, names(inv))
	diff(t, "warnings", []string(nil), warned)
	diff(t, "gaps", []rbac.Gap(nil), inv.Gaps)
	for _, kind := range append(k0rdentKinds(), inventory.Secrets) {
		if !inv.Served[kind] {
			t.Errorf("%s is not served", kind)
		}
	}
	diff(t, "machine", map[string]any{"weight": int64(3)}, inv.Objects(inventory.Machines)[0].Object["spec"])
	// One request for each kind, and one for the version that is not served.
	requests := server.Requests()
	if len(requests) != len(k0rdentKinds())+1 || slices.ContainsFunc(requests, func(r string) bool { return strings.Contains(r, "secrets") }) {
		t.Errorf("%d requests: %q", len(requests), requests)
	}
}

// TestLiveInventoryK0rdentNamespace reads namespaced kinds of a namespace, and others whole, whatever they are called.
func TestLiveInventoryK0rdentNamespace(t *testing.T) {
	t.Parallel()
	server := k0rdentServer(t)
	inv, _, err := readLive(t, server, inventory.Want{
		Kinds:     []inventory.Kind{inventory.AccessManagements, inventory.Releases, inventory.K0sControlPlanes, inventory.Credentials},
		Namespace: "a",
	})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "requests", []string{
		"GET /apis/controlplane.cluster.x-k8s.io/v1beta1/namespaces/a/k0scontrolplanes",
		"GET /apis/controlplane.cluster.x-k8s.io/v1beta2/namespaces/a/k0scontrolplanes",
		"GET " + k0rdentPath + "accessmanagements",
		"GET " + k0rdentPath + "namespaces/a/credentials",
		"GET " + k0rdentPath + "releases",
	}, server.Requests())
	diff(t, "served", map[inventory.Kind]bool{
		inventory.AccessManagements: true, inventory.Releases: true, inventory.K0sControlPlanes: true, inventory.Credentials: false,
	}, inv.Served)
	if len(inv.Objects(inventory.AccessManagements)) != 2 || len(inv.Objects(inventory.K0sControlPlanes)) != 2 || inv.Objects(inventory.Credentials) != nil {
		t.Errorf("objects: %q", names(inv))
	}
}

func TestLiveInventoryK0rdentRefused(t *testing.T) {
	t.Parallel()
	resources := func(version string, names ...string) *metav1.APIResourceList {
		list := &metav1.APIResourceList{GroupVersion: version}
		for _, name := range names {
			list.APIResources = append(list.APIResources, metav1.APIResource{Name: name})
		}
		return list
	}
	for name, test := range map[string]struct {
		set       func(*kubetest.Server)
		kind      inventory.Kind
		namespace string
		objects   []string
		gaps      []rbac.Gap
		notServed bool
	}{
		// The name of a namespace is none of a Management.
		"cluster-scoped": {
			set: func(s *kubetest.Server) {
				s.Forbid(k0rdentPath+"managements", "no")
				s.Object(k0rdentPath[:len(k0rdentPath)-1], resources(k0rdentGroup+"/v1beta1", "managements"))
			},
			kind: inventory.Managements,
			gaps: []rbac.Gap{{What: "managements", Cause: "no", Missing: rule("list", k0rdentGroup, "managements")}},
		},
		"cluster-scoped, one namespace": {
			set: func(s *kubetest.Server) {
				s.Forbid(k0rdentPath+"managements", "no")
				s.Object(k0rdentPath[:len(k0rdentPath)-1], resources(k0rdentGroup+"/v1beta1", "managements"))
			},
			kind: inventory.Managements, namespace: "team-a",
			gaps: []rbac.Gap{{What: "managements", Cause: "no", Missing: rule("list", k0rdentGroup, "managements")}},
		},
		"namespaced": {
			set: func(s *kubetest.Server) {
				s.Forbid("/apis/cluster.x-k8s.io/v1beta2/machines", "no")
				s.Object("/apis/cluster.x-k8s.io/v1beta2", resources("cluster.x-k8s.io/v1beta2", "machines"))
				customList(s, "/apis/cluster.x-k8s.io/v1beta2/namespaces/home/machines", "Machine",
					custom("cluster.x-k8s.io/v1beta2", "Machine", "home", "m"))
			},
			kind: inventory.Machines, objects: []string{"cluster.x-k8s.io/v1beta2 Machine home/m"},
			gaps: []rbac.Gap{{What: "machines outside of namespace home", Cause: "no", Missing: rule("list", "cluster.x-k8s.io", "machines")}},
		},
		// Another group has machines, too.
		"not served": {
			set: func(s *kubetest.Server) {
				s.Forbid("/apis/cluster.x-k8s.io/v1beta2/machines", "no")
				s.Object("/apis/machine.openshift.io/v1beta1", resources("machine.openshift.io/v1beta1", "machines"))
			},
			kind: inventory.Machines, notServed: true,
		},
		"served in the older version": {
			set: func(s *kubetest.Server) {
				s.Forbid("/apis/cluster.x-k8s.io/v1beta2/machines", "no")
				s.Object("/apis/cluster.x-k8s.io/v1beta1", resources("cluster.x-k8s.io/v1beta1", "machines"))
				customList(s, "/apis/cluster.x-k8s.io/v1beta1/namespaces/home/machines", "Machine",
					custom("cluster.x-k8s.io/v1beta1", "Machine", "home", "m"))
			},
			kind: inventory.Machines, objects: []string{"cluster.x-k8s.io/v1beta1 Machine home/m"},
			gaps: []rbac.Gap{{What: "machines outside of namespace home", Cause: "no", Missing: rule("list", "cluster.x-k8s.io", "machines")}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			test.set(server)
			inv, _, err := readLive(t, server, inventory.Want{Kinds: []inventory.Kind{test.kind}, Namespace: test.namespace})
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "objects", test.objects, names(inv))
			diff(t, "gaps", test.gaps, inv.Gaps)
			if inv.Served[test.kind] == test.notServed {
				t.Errorf("served: %v", inv.Served)
			}
			if missing := inv.Missing(test.kind); len(missing) != len(test.gaps) {
				t.Errorf("missing: %v", missing)
			}
		})
	}
}

// A kind that is served in a version, but whose server fails, is not looked for in another one.
func TestLiveInventoryK0rdentError(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Handle("/apis/helm.toolkit.fluxcd.io/v2/helmreleases", func(w http.ResponseWriter, r *http.Request) {
		kubetest.Write(w, r, http.StatusInternalServerError, kubetest.Failure(http.StatusInternalServerError, metav1.StatusReasonInternalError, "broken"))
	})
	_, _, err := readLive(t, server, inventory.Want{Kinds: []inventory.Kind{inventory.HelmReleases}})
	if err == nil || err.Error() != "list helmreleases: broken" {
		t.Errorf("error %v", err)
	}
}

func TestFileInventoryK0rdent(t *testing.T) {
	t.Parallel()
	const manifests = `
apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata: {name: sso, namespace: kcm-system}
spec: {authenticationConfiguration: {jwt: []}}
---
apiVersion: k0rdent.mirantis.com/v1alpha1
kind: ClusterDeployment
metadata: {name: edge, namespace: a}
---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterDeployment
metadata: {name: edge, namespace: b}
---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: Management
metadata: {name: kcm}
---
apiVersion: example.com/v1
kind: Release
metadata: {name: somebody-elses}
---
apiVersion: machine.openshift.io/v1beta1
kind: Machine
metadata: {name: somebody-elses, namespace: a}
---
apiVersion: cluster.x-k8s.io/v1beta1
kind: MachineList
items:
- metadata: {name: edge-0, namespace: a}
- metadata: {name: edge-0, namespace: b}
---
apiVersion: v1
kind: Secret
metadata: {name: ca, namespace: kcm-system}
`
	for name, test := range map[string]struct {
		want    inventory.Want
		objects []string
		said    []string
		served  []inventory.Kind
	}{
		"all": {
			want: inventory.Want{Kinds: append(k0rdentKinds(), inventory.Secrets)},
			objects: []string{
				"k0rdent.mirantis.com/v1beta1 ClusterAuthentication kcm-system/sso",
				"k0rdent.mirantis.com/v1alpha1 ClusterDeployment a/edge", "k0rdent.mirantis.com/v1beta1 ClusterDeployment b/edge",
				"cluster.x-k8s.io/v1beta1 Machine a/edge-0", "cluster.x-k8s.io/v1beta1 Machine b/edge-0",
				"k0rdent.mirantis.com/v1beta1 Management kcm", "v1 Secret kcm-system/ca",
			},
			said:   []string{"note: stdin: 2 documents of other kinds (Machine.machine.openshift.io 1, Release.example.com 1) skipped"},
			served: []inventory.Kind{"clusterauthentications", "clusterdeployments", "machines", "managements", "secrets"},
		},
		// Cluster-scoped kinds and Secrets are read whole.
		"namespace": {
			want: inventory.Want{
				Kinds:     []inventory.Kind{inventory.ClusterDeployments, inventory.Managements, inventory.Machines, inventory.Secrets},
				Namespace: "a",
			},
			objects: []string{
				"k0rdent.mirantis.com/v1alpha1 ClusterDeployment a/edge", "cluster.x-k8s.io/v1beta1 Machine a/edge-0",
				"k0rdent.mirantis.com/v1beta1 Management kcm", "v1 Secret kcm-system/ca",
			},
			said:   []string{"note: stdin: 1 document of other kinds (Machine.machine.openshift.io 1) skipped"},
			served: []inventory.Kind{"clusterdeployments", "machines", "managements", "secrets"},
		},
		"none": {
			want: inventory.Want{Kinds: []inventory.Kind{inventory.Regions}},
			said: []string{"warning: no objects of k0rdent in stdin"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv, said, err := readFiles(t, manifests, test.want)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "objects", test.objects, names(inv))
			diff(t, "said", test.said, said)
			var served []inventory.Kind
			for kind, yes := range inv.Served {
				if yes {
					served = append(served, kind)
				}
			}
			slices.Sort(served)
			diff(t, "served", test.served, served)
		})
	}
}
