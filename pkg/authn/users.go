package authn

import (
	"slices"
)

// usersRefuse reports whether a user validation rule refuses every user with a name or a group, but not every user. An
// empty name or group is any.
func (t *trial) usersRefuse(username, group string) bool {
	return slices.ContainsFunc(t.userRules, func(p *probe) bool {
		if t.admits(p, username, group) {
			return false
		}
		if p.satisfiable == nil {
			can := t.admits(p, "", "")
			p.satisfiable = &can
		}
		return *p.satisfiable
	})
}

// admits reports whether any user with a name and in a group was found that a rule is true of. Of an empty one several
// are tried: plain ones, and those that the rule's own words lead to.
func (t *trial) admits(p *probe, username, group string) bool {
	literals := p.reads.texts[:min(len(p.reads.texts), mostTexts)]
	usernames, groups := []string{username}, []string{group}
	if username == "" {
		usernames = around(append(t.usernames(), "alice"), literals)
	}
	if group == "" {
		groups = around([]string{"x"}, literals)
	}
	// A rule may ask for a group besides.
	besides := append([][]string{nil, literals}, oneByOne(around(nil, literals))...)
	tries := 0
	for _, extra := range t.extras(literals) {
		for _, more := range besides {
			for _, g := range groups {
				for _, name := range usernames {
					user := map[string]any{
						"username": name, "uid": "u", "groups": append([]string{g}, more...), "extra": extra,
					}
					if p.holds(user) {
						return true
					}
					if tries++; tries > mostTries || t.left <= 0 {
						return false
					}
				}
			}
		}
	}
	return false
}

// usernames returns a few names that the mapping gives.
func (t *trial) usernames() []string {
	m := t.spec.ClaimMappings.Username
	if m.Claim != "" {
		prefix := ""
		if m.Prefix != nil {
			prefix = *m.Prefix
		}
		return []string{prefix + "alice", prefix + "alice@example.com"}
	}
	if t.username == nil {
		return nil
	}
	if t.users != nil {
		return slices.Clone(t.users)
	}
	out := []string{}
	t.username.tries([]string{"alice", "alice@example.com"}, t.username.reads.texts, nil,
		func(claims map[string]any, _ [][]string, _ []any) bool {
			value, err := t.username.run(claims)
			if err != nil || strange(value) != "" {
				return true
			}
			for _, name := range texts(value) {
				if name != "" && !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
			return len(out) < mostTexts
		})
	t.users = out
	return slices.Clone(out)
}

// extras returns extra values of a user: none, and those that a rule's words lead to.
func (t *trial) extras(literals []string) []map[string][]string {
	values := []map[string][]string{{}}
	for _, value := range append([]string{"x"}, literals...) {
		one := map[string][]string{}
		for _, m := range t.spec.ClaimMappings.Extra {
			one[m.Key] = []string{value}
		}
		if len(one) > 0 {
			values = append(values, one)
		}
	}
	return values
}

// around returns texts, literals, and literals in front of and behind some text.
func around(texts, literals []string) []string {
	out := slices.Clone(texts)
	for _, l := range literals {
		out = append(out, l, l+"x", "x"+l)
	}
	return out
}

func oneByOne(texts []string) [][]string {
	out := make([][]string, len(texts))
	for i, text := range texts {
		out[i] = []string{text}
	}
	return out
}
