package workspace_test

import (
	"errors"
	"io"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// missing is the gap of a kind that may not be listed.
func missing(resource string) rbac.Gap {
	return rbac.Gap{What: resource, Missing: &rbacv1.PolicyRule{Resources: []string{resource}}}
}

func TestParseRole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]workspace.Role{
		"viewer": workspace.Viewer, "view": workspace.Viewer, "kubeflow-view": workspace.Viewer, "Viewer": workspace.Viewer,
		"editor": workspace.Editor, "edit": workspace.Editor, "contributor": workspace.Editor, "kubeflow-edit": workspace.Editor,
		"owner": workspace.Owner, "admin": workspace.Owner, "kubeflow-admin": workspace.Owner,
	} {
		if got, err := workspace.ParseRole(text); got != want || err != nil {
			t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "root", "cluster-admin", "kubeflow-", "edit "} {
		if got, err := workspace.ParseRole(text); err == nil {
			t.Errorf("%q: got %q, want an error", text, got)
		}
	}
}

func TestRoleWords(t *testing.T) {
	t.Parallel()
	for i, role := range workspace.Roles() {
		if role.Rank() != i+1 {
			t.Errorf("%s: rank %d, want %d", role, role.Rank(), i+1)
		}
		for _, flavor := range []workspace.Flavor{workspace.Kubeflow, workspace.Native} {
			name := role.ClusterRole(flavor)
			if got := workspace.RoleOf(rbacv1.RoleRef{Kind: "ClusterRole", Name: name}); got != role {
				t.Errorf("%s of %s: %s is read as %q", role, flavor, name, got)
			}
			// A Role of that name is somebody's own.
			if got := workspace.RoleOf(rbacv1.RoleRef{Kind: "Role", Name: name}); got != "" {
				t.Errorf("role/%s is read as %q", name, got)
			}
		}
	}
	if none := workspace.Role(""); none.Short() != "" || none.ClusterRole(workspace.Kubeflow) != "" || none.Rank() != 0 {
		t.Error("no role has a name")
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	err := workspace.Refuse("do this", "read %s: %w", "x", io.EOF)
	var refusal *workspace.Refusal
	if !errors.As(err, &refusal) || refusal.Hint() != "do this" || err.Error() != "read x: EOF" || !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}
