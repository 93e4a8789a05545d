package kalm

import (
	"fmt"
	"slices"
	"strings"
)

// Role is the role of a Kalm RoleBinding.
type Role string

// The roles. Source: controller/api/v1alpha1/rolebinding_types.go.
const (
	Viewer        Role = "viewer"
	Editor        Role = "editor"
	Owner         Role = "owner"
	ClusterViewer Role = "clusterViewer"
	ClusterEditor Role = "clusterEditor"
	ClusterOwner  Role = "clusterOwner"
	// Suspended takes away every binding that names exactly the same user.
	Suspended Role = "suspended"
	// Placeholder gives nothing; Kalm's pages list the person by it.
	Placeholder Role = "placeholder"
)

// Roles returns all roles: those of a namespace and those of the cluster, weakest first, then the two that give nothing.
func Roles() []Role {
	return []Role{Viewer, Editor, Owner, ClusterViewer, ClusterEditor, ClusterOwner, Suspended, Placeholder}
}

// Known reports whether it is a role that Kalm's schema takes.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Cluster reports whether the role may be bound in [SystemNamespace] only. Source: rolebinding_webhook.go.
func (r Role) Cluster() bool {
	switch r {
	case ClusterViewer, ClusterEditor, ClusterOwner, Suspended, Placeholder:
		return true
	case Viewer, Editor, Owner:
	}
	return false
}

// everywhere reports whether the role counts in the whole cluster.
func (r Role) everywhere() bool { return r.Gives() && r.Cluster() }

// Gives reports whether the role gives anything at all.
func (r Role) Gives() bool { return r.Known() && r != Suspended && r != Placeholder }

// Word returns the role word, viewer, editor or owner, without the cluster; it is empty for what is none.
func (r Role) Word() string {
	if !r.Gives() {
		return ""
	}
	return strings.ToLower(strings.TrimPrefix(string(r), "cluster"))
}

// Everywhere returns the same word for the whole cluster: editor becomes clusterEditor. Others are as they were.
func (r Role) Everywhere() Role {
	switch r {
	case Viewer:
		return ClusterViewer
	case Editor:
		return ClusterEditor
	case Owner:
		return ClusterOwner
	case ClusterViewer, ClusterEditor, ClusterOwner, Suspended, Placeholder:
	}
	return r
}

// Actions returns what the role allows in its place, weakest first. Each role holds what the ones before it hold.
func (r Role) Actions() []Action {
	switch r {
	case Viewer, ClusterViewer:
		return []Action{View}
	case Editor, ClusterEditor:
		return []Action{View, Edit}
	case Owner, ClusterOwner:
		return []Action{View, Edit, Manage}
	case Suspended, Placeholder:
	}
	return nil
}

// ParseRole reads a role as it is written in Kalm; case does not matter. The error says which there are.
func ParseRole(text string) (Role, error) {
	for _, role := range Roles() {
		if strings.EqualFold(text, string(role)) {
			return role, nil
		}
	}
	return "", fmt.Errorf("parse role %q of Kalm: want viewer, editor, owner, clusterViewer, clusterEditor, clusterOwner, suspended or placeholder", text)
}

// Action is what Kalm's API asks of its policy. None holds another: a rule that says edit alone does not let anybody view.
type Action string

// The actions. Source: api/rbac/model.go.
const (
	View   Action = "view"
	Edit   Action = "edit"
	Manage Action = "manage"
)

// Actions returns all actions.
func Actions() []Action { return []Action{View, Edit, Manage} }

// ParseAction reads an action as it is written in rules.
func ParseAction(text string) (Action, error) {
	if a := Action(text); slices.Contains(Actions(), a) {
		return a, nil
	}
	return "", fmt.Errorf("parse action %q of Kalm: want view, edit or manage", text)
}
