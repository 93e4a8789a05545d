package workspace_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// TestFollowing changes each object of the example in every way that members may depend on: a state that follows another
// must be the one that is read from nothing.
func TestFollowing(t *testing.T) {
	t.Parallel()
	acme, err := source.FileInventory(t.Context(), []string{"../../examples/acme"}, source.FilesOptions{}, inventory.Want{Kinds: []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas, inventory.ServiceAccounts,
		inventory.KalmBindings,
	}})
	if err != nil {
		t.Fatal(err)
	}
	bare := acme.Profiles[0].DeepCopy() // nothing else says that its namespace is Kubeflow's
	bare.SetName("bare")
	acme.Profiles = append(acme.Profiles, bare)
	acme.RoleBindings = append(acme.RoleBindings, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "bare", Name: "edit"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "kubeflow-edit"},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, Name: "ann@acme.example"}},
	})
	// By which header users come, an owner's policy elsewhere says.
	acme.Policies = append(acme.Policies, policyOf(t, ownerPolicy("aaa", "cluster.local/ns/mesh/sa/gate")), policyOf(t, `
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: edit, namespace: bare, annotations: {role: edit, user: ann@acme.example}}
spec: {rules: [{when: [{key: "request.headers[x-user]", values: [ann@acme.example]}]}]}`))
	acme.Namespaces = append(acme.Namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "bare"}})
	touched := map[string]string{
		workspace.ExpiresAnnotation: "2027-01-01", workspace.OwnerAnnotation: "user:somebody@acme.example", "role": "edit", "user": "somebody@acme.example",
	}
	var changes []change
	changes = append(changes, changesOf("rolebinding", acme.RoleBindings, func(inv *inventory.Inventory, list []*rbacv1.RoleBinding) {
		inv.RoleBindings = list
	}, touched)...)
	changes = append(changes, changesOf("policy", acme.Policies, func(inv *inventory.Inventory, list []*unstructured.Unstructured) {
		inv.Policies = list
	}, touched)...)
	changes = append(changes, changesOf("profile", acme.Profiles, func(inv *inventory.Inventory, list []*unstructured.Unstructured) {
		inv.Profiles = list
	}, touched)...)
	changes = append(changes, changesOf("namespace", acme.Namespaces, func(inv *inventory.Inventory, list []*corev1.Namespace) {
		inv.Namespaces = list
	}, touched)...)
	// Suspending somebody changes what he is elsewhere.
	kalmed := append(slices.Clone(acme.Objects(inventory.KalmBindings)), kalm.NewBinding(kalm.Binding{
		Subject: "carol@acme.example", Role: kalm.Suspended, Creator: "alice@acme.example",
	}))
	setKalm := func(inv *inventory.Inventory, list []*unstructured.Unstructured) {
		inv.Custom = map[inventory.Kind][]*unstructured.Unstructured{inventory.KalmBindings: list}
	}
	setKalm(acme, kalmed)
	changes = append(changes, changesOf("kalm", kalmed, setKalm, touched)...)
	changes = append(changes,
		change{"no policies", func(inv *inventory.Inventory) { inv.Policies = nil }},
		change{"no Istio", func(inv *inventory.Inventory) { inv.Policies, inv.Profiles, inv.Served = nil, nil, nil }},
		change{"a gap", func(inv *inventory.Inventory) {
			inv.Gaps = []rbac.Gap{{What: string(inventory.Policies), Cause: "forbidden"}, {What: inventory.AnnotationsOf(inventory.RoleBindings)}}
		}},
		change{"nothing", func(*inventory.Inventory) {}},
	)
	if len(changes) < 100 {
		t.Fatalf("only %d changes", len(changes))
	}
	before := workspace.NewState(acme, workspace.Options{})
	before.Members("")
	before.MembersAll("")
	for _, c := range changes {
		inv := *acme
		c.make(&inv)
		got, want := workspace.Following(before, &inv, workspace.Options{}), workspace.NewState(&inv, workspace.Options{})
		for what, members := range map[string][2][]workspace.Member{
			"members": {got.Members(""), want.Members("")}, "all": {got.MembersAll(""), want.MembersAll("")},
		} {
			if !reflect.DeepEqual(members[1], members[0]) {
				t.Errorf("%s: %s (-read anew +following):\n%s", c.what, what, cmp.Diff(members[1], members[0]))
			}
		}
		if !reflect.DeepEqual(want.Workspaces(), got.Workspaces()) {
			t.Errorf("%s: workspaces (-read anew +following):\n%s", c.what, cmp.Diff(want.Workspaces(), got.Workspaces()))
		}
	}
}

func policyOf(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

// change is one that may happen to an inventory.
type change struct {
	what string
	make func(*inventory.Inventory)
}

// changesOf removes and touches each object of a list.
func changesOf[O interface {
	metav1.Object
	DeepCopy() O
}](what string, list []O, set func(*inventory.Inventory, []O), annotations map[string]string) []change {
	var out []change
	for i, o := range list {
		touched := o.DeepCopy()
		touched.SetAnnotations(annotations)
		name := fmt.Sprintf("%s %s/%s", what, o.GetNamespace(), o.GetName())
		out = append(out,
			change{name + " is removed", func(inv *inventory.Inventory) { set(inv, slices.Delete(slices.Clone(list), i, i+1)) }},
			change{name + " is touched", func(inv *inventory.Inventory) {
				set(inv, slices.Replace(slices.Clone(list), i, i+1, touched))
			}},
		)
	}
	return out
}
