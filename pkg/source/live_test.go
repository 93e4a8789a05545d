package source_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const rbacPath = "/apis/rbac.authorization.k8s.io/v1/"

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

var (
	viewRule   = rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}
	ownURLRule = rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{"/version"}}
	viewRef    = rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"}
	bob        = rbacv1.Subject{Kind: "User", APIGroup: rbacv1.GroupName, Name: "bob"}
)

func object(namespace, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name, ResourceVersion: "1", Annotations: map[string]string{"a": "b"}}
}

// rbacServer has one object of each kind.
func rbacServer(t testing.TB) *kubetest.Server {
	t.Helper()
	server := kubetest.New(t)
	lists := map[string]runtime.Object{
		"roles": &rbacv1.RoleList{Items: []rbacv1.Role{
			{ObjectMeta: object("dev", "reader"), Rules: []rbacv1.PolicyRule{viewRule}},
		}},
		"clusterroles": &rbacv1.ClusterRoleList{Items: []rbacv1.ClusterRole{{
			ObjectMeta: metav1.ObjectMeta{Name: "view", Labels: map[string]string{"x": "y"}}, Rules: []rbacv1.PolicyRule{viewRule},
			AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"x": "z"}}}},
		}}},
		"rolebindings": &rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{
			{ObjectMeta: object("dev", "readers"), RoleRef: viewRef, Subjects: []rbacv1.Subject{bob}},
		}},
		"clusterrolebindings": &rbacv1.ClusterRoleBindingList{Items: []rbacv1.ClusterRoleBinding{
			{ObjectMeta: object("", "viewers"), RoleRef: viewRef, Subjects: []rbacv1.Subject{bob}},
		}},
	}
	for resource, list := range lists {
		server.Object(rbacPath+resource, list)
		server.Object(rbacPath+"namespaces/dev/"+resource, list)
	}
	server.Object("/api/v1/namespaces", &corev1.NamespaceList{Items: []corev1.Namespace{
		{ObjectMeta: metav1.ObjectMeta{Name: "dev", Labels: map[string]string{"team": "x"}}},
	}})
	server.Object("/api/v1/serviceaccounts", &corev1.ServiceAccountList{Items: []corev1.ServiceAccount{{ObjectMeta: object("dev", "ci")}}})
	server.Object("/apis/authentication.k8s.io/v1/selfsubjectreviews", &authenticationv1.SelfSubjectReview{
		Status: authenticationv1.SelfSubjectReviewStatus{UserInfo: authenticationv1.UserInfo{Username: "bob", Groups: []string{"devs"}}},
	})
	server.Object("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", &authorizationv1.SelfSubjectRulesReview{
		Status: authorizationv1.SubjectRulesReviewStatus{
			ResourceRules: []authorizationv1.ResourceRule{
				{Verbs: viewRule.Verbs, APIGroups: viewRule.APIGroups, Resources: viewRule.Resources},
			},
			NonResourceRules: []authorizationv1.NonResourceRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/version"}}},
		},
	})
	return server
}

func live(t testing.TB, server *kubetest.Server, warn func(string, ...any)) *source.LiveCluster {
	t.Helper()
	cluster, err := kube.New(server.Flags(t), "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return source.Live(cluster, clocktesting.NewFakePassiveClock(noon), warn)
}

func want() *rbac.Snapshot {
	return &rbac.Snapshot{
		Taken: noon,
		Roles: []rbac.Role{
			{Namespace: "dev", Name: "reader", Rules: []rbacv1.PolicyRule{viewRule}, Stored: true},
			{
				Name: "view", Labels: map[string]string{"x": "y"}, Rules: []rbacv1.PolicyRule{viewRule}, Stored: true,
				Aggregates: []metav1.LabelSelector{{MatchLabels: map[string]string{"x": "z"}}},
			},
		},
		Bindings: []rbac.Binding{
			{Namespace: "dev", Name: "readers", RoleRef: viewRef, Subjects: []rbacv1.Subject{bob}},
			{Name: "viewers", RoleRef: viewRef, Subjects: []rbacv1.Subject{bob}},
		},
	}
}

func compare(t *testing.T, want, got *rbac.Snapshot) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(rbac.Snapshot{}, "Cluster")); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	server := rbacServer(t)
	l := live(t, server, nil)
	got, err := l.Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, want(), got)
	if got.Cluster == "" || got.Cluster != l.Name() {
		t.Errorf("cluster %q, name %q", got.Cluster, l.Name())
	}
	requests := []string{
		"GET " + rbacPath + "clusterrolebindings?resourceVersion=0",
		"GET " + rbacPath + "clusterroles?resourceVersion=0",
		"GET " + rbacPath + "rolebindings?resourceVersion=0",
		"GET " + rbacPath + "roles?resourceVersion=0",
	}
	if diff := cmp.Diff(requests, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	user, groups, err := l.Self(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bob", "devs"}, append([]string{user}, groups...)); diff != "" {
		t.Errorf("self (-want +got):\n%s", diff)
	}
}

func TestLiveAsJSON(t *testing.T) {
	t.Parallel()
	server := rbacServer(t)
	plain := rbacServer(t)
	for _, resource := range []string{"roles", "clusterroles", "rolebindings", "clusterrolebindings"} {
		path := rbacPath + resource
		server.Handle(path, func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Accept", "application/json") // a server that knows no protobuf
			plain.Config.Handler.ServeHTTP(w, r)
		})
	}
	got, err := live(t, server, nil).Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	compare(t, want(), got)
}

func TestLiveWants(t *testing.T) {
	t.Parallel()
	server := rbacServer(t)
	for path, body := range map[string]string{"/api": coreDiscovery, "/apis": groupDiscovery} {
		server.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
			_, _ = io.WriteString(w, body)
		})
	}
	var warnings []string
	l := live(t, server, func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) })
	got, err := l.Load(t.Context(), source.Want{Resources: true, Namespaces: true, ServiceAccounts: true})
	if err != nil {
		t.Fatal(err)
	}
	wanted := want()
	wanted.Namespaces = []rbac.Namespace{{Name: "dev", Labels: map[string]string{"team": "x"}}}
	wanted.ServiceAccounts = []rbac.ObjectRef{{Namespace: "dev", Name: "ci"}}
	wanted.Resources = []rbac.Resource{{
		Version: "v1", Name: "pods", Singular: "pod", Kind: "Pod", ShortNames: []string{"po"}, Categories: []string{"all"},
		Namespaced: true, Verbs: []string{"get", "list"},
	}}
	wanted.Gaps = []rbac.Gap{{What: "resources of metrics.k8s.io", Cause: "the server behind it doesn't answer"}}
	compare(t, wanted, got)
	if diff := cmp.Diff([]string{"resources of metrics.k8s.io are not known: the server behind it doesn't answer"}, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if n := len(server.Requests()); n != 8 {
		t.Errorf("want 4 lists, 2 for discovery, namespaces and service accounts, got %q", server.Requests())
	}
}

const (
	coreDiscovery = `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[
 {"metadata":{"name":""},"versions":[{"version":"v1","freshness":"Current","resources":[
  {"resource":"pods","responseKind":{"group":"","version":"v1","kind":"Pod"},"scope":"Namespaced","singularResource":"pod",
   "verbs":["get","list"],"shortNames":["po"],"categories":["all"]}]}]}]}`
	groupDiscovery = `{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","items":[
 {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale","resources":[]}]}]}`
)

func missing(resource string) *rbacv1.PolicyRule {
	return &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{resource}}
}

func refuse(server *kubetest.Server, resource string, namespaces ...string) {
	server.Forbid(rbacPath+resource, resource+" refused")
	for _, namespace := range namespaces {
		server.Forbid(rbacPath+"namespaces/"+namespace+"/"+resource, resource+" refused in "+namespace)
	}
}

// own adds what a caller learns of itself. The server of these tests gives the same rules for every namespace and for
// none, so they hold everywhere.
func own(s *rbac.Snapshot) {
	const name, origin = "selfsubjectrulesreview", "SelfSubjectRulesReview"
	s.Roles = append(s.Roles,
		rbac.Role{Name: name, Rules: []rbacv1.PolicyRule{ownURLRule, viewRule}, Stored: true, Origin: origin})
	s.Bindings = append(s.Bindings,
		rbac.Binding{
			Name: name, Origin: origin, Subjects: []rbacv1.Subject{bob},
			RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		})
}

func TestLiveRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*kubetest.Server)
		want    source.Want
		change  func(*rbac.Snapshot) // from what an unlimited caller gets
	}{
		"role bindings everywhere, not in the namespace": {
			prepare: func(s *kubetest.Server) { refuse(s, "rolebindings") },
			want:    source.Want{Namespace: "dev"},
			change: func(s *rbac.Snapshot) {
				s.Gaps = []rbac.Gap{{
					What: "rolebindings outside of namespace dev", Cause: "rolebindings refused", Missing: missing("rolebindings"),
				}}
			},
		},
		"role bindings everywhere and in the context's namespace": {
			prepare: func(s *kubetest.Server) { refuse(s, "rolebindings", "default") },
			change: func(s *rbac.Snapshot) {
				s.Bindings = s.Bindings[1:]
				s.Gaps = []rbac.Gap{
					{What: "rolebindings in all namespaces", Cause: "rolebindings refused", Missing: missing("rolebindings")},
					{
						What: "rolebindings in namespace default", Namespace: "default",
						Cause: "rolebindings refused in default", Missing: missing("rolebindings"),
					},
				}
				own(s)
			},
		},
		"cluster roles": {
			prepare: func(s *kubetest.Server) { refuse(s, "clusterroles") },
			want:    source.Want{Namespace: "dev"},
			change: func(s *rbac.Snapshot) {
				s.Roles = s.Roles[:1]
				s.Gaps = []rbac.Gap{{What: "clusterroles", Cause: "clusterroles refused", Missing: missing("clusterroles")}}
				own(s)
			},
		},
		"everything, even reviews": {
			prepare: func(s *kubetest.Server) {
				for _, resource := range []string{"roles", "rolebindings", "clusterroles", "clusterrolebindings"} {
					refuse(s, resource, "dev")
				}
				s.Forbid("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "no reviews")
				s.Forbid("/api/v1/namespaces", "no namespaces")
				s.Forbid("/api", "no discovery")
				s.Forbid("/apis", "no discovery")
			},
			want: source.Want{Namespace: "dev", Namespaces: true, Resources: true},
			change: func(s *rbac.Snapshot) {
				s.Roles, s.Bindings = nil, nil
				s.Gaps = []rbac.Gap{
					{What: "clusterrolebindings", Cause: "clusterrolebindings refused", Missing: missing("clusterrolebindings")},
					{What: "clusterroles", Cause: "clusterroles refused", Missing: missing("clusterroles")},
					{What: "namespaces", Cause: "no namespaces", Missing: &rbacv1.PolicyRule{
						Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"namespaces"},
					}},
					{What: "own rules in namespace dev", Namespace: "dev", Cause: "no reviews"},
					{What: "resources that the server serves", Cause: "Forbidden", Missing: &rbacv1.PolicyRule{
						Verbs: []string{"get"}, NonResourceURLs: []string{"/api", "/api/*", "/apis", "/apis/*"},
					}},
					{What: "rolebindings in all namespaces", Cause: "rolebindings refused", Missing: missing("rolebindings")},
					{What: "rolebindings in namespace dev", Namespace: "dev", Cause: "rolebindings refused in dev", Missing: missing("rolebindings")},
					{What: "roles in all namespaces", Cause: "roles refused", Missing: missing("roles")},
					{What: "roles in namespace dev", Namespace: "dev", Cause: "roles refused in dev", Missing: missing("roles")},
				}
			},
		},
		"discovery that is broken": {
			prepare: func(s *kubetest.Server) {
				for _, path := range []string{"/api", "/apis"} {
					s.Handle(path, func(w http.ResponseWriter, r *http.Request) {
						kubetest.Write(w, r, http.StatusInternalServerError,
							kubetest.Failure(http.StatusInternalServerError, metav1.StatusReasonInternalError, "no storage"))
					})
				}
			},
			want: source.Want{Resources: true},
			change: func(s *rbac.Snapshot) {
				s.Gaps = []rbac.Gap{{
					What:  "resources that the server serves",
					Cause: `an error on the server ("unknown") has prevented the request from succeeding`,
				}}
			},
		},
		"namespaces only": {
			prepare: func(s *kubetest.Server) { s.Forbid("/api/v1/namespaces", "no namespaces") },
			want:    source.Want{Namespaces: true},
			change: func(s *rbac.Snapshot) {
				s.Gaps = []rbac.Gap{{What: "namespaces", Cause: "no namespaces", Missing: &rbacv1.PolicyRule{
					Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"namespaces"},
				}}}
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := rbacServer(t)
			tc.prepare(server)
			got, err := live(t, server, nil).Load(t.Context(), tc.want)
			if err != nil {
				t.Fatal(err)
			}
			wanted := want()
			tc.change(wanted)
			compare(t, wanted, got)
		})
	}
}

func TestLiveIncompleteOwnRules(t *testing.T) {
	t.Parallel()
	server := rbacServer(t)
	refuse(server, "clusterroles")
	server.Object("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", &authorizationv1.SelfSubjectRulesReview{
		Status: authorizationv1.SubjectRulesReviewStatus{Incomplete: true},
	})
	got, err := live(t, server, nil).Load(t.Context(), source.Want{Namespace: "dev"})
	if err != nil {
		t.Fatal(err)
	}
	wanted := want()
	wanted.Roles = wanted.Roles[:1]
	wanted.Gaps = []rbac.Gap{
		{What: "clusterroles", Cause: "clusterroles refused", Missing: missing("clusterroles")},
		{What: "own rules in namespace dev", Namespace: "dev", Cause: "the server has authorizers that can't list their rules"},
		{What: "own rules in the whole cluster", Cause: "the server has authorizers that can't list their rules"},
	}
	compare(t, wanted, got)
}

func TestLiveErrors(t *testing.T) {
	t.Parallel()
	t.Run("expired token", func(t *testing.T) {
		t.Parallel()
		server := rbacServer(t)
		server.Handle(rbacPath+"roles", func(w http.ResponseWriter, r *http.Request) {
			kubetest.Write(w, r, http.StatusUnauthorized, kubetest.Failure(http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "Unauthorized"))
		})
		if _, err := live(t, server, nil).Load(t.Context(), source.Want{}); !apierrors.IsUnauthorized(err) {
			t.Errorf("want Unauthorized, got %v", err)
		}
	})
	t.Run("unreachable", func(t *testing.T) {
		t.Parallel()
		server := rbacServer(t)
		server.Close()
		if s, err := live(t, server, nil).Load(t.Context(), source.Want{}); err == nil {
			t.Errorf("want an error, got %v", s)
		}
	})
}
