package workspace_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func TestCountRoles(t *testing.T) {
	t.Parallel()
	ann, bob, carl := rbac.User("ann"), rbac.User("bob"), rbac.User("carl")
	tests := map[string]struct {
		members []workspace.Member
		want    string
		total   int
	}{
		"nobody": {nil, "", 0},
		"strongest role counts": {
			[]workspace.Member{
				{Subject: ann, Role: workspace.Viewer},
				{Subject: ann, Role: workspace.Owner},
				{Subject: ann},
				{Subject: bob, Role: workspace.Editor},
				{Subject: carl, Role: workspace.Editor},
			},
			"1 owner, 2 editors", 3,
		},
		"role of one's own, and http only": {
			[]workspace.Member{{Subject: ann}, {Subject: bob, Role: workspace.Editor, How: workspace.ByPolicy}}, "1 other, 1 http only", 2,
		},
		"rights that could not be read": {
			[]workspace.Member{{Subject: ann, Role: workspace.Viewer}, {Subject: bob, Role: workspace.Editor, How: workspace.Unseen}}, "1 viewer, 1 unknown", 2,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := workspace.CountRoles(tt.members)
			if got.String() != tt.want || got.Total() != tt.total {
				t.Errorf("%q of %d, want %q of %d", got, got.Total(), tt.want, tt.total)
			}
		})
	}
}

func TestMemberObjects(t *testing.T) {
	t.Parallel()
	policy := &unstructured.Unstructured{}
	policy.SetName("p")
	m := workspace.Member{Workspace: "dev", Binding: &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "b"}}, Policy: policy}
	if diff := cmp.Diff([]string{"rolebinding dev/b", "authorizationpolicy dev/p"}, m.Objects()); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestExpiryText(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("", 3600)
	tests := map[string]time.Time{
		"":                     {},
		"2030-01-31":           time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC),
		"2030-01-31T18:00:00Z": time.Date(2030, 1, 31, 19, 0, 0, 0, berlin),
	}
	for want, at := range tests {
		got := workspace.ExpiryText(at)
		if got != want {
			t.Errorf("ExpiryText(%v) = %q, want %q", at, got, want)
		}
		if back, err := workspace.ParseExpiry(got); err != nil || !back.Equal(at) {
			t.Errorf("%q is read as %v, %v", got, back, err)
		}
	}
}

// TestCountRolesOfKalm leaves out whom Kalm gives nothing any more; a role binding of Kubernetes counts until somebody takes
// it away.
func TestCountRolesOfKalm(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	members := []workspace.Member{
		{Subject: rbac.User("a"), Role: workspace.Owner, How: workspace.ByKalm, Kalm: &kalm.Binding{}, Expires: now},
		{Subject: rbac.User("b"), Role: workspace.Owner, How: workspace.ByKalm, Kalm: &kalm.Binding{}, Expires: now.Add(time.Second)},
		{Subject: rbac.User("c"), Role: workspace.Viewer, How: workspace.ByHand, Expires: now},
	}
	s := workspace.NewState(&inventory.Inventory{}, workspace.Options{Now: now})
	if got := s.CountRoles(members).String(); got != "1 owner, 1 viewer" {
		t.Errorf("counted %s", got)
	}
}
