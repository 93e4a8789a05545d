package contrib

import (
	"errors"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Fixes are made one by one and carried out together, or some of them. What is kept here makes sure that those that are
// right by themselves are right together: nobody loses the way in that another fix counted on, and no two fixes give
// one name away.

// claim is a name that a fix gives to a new object: for which purpose, and who will have it.
type claim struct {
	purpose string
	holder  rbac.Subject
}

// errPattern says that a policy lets in users by a pattern: who they are is not known.
var errPattern = errors.New("it lets in users by a pattern")

// errUnclear says that a policy names users, and nothing tells how users are recognised here.
var errUnclear = errors.New("how users are recognised here is not known")

// close plans that a policy goes. Those who have a role here and no other way in get a policy of their own, or stay.
func (p *place) close(r *repair, o *unstructured.Unstructured, why string) {
	stay := p.dependents(r, o, "")
	if len(stay) == 0 {
		r.shut(o, why)
		return
	}
	r.rewrite(o, p.leftTo(o, stay), why+"; others stay in the policy")
}

// dependents returns whom a policy has to go on letting in, for who is looked after by the caller: those who have a role
// here, no other policy that no fix touches, and no name for one of their own. For whom there is one, the fix makes it.
func (p *place) dependents(r *repair, o *unstructured.Unstructured, but string) []string {
	p.worked[o] = true
	var stay []string
	for _, name := range p.users[o] {
		switch {
		case strings.HasPrefix(name, "*"), strings.HasSuffix(name, "*"):
			r.err = errPattern
		case name == but:
			continue
		case p.headerUnknown && name != annotatedAs(o).Name:
			r.err = errUnclear
		case p.granted(user(name)) && p.safe[name] <= p.admits(o, name) && !p.rehouse(r, name):
			stay = append(stay, name)
			continue
		}
		p.forgo(o, name)
	}
	return stay
}

// admits returns 1 for a policy that safely lets in a user, else 0.
func (p *place) admits(o *unstructured.Unstructured, name string) int {
	if p.sure[o][name] {
		return 1
	}
	return 0
}

// forgo notes that a fix takes a user out of a policy.
func (p *place) forgo(o *unstructured.Unstructured, name string) {
	if p.sure[o][name] {
		delete(p.sure[o], name)
		p.safe[name]--
	}
}

// rehouse gives a member a policy of his own, and reports whether that was possible.
func (p *place) rehouse(r *repair, name string) bool {
	for _, b := range p.pairs[name] {
		if p.going[b] || isDisguised(b) || short(b) == "" || b.Annotations[workspace.HTTPAnnotation] == "false" {
			continue
		}
		if own := p.ownPolicy(b, name); own != nil {
			r.admit(own, "its role binding is there, and the policy that let "+name+" in goes")
			return true
		}
	}
	return false
}

// ownPolicy returns the policy that should go with a contributor's role binding, under a name that is free, which it
// claims. It is nil when there is none, or when what it has to say is not known.
func (p *place) ownPolicy(b *rbacv1.RoleBinding, name string) *unstructured.Unstructured {
	free := p.policyNameFor(b, user(name))
	if free == "" || p.headerUnknown {
		return nil
	}
	role := b.Annotations[kubeflow.RoleAnnotation]
	if known := short(b); known != "" {
		role = known
	}
	p.givenPolicy[free] = b.Name
	return p.policyFor(b, user(name), role, free)
}

// leftTo returns a policy that lets in only those who stay, and is the first one's unless it is one of theirs already.
func (p *place) leftTo(o *unstructured.Unstructured, stay []string) *unstructured.Unstructured {
	after := o.DeepCopy()
	p.confine(after, stay)
	if who := annotatedAs(o); who.Kind == rbacv1.UserKind && slices.Contains(stay, who.Name) {
		return after
	}
	annotations := annotated(o.GetAnnotations(), user(stay[0]), o.GetAnnotations()[kubeflow.RoleAnnotation])
	// The end was that of somebody else's grant.
	delete(annotations, workspace.ExpiresAnnotation)
	if own := p.pairs[stay[0]]; len(own) > 0 {
		if role := short(own[0]); role != "" {
			annotations[kubeflow.RoleAnnotation] = role
		}
		if end, ok := own[0].Annotations[workspace.ExpiresAnnotation]; ok {
			annotations[workspace.ExpiresAnnotation] = end
		}
	}
	after.SetAnnotations(annotations)
	return after
}

// confine takes all users but some out of the header conditions of a policy.
func (p *place) confine(o *unstructured.Unstructured, stay []string) {
	rules, _, err := unstructured.NestedSlice(o.Object, "spec", "rules")
	if err != nil {
		return
	}
	rules = slices.DeleteFunc(rules, func(rule any) bool {
		emptied := false
		for _, condition := range headerValues(rule) {
			values, ok := condition["values"].([]any)
			if !ok {
				continue
			}
			values = slices.DeleteFunc(values, func(value any) bool {
				text, _ := value.(string)
				name, ok := strings.CutPrefix(text, p.config.UserIDPrefix)
				return !ok || !slices.Contains(stay, name)
			})
			condition["values"] = values
			emptied = emptied || len(values) == 0
		}
		return emptied
	})
	// The path is there: it was read above.
	_ = unstructured.SetNestedSlice(o.Object, rules, "spec", "rules")
}

// withUsers returns the policy that a user should have, which lets in others too.
func (p *place) withUsers(o *unstructured.Unstructured, who rbac.Subject, others []string) *unstructured.Unstructured {
	after := p.respecified(o, who)
	if after == nil || len(others) == 0 {
		return after
	}
	if who.Kind != rbacv1.UserKind {
		return nil
	}
	rules, _, err := unstructured.NestedSlice(after.Object, "spec", "rules")
	if err != nil || len(rules) == 0 {
		return nil
	}
	for _, condition := range headerValues(rules[0]) {
		values := []any{p.config.UserIDPrefix + who.Name}
		for _, name := range others {
			values = append(values, p.config.UserIDPrefix+name)
		}
		condition["values"] = values
	}
	if unstructured.SetNestedSlice(after.Object, rules, "spec", "rules") != nil {
		return nil
	}
	return after
}
