package contrib

import (
	"slices"
	"strings"
	"unicode"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// kalmRole returns the role that a grant is in Kalm.
func kalmRole(g Grant) kalm.Role {
	role := kalm.Role(g.Role)
	if g.ClusterWide {
		return role.Everywhere()
	}
	return role
}

// injects reports whether a subject would change Kalm's policy, which is text: its lines are cut at commas, and "#" starts
// a remark.
func injects(name string) bool {
	return strings.ContainsAny(name, ",#\"") || strings.ContainsFunc(name, unicode.IsControl) || strings.TrimSpace(name) != name
}

// isUpper reports whether a user is spelled as Kalm's login never spells one.
func isUpper(s rbac.Subject) bool {
	return s.Kind == rbacv1.UserKind && s.Name != strings.ToLower(s.Name)
}

// readKalm fills in what Kalm's role bindings say of the room.
func (r *room) readKalm(members []workspace.Member) {
	r.kalmed = map[rbac.Subject][]*workspace.Member{}
	r.kalm = map[string]*slot[*unstructured.Unstructured]{}
	for i := range members {
		if m := &members[i]; m.OfKalm() {
			r.kalmed[m.Subject] = append(r.kalmed[m.Subject], m)
		}
	}
	for _, o := range r.draft.state.KalmBindings(r.name) {
		r.kalm[o.GetName()] = &slot[*unstructured.Unstructured]{old: o, now: o}
	}
}

// kalmSlot returns the slot of that name, which may be empty.
func (r *room) kalmSlot(name string) *slot[*unstructured.Unstructured] {
	s := r.kalm[name]
	if s == nil {
		s = &slot[*unstructured.Unstructured]{}
		r.kalm[name] = s
	}
	return s
}

// kalmRoles returns the grants of a subject that give a role: those of the whole cluster, or the others.
func (r *room) kalmRoles(subject rbac.Subject, everywhere bool) []*workspace.Member {
	return slices.DeleteFunc(slices.Clone(r.kalmed[subject]), func(m *workspace.Member) bool {
		return !m.Kalm.Role.Gives() || m.Kalm.Role.Cluster() != everywhere
	})
}

// checkKalm refuses grants that Kalm does not know, and those that would mean something else to it.
func (r *room) checkKalm(g Grant) error {
	refuse := func(next, reason string, args ...any) error {
		return workspace.Refuse(next, "%sgive %s the role %s in %s: "+reason,
			append([]any{g.at(), Label(g.Subject), g.RoleText(), r.name}, args...)...)
	}
	switch {
	case g.Subject.Name == "":
		return workspace.Refuse("", "%sgive a role in %s: to whom?", g.at(), r.name)
	case g.Subject.Kind == rbacv1.ServiceAccountKind:
		return refuse("kubectl accesstoken create makes a token for a machine; --flavor native gives the role in Kubernetes",
			"Kalm knows users and groups, and no service accounts")
	case g.RoleRef != nil:
		return refuse("--flavor native gives it in Kubernetes", "Kalm knows the roles viewer, editor and owner alone")
	case g.Role.Rank() == 0:
		return workspace.Refuse("--role viewer, editor or owner", "%sgive %s a role in %s: which role?", g.at(), Label(g.Subject), r.name)
	case injects(g.Subject.Name):
		return refuse("", "Kalm writes the name into its policy as text, where a comma, a quote, a line break or # means something else")
	case r.name == kalm.TrapNamespace:
		return refuse("move it to a namespace of another name", "Kalm takes the roles of a namespace of this name for those of the whole cluster")
	case !g.Expires.IsZero() && !g.Expires.After(r.draft.state.Now):
		return refuse("--expires takes a time to come, such as 7d or 2030-01-31", "it would have ended at %s", kalm.FormatExpiry(g.Expires))
	}
	return nil
}

// noteKalm notes what a grant does not say of itself, when it changes something.
func (r *room) noteKalm(g Grant) {
	who := Label(g.Subject)
	note := func(format string, args ...any) { r.draft.notes.add(who, format, args...) }
	if !r.unit(g.Subject).touched {
		return
	}
	for _, other := range r.spelledLike(g.Subject) {
		note("%s in %s is a different user: names differ by their case", Label(other), r.name)
	}
	if isUpper(g.Subject) {
		note("Kalm's login knows e-mail addresses in lower case, and its policy as they are written: with capital letters, nobody gets the role")
	}
	if r.draft.state.IsSuspended(g.Subject) {
		note("is suspended in Kalm: the role counts once kubectl contrib suspend --unsuspend %s is run", paste(who))
	}
	for _, m := range r.guests(g.Subject) {
		if m.Binding != nil {
			note("rolebinding %s/%s gives %s in Kubernetes; it is not Kalm's, and stays as it is", r.name, m.Binding.Name, heldAs(m))
		}
	}
	switch {
	case g.NoHTTP:
		note("without Kubeflow there is no policy to leave out: --no-http changes nothing")
	case r.name == kalm.SystemNamespace && !g.ClusterWide:
		note("what runs in %s runs as cluster-admin: a role there is as good as the whole cluster", r.name)
	}
	if g.Role == workspace.Owner && !g.ClusterWide {
		note("Kalm lets an owner do what an editor may: members are kept by who has the role clusterOwner")
	}
	r.draft.notes.add("", "Kalm's roles give nothing in the Kubernetes API: kubectl contrib roles compares them")
}
