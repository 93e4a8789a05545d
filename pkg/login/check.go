package login

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apiserver/pkg/authentication/user"
)

// Result is what came of a case.
type Result struct {
	Name    string  `json:"name"`
	Line    int     `json:"line"`
	Passed  bool    `json:"passed"`
	Verdict Verdict `json:"verdict"`
	// Differences are what was expected and is not so.
	Differences []string `json:"differences,omitempty"`
	// Error is why nothing could be decided.
	Error string `json:"error,omitempty"`
}

// Check tries the claims of a case, and compares what comes of it with what the case expects.
func (t *Tester) Check(ctx context.Context, c Case) Result {
	out := Result{Name: c.Name, Line: c.Line}
	verdict, err := t.Claims(ctx, c.Claims)
	out.Verdict = verdict
	if err != nil {
		out.Error = err.Error()
		return out
	}
	out.Differences = c.Expect.differences(verdict)
	out.Passed = len(out.Differences) == 0
	return out
}

// differences says what is not as expected.
func (e Expect) differences(v Verdict) []string {
	var out []string
	differ := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	switch {
	case e.Denied && v.Allowed:
		differ("want nobody, got %q", v.User.Username)
		return out
	case e.Denied:
		if e.Rule != "" && e.Rule != v.Refusal.Rule {
			differ("rule: want %s, got %s: %s", e.Rule, v.Refusal.Rule, v.Refusal.Reason)
		}
		if !strings.Contains(v.Refusal.Reason, e.Reason) {
			differ("reason: want one with %q, got %s", e.Reason, v.Refusal.Reason)
		}
		return out
	case !v.Allowed:
		differ("want somebody, got nobody: %s: %s", v.Refusal.Rule, v.Refusal.Reason)
		return out
	}
	if e.Username != nil && *e.Username != v.User.Username {
		differ("username: want %q, got %q", *e.Username, v.User.Username)
	}
	if e.UID != nil && *e.UID != v.User.UID {
		differ("uid: want %q, got %q", *e.UID, v.User.UID)
	}
	if e.Groups != nil {
		want, got := slices.Clone(*e.Groups), slices.Clone(v.User.Groups)
		if !slices.Contains(want, user.AllAuthenticated) {
			got = slices.DeleteFunc(got, func(group string) bool { return group == user.AllAuthenticated })
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(slices.Compact(want), slices.Compact(got)) {
			differ("groups: want [%s], got [%s]", list(want), list(got))
		}
	}
	if e.Extra != nil {
		got := maps.Clone(v.User.Extra)
		if _, want := e.Extra[user.CredentialIDKey]; !want {
			delete(got, user.CredentialIDKey)
		}
		all := maps.Clone(e.Extra)
		maps.Copy(all, got)
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if !slices.Equal(e.Extra[key], got[key]) {
				differ("extra %s: want [%s], got [%s]", key, list(e.Extra[key]), list(got[key]))
			}
		}
	}
	return out
}
