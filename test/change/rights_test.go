package change_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// TestRights is about callers who may not do all of it: what is missing is told at once, before anything is written.
func TestRights(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "rights")
	p.apply(`{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: change-writer},
		rules: [{apiGroups: ["*"], resources: [rolebindings, authorizationpolicies], verbs: ["*"]}]}` + "\n---\n" +
		`{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: change-reader},
		rules: [{apiGroups: ["*"], resources: [rolebindings, authorizationpolicies], verbs: [get, list]}]}` + "\n---\n" +
		bindingText("writer", "change-writer", "will@x.com") + "\n---\n" + bindingText("reader", "change-reader", "rita@x.com"))
	before := p.state()
	const (
		byWhom = "ask the owner, user:ann@x.com, or an administrator to run: kubectl contrib add zoe@x.com --role editor -n rights"
		policy = "no role of Kubeflow lets anybody write AuthorizationPolicies, owners included: use the dashboard, or ask an administrator " +
			"to run: kubectl contrib add zoe@x.com --role editor -n rights; --no-http gives the rights in Kubernetes alone"
	)
	tests := map[string]struct {
		refused []string
		dryRun  string
		remark  string
	}{
		"nobody@x.com": {
			refused: []string{
				"[list] [rolebindings] rights", "[list] [authorizationpolicies] rights",
				"[create] [rolebindings] rights", "[create] [authorizationpolicies] rights",
			},
			dryRun: `create rolebinding rights/user-zoe-x-com-clusterrole-edit: rolebindings.rbac.authorization.k8s.io is forbidden`,
			remark: "ask an administrator to run: kubectl contrib add zoe@x.com --role editor -n rights\n" + policy,
		},
		"ann@x.com": {
			refused: []string{"[create] [authorizationpolicies] rights"},
			dryRun:  `create authorizationpolicy rights/user-zoe-x-com-clusterrole-edit: authorizationpolicies.security.istio.io is forbidden`,
			remark:  policy,
		},
		"rita@x.com": {
			refused: []string{"[create] [rolebindings] rights", "[create] [authorizationpolicies] rights"},
			dryRun:  `create rolebinding rights/user-zoe-x-com-clusterrole-edit: rolebindings.rbac.authorization.k8s.io is forbidden`,
			remark:  byWhom + "\n" + policy,
		},
		"will@x.com": {
			dryRun: "attempting to grant RBAC permissions not currently held",
			remark: "note: the rules of clusterrole/kubeflow-edit can't be read: what is gained, and whether you may give it, is left to the server",
		},
	}
	t.Run("callers", func(t *testing.T) {
		for user, tt := range tests {
			t.Run(user, func(t *testing.T) {
				t.Parallel()
				m := makerOf(t, user)
				proposal, err := m.Propose(t.Context(), change.Wish{
					Verb: change.Add, Workspace: p.name, Subject: rbac.User("zoe@x.com"), Role: workspace.Editor,
				})
				if err != nil {
					t.Fatalf("Propose: %v", err)
				}
				var refused []string
				for _, r := range proposal.Refused {
					refused = append(refused, fmt.Sprint(r.Rule.Verbs, r.Rule.Resources, " ", r.Namespace))
				}
				if diff := cmp.Diff(tt.refused, refused); diff != "" {
					t.Errorf("refused (-want +got):\n%s", diff)
				}
				if !strings.Contains(text(proposal.DryRun), tt.dryRun) {
					t.Errorf("tried, it says %v, want %q", proposal.DryRun, tt.dryRun)
				}
				if told := strings.Join(proposal.Remarks, "\n"); !strings.Contains(told, tt.remark) {
					t.Errorf("remarks %q, want %q", told, tt.remark)
				}
				if result, err := m.Carry(t.Context(), proposal, nil); result != nil || err == nil {
					t.Errorf("Carry = %v, %v, want an error", result, err)
				}
			})
		}
	})
	if diff := cmp.Diff(before, p.state()); diff != "" {
		t.Errorf("something has changed (-want +got):\n%s", diff)
	}
}
