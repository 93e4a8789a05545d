package workspace_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// kalmShop is a cluster with Kalm: an application, a namespace that is none, and Kalm's own.
func kalmShop(change ...func(*inventory.Inventory)) *inventory.Inventory {
	ns := func(name string, labels map[string]string) *corev1.Namespace {
		return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
	}
	bind := func(namespace, subject string, group bool, role kalm.Role, expires string) *unstructured.Unstructured {
		return kalm.NewBinding(kalm.Binding{
			Namespace: namespace, Subject: subject, Group: group, Role: role, Creator: "root@x.com", Expires: expires,
		})
	}
	inv := &inventory.Inventory{
		Served: map[inventory.Kind]bool{inventory.KalmBindings: true, inventory.Namespaces: true, inventory.RoleBindings: true},
		Namespaces: []*corev1.Namespace{
			ns("kalm-system", nil), ns("plain", nil), ns("shop", map[string]string{kalm.EnabledLabel: kalm.EnabledValue}),
		},
		RoleBindings: []*rbacv1.RoleBinding{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "devs"},
			RoleRef:    rbacv1.RoleRef{Kind: "ClusterRole", Name: "view"}, Subjects: []rbacv1.Subject{{Kind: rbacv1.GroupKind, Name: "devs"}},
		}},
		Custom: map[inventory.Kind][]*unstructured.Unstructured{inventory.KalmBindings: {
			bind("kalm-system", "eve@x.com", false, kalm.Suspended, "2020-01-01T00:00:00Z"),
			bind("kalm-system", "olga@x.com", false, kalm.ClusterOwner, ""),
			bind("kalm-system", "paul@x.com", false, kalm.Placeholder, ""),
			bind("plain", "ivy@x.com", false, kalm.Owner, ""),
			bind("shop", "ann@x.com", false, kalm.Viewer, "2026-01-01T00:00:00Z"),
			bind("shop", "devs", true, kalm.Editor, ""),
			bind("shop", "eve@x.com", false, kalm.Owner, ""),
			bind("shop", "zed@x.com", false, kalm.Owner, ""),
		}},
	}
	for _, c := range change {
		c(inv)
	}
	return inv
}

// kalmLine is what a test says of a member.
type kalmLine struct {
	Workspace, Subject, Role string
	How                      workspace.How
	ClusterWide, OfKalm      bool
	Expires                  string
}

func kalmLines(members []workspace.Member) []kalmLine {
	var out []kalmLine
	for i := range members {
		m := &members[i]
		out = append(out, kalmLine{m.Workspace, m.Subject.String(), m.RoleText(), m.How, m.ClusterWide, m.OfKalm(), workspace.ExpiryText(m.Expires)})
	}
	return out
}

func TestKalmMembers(t *testing.T) {
	t.Parallel()
	s := workspace.NewState(kalmShop(), workspace.Options{})
	want := []kalmLine{
		{"kalm-system", "user:eve@x.com", "suspended", workspace.Suspended, false, true, "2020-01-01"},
		{"kalm-system", "user:olga@x.com", "clusterOwner", workspace.ByKalmCluster, true, true, ""},
		{"kalm-system", "user:paul@x.com", "placeholder", workspace.Placeholder, false, true, ""},
		{"plain", "user:ivy@x.com", "owner", workspace.Inert, false, true, ""},
		{"shop", "user:ann@x.com", "viewer", workspace.ByKalm, false, true, "2026-01-01"},
		{"shop", "user:eve@x.com", "owner", workspace.Suspended, false, true, ""},
		{"shop", "user:zed@x.com", "owner", workspace.ByKalm, false, true, ""},
		{"shop", "group:devs", "editor", workspace.ByKalm, false, true, ""},
		{"shop", "group:devs", "viewer", workspace.ByHand, false, false, ""},
	}
	if diff := cmp.Diff(want, kalmLines(s.Members(""))); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]kalmLine{want[1]}, kalmLines(s.Everywhere())); diff != "" {
		t.Errorf("everywhere (-want +got):\n%s", diff)
	}
	if !s.IsSuspended(rbac.User("eve@x.com")) || s.IsSuspended(rbac.User("Eve@x.com")) || s.IsSuspended(rbac.Group("eve@x.com")) {
		t.Error("exactly the user eve@x.com is suspended")
	}
	if got := workspace.CountRoles(s.Members("shop")).String(); got != "1 owner, 1 editor, 1 viewer" {
		t.Errorf("counted %s", got)
	}
	workspaces := s.Workspaces()
	if len(workspaces) != 1 || workspaces[0].Name != "shop" || workspaces[0].Flavor != workspace.Kalm ||
		workspaces[0].Owner != rbac.User("zed@x.com") || workspaces[0].Status.Phase != workspace.Ready {
		t.Errorf("workspaces %+v", workspaces)
	}
}

func TestKalmFlavor(t *testing.T) {
	t.Parallel()
	served := func(kinds ...inventory.Kind) func(*inventory.Inventory) {
		return func(inv *inventory.Inventory) {
			inv.Served = map[inventory.Kind]bool{}
			for _, kind := range kinds {
				inv.Served[kind] = true
			}
		}
	}
	label := func(namespace, key, value string) func(*inventory.Inventory) {
		return func(inv *inventory.Inventory) {
			ns := inv.Namespace(namespace)
			ns.Labels = map[string]string{kalm.EnabledLabel: kalm.EnabledValue, key: value}
		}
	}
	for name, test := range map[string]struct {
		change  func(*inventory.Inventory)
		options workspace.Options
		flavor  workspace.Flavor
		of      map[string]workspace.Flavor
	}{
		"kalm": {
			change: func(*inventory.Inventory) {}, flavor: workspace.Kalm,
			of: map[string]workspace.Flavor{
				"shop": workspace.Kalm, "plain": workspace.Native, "kalm-system": workspace.Kalm, "new": workspace.Kalm,
			},
		},
		"not served": {
			change: func(inv *inventory.Inventory) { served()(inv); inv.Custom = nil }, flavor: workspace.Native,
			of: map[string]workspace.Flavor{"shop": workspace.Native, "kalm-system": workspace.Native},
		},
		"beside Kubeflow": {
			change: served(inventory.KalmBindings, inventory.Profiles), flavor: workspace.Kubeflow,
			of: map[string]workspace.Flavor{"shop": workspace.Kalm, "plain": workspace.Native, "new": workspace.Kubeflow},
		},
		"marked by Kubeflow": {
			change: label("shop", kubeflow.PartOfLabel, kubeflow.PartOfProfile), flavor: workspace.Kubeflow,
			of: map[string]workspace.Flavor{"shop": workspace.Kubeflow},
		},
		"marked as native": {
			change: label("shop", workspace.Label, "true"), flavor: workspace.Kalm,
			of: map[string]workspace.Flavor{"shop": workspace.Native},
		},
		"said to be native": {
			change: func(*inventory.Inventory) {}, options: workspace.Options{Flavor: workspace.Native}, flavor: workspace.Native,
			of: map[string]workspace.Flavor{"shop": workspace.Native, "kalm-system": workspace.Native},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := workspace.NewState(kalmShop(test.change), test.options)
			if s.Flavor != test.flavor {
				t.Errorf("flavor %s, want %s", s.Flavor, test.flavor)
			}
			for namespace, want := range test.of {
				if got := s.FlavorOf(namespace); got != want {
					t.Errorf("%s is %s, want %s", namespace, got, want)
				}
			}
			if s.Flavor == workspace.Native && len(s.Members("plain")) != 0 {
				t.Errorf("members of Kalm's: %v", kalmLines(s.Members("plain")))
			}
		})
	}
}

func TestKalmStatus(t *testing.T) {
	t.Parallel()
	gap := rbac.Gap{What: "rolebindings.core.kalm.dev", Namespace: "shop", Cause: "forbidden"}
	for name, test := range map[string]struct {
		change func(*inventory.Inventory)
		want   workspace.Phase
	}{
		"ready":  {func(*inventory.Inventory) {}, workspace.Ready},
		"unread": {func(inv *inventory.Inventory) { inv.Gaps = []rbac.Gap{gap} }, workspace.Unknown},
		"ending": {func(inv *inventory.Inventory) {
			inv.Namespace("shop").Status.Phase = corev1.NamespaceTerminating
		}, workspace.Terminating},
		"stuck": {func(inv *inventory.Inventory) {
			inv.Namespace("shop").DeletionTimestamp = &metav1.Time{Time: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
		}, workspace.Stuck},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := workspace.NewState(kalmShop(test.change), workspace.Options{Now: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)})
			if w, ok := s.Workspace("shop"); !ok || w.Status.Phase != test.want {
				t.Errorf("%v %+v, want %s", ok, w.Status, test.want)
			}
		})
	}
}
