package workspace

import (
	"fmt"
	"strings"
)

// Role is a role word. The empty role stands for a role of one's own.
type Role string

// The role words, weakest first. Each holds all that the ones before it hold.
const (
	Viewer Role = "viewer"
	Editor Role = "editor"
	Owner  Role = "owner"
)

// Roles returns the role words, weakest first.
func Roles() []Role { return []Role{Viewer, Editor, Owner} }

// ParseRole reads a role word as people and systems write it: viewer, view, kubeflow-view; editor, edit, kubeflow-edit,
// contributor; owner, admin, kubeflow-admin. Case does not matter.
func ParseRole(text string) (Role, error) {
	switch strings.TrimPrefix(strings.ToLower(text), "kubeflow-") {
	case "viewer", "view":
		return Viewer, nil
	case "editor", "edit", "contributor":
		return Editor, nil
	case "owner", "admin":
		return Owner, nil
	}
	return "", fmt.Errorf("parse role %q: want viewer, editor or owner", text)
}

// Short returns Kubernetes' and kfam's word for the role: view, edit, admin. It is empty for the empty role.
func (r Role) Short() string {
	switch r {
	case Viewer:
		return "view"
	case Editor:
		return "edit"
	case Owner:
		return "admin"
	}
	return ""
}

// ClusterRole returns the name of the ClusterRole that the role stands for in a flavor: kubeflow-edit, edit. It is empty
// for the empty role.
func (r Role) ClusterRole(f Flavor) string {
	if r.Short() == "" {
		return ""
	}
	if f == Kubeflow {
		return "kubeflow-" + r.Short()
	}
	return r.Short()
}

// Rank orders roles: 1 for viewer, 2 for editor, 3 for owner, 0 for a role of one's own.
func (r Role) Rank() int {
	switch r {
	case Viewer:
		return 1
	case Editor:
		return 2
	case Owner:
		return 3
	}
	return 0
}
