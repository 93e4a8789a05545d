package source

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// filler makes random objects, the same for the same seed. Every field that an API server may send is filled now and
// then, so that those that are passed over are there as well.
type filler struct{ *rand.Rand }

func newFiller(seed uint64) filler { return filler{rand.New(rand.NewPCG(seed, 1))} }

func (f filler) text() string {
	words := []string{"", "*", "get", "pods", "pods/exec", "default-editor", "é\x00\x1b[31m", "a name that is used once", "user", "gatehouse.dev/expires"}
	if n := f.IntN(len(words) + 2); n < len(words) {
		return words[n]
	}
	return fmt.Sprintf("n%d", f.Uint64())
}

func (f filler) texts() []string {
	var out []string
	for range f.IntN(4) {
		out = append(out, f.text())
	}
	return out
}

func (f filler) labels() map[string]string {
	var out map[string]string
	for range f.IntN(3) {
		if out == nil {
			out = map[string]string{}
		}
		out[f.text()] = f.text()
	}
	return out
}

func (f filler) meta() metav1.ObjectMeta {
	meta := metav1.ObjectMeta{Name: f.text(), Namespace: f.text(), Labels: f.labels(), Annotations: f.labels()}
	if f.IntN(2) == 0 {
		now := metav1.NewTime(time.Unix(f.Int64N(1<<32), 0))
		grace, yes := f.Int64(), true
		meta.GenerateName, meta.UID, meta.ResourceVersion = f.text(), types.UID(f.text()), f.text()
		meta.Generation, meta.CreationTimestamp, meta.DeletionTimestamp = f.Int64(), now, &now
		meta.DeletionGracePeriodSeconds, meta.Finalizers = &grace, f.texts()
		meta.OwnerReferences = []metav1.OwnerReference{{Name: f.text(), Kind: f.text(), Controller: &yes}}
		meta.ManagedFields = []metav1.ManagedFieldsEntry{{
			Manager: f.text(), Time: &now, FieldsV1: metav1.NewFieldsV1(`{"f:rules":{}}`),
		}}
	}
	return meta
}

func (f filler) rules() []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for range f.IntN(4) {
		out = append(out, rbacv1.PolicyRule{
			Verbs: f.texts(), APIGroups: f.texts(), Resources: f.texts(), ResourceNames: f.texts(), NonResourceURLs: f.texts(),
		})
	}
	return out
}

func (f filler) subjects() []rbacv1.Subject {
	var out []rbacv1.Subject
	for range f.IntN(4) {
		out = append(out, rbacv1.Subject{Kind: f.text(), APIGroup: f.text(), Name: f.text(), Namespace: f.text()})
	}
	return out
}

func (f filler) selectors() []metav1.LabelSelector {
	out := []metav1.LabelSelector{}
	for range f.IntN(3) {
		selector := metav1.LabelSelector{MatchLabels: f.labels()}
		for range f.IntN(2) {
			selector.MatchExpressions = append(selector.MatchExpressions, metav1.LabelSelectorRequirement{
				Key: f.text(), Operator: metav1.LabelSelectorOperator(f.text()), Values: f.texts(),
			})
		}
		out = append(out, selector)
	}
	return out
}

type protoObject interface {
	Marshal() ([]byte, error)
	Unmarshal([]byte) error
}

// again marshals an object and reads it with the generated code; the bytes are overwritten after use, as those of a
// stream are.
func again[T protoObject](t *testing.T, in, out T, read func([]byte)) {
	t.Helper()
	data, err := in.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Unmarshal(data); err != nil {
		t.Fatal(err)
	}
	read(data)
	for i := range data {
		data[i] = 'X'
	}
}

// TestWireEqualsGenerated compares what is decoded by hand with what the generated code decodes.
func TestWireEqualsGenerated(t *testing.T) {
	t.Parallel()
	var (
		w = newWire()
		// What was read from overwritten bytes is compared only at the end.
		want, got []any
	)
	check := func(t *testing.T, err error, wanted, gotten any) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		want, got = append(want, wanted), append(got, gotten)
	}
	for seed := range uint64(3000) {
		f, marked := newFiller(seed), seed%2 == 0

		role, roleBack := &rbacv1.Role{ObjectMeta: f.meta(), Rules: f.rules()}, &rbacv1.Role{}
		again(t, role, roleBack, func(data []byte) {
			result, err := w.role(data, false)
			check(t, err, rbac.Role{Namespace: roleBack.Namespace, Name: roleBack.Name, Rules: roleBack.Rules, Stored: true}, result)
		})

		clusterRole := &rbacv1.ClusterRole{ObjectMeta: f.meta(), Rules: f.rules()}
		if f.IntN(2) == 0 {
			clusterRole.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: f.selectors()}
		}
		clusterBack := &rbacv1.ClusterRole{}
		again(t, clusterRole, clusterBack, func(data []byte) {
			wanted := rbac.Role{
				Namespace: clusterBack.Namespace, Name: clusterBack.Name, Labels: clusterBack.Labels,
				Rules: clusterBack.Rules, Stored: true,
			}
			if clusterBack.AggregationRule != nil {
				wanted.Aggregates = append([]metav1.LabelSelector{}, clusterBack.AggregationRule.ClusterRoleSelectors...)
			}
			result, err := w.role(data, true)
			check(t, err, wanted, result)
		})

		binding := &rbacv1.RoleBinding{
			ObjectMeta: f.meta(), Subjects: f.subjects(),
			RoleRef: rbacv1.RoleRef{APIGroup: f.text(), Kind: f.text(), Name: f.text()},
		}
		bindingBack := &rbacv1.RoleBinding{}
		again(t, binding, bindingBack, func(data []byte) {
			result, err := w.binding(data, marked)
			check(t, err, rbac.Binding{
				Namespace: bindingBack.Namespace, Name: bindingBack.Name, RoleRef: bindingBack.RoleRef, Subjects: bindingBack.Subjects,
				Annotations: marksOf(bindingBack, marked),
			}, result)
		})

		account, accountBack := &corev1.ServiceAccount{ObjectMeta: f.meta()}, &corev1.ServiceAccount{}
		again(t, account, accountBack, func(data []byte) {
			result, err := w.object(data, marked)
			check(t, err,
				[]any{accountBack.Namespace, accountBack.Name, accountBack.Labels, marksOf(accountBack, marked)},
				[]any{result.namespace, result.name, result.labels, result.annotations})
		})
	}
	for i := range want {
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			t.Fatalf("object %d (-want +got):\n%s", i, diff)
		}
	}
}

// TestWireOrder reads fields in another order than the generated code writes them, and rules apart from each other.
func TestWireOrder(t *testing.T) {
	t.Parallel()
	part := func(o protoObject) string {
		data, err := o.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	rule := func(verb string) string {
		return part(&rbacv1.Role{Rules: []rbacv1.PolicyRule{{Verbs: []string{verb}}}})[2:] // without the empty metadata
	}
	name := part(&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "r"}})
	data := rule("get") + "\x3a\x01x" + rule("list") + name + rule("get")
	var want rbacv1.Role
	if err := want.Unmarshal([]byte(data)); err != nil {
		t.Fatal(err)
	}
	w := newWire()
	for range 2 {
		got, err := w.role([]byte(data), false)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rbac.Role{Name: "r", Rules: want.Rules, Stored: true}, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestWireShares checks that equal rules and names take memory once.
func TestWireShares(t *testing.T) {
	t.Parallel()
	w := newWire()
	read := func(name string) rbac.Role {
		data, err := (&rbacv1.Role{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "dev"},
			Rules:      []rbacv1.PolicyRule{{Verbs: []string{"get"}, Resources: []string{"pods"}}},
		}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		role, err := w.role(data, false)
		if err != nil {
			t.Fatal(err)
		}
		return role
	}
	a, b := read("a"), read("b")
	if &a.Rules[0] != &b.Rules[0] {
		t.Error("the rules of equal roles are not shared")
	}
}

// FuzzWire gives the readers bytes that no server sends: they may fail, but not panic, and what both they and the
// generated code read is the same.
func FuzzWire(f *testing.F) {
	for seed := range uint64(20) {
		fill := newFiller(seed)
		data, err := (&rbacv1.RoleBinding{ObjectMeta: fill.meta(), Subjects: fill.subjects()}).Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		if data, err = (&rbacv1.ClusterRole{ObjectMeta: fill.meta(), Rules: fill.rules()}).Marshal(); err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := newWire()
		var role rbacv1.ClusterRole
		got, err := w.role(data, true)
		if role.Unmarshal(data) == nil && err == nil {
			want := rbac.Role{Namespace: role.Namespace, Name: role.Name, Labels: role.Labels, Rules: role.Rules, Stored: true}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(rbac.Role{}, "Aggregates")); diff != "" {
				t.Errorf("role (-want +got):\n%s", diff)
			}
		}
		var binding rbacv1.RoleBinding
		result, err := w.binding(data, false)
		if binding.Unmarshal(data) == nil && err == nil {
			want := rbac.Binding{
				Namespace: binding.Namespace, Name: binding.Name, RoleRef: binding.RoleRef, Subjects: binding.Subjects,
			}
			if diff := cmp.Diff(want, result, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("binding (-want +got):\n%s", diff)
			}
		}
	})
}
