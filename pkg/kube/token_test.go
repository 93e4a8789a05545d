package kube_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

const tokenPath = "/api/v1/namespaces/shop/serviceaccounts/ci/token"

func TestRequestToken(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	var sent authenticationv1.TokenRequest
	server.Handle(tokenPath, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","status":{"token":"secret","expirationTimestamp":"2026-11-22T12:00:00Z"}}`))
	})
	seconds := int64(600)
	spec := authenticationv1.TokenRequestSpec{
		Audiences: []string{"a"}, ExpirationSeconds: &seconds,
		BoundObjectRef: &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Secret", Name: "ci-1", UID: "u"},
	}
	status, err := newCluster(t, server).RequestToken(t.Context(), "shop", "ci", spec)
	if err != nil || status.Token != "secret" || status.ExpirationTimestamp.UTC().Hour() != 12 {
		t.Fatalf("%+v, %v", status, err)
	}
	if diff := cmp.Diff(spec, sent.Spec); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	if _, err := newCluster(t, server).RequestToken(t.Context(), "shop", "../x", spec); err == nil {
		t.Error("a name that leads elsewhere is taken")
	}
}

// Errors are those of the API, and never hold what was sent or answered.
func TestQuietErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		code     int
		body     string
		is       func(error) bool
		contains string
	}{
		"forbidden": {403, `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not you","reason":"Forbidden","code":403}`, apierrors.IsForbidden, "not you"},
		"no status": {502, "hidden", func(err error) bool { return apierrors.ReasonForError(err) != "" }, ""},
		"no JSON":   {200, "hidden", func(error) bool { return true }, "it is not the JSON that was asked for (HTTP 200)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			server.Handle(tokenPath, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.code)
				_, _ = w.Write([]byte(tt.body))
			})
			_, err := newCluster(t, server).RequestToken(t.Context(), "shop", "ci", authenticationv1.TokenRequestSpec{})
			if err == nil || !tt.is(err) || !strings.Contains(err.Error(), tt.contains) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("error %v", err)
			}
			if got := server.Requests(); len(got) != 1 {
				t.Errorf("requests %q, want 1", got)
			}
		})
	}
}

func TestCreateQuietly(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	body := ""
	server.Handle("/apis/core.kalm.dev/v1alpha1/accesstokens", func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		body = string(data)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"apiVersion":"core.kalm.dev/v1alpha1","kind":"AccessToken","metadata":{"name":"x","uid":"1"}}`))
	})
	o := thing("core.kalm.dev/v1alpha1", "AccessToken", "", "x")
	if err := unstructured.SetNestedField(o.Object, "secret", "spec", "token"); err != nil {
		t.Fatal(err)
	}
	stored, err := newCluster(t, server).CreateQuietly(t.Context(), o, kube.WriteOptions{DryRun: true, FieldManager: "me"})
	if err != nil || stored.GetUID() != "1" || !strings.Contains(body, `"token":"secret"`) {
		t.Fatalf("%v, %v; sent %s", stored, err, body)
	}
	want := []string{"POST /apis/core.kalm.dev/v1alpha1/accesstokens?dryRun=All&fieldManager=me&fieldValidation=Strict"}
	if diff := cmp.Diff(want, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// As asks with the token and nothing else.
func TestAs(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	var seen http.Header
	server.Handle("/apis/authentication.k8s.io/v1/selfsubjectreviews", func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header.Clone()
		kubetest.Write(w, r, http.StatusCreated, &authenticationv1.SelfSubjectReview{Status: authenticationv1.SelfSubjectReviewStatus{UserInfo: authenticationv1.UserInfo{Username: "robot"}}})
	})
	flags := server.Flags(t)
	as := "somebody"
	flags.Impersonate = &as
	cluster, err := kube.New(flags, "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	holder, err := cluster.As("secret")
	if err != nil {
		t.Fatal(err)
	}
	self, err := holder.Self(t.Context())
	if err != nil || self.Username != "robot" {
		t.Fatalf("%+v, %v", self, err)
	}
	if seen.Get("Authorization") != "Bearer secret" || seen.Get("Impersonate-User") != "" {
		t.Errorf("asked with %q as %q", seen.Get("Authorization"), seen.Get("Impersonate-User"))
	}
}
