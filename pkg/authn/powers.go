package authn

import (
	"fmt"
	"slices"
	"strings"
)

// superuser is the group that may do everything, whatever RBAC says.
const superuser = "system:masters"

// The groups and users of Kubernetes itself that may do what people must not.
var (
	builtInGroups = []string{"system:nodes", "system:serviceaccounts:kube-system"}
	builtInUsers  = []string{
		"system:kube-controller-manager",
		"system:kube-scheduler",
		"system:serviceaccount:kube-system:clusterrole-aggregation-controller",
	}
)

// superusers judges whether a token can give names that belong to Kubernetes itself.
func (j *judge) superusers(t *trial, path string) {
	const why = "whether the issuer ever writes such a token is in the hands of those who run it; " +
		"a prefix, or a user validation rule, takes it out of them: "
	const groupsRule = `user.groups.all(g, !g.startsWith("system:"))`
	groups := path + ".groups"
	if ways := t.groupWays(superuser); len(ways) > 0 {
		j.report("AU050", groups, groups+": a token can put its holder into "+superuser+", who may do everything: "+ways[0].words,
			why+groupsRule)
	} else if names := t.possible(builtInGroups, t.groupWays); len(names) > 0 {
		j.report("AU052", groups, groups+": a token can put its holder into "+strings.Join(names, ", "), why+groupsRule)
	}
	username := path + ".username"
	if names := t.possible(builtInUsers, t.userWays); len(names) > 0 {
		j.report("AU051", username, username+": a token can make its holder "+strings.Join(names, ", "),
			why+`!user.username.startsWith("system:")`)
	}
}

// possible returns the names to which there is a way.
func (t *trial) possible(names []string, ways func(string) []way) []string {
	var out []string
	for _, name := range names {
		if len(ways(name)) > 0 {
			out = append(out, name)
		}
	}
	return out
}

// way is a token that gives a name, and that no rule refuses.
type way struct {
	words string
	token *witness
}

// groupWays returns how a token can put its holder into a group; empty when nothing that was tried did.
func (t *trial) groupWays(name string) []way {
	m := t.spec.ClaimMappings.Groups
	return t.open(t.ways(m.Claim, m.Prefix, t.groups, name), "", name)
}

// userWays returns how a token can give its holder a name.
func (t *trial) userWays(name string) []way {
	m := t.spec.ClaimMappings.Username
	return t.open(t.ways(m.Claim, m.Prefix, t.username, name), name, "")
}

// open returns the ways that no rule closes.
func (t *trial) open(ways []way, username, group string) []way {
	if len(ways) == 0 || t.usersRefuse(username, group) {
		return nil
	}
	return slices.DeleteFunc(ways, func(w way) bool { return t.claimsRefuse(w.token) })
}

// mostWays bounds how many tokens that give the same name are looked at.
const mostWays = 6

// ways returns tokens that a mapping turns into a name.
func (t *trial) ways(claim string, prefix *string, expression *probe, name string) []way {
	if claim != "" {
		written := ""
		if prefix != nil {
			written = *prefix
		}
		rest, ok := strings.CutPrefix(name, written)
		if !ok {
			return nil
		}
		var out []way
		for _, value := range []any{[]any{rest}, rest} {
			out = append(out, way{fmt.Sprintf("claim %q with %q", claim, rest), &witness{[][]string{{claim}}, []any{value}}})
		}
		return out
	}
	if expression == nil {
		return nil
	}
	var out []way
	t.left = max(t.left, mostTries) // the question that matters most is asked whatever was tried before
	expression.tries([]string{name}, expression.reads.texts, nil, func(claims map[string]any, paths [][]string, values []any) bool {
		value, err := expression.run(claims)
		if err == nil && strange(value) == "" && slices.Contains(texts(value), name) {
			out = append(out, way{wordsOf(paths, values), &witness{paths, slices.Clone(values)}})
		}
		return len(out) < mostWays
	})
	return out
}

// wordsOf says which claims a made-up token had.
func wordsOf(paths [][]string, values []any) string {
	var out []string
	for i, path := range paths {
		switch v := values[i].(type) {
		case absent:
		case []any:
			out = append(out, fmt.Sprintf("claim %q with %q", strings.Join(path, "."), fmt.Sprint(v...)))
		case string:
			out = append(out, fmt.Sprintf("claim %q with %q", strings.Join(path, "."), v))
		default:
			out = append(out, fmt.Sprintf("claim %q with %v", strings.Join(path, "."), v))
		}
	}
	if len(out) == 0 {
		return "whatever claims it has"
	}
	return strings.Join(out, ", ")
}

// claimsRefuse reports whether a claim validation rule refuses every token with some values, but not every token.
func (t *trial) claimsRefuse(token *witness) bool {
	for _, r := range t.spec.ClaimValidationRules {
		if r.Claim == "" {
			continue
		}
		if value, ok := token.at([]string{r.Claim}); ok && value != any(r.RequiredValue) {
			return true
		}
	}
	return slices.ContainsFunc(t.claimRules, func(p *probe) bool {
		if !p.reads.meets(token) || p.satisfied(token) {
			return false
		}
		if p.satisfiable == nil {
			can := p.satisfied(nil)
			p.satisfiable = &can
		}
		return *p.satisfiable
	})
}

// satisfied reports whether any token with some values was found that a claim rule is true of.
func (p *probe) satisfied(token *witness) bool {
	found := false
	p.tries([]string{"alice"}, p.reads.texts, token, func(claims map[string]any, _ [][]string, _ []any) bool {
		found = p.holds(claims)
		return !found
	})
	return found
}
