package change_test

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// company is a Kubeflow workspace of ann, in which bob is an editor until the end of the year, carol a viewer without a
// way in, and dan an editor without a policy; a namespace that is no workspace; and the roles.
const company = `
apiVersion: kubeflow.org/v1
kind: Profile
metadata: {name: dev}
spec: {owner: {apiGroup: rbac.authorization.k8s.io, kind: User, name: ann@x.com}, resourceQuotaSpec: {}}
---
apiVersion: v1
kind: Namespace
metadata: {name: dev, uid: ns, resourceVersion: "1", annotations: {owner: ann@x.com}, labels: {app.kubernetes.io/part-of: kubeflow-profile, istio-injection: enabled}}
---
apiVersion: v1
kind: Namespace
metadata: {name: plain, uid: pl, resourceVersion: "1"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: namespaceAdmin, namespace: dev, uid: a, resourceVersion: "1", annotations: {user: ann@x.com, role: admin}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann@x.com}]
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: ns-owner-access-istio, namespace: dev, uid: o, resourceVersion: "1", annotations: {user: ann@x.com, role: admin}}
spec:
  rules:
  - from: [{source: {principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account, cluster.local/ns/kubeflow/sa/ml-pipeline-ui]}}]
    when: [{key: "request.headers[kubeflow-userid]", values: [ann@x.com]}]
  - when: [{key: source.namespace, values: [dev]}]
  - to: [{operation: {paths: [/healthz, /metrics, /wait-for-drain]}}]
  - from: [{source: {principals: [cluster.local/ns/kubeflow/sa/notebook-controller-service-account]}}]
    to: [{operation: {methods: [GET], paths: ["*/api/kernels"]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: user-bob-x-com-clusterrole-edit
  namespace: dev
  uid: b
  resourceVersion: "1"
  annotations: {user: bob@x.com, role: edit, gatehouse.dev/expires: "2026-12-31T00:00:00Z"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-edit}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob@x.com}]
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata:
  name: user-bob-x-com-clusterrole-edit
  namespace: dev
  uid: c
  resourceVersion: "1"
  annotations: {user: bob@x.com, role: edit, gatehouse.dev/expires: "2026-12-31T00:00:00Z"}
spec:
  rules:
  - from: [{source: {principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account, cluster.local/ns/kubeflow/sa/ml-pipeline-ui]}}]
    when: [{key: "request.headers[kubeflow-userid]", values: [bob@x.com]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: user-carol-x-com-clusterrole-view
  namespace: dev
  uid: d
  resourceVersion: "1"
  annotations: {user: carol@x.com, role: view, gatehouse.dev/http: "false"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: carol@x.com}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: user-dan-x-com-clusterrole-edit, namespace: dev, uid: e, resourceVersion: "1", annotations: {user: dan@x.com, role: edit}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-edit}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: dan@x.com}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: kubeflow-view}
rules: [{verbs: [get], apiGroups: [""], resources: [pods]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: kubeflow-edit}
rules: [{verbs: [get, create], apiGroups: [""], resources: [pods, secrets]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: kubeflow-admin}
rules: [{verbs: ["*"], apiGroups: [""], resources: [pods, secrets]}]
`

// today is when proposals are made.
func today() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// world is a cluster that holds what a text says. It is asked, and tries what it is asked to; what is written is noted, and
// changes nothing.
type world struct {
	text string
	// self is who asks; ann when it is empty.
	self string
	// may decides access reviews: "create rolebindings in dev"; nil allows all. mayErr is the answer instead.
	may    func(question string) bool
	mayErr error
	// tried is the answer to all that is tried.
	tried error
	// unread fails all reads, rights those of roles and bindings.
	unread, rights error
	// change alters what was read; nil leaves it.
	change func(*inventory.Inventory)
	// wants are what was read.
	wants []inventory.Want
	// carrying allows writes; forbidden refuses those of a kind.
	carrying  bool
	forbidden string
	lock      sync.Mutex
	written   []string
}

func (w *world) Inventory(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	w.wants = append(w.wants, want)
	if w.unread != nil {
		return nil, w.unread
	}
	inv, err := source.FileInventory(ctx, []string{"-"}, source.FilesOptions{Stdin: strings.NewReader(w.text)}, want)
	if err != nil {
		return nil, err
	}
	inv.Live = true
	if w.change != nil {
		w.change(inv)
	}
	return inv, nil
}

func (w *world) Rights(ctx context.Context) (*rbac.Index, error) {
	if w.rights != nil {
		return nil, w.rights
	}
	from, err := source.FilesWith([]string{"-"}, source.FilesOptions{Stdin: strings.NewReader(w.text)})
	if err != nil {
		return nil, err
	}
	snapshot, err := from.Load(ctx, source.Want{})
	if err != nil {
		return nil, err
	}
	return rbac.Compile(snapshot), nil
}

func (w *world) Self(context.Context) (rbac.Identity, error) {
	return rbac.NewIdentity(rbac.User(cmp.Or(w.self, "ann@x.com"))), nil
}

func (w *world) Server() plan.Server { return w }

func (w *world) Get(_ context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if w.unread != nil {
		return nil, w.unread
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: strings.ToLower(o.GetKind()) + "s"}, o.GetName())
}

func (w *world) Create(_ context.Context, o *unstructured.Unstructured, how plan.Write) (*unstructured.Unstructured, error) {
	o = o.DeepCopy()
	o.SetUID("new")
	o.SetResourceVersion("2")
	return o, w.write("create", o, how)
}

func (w *world) Patch(_ context.Context, o *unstructured.Unstructured, _ []byte, how plan.Write) (*unstructured.Unstructured, error) {
	return o, w.write("patch", o, how)
}

func (w *world) Delete(_ context.Context, o *unstructured.Unstructured, _ types.UID, _ string, how plan.Write) error {
	return w.write("delete", o, how)
}

func (w *world) write(verb string, o *unstructured.Unstructured, how plan.Write) error {
	w.lock.Lock()
	defer w.lock.Unlock()
	switch {
	case how.FieldManager != "kubectl-gatehouse":
		return errors.New("the author is " + how.FieldManager)
	case how.DryRun:
		return w.tried
	case !w.carrying:
		return errors.New("a proposal writes")
	case o.GetKind() == w.forbidden:
		return apierrors.NewForbidden(schema.GroupResource{Resource: strings.ToLower(o.GetKind()) + "s"}, o.GetName(), errors.New("no"))
	}
	w.written = append(w.written, verb+" "+strings.ToLower(o.GetKind()))
	return nil
}

func (w *world) May(
	_ context.Context, asked []authorizationv1.ResourceAttributes,
) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	if w.mayErr != nil {
		return nil, w.mayErr
	}
	out := make([]authorizationv1.SubjectAccessReviewStatus, len(asked))
	for i, a := range asked {
		out[i].Allowed = w.may == nil || w.may(a.Verb+" "+a.Resource+" in "+a.Namespace)
	}
	return out, nil
}

func (w *world) maker() *change.Maker { return change.New(w, today, "kubectl-gatehouse") }

// propose works a wish out that must be possible.
func propose(t *testing.T, w *world, wish change.Wish) *change.Proposal {
	t.Helper()
	p, err := w.maker().Propose(t.Context(), wish)
	if err != nil {
		t.Fatalf("Propose: %v", err)
	}
	return p
}
