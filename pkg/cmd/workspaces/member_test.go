package workspaces_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// member is a server on which the caller is in team-a, and may list little.
func member(t *testing.T) *kubetest.Server {
	t.Helper()
	server := kubetest.New(t)
	for _, path := range []string{
		"/api/v1/namespaces", "/apis/kubeflow.org/v1/profiles", "/apis/kubeflow.org/v1/profiles/team-a", rbacPath + "rolebindings",
		"/apis/security.istio.io/v1beta1/authorizationpolicies", "/apis/security.istio.io/v1beta1/namespaces/team-a/authorizationpolicies",
		"/apis/apps/v1/namespaces/kubeflow/deployments", "/api/v1/namespaces/kubeflow/configmaps",
	} {
		server.Forbid(path, "no \x1b[31m")
	}
	for group, resource := range map[string]string{"kubeflow.org/v1": "profiles", "security.istio.io/v1beta1": "authorizationpolicies"} {
		server.Object("/apis/"+group, &metav1.APIResourceList{GroupVersion: group, APIResources: []metav1.APIResource{{Name: resource}}})
	}
	server.Object("/api/v1/namespaces/team-a", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team-a"}})
	server.Object(rbacPath+"namespaces/team-a/rolebindings", &rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{
		{ObjectMeta: metav1.ObjectMeta{Namespace: "team-a", Name: "x"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "kubeflow-edit"}},
	}})
	server.Object("/apis/authentication.k8s.io/v1/selfsubjectreviews", &authenticationv1.SelfSubjectReview{
		Status: authenticationv1.SelfSubjectReviewStatus{UserInfo: authenticationv1.UserInfo{Username: "bob", Groups: []string{"devs"}}},
	})
	allowed := []string{"create rolebindings team-a", "create pods team-a", "get pods team-a", "create pods team-b", "get pods team-b", "get pods team-c"}
	server.Handle("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", func(w http.ResponseWriter, r *http.Request) {
		review := decodeReview(r)
		a := review.Spec.ResourceAttributes
		if a.Namespace == "broken" {
			kubetest.Write(w, r, http.StatusInternalServerError, kubetest.Failure(http.StatusInternalServerError, metav1.StatusReasonInternalError, "broken"))
			return
		}
		review.Status.Allowed = slices.Contains(allowed, a.Verb+" "+a.Resource+" "+a.Namespace)
		kubetest.Write(w, r, http.StatusCreated, review)
	})
	return server
}

// decodeReview reads a review as the client sends it.
func decodeReview(r *http.Request) *authorizationv1.SelfSubjectAccessReview {
	review := &authorizationv1.SelfSubjectAccessReview{}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		_, _, err = scheme.Codecs.UniversalDeserializer().Decode(body, nil, review)
	}
	if err != nil || review.Spec.ResourceAttributes == nil {
		review.Spec.ResourceAttributes = &authorizationv1.ResourceAttributes{Namespace: "broken"}
	}
	return review
}

func TestLoadMember(t *testing.T) {
	t.Parallel()
	server := member(t)
	config := kubeconfig(t, "dev team-a "+server.URL, "again team-b "+server.URL, "prod team-p https://prod.invalid", "third team-c "+server.URL)
	kinds := []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Controller,
	}
	s := newInvocation(t, config, "", "--strict")
	l, err := s.flags.Load(t.Context(), inventory.Want{Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	if l.Cluster == nil || l.Server == nil || !l.State.Inventory.Live || l.State.Inventory.Source != "dev" || l.State.Flavor != workspace.Kubeflow {
		t.Errorf("cluster %v, source %q, flavor %s", l.Cluster, l.State.Inventory.Source, l.State.Flavor)
	}
	s.flags.TellGaps(l)
	if err := s.flags.Finish(l); err == nil || err.Error() != "the answer is partial, and --strict is set" {
		t.Errorf("finish: %v", err)
	}
	if err := s.flags.Finish(l, inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies); err != nil {
		t.Errorf("finish without any kind: %v", err)
	}
	diff(t, "stderr", strings.Join([]string{
		"warning: cannot read authorizationpolicies in all namespaces, " +
			"namespaces other than team-a, profiles, rolebindings outside of namespace team-a: the answer is partial",
		"hint: it takes the rule {apiGroups: [security.istio.io], resources: [authorizationpolicies], verbs: [list]}",
		`hint: it takes the rule {apiGroups: [""], resources: [namespaces], verbs: [list]}`,
		"hint: it takes the rule {apiGroups: [kubeflow.org], resources: [profiles], verbs: [list]}",
		"hint: it takes the rule {apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings], verbs: [list]}",
		"",
	}, "\n"), s.stderr.String())

	candidates := l.Candidates()
	diff(t, "candidates", []string{"team-a", "team-b", "team-c"}, candidates)
	mine, err := l.MyWorkspaces(t.Context(), append(candidates, "team-d"))
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "my workspaces", map[string]workspace.Role{
		"team-a": workspace.Owner, "team-b": workspace.Editor, "team-c": workspace.Viewer,
	}, mine)
	if _, err := l.MyWorkspaces(t.Context(), []string{"broken"}); err == nil || !strings.HasPrefix(err.Error(), "ask for my workspaces: ") {
		t.Errorf("broken: %v", err)
	}
	self, err := l.Self(t.Context())
	if err != nil || self.User != "bob" || !slices.Contains(self.Groups, "devs") {
		t.Errorf("self %v, %v", self, err)
	}
	for text, want := range map[string]rbac.Subject{"me": rbac.User("bob"), "group:devs": rbac.Group("devs")} {
		if got, err := l.Subject(t.Context(), text); got != want || err != nil {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// TestLoadWorkspace asks for one workspace as its member: what the answer doesn't need is not complained about.
func TestLoadWorkspace(t *testing.T) {
	t.Parallel()
	server := member(t)
	s := newInvocation(t, kubeconfig(t, "dev team-x "+server.URL), "", "--strict")
	l, err := s.flags.Load(t.Context(), inventory.Want{
		Kinds: []inventory.Kind{inventory.Profiles, inventory.Namespaces, inventory.RoleBindings}, Namespace: "team-a",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.flags.Finish(l, inventory.Profiles); err != nil || s.stderr.Len() > 0 {
		t.Errorf("finish: %v, %s", err, s.stderr)
	}
	if err := s.flags.Finish(l); err == nil {
		t.Error("profiles could not be read, and --strict is content")
	}
	diff(t, "stderr", "warning: cannot read profiles team-a: the answer is partial\n"+
		"hint: it takes the rule {apiGroups: [kubeflow.org], resources: [profiles], resourceNames: [team-a], verbs: [get]}\n", s.stderr.String())
}

func TestLoadUnreachable(t *testing.T) {
	t.Parallel()
	s := newInvocation(t, kubeconfig(t, "dev team-a http://127.0.0.1:1"), "")
	_, err := s.flags.Load(t.Context(), inventory.Want{Kinds: []inventory.Kind{inventory.Namespaces}})
	if err == nil || !strings.HasPrefix(err.Error(), "list namespaces: ") {
		t.Errorf("error %v", err)
	}
	if _, err := newInvocation(t, "", "").flags.Load(t.Context(), inventory.Want{}); err == nil {
		t.Error("no kubeconfig is no error")
	}
	var none *os.PathError
	if _, err := newInvocation(t, "", "", "--from", "/none").flags.Load(t.Context(), inventory.Want{}); err == nil || errors.As(err, &none) {
		t.Errorf("no file: %v", err)
	}
}
