package source_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// TestServer carries out a plan on the wire: what it asks for, and nothing more.
func TestServer(t *testing.T) {
	t.Parallel()
	const (
		namespaces = "/api/v1/namespaces"
		reviews    = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
	)
	api := kubetest.New(t)
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodPatch {
			body = []byte(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"two","labels":{"a":"b"}}}`)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}
	for _, path := range []string{namespaces, namespaces + "/two", namespaces + "/three"} {
		api.Handle(path, echo)
	}
	api.Object(reviews, &authorizationv1.SelfSubjectAccessReview{Status: authorizationv1.SubjectAccessReviewStatus{Allowed: true}})
	namespace := func(name, version string, labels map[string]any) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{
			"name": name, "resourceVersion": version, "uid": version, "labels": labels,
		}}}
	}
	p, err := plan.New("",
		plan.Step{Verb: plan.Create, Object: namespace("one", "", nil)},
		plan.Step{Verb: plan.Update, Old: namespace("two", "2", nil), Object: namespace("two", "2", map[string]any{"a": "b"})},
		plan.Step{Verb: plan.Delete, Old: namespace("three", "3", nil)},
	)
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := kube.New(api.Flags(t), "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	server := source.Server(cluster)
	if refused, err := plan.Preflight(t.Context(), server, p); err != nil || len(refused) != 0 {
		t.Errorf("Preflight = %v, %v", refused, err)
	}
	if _, err := plan.DryRun(t.Context(), server, p, plan.Options{FieldManager: "me"}); err != nil {
		t.Errorf("DryRun: %v", err)
	}
	out, err := plan.Apply(t.Context(), server, p, plan.Options{FieldManager: "me"})
	if err != nil || len(out.Units) != 1 || out.Units[0].State != plan.Done {
		t.Errorf("Apply = %+v, %v", out, err)
	}
	want := []string{
		"DELETE /api/v1/namespaces/three", "DELETE /api/v1/namespaces/three",
		"PATCH /api/v1/namespaces/two?dryRun=All&fieldManager=me&fieldValidation=Strict", "PATCH /api/v1/namespaces/two?fieldManager=me&fieldValidation=Ignore",
		"POST /api/v1/namespaces?dryRun=All&fieldManager=me&fieldValidation=Strict", "POST /api/v1/namespaces?fieldManager=me&fieldValidation=Ignore",
		"POST " + reviews, "POST " + reviews, "POST " + reviews,
	}
	if diff := cmp.Diff(want, api.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
