package contrib

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Export returns the members of workspaces, of all when none is named, as grants: sorted by workspace and subject, and so
// that [Apply] finds nothing to do: a member without a policy is exported without HTTP, whether that is on purpose or not.
// Owners are left out, since they belong to the workspace. Notes name what is left out because its objects do not say that
// it is a member's, and what a list cannot say.
func Export(s *workspace.State, workspaces ...string) ([]Grant, []string) {
	d := newDraft(s)
	var out []Grant
	for _, m := range d.exported(workspaces) {
		if d.notInList(m) {
			continue
		}
		if m.Binding == nil && !m.OfKalm() {
			d.notes.add("", "authorizationpolicy %s/%s stands alone, and is left out: kubectl contrib doctor", m.Workspace, m.Policy.GetName())
			continue
		}
		g := grantOf(m)
		g.NoHTTP = g.NoHTTP || d.without(m)
		g.Name = d.room(m.Workspace).named(m, g)
		if text := badEnd(m); text != "" {
			d.notes.add("", "%s ends at %q, which is no date, and is exported without an end", m.Objects()[0], text)
		}
		last := len(out) - 1
		if last < 0 || out[last].Workspace != g.Workspace || out[last].Subject != g.Subject {
			out = append(out, g)
			continue
		}
		// Members come strongest first.
		d.notes.add(Label(m.Subject), "has several roles in %s; %s is exported, and %s is not", m.Workspace, out[last].RoleText(), g.RoleText())
	}
	return out, d.notes.list()
}

// ExportManifests returns the objects of the members that [Export] returns, and of policies without a binding, ready to
// be kept in a repository: sorted, without what servers and kubectl write.
func ExportManifests(s *workspace.State, workspaces ...string) ([]*unstructured.Unstructured, []string, error) {
	d := newDraft(s)
	var steps []plan.Step
	seen := map[string]bool{}
	add := func(o runtime.Object, name string) error {
		if seen[name] {
			return nil
		}
		seen[name] = true
		converted, err := plan.FromObjects(o)
		if err != nil {
			return fmt.Errorf("export %s: %w", name, err)
		}
		annotations := converted[0].GetAnnotations()
		delete(annotations, corev1.LastAppliedConfigAnnotation)
		converted[0].SetAnnotations(annotations)
		steps = append(steps, plan.Step{Verb: plan.Create, Object: converted[0]})
		return nil
	}
	for _, m := range d.exported(workspaces) {
		if m.Binding != nil {
			if err := add(m.Binding, "rolebinding "+m.Workspace+"/"+m.Binding.Name); err != nil {
				return nil, nil, err
			}
		}
		if m.OfKalm() {
			if err := add(m.Kalm.Object, workspace.KalmObject+" "+m.Workspace+"/"+m.Kalm.Name); err != nil {
				return nil, nil, err
			}
		}
		if m.Policy != nil {
			if err := add(m.Policy, "authorizationpolicy "+m.Workspace+"/"+m.Policy.GetName()); err != nil {
				return nil, nil, err
			}
		}
	}
	p, err := plan.New("export members", steps...)
	if err != nil {
		return nil, nil, fmt.Errorf("export members: %w", err)
	}
	return p.Manifests(), d.notes.list(), nil
}

// exported returns the members that can be proven to be members, by workspace, subject and strength.
func (d *draft) exported(workspaces []string) []*workspace.Member {
	workspaces = slices.Clone(workspaces)
	if len(workspaces) == 0 {
		for _, w := range d.state.Workspaces() {
			workspaces = append(workspaces, w.Name)
		}
	}
	slices.Sort(workspaces)
	var out []*workspace.Member
	for _, name := range slices.Compact(workspaces) {
		members := d.state.MembersAll(name)
		for i := range members {
			m := &members[i]
			switch {
			case d.room(name).protected(m):
			case m.OfKalm(), proven(m):
				out = append(out, m)
			case m.Role != "":
				d.notes.add(Label(m.Subject), "rolebinding %s/%s (%s) does not say that it is a member's, and is left out",
					m.Workspace, m.Binding.Name, heldAs(m))
			}
		}
	}
	return out
}

// notInList reports whether a member can't be said in a list of members, and notes it: in an application of Kalm's, what is
// not a role of Kalm's in that application.
func (d *draft) notInList(m *workspace.Member) bool {
	switch r := d.room(m.Workspace); {
	case m.OfKalm() && injects(m.Subject.Name):
		d.notes.add("", "%s is left out: its subject %q is no name: kubectl contrib doctor", m.Objects()[0], m.Subject.Name)
	case m.OfKalm() && (m.Kalm.Role.Cluster() || !m.Kalm.Role.Gives()):
		d.notes.add(Label(m.Subject), "%s (%s) is left out: it is no role in %s alone", m.Objects()[0], m.RoleText(), m.Workspace)
	case m.OfKalm() != r.isKalm():
		d.notes.add(Label(m.Subject), "%s (%s) is left out: it is of another system than the members of %s", m.Objects()[0], heldAs(m), m.Workspace)
	default:
		return false
	}
	return true
}

// badEnd is [badDate] of a member of any system.
func badEnd(m *workspace.Member) string {
	if !m.OfKalm() {
		return badDate(m.Binding)
	}
	if _, err := kalm.ParseExpiry(m.Kalm.Expires); err != nil {
		return m.Kalm.Expires
	}
	return ""
}

// grantOf returns the grant that a member with a binding has.
func grantOf(m *workspace.Member) Grant {
	g := Grant{Workspace: m.Workspace, Subject: m.Subject, Role: m.Role, Expires: m.Expires, ClusterWide: m.ClusterWide}
	if m.OfKalm() {
		return g
	}
	if m.Role == "" || m.RoleRef.Name != m.Role.ClusterRole(m.Flavor) {
		ref := m.RoleRef
		g.Role, g.RoleRef = "", &ref
	}
	g.NoHTTP = closed(m)
	return g
}

// without reports whether a member that could have a policy is known to be let in by none.
func (d *draft) without(m *workspace.Member) bool {
	return m.Flavor == workspace.Kubeflow && d.state.Istio && m.Policy == nil && m.HTTPKnown && !m.HTTP &&
		(isToken(m) || kubeflow.PolicySpec(m.Subject, kubeflow.Config{}) != nil)
}

// named returns the name that a file has to give, for a new cluster to get the member under it: those that follow from
// the rule, today's or an older one, are left out, and so is that of an object that is said to be somebody else's.
func (r *room) named(m *workspace.Member, g Grant) string {
	if m.OfKalm() {
		if m.Kalm.Name == kalm.BindingName(m.Workspace, m.Kalm.Role, m.Kalm.Subject) {
			return ""
		}
		return m.Kalm.Name
	}
	w := r.want(g)
	if user := m.Binding.Annotations[kubeflow.UserAnnotation]; user != "" && rbac.User(user) != m.Subject {
		return ""
	}
	if m.Binding.Name == w.name || shared(m) ||
		slices.Contains(kubeflow.LegacyBindingNames(m.Subject.Kind, m.Subject.Name, word(g)), m.Binding.Name) {
		return ""
	}
	return m.Binding.Name
}

// entry is a member in a file, when there is more to say than its role.
type entry struct {
	Role    string `json:"role"`
	Expires string `json:"expires,omitempty"`
	HTTP    *bool  `json:"http,omitempty"`
	Name    string `json:"name,omitempty"`
}

// MembersFile returns grants as the YAML that [ParseMembers] reads: workspaces, their subjects, and the role of each.
func MembersFile(grants []Grant) ([]byte, error) {
	file := map[string]map[string]any{}
	for _, g := range grants {
		if file[g.Workspace] == nil {
			file[g.Workspace] = map[string]any{}
		}
		e := entry{Role: g.RoleText(), Name: g.Name}
		if !g.Expires.IsZero() {
			e.Expires = g.Expires.UTC().Format(time.RFC3339)
		}
		if g.NoHTTP {
			e.HTTP = new(bool)
		}
		file[g.Workspace][Label(g.Subject)] = any(e)
		if e == (entry{Role: e.Role}) {
			file[g.Workspace][Label(g.Subject)] = e.Role
		}
	}
	if len(file) == 0 {
		return []byte("{}\n"), nil
	}
	out, err := yaml.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("write members: %w", err)
	}
	return out, nil
}
