package dialog

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/effect"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// addEffect says how many rights a subject gains and loses, and names a few.
func (p *prose) addEffect(e change.Effect) {
	who, where := contrib.Label(e.Subject), whereText(e)
	if len(e.Gained)+len(e.Lost) == 0 {
		p.add(plain, "", who+" gains and loses nothing "+where)
	}
	if len(e.Gained) > 0 {
		p.add(plain, "", who+" gains "+count(len(e.Gained), "right")+" "+where+", such as "+samples(e.Gained))
	}
	if len(e.Lost) > 0 {
		p.add(plain, "", who+" loses "+count(len(e.Lost), "right")+" "+where+", such as "+samples(e.Lost))
	}
}

func samples(actions []rbac.Action) string { return strings.Join(effect.Samples(actions), ", ") }

// whereText is where an effect is one.
func whereText(e change.Effect) string {
	if e.Namespace == "" {
		return "everywhere"
	}
	return "in " + e.Namespace
}

// addRights lists all rights that a subject gains and loses.
func (p *prose) addRights(e change.Effect) {
	for _, list := range []struct {
		verb    string
		look    look
		mark    string
		actions []rbac.Action
	}{{"gains", added, "  + ", e.Gained}, {"loses", removed, "  - ", e.Lost}} {
		if len(list.actions) == 0 {
			continue
		}
		p.part()
		p.add(quiet, "", "what "+contrib.Label(e.Subject)+" "+list.verb+" "+whereText(e)+":")
		for _, line := range fold(list.actions) {
			p.add(list.look, list.mark, line)
		}
	}
}

// fold writes actions in a line for each object that they are on: "pods: get, list". The lines are sorted.
func fold(actions []rbac.Action) []string {
	verbs := map[string][]string{}
	for _, a := range actions {
		verb := a.Verb
		a.Verb = ""
		object := strings.TrimSpace(a.String())
		verbs[object] = append(verbs[object], verb)
	}
	lines := make([]string, 0, len(verbs))
	for object, list := range verbs {
		lines = append(lines, object+": "+strings.Join(rbac.SortVerbs(list), ", "))
	}
	slices.Sort(lines)
	return lines
}
