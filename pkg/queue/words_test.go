package queue_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestWords(t *testing.T) {
	t.Parallel()
	const (
		config = `{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, spec: {clusterQueues: [{name: q, namespaces: [dev], spec: {namespaceSelector: {}}}, {name: kaiwo, spec: {namespaceSelector: {}}}]}}`
		made   = "\n---\n{kind: ClusterQueue, metadata: {name: q}, spec: {namespaceSelector: {}}"
		local  = `{kind: LocalQueue, metadata: {name: l, namespace: ml}, spec: {clusterQueue: q}}`
	)
	tests := map[string]struct {
		manifests, name string
		live            bool
		unread          []inventory.Kind
		want            queue.Words
	}{
		"restricted": {config + made + "}", "q", false, nil, queue.Words{Access: "restricted", State: "active", Standing: queue.Passed}},
		"active": {
			config + made + `, status: {conditions: [{type: Active, status: "True"}]}}`, "q", true, nil,
			queue.Words{Access: "restricted", State: "active", Standing: queue.Passed},
		},
		"no status yet": {config + made + "}", "q", true, nil, queue.Words{Access: "restricted", State: "no status yet", Standing: queue.NotReached}},
		"not active": {
			config + made + `, status: {conditions: [{type: Active, status: "False", reason: FlavorNotFound, message: "Can't admit new workloads: no x"}]}}`, "q", true, nil,
			queue.Words{Access: "restricted", State: "FlavorNotFound", Standing: queue.Blocked},
		},
		"stopped": {
			local + "\n---\n{kind: ClusterQueue, metadata: {name: q}, spec: {namespaceSelector: {}, stopPolicy: Hold}}", "q", true, nil,
			queue.Words{Access: "kueue", State: "stopPolicy Hold", Standing: queue.Blocked},
		},
		"open, default": {config + "\n---\n" + local, "kaiwo", true, nil, queue.Words{Access: "open", Default: true, Where: "any", State: "no ClusterQueue", Standing: queue.Blocked}},
		"not made yet":  {config, "q", false, nil, queue.Words{Access: "restricted", State: "not made yet", Standing: queue.NotReached}},
		"no selector": {
			"{kind: ClusterQueue, metadata: {name: q}}", "q", true, nil,
			queue.Words{Access: "kueue", State: "admits no namespace", Standing: queue.Blocked},
		},
		"no list": {
			"{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, spec: {clusterQueues: [{name: q, namespaces: dev, spec: {namespaceSelector: {}}}]}}", "q", false, nil,
			queue.Words{Access: "restricted", Where: "unknown", Partial: true, State: "not made yet", Standing: queue.NotReached},
		},
		"only named": {local, "q", true, nil, queue.Words{Access: "kueue", State: "no ClusterQueue, though LocalQueues name it", Standing: queue.Blocked}},
		"config unread": {
			local, "q", true,
			[]inventory.Kind{inventory.QueueConfigs, inventory.ClusterQueues},
			queue.Words{Access: "unknown", Partial: true, State: "unknown", Standing: queue.Unknown},
		},
		"all but the queue unread": {
			"{kind: ClusterQueue, metadata: {name: q}}", "q", true,
			[]inventory.Kind{inventory.LocalQueues},
			queue.Words{Access: "kueue", Partial: true, Where: "unknown", State: "admits no namespace", Standing: queue.Blocked},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := read(t, tt.manifests)
			inv.Live = tt.live
			for _, kind := range tt.unread {
				inv.Gaps = append(inv.Gaps, rbac.Gap{What: string(kind), Cause: "refused"})
			}
			s := queue.NewState(inv, nil, time.Time{})
			got := s.Words(s.Queue(tt.name))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if want := map[bool]string{true: tt.want.Access + ", default", false: tt.want.Access}[tt.want.Default]; got.AccessWords() != want {
				t.Errorf("access %q, want %q", got.AccessWords(), want)
			}
		})
	}
}

func TestNameWords(t *testing.T) {
	t.Parallel()
	want := []string{"dev", `""`, `"a, b"`, `"x\x1b"`}
	if diff := cmp.Diff(want, queue.NameWords([]string{"dev", "", "a, b", "x\x1b"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A selector that can't be read is told from one that is not there.
func TestBadSelector(t *testing.T) {
	t.Parallel()
	for selector, want := range map[string]bool{
		"{matchExpressions: [{key: a, operator: Like, values: [b]}]}": true, "5": true, "{}": false, "null": false,
	} {
		s := queue.NewState(read(t, "{kind: ClusterQueue, metadata: {name: q}, spec: {namespaceSelector: "+selector+"}}"), nil, time.Time{})
		if got := s.Queue("q").BadSelector; got != want {
			t.Errorf("%s: %t, want %t", selector, got, want)
		}
	}
}
