package authn_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
)

func TestJudgePowers(t *testing.T) {
	t.Parallel()
	const groups = safe + `, groups: {claim: groups, prefix: ""}`
	groupsOf := func(text string) string { return safe + ", groups: {expression: '" + text + "'}" }
	usernameOf := func(text string) string { return "username: {expression: '" + text + "'}" }
	userRule := func(text string) string { return "  userValidationRules: [{expression: '" + text + "'}]\n" }
	claimRule := func(text string) string { return "  claimValidationRules: [{expression: '" + text + "'}]\n" }
	tests := map[string]struct {
		mappings, rest string
		want           []string
	}{
		"groups as they are":                   {groups, "", []string{"AU050"}},
		"groups with a prefix":                 {safe + `, groups: {claim: groups, prefix: "oidc:"}`, "", []string{}},
		"groups with the worst prefix":         {safe + `, groups: {claim: groups, prefix: "system:"}`, "", []string{"AU050"}},
		"rule on groups":                       {groups, userRule(`user.groups.all(g, !g.startsWith("system:"))`), []string{}},
		"rule on one group":                    {groups, userRule(`!("system:masters" in user.groups)`), []string{"AU052"}},
		"rule on another group":                {groups, userRule(`!("system:nodes" in user.groups)`), []string{"AU050"}},
		"rule on prefixes of groups":           {groups, userRule(`user.groups.all(g, g.startsWith("corp-"))`), []string{}},
		"rule that asks for a group":           {groups, userRule(`"staff" in user.groups`), []string{"AU050"}},
		"rule that asks for a kind of group":   {groups, userRule(`user.groups.exists(g, g.startsWith("team-"))`), []string{"AU050"}},
		"rule on the username only":            {groups, userRule(`!user.username.startsWith("system:")`), []string{"AU050"}},
		"rule that nobody passes":              {groups, userRule(`user.username == "a" && user.username == "b"`), []string{"AU050"}},
		"rule with a way out":                  {groups, userRule(`user.username == "oidc:root" || !user.groups.exists(g, g.startsWith("system:"))`), []string{"AU050"}},
		"rule on extra":                        {groups + `, extra: [{key: example.com/a, valueExpression: claims.sub}]`, userRule(`user.extra["example.com/a"][0] == "b"`), []string{"AU050"}},
		"claim rule on groups":                 {groups, claimRule(`dyn(claims.groups).all(g, !g.startsWith("system:"))`), []string{}},
		"claim rule by in":                     {groups, claimRule(`!("system:masters" in claims.groups) && !("system:nodes" in claims.groups)`), []string{"AU052"}},
		"claim rule on something else":         {groups, claimRule(`claims.hd == "acme"`), []string{"AU050"}},
		"groups have to be one":                {groups, "  claimValidationRules: [{claim: groups, requiredValue: staff}]\n", []string{}},
		"groups have to be masters":            {groups, "  claimValidationRules: [{claim: groups, requiredValue: 'system:masters'}]\n", []string{"AU050"}},
		"expression as it is":                  {groupsOf(`claims.?groups.orValue([])`), "", []string{"AU050"}},
		"expression with a prefix":             {groupsOf(`dyn(claims.?groups.orValue([])).map(g, "oidc:" + g)`), "", []string{}},
		"expression that filters":              {groupsOf(`dyn(claims.?groups.orValue([])).filter(g, !g.startsWith("system:"))`), "", []string{}},
		"expression that cuts":                 {groupsOf(`dyn(claims.?groups.orValue([])).map(g, g.replace("corp/", ""))`), "", []string{"AU050"}},
		"expression that filters and cuts":     {groupsOf(`dyn(claims.?groups.orValue([])).filter(g, g.startsWith("corp/")).map(g, g.replace("corp/", ""))`), "", []string{"AU050"}},
		"expression that puts in front":        {groupsOf(`"system:" + string(claims.?team.orValue(""))`), "", []string{"AU050"}},
		"expression that gives it":             {groupsOf(`claims.?admin.orValue(false) == true ? ["system:masters"] : []`), "", []string{"AU050"}},
		"expression that gives it by a word":   {groupsOf(`claims.?role.orValue("") == "admin" ? ["system:masters"] : []`), "", []string{"AU050"}},
		"expression that always gives it":      {groupsOf(`["system:masters"]`), "", []string{"AU050"}},
		"expression, and claims are looked at": {groupsOf(`claims.?groups.orValue([])`), claimRule(`dyn(claims.?groups.orValue([])).all(g, !g.startsWith("system:"))`), []string{}},
		"username as it is":                    {`username: {claim: sub, prefix: ""}`, "", []string{"AU051"}},
		"username with a rule":                 {`username: {claim: sub, prefix: ""}`, userRule(`!user.username.startsWith("system:")`), []string{}},
		"username with a rule on one":          {`username: {claim: sub, prefix: ""}`, userRule(`user.username != "system:kube-scheduler"`), []string{"AU051"}},
		"username with a rule on the end":      {`username: {claim: email, prefix: ""}`, userRule(`user.username.endsWith("@example.com")`), []string{}},
		"username with a claim rule":           {`username: {claim: sub, prefix: ""}`, claimRule(`!string(claims.sub).startsWith("system:")`), []string{}},
		"username expression":                  {usernameOf(`claims.sub`), "", []string{"AU051"}},
		"username expression with a prefix":    {usernameOf(`"corp:" + claims.sub`), "", []string{}},
		"username expression, second part":     {usernameOf(`claims.sub.split("/")[1]`), "", []string{"AU051"}},
		"the example of the guides": {
			`username: {claim: email, prefix: ""}, groups: {claim: groups, prefix: ""}`,
			userRule(`!user.username.startsWith("system:")`),
			[]string{"AU050"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, authenticator(tc.mappings, tc.rest))
			got := authn.Judge(c, authn.Options{Now: now})
			powers := slices.DeleteFunc(ids(got), func(id string) bool { return id < "AU050" || id > "AU052" })
			if diff := cmp.Diff(tc.want, powers); diff != "" {
				t.Errorf("ids (-want +got):\n%s\n%v", diff, got)
			}
			superusers := authn.Explain(c, authn.Options{})[0].Superusers
			if want := slices.Contains(tc.want, "AU050") || slices.Contains(tc.want, "AU051"); want != (len(superusers) > 0) {
				t.Errorf("superusers are %q, while the findings are %q", superusers, powers)
			}
		})
	}
}
