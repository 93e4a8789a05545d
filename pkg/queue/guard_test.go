package queue_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

const guardedConfig = `{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, spec: {clusterQueues: [
  {name: gpus, namespaces: [team-a]}, {name: open}]}}`

func guardState(t *testing.T, manifests string) *queue.State {
	t.Helper()
	return queue.NewState(read(t, manifests), nil, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
}

// stored are the objects that a plan leaves, as a server would have them.
func stored(p plan.Plan) []*unstructured.Unstructured {
	objects := p.Manifests()
	for _, o := range objects {
		o.SetUID("1")
		o.SetResourceVersion("1")
		o.SetGeneration(1)
	}
	return objects
}

// steps are the changes of a plan, without those of bindings.
func steps(p plan.Plan) []string {
	var out []string
	for _, line := range p.Changes().Strings() {
		if !strings.Contains(line, "policybinding") {
			out = append(out, line)
		}
	}
	return out
}

// guard makes a plan that must be possible.
func guard(t *testing.T, o queue.GuardOptions, there []*unstructured.Unstructured) plan.Plan {
	t.Helper()
	p, _, err := guardState(t, guardedConfig).Guard(o, there)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestGuard(t *testing.T) {
	t.Parallel()
	there := stored(guard(t, queue.GuardOptions{Mode: queue.GuardWarn, Labels: true}, nil))
	if got, want := len(there), 13; got != want {
		t.Errorf("a guard has %d objects, want %d", got, want)
	}
	tests := map[string]struct {
		o    queue.GuardOptions
		want []string
	}{
		"the same":       {queue.GuardOptions{Mode: queue.GuardWarn, Labels: true}, nil},
		"the mode stays": {queue.GuardOptions{Labels: true}, nil},
		"without labels": {queue.GuardOptions{}, []string{"delete validatingadmissionpolicy gatehouse-queue-namespaces"}},
		"an exemption":   {queue.GuardOptions{Labels: true, Exempt: []string{"ci"}}, []string{"update validatingadmissionpolicy gatehouse-queue-user"}},
		"one queue alone, but twice": {queue.GuardOptions{Labels: true, Queues: []string{"gpus", "gpus"}}, []string{
			"update validatingadmissionpolicy gatehouse-queue-kaiwo", "update validatingadmissionpolicy gatehouse-queue-labels",
			"update validatingadmissionpolicy gatehouse-queue-localqueues",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, steps(guard(t, tt.o, there))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGuardModes(t *testing.T) {
	t.Parallel()
	for _, mode := range []queue.GuardMode{queue.GuardDeny, queue.GuardWarn, queue.GuardAudit} {
		there := stored(guard(t, queue.GuardOptions{Mode: mode}, nil))
		if got := queue.GuardModeOf(there); got != mode {
			t.Errorf("the guard is in mode %s, want %s", got, mode)
		}
		for _, o := range there {
			policy, found, _ := unstructured.NestedString(o.Object, "spec", "failurePolicy")
			want := map[queue.GuardMode]string{queue.GuardDeny: "Fail"}[mode]
			if want == "" {
				want = "Ignore"
			}
			if found && policy != want {
				t.Errorf("%s: %s fails with %s, want %s", mode, o.GetName(), policy, want)
			}
		}
	}
	if got := queue.GuardModeOf(nil); got != queue.GuardDeny {
		t.Errorf("without a guard the mode is %s", got)
	}
}

func TestGuardErrors(t *testing.T) {
	t.Parallel()
	foreign := queue.GuardNames()[:1]
	tests := map[string]struct {
		manifests string
		o         queue.GuardOptions
		there     []*unstructured.Unstructured
		want      string
	}{
		"no configuration": {
			manifests: "{kind: ClusterQueue, metadata: {name: gpus}, spec: {namespaceSelector: {}}}",
			want:      "there is no kaiwoqueueconfig kaiwo",
		},
		"unknown queue":          {manifests: guardedConfig, o: queue.GuardOptions{Queues: []string{"gpu"}}, want: "guard queue gpu: kaiwoqueueconfig kaiwo does not have it"},
		"somebody else's object": {manifests: guardedConfig, there: foreign, want: "gatehouse-queue-user is there, and not ours"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := guardState(t, tt.manifests).Guard(tt.o, tt.there)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestUnguard(t *testing.T) {
	t.Parallel()
	there := stored(guard(t, queue.GuardOptions{}, nil))
	there[0].SetLabels(nil)
	p, notes, err := queue.Unguard(there)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(p.Changes().Steps), len(there)-1; got != want {
		t.Errorf("%d objects go, want %d", got, want)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], there[0].GetName()+" is not ours: it stays") {
		t.Errorf("notes %q", notes)
	}
	if p, _, err := queue.Unguard(nil); err != nil || len(p.Steps) > 0 {
		t.Errorf("without a guard: %v, error %v", p.Strings(), err)
	}
}

// What flags say reaches expressions as text, whatever is in it.
func TestGuardQuotes(t *testing.T) {
	t.Parallel()
	hostile := `x", "system:masters"] || true || "\` + "\n"
	p := guard(t, queue.GuardOptions{Exempt: []string{hostile}, UserPrefix: hostile}, nil)
	for _, o := range p.Manifests() {
		if o.GetName() != "gatehouse-queue-user" || o.GetKind() != "ValidatingAdmissionPolicy" {
			continue
		}
		conditions, _, _ := unstructured.NestedSlice(o.Object, "spec", "matchConditions")
		expression, _, _ := unstructured.NestedString(conditions[0].(map[string]any), "expression")
		want := `!(request.userInfo.username in ["system:serviceaccount:kaiwo-system:kaiwo-controller-manager", ` +
			`"x\", \"system:masters\"] || true || \"\\\n"])`
		if diff := cmp.Diff(want, expression); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// What stays open is named, and that nothing but spec.user is bound, if so.
func TestGuardOpen(t *testing.T) {
	t.Parallel()
	const (
		stays = "queue open lists no namespaces: it stays open to all"
		alone = stays + ", and spec.user alone is bound until namespaces are listed"
	)
	s := guardState(t, guardedConfig)
	for name, tt := range map[string]struct {
		queues, want []string
	}{
		"all":           {nil, []string{stays}},
		"one of two":    {[]string{"gpus", "open"}, []string{stays}},
		"open":          {[]string{"open"}, []string{alone}},
		"open, twice":   {[]string{"open", "open"}, []string{alone}},
		"nothing of it": {[]string{"gpus"}, nil},
	} {
		_, notes, err := s.Guard(queue.GuardOptions{Mode: queue.GuardWarn, Queues: tt.queues}, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, notes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
