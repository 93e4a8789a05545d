package plan_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

func TestIdentifies(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"user": true, "group": true, "role": true, "owner": true, "gatehouse.dev/expires": true,
		"": false, "users": false, "gatehouse.dev": false, "kubectl.kubernetes.io/last-applied-configuration": false,
	} {
		if got := plan.Identifies(name); got != want {
			t.Errorf("%q: %v, want %v", name, got, want)
		}
	}
}
