package change_test

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

var (
	bindings = schema.GroupVersionResource{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"}
	policies = schema.GroupVersionResource{Group: "security.istio.io", Version: "v1beta1", Resource: "authorizationpolicies"}
)

// workspaceText is a workspace of ann, in which bob is an editor, carol a viewer for a while and without a way in, and a
// binding names dan and eve.
const workspaceText = `
apiVersion: v1
kind: Namespace
metadata:
  name: NS
  annotations: {owner: ann@x.com}
  labels: {app.kubernetes.io/part-of: kubeflow-profile, istio-injection: enabled, pod-security.kubernetes.io/enforce: baseline}
---
apiVersion: kubeflow.org/v1
kind: Profile
metadata: {name: NS}
spec: {owner: {apiGroup: rbac.authorization.k8s.io, kind: User, name: ann@x.com}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: namespaceAdmin, namespace: NS, annotations: {user: ann@x.com, role: admin}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann@x.com}]
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: ns-owner-access-istio, namespace: NS, annotations: {user: ann@x.com, role: admin}}
spec:
  rules:
  - from: [{source: {principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account, cluster.local/ns/kubeflow/sa/ml-pipeline-ui]}}]
    when: [{key: "request.headers[kubeflow-userid]", values: [ann@x.com]}]
  - when: [{key: source.namespace, values: [NS]}]
  - to: [{operation: {paths: [/healthz, /metrics, /wait-for-drain]}}]
  - from: [{source: {principals: [cluster.local/ns/kubeflow/sa/notebook-controller-service-account]}}]
    to: [{operation: {methods: [GET], paths: ["*/api/kernels"]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: user-bob-x-com-clusterrole-edit, namespace: NS, labels: {team: a}, annotations: {user: bob@x.com, role: edit}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-edit}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob@x.com}]
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: user-bob-x-com-clusterrole-edit, namespace: NS, annotations: {user: bob@x.com, role: edit}}
spec:
  rules:
  - from: [{source: {principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account, cluster.local/ns/kubeflow/sa/ml-pipeline-ui]}}]
    when: [{key: "request.headers[kubeflow-userid]", values: [bob@x.com]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: user-carol-x-com-clusterrole-view
  namespace: NS
  annotations: {user: carol@x.com, role: view, gatehouse.dev/http: "false", gatehouse.dev/expires: "2035-01-01T00:00:00Z"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: carol@x.com}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: both, namespace: NS}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-view}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: dan@x.com}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: eve@x.com}
`

// place is one workspace.
type place struct {
	*testing.T
	name string
}

func newPlace(t *testing.T, name string) *place {
	t.Helper()
	p := &place{t, name}
	p.apply(workspaceText)
	return p
}

// apply writes the objects of a text, in which NS stands for the workspace, as somebody else would.
func (p *place) apply(text string) {
	p.Helper()
	var objects []*unstructured.Unstructured
	for one := range strings.SplitSeq(strings.ReplaceAll(text, "NS", p.name), "\n---\n") {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(one), &o.Object); err != nil {
			p.Fatal(err)
		}
		objects = append(objects, o)
	}
	if err := server.cp.ApplyObjects(p.Context(), objects...); err != nil {
		p.Fatal(err)
	}
}

// bindingText is a role binding of a cluster role for a user.
func bindingText(name, role, user string) string {
	return `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: ` + name + `, namespace: NS},
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ` + role + `},
		subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ` + user + `}]}`
}

// state returns the members' objects by kind and name, as a person would have written them, with the workspace's name
// left out, so that workspaces can be compared.
func (p *place) state() map[string]string {
	p.Helper()
	out := map[string]string{}
	for _, resource := range []schema.GroupVersionResource{bindings, policies} {
		list, err := server.client.Resource(resource).Namespace(p.name).List(p.Context(), metav1.ListOptions{})
		if err != nil {
			p.Fatal(err)
		}
		for i := range list.Items {
			o := &list.Items[i]
			for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"} {
				unstructured.RemoveNestedField(o.Object, "metadata", field)
			}
			data, err := json.Marshal(o.Object)
			if err != nil {
				p.Fatal(err)
			}
			out[resource.Resource+"/"+o.GetName()] = strings.ReplaceAll(string(data), p.name, "NS")
		}
	}
	return out
}

// patch changes an object as somebody else would.
func (p *place) patch(resource schema.GroupVersionResource, name, text string) {
	p.Helper()
	_, err := server.client.Resource(resource).Namespace(p.name).
		Patch(p.Context(), name, types.MergePatchType, []byte(text), metav1.PatchOptions{})
	if err != nil {
		p.Fatal(err)
	}
}

func (p *place) delete(resource schema.GroupVersionResource, name string) {
	p.Helper()
	if err := server.client.Resource(resource).Namespace(p.name).Delete(p.Context(), name, metav1.DeleteOptions{}); err != nil {
		p.Fatal(err)
	}
}

// world is a cluster as one user sees it.
type world struct{ cluster *kube.Cluster }

func (w world) Inventory(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	return source.LiveInventory(ctx, w.cluster, clock.RealClock{}, nil, want)
}

func (w world) Rights(ctx context.Context) (*rbac.Index, error) {
	snapshot, err := source.Live(w.cluster, clock.RealClock{}, nil).Load(ctx, source.Want{})
	if err != nil {
		return nil, err
	}
	return rbac.Compile(snapshot), nil
}

func (w world) Self(ctx context.Context) (rbac.Identity, error) {
	self, err := w.cluster.Self(ctx)
	return rbac.NewIdentity(rbac.User(self.Username), self.Groups...), err
}

func (w world) Server() plan.Server { return source.Server(w.cluster) }

// makerOn returns the maker of who is in a kubeconfig.
func makerOn(t *testing.T, kubeconfig string) *change.Maker {
	t.Helper()
	flags := cli.NewConnection()
	cache := t.TempDir()
	flags.KubeConfig, flags.CacheDir = &kubeconfig, &cache
	cluster, err := kube.New(flags, "gatehouse-test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return change.New(world{cluster}, clock.RealClock{}.Now, "kubectl-gatehouse")
}

// makerOf returns the maker of a user; no name is a superuser.
func makerOf(t *testing.T, user string) *change.Maker {
	t.Helper()
	if user == "" {
		return makerOn(t, server.cp.Admin())
	}
	kubeconfig, err := server.cp.Kubeconfig(user, "system:authenticated")
	if err != nil {
		t.Fatal(err)
	}
	return makerOn(t, kubeconfig)
}

// propose works a wish out that the server must have nothing against.
func propose(t *testing.T, m *change.Maker, wish change.Wish) *change.Proposal {
	t.Helper()
	p, err := m.Propose(t.Context(), wish)
	if err != nil {
		t.Fatalf("Propose: %v", err)
	}
	if len(p.Refused) > 0 || p.DryRun != nil {
		t.Fatalf("the server is against it: %v, %v", p.Refused, p.DryRun)
	}
	return p
}

// do carries a wish out, which must be possible.
func do(t *testing.T, m *change.Maker, wish change.Wish) *change.Result {
	t.Helper()
	result, err := m.Carry(t.Context(), propose(t, m, wish), nil)
	if err != nil {
		t.Fatalf("Carry: %v", err)
	}
	return result
}
