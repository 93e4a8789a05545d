package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

func TestLeft(t *testing.T) {
	t.Parallel()
	s := newServer(object(t, oldOwner), object(t, bobViews), object(t, viewPolicy))
	profile, viewing, policy := s.find(t, "profile /dev"), s.find(t, "rolebinding dev/view"), s.find(t, "authorizationpolicy dev/view")
	p := must(t,
		plan.Step{Verb: plan.Create, Object: object(t, bobEdits)}, plan.Step{Verb: plan.Create, Object: object(t, editPolicy)},
		plan.Step{Verb: plan.Update, Old: profile, Object: with(profile, owner("eve"))},
		plan.Step{Verb: plan.Delete, Old: viewing}, plan.Step{Verb: plan.Delete, Old: policy})
	left := func() []string {
		t.Helper()
		got, err := plan.Left(t.Context(), s, p)
		if err != nil {
			t.Fatalf("Left: %v", err)
		}
		return got.Strings()
	}
	if diff := cmp.Diff(p.Strings(), left()); diff != "" {
		t.Errorf("nothing is done (-want +got):\n%s", diff)
	}
	s.put(object(t, bobEdits))
	s.drop("rolebinding dev/view")
	s.put(with(policy, label("a", "b")))
	if diff := cmp.Diff([]string{"update profile dev", "create authorizationpolicy dev/edit", "delete authorizationpolicy dev/view"}, left()); diff != "" {
		t.Errorf("done in part (-want +got):\n%s", diff)
	}
	apply(t, s, p)
	if diff := cmp.Diff([]string{}, left()); diff != "" {
		t.Errorf("all is done (-want +got):\n%s", diff)
	}
	s.fault = func(r request) answer {
		if r.object.GetKind() == "Profile" {
			return answer{before: forbidden(r.object)}
		}
		return answer{}
	}
	if diff := cmp.Diff([]string{"update profile dev"}, left()); diff != "" {
		t.Errorf("one can't be read (-want +got):\n%s", diff)
	}
	s.fault = func(request) answer { return answer{before: errDown} }
	if _, err := plan.Left(t.Context(), s, p); err == nil {
		t.Error("no error from a server that is down")
	}
	if _, err := plan.Left(t.Context(), s, plan.Plan{Steps: []plan.Step{{}}}); err == nil {
		t.Error("a plan that is not valid is taken")
	}
}
