package contrib_test

import (
	"errors"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Who may not read the role bindings of a workspace is told whom to ask.
func TestClosedRoomNamesTheOwner(t *testing.T) {
	t.Parallel()
	c := newCluster(ofKubeflow("team-a", "alice@x.com")...)
	c.gaps = []rbac.Gap{{What: "rolebindings in namespace team-a", Namespace: "team-a", Cause: "forbidden"}}
	_, _, err := contrib.Add(c.state(), grant("team-a", bob, workspace.Viewer))
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) {
		t.Fatalf("error %v has no hint", err)
	}
	const want = "ask the owner, user:alice@x.com, or an administrator; what could not be read has to be readable"
	if hinted.Hint() != want {
		t.Errorf("hint %q, want %q", hinted.Hint(), want)
	}
}
