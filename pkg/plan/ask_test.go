package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

func TestPreflight(t *testing.T) {
	t.Parallel()
	place := func(namespace, name string) func(*unstructured.Unstructured) {
		return func(o *unstructured.Unstructured) {
			o.SetNamespace(namespace)
			o.SetName(name)
			o.SetUID("u")
		}
	}
	view, policy := object(t, bobViews), object(t, viewPolicy)
	p := must(t,
		plan.Step{Verb: plan.Create, Object: with(view, place("a", "new"))},
		plan.Step{Verb: plan.Create, Object: with(view, place("b", "new"))},
		plan.Step{Verb: plan.Create, Object: with(policy, place("a", "new"))},
		plan.Step{Verb: plan.Update, Object: with(view, label("x", "y")), Old: with(view, place("dev", "view"))},
		plan.Step{Verb: plan.Update, Object: with(view, place("dev", "other")), Old: with(view, place("dev", "other"))},
		plan.Step{Verb: plan.Delete, Old: with(view, place("a", "one"))},
		plan.Step{Verb: plan.Delete, Old: with(view, place("a", "two"))},
	)
	tests := map[string]struct {
		allowed func(authorizationv1.ResourceAttributes) bool
		want    []string
		asked   int
	}{
		"all": {allowed: func(authorizationv1.ResourceAttributes) bool { return true }, asked: 4},
		"nothing": {
			allowed: func(authorizationv1.ResourceAttributes) bool { return false },
			want: []string{
				"a rolebindings create,delete [] 3", "a authorizationpolicies create [] 1", "b rolebindings create [] 1", "dev rolebindings patch [] 1",
			},
			asked: 4 + 5 + 3,
		},
		"one namespace": {
			allowed: func(a authorizationv1.ResourceAttributes) bool { return a.Namespace == "a" },
			want:    []string{"b rolebindings create [] 1", "dev rolebindings patch [] 1"},
			asked:   4 + 5 + 1,
		},
		"one name": {
			allowed: func(a authorizationv1.ResourceAttributes) bool { return a.Verb != "delete" || a.Name == "one" },
			want:    []string{"a rolebindings delete [two] 1"},
			asked:   4 + 1 + 2,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer()
			s.allowed = tc.allowed
			refused, err := plan.Preflight(t.Context(), s, p)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range refused {
				got = append(got, strings.Join([]string{
					r.Namespace, strings.Join(r.Rule.Resources, ","), strings.Join(r.Rule.Verbs, ","),
					"[" + strings.Join(r.Rule.ResourceNames, ",") + "]", string(rune('0' + len(r.Steps))),
				}, " "))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
			if len(s.asked) != tc.asked {
				t.Errorf("%d questions, want %d:\n%s", len(s.asked), tc.asked, strings.Join(s.asked, "\n"))
			}
		})
	}
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	s := newServer(object(t, oldOwner), object(t, bobViews))
	before := s.state()
	profile, view := s.find(t, "profile /dev"), s.find(t, "rolebinding dev/view")
	replaced := with(object(t, bobViews), func(o *unstructured.Unstructured) {
		_ = unstructured.SetNestedField(o.Object, "edit", "roleRef", "name")
	})
	inNew := with(object(t, bobEdits), func(o *unstructured.Unstructured) { o.SetNamespace("new") })
	p := must(t,
		plan.Step{Verb: plan.Create, Object: bare("v1", "Namespace", "", "new")},
		plan.Step{Verb: plan.Create, Object: inNew},
		plan.Step{Verb: plan.Create, Object: object(t, editPolicy)},
		plan.Step{Verb: plan.Update, Old: profile, Object: with(profile, owner("eve"))},
		plan.Step{Verb: plan.Delete, Old: view}, plan.Step{Verb: plan.Create, Object: replaced},
	)
	objects, err := plan.DryRun(t.Context(), s, p, plan.Options{FieldManager: "me"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range objects {
		names = append(names, id(o))
	}
	want := []string{"namespace /new", "profile /dev", "rolebinding dev/view", "rolebinding new/edit", "authorizationpolicy dev/edit"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, s.state()); diff != "" {
		t.Errorf("the dry run changed (-before +after):\n%s", diff)
	}
	for _, r := range s.requests {
		if !strings.HasSuffix(r, "(dry run)") || strings.Contains(r, "new/edit") || r == "create rolebinding dev/view (dry run)" {
			t.Errorf("request %s", r)
		}
	}
	if len(s.requests) != 4 {
		t.Errorf("requests: %v, want 4", s.requests)
	}

	s.fault = func(r request) answer {
		if r.object.GetKind() == "AuthorizationPolicy" {
			return answer{before: forbidden(r.object)}
		}
		return answer{}
	}
	objects, err = plan.DryRun(t.Context(), s, p, plan.Options{})
	const text = `create authorizationpolicy dev/edit: authorizationpolicies.security.istio.io "edit" is forbidden: no`
	if err == nil || err.Error() != text || objects != nil {
		t.Errorf("DryRun = %d objects, %v; want %s", len(objects), err, text)
	}
}

func TestDryRunSamples(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		namespaces int
		thorough   bool
		want       int
	}{
		"few namespaces":  {2, false, 3},
		"many namespaces": {150, false, 20},
		"thorough":        {2, true, 151},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps := []plan.Step{{Verb: plan.Create, Object: object(t, editPolicy)}}
			for i := range 150 {
				steps = append(steps, plan.Step{Verb: plan.Create, Object: binding(fmt.Sprintf("ns%d", i%tc.namespaces), fmt.Sprintf("x%d", i))})
			}
			s := newServer()
			objects, err := plan.DryRun(t.Context(), s, must(t, steps...), plan.Options{Thorough: tc.thorough})
			if err != nil || len(objects) != 151 || len(s.requests) != tc.want {
				t.Errorf("%d objects, %d requests, %v; want 151, %d, none", len(objects), len(s.requests), err, tc.want)
			}
			if !slices.Contains(s.requests, "create authorizationpolicy dev/edit (dry run)") {
				t.Error("the one step of another kind is not among them")
			}
		})
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	s := newServer(object(t, bobViews))
	view := s.find(t, "rolebinding dev/view")
	p := must(t,
		plan.Step{Verb: plan.Update, Old: view, Object: with(view, subjects("eve", "bob"))},
		plan.Step{Verb: plan.Create, Object: bare("v1", "Namespace", "", "new")},
		plan.Step{Verb: plan.Update, Old: object(t, oldOwner), Object: object(t, oldOwner)},
		plan.Step{Verb: plan.Delete, Object: with(bare("v1", "Namespace", "", "old"), func(o *unstructured.Unstructured) { o.SetUID("u") })},
	)
	var got []string
	for _, c := range p.Preview() {
		got = append(got, c.Step.String())
		for _, l := range c.Lines {
			got = append(got, string(l.Op)+l.Text)
		}
	}
	want := []string{
		"create namespace new", "+apiVersion: v1", "+kind: Namespace", "+metadata:", "+  name: new",
		"update rolebinding dev/view", " apiVersion: rbac.authorization.k8s.io/v1", " kind: RoleBinding", " metadata:", "   annotations:",
		"     role: view", "     user: bob", "   name: view", "   namespace: dev", " roleRef:", "   kind: ClusterRole", "   name: view",
		" subjects:", " - kind: User", "+  name: eve", "+- kind: User", "   name: bob",
		"delete namespace old",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("preview (-want +got):\n%s", diff)
	}
}
