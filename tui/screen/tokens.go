package screen

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// byToken is how a machine has what its token is for.
const byToken workspace.How = "token"

// tokenRows are the tokens of machines, as grants of what they are for.
func tokenRows(w *world.World) []member {
	if !w.HasTokens() {
		return nil
	}
	tokens := w.Tokens().Tokens()
	rows := make([]member, 0, len(tokens))
	for i := range tokens {
		t := &tokens[i]
		m := &workspace.Member{Workspace: t.Namespace, Subject: t.Account, Expires: t.Expires, How: byToken, Flavor: workspace.Native}
		switch t.Kind {
		case token.Kalm:
			m.Flavor = workspace.Kalm
		case token.Bound:
			m.RoleRef = rbacv1.RoleRef{Kind: "Role", Name: t.Name}
		case token.Lasting:
		}
		row := member{Member: m, token: t}
		if found := w.FindingsAbout(t.Object()); len(found) > 0 {
			row.remark, row.tone = remarks(found), badge(found)
		}
		rows = append(rows, row)
	}
	return rows
}

// withoutTokens leaves out the members that the bindings of tokens make: the rows of the tokens say more.
func withoutTokens(rows, tokens []member) []member {
	if len(tokens) == 0 {
		return rows
	}
	return slices.DeleteFunc(rows, func(m member) bool {
		return m.Binding != nil && m.Subject.Namespace == m.Workspace && m.Binding.Labels[token.Label] == m.Subject.Name &&
			slices.ContainsFunc(tokens, func(t member) bool { return t.Subject == m.Subject })
	})
}

// tokenNotes say what is not known of tokens.
func tokenNotes(w *world.World, rows []member) []string {
	out := gapNotes(w, "", need{inventory.AccessTokens, "tokens of Kalm are missing"})
	if len(rows) > 0 {
		out = append(out, "Secrets are not read here, so that tokens in them, and revoked ones, are not told: "+command(w, "accesstoken", "list", "-A"))
	}
	return out
}

// tokenObject is the object that a token is known by.
func tokenObject(t *token.Token) string {
	if t.Kind == token.Bound {
		return "serviceaccount/" + t.Name
	}
	return shortID(t)
}

// shortID is the id of a token, without most of the sum that names an AccessToken: the rest is enough for commands.
func shortID(t *token.Token) string {
	const enough = 12
	kind, name, _ := strings.Cut(t.ID(), "/")
	if t.Kind != token.Kalm || len(name) <= enough {
		return t.ID()
	}
	return kind + "/" + name[:enough]
}

// tokenCommand is a command of "kubectl accesstoken" about a token.
func tokenCommand(w *world.World, t *token.Token, words ...string) string {
	words = append(append([]string{"accesstoken"}, words...), shortID(t))
	if t.Namespace != "" {
		words = append(words, "-n", t.Namespace)
	}
	return command(w, words...)
}

// tokenDetail says what a token may do, who made it, and what is wrong with it.
func tokenDetail(w *world.World, t *token.Token) *Text {
	text := &Text{}
	add := func(label, words string) {
		if words != "" {
			text.Lines = append(text.Lines, labelled(label, words))
		}
	}
	may := w.Tokens().MayOf(*t)
	for i, right := range may.Rights {
		if i == mostProofs {
			add("may", fmt.Sprintf("and %d more", len(may.Rights)-i))
			break
		}
		add("may", right)
	}
	if !may.Known {
		add("may", "unknown: not all roles and bindings can be read")
	} else if len(may.Rights) == 0 {
		add("may", "nothing but what everybody may")
	}
	for _, path := range may.Paths {
		add("through", path)
	}
	add("by", t.Creator)
	add("memo", t.Memo)
	if !t.Created.IsZero() {
		add("made", ageCell(t.Created, w.Now).Text+" ago")
	}
	if !t.LastUsed.IsZero() {
		add("last used", ageCell(t.LastUsed, w.Now).Text+" ago")
	}
	found := w.FindingsAbout(t.Object())
	for i := range found {
		text.Lines = append(text.Lines, findingLine(&found[i]))
	}
	return text
}

// tokenWishes are that a token is revoked. What it is for and how long it lives belongs to it.
func tokenWishes(t *token.Token) []change.Wish {
	why := "that can't be changed of a token: kubectl accesstoken create --rotate makes another in its place"
	if t.Kind != token.Bound {
		why = "that can't be changed of a token: kubectl accesstoken create makes another"
	}
	return append(refusals(why, change.SetRole, change.Expire), change.Wish{Verb: change.Remove, Workspace: t.Namespace, Token: t.ID(), Expires: t.Expires})
}
