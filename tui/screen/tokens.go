package screen

import (
	"math"
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
		rows = append(rows, tokenRow(w, &tokens[i]))
	}
	if len(tokens) > 0 {
		w.Tokens().MayOf(tokens[len(tokens)-1]) // what takes a while the first time is done before a row is looked at
	}
	return rows
}

func tokenRow(w *world.World, t *token.Token) member {
	m := &workspace.Member{Workspace: t.Namespace, Subject: t.Account, Expires: t.Expires, How: byToken, Flavor: workspace.Native}
	row := member{Member: m, token: t}
	switch t.Kind {
	case token.Kalm:
		m.Flavor = workspace.Kalm
		row.may, row.within = w.Tokens().MayOf(*t).Short(), ruleNamespaces(t)
	case token.Bound:
		m.RoleRef = rbacv1.RoleRef{Kind: "Role", Name: t.Name}
	case token.Lasting:
		row.may = "all that its account may"
	}
	if found := w.FindingsAbout(t.Object()); len(found) > 0 {
		row.remark, row.tone = remarks(found), badge(found)
	}
	return row
}

// ruleNamespaces are the namespaces that the rules of a token of Kalm's are about; "*" stands for all.
func ruleNamespaces(t *token.Token) []string {
	var out []string
	for _, rule := range t.Rules {
		out = append(out, rule.Namespace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// withoutTokens leaves out the members that the bindings of tokens make: the rows of the tokens say more.
func withoutTokens(rows, tokens []member) []member {
	if len(tokens) == 0 {
		return rows
	}
	return slices.DeleteFunc(rows, func(m member) bool {
		return m.Binding != nil && m.Subject.Namespace == m.Workspace && m.Binding.Labels[token.Label] == m.Subject.Name &&
			slices.ContainsFunc(tokens, func(t member) bool { return t.Subject == m.Subject && t.token.Kind == token.Bound })
	})
}

// tokenNotes say what is not known of tokens.
func tokenNotes(w *world.World) []string {
	return gapNotes(w, "",
		need{inventory.AccessTokens, "tokens of Kalm are missing"},
		need{inventory.TokenSecrets, "tokens that Secrets hold are missing, and which others are revoked is not known"},
	)
}

// tokenName is what people call a token of Kalm's: the name that it was given, or else its id.
func tokenName(t *token.Token) string {
	if t.Kind == token.Kalm && isNamed(t) {
		return "accesstoken/" + t.Name
	}
	return shortID(t)
}

// isNamed reports whether a token of Kalm's was given a name. Else it has but the sum that its object is called by.
func isNamed(t *token.Token) bool { return !strings.HasSuffix(t.ID(), "/"+t.Name) }

// tokenObject is the object that a token is known by; empty for one that is called by that already.
func tokenObject(t *token.Token) string {
	switch {
	case t.Kind == token.Bound:
		return "serviceaccount/" + t.Name
	case t.Kind == token.Kalm && !isNamed(t):
		return ""
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

// tokenEnds is when a token ends, where there is more to say than a date; false where there is not.
func tokenEnds(t *token.Token) (Cell, bool) {
	switch {
	case t.Revoked():
		return Cell{Text: "revoked", Tone: Bad, Number: math.Inf(1)}, true
	case t.Invalid != "":
		return Cell{Text: "invalid since " + t.Invalid, Tone: Quiet, Number: math.Inf(1)}, true
	case t.BadExpiry != "":
		return Cell{Text: "no date: " + t.BadExpiry, Tone: Bad, Number: math.NaN()}, true
	case t.Kind == token.Bound && t.Expires.IsZero():
		return Cell{Text: unknown, Tone: Warn, Number: math.NaN()}, true
	}
	return Cell{}, false
}

// tokenCommand is a command of "kubectl accesstoken" about a token.
func tokenCommand(w *world.World, t *token.Token, words ...string) string {
	words = append(append([]string{"accesstoken"}, words...), shortID(t))
	if t.Namespace != "" {
		words = append(words, "-n", t.Namespace)
	}
	return command(w, words...)
}

// tokenPlace is the page of a token.
func tokenPlace(t *token.Token) Place {
	return Place{Kind: Token, Namespace: t.Namespace, Name: t.ID()}
}

// tokenWishes are that a token is revoked. What it is for and how long it lives belongs to it.
func tokenWishes(t *token.Token) []change.Wish {
	why := "that can't be changed of a token: kubectl accesstoken create --rotate makes another in its place"
	if t.Kind != token.Bound {
		why = "that can't be changed of a token: kubectl accesstoken create makes another"
	}
	return append(refusals(why, change.SetRole, change.Expire), change.Wish{Verb: change.Remove, Workspace: t.Namespace, Token: t.ID(), Expires: t.Expires})
}
