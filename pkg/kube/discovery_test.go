package kube_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

var rolesResource = rbacv1.SchemeGroupVersion.WithResource("roles")

const (
	coreDiscovery = `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[
 {"metadata":{"name":""},"versions":[{"version":"v1","freshness":"Current","resources":[
  {"resource":"pods","responseKind":{"group":"","version":"v1","kind":"Pod"},"scope":"Namespaced","singularResource":"pod",
   "verbs":["get","list"],"shortNames":["po"],"categories":["all"],
   "subresources":[{"subresource":"exec","responseKind":{"group":"","version":"v1","kind":"PodExecOptions"},"verbs":["create","get"]}]},
  {"resource":"nodes","responseKind":{"group":"","version":"v1","kind":"Node"},"scope":"Cluster","singularResource":"node","verbs":["get"]}]}]}]}`
	groupDiscovery = `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[
 {"metadata":{"name":"apps"},"versions":[
  {"version":"v1","freshness":"Current","resources":[
   {"resource":"deployments","responseKind":{"group":"apps","version":"v1","kind":"Deployment"},"scope":"Namespaced","singularResource":"deployment","verbs":["get"],
    "subresources":[{"subresource":"scale","responseKind":{"group":"autoscaling","version":"v1","kind":"Scale"},"verbs":["get"]}]}]},
  {"version":"v1beta1","freshness":"Current","resources":[
   {"resource":"deployments","responseKind":{"group":"apps","version":"v1beta1","kind":"Deployment"},"scope":"Namespaced","singularResource":"deployment","verbs":["get"]},
   {"resource":"olds","responseKind":{"group":"apps","version":"v1beta1","kind":"Old"},"scope":"Namespaced","singularResource":"old","verbs":["get"]}]}]},
 {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale","resources":[]}]}]}`
)

func discoveryServer(t *testing.T) *kubetest.Server {
	t.Helper()
	server := kubetest.New(t)
	for path, body := range map[string]string{"/api": coreDiscovery, "/apis": groupDiscovery} {
		server.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
			_, _ = io.WriteString(w, body)
		})
	}
	return server
}

func TestResources(t *testing.T) {
	t.Parallel()
	server := discoveryServer(t)
	flags := server.Flags(t)
	cluster, err := kube.New(flags, "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	served, err := cluster.Resources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range served.Resources {
		got = append(got, r.Group+"/"+r.Version+" "+r.Name+" "+r.Kind)
	}
	want := []string{
		"/v1 nodes Node", "/v1 pods Pod", "/v1 pods/exec PodExecOptions",
		"apps/v1 deployments Deployment", "apps/v1 deployments/scale Scale", "apps/v1beta1 olds Old",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	var failed []string
	for _, f := range served.Failed {
		failed = append(failed, strings.TrimSuffix(f.GroupVersion.String(), "/"))
	}
	if diff := cmp.Diff([]string{"metrics.k8s.io"}, failed); diff != "" {
		t.Errorf("failed (-want +got):\n%s", diff)
	}
	if got := server.Requests(); len(got) > 2 {
		t.Errorf("want two requests for a cold cache, got %q", got)
	}
}

func TestResourcesFromCache(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Handle("/api", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
		_, _ = io.WriteString(w, coreDiscovery)
	})
	server.Handle("/apis", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
		_, _ = io.WriteString(w, `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[]}`)
	})
	flags := server.Flags(t)
	var resources []int
	for range 2 { // each as a program of its own: only the files are shared
		cluster, err := kube.New(flags, "test", io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		served, err := cluster.Resources(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		resources = append(resources, len(served.Resources))
	}
	if diff := cmp.Diff([]int{3, 3}, resources); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := server.Requests(); len(got) != 2 {
		t.Errorf("want two requests in all, got %q", got)
	}
}

func TestResourcesEndWithContext(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	server.Handle("/api", func(http.ResponseWriter, *http.Request) { <-release })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newCluster(t, server).Resources(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("want the context's error, got %v", err)
	}
}
