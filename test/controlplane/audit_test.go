package controlplane_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

func TestRecorder(t *testing.T) {
	t.Parallel()
	const user = "counted@acme.example"
	kubeconfig, err := shared.Kubeconfig(user, "counters")
	if err != nil {
		t.Fatal(err)
	}
	clients := client(t, kubeconfig)
	if _, err := clients.Discovery().ServerVersion(); err != nil { // before the record
		t.Fatal(err)
	}
	recorder, err := shared.Record(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // a refused request counts like any other
		_, err := clients.RbacV1().ClusterRoles().List(t.Context(), metav1.ListOptions{ResourceVersion: "0"})
		if err == nil {
			t.Fatal("a user without rights lists cluster roles")
		}
	}
	if _, err := clients.Discovery().ServerVersion(); err != nil {
		t.Fatal(err)
	}
	requests, err := recorder.Requests(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	type short struct {
		User, Verb, URI string
		Groups          []string
		Code            int
	}
	var got []short
	for _, r := range requests {
		got = append(got, short{r.User, r.Verb, r.URI, r.Groups, r.Code})
	}
	groups := []string{"counters", "system:authenticated"}
	list := short{user, "list", "/apis/rbac.authorization.k8s.io/v1/clusterroles?resourceVersion=0", groups, 403}
	want := []short{list, list, list, {user, "get", "/version", groups, 200}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	all, err := shared.Requests(t.Context(), user)
	if err != nil || len(all) != 5 {
		t.Errorf("all requests: %d %v, want 5", len(all), err)
	}
}

func TestRecordNeedsAuditLog(t *testing.T) {
	t.Parallel()
	cp := controlplane.ForTest(t, controlplane.Options{WithoutControllers: true})
	if _, err := cp.Record(t.Context()); err == nil {
		t.Error("record without audit log: no error")
	}
	if _, err := cp.Requests(t.Context()); err == nil {
		t.Error("requests without audit log: no error")
	}
}
