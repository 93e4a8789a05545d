package contrib

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// isKalm reports whether the grants of a room are Kalm's.
func (r *room) isKalm() bool { return r.flavor == workspace.Kalm }

// addKalm is [room.add] in Kalm.
func (r *room) addKalm(g Grant) error {
	if err := r.checkKalm(g); err != nil {
		return err
	}
	same, other := r.heldInKalm(g)
	if len(same) == 0 && len(other) > 0 {
		return workspace.Refuse(
			fmt.Sprintf("kubectl contrib set-role %s --role %s%s", shell.Word(Label(g.Subject)), shell.Word(g.RoleText()), g.where()),
			"%sgive %s the role %s in %s: the role there is %s", g.at(), Label(g.Subject), g.RoleText(), r.name, other[0].RoleText())
	}
	if len(same) > 0 {
		// One stays: that which lasts longest.
		slices.SortStableFunc(same, func(a, b *workspace.Member) int {
			switch longer := lasts(a.Expires, b.Expires); {
			case longer == lasts(b.Expires, a.Expires):
				return 0
			case longer:
				return -1
			}
			return 1
		})
		if _, err := kalm.ParseExpiry(same[0].Kalm.Expires); err != nil && g.silent() {
			r.noteUndated(g, same[0].Kalm.Expires)
		}
		if err := r.asBefore(&g, same[0], fmt.Sprintf("give %s the role %s in %s", Label(g.Subject), g.RoleText(), r.name)); err != nil {
			return err
		}
	}
	return r.giveKalm(g, same, nil)
}

// setRoleKalm is [room.setRole] in Kalm.
func (r *room) setRoleKalm(g Grant) error {
	if err := r.checkKalm(g); err != nil {
		return err
	}
	same, other := r.heldInKalm(g)
	if len(same)+len(other) == 0 {
		next := fmt.Sprintf("kubectl contrib add %s --role %s%s", shell.Word(Label(g.Subject)), shell.Word(g.RoleText()), g.where())
		if like := r.spelledLike(g.Subject); len(like) > 0 {
			next = "did you mean " + Label(like[0]) + "? else " + next
		}
		return workspace.Refuse(next, "%sset the role of %s in %s: no role there yet", g.at(), Label(g.Subject), r.name)
	}
	model := slices.Concat(same, other)[0]
	what := fmt.Sprintf("set the role of %s in %s", Label(g.Subject), r.name)
	if _, err := kalm.ParseExpiry(model.Kalm.Expires); err != nil && g.silent() {
		return workspace.Refuse("give a date with --expires, or --expires never",
			"%s%s: the grant ends at %q, which is no date", g.at(), what, model.Kalm.Expires)
	}
	if err := r.asBefore(&g, model, what); err != nil {
		return err
	}
	return r.giveKalm(g, same, other)
}

// applyKalm is [room.apply] in Kalm.
func (r *room) applyKalm(g Grant) error {
	if err := r.checkKalm(g); err != nil {
		return err
	}
	same, other := r.heldInKalm(g)
	return r.giveKalm(g, same, other)
}

// where is how a command names the place of a grant.
func (g Grant) where() string {
	if g.ClusterWide {
		return " --cluster-wide"
	}
	return " -n " + g.Workspace
}

// heldInKalm returns what a subject has there: grants of the wanted role, and of others.
func (r *room) heldInKalm(g Grant) (same, other []*workspace.Member) {
	for _, m := range r.kalmRoles(g.Subject, g.ClusterWide) {
		if m.Kalm.Role == kalmRole(g) {
			same = append(same, m)
		} else {
			other = append(other, m)
		}
	}
	return same, other
}

// giveKalm plans that the subject holds the grant by one RoleBinding: the first of what it has, which is changed in place
// since subject and creator stay, or a new one. The others of the given ones go.
func (r *room) giveKalm(g Grant, same, other []*workspace.Member) error {
	u := r.unit(g.Subject)
	have := slices.Concat(same, other)
	if len(have) == 0 {
		if err := r.placeKalm(u, g); err != nil {
			return err
		}
		r.noteKalm(g)
		return nil
	}
	keep := r.kalmSlot(have[0].Kalm.Name)
	now := keep.now.DeepCopy()
	setKalm(now, g)
	if unchanged(keep.now, now) {
		now = keep.now
	}
	was := have[0].Expires
	keep.put(u, now, fmt.Sprintf("gives %s the role %s", Label(g.Subject), kalmRole(g)))
	keep.kept = true
	if g.Expires.IsZero() && !was.IsZero() {
		r.draft.notes.add(Label(g.Subject), "the role %s in %s no longer ends (%s)", kalmRole(g), r.name, was.Format(time.RFC3339))
	}
	for _, m := range have[1:] {
		r.takeKalm(u, m, Label(g.Subject)+" has one role")
	}
	r.noteKalm(g)
	return nil
}

// setKalm writes what may change of a RoleBinding of Kalm's. A date that can't be read stays where none is asked for.
func setKalm(o *unstructured.Unstructured, g Grant) {
	spec, _ := o.Object["spec"].(map[string]any)
	if spec == nil {
		spec = map[string]any{}
		o.Object["spec"] = spec
	}
	spec["role"] = string(kalmRole(g))
	had, _ := spec["expiredAt"].(string)
	switch at, err := kalm.ParseExpiry(had); {
	case err == nil && at.At.Equal(g.Expires), err != nil && g.silent():
	case g.Expires.IsZero():
		delete(spec, "expiredAt")
	default:
		spec["expiredAt"] = kalm.FormatExpiry(g.Expires)
	}
}

func unchanged(a, b *unstructured.Unstructured) bool {
	x, y := kalm.ReadBinding(a), kalm.ReadBinding(b)
	return x.Role == y.Role && x.Expires == y.Expires
}

// placeKalm plans a new RoleBinding of Kalm's, under the name that its API would give. That name is made of the subject's
// text alone, so that a user and a group may want the same one: the second has its kind behind it.
func (r *room) placeKalm(u *unit, g Grant) error {
	creator := r.draft.state.Asker
	if isUpper(g.Subject) {
		return workspace.Refuse("name the user "+paste(strings.ToLower(Label(g.Subject))),
			"%sgive %s the role %s in %s: Kalm's login knows e-mail addresses in lower case, and its policy compares them as they are written: nobody would have the role",
			g.at(), Label(g.Subject), g.RoleText(), r.name)
	}
	if creator == "" {
		return workspace.Refuse("--creator NAME says it", "%sgive %s the role %s in %s: Kalm wants to know who gives it, and that is not known",
			g.at(), Label(g.Subject), g.RoleText(), r.name)
	}
	b := kalm.Binding{
		Namespace: r.name, Subject: g.Subject.Name, Group: isGroup(g.Subject), Role: kalmRole(g), Creator: creator,
		Expires: kalm.FormatExpiry(g.Expires),
	}
	b.Name = g.Name
	if b.Name == "" {
		b.Name = kalm.BindingName(r.name, b.Role, b.Subject)
		if s := r.kalmSlot(b.Name); s.now != nil {
			b.Name += "-" + kindOf(g.Subject)
			r.draft.notes.add(Label(g.Subject), "the name that Kalm would give its object in %s is taken: it is called %s", r.name, b.Name)
		}
	}
	s := r.kalmSlot(b.Name)
	if s.now != nil {
		return workspace.Refuse(g.option("--name NAME", "name: NAME")+" gives the new object another name",
			"%sgive %s the role %s in %s: the name of its object, %s, is taken", g.at(), Label(g.Subject), g.RoleText(), r.name, b.Name)
	}
	s.put(u, kalm.NewBinding(b), fmt.Sprintf("gives %s the role %s", Label(g.Subject), b.Role))
	s.kept = true
	return nil
}
