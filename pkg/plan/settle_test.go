package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// TestWhoMadeIt loses the answer of a create while somebody else makes the same object: it can't be told whose it is, so
// it stays when a later step fails.
func TestWhoMadeIt(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.fault = func(r request) answer {
		switch {
		case r.index == 0:
			s.put(object(t, bobEdits))
			return answer{before: errTimeout}
		case r.verb == "create" && r.object.GetKind() == "AuthorizationPolicy":
			return answer{before: forbidden(r.object)}
		}
		return answer{}
	}
	p := must(t, plan.Step{Verb: plan.Create, Object: object(t, bobEdits)}, plan.Step{Verb: plan.Create, Object: object(t, editPolicy)})
	out, err := plan.Apply(t.Context(), s, p, plan.Options{Clock: newClock()})
	want := []string{"between", "  created create rolebinding dev/edit", "  failed create authorizationpolicy dev/edit"}
	if diff := cmp.Diff(want, results(out)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if err == nil || !strings.Contains(err.Error(), "cannot take back create rolebinding dev/edit: its answer was lost, so it may be somebody else's") {
		t.Errorf("error: %v", err)
	}
	s.find(t, "rolebinding dev/edit")
}

// TestRollbackOrder takes back the last thing first, and nothing more once something can't be.
func TestRollbackOrder(t *testing.T) {
	t.Parallel()
	cmd := commands()["set-role"]
	tests := map[string]struct {
		stuck    string // what can't be taken back
		state    plan.State
		requests []string
		left     []string
	}{
		"all": {
			state: plan.Undone,
			requests: []string{
				"create rolebinding dev/edit", "create authorizationpolicy dev/edit", "delete authorizationpolicy dev/view",
				"delete authorizationpolicy dev/edit", "delete rolebinding dev/edit",
			},
			left: []string{"rolebinding dev/view", "authorizationpolicy dev/view"},
		},
		"stuck": {
			stuck: "authorizationpolicy dev/edit", state: plan.Between,
			requests: []string{
				"create rolebinding dev/edit", "create authorizationpolicy dev/edit", "delete authorizationpolicy dev/view",
				"delete authorizationpolicy dev/edit",
			},
			left: []string{"rolebinding dev/view", "authorizationpolicy dev/view", "rolebinding dev/edit", "authorizationpolicy dev/edit"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(cmd.objects(t)...)
			p := cmd.plan(t, s)
			s.fault = func(r request) answer {
				if r.verb == "delete" && (id(r.object) == "authorizationpolicy dev/view" || id(r.object) == tc.stuck) {
					return answer{before: forbidden(r.object)}
				}
				return answer{}
			}
			out, err := plan.Apply(t.Context(), s, p, plan.Options{Clock: newClock()})
			if out.Units[0].State != tc.state || err == nil {
				t.Errorf("state %s, %v; want %s", out.Units[0].State, err, tc.state)
			}
			if diff := cmp.Diff(tc.requests, s.requests); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
			if len(s.objects) != len(tc.left) {
				t.Errorf("%d objects, want %d", len(s.objects), len(tc.left))
			}
			for _, name := range tc.left {
				s.find(t, name)
			}
		})
	}
}

// TestTriesAreBounded ends a contest that can't be won.
func TestTriesAreBounded(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*server) answer{
		"500":          func(*server) answer { return answer{before: broken()} },
		"other writer": func(s *server) answer { s.put(s.objects["profile /dev"]); return answer{} },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(object(t, oldOwner))
			old := s.find(t, "profile /dev")
			s.fault = func(r request) answer {
				if r.verb == "patch" {
					return spoil(s)
				}
				return answer{}
			}
			out, err := plan.Apply(t.Context(), s, must(t, plan.Step{Verb: plan.Update, Old: old, Object: with(old, owner("eve"))}),
				plan.Options{Clock: newClock()})
			if err == nil || out.Units[0].State != plan.Undone {
				t.Errorf("state %s, %v", out.Units[0].State, err)
			}
			patches := 0
			for _, r := range s.requests {
				if strings.HasPrefix(r, "patch") {
					patches++
				}
			}
			if patches != 5 {
				t.Errorf("%d tries, want 5", patches)
			}
		})
	}
}

// TestServerAsksForMoreThanPatience gives up at once when the server wants to be left alone for longer than that.
func TestServerAsksForMoreThanPatience(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int]int{20: 1, 10: 2} {
		s := newServer()
		s.fault = func(request) answer {
			return answer{before: apierrors.NewTooManyRequests("later", seconds)}
		}
		clock := newClock()
		begin := clock.Now()
		_, err := plan.Apply(t.Context(), s, must(t, plan.Step{Verb: plan.Create, Object: object(t, bobEdits)}), plan.Options{Clock: clock})
		if !apierrors.IsTooManyRequests(err) || len(s.requests) != want {
			t.Errorf("%d s: %v after %d requests, want %d", seconds, err, len(s.requests), want)
		}
		if waited := clock.Now().Sub(begin); waited > 15*time.Second {
			t.Errorf("%d s: waited %s", seconds, waited)
		}
	}
}

// TestReplaceWaits creates an object anew whose old one takes its time to go.
func TestReplaceWaits(t *testing.T) {
	t.Parallel()
	s := newServer(object(t, bobViews))
	old := s.find(t, "rolebinding dev/view")
	reads := 0
	s.changed = func(objects map[string]*unstructured.Unstructured) {
		if len(objects) == 0 { // a finalizer holds it
			gone := old.DeepCopy()
			now := metav1.Now()
			gone.SetDeletionTimestamp(&now)
			objects["rolebinding dev/view"] = gone
		}
	}
	s.fault = func(r request) answer {
		if r.verb == "get" {
			if reads++; reads == 3 {
				s.changed = nil
				s.drop("rolebinding dev/view")
			}
		}
		return answer{}
	}
	replaced := with(object(t, bobViews), func(o *unstructured.Unstructured) {
		_ = unstructured.SetNestedField(o.Object, "edit", "roleRef", "name")
	})
	out := apply(t, s, must(t, plan.Step{Verb: plan.Delete, Old: old}, plan.Step{Verb: plan.Create, Object: replaced}))
	want := []string{"done", "  deleted delete rolebinding dev/view", "  created create rolebinding dev/view"}
	if diff := cmp.Diff(want, results(out)); diff != "" {
		t.Errorf("results (-want +got):\n%s\n%s", diff, strings.Join(s.requests, "\n"))
	}
}

// TestSameObject says which objects that are there already are what a create wants.
func TestSameObject(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want, live string
		differs    string // the field; empty when it is the same
	}{
		"defaults of RBAC": {
			bobEdits, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: edit, namespace: dev, annotations: {user: bob, role: edit}},
			subjects: [{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}], roleRef: {kind: ClusterRole, name: edit, apiGroup: rbac.authorization.k8s.io}}`, "",
		},
		"a policy with an action": {
			editPolicy, `{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: edit, namespace: dev}, spec: {action: DENY, rules: [{when: [{key: user, values: [bob]}]}]}}`,
			"spec.action",
		},
		"a policy with an empty list": {
			editPolicy, `{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: edit, namespace: dev}, spec: {rules: [{when: [{key: user, values: [bob]}], to: []}]}}`,
			"",
		},
		"a policy with a path more": {
			editPolicy, `{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: edit, namespace: dev}, spec: {rules: [{when: [{key: user, values: [bob]}], to: [{operation: {paths: [/x]}}]}]}}`,
			"spec.rules[0].to",
		},
		"another annotation": {
			bobEdits, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: edit, namespace: dev, annotations: {user: bob, role: view}}}`,
			"metadata.annotations.role",
		},
		"quantities": {
			`{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: dev}, spec: {hard: {cpu: 1000m, memory: 1024Mi, pods: 3}}}`,
			`{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: dev}, spec: {hard: {cpu: "1", memory: 1Gi, pods: "3"}}}`, "",
		},
		"other quantities": {
			`{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: dev}, spec: {hard: {cpu: "2"}}}`,
			`{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: dev}, spec: {hard: {cpu: "1"}}}`, "spec.hard.cpu",
		},
		"nothing, said or not": {
			`{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: dev}, spec: {owner: {name: ann}, resourceQuotaSpec: {}, plugins: []}}`,
			`{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: dev, finalizers: [x], labels: {a: b}}, spec: {owner: {name: ann}, more: 1}, status: {}}`, "",
		},
		"aggregated rules": {
			`{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}, aggregationRule: {clusterRoleSelectors: [{}]}}`,
			`{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}, aggregationRule: {clusterRoleSelectors: [{}]}, rules: [{verbs: [get]}]}`, "",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(object(t, tc.live))
			_, err := plan.Apply(t.Context(), s, must(t, plan.Step{Verb: plan.Create, Object: object(t, tc.want)}), plan.Options{Clock: newClock()})
			switch {
			case tc.differs == "" && err != nil:
				t.Errorf("error: %v", err)
			case tc.differs != "" && (err == nil || !strings.Contains(err.Error(), "it exists already, with another "+tc.differs+"\n")):
				t.Errorf("error: %v; want another %s", err, tc.differs)
			}
		})
	}
}
