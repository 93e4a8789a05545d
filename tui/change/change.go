// Package change turns what somebody wants to be otherwise into a plan that can be shown before it is carried out: what
// would be written, which effective rights are gained and lost by whom, what the server says of it, and the command that
// does the same. It carries the plan out, and knows how to take it back.
//
// It knows no terminal. Everything is read anew for each proposal: what the screens show may be a moment old, and plans
// are not made from that.
package change

import (
	"context"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/effect"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Verb is what is wanted.
type Verb string

// The verbs.
const (
	Add     Verb = "add"    // Workspace, Subject, Role or RoleRef, Expires or Never
	Remove  Verb = "remove" // Workspace, Subject, Role; or Workspace, Token; or Queue, Subject, Workspace
	SetRole Verb = "role"   // Workspace, Subject, Role or RoleRef
	Expire  Verb = "expiry" // Workspace, Subject, Role, Expires: zero for never
	Fix     Verb = "fix"    // Finding
	Undo    Verb = "undo"   // Back
)

// Wish is a change that somebody wants.
type Wish struct {
	Verb      Verb
	Workspace string
	Subject   rbac.Subject
	Role      workspace.Role
	// RoleRef is a role of one's own; nil for a role word.
	RoleRef *rbacv1.RoleRef
	// Expires is when it ends. With [Add] none leaves an end that is there as it is, unless Never takes that away.
	Expires time.Time
	Never   bool
	// Finding is what [Fix] repairs: its id and object say which, the rest is judged anew.
	Finding *finding.Finding
	// Token is what [Remove] revokes, as "kubectl accesstoken" names it, in Workspace unless it is of Kalm.
	Token string
	// Queue is that of which [Remove] takes what "kubectl queueaccess grant" gave to the subject: in Workspace, or in all
	// namespaces where that is empty.
	Queue string
	// System is whose grant it is, where a workspace may have those of two: in one of Kalm's, workspace.Native stands for the
	// role bindings of Kubernetes. Empty leaves it to the workspace.
	System workspace.Flavor
	// Back is the plan of [Undo].
	Back *plan.Plan
	// Refusal says why the change can't be made here, and what makes it; empty where it can.
	Refusal string
}

// Proposal is a wish worked out, to be shown before it is carried out.
type Proposal struct {
	Wish Wish
	Plan plan.Plan
	// Effects say which rights whom the plan gives and takes; Remarks are lines on what they mean, as in the preview of
	// "kubectl contrib": strong rights, roles that are not there, what the caller may not give.
	Effects []Effect
	Remarks []string
	// Notes are those of the planner.
	Notes []string
	// Refused are rules that the caller lacks; DryRun is what the server said when it was asked to try. Either of them
	// forbids to carry the plan out.
	Refused []plan.Refused
	DryRun  error
	// Tried says that the server took all that can be tried beforehand: not what goes into a namespace that the plan makes,
	// nor in the place of an object that it deletes.
	Tried bool
	// Command does the same in a shell; empty when no command does.
	Command string
}

// Effect is what a plan means for one subject in one namespace (empty: everywhere).
type Effect = effect.Effect

// Nothing reports whether there is nothing to do.
func (p *Proposal) Nothing() bool { return len(p.Plan.Changes().Steps) == 0 }

// Result is what became of a proposal.
type Result struct {
	Outcome plan.Outcome
	// Err is that of the outcome; nil when all is done.
	Err error
	// Back takes back what was done; nil when nothing was, or when it can't be taken back.
	Back *plan.Plan
	// Left says which of what was done Back does not take back, and why; nil when it takes back all of it.
	Left error
}

// World is what proposals are made from and carried out on: a live cluster.
type World interface {
	// Inventory reads the wanted objects as they are now; of Secrets those that other objects name.
	Inventory(ctx context.Context, want inventory.Want) (*inventory.Inventory, error)
	// Rights returns the roles and bindings, at most a moment old. They say what a plan means, and are never planned from.
	Rights(ctx context.Context) (*rbac.Index, error)
	// Self is who is asking.
	Self(ctx context.Context) (rbac.Identity, error)
	// Server carries plans out.
	Server() plan.Server
}

// Maker makes proposals and carries them out. It may be used by several goroutines.
type Maker struct {
	world World
	now   func() time.Time
	// fieldManager is who the server notes as the author.
	fieldManager string
	// where is what every command takes to mean the same cluster.
	where []string
}

// New returns a maker. now tells the time by which expiry is judged. where are words that the commands of proposals end
// with, so that they reach the same cluster as the same user: "--context", "prod".
func New(world World, now func() time.Time, fieldManager string, where ...string) *Maker {
	return &Maker{world: world, now: now, fieldManager: fieldManager, where: where}
}
