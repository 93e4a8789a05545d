package screen

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// accessRow is what one subject may do.
type accessRow struct {
	subject rbac.Subject
	// full holds the grant of each verb, nil for none; named those for certain names only.
	full  []*rbac.Grant
	named [][]*rbac.Grant
}

// cell says whether the subject may do a verb: "yes", "named" for certain names only, a dash.
func (r *accessRow) cell(verb int) Cell {
	switch {
	case r.full[verb] != nil:
		return Cell{Text: "yes", Tone: Good}
	case len(r.named[verb]) > 0:
		return Cell{Text: "named", Tone: Warn}
	}
	return cell("", Plain)
}

// grants are all that the subject has, those without a limit first.
func (r *accessRow) grants() []*rbac.Grant {
	out := slices.DeleteFunc(slices.Clone(r.full), func(g *rbac.Grant) bool { return g == nil })
	return append(out, slices.Concat(r.named...)...)
}

// first is the proof of the first grant; nil for superusers whom no binding names.
func (r *accessRow) first() *rbac.Proof {
	for _, g := range r.grants() {
		if len(g.Proofs) > 0 {
			return &g.Proofs[0]
		}
	}
	return nil
}

func (a *access) jump(r *accessRow, to Kind) Place {
	if p := r.first(); p != nil {
		return jumpAlong(to, r.subject, p.Binding, p.Role, a.namespace)
	}
	return JumpTo(to, r.subject, rbac.ObjectID{}, rbac.ObjectID{}, a.namespace)
}

// why is the command that proves the first thing that the subject may do.
func (a *access) why(r *accessRow) string {
	if verb := slices.IndexFunc(r.full, func(g *rbac.Grant) bool { return g != nil }); verb >= 0 {
		return a.command("why", r.subject.String(), a.verbs[verb])
	}
	verb := slices.IndexFunc(r.named, func(list []*rbac.Grant) bool { return len(list) > 0 })
	named := *a
	named.words = []string{a.words[0], r.named[verb][0].Names[0]}
	return named.command("why", r.subject.String(), a.verbs[verb])
}

func (a *access) wishes(r *accessRow) []change.Wish {
	p := r.first()
	if p == nil || p.Binding.Namespace == "" || p.Binding.Told() {
		return nil
	}
	return grantWishes(a.w, a.w.Binding(p.Binding.ID()), r.subject)
}

// proof lists the paths by which the subject may do something, each with its rules, and the verbs that it allows.
func (a *access) proof(r *accessRow) *Text {
	paths := proofs{}
	for i, verb := range a.verbs {
		if g := r.full[i]; g != nil {
			if g.Superuser {
				paths.add(question.SuperuserText, verb, Place{})
			}
			for n := range g.Proofs {
				paths.prove(&g.Proofs[n], verb)
			}
		}
		for _, g := range r.named[i] {
			for n := range g.Proofs {
				paths.prove(&g.Proofs[n], verb+" (only "+strings.Join(g.Names, ", ")+")")
			}
		}
	}
	return paths.text()
}
