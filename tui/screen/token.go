package screen

import (
	"fmt"
	"math"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// tokenPage is all that is known of one token. Of one that is being exchanged there are several at a time.
func tokenPage(w *world.World, p Place) (*Page, error) {
	var found []token.Token
	if w.HasTokens() {
		found = slices.DeleteFunc(w.Tokens().Tokens(), func(t token.Token) bool { return t.Namespace != p.Namespace || t.ID() != p.Name })
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("open token %s: %s", p.Name, emptyWords(w, p.Namespace, "there is no such token", inventory.TokenSecrets, inventory.AccessTokens))
	}
	t := &found[0]
	page := &Page{
		Title: "token " + tokenName(t), Facts: tokenFacts(w, t), Notes: tokenNotes(w), Text: &Text{},
		Command: tokenCommand(w, t, "describe"), Wishes: tokenWishes(t),
	}
	page.Text.Lines = tokenFindings(w, t)
	for i := range found {
		if i > 0 {
			page.Text.Lines = append(page.Text.Lines, Line{})
		}
		page.Text.Lines = append(page.Text.Lines, tokenLines(w, &found[i], math.MaxInt)...)
	}
	page.judgeLater(w)
	return page, nil
}

// tokenFacts say whose a token is, where it holds, and when it ends.
func tokenFacts(w *world.World, t *token.Token) []Fact {
	row := tokenRow(w, t)
	facts := []Fact{{Name: "kind", Value: string(t.Kind)}}
	if t.Account.Name != "" {
		facts = append(facts, Fact{Name: "account", Value: t.Account.String(), Open: Place{Kind: Subject, Subject: t.Account}})
	}
	where := Fact{Name: "namespace", Value: row.where().Text}
	if home := row.home(); home != "" {
		where.Open = Place{Kind: Workspace, Name: home}
	}
	ends := Fact{Name: "ends", Value: row.ends(w).Text, Tone: row.ends(w).Tone}
	if row.over(w.Now) {
		ends.Name = "" // the value says so
	}
	return append(facts, where, ends)
}

// tokenDetail says what a token may do, who made it, and what is wrong with it.
func tokenDetail(w *world.World, t *token.Token) *Text {
	return &Text{Lines: append(tokenLines(w, t, mostProofs), tokenFindings(w, t)...)}
}

// tokenLines say what a token may do, with at most so many rights, and who made it.
func tokenLines(w *world.World, t *token.Token, most int) []Line {
	var lines []Line
	add := func(label, words string) {
		if words != "" {
			lines = append(lines, labelled(label, words))
		}
	}
	list := func(label string, rights, paths []string) {
		for i, right := range rights {
			if i == most {
				add(label, fmt.Sprintf("and %d more", len(rights)-i))
				break
			}
			add(label, right)
		}
		for _, path := range paths {
			add("through", path)
		}
	}
	may := w.Tokens().MayOf(*t)
	switch {
	case !may.Known:
		add("may", "unknown: not all roles and bindings can be read")
	case len(may.Rights)+len(may.ByGroups) == 0:
		add("may", "nothing but what everybody may")
	}
	list("may", may.Rights, may.Paths)
	list("by its groups", may.ByGroups, may.GroupPaths)
	add("object", t.Object())
	if t.Kind == token.Bound {
		add("secret", t.Secret)
	}
	add("by", t.Creator)
	add("memo", t.Memo)
	if !t.Created.IsZero() {
		add("made", ageCell(t.Created, w.Now).Text+" ago")
	}
	if !t.LastUsed.IsZero() {
		add("last used", ageCell(t.LastUsed, w.Now).Text+" ago")
	}
	return lines
}

// tokenFindings are what is wrong with a token, a line each.
func tokenFindings(w *world.World, t *token.Token) []Line {
	var lines []Line
	found := w.FindingsAbout(t.Object())
	for i := range found {
		lines = append(lines, findingLine(&found[i]))
	}
	return lines
}
