package authn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/version"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// TestCompilerByVersion holds each library against the version that brought it.
func TestCompilerByVersion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		expression string
		since      uint
	}{
		"strings":      {`"a".upperAscii()`, 28},
		"lists":        {`[1, 2].sum()`, 28},
		"urls":         {`url("https://a").getHost()`, 28},
		"optional":     {`claims.?a.orValue("")`, 28},
		"sets":         {`sets.contains(["a"], ["a"])`, 29},
		"strings v2":   {`strings.quote("a")`, 29},
		"ip":           {`ip("127.0.0.1").family()`, 30},
		"cidr":         {`cidr("10.0.0.0/8").prefixLength()`, 30},
		"format":       {`format.dns1123Label().validate("a").hasValue()`, 31},
		"two variable": {`["a"].transformList(i, v, v)`, 32},
		"semver":       {`semver("1.2.3").major()`, 33},
		"distinct":     {`["a"].distinct()`, 34},
		"flatten":      {`[["a"]].flatten()`, 34},
		"sort":         {`["a"].sort()`, 34},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for minor := uint(28); minor <= 37; minor++ {
				_, err := authn.Compiler(version.MajorMinor(1, minor)).
					CompileClaimsExpression(&authenticationcel.ClaimMappingExpression{Expression: tc.expression})
				if (err == nil) != (minor >= tc.since) {
					t.Errorf("in 1.%d: %v, want it since 1.%d", minor, err, tc.since)
				}
			}
			if _, err := authn.Compiler(nil).CompileClaimsExpression(&authenticationcel.ClaimMappingExpression{Expression: tc.expression}); err != nil {
				t.Errorf("in the newest: %v", err)
			}
			// A finding says since when.
			config := strings.Replace(authenticator(safe+", groups: {expression: '"+tc.expression+"'}", ""), "/v1\n", "/v1beta1\n", 1)
			got := authn.Judge(parse(t, config), authn.Options{Kubernetes: version.MajorMinor(1, 30)})
			want := fmt.Sprintf("jwt[0].claimMappings.groups.expression: the expression needs Kubernetes 1.%d", tc.since)
			told := ""
			for _, f := range got {
				if f.ID == "AU032" {
					told = f.Message
				}
			}
			if tc.since <= 30 {
				want = ""
			}
			if told != want {
				t.Errorf("finding %q, want %q", told, want)
			}
		})
	}
}

// TestCompilerLikeUpstream holds our compiler for the newest version against upstream's own, errors and all.
func TestCompilerLikeUpstream(t *testing.T) {
	t.Parallel()
	upstream, ours := authenticationcel.NewDefaultCompiler(), authn.Compiler(version.MajorMinor(1, 36))
	for _, expression := range []string{
		``, `true`, `1`, `claims`, `claims.a`, `claims.a == "b"`, `claims.a.map(x, x)`, `dyn(claims.a).all(x, x == "a")`,
		`user`, `user.username`, `user.username == "a"`, `user.groups.all(g, g != "a")`, `user.extra["a"].exists(x, x == "b")`,
		`user.uid == ""`, `user.name == "a"`, `has(user.extra)`, `has(claims.a)`, `user.?extra.?a.orValue([]).size() > 0`,
		`user.extra.a__dot__b == ["c"]`, `"a" in user.groups`, `foo`, `"(".matches("(")`, `[1, "a"]`, `claims.a &&`,
	} {
		for name, of := range map[string]struct {
			theirs, ours func(authenticationcel.ExpressionAccessor) (authenticationcel.CompilationResult, error)
		}{
			"claims": {upstream.CompileClaimsExpression, ours.CompileClaimsExpression},
			"user":   {upstream.CompileUserExpression, ours.CompileUserExpression},
		} {
			for _, accessor := range []authenticationcel.ExpressionAccessor{
				&authenticationcel.ClaimMappingExpression{Expression: expression},
				&authenticationcel.ClaimValidationCondition{Expression: expression},
			} {
				_, want := of.theirs(accessor)
				_, got := of.ours(accessor)
				if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(got)); diff != "" {
					t.Errorf("%q about %s (-upstream +ours):\n%s", expression, name, diff)
				}
			}
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	rules := authn.Rules()
	for i, r := range rules {
		if len(r.ID) != len("AU000") || !strings.HasPrefix(r.ID, "AU") || r.Title == "" || r.Severity.Rank() == 0 {
			t.Errorf("rule %+v is not whole", r)
		}
		if i > 0 && rules[i-1].ID >= r.ID {
			t.Errorf("rule %s comes after %s", r.ID, rules[i-1].ID)
		}
	}
	for n := 1; n <= 17; n++ {
		if want := fmt.Sprintf("AU%03d", n); rules[n-1].ID != want || rules[n-1].Severity != finding.Error {
			t.Errorf("rule %d is %+v, want the error %s", n, rules[n-1], want)
		}
	}
}
