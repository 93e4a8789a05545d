package screen

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// grantsPage lists every grant in the cluster, those of machines that have a token among them: those that have ended and are still there, those that will end, the next
// first, and then those that never do.
func grantsPage(w *world.World, _ Place) (*Page, error) {
	tokens := tokenRows(w)
	rows := append(withoutTokens(memberRows(w, w.Members()), tokens), tokens...)
	slices.SortStableFunc(rows, func(a, b member) int {
		over, never := order(b.over(w.Now))-order(a.over(w.Now)), order(a.Expires.IsZero())-order(b.Expires.IsZero())
		return cmp.Or(over, never, a.Expires.Compare(b.Expires))
	})
	page := &Page{
		Title: Grants.Title(), Facts: grantFacts(w, rows), Command: command(w, "contrib", "list", "-A"),
		List:   memberList(w, rows, true, emptyWords(w, "", "nobody was given anything", inventory.RoleBindings)),
		Notes:  append(memberNotes(w, ""), tokenNotes(w)...),
		Wishes: []change.Wish{{Verb: change.Add}},
	}
	page.judgeLater(w)
	return page, nil
}

// grantFacts count grants by when they end. The rows are sorted by that.
func grantFacts(w *world.World, rows []member) []Fact {
	people, ended, ending, tokens := map[rbac.Subject]bool{}, 0, 0, 0
	for _, m := range rows {
		if m.Subject.Name != "" {
			people[m.Subject] = true
		}
		if m.token != nil {
			tokens++
		}
		switch {
		case m.over(w.Now):
			ended++
		case m.Expires.IsZero():
		case m.Expires.Sub(w.Now) <= soon:
			ending++
		}
	}
	facts := []Fact{{Name: "subjects", Value: strconv.Itoa(len(people))}}
	if tokens > 0 {
		facts = append(facts, Fact{Name: "tokens", Value: strconv.Itoa(tokens)})
	}
	if ended > 0 {
		facts = append(facts, Fact{Name: "ended, and still there", Value: strconv.Itoa(ended), Tone: Bad})
	}
	if ending > 0 {
		facts = append(facts, Fact{Name: "ending within a week", Value: strconv.Itoa(ending), Tone: Warn})
	}
	return facts
}

// memberNotes say what could not be read of what members are made from.
func memberNotes(w *world.World, namespace string) []string {
	return gapNotes(w, namespace,
		need{inventory.RoleBindings, "members are missing, or when their roles end"},
		need{inventory.Policies, "whom the gateway lets in is not known"},
		need{inventory.Profiles, "owners may look like any other member"},
		need{inventory.KalmBindings, "members of Kalm's are missing"},
	)
}
