package source_test

import (
	"net/http"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// rule is one that would close a gap.
func rule(verb, group, resource string, names ...string) *rbacv1.PolicyRule {
	return &rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: []string{resource}, ResourceNames: names}
}

func TestLiveInventoryRefused(t *testing.T) {
	t.Parallel()
	const (
		serves   = "/apis/kubeflow.org/v1"
		homePath = rbacPath + "namespaces/home/rolebindings"
	)
	resources := func(names ...string) *metav1.APIResourceList {
		list := &metav1.APIResourceList{GroupVersion: "kubeflow.org/v1"}
		for _, name := range names {
			list.APIResources = append(list.APIResources, metav1.APIResource{Name: name})
		}
		return list
	}
	for name, test := range map[string]struct {
		set       func(*kubetest.Server)
		want      inventory.Want
		objects   []string
		gaps      []rbac.Gap
		notServed bool
	}{
		"outside of home": {
			set: func(s *kubetest.Server) {
				s.Forbid(bindingsPath, "not everywhere")
				s.Object(homePath, &rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{{ObjectMeta: meta("home", "x")}}})
			},
			want:    inventory.Want{Kinds: []inventory.Kind{inventory.RoleBindings}},
			objects: []string{"rbac.authorization.k8s.io/v1 RoleBinding home/x"},
			gaps: []rbac.Gap{{
				What: "rolebindings outside of namespace home", Cause: "not everywhere", Missing: rule("list", rbacv1.GroupName, "rolebindings"),
			}},
		},
		"nowhere": {
			set: func(s *kubetest.Server) {
				s.Forbid(bindingsPath, "not everywhere")
				s.Forbid(homePath, "not at home")
			},
			want: inventory.Want{Kinds: []inventory.Kind{inventory.RoleBindings}},
			gaps: []rbac.Gap{
				{What: "rolebindings in all namespaces", Cause: "not everywhere", Missing: rule("list", rbacv1.GroupName, "rolebindings")},
				{
					What: "rolebindings in namespace home", Namespace: "home", Cause: "not at home",
					Missing: rule("list", rbacv1.GroupName, "rolebindings"),
				},
			},
		},
		"a namespace": {
			set:  func(s *kubetest.Server) { s.Forbid(rbacPath+"namespaces/team-a/rolebindings", "not there") },
			want: inventory.Want{Kinds: []inventory.Kind{inventory.RoleBindings}, Namespace: "team-a"},
			gaps: []rbac.Gap{{
				What: "rolebindings in namespace team-a", Namespace: "team-a", Cause: "not there",
				Missing: rule("list", rbacv1.GroupName, "rolebindings"),
			}},
		},
		"other namespaces": {
			set: func(s *kubetest.Server) {
				s.Forbid("/api/v1/namespaces", "not all")
				s.Object("/api/v1/namespaces/home", &corev1.Namespace{ObjectMeta: meta("", "home")})
			},
			want:    inventory.Want{Kinds: []inventory.Kind{inventory.Namespaces}},
			objects: []string{"v1 Namespace home"},
			gaps:    []rbac.Gap{{What: "namespaces other than home", Cause: "not all", Missing: rule("list", "", "namespaces")}},
		},
		"profiles": {
			set: func(s *kubetest.Server) {
				s.Forbid(profilesPath, "no")
				s.Forbid(profilesPath+"/home", "no")
				s.Object(serves, resources("profiles"))
			},
			want: inventory.Want{Kinds: []inventory.Kind{inventory.Profiles}},
			gaps: []rbac.Gap{{What: "profiles", Cause: "no", Missing: rule("list", "kubeflow.org", "profiles")}},
		},
		"a profile": {
			set: func(s *kubetest.Server) {
				s.Forbid(profilesPath+"/team-a", "no")
				s.Object(serves, resources("profiles"))
			},
			want: inventory.Want{Kinds: []inventory.Kind{inventory.Profiles}, Namespace: "team-a"},
			gaps: []rbac.Gap{{What: "profiles team-a", Cause: "no", Missing: rule("get", "kubeflow.org", "profiles", "team-a")}},
		},
		"not served": {
			set:       func(s *kubetest.Server) { s.Forbid(profilesPath, "no") },
			want:      inventory.Want{Kinds: []inventory.Kind{inventory.Profiles}},
			notServed: true,
		},
		"not in the group": {
			set: func(s *kubetest.Server) {
				s.Forbid(profilesPath, "no")
				s.Object(serves, resources("notebooks"))
			},
			want:      inventory.Want{Kinds: []inventory.Kind{inventory.Profiles}},
			notServed: true,
		},
		"not even told": {
			set: func(s *kubetest.Server) {
				s.Forbid(profilesPath, "no")
				s.Forbid(profilesPath+"/home", "no")
				s.Forbid(serves, "no")
			},
			want: inventory.Want{Kinds: []inventory.Kind{inventory.Profiles}},
			gaps: []rbac.Gap{{What: "profiles", Cause: "no", Missing: rule("list", "kubeflow.org", "profiles")}},
		},
		"controller": {
			set: func(s *kubetest.Server) {
				s.Forbid("/apis/apps/v1/namespaces/kubeflow/deployments", "no")
				s.Forbid("/api/v1/namespaces/kubeflow/configmaps", "no")
			},
			want: inventory.Want{Kinds: []inventory.Kind{inventory.Controller}, Namespace: "team-a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			test.set(server)
			inv, warned, err := readLive(t, server, test.want)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "objects", test.objects, names(inv))
			diff(t, "gaps", test.gaps, inv.Gaps)
			diff(t, "warnings", []string(nil), warned)
			kind := test.want.Kinds[0]
			if inv.Served[kind] == test.notServed {
				t.Errorf("served: %v", inv.Served)
			}
			if missing := inv.Missing(kind); len(missing) != len(test.gaps) {
				t.Errorf("missing %s: %v", kind, missing)
			}
		})
	}
}

func TestLiveInventoryErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set   func(*kubetest.Server)
		kinds []inventory.Kind
		want  string
	}{
		"unknown kind": {set: func(*kubetest.Server) {}, kinds: []inventory.Kind{"nodes"}, want: `read inventory: there is no kind "nodes"`},
		"server": {
			set: func(s *kubetest.Server) {
				s.Handle(bindingsPath, func(w http.ResponseWriter, r *http.Request) {
					kubetest.Write(w, r, http.StatusInternalServerError, kubetest.Failure(http.StatusInternalServerError, metav1.StatusReasonInternalError, "broken"))
				})
			},
			kinds: []inventory.Kind{inventory.RoleBindings, inventory.Controller}, want: "list rolebindings: broken",
		},
		"two kinds, the second first": {
			set: func(s *kubetest.Server) {
				broken, answered := kubetest.Failure(http.StatusInternalServerError, metav1.StatusReasonInternalError, "broken"), make(chan struct{})
				s.Handle(bindingsPath, func(w http.ResponseWriter, r *http.Request) {
					<-answered
					kubetest.Write(w, r, http.StatusInternalServerError, broken)
				})
				s.Handle("/api/v1/pods", func(w http.ResponseWriter, r *http.Request) {
					kubetest.Write(w, r, http.StatusInternalServerError, broken)
					close(answered)
				})
			},
			kinds: []inventory.Kind{inventory.Pods, inventory.RoleBindings}, want: "list rolebindings: broken",
		},
		"impersonation": {
			set: func(s *kubetest.Server) {
				s.Forbid(bindingsPath, `users "x" is forbidden: User "me" cannot impersonate resource "users"`)
			},
			kinds: []inventory.Kind{inventory.RoleBindings},
			want:  `list rolebindings: users "x" is forbidden: User "me" cannot impersonate resource "users"`,
		},
		"not protobuf": {
			set: func(s *kubetest.Server) {
				s.Object(profilesPath, &corev1.PodList{Items: []corev1.Pod{{ObjectMeta: meta("a", "b")}}})
			},
			kinds: []inventory.Kind{inventory.Profiles}, want: "list profiles: read item 0: read object: a custom resource came as protobuf",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			test.set(server)
			_, _, err := readLive(t, server, inventory.Want{Kinds: test.kinds})
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}
