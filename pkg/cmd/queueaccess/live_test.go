package queueaccess

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// live starts a server on which a scientist may read nothing but what he is given, and returns it with the flags that use it.
func live(t *testing.T) (*kubetest.Server, []string) {
	t.Helper()
	s := kubetest.New(t)
	for _, path := range []string{
		"/api/v1/namespaces", "/api/v1/serviceaccounts", "/apis/rbac.authorization.k8s.io/v1/roles", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
		"/apis/rbac.authorization.k8s.io/v1/rolebindings", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
		"/api/v1/namespaces/training", "/api/v1/namespaces/kueue-system/configmaps", "/apis/apps/v1/namespaces/kaiwo-system/deployments", "/apis/batch/v1/jobs", "/apis/batch/v1/namespaces/training/jobs",
		"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
		"/apis/rbac.authorization.k8s.io/v1/namespaces/training/roles", "/apis/rbac.authorization.k8s.io/v1/namespaces/training/rolebindings",
	} {
		s.Forbid(path, "forbidden")
	}
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, "config")
	if err := os.WriteFile(kubeconfig, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return s, []string{"--kubeconfig", kubeconfig, "--server", s.URL, "--cache-dir", filepath.Join(dir, "cache")}
}

// That nothing could be judged is no clean bill; the review of operators needs no queues.
func TestCheckUnread(t *testing.T) {
	t.Parallel()
	s, flags := live(t)
	served := func(version, resource, kind string) {
		s.Forbid("/apis/"+version+"/"+resource, "forbidden")
		s.Object("/apis/"+version, &metav1.APIResourceList{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "APIResourceList"}, GroupVersion: version,
			APIResources: []metav1.APIResource{{Name: resource, Kind: kind, Verbs: metav1.Verbs{"list"}}},
		})
	}
	served("kaiwo.silogen.ai/v1alpha1", "kaiwoqueueconfigs", "KaiwoQueueConfig")
	served("kueue.x-k8s.io/v1beta1", "clusterqueues", "ClusterQueue")
	got := execute(t, "", append([]string{"check", "-n", "training"}, flags...)...)
	for _, want := range []string{"resources: [kaiwoqueueconfigs]", "error: check queues: none can be read, so that nothing was judged\n"} {
		if got.Code != 2 || !strings.Contains(got.Stderr, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
	if got := execute(t, "", append([]string{"check", "--operator", "-n", "training"}, flags...)...); got.Code != 0 {
		t.Errorf("the review of operators: %s", got)
	}
}

// That nobody may see whether there is a guard is said with what it takes.
func TestGuardUnread(t *testing.T) {
	t.Parallel()
	s, flags := live(t)
	served := &metav1.APIResourceList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "APIResourceList"}, GroupVersion: "admissionregistration.k8s.io/v1"}
	for resource, kind := range map[string]string{"validatingadmissionpolicies": "ValidatingAdmissionPolicy", "validatingadmissionpolicybindings": "ValidatingAdmissionPolicyBinding"} {
		served.APIResources = append(served.APIResources, metav1.APIResource{Name: resource, Kind: kind, Verbs: metav1.Verbs{"get"}})
		for _, object := range queue.GuardNames() {
			s.Forbid("/apis/admissionregistration.k8s.io/v1/"+resource+"/"+object.GetName(), "no")
		}
	}
	s.Object("/apis/admissionregistration.k8s.io/v1", served)
	got := execute(t, "", append([]string{"guard", "--remove", "-y"}, flags...)...)
	want := "error: guard queues: whether there is a guard can't be read\nhint: it takes the rule {apiGroups: [admissionregistration.k8s.io], resources: [validatingadmissionpolicies, validatingadmissionpolicybindings], verbs: [get]}\n"
	if got.Code != 1 || !strings.Contains(got.Stderr, want) {
		t.Errorf("it does not say %q:\n%s", want, got)
	}
}

// Who may not list roles may be allowed to read one of them; one that can't be read is not taken for one that is not there.
func TestRoleCompareUnread(t *testing.T) {
	t.Parallel()
	const path = "/apis/rbac.authorization.k8s.io/v1/namespaces/training/roles/scientist"
	role := &rbacv1.Role{
		TypeMeta:   metav1.TypeMeta{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "Role"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "training", Name: "scientist"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}}},
	}
	tests := map[string]struct {
		answer func(s *kubetest.Server)
		code   int
		want   []string
	}{
		"it may be read":     {func(s *kubetest.Server) { s.Object(path, role) }, 0, []string{"too much", "secrets"}},
		"it may not be read": {func(s *kubetest.Server) { s.Forbid(path, "no") }, 1, []string{"compare role/scientist: it can't be read in training\n", "resources: [roles], resourceNames: [scientist], verbs: [get]} in training"}},
		"there is none": {func(s *kubetest.Server) {
			s.Handle(path, func(w http.ResponseWriter, r *http.Request) {
				kubetest.Write(w, r, http.StatusNotFound, kubetest.Failure(http.StatusNotFound, metav1.StatusReasonNotFound, "none"))
			})
		}, 1, []string{"compare role/scientist: there is none in training\n"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, flags := live(t)
			tt.answer(s)
			got := execute(t, "", append([]string{"role", "--compare", "role/scientist", "-n", "training"}, flags...)...)
			if got.Code != tt.code {
				t.Errorf("exit %d, want %d\n%s", got.Code, tt.code, got)
			}
			for _, want := range tt.want {
				if !strings.Contains(got.String(), want) {
					t.Errorf("it does not say %q:\n%s", want, got)
				}
			}
		})
	}
}
