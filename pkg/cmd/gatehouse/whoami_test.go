package gatehouse

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

const (
	rbacPath = "/apis/rbac.authorization.k8s.io/v1/"
	selfPath = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
)

// token looks like one, and is none.
const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"

// office is a server with two namespaces, as ann sees it.
func office(t *testing.T) *kubetest.Server {
	t.Helper()
	s := kubetest.New(t)
	s.Object(selfPath, &authenticationv1.SelfSubjectReview{Status: authenticationv1.SelfSubjectReviewStatus{
		UserInfo: authenticationv1.UserInfo{
			Username: "ann@x.com", UID: "7", Groups: []string{"devs", "system:authenticated"},
			Extra: map[string]authenticationv1.ExtraValue{
				"authentication.kubernetes.io/credential-id": {"JTI=4f"}, "odd.example/\x1b[31mkey": {"shown", token},
			},
		},
	}})
	subject := func(kind, name string) []rbacv1.Subject {
		return []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}}
	}
	s.Object(rbacPath+"rolebindings", &rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{
		{
			ObjectMeta: metav1.ObjectMeta{Namespace: "team-a", Name: "ann", Annotations: map[string]string{"gatehouse.dev/expires": "2026-03-01"}},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"}, Subjects: subject("User", "ann@x.com"),
		},
		{
			ObjectMeta: metav1.ObjectMeta{Namespace: "team-b", Name: "all-devs"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "deployer"}, Subjects: subject("Group", "devs"),
		},
		{
			ObjectMeta: metav1.ObjectMeta{Namespace: "team-b", Name: "bob"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "admin"}, Subjects: subject("User", "bob"),
		},
	}})
	s.Object(rbacPath+"clusterrolebindings", &rbacv1.ClusterRoleBindingList{Items: []rbacv1.ClusterRoleBinding{
		{
			ObjectMeta: metav1.ObjectMeta{Name: "readers"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"}, Subjects: subject("Group", "devs"),
		},
		{
			ObjectMeta: metav1.ObjectMeta{Name: "system:basic-user"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "system:basic-user"}, Subjects: subject("Group", "system:authenticated"),
		},
	}})
	s.Object("/api/v1/namespaces/team-a", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team-a"}})
	s.Object(rbacPath+"roles", &rbacv1.RoleList{Items: []rbacv1.Role{{ObjectMeta: metav1.ObjectMeta{Namespace: "team-b", Name: "deployer"}}}})
	s.Object(rbacPath+"clusterroles", &rbacv1.ClusterRoleList{Items: []rbacv1.ClusterRole{
		{ObjectMeta: metav1.ObjectMeta{Name: "edit"}}, {ObjectMeta: metav1.ObjectMeta{Name: "view"}},
	}})
	for _, path := range []string{"/api/v1/namespaces", "/apis/kubeflow.org/v1/profiles", "/apis/security.istio.io/v1beta1/authorizationpolicies"} {
		s.Forbid(path, "no")
	}
	return s
}

// restricted lets ann read nothing, and says that she may make pods in her namespace.
func restricted(t *testing.T) *kubetest.Server {
	t.Helper()
	s := office(t)
	for _, what := range []string{"rolebindings", "roles", "clusterrolebindings", "clusterroles", "namespaces/team-a/rolebindings", "namespaces/team-a/roles"} {
		s.Forbid(rbacPath+what, "no")
	}
	s.Object("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", &authorizationv1.SelfSubjectRulesReview{})
	s.Handle("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", func(w http.ResponseWriter, r *http.Request) {
		kubetest.Write(w, r, http.StatusCreated, &authorizationv1.SelfSubjectAccessReview{
			Status: authorizationv1.SubjectAccessReviewStatus{Allowed: true},
		})
	})
	return s
}

// askLive runs a command against a server, whose address is left out of what it says.
func askLive(t *testing.T, s *kubetest.Server, args ...string) outcome {
	t.Helper()
	got := execute(t, append(args, "--server", s.URL, "-n", "team-a", "--token", token)...)
	address := strings.TrimPrefix(s.URL, "http://")
	replace := strings.NewReplacer(s.URL, "SERVER", address, "SERVER")
	got.Stdout, got.Stderr = replace.Replace(got.Stdout), replace.Replace(got.Stderr)
	if strings.Contains(got.String(), token) {
		t.Errorf("a token is shown:\n%s", got)
	}
	return got
}

func TestWhoamiLive(t *testing.T) {
	t.Parallel()
	old := func(t *testing.T) *kubetest.Server {
		t.Helper()
		s := office(t)
		s.Handle(selfPath, func(w http.ResponseWriter, r *http.Request) {
			kubetest.Write(w, r, http.StatusNotFound, kubetest.Failure(http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource"))
		})
		return s
	}
	local := func(t *testing.T) *kubetest.Server {
		t.Helper()
		s := restricted(t)
		s.Object(rbacPath+"namespaces/team-a/rolebindings", &rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "team-a", Name: "editors"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "ann@x.com"}},
		}}})
		return s
	}
	tests := map[string]struct {
		server func(*testing.T) *kubetest.Server
		args   []string
	}{
		"whoami/local":      {local, nil},
		"whoami/table":      {office, nil},
		"whoami/json":       {office, []string{"-o", "json"}},
		"whoami/name":       {office, []string{"-o", "name"}},
		"whoami/as":         {office, []string{"--as", "ann@x.com"}},
		"whoami/restricted": {restricted, nil},
		"whoami/strict":     {restricted, []string{"--strict"}},
		"whoami/old":        {old, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, askLive(t, tt.server(t), append([]string{"whoami"}, tt.args...)...).String(), name)
		})
	}
}

func TestWhoamiFiles(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"whoami/nobody":    {"--from", acme},
		"whoami/owner":     {"--from", acme, "--as", "dana@acme.example"},
		"whoami/group":     {"--from", acme, "--as", "bob@acme.example", "--as-group", "ml-readers"},
		"whoami/account":   {"--from", acme, "--as", "system:serviceaccount:ci:deployer", "-o", "yaml"},
		"whoami/missing":   {"--from", acme, "--as", "luis@acme.example"},
		"whoami/superuser": {"--from", acme, "--as", "root", "--as-group", "system:masters"},
		"whoami/no-format": {"--from", acme, "--as", "root", "-o", "sarif"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, append([]string{"whoami"}, args...)...).String(), name)
		})
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config rest.Config
		want   []string
	}{
		"nothing":     {rest.Config{}, []string{}},
		"certificate": {rest.Config{TLSClientConfig: rest.TLSClientConfig{CertData: []byte("x")}}, []string{"client certificate"}},
		"both": {
			rest.Config{TLSClientConfig: rest.TLSClientConfig{CertFile: "x"}, BearerToken: token}, []string{"client certificate", "token"},
		},
		"in a pod": {rest.Config{BearerToken: token, BearerTokenFile: "/var/run/x"}, []string{"token of a file"}},
		"program": {
			rest.Config{ExecProvider: &api.ExecConfig{Command: "/opt/bin/kubelogin", Args: []string{"--secret=x"}}},
			[]string{"credentials of program kubelogin"},
		},
		"provider": {rest.Config{AuthProvider: &api.AuthProviderConfig{Name: "oidc"}}, []string{"auth provider oidc"}},
		"password": {rest.Config{Username: "ann", Password: "wonder"}, []string{"name and password"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, methods(&tt.config)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
