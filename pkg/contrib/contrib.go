// Package contrib makes plans about the members of workspaces: who is given which role, who loses it, and what a list of
// members that is kept in a file would change.
//
// Everything here is a pure function over a [workspace.State]: what comes out is a plan, notes for the person who reads
// it, one a line, and an error. A [workspace.Refusal] among the errors says what is wrong with what was asked for, and
// what to do instead; then nothing at all is planned. All flavors of workspace go through the same functions: a Kubeflow
// member is a role binding and an Istio policy, as access management (kfam) writes them; a native member is a role
// binding; a member of Kalm's is a RoleBinding of Kalm's own, as its API writes it.
//
// Members are recognised by what their objects say, never by a name alone. Every plan can be made again from what an
// interrupted run has left: it then does the rest.
package contrib

import (
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Grant is one member as somebody wants it: a subject, its role in a workspace, and how it holds it.
type Grant struct {
	Workspace string
	Subject   rbac.Subject
	// Role is empty when RoleRef says which role of one's own is meant.
	Role workspace.Role
	// RoleRef is a role of one's own, nil for a role word.
	RoleRef *rbacv1.RoleRef
	// ClusterWide asks for the role in all workspaces. Workspace is then the namespace in which Kalm keeps such roles.
	ClusterWide bool
	// Expires is when the grant may be removed. Zero means never for whoever has no such grant yet, and in a list; else the
	// grant ends as before, unless Never is set.
	Expires time.Time
	// Never takes away the end that a grant has.
	Never bool
	// NoHTTP leaves the Istio policy out: rights in Kubernetes, and no way in through the gateway.
	NoHTTP bool
	// Name is what the objects are to be called when the name by the rule is taken; usually empty. It is not looked at
	// when the subject holds the role already.
	Name string
	// File and Line are where the grant was read, the line counted from 1; 0 when it was in no file.
	File string
	Line int
}

// RoleText returns the role as commands and files take it: "editor", "clusterrole/x", "role/x".
func (g Grant) RoleText() string {
	if g.RoleRef == nil {
		return string(g.Role)
	}
	return strings.ToLower(g.RoleRef.Kind) + "/" + g.RoleRef.Name
}

// ParseRole reads a role as commands and files take it: a word that [workspace.ParseRole] knows, or "clusterrole/NAME" or
// "role/NAME" for a role of one's own. One of the two results is empty.
func ParseRole(text string) (workspace.Role, *rbacv1.RoleRef, error) {
	kind, name, found := strings.Cut(text, "/")
	if !found {
		role, err := workspace.ParseRole(text)
		return role, nil, err
	}
	ref := &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Name: name}
	switch strings.ToLower(kind) {
	case "clusterrole":
		ref.Kind = "ClusterRole"
	case "role":
		ref.Kind = "Role"
	}
	if ref.Kind == "" || name == "" || strings.ContainsAny(name, "/%") {
		return "", nil, workspace.Refuse("a role of your own is written clusterrole/NAME or role/NAME",
			"parse role %q: want viewer, editor, owner, clusterrole/NAME or role/NAME", text)
	}
	return "", ref, nil
}

// Label returns the subject as short as [rbac.ParseSubject] still reads it back: users by their bare names.
func Label(s rbac.Subject) string {
	if s.Kind == rbacv1.UserKind {
		if again, err := rbac.ParseSubject(s.Name); err == nil && again == s {
			return s.Name
		}
	}
	return s.String()
}
