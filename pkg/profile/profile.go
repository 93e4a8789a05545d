// Package profile makes plans about workspaces: how they are made, changed, handed on, taken over and deleted, in the
// flavors that Gatehouse knows. It also reads the files that describe workspaces, and judges workspaces (see [Judge]).
//
// Everything here is a pure function over a [workspace.State]: what comes out is a plan, notes for the person who reads
// it, one a line, and an error. A [workspace.Refusal] among the errors says what is wrong with what was asked for, and
// what to do instead. The members of a workspace, apart from its owner, are the business of package contrib: a [Spec] only
// carries them.
//
// The steps of a plan have the unit "profile NAME", so that each workspace is changed whole or not at all.
package profile

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Spec is a workspace as somebody wants it. What it leaves out, a plan leaves alone: nil maps and slices, and false.
type Spec struct {
	Name  string
	Owner rbac.Subject
	// ProfileLabels and ProfileAnnotations are those of a Kubeflow Profile itself.
	ProfileLabels, ProfileAnnotations map[string]string
	// Quota limits what the workspace may use. A nil Hard says nothing about it; one that is empty means no quota.
	Quota corev1.ResourceQuotaSpec
	// Labels and Annotations are those of the namespace that are to be set; others stay as they are. Kubeflow's controller
	// makes the namespace itself: see [FollowUp].
	Labels, Annotations map[string]string
	// Plugins are those of a Kubeflow profile. An empty slice that is not nil means none.
	Plugins []kubeflow.Plugin
	// Members are for package contrib; nothing here reads them. An empty slice that is not nil means none.
	Members []MemberSpec
	// MemberObjects counts the objects of members, role bindings and policies, that a file of manifests holds beside the
	// workspace. They are no part of Members: package contrib reads them.
	MemberObjects int
	// LimitRange, DefaultDeny and ServiceAccounts ask for the optional objects of a native workspace: default requests and
	// limits of containers, a network policy that lets in traffic of the same namespace only, and accounts for workloads.
	LimitRange, DefaultDeny, ServiceAccounts bool
	// Line is where the spec was read, counted from 1; 0 when it was in no file.
	Line int
}

// MemberSpec is one member of a [Spec].
type MemberSpec struct {
	Subject rbac.Subject
	// Role is empty when RoleRef says which role of one's own is meant.
	Role    workspace.Role
	RoleRef *rbacv1.RoleRef
	// Expires is when the grant may be removed; zero for never.
	Expires time.Time
	// NoHTTP means no way in through the mesh.
	NoHTTP bool
	// Name is what the member's objects are called when that is not what the rule says; usually empty.
	Name string
	Line int
}

// Unit returns the unit that the steps for a workspace have: "profile team-a".
func Unit(name string) string { return "profile " + name }
