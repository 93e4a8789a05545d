package kube_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

const kubeconfig = `apiVersion: v1
kind: Config
current-context: prod
clusters:
- {name: c, cluster: {server: "https://prod.example:6443"}}
users:
- {name: u, user: {token: t}}
contexts:
- {name: prod, context: {cluster: c, user: u, namespace: team}}
- {name: other, context: {cluster: c, user: u}}
`

func flagsFor(t *testing.T, content string) *cli.Connection {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := cli.NewConnection()
	flags.KubeConfig = &path
	return flags
}

func TestNew(t *testing.T) {
	t.Parallel()
	ptr := func(s string) *string { return &s }
	tests := map[string]struct {
		change          func(*cli.Connection)
		name, namespace string
		err             string
	}{
		"current context": {name: "prod", namespace: "team"},
		"other context": {
			change: func(f *cli.Connection) { f.Context = ptr("other") }, name: "other", namespace: "default",
		},
		"namespace": {
			change: func(f *cli.Connection) { f.Namespace = ptr("dev") }, name: "prod", namespace: "dev",
		},
		"unknown context": {
			change: func(f *cli.Connection) { f.Context = ptr("nope") },
			err:    `read kubeconfig: context "nope" does not exist`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := flagsFor(t, kubeconfig)
			if tc.change != nil {
				tc.change(flags)
			}
			cluster, err := kube.New(flags, "test", io.Discard)
			if diff := cmp.Diff(tc.err, text(err)); diff != "" {
				t.Fatalf("error (-want +got):\n%s", diff)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff([]string{tc.name, tc.namespace}, []string{cluster.Name(), cluster.Namespace()}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			config := cluster.Config()
			if config.QPS != -1 || config.UserAgent != "test" || config.ContentType != "application/vnd.kubernetes.protobuf" {
				t.Errorf("config: QPS %v, user agent %q, content type %q", config.QPS, config.UserAgent, config.ContentType)
			}
		})
	}
}

func TestNameWithoutContext(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	if want, got := strings.TrimPrefix(server.URL, "http://"), newCluster(t, server).Name(); got != want {
		t.Errorf("want %q, got %q", want, got)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Handle(rolesPath, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Warning", `299 - "old \u202e API"`)
		w.Header().Add("Warning", "299 - \"rtl \u202e text\"")
		kubetest.Write(w, r, http.StatusOK, roleList("", "a"))
	})
	var errOut bytes.Buffer
	cluster, err := kube.New(server.Flags(t), "test", &errOut)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := cluster.List(t.Context(), rolesResource, "", &roles{}); err != nil {
			t.Fatal(err)
		}
	}
	if got := errOut.String(); strings.Count(got, "rtl") != 1 || !strings.Contains(got, `Warning: rtl \u202e text`) {
		t.Errorf("want each warning once, with control characters shown; got %q", got)
	}
}

func TestReviews(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	post := func(resource string, review runtime.Object, answer func()) {
		server.Handle(resource, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if err := runtime.DecodeInto(scheme.Codecs.UniversalDeserializer(), body, review); err != nil {
				t.Errorf("%s: %v", resource, err)
			}
			answer()
			kubetest.Write(w, r, http.StatusCreated, review)
		})
	}
	self := &authenticationv1.SelfSubjectReview{}
	post("/apis/authentication.k8s.io/v1/selfsubjectreviews", self, func() {
		self.Status.UserInfo = authenticationv1.UserInfo{Username: "bob", Groups: []string{"devs"}}
	})
	rules := &authorizationv1.SelfSubjectRulesReview{}
	post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", rules, func() {
		rules.Status.ResourceRules = []authorizationv1.ResourceRule{{Verbs: []string{"get"}, Resources: []string{rules.Spec.Namespace}}}
	})
	server.Handle("/apis/authorization.k8s.io/v1/subjectaccessreviews", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		review := &authorizationv1.SubjectAccessReview{}
		if err := runtime.DecodeInto(scheme.Codecs.UniversalDeserializer(), body, review); err != nil {
			t.Errorf("review: %v", err)
		}
		review.Status = authorizationv1.SubjectAccessReviewStatus{Allowed: review.Spec.User == "bob", Reason: review.Spec.User}
		kubetest.Write(w, r, http.StatusCreated, review)
	})
	cluster := newCluster(t, server)

	user, err := cluster.Self(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(authenticationv1.UserInfo{Username: "bob", Groups: []string{"devs"}}, user); diff != "" {
		t.Errorf("self (-want +got):\n%s", diff)
	}
	status, err := cluster.SelfRules(t.Context(), "dev")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"dev"}, status.ResourceRules[0].Resources); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	var (
		specs []authorizationv1.SubjectAccessReviewSpec
		want  []authorizationv1.SubjectAccessReviewStatus
	)
	for _, user := range []string{"bob", "eve", "mia", "bob"} {
		specs = append(specs, authorizationv1.SubjectAccessReviewSpec{User: user})
		want = append(want, authorizationv1.SubjectAccessReviewStatus{Allowed: user == "bob", Reason: user})
	}
	got, err := cluster.Review(t.Context(), specs, 2)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("review (-want +got):\n%s", diff)
	}

	server.Forbid("/apis/authorization.k8s.io/v1/subjectaccessreviews", "no reviews for you")
	if _, err := cluster.Review(t.Context(), specs, 2); !apierrors.IsForbidden(err) {
		t.Errorf("want Forbidden, got %v", err)
	}
}
