package plan_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

const rbacVersion = "rbac.authorization.k8s.io/v1"

// object returns an object as YAML writes it: "kind: Role".
func object(t *testing.T, manifest string) *unstructured.Unstructured {
	t.Helper()

	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &u.Object); err != nil {
		t.Fatalf("parse %s: %v", manifest, err)
	}
	return u
}

// bare returns an object of which only the identity matters.
func bare(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetAPIVersion(apiVersion)
	u.SetKind(kind)
	u.SetName(name)
	if namespace != "" {
		u.SetNamespace(namespace)
	}
	return u
}

func binding(namespace, name string) *unstructured.Unstructured {
	return bare(rbacVersion, "RoleBinding", namespace, name)
}

func TestNewOrders(t *testing.T) {
	t.Parallel()
	steps := []plan.Step{
		{Verb: plan.Create, Object: bare("v1", "Namespace", "", "dev")},
		{Verb: plan.Create, Object: bare("v1", "Namespace", "", "qa")},
		{Verb: plan.Create, Object: bare("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "a.b")},
		{Verb: plan.Create, Object: bare("v1", "LimitRange", "dev", "x")},
		{Verb: plan.Update, Object: bare("v1", "ResourceQuota", "dev", "a"), Old: bare("v1", "ResourceQuota", "dev", "a")},
		{Verb: plan.Create, Object: bare("v1", "ServiceAccount", "dev", "x")},
		{Verb: plan.Create, Object: bare("v1", "Secret", "dev", "x")},
		{Verb: plan.Create, Object: bare(rbacVersion, "ClusterRole", "", "x")},
		{Verb: plan.Create, Object: bare(rbacVersion, "Role", "dev", "x")},
		{Verb: plan.Create, Object: bare("a.io/v1", "Thing", "dev", "x")},
		{Verb: plan.Create, Object: bare("b.io/v1", "Thing", "dev", "x")},
		{Verb: plan.Create, Object: bare(rbacVersion, "ClusterRoleBinding", "", "system:x")},
		{Verb: plan.Create, Object: binding("dev", "a")},
		{Verb: plan.Delete, Old: binding("dev", "b")},
		{Verb: plan.Create, Object: binding("dev", "b")},
		{Verb: plan.Create, Object: binding("qa", "a")},
		{Verb: plan.Delete, Old: binding("qa", "old")},
		{Verb: plan.Delete, Old: binding("dev", "old")},
		{Verb: plan.Delete, Old: bare(rbacVersion, "Role", "dev", "old")},
		{Verb: plan.Delete, Old: bare("v1", "Namespace", "", "old")},
	}
	want := []string{
		"create namespace dev", "create namespace qa", "create customresourcedefinition a.b", "create limitrange dev/x",
		"unchanged resourcequota dev/a", "create serviceaccount dev/x", "create secret dev/x", "create clusterrole x",
		"create role dev/x", "create thing dev/x", "create thing dev/x", "create clusterrolebinding system:x",
		"create rolebinding dev/a", "delete rolebinding dev/b", "create rolebinding dev/b", "create rolebinding qa/a",
		"delete rolebinding qa/old", "delete rolebinding dev/old", "delete role dev/old", "delete namespace old",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		shuffled := slices.Clone(steps)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		given := slices.Clone(shuffled)

		p, err := plan.New("everything", shuffled...)
		if err != nil {
			t.Fatalf("New: %v", err)
		}
		if diff := cmp.Diff(want, p.Strings()); diff != "" {
			t.Fatalf("order (-want +got):\n%s", diff)
		}
		if p.Steps[9].Object.GetAPIVersion() != "a.io/v1" {
			t.Fatalf("kinds of one name are not ordered by group")
		}
		if diff := cmp.Diff(given, shuffled); diff != "" {
			t.Fatalf("New changed its arguments (-before +after):\n%s", diff)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	withUID := binding("dev", "x")
	withUID.SetUID("1234")
	withRef := object(t, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: x, namespace: dev}, roleRef: {name: edit}}`)

	tests := map[string]struct {
		steps []plan.Step
		want  string
	}{
		"nothing":       {},
		"create":        {steps: []plan.Step{{Verb: plan.Create, Object: binding("dev", "x")}}},
		"update":        {steps: []plan.Step{{Verb: plan.Update, Object: withUID, Old: binding("dev", "x")}}},
		"delete of UID": {steps: []plan.Step{{Verb: plan.Delete, Object: withUID}}},
		"delete of old": {steps: []plan.Step{{Verb: plan.Delete, Object: binding("dev", "x"), Old: binding("dev", "x")}}},
		"replace": {steps: []plan.Step{
			{Verb: plan.Create, Object: withRef}, {Verb: plan.Delete, Old: binding("dev", "x")},
		}},
		"RBAC names": {steps: []plan.Step{{Verb: plan.Create, Object: bare(rbacVersion, "ClusterRole", "", "system:a b")}}},
		"same name, other kind, namespace or group": {steps: []plan.Step{
			{Verb: plan.Create, Object: binding("dev", "x")},
			{Verb: plan.Create, Object: binding("qa", "x")},
			{Verb: plan.Create, Object: bare(rbacVersion, "Role", "dev", "x")},
			{Verb: plan.Create, Object: bare("other.io/v1", "Role", "dev", "x")},
		}},
		"no verb":   {[]plan.Step{{Object: binding("dev", "x")}}, `change rolebinding dev/x: unknown verb "": want create, update or delete`},
		"no object": {[]plan.Step{{Verb: plan.Create}}, "create: it has no object"},
		"no kind": {
			[]plan.Step{{Verb: plan.Create, Object: bare("v1", "", "", "x")}}, "create  x: it has no kind",
		},
		"no version": {
			[]plan.Step{{Verb: plan.Create, Object: object(t, "{kind: Thing, metadata: {name: x}}")}},
			"create thing x: it has no apiVersion",
		},
		"no name": {
			[]plan.Step{{Verb: plan.Create, Object: bare("v1", "Namespace", "", "")}}, "create namespace : it has no name",
		},
		"bad name": {
			[]plan.Step{{Verb: plan.Create, Object: bare("v1", "Namespace", "", "a/b")}},
			`create namespace a/b: bad name "a/b": may not contain '/'`,
		},
		"bad namespace": {
			[]plan.Step{{Verb: plan.Create, Object: binding("dev_1", "x")}},
			`create rolebinding dev_1/x: bad namespace "dev_1": a lowercase RFC 1123 label must consist of lower case ` +
				`alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or ` +
				`'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
		},
		"no namespace": {
			[]plan.Step{{Verb: plan.Create, Object: binding("", "x")}}, "create rolebinding x: it has no namespace",
		},
		"a namespace too many": {
			[]plan.Step{{Verb: plan.Create, Object: bare(rbacVersion, "ClusterRole", "dev", "x")}},
			`create clusterrole dev/x: it is in namespace "dev", but its kind is cluster-scoped`,
		},
		"create of what is there": {
			[]plan.Step{{Verb: plan.Create, Object: binding("dev", "x"), Old: binding("dev", "x")}},
			"create rolebinding dev/x: it exists already: want an update",
		},
		"create from old": {
			[]plan.Step{{Verb: plan.Create, Old: binding("dev", "x")}}, "create rolebinding dev/x: it has no object",
		},
		"update without old": {
			[]plan.Step{{Verb: plan.Update, Object: binding("dev", "x")}},
			"update rolebinding dev/x: want both the old and the new object",
		},
		"update of another": {
			[]plan.Step{{Verb: plan.Update, Object: binding("dev", "x"), Old: binding("qa", "x")}},
			"update rolebinding dev/x: the old object is another one (rolebinding qa/x)",
		},
		"update of a roleRef": {
			[]plan.Step{{Verb: plan.Update, Object: withRef, Old: binding("dev", "x")}},
			"update rolebinding dev/x: a roleRef cannot be changed: want a delete and a create",
		},
		"delete by name": {
			[]plan.Step{{Verb: plan.Delete, Object: binding("dev", "x")}},
			"delete rolebinding dev/x: want its UID or the object as it was read, to delete no other of that name",
		},
		"bad old": {
			[]plan.Step{{Verb: plan.Delete, Old: bare("v1", "Namespace", "", "..")}},
			`delete namespace ..: bad name "..": may not be '..'`,
		},
		"twice, and more": {
			[]plan.Step{
				{Verb: plan.Create, Object: binding("dev", "x")},
				{Verb: plan.Create, Object: binding("dev", "x")},
				{Verb: plan.Create},
			},
			"create rolebinding dev/x: another step changes the same object (create)\ncreate: it has no object",
		},
		"replaced twice": {
			[]plan.Step{
				{Verb: plan.Delete, Object: withUID},
				{Verb: plan.Create, Object: binding("dev", "x")},
				{Verb: plan.Delete, Object: withUID},
			},
			"delete rolebinding dev/x: another step changes the same object (update)",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := plan.New("", tc.steps...)
			if tc.want == "" {
				if err != nil || len(p.Steps) != len(tc.steps) {
					t.Fatalf("New = %d steps, %v; want %d", len(p.Steps), err, len(tc.steps))
				}
				return
			}
			if err == nil || err.Error() != tc.want {
				t.Errorf("error = %v, want %s", err, tc.want)
			}
			if diff := cmp.Diff(plan.Plan{}, p); diff != "" {
				t.Errorf("plan beside an error (-want +got):\n%s", diff)
			}
		})
	}
}

const stored = `
apiVersion: v1
kind: Namespace
metadata: {name: dev, uid: "12", resourceVersion: "7", generation: 2, creationTimestamp: "2026-01-02T03:04:05Z",
  labels: {a: b}, annotations: {}, managedFields: [{manager: kubectl}]}
spec: {finalizers: [kubernetes]}
status: {phase: Active}
`

func TestUnchangedAndManifests(t *testing.T) {
	t.Parallel()
	same := object(t, `{apiVersion: v1, kind: Namespace, metadata: {name: dev, labels: {a: b}}, spec: {finalizers: [kubernetes]}}`)
	other := object(t, `{apiVersion: v1, kind: Namespace, metadata: {name: dev, labels: {a: c}}, spec: {finalizers: [kubernetes]}}`)
	old := object(t, stored)

	tests := map[string]struct {
		step      plan.Step
		unchanged bool
		line      string
		manifests []*unstructured.Unstructured
	}{
		"the same":       {plan.Step{Verb: plan.Update, Object: same, Old: old}, true, "unchanged namespace dev", []*unstructured.Unstructured{same}},
		"as read":        {plan.Step{Verb: plan.Update, Object: old, Old: old}, true, "unchanged namespace dev", []*unstructured.Unstructured{same}},
		"another label":  {plan.Step{Verb: plan.Update, Object: other, Old: old}, false, "update namespace dev", []*unstructured.Unstructured{other}},
		"create":         {plan.Step{Verb: plan.Create, Object: same}, false, "create namespace dev", []*unstructured.Unstructured{same}},
		"delete":         {plan.Step{Verb: plan.Delete, Old: old}, false, "delete namespace dev", []*unstructured.Unstructured{}},
		"delete, by UID": {plan.Step{Verb: plan.Delete, Object: old}, false, "delete namespace dev", []*unstructured.Unstructured{}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := plan.New("s", tc.step)
			if err != nil {
				t.Fatalf("New: %v", err)
			}
			if got := tc.step.Unchanged(); got != tc.unchanged {
				t.Errorf("unchanged = %t, want %t", got, tc.unchanged)
			}
			changes := 1
			if tc.unchanged {
				changes = 0
			}
			if got := p.Changes(); len(got.Steps) != changes || got.Steps == nil || got.Summary != "s" {
				t.Errorf("changes = %+v, want %d steps", got, changes)
			}
			if diff := cmp.Diff([]string{tc.line}, p.Strings()); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.manifests, p.Manifests()); diff != "" {
				t.Errorf("manifests (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(object(t, stored), old); diff != "" {
				t.Errorf("the old object was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestUID(t *testing.T) {
	t.Parallel()
	one, other := binding("dev", "x"), binding("dev", "x")
	one.SetUID("1")
	other.SetUID("2")
	tests := map[string]struct {
		step plan.Step
		want string
	}{
		"none":   {plan.Step{Object: binding("dev", "x")}, ""},
		"object": {plan.Step{Object: one, Old: other}, "1"},
		"old":    {plan.Step{Object: binding("dev", "x"), Old: other}, "2"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tc.step.UID(); got != tc.want {
				t.Errorf("UID = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestFromObjects(t *testing.T) {
	t.Parallel()
	typed := func(kind string) *rbacv1.ClusterRole {
		return &rbacv1.ClusterRole{
			TypeMeta:   metav1.TypeMeta{APIVersion: rbacVersion, Kind: kind},
			ObjectMeta: metav1.ObjectMeta{Name: "x"},
			Rules:      []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}},
		}
	}
	tests := map[string]struct {
		objects []runtime.Object
		want    string // JSON of the result
		wantErr string
	}{
		"none": {want: "[]"},
		"typed": {
			objects: []runtime.Object{typed("ClusterRole"), &corev1.Namespace{
				TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: "dev"},
			}},
			want: `[{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"x"},"rules":` +
				`[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]},` +
				`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"dev"},"spec":{}}]`,
		},
		"unstructured": {
			objects: []runtime.Object{binding("dev", "x")},
			want:    `[{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"x","namespace":"dev"}}]`,
		},
		"no kind": {objects: []runtime.Object{typed("")}, wantErr: "convert object 0 (*v1.ClusterRole): it has no kind or version"},
		"nil":     {objects: []runtime.Object{binding("dev", "x"), nil}, wantErr: "convert object 1: it is nil"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := plan.FromObjects(tc.objects...)
			if tc.wantErr != "" {
				if err == nil || err.Error() != tc.wantErr {
					t.Errorf("error = %v, want %s", err, tc.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatalf("FromObjects: %v", err)
			}
			doc, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(doc)); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromObjectsCopies(t *testing.T) {
	t.Parallel()
	original := binding("dev", "x")
	copies, err := plan.FromObjects(original)
	if err != nil {
		t.Fatal(err)
	}
	copies[0].SetName("y")
	if got := original.GetName(); got != "x" {
		t.Errorf("the original's name became %q", got)
	}
}
