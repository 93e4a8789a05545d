package profile

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// cluster is a server with one profile, "x", that changes from look to look.
type cluster struct {
	*kubetest.Server
	// look counts how often the profile was read, from 1.
	look atomic.Int32
	// from says from which look on things are there; 0 is never.
	namespaceFrom, restFrom int32
	owner                   string // whom the namespace names
	controller              *appsv1.Deployment
	brokenAt                int32
	// quota is that of the Profile; the ResourceQuota has it from restFrom on.
	quota *corev1.ResourceQuotaSpec
	// native makes the namespace a workspace of plain Kubernetes.
	native bool
	// forbidden are paths that the caller may not read.
	forbidden []string
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	return &cluster{Server: kubetest.New(t), owner: "ann@x.example"}
}

// serve tells the server what to answer.
func (c *cluster) serve() {
	read := kubeflow.Profile{Name: "x", UID: "1", Owner: rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: "User", Name: "ann@x.example"}}
	profile := kubeflow.NewProfile("x", read.Owner, c.quota, nil)
	c.Handle("/apis/kubeflow.org/v1/profiles/x", func(w http.ResponseWriter, r *http.Request) {
		if c.look.Add(1) == c.brokenAt {
			kubetest.Write(w, r, http.StatusInternalServerError, kubetest.Failure(http.StatusInternalServerError, metav1.StatusReasonInternalError, "restarting"))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(profile.Object) // the client sees what is wrong
	})
	c.Handle("/api/v1/namespaces/x", func(w http.ResponseWriter, r *http.Request) {
		if !c.reached(c.namespaceFrom) {
			kubetest.Write(w, r, http.StatusNotFound, kubetest.Failure(http.StatusNotFound, metav1.StatusReasonNotFound, `namespaces "x" not found`))
			return
		}
		ns := kubeflow.NamespaceObject(read, kubeflow.DefaultConfig())
		ns.Annotations[kubeflow.OwnerAnnotation] = c.owner
		if c.native {
			ns.Labels = map[string]string{workspace.Label: "true"}
			ns.Annotations = map[string]string{workspace.OwnerAnnotation: c.owner}
		}
		kubetest.Write(w, r, http.StatusOK, ns)
	})
	c.list("/apis/rbac.authorization.k8s.io/v1/namespaces/x/rolebindings", &rbacv1.RoleBindingList{}, &rbacv1.RoleBindingList{
		Items: []rbacv1.RoleBinding{
			*kubeflow.AccountBinding(read, kubeflow.EditorAccount), *kubeflow.AccountBinding(read, kubeflow.ViewerAccount),
			*kubeflow.OwnerRoleBinding(read),
		},
	})
	c.list("/api/v1/namespaces/x/serviceaccounts", &corev1.ServiceAccountList{}, &corev1.ServiceAccountList{
		Items: []corev1.ServiceAccount{
			*kubeflow.AccountObject(read, kubeflow.EditorAccount), *kubeflow.AccountObject(read, kubeflow.ViewerAccount),
		},
	})
	quotas := &corev1.ResourceQuotaList{}
	if c.quota != nil {
		quotas.Items = []corev1.ResourceQuota{{ObjectMeta: metav1.ObjectMeta{Namespace: "x", Name: kubeflow.Quota}, Spec: *c.quota}}
	}
	c.list("/api/v1/namespaces/x/resourcequotas", &corev1.ResourceQuotaList{}, quotas)
	c.Object("/api/v1/namespaces/kubeflow/configmaps", &corev1.ConfigMapList{})
	deployments := &appsv1.DeploymentList{}
	if c.controller != nil {
		deployments.Items = append(deployments.Items, *c.controller)
	}
	c.Object("/apis/apps/v1/namespaces/kubeflow/deployments", deployments)
	for _, path := range c.forbidden {
		c.Forbid(path, "you may not")
	}
}

func (c *cluster) reached(look int32) bool { return look > 0 && c.look.Load() >= look }

func (c *cluster) list(path string, before, after runtime.Object) {
	c.Handle(path, func(w http.ResponseWriter, r *http.Request) {
		if c.reached(c.restFrom) {
			kubetest.Write(w, r, http.StatusOK, after)
			return
		}
		kubetest.Write(w, r, http.StatusOK, before)
	})
}

// ask runs the plugin against the server, with a clock that goes on as soon as somebody waits for it.
func (c *cluster) ask(t *testing.T, args ...string) outcome {
	t.Helper()
	c.serve()
	empty := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fake := clocktesting.NewFakeClock(now())
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if fake.HasWaiters() {
				fake.Step(time.Second)
			}
			time.Sleep(time.Millisecond)
		}
	}()
	defer func() { stop(); <-done }()
	return executeAt(t, fake, "", append(args, "--server", c.URL, "--kubeconfig", empty)...)
}

func TestWaitLive(t *testing.T) {
	t.Parallel()
	controller := func(available int32) *appsv1.Deployment {
		return &appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{Namespace: kubeflow.SystemNamespace, Name: kubeflow.ControllerName},
			Status:     appsv1.DeploymentStatus{AvailableReplicas: available},
		}
	}
	tests := map[string]struct {
		prepare func(*cluster)
		args    []string
		code    int
		stdout  string
		// stderr is in it in this order
		stderr []string
	}{
		"comes bit by bit": {
			prepare: func(c *cluster) { c.namespaceFrom, c.restFrom = 3, 5 },
			stdout:  "profile x is ready\n",
			stderr:  []string{"Pending: its namespace has not been made yet", "Pending: not made yet: rolebinding default-editor"},
		},
		"server comes back": {
			prepare: func(c *cluster) { c.namespaceFrom, c.restFrom, c.brokenAt = 3, 3, 2 },
			stdout:  "profile x is ready\n",
			stderr:  []string{"Pending", "restarting", "trying again"},
		},
		"no server at first": {
			prepare: func(c *cluster) { c.brokenAt = 1 },
			code:    2, stderr: []string{"restarting"},
		},
		"no controller": {
			prepare: func(*cluster) {},
			code:    1, stderr: []string{"Pending", "is not ready after 2m0s", "no profile controller of Kubeflow was seen"},
		},
		"a controller that is down": {
			prepare: func(c *cluster) { c.controller = controller(0) },
			args:    []string{"--timeout", "10s"},
			code:    1, stderr: []string{"is not ready after 10s", "controller is not available"},
		},
		"a controller that takes its time": {
			prepare: func(c *cluster) { c.controller = controller(1) },
			args:    []string{"--timeout", "10s"},
			code:    1, stderr: []string{"error: profile x is not ready after 10s: Pending: its namespace has not been made yet\n"},
		},
		"a conflict": {
			prepare: func(c *cluster) { c.namespaceFrom, c.owner = 1, "somebody@x.example" },
			code:    1, stderr: []string{"Conflict", "is not ready after ", "hint: kubectl profile adopt x"},
		},
		"one look": {
			prepare: func(c *cluster) { c.namespaceFrom, c.restFrom = 2, 2 },
			args:    []string{"--timeout", "0"},
			code:    1, stderr: []string{"is not ready: Pending"},
		},
		"not deleted": {
			prepare: func(c *cluster) { c.namespaceFrom, c.restFrom = 1, 1 },
			args:    []string{"--for", "deleted", "--timeout", "3s"},
			code:    1, stderr: []string{"waiting for profile x: Ready", "is not deleted after 3s: Ready"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			tt.prepare(c)
			got := c.ask(t, append([]string{"wait", "x"}, tt.args...)...)
			if got.Code != tt.code || got.Stdout != tt.stdout {
				t.Errorf("exit %d, stdout %q; want %d, %q\n%s", got.Code, got.Stdout, tt.code, tt.stdout, got.Stderr)
			}
			rest := got.Stderr
			for _, text := range tt.stderr {
				_, after, found := strings.Cut(rest, text)
				if !found {
					t.Fatalf("no %q in %q of:\n%s", text, rest, got.Stderr)
				}
				rest = after
			}
		})
	}
}

// TestListMine lists as somebody who may list nothing, and is a member of one workspace.
func TestListMine(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"mine":        {"list", "-n", "x"},
		"mine-csv":    {"list", "-n", "x", "-o", "csv"},
		"mine-json":   {"list", "-n", "x", "-o", "json"},
		"mine-strict": {"list", "-n", "x", "--strict"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			c.serve()
			for _, path := range []string{
				"/apis/kubeflow.org/v1/profiles/x", "/api/v1/namespaces/x", "/apis/rbac.authorization.k8s.io/v1/namespaces/x/rolebindings",
				"/apis/security.istio.io/v1beta1/namespaces/x/authorizationpolicies", "/api/v1/namespaces/x/serviceaccounts",
				"/api/v1/namespaces/x/resourcequotas",
			} {
				c.Forbid(path, "you may not")
			}
			for group, resource := range map[string]string{"kubeflow.org/v1": "profiles", "security.istio.io/v1beta1": "authorizationpolicies"} {
				c.Object("/apis/"+group, &metav1.APIResourceList{GroupVersion: group, APIResources: []metav1.APIResource{{Name: resource}}})
			}
			c.Handle("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", mayUsePods)
			empty := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(empty, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, execute(t, "", append(args, "--server", c.URL, "--kubeconfig", empty)...).String(), "list/"+name)
		})
	}
}

// mayUsePods answers that the caller may do with pods in x what he likes, and nothing else.
func mayUsePods(w http.ResponseWriter, r *http.Request) {
	review := &authorizationv1.SelfSubjectAccessReview{}
	body, err := io.ReadAll(r.Body)
	if err == nil {
		_, _, err = scheme.Codecs.UniversalDeserializer().Decode(body, nil, review)
	}
	if err != nil || review.Spec.ResourceAttributes == nil {
		kubetest.Write(w, r, http.StatusBadRequest, kubetest.Failure(http.StatusBadRequest, metav1.StatusReasonBadRequest, "want a review"))
		return
	}
	a := review.Spec.ResourceAttributes
	review.Status.Allowed = a.Namespace == "x" && a.Resource == "pods"
	kubetest.Write(w, r, http.StatusCreated, review)
}
