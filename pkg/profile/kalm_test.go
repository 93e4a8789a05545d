package profile_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// kalmState is a cluster with Kalm, and one application.
func kalmState() *workspace.State {
	return workspace.NewState(&inventory.Inventory{
		Live: true,
		Served: map[inventory.Kind]bool{
			inventory.KalmBindings: true, inventory.Namespaces: true, inventory.RoleBindings: true, inventory.Quotas: true,
		},
		Namespaces: []*corev1.Namespace{{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
			ObjectMeta: metav1.ObjectMeta{Name: "shop", UID: "1", Labels: map[string]string{kalm.EnabledLabel: kalm.EnabledValue, "a": "b"}},
		}, {
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}, ObjectMeta: metav1.ObjectMeta{Name: "plain", UID: "2"},
		}},
		Custom: map[inventory.Kind][]*unstructured.Unstructured{inventory.KalmBindings: {
			kalm.NewBinding(kalm.Binding{Namespace: "shop", Subject: "ann@x.com", Role: kalm.Owner, Creator: "root@x.com"}),
		}},
	}, workspace.Options{Asker: "me@x.com"})
}

// TestKalm says of each change of an application what it comes to, or why it is refused.
func TestKalm(t *testing.T) {
	t.Parallel()
	type made = func(*workspace.State) (plan.Plan, []string, error)
	create := func(spec profile.Spec) made {
		return func(s *workspace.State) (plan.Plan, []string, error) { return profile.Create(s, spec) }
	}
	remove := func(keep bool) made {
		return func(s *workspace.State) (plan.Plan, []string, error) {
			p, _, notes, err := profile.Delete(s, "shop", keep)
			return p, notes, err
		}
	}
	bob := rbac.User("bob@x.com")
	quota := corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"pods": resource.MustParse("3")}}
	for name, test := range map[string]struct {
		do    made
		want  []string
		err   string
		check func(*testing.T, plan.Plan)
	}{
		"create": {
			do: create(profile.Spec{Name: "new", Owner: bob, Quota: quota}),
			want: []string{
				"create namespace new", "create resourcequota new/gatehouse-quota",
				"create rolebinding.core.kalm.dev new/" + kalm.BindingName("new", kalm.Owner, "bob@x.com"),
			},
			check: func(t *testing.T, p plan.Plan) {
				t.Helper()
				b := kalm.ReadBinding(p.Steps[2].Object)
				if b.Role != kalm.Owner || b.Creator != "me@x.com" || p.Steps[0].Object.GetLabels()[kalm.EnabledLabel] != kalm.EnabledValue {
					t.Errorf("binding %+v of %v", b, p.Steps[0].Object)
				}
			},
		},
		"create for a group":   {do: create(profile.Spec{Name: "new", Owner: rbac.Group("devs")}), want: []string{"create namespace new", "create rolebinding.core.kalm.dev new/" + kalm.BindingName("new", kalm.Owner, "devs")}},
		"create for a machine": {do: create(profile.Spec{Name: "new", Owner: rbac.ServiceAccount("a", "b")}), err: "users and groups, and no service accounts"},
		"create a trap":        {do: create(profile.Spec{Name: "cluster", Owner: bob}), err: "those of the whole cluster"},
		"create with a comma":  {do: create(profile.Spec{Name: "new", Owner: rbac.User("a,b")}), err: "break out of its line"},
		"create again":         {do: create(profile.Spec{Name: "shop", Owner: bob}), err: "keeps its members itself"},
		"delete":               {do: remove(false), want: []string{"delete namespace shop"}},
		"delete, and keep": {
			do: remove(true), want: []string{"update namespace shop"},
			check: func(t *testing.T, p plan.Plan) {
				t.Helper()
				if diff := cmp.Diff(map[string]string{"a": "b"}, p.Steps[0].Object.GetLabels()); diff != "" {
					t.Errorf("labels (-want +got):\n%s", diff)
				}
			},
		},
		"transfer":           {do: func(s *workspace.State) (plan.Plan, []string, error) { return profile.Transfer(s, "shop", bob, "") }, err: "keeps its members itself"},
		"adopt, application": {do: func(s *workspace.State) (plan.Plan, []string, error) { return profile.Adopt(s, "shop", bob) }, err: "an application of Kalm's already"},
		"adopt":              {do: func(s *workspace.State) (plan.Plan, []string, error) { return profile.Adopt(s, "plain", bob) }, err: "by their label"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _, err := test.do(kalmState())
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %s", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, p.Strings()); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			if test.check != nil {
				test.check(t, p)
			}
		})
	}
}

// TestKalmExport leaves applications out, and says so.
func TestKalmExport(t *testing.T) {
	t.Parallel()
	objects, notes, err := profile.ExportManifests(kalmState(), nil)
	if err != nil || len(objects) != 0 || len(notes) != 1 || !strings.Contains(notes[0], "application of Kalm's") {
		t.Errorf("%d objects, notes %q, %v", len(objects), notes, err)
	}
	if found := profile.Judge(kalmState()); len(found) != 0 {
		t.Errorf("found %v", found)
	}
}
