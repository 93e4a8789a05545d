package change_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// alsoCarol gives carol in Kubernetes what she has in Kalm.
const alsoCarol = `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: also, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: carol@shop.example}]
`

// TestTwofold changes what the row of one system shows in an application of Kalm's, where somebody has a role of each; where
// both go, that is said.
func TestTwofold(t *testing.T) {
	t.Parallel()
	wish := change.Wish{Workspace: "shop", Subject: rbac.User("carol@shop.example"), Role: workspace.Owner}
	of := func(verb change.Verb, system workspace.Flavor, role workspace.Role) change.Wish {
		w := wish
		w.Verb, w.System, w.Role = verb, system, role
		return w
	}
	for name, test := range map[string]struct {
		wish    change.Wish
		steps   []string // how each begins
		command string
		warned  bool
	}{
		"that of Kubernetes": {
			of(change.Remove, workspace.Native, workspace.Owner),
			[]string{"delete rolebinding shop/also"},
			"kubectl contrib remove carol@shop.example --role owner -n shop --flavor native", false,
		},
		"that of Kalm": {
			of(change.Remove, workspace.Kalm, workspace.Owner),
			[]string{"delete rolebinding shop/also", "delete rolebinding.core.kalm.dev shop/shop-rolebinding-"},
			"kubectl contrib remove carol@shop.example --role owner -n shop", true,
		},
		"another role in Kubernetes": {
			of(change.SetRole, workspace.Native, workspace.Viewer),
			[]string{"create rolebinding shop/contrib-user-carol", "delete rolebinding shop/also"},
			"kubectl contrib set-role carol@shop.example --role viewer -n shop --flavor native", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := examples(t, "kalm/*.yaml")
			w.text += alsoCarol
			p := propose(t, w, test.wish)
			steps := p.Plan.Changes().Strings()
			slices.Sort(steps)
			if !slices.EqualFunc(test.steps, steps, func(want, got string) bool { return strings.HasPrefix(got, want) }) {
				t.Errorf("steps (-want +got):\n%s", cmp.Diff(test.steps, steps))
			}
			if p.Command != test.command {
				t.Errorf("command %q, want %q", p.Command, test.command)
			}
			warned := slices.ContainsFunc(p.Remarks, func(line string) bool {
				return strings.Contains(line, "goes as well") && strings.Contains(line, "shop/also")
			})
			if warned != test.warned {
				t.Errorf("remarks %q", p.Remarks)
			}
		})
	}
}
