package change

import (
	"context"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// members reads the members of the workspace of a wish. What no workspace can be called, or nobody, is refused before.
func (m *Maker) members(ctx context.Context, wish Wish) (*workspace.State, error) {
	nowhere := workspace.NewState(&inventory.Inventory{}, workspace.Options{})
	if err := contrib.CheckNamespace(nowhere, wish.Workspace); err != nil {
		return nil, err
	}
	if wish.Subject.Name == "" {
		return nil, workspace.Refuse("name the subject, such as bob@x.com, group:team or sa:namespace/name",
			"change the members of %s: whose role is meant?", wish.Workspace)
	}
	s, err := m.state(ctx, contrib.Wanted(wish.Workspace))
	if err != nil || wish.System != workspace.Native || s.FlavorOf(wish.Workspace) != workspace.Kalm {
		return s, err
	}
	return workspace.NewState(s.Inventory, workspace.Options{Now: s.Now, Asker: s.Asker, Only: s.Only, Flavor: workspace.Native}), nil
}

// inPlace ends a command of "kubectl contrib" with the workspace, and with the flavor where another was chosen than its own.
func inPlace(s *workspace.State, in string, words ...string) string {
	if words = append(words, "-n", in); s.Chosen != "" {
		words = append(words, "--flavor", string(s.Chosen))
	}
	return shell.Command(words...)
}

// alsoTaken says what goes of Kubernetes' own with a grant of Kalm's: no command takes the one without the other.
func alsoTaken(s *workspace.State, wish Wish, p plan.Plan) []string {
	if wish.System != workspace.Kalm || s.FlavorOf(wish.Workspace) != workspace.Kalm {
		return nil
	}
	var out []string
	for _, step := range p.Changes().Steps {
		object := step.Object
		if object == nil {
			object = step.Old
		}
		if object != nil && object.GetKind() == "RoleBinding" && object.GroupVersionKind().Group == rbacv1.GroupName {
			out = append(out, "warning: what Kubernetes gives goes as well, and not what Kalm gives alone: rolebinding "+object.GetNamespace()+"/"+object.GetName())
		}
	}
	return out
}

// grant is what a wish asks for.
func (w Wish) grant() contrib.Grant {
	return contrib.Grant{Workspace: w.Workspace, Subject: w.Subject, Role: w.Role, RoleRef: w.RoleRef, Expires: w.Expires, Never: w.Never}
}

// add gives a role. Who may not read who has one there is shown all rights that he lacks for it, and not the first alone.
func (m *Maker) add(ctx context.Context, wish Wish) (*draft, error) {
	s, err := m.members(ctx, wish)
	if err != nil {
		return nil, err
	}
	d, err := give(s, "add", wish.grant(), contrib.Add)
	if err == nil {
		return d, nil
	}
	blind := *s.Inventory
	var refused []plan.Refused
	for _, kind := range []inventory.Kind{inventory.RoleBindings, inventory.Policies} {
		refused = append(refused, overlook(&blind, kind, wish.Workspace)...)
		d, failed := give(workspace.NewState(&blind, workspace.Options{Now: m.now()}), "add", wish.grant(), contrib.Add)
		if failed == nil && len(refused) > 0 {
			d.refused = refused
			d.notes = append(d.notes, "who has a role there can't be read: this is what would be written if nobody had one")
			return d, nil
		}
	}
	return nil, err
}

// overlook takes what may not be read of a kind in a namespace for nothing, and returns the rules that it takes to read it.
func overlook(inv *inventory.Inventory, kind inventory.Kind, namespace string) []plan.Refused {
	var refused []plan.Refused
	for _, gap := range inv.Missing(kind) {
		if gap.Missing == nil || !gap.Concerns(namespace) {
			continue
		}
		refused = append(refused, plan.Refused{Rule: *gap.Missing, Namespace: namespace})
		inv.Gaps = slices.DeleteFunc(slices.Clone(inv.Gaps), func(g rbac.Gap) bool { return g.What == gap.What })
	}
	return refused
}

// setRole leaves the date as it is now, whatever it was when the wish was made.
func (m *Maker) setRole(ctx context.Context, wish Wish) (*draft, error) {
	s, err := m.members(ctx, wish)
	if err != nil {
		return nil, err
	}
	wish.Expires = time.Time{}
	return give(s, "set-role", wish.grant(), contrib.SetRole)
}

// expire gives a member the role that it has, with another date.
func (m *Maker) expire(ctx context.Context, wish Wish) (*draft, error) {
	s, err := m.members(ctx, wish)
	if err != nil {
		return nil, err
	}
	grant, err := contrib.Held(s, wish.Workspace, wish.Subject, wish.Role, wish.RoleRef)
	if err != nil {
		return nil, err
	}
	grant.Expires, grant.Never = wish.Expires, wish.Expires.IsZero()
	d, err := give(s, "add", grant, contrib.Add)
	if err == nil && grant.NoHTTP {
		d.notes = append(d.notes, contrib.Label(wish.Subject)+" has no way in through the gateway, as before")
	}
	return d, err
}

// give plans a grant as the command of "kubectl contrib" does.
func give(
	s *workspace.State, command string, g contrib.Grant,
	planner func(*workspace.State, ...contrib.Grant) (plan.Plan, []string, error),
) (*draft, error) {
	p, notes, err := planner(s, g)
	if err != nil {
		return nil, err
	}
	words := []string{"kubectl", "contrib", command, contrib.Label(g.Subject), "--role", g.RoleText()}
	if !g.Expires.IsZero() {
		words = append(words, "--expires", g.Expires.UTC().Format(time.RFC3339))
	}
	if g.Never {
		words = append(words, "--expires", "never")
	}
	if g.NoHTTP {
		words = append(words, "--no-http")
	}
	return memberDraft(s, g.Workspace, p, notes, inPlace(s, g.Workspace, words...), !g.NoHTTP), nil
}

// revoke ends a token, and takes away what was made for it alone.
func (m *Maker) revoke(ctx context.Context, wish Wish) (*draft, error) {
	s, err := m.tokens(ctx)
	if err != nil {
		return nil, err
	}
	found, err := s.Find(wish.Workspace, wish.Token)
	if err != nil {
		return nil, err
	}
	p, notes, err := token.Revoke(s, found, false)
	if err != nil {
		return nil, err
	}
	words := []string{"kubectl", "accesstoken", "revoke", wish.Token}
	if wish.Workspace != "" {
		words = append(words, "-n", wish.Workspace)
	}
	return &draft{plan: p, command: shell.Command(words...), notes: append(notes, unread(s.Inventory())...)}, nil
}

// takeQueue takes the grants of a queue from somebody, in one namespace or in all. What else gives him the same stays, and is told.
func (m *Maker) takeQueue(ctx context.Context, wish Wish) (*draft, error) {
	inv, rights, err := m.withRights(ctx, queue.GrantKinds()...)
	if err != nil {
		return nil, err
	}
	taken := queue.Revocation{Subject: wish.Subject, Queue: wish.Queue}
	words := []string{"kubectl", "queueaccess", "revoke", contrib.Label(wish.Subject), "--queue", wish.Queue}
	if wish.Workspace != "" {
		taken.Namespaces, words = []string{wish.Workspace}, append(words, "--namespaces", wish.Workspace)
	}
	p, notes, err := queue.Take(queue.NewState(inv, rights, m.now()), taken)
	if err != nil {
		return nil, err
	}
	return &draft{plan: p, command: shell.Command(words...), notes: append(notes, unread(inv)...)}, nil
}

func (m *Maker) remove(ctx context.Context, wish Wish) (*draft, error) {
	switch {
	case wish.Token != "":
		return m.revoke(ctx, wish)
	case wish.Queue != "":
		return m.takeQueue(ctx, wish)
	}
	if wish.RoleRef != nil {
		return nil, workspace.Refuse("remove all that the subject has there, or take it out of the binding by hand",
			"remove %s from %s: a role of one's own can't be taken alone", contrib.Label(wish.Subject), wish.Workspace)
	}
	s, err := m.members(ctx, wish)
	if err != nil {
		return nil, err
	}
	p, notes, err := contrib.Remove(s, wish.Workspace, []rbac.Subject{wish.Subject}, wish.Role)
	if err != nil {
		return nil, err
	}
	words := []string{"kubectl", "contrib", "remove", contrib.Label(wish.Subject)}
	if wish.Role != "" {
		words = append(words, "--role", string(wish.Role))
	}
	d := memberDraft(s, wish.Workspace, p, notes, inPlace(s, wish.Workspace, words...), false)
	d.remarks = alsoTaken(s, wish, p)
	return d, nil
}

// memberDraft is a draft about members. skip says that it could do without new policies.
func memberDraft(s *workspace.State, in string, p plan.Plan, notes []string, command string, skip bool) *draft {
	return &draft{
		plan: p, command: command, advise: contrib.Adviser(s, command, skip),
		notes: append(notes, unread(s.Inventory, contrib.Needless(s, in)...)...),
	}
}
