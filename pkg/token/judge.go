package token

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Judge returns what is wrong with the tokens that there are, sorted, some with the plan that would repair it. Rules that
// need a kind that was not read are silent; those of [RightsRules] are without the rules of access, and know only those
// roles and bindings that were read.
func Judge(s *State) []finding.Finding {
	var out []finding.Finding
	for _, t := range s.tokens {
		switch t.Kind {
		case Bound:
			out = append(out, s.judgeBound(t)...)
		case Lasting:
			out = append(out, s.judgeLasting(t)...)
		case Kalm:
			out = append(out, s.judgeKalm(t)...)
		}
		out = append(out, s.judgeEnd(t)...)
	}
	out = append(out, s.judgeOrphans()...)
	out = append(out, s.judgeShared()...)
	out = append(out, s.judgeMinters()...)
	out = append(out, s.judgeReaders()...)
	finding.Sort(out)
	return slices.CompactFunc(out, func(a, b finding.Finding) bool {
		return a.ID == b.ID && a.Object == b.Object && a.Message == b.Message
	})
}

// Check is one rule that tokens are judged by.
type Check struct {
	ID       string           `json:"id"`
	Severity finding.Severity `json:"severity"`
	Title    string           `json:"title"`
	// Needs are the kinds without which it can't be judged.
	Needs []inventory.Kind `json:"needs,omitempty"`
}

// Checks returns the rules by id.
func Checks() []Check {
	const (
		accounts = inventory.ServiceAccounts
		secrets  = inventory.TokenSecrets
		tokens   = inventory.AccessTokens
	)
	kinds := func(k ...inventory.Kind) []inventory.Kind { return k }
	return []Check{
		{"TK001", finding.Warning, "Secret holds a token of a service account that never ends", kinds(secrets)},
		{"TK002", finding.Warning, "Secret holds a token that nobody has used for a year", kinds(secrets)},
		{"TK003", finding.Warning, "token of Kalm never ends", kinds(tokens)},
		{"TK004", finding.Error, "token of Kalm is not named by the SHA-256 of it, so that nobody can use it", kinds(tokens)},
		{"TK005", finding.Error, "token of Kalm is shorter than 64 characters", kinds(tokens)},
		{"TK006", finding.Warning, "token of Kalm may do more than one thing needs", kinds(tokens)},
		{"TK007", finding.Error, "token of Kalm is a root token", kinds(tokens)},
		{"TK008", finding.Warning, "token of Kalm may edit what it may not look at", kinds(tokens)},
		{"TK009", finding.Error, "rule of a token of Kalm writes into its policy", kinds(tokens)},
		{"TK010", finding.Warning, "token is past its end, and still there", kinds(secrets, accounts)},
		{"TK011", finding.Info, "token was revoked, and its account is left", kinds(secrets, accounts)},
		{"TK012", finding.Warning, "Role of a token is not what the token was made for", kinds(accounts)},
		{"TK013", finding.Error, "account of a token has more than its own Role", kinds(accounts)},
		{"TK014", finding.Error, "token that never ends belongs to an account that may do a lot", kinds(secrets)},
		{"TK015", finding.Info, "somebody may make tokens for the accounts of tokens", kinds(accounts)},
		{"TK016", finding.Warning, "somebody may read the tokens of Kalm, which are in plain text", kinds(tokens)},
		{"TK017", finding.Error, "end of a token can't be read", nil},
		{"TK018", finding.Warning, "Secret of a token has lost its account", kinds(secrets, accounts)},
		{"TK019", finding.Warning, "Role or RoleBinding of a token is missing", kinds(accounts)},
		{"TK020", finding.Warning, "token of Kalm is limited to a namespace whose name stands for the cluster", kinds(tokens)},
		{"TK021", finding.Error, "groups of service accounts give tokens more than their own Roles", kinds(accounts)},
		{"TK022", finding.Warning, "token ends in more than a year", nil},
	}
}

// Rules returns the rules that [Judge] judges by, and what each is silent without.
func Rules() []finding.Rule {
	checks := Checks()
	out := make([]finding.Rule, 0, len(checks))
	for _, check := range checks {
		out = append(out, finding.Rule{ID: check.ID, Needs: check.Needs})
	}
	return out
}

// RightsRules returns the ids of what is judged by roles and bindings.
func RightsRules() []string {
	return []string{"TK012", "TK013", "TK014", "TK015", "TK016", "TK019", "TK021"}
}

// JudgedKinds are what [Judge] looks at.
func JudgedKinds() []inventory.Kind { return Kinds() }

// found returns a finding with the severity of its rule.
func found(id, object, message, why string) finding.Finding {
	checks := Checks()
	i := slices.IndexFunc(checks, func(c Check) bool { return c.ID == id })
	return finding.Finding{ID: id, Severity: checks[i].Severity, Object: object, Message: message, Why: why}
}

// revoking gives a finding the plan that revokes the token as its fix. Without a plan it has none.
func (s *State) revoking(f finding.Finding, t Token) finding.Finding {
	if p, _, err := Revoke(s, []Token{t}, false); err == nil && len(p.Steps) > 0 {
		f.Fix = &p
	}
	return f
}
