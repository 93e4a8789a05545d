package contrib

import (
	"fmt"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Migration says what becomes of the members that Kalm keeps when they are members by RBAC instead.
type Migration struct {
	Members []Migrated `json:"members"`
	// Skipped are RoleBindings of Kalm's that give nothing, or nothing that could be given in the same words.
	Skipped []Skipped `json:"skipped"`
	// Warnings are of all of it: what is not known, and that Kalm's API does not go by its policy as it is.
	Warnings []string `json:"warnings,omitempty"`
}

// Migrated is what one subject holds in one workspace, or everywhere, before and after.
type Migrated struct {
	Subject rbac.Subject `json:"-"`
	// Namespace is empty for the whole cluster.
	Namespace string `json:"namespace,omitempty"`
	// From are the roles in Kalm, and To the roles in Kubernetes: "editor" becomes "clusterrole/edit".
	From []string `json:"from"`
	To   []string `json:"to"`
	// Expires is in RFC 3339; empty for never. Creator is who gave the role.
	Expires string `json:"expires,omitempty"`
	Creator string `json:"creator,omitempty"`
	// Kept, Gained and Lost are told in terms of Kubernetes: kept is what Kalm allowed and Kubernetes will, gained what
	// neither did before, lost what Kalm allowed and Kubernetes won't.
	Kept     []Difference `json:"kept"`
	Gained   []Difference `json:"gained"`
	Lost     []Difference `json:"lost"`
	Warnings []string     `json:"warnings,omitempty"`
}

// Difference is an ability, as far as it is kept, gained or lost.
type Difference struct {
	Ability string `json:"ability"`
	Text    string `json:"text"`
	// Actions are requests to the API server: those that will be allowed, or, of what is lost, those that won't be.
	Actions []rbac.Action `json:"actions"`
	// Cluster says that the requests are about the whole cluster, and have no namespace.
	Cluster bool   `json:"cluster,omitempty"`
	Note    string `json:"note,omitempty"`
}

// Skipped is a RoleBinding of Kalm's that nothing is made of.
type Skipped struct {
	Object  string       `json:"object"`
	Subject rbac.Subject `json:"-"`
	Role    string       `json:"role"`
	Why     string       `json:"why"`
}

// migration is one in the making.
type migration struct {
	draft    *draft
	index    *rbac.Index
	policy   *kalm.Policy
	prune    bool
	steps    []plan.Step
	snapshot rbac.Snapshot // what comes on top of what is there
	moved    []carried
	out      Migration
	roles    map[string]bool // ClusterRoles of our own that it takes
}

// carried is a RoleBinding of Kalm's, and what becomes of it.
type carried struct {
	binding  kalm.Binding
	subject  rbac.Subject
	place    string
	refs     []string
	warnings []string
}

// Migrate plans that members of Kalm's are members by RBAC: a RoleBinding to view, edit or admin for a role in a workspace,
// and a ClusterRoleBinding for one in the whole cluster. Namespaces says which workspaces are meant; none means all, and
// only then the roles for the whole cluster. With prune the RoleBindings of Kalm's go in the same plan. The index holds the
// roles and bindings that are there before. What a namespace is to Kalm stays as it is. The inventory has Kalm's tokens too,
// which may spoil its policy.
func Migrate(s *workspace.State, ix *rbac.Index, prune bool, namespaces ...string) (plan.Plan, Migration, []string, error) {
	m := &migration{
		draft: newDraft(s), index: ix, prune: prune, roles: map[string]bool{},
		out: Migration{Members: []Migrated{}, Skipped: []Skipped{}},
	}
	if !s.KalmServed() {
		return plan.Plan{}, m.out, nil, workspace.Refuse("", "migrate from Kalm: there is no %s here", workspace.KalmObject)
	}
	for _, name := range namespaces {
		if err := m.draft.checkThere(name, ""); err != nil {
			return plan.Plan{}, m.out, nil, err
		}
	}
	m.understand(namespaces)
	for _, o := range s.Inventory.Objects(inventory.KalmBindings) {
		if len(namespaces) == 0 || slices.Contains(namespaces, o.GetNamespace()) {
			m.move(kalm.ReadBinding(o))
		}
	}
	m.extraRoles()
	m.lastFirst()
	for i := range m.moved {
		if err := m.bind(&m.moved[i]); err != nil {
			return plan.Plan{}, m.out, nil, err
		}
	}
	m.report()
	p, notes, err := m.finish()
	return p, m.out, notes, err
}

// move decides what becomes of one RoleBinding of Kalm's.
func (m *migration) move(b kalm.Binding) {
	if why := m.passed(&b); why != "" {
		m.out.Skipped = append(m.out.Skipped, Skipped{
			Object: kalmName(&b), Subject: workspace.KalmSubject(&b), Role: string(b.Role), Why: why,
		})
		return
	}
	one := carried{binding: b, subject: workspace.KalmSubject(&b), place: b.Namespace}
	switch b.Role {
	case kalm.ClusterViewer:
		one.place, one.refs = "", []string{"view", viewsCluster}
	case kalm.ClusterEditor:
		one.place, one.refs = "", []string{"edit", viewsCluster, editsCluster}
	case kalm.ClusterOwner:
		one.place, one.refs = "", []string{clusterAdmin}
	default:
		one.refs = []string{workspace.Role(b.Role).Short()}
	}
	if mightiest(&b) {
		one.place, one.refs = "", []string{clusterAdmin}
		one.warnings = append(one.warnings, fmt.Sprintf("%s of %s is as good as cluster-admin, and becomes that", b.Role, b.Namespace))
	}
	if one.place == "" && b.Expires != "" {
		one.warnings = append(one.warnings, "ends at "+end(&b)+", and nothing takes a ClusterRoleBinding back by itself: kubectl delete clusterrolebinding does")
	}
	if b.Namespace == kalm.TrapNamespace {
		one.warnings = append(one.warnings, "to Kalm a role in a namespace of this name is one in the whole cluster; it becomes one in the namespace alone")
	}
	if isUpper(one.subject) {
		one.warnings = append(one.warnings, "capital letters gave no rights in Kalm: the name is kept, and has to be what the API server calls the user")
	}
	if isGroup(one.subject) {
		one.warnings = append(one.warnings, "who is suspended in Kalm, and in this group, has its rights")
	}
	m.moved = append(m.moved, one)
}

func end(b *kalm.Binding) string {
	e, err := kalm.ParseExpiry(b.Expires)
	if err != nil {
		return inline(b.Expires)
	}
	return workspace.ExpiryText(e.At)
}

// passed says why a RoleBinding of Kalm's is passed over; empty when it is not.
func (m *migration) passed(b *kalm.Binding) string {
	s := m.draft.state
	ns := s.Namespace(b.Namespace)
	end, err := kalm.ParseExpiry(b.Expires)
	switch {
	case injects(b.Subject) || b.Subject == "":
		return fmt.Sprintf("its subject %q is no name: it changes Kalm's policy (KL001)", b.Subject)
	case b.Role == kalm.Suspended:
		return "it suspends; RBAC denies nobody, and no role of the user by name is migrated"
	case b.Role == kalm.Placeholder:
		return "it gives nothing, and only lists the subject"
	case !b.Role.Known():
		return "Kalm knows no such role: it gives nothing"
	case err != nil:
		return fmt.Sprintf("when it ends can't be read: %q", b.Expires)
	case end.Over(s.Now):
		return "it has ended on " + end.At.Format(time.RFC3339)
	case s.IsSuspended(workspace.KalmSubject(b)):
		return "the user is suspended"
	case !b.Role.Cluster() && ns != nil && !workspace.IsKalm(ns):
		return "it gives nothing: Kalm takes " + b.Namespace + " for no application"
	case ns == nil && mightiest(b):
		return fmt.Sprintf("it would become cluster-admin, and whether it counts is not known: namespace %s was not read", b.Namespace)
	}
	return ""
}

// bind plans the bindings of one.
func (m *migration) bind(one *carried) error {
	for _, name := range one.refs {
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}
		m.snapshot.Bindings = append(m.snapshot.Bindings, rbac.Binding{
			Namespace: one.place, Name: m.name(one, ref), RoleRef: ref, Subjects: []rbacv1.Subject{one.subject.RBAC()},
		})
		if m.holds(one, ref) {
			m.draft.notes.add(Label(one.subject), "is bound to %s%s already", name, in(one.place))
			continue
		}
		b := workspace.NativeBinding(one.place, one.subject, ref)
		end, _ := kalm.ParseExpiry(one.binding.Expires)
		if !end.Never() {
			b.Annotations[workspace.ExpiresAnnotation] = end.At.Format(time.RFC3339)
		}
		if one.binding.Creator != "" {
			b.Annotations[workspace.CreatorAnnotation] = one.binding.Creator
		}
		b.Annotations[workspace.MemoAnnotation] = fmt.Sprintf("%s in Kalm", one.binding.Role)
		objects, err := plan.FromObjects(b)
		if err != nil {
			return fmt.Errorf("migrate %s: %w", kalmName(&one.binding), err)
		}
		if one.place == "" {
			objects[0].SetKind("ClusterRoleBinding")
		}
		m.steps = append(m.steps, plan.Step{
			Verb: plan.Create, Object: objects[0], Unit: m.unit(one), Why: fmt.Sprintf("%s is %s in Kalm", Label(one.subject), one.binding.Role),
		})
	}
	if m.prune {
		m.steps = append(m.steps, plan.Step{Verb: plan.Delete, Old: one.binding.Object, Unit: m.unit(one), Why: "RBAC gives the role now"})
	}
	return nil
}

func (m *migration) name(one *carried, ref rbacv1.RoleRef) string {
	return workspace.NativeBinding(one.place, one.subject, ref).Name
}

func (m *migration) unit(one *carried) string {
	if one.place == "" {
		return "roles in the whole cluster" // they share roles that have to be there first
	}
	return Label(one.subject) + " in " + one.place
}

func in(place string) string {
	if place == "" {
		return ""
	}
	return " in " + place
}

// finish returns the plan.
func (m *migration) finish() (plan.Plan, []string, error) {
	steps := make([]plan.Step, 0, len(m.steps))
	seen := map[string]bool{}
	for _, step := range m.steps {
		key := string(step.Verb) + " " + busyKey(step)
		if seen[key] {
			// Two RoleBindings of Kalm's may come to one.
			continue
		}
		seen[key] = true
		steps = append(steps, step)
	}
	noun := "members"
	if len(m.out.Members) == 1 {
		noun = "member"
	}
	p, err := plan.New(fmt.Sprintf("migrate %d %s from Kalm to RBAC", len(m.out.Members), noun), steps...)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("plan migration: %w", err)
	}
	if !m.prune && len(m.moved) > 0 {
		m.draft.notes.add("", "what Kalm gives stays until its RoleBindings are deleted: --prune does that")
	}
	if len(m.moved) > 0 {
		m.draft.notes.add("", "tokens of Kalm's are not migrated: kubectl accesstoken list shows them")
	}
	return p, m.draft.notes.list(), nil
}
