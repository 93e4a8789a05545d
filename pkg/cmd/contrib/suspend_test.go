package contrib

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// TestSuspended shows whom plain role bindings remember, and that nobody who is removed comes back.
func TestSuspended(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"suspended/list":      {"list", "-A"},
		"suspended/list-one":  {"list", "-n", "dev", "--role", "viewer"},
		"suspended/list-json": {"list", "-n", "dev", "-o", "json", "--subject", "bob@x.com"},
		"suspended/again":     {"suspend", "bob@x.com", "--dry-run=client"},
		"suspended/back":      {"suspend", "bob@x.com", "--unsuspend", "--dry-run=client"},
		"suspended/group":     {"suspend", "group:ops", "--unsuspend", "--dry-run=client"},
		"suspended/offboard":  {"offboard", "bob@x.com", "--dry-run=client"},
		"suspended/expire":    {"expire", "--dry-run=client"},
		"suspended/complete":  {"__complete", "suspend", "bo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if args[0] == "__complete" {
				args = []string{"__complete", "--from", "testdata/suspended.yaml", "suspend", "bo"}
			} else {
				args = append(args, "--from", "testdata/suspended.yaml")
			}
			golden.Equal(t, execute(t, "", args...).String(), name)
		})
	}
}

// TestMergedKalm joins what was read of two workspaces where the first shows nothing of Kalm's.
func TestMergedKalm(t *testing.T) {
	t.Parallel()
	served := map[inventory.Kind]bool{inventory.KalmBindings: true}
	first, second := &inventory.Inventory{Served: served}, &inventory.Inventory{Served: served}
	second.Custom = map[inventory.Kind][]*unstructured.Unstructured{inventory.KalmBindings: {
		kalm.NewBinding(kalm.Binding{Namespace: "shop", Name: "a", Subject: "bob@x.com", Role: kalm.Viewer}),
	}}
	s := merged([]*workspace.State{workspace.NewState(first, workspace.Options{}), workspace.NewState(second, workspace.Options{})})
	if got := len(s.Inventory.Objects(inventory.KalmBindings)); got != 1 {
		t.Errorf("%d role bindings of Kalm's", got)
	}
}

// TestSuspendStays fails where rights stay, whatever else is taken.
func TestSuspendStays(t *testing.T) {
	t.Parallel()
	for name, subject := range map[string]string{
		"suspend/member": "bob@acme.example", "suspend/owner": "dana@acme.example", "suspend/nobody": "zed@acme.example",
		"suspend/account": "sa:team-vision/default", "suspend/token": "token:0a1b",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", "suspend", subject, "--dry-run=client", "--from", acme).String(), name)
		})
	}
}
