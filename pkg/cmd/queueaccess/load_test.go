package queueaccess

import (
	"bytes"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Queues that nobody may read are not taken for queues that are not there.
func TestUnreadQueues(t *testing.T) {
	t.Parallel()
	missing := rbacv1.PolicyRule{APIGroups: []string{"kueue.x-k8s.io"}, Resources: []string{"clusterqueues"}, Verbs: []string{"list"}}
	inv := &inventory.Inventory{Live: true, Gaps: []rbac.Gap{{What: "clusterqueues", Cause: "forbidden", Missing: &missing}}}
	s := queue.NewState(inv, nil, time.Time{})

	_, err := findQueue(&loaded{state: s}, "science")
	if err == nil || !strings.Contains(err.Error(), "it is not among those that can be read (not clusterqueues)") {
		t.Errorf("got %v, want an error that says what can't be read", err)
	}
	var stderr bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stderr, ErrOut: &stderr}
	env := cli.NewEnv(streams, clocktesting.NewFakePassiveClock(time.Time{}), "kubectl queueaccess")
	(&listFlags{env: env}).tell(s, 0)
	if got := stderr.String(); got != "no queues can be read\n" {
		t.Errorf("list says %q", got)
	}
}
