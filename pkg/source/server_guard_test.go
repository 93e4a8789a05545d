package source_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/textlogger"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// secretWorld is a server with one object of each kind that holds secrets: "hunter2" wherever there is one.
func secretWorld(t *testing.T) (api *kubetest.Server, objects map[string]*unstructured.Unstructured) {
	t.Helper()
	objects = map[string]*unstructured.Unstructured{
		"/apis/core.kalm.dev/v1alpha1/accesstokens/x": {Object: map[string]any{
			"apiVersion": "core.kalm.dev/v1alpha1", "kind": "AccessToken",
			"metadata": map[string]any{"name": "x", "uid": "1", "resourceVersion": "1", "annotations": map[string]any{
				"kubectl.kubernetes.io/last-applied-configuration": `{"spec":{"token":"hunter2"}}`,
			}},
			"spec": map[string]any{"token": "hunter2", "memo": "a"},
		}},
		"/apis/core.kalm.dev/v1alpha1/namespaces/kalm-system/singlesignonconfigs/sso": {Object: map[string]any{
			"apiVersion": "core.kalm.dev/v1alpha1", "kind": "SingleSignOnConfig",
			"metadata": map[string]any{"name": "sso", "namespace": "kalm-system", "uid": "1", "resourceVersion": "1"},
			"spec": map[string]any{"issuerClientSecret": "hunter2", "domain": "a", "connectors": []any{
				map[string]any{"id": "github", "config": map[string]any{"clientSecret": "hunter2", "orgs": []any{}}},
				map[string]any{"id": "odd", "config": "hunter2"},
			}},
		}},
		"/api/v1/namespaces/shop/secrets/ci": {Object: map[string]any{
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "ci", "namespace": "shop", "uid": "1", "resourceVersion": "1"},
			"stringData": map[string]any{"token": "hunter2"},
		}},
	}
	api = kubetest.New(t)
	for path, object := range objects {
		data, err := object.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		answer := func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(data)
		}
		api.Handle(path, answer)
		api.Handle(path[:strings.LastIndex(path, "/")], answer)
	}
	return api, objects
}

// TestServerHides looks for secrets in what comes back from the server, and in logs as verbose as can be.
func TestServerHides(t *testing.T) {
	t.Parallel()
	api, objects := secretWorld(t)
	cluster, err := kube.New(api.Flags(t), "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	server := source.Server(cluster)
	var log bytes.Buffer
	ctx := klog.NewContext(t.Context(), textlogger.NewLogger(textlogger.NewConfig(textlogger.Verbosity(10), textlogger.Output(&log))))
	for path, object := range objects {
		got, err := server.Get(ctx, object)
		if err != nil {
			t.Fatal(err)
		}
		made, err := server.Create(ctx, object, plan.Write{})
		if err != nil {
			t.Fatal(err)
		}
		patched, err := server.Patch(ctx, object, []byte(`{"spec":{"memo":"b"}}`), plan.Write{})
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Delete(ctx, object, "1", "", plan.Write{}); err != nil {
			t.Fatal(err)
		}
		for _, answer := range []*unstructured.Unstructured{got, made, patched} {
			data, err := answer.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if object.GetKind() != "Secret" && strings.Contains(string(data), "hunter2") {
				t.Errorf("%s: the answer holds the secret:\n%s", path, data)
			}
		}
	}
	if strings.Contains(log.String(), "hunter2") {
		t.Errorf("the log holds the secret:\n%s", log.String())
	}
	namespace := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "open"}}}
	api.Object("/api/v1/namespaces/open", namespace)
	if _, err := server.Get(ctx, namespace); err != nil || !strings.Contains(log.String(), "open") {
		t.Errorf("other objects are in no log, so that nothing was searched: %v", err)
	}
}

// TestServerQuotesNothing has the server refuse a write with an error that quotes the token, as validation does.
func TestServerQuotesNothing(t *testing.T) {
	t.Parallel()
	api, objects := secretWorld(t)
	const path = "/apis/core.kalm.dev/v1alpha1/accesstokens/x"
	api.Handle(path, func(w http.ResponseWriter, r *http.Request) {
		failure := kubetest.Failure(http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, `spec.token: Invalid value: "hunter2": should be longer`)
		failure.Details = &metav1.StatusDetails{Causes: []metav1.StatusCause{{Field: "spec.token", Message: `Invalid value: "hunter2"`}}}
		kubetest.Write(w, r, http.StatusUnprocessableEntity, failure)
	})
	cluster, err := kube.New(api.Flags(t), "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	_, err = source.Server(cluster).Patch(t.Context(), objects[path], []byte(`{"spec":{"memo":"b"}}`), plan.Write{})
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), "spec.token") || strings.Contains(fmt.Sprintf("%v %#v", err, err), "hunter2") {
		t.Errorf("got %v", err)
	}
}

// TestServerKeepsSecrets writes objects as they were read, with what stands for their secrets: the server never gets them.
func TestServerKeepsSecrets(t *testing.T) {
	t.Parallel()
	api, objects := secretWorld(t)
	cluster, err := kube.New(api.Flags(t), "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	server := source.Server(cluster)
	for path, object := range objects {
		if object.GetKind() == "Secret" {
			continue // of those that an inventory has nothing is left that could be written
		}
		read, err := server.Get(t.Context(), object)
		if err != nil {
			t.Fatal(err)
		}
		before := len(api.Requests())
		patch, err := read.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		_, patchErr := server.Patch(t.Context(), read, patch, plan.Write{})
		_, createErr := server.Create(t.Context(), read, plan.Write{})
		for _, err := range []error{patchErr, createErr} {
			if err == nil || !strings.Contains(err.Error(), "its secrets were hidden when it was read") {
				t.Errorf("%s: %v", path, err)
			}
		}
		if after := api.Requests(); len(after) != before {
			t.Errorf("%s: the server was asked: %q", path, after)
		}
	}

	// A plan that changes something else keeps the token; one that makes the object anew fails as a whole.
	x := objects["/apis/core.kalm.dev/v1alpha1/accesstokens/x"].DeepCopy()
	x.Object["spec"] = map[string]any{"token": inventory.Digest("hunter2"), "memo": "a"}
	x.SetAnnotations(nil)
	now := x.DeepCopy()
	now.Object["spec"].(map[string]any)["memo"] = "b" //nolint:forcetypeassert // it was set two lines before
	for verb, step := range map[plan.Verb]plan.Step{
		plan.Update: {Verb: plan.Update, Old: x, Object: now}, plan.Create: {Verb: plan.Create, Object: now},
	} {
		p, err := plan.New("", step)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Apply(t.Context(), server, p, plan.Options{}); (err != nil) != (verb == plan.Create) {
			t.Errorf("%s: %v", verb, err)
		}
	}
}
