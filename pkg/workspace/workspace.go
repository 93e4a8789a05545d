// Package workspace reads workspaces and their members out of an inventory, in the flavors that Gatehouse knows:
// Kubeflow's profiles, applications of Kalm's, and namespaces of plain Kubernetes that are kept the same way.
//
// It is the common ground of the packages profile and contrib: pure functions over what was read.
package workspace

import (
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Flavor is the system whose objects a workspace consists of.
type Flavor string

// The flavors.
const (
	Kubeflow Flavor = "kubeflow"
	Native   Flavor = "native"
	// Kalm keeps members in RoleBindings of its own, which give nothing in the Kubernetes API.
	Kalm Flavor = "kalm"
)

// Flavors returns all flavors.
func Flavors() []Flavor { return []Flavor{Kubeflow, Native, Kalm} }

// Annotations and labels of our own. They survive Kubeflow's components, which write back what they have read.
const (
	// Label marks the namespace of a native workspace: "true".
	Label = "gatehouse.dev/profile"
	// OwnerAnnotation, on the namespace of a native workspace, is the owner as [rbac.ParseSubject] reads it.
	OwnerAnnotation = "gatehouse.dev/owner"
	// RoleAnnotation, on the bindings of native workspaces, is the role word: viewer, editor, owner.
	RoleAnnotation = "gatehouse.dev/role"
	// ExpiresAnnotation, on both objects of a grant, is the time in RFC 3339 (UTC) from which it may be removed.
	ExpiresAnnotation = "gatehouse.dev/expires"
	// HTTPAnnotation "false", on a Kubeflow role binding, says that it has no policy on purpose.
	HTTPAnnotation = "gatehouse.dev/http"
	// CreatorAnnotation is who gave the grant, by the name that the API server, or Kalm, knew.
	CreatorAnnotation = "gatehouse.dev/created-by"
	// MemoAnnotation is what a grant is for, in somebody's words.
	MemoAnnotation = "gatehouse.dev/memo"
)

// State is what plans and findings are made from: what was read, and how the cluster is set up.
type State struct {
	Inventory *inventory.Inventory
	// Flavor is that of new workspaces; existing ones tell theirs.
	Flavor Flavor
	// Chosen is the flavor that the user asks for; empty when Flavor was found out.
	Chosen Flavor
	// Istio says that AuthorizationPolicies are to be written and expected.
	Istio bool
	// Config is Kubeflow's, as far as it is known for the whole cluster. See [State.ConfigFor].
	Config kubeflow.Config
	// Pinned says that Config comes from flags or from the controller, so that policies have to agree with it. Otherwise
	// the owner's policy of each namespace is the better guess.
	Pinned bool
	// Now is the time to judge expiry by.
	Now time.Time
	// Only is the namespace that the inventory was read for; empty for all. What counts everywhere is there all the same.
	Only string
	// Asker is whoever makes changes, by the name that the API server knows: Kalm's objects say who made them. Empty when
	// it is not known.
	Asker string

	once    sync.Once
	sorted  *byNamespace
	members sync.Map // of *named, by namespace, as far as they were asked for
}

// Workspace is one workspace as it was read. Profile is nil for native ones, and where it could not be read; Namespace is nil when it is not there, or could not be read.
type Workspace struct {
	Name      string
	Flavor    Flavor
	Owner     rbac.Subject
	Profile   *unstructured.Unstructured
	Namespace *corev1.Namespace
	Members   []Member
	Quotas    []*corev1.ResourceQuota
	Status    Status
	// Created is the creation time of the profile, or of the namespace.
	Created time.Time
}

// Phase says in a word how a workspace is.
type Phase string

// The phases, computed from the objects: Kubeflow stores no conditions. See [Status].
const (
	Ready       Phase = "Ready"       // everything is there
	Pending     Phase = "Pending"     // the controller has not made everything yet
	Conflict    Phase = "Conflict"    // the namespace belongs to somebody else: the controller does nothing
	Partial     Phase = "Partial"     // something is missing that was there, or is wrong
	Terminating Phase = "Terminating" // it is being deleted
	Stuck       Phase = "Stuck"       // it is being deleted and can't be: the controller does not take its finalizer away
	Unknown     Phase = "Unknown"     // what would tell could not be read
)

// Status is a phase, and why.
type Status struct {
	Phase Phase `json:"phase"`
	// Why is one line; empty for Ready.
	Why string `json:"why,omitempty"`
}

// How says how a member came to be.
type How string

// The ways to be a member.
const (
	ByOwnership How = "owner"   // Kubeflow's namespaceAdmin, or the owner's binding of a native workspace
	ByPair      How = "pair"    // role binding and policy
	ByBinding   How = "binding" // a role binding with annotations, without a policy
	ByHand      How = "manual"  // a role binding that no dashboard lists: without annotations, or of a native workspace
	ByPolicy    How = "policy"  // a policy alone: HTTP access without rights in Kubernetes
	Unseen      How = "unknown" // a policy that was read, where not all role bindings of the workspace could be
)

// Member is one grant: a subject that has a role in a workspace through one binding, one policy, or both of a pair.
// Where role bindings could not be read, its role is what the policy says, and its rights in Kubernetes are not known.
type Member struct {
	Workspace string
	Flavor    Flavor
	// Subject is who has the rights: the subject of the binding, not its annotation. Of a policy alone, it is the user
	// whom the policy lets in.
	Subject rbac.Subject
	// Role is empty for a role of one's own; then RoleRef tells.
	Role    Role
	RoleRef rbacv1.RoleRef
	How     How
	// Binding is nil for a policy alone, and where it could not be read. It may name other subjects too.
	Binding *rbacv1.RoleBinding
	// Kalm is the RoleBinding of Kalm's that makes the member; then there is neither Binding nor Policy. It is nil for all
	// others, and two grants of one subject may be of different systems.
	Kalm *kalm.Binding
	// ClusterWide says that the role counts in all workspaces of the system.
	ClusterWide bool
	// Policy is the one that belongs to the binding; nil when there is none.
	Policy *unstructured.Unstructured
	// HTTP says that Istio lets the subject in, by this policy or another of the namespace. It is false, with HTTPWhy,
	// for groups and service accounts, and unknown (empty HTTPKnown) when policies could not be read.
	HTTP      bool
	HTTPKnown bool
	// HTTPWhy is one line: why not, or why it is not known.
	HTTPWhy string
	// Expires is zero when the grant does not.
	Expires time.Time
	// Unmarked says that the binding was read without its annotations: whether the grant expires is not known.
	Unmarked bool
}

// Expired reports whether the grant is past its date.
func (m *Member) Expired(now time.Time) bool { return !m.Expires.IsZero() && !now.Before(m.Expires) }
