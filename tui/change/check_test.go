package change_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// unreadMembers takes away what says who has a role. With verbs, these would help.
func unreadMembers(verbs ...string) func(*inventory.Inventory) {
	return func(inv *inventory.Inventory) {
		inv.RoleBindings, inv.Policies = nil, nil
		for kind, group := range map[inventory.Kind]string{inventory.RoleBindings: rbacv1.GroupName, inventory.Policies: "security.istio.io"} {
			gap := rbac.Gap{What: string(kind) + " in namespace dev", Namespace: "dev", Cause: "no"}
			if len(verbs) > 0 {
				gap.Missing = &rbacv1.PolicyRule{Verbs: verbs, APIGroups: []string{group}, Resources: []string{string(kind)}}
			}
			inv.Gaps = append(inv.Gaps, gap)
		}
	}
}

// TestProposeTells is about proposals that the server is against, or can't judge.
func TestProposeTells(t *testing.T) {
	t.Parallel()
	wish := change.Wish{Verb: change.Add, Workspace: "dev", Subject: eve, Role: workspace.Editor}
	resource := schema.GroupResource{Group: rbacv1.GroupName, Resource: "rolebindings"}
	held := apierrors.NewForbidden(resource, "x", errors.New("user \"ann@x.com\" is attempting to grant RBAC permissions not currently held: []"))
	tests := map[string]struct {
		world   *world
		refused []string
		dryRun  string
		hint    string
		remarks []string
		notes   []string
		err     string
	}{
		"may not": {
			world: &world{may: func(question string) bool { return strings.HasPrefix(question, "delete") }},
			refused: []string{
				"create rolebindings (rbac.authorization.k8s.io) in dev", "create authorizationpolicies (security.istio.io) in dev",
			},
			remarks: []string{
				"warning: eve@x.com can then read secrets, run pods with any secret and as any service account",
				"ask the owner, user:ann@x.com, or an administrator to run: kubectl contrib add eve@x.com --role editor -n dev",
				"no role of Kubeflow lets anybody write AuthorizationPolicies, owners included: use the dashboard, or ask an administrator to run: " +
					"kubectl contrib add eve@x.com --role editor -n dev; --no-http gives the rights in Kubernetes alone",
			},
		},
		"may not give": {
			world:   &world{self: "carol@x.com", tried: held},
			dryRun:  "attempting to grant RBAC permissions not currently held",
			hint:    "the server lets you give only rights that you hold there yourself",
			remarks: []string{"warning: eve@x.com can then read secrets, run pods with any secret and as any service account", "warning: you may not give clusterrole/kubeflow-edit in dev: you lack create pods; get,create secrets, and the verb bind on it"},
		},
		"not told what one may": {
			world: &world{mayErr: apierrors.NewForbidden(schema.GroupResource{Resource: "selfsubjectaccessreviews"}, "", errors.New("no"))},
			remarks: []string{
				"warning: eve@x.com can then read secrets, run pods with any secret and as any service account",
				`warning: the server does not say beforehand what you may do: selfsubjectaccessreviews is forbidden: no`,
			},
		},
		"not asked what one may": {world: &world{mayErr: errors.New("connection lost")}, err: "ask for rights: connection lost"},
		"a webhook that can't try": {
			world: &world{tried: apierrors.NewBadRequest("admission webhook x does not support dry run")},
			remarks: []string{
				"warning: eve@x.com can then read secrets, run pods with any secret and as any service account",
				"warning: the server can't try this beforehand: create rolebinding dev/user-eve-x-com-clusterrole-edit: admission webhook x does not support dry run\n" +
					"create authorizationpolicy dev/user-eve-x-com-clusterrole-edit: admission webhook x does not support dry run",
			},
		},
		"refused by admission": {
			world:  &world{tried: apierrors.NewForbidden(resource, "x", errors.New("exceeded quota"))},
			dryRun: "exceeded quota", remarks: []string{"warning: eve@x.com can then read secrets, run pods with any secret and as any service account"},
		},
		"rights unread": {world: &world{rights: errors.New("no")}, remarks: []string{"note: what is gained is left to the server: no"}},
		"nothing read":  {world: &world{unread: errors.New("connection lost")}, err: "connection lost"},
		"partial": {
			world: &world{change: func(inv *inventory.Inventory) {
				inv.Policies = nil
				inv.Gaps = []rbac.Gap{
					{What: "profiles", Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{"kubeflow.org"}, Resources: []string{"profiles"}}},
					{What: "namespaces", Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{"namespaces"}}},
				}
			}},
			remarks: []string{"warning: eve@x.com can then read secrets, run pods with any secret and as any service account"},
		},
		"may neither read nor write": {
			world: &world{may: func(string) bool { return false }, change: unreadMembers("list")},
			refused: []string{
				"list rolebindings (rbac.authorization.k8s.io) in dev", "list authorizationpolicies (security.istio.io) in dev",
				"create rolebindings (rbac.authorization.k8s.io) in dev", "create authorizationpolicies (security.istio.io) in dev",
			},
			remarks: []string{
				"warning: eve@x.com can then read secrets, run pods with any secret and as any service account",
				"ask the owner, user:ann@x.com, or an administrator to run: kubectl contrib add eve@x.com --role editor -n dev",
				"no role of Kubeflow lets anybody write AuthorizationPolicies, owners included: use the dashboard, or ask an administrator to run: " +
					"kubectl contrib add eve@x.com --role editor -n dev; --no-http gives the rights in Kubernetes alone",
			},
			notes: []string{"who has a role there can't be read: this is what would be written if nobody had one"},
		},
		"may not read": {
			world:   &world{change: unreadMembers("list")},
			refused: []string{"list rolebindings (rbac.authorization.k8s.io) in dev", "list authorizationpolicies (security.istio.io) in dev"},
			remarks: []string{
				"warning: eve@x.com can then read secrets, run pods with any secret and as any service account",
				"ask the owner, user:ann@x.com, or an administrator to run: kubectl contrib add eve@x.com --role editor -n dev",
				"no role of Kubeflow lets anybody write AuthorizationPolicies, owners included: use the dashboard, or ask an administrator to run: " +
					"kubectl contrib add eve@x.com --role editor -n dev",
			},
			notes: []string{"who has a role there can't be read: this is what would be written if nobody had one"},
		},
		"not read": {world: &world{change: unreadMembers()}, err: "change the members of dev: its role bindings cannot be read: no"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.world.text = company
			p, err := tt.world.maker().Propose(t.Context(), wish)
			if tt.err != "" {
				if p != nil || err == nil || err.Error() != tt.err {
					t.Errorf("Propose = %v, %v, want %q", p, err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatalf("Propose: %v", err)
			}
			var refused []string
			for _, r := range p.Refused {
				refused = append(refused, strings.Join(r.Rule.Verbs, ",")+" "+r.Rule.Resources[0]+" ("+r.Rule.APIGroups[0]+") in "+r.Namespace)
			}
			if diff := cmp.Diff(tt.refused, refused); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.remarks, p.Remarks); diff != "" {
				t.Errorf("remarks (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notes, p.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			message, hint := "", ""
			var hinted interface{ Hint() string }
			if p.DryRun != nil {
				message = p.DryRun.Error()
			}
			if errors.As(p.DryRun, &hinted) {
				hint = hinted.Hint()
			}
			if !strings.Contains(message, tt.dryRun) || (tt.dryRun == "") != (message == "") || !strings.HasPrefix(hint, tt.hint) || (tt.hint == "") != (hint == "") {
				t.Errorf("dry run %q, hint %q; want %q, %q", message, hint, tt.dryRun, tt.hint)
			}
			if len(p.Refused) > 0 || p.DryRun != nil {
				if result, err := tt.world.maker().Carry(t.Context(), p, nil); result != nil || err == nil {
					t.Errorf("Carry = %v, %v, want an error and no result", result, err)
				}
			}
		})
	}
}
