package token

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// judgeKalm judges an AccessToken.
func (s *State) judgeKalm(t Token) []finding.Finding {
	var out []finding.Finding
	add := func(id, message, why string) {
		out = append(out, found(id, t.Object(), message, why))
	}
	if t.Expires.IsZero() && t.BadExpiry == "" {
		add("TK003", "the token never ends"+t.madeBy(), "Kalm takes it until the object is deleted. Set spec.expiredAt, or make a token that ends in its place.")
	}
	text, _, _ := unstructured.NestedString(t.object.Object, "spec", "token")
	if sum, length, ok := inventory.ReadDigest(text); ok {
		if sum != t.objectName() {
			f := found("TK004", t.Object(), "the token in the object has another SHA-256 than its name: nobody can use it",
				"Kalm finds a token by the SHA-256 of what is shown. Its webhook refuses such an object, so that it was made around it.")
			out = append(out, s.revoking(f, t))
		}
		if length < kalm.TokenLength {
			add("TK005", fmt.Sprintf("the token has %d characters, and the schema demands %d", length, kalm.TokenLength),
				"A short token can be guessed, and its SHA-256 is the name of the object, for everybody to try against.")
		}
	} else {
		f := found("TK004", t.Object(), "the object has no token that is a text: nobody can use it",
			"Kalm finds a token by the SHA-256 of what is shown. Its schema refuses such an object, so that it was made without it.")
		out = append(out, s.revoking(f, t))
	}
	read := kalm.ReadToken(t.object)
	if read.Root {
		add("TK007", "the label "+kalm.RootTokenLabel+" marks it as a root token", "Kalm makes it for its own cloud, with all rights on everything and without an end. Delete it when nobody uses that cloud.")
	}
	var wide []string
	for _, rule := range t.Rules {
		if rule.Namespace == kalm.All || rule.Kind == kalm.All {
			wide = append(wide, rule.String())
		}
		if bad := badWord(rule); bad != "" {
			add("TK009", fmt.Sprintf("the rule %s has a %s that is more than a word", rule, bad),
				"Kalm writes rules into its policy as they are: a comma, a line break or a # in one makes other lines, and so any right at all. Delete the token.")
		}
		if rule.Namespace == kalm.TrapNamespace {
			add("TK020", "the rule "+rule.String()+" is for the namespace "+kalm.TrapNamespace+", whose roles are those of the whole cluster", "Move what is in that namespace to another, and make a token for that.")
		}
	}
	if len(wide) > 0 {
		add("TK006", "the token holds for all namespaces, or for all kinds: "+list(wide, 3), "One that is lost opens all of it. Make one for each purpose, in its namespace.")
	}
	if f, bad := s.judgeBlind(t); bad && !read.Deploy {
		out = append(out, f)
	}
	return out
}

// badWord names the field of a rule that would write into the policy; empty for none.
func badWord(rule kalm.Rule) string {
	for _, field := range []struct{ name, text string }{{"kind", rule.Kind}, {"verb", rule.Verb}, {"namespace", rule.Namespace}, {"name", rule.Name}} {
		if strings.ContainsAny(field.text, ",\n\r#\"() \t") {
			return field.name
		}
	}
	return ""
}

// judgeBlind finds rules that let a token edit without a look: each verb counts by itself.
func (s *State) judgeBlind(t Token) (finding.Finding, bool) {
	var blind []kalm.Rule
	for _, rule := range t.Rules {
		if rule.Verb != string(kalm.Edit) || badWord(rule) != "" {
			continue
		}
		sees := slices.ContainsFunc(t.Rules, func(other kalm.Rule) bool {
			return other.Verb == string(kalm.View) && covers(other.Namespace, rule.Namespace) && covers(other.Kind, rule.Kind) && covers(other.Name, rule.Name)
		})
		if !sees {
			rule.Verb = string(kalm.View)
			blind = append(blind, rule)
		}
	}
	if len(blind) == 0 {
		return finding.Finding{}, false
	}
	words := make([]string, 0, len(blind))
	for _, rule := range blind {
		words = append(words, rule.String())
	}
	f := found("TK008", t.Object(), "the token may edit what it may not look at: it lacks "+list(words, 3), "With Kalm, edit does not contain view. Most of its API looks at what it edits first, and refuses then.")
	now := t.object.DeepCopy()
	rules, _, _ := unstructured.NestedSlice(now.Object, "spec", "rules")
	for _, rule := range blind {
		rules = append(rules, map[string]any{"verb": rule.Verb, "namespace": rule.Namespace, "kind": rule.Kind, "name": rule.Name})
	}
	if err := unstructured.SetNestedSlice(now.Object, rules, "spec", "rules"); err != nil {
		return f, true
	}
	if p, err := plan.New("let a token look at what it edits", plan.Step{Verb: plan.Update, Object: now, Old: t.object}); err == nil {
		f.Fix = &p
	}
	return f, true
}

func covers(held, wanted string) bool { return held == kalm.All || held == wanted }

// judgeEnd judges when a token ends.
func (s *State) judgeEnd(t Token) []finding.Finding {
	switch {
	case t.BadExpiry != "":
		why := "When the token ends is not known: the API server goes by what is in the token. Exchange it for one whose end is known: kubectl accesstoken create " +
			t.Name + " --rotate -n " + t.Namespace + "."
		if t.Kind == Kalm {
			why = "When the token ends is not known. An AccessToken with such a text stops Kalm's reading of all of them."
		}
		return []finding.Finding{found("TK017", t.Object(), fmt.Sprintf("%q is no time", t.BadExpiry), why)}
	case !t.Expires.IsZero() && t.Expires.Before(s.now) && !t.Revoked():
		f := found("TK010", t.Object(), "the token ended on "+t.Expires.Format(time.RFC3339)+", and what belongs to it is still there",
			"It can't be used. Its objects can be taken away: kubectl accesstoken revoke --expired.")
		return []finding.Finding{s.revoking(f, t)}
	case t.Expires.Sub(s.now) > LongLife && !t.Revoked():
		return []finding.Finding{s.judgeLong(t)}
	}
	return nil
}

// judgeLong is about a token that nobody will remember when it ends. That of an AccessToken is in the object, and can be
// brought forward; that of another is in the token itself.
func (s *State) judgeLong(t Token) finding.Finding {
	f := found("TK022", t.Object(), "the token ends on "+t.Expires.Format(time.DateOnly)+", in more than a year"+t.madeBy(),
		"One that is lost opens what it is for until then, and nobody will remember it. Exchange it for one that ends sooner, and do so again in time: "+
			"kubectl accesstoken create "+t.Name+" --rotate --expires 90d -n "+t.Namespace+".")
	if t.Kind != Kalm {
		return f
	}
	sooner := s.now.Add(LongLife - 24*time.Hour)
	f.Why = "One that is lost opens what it is for until then, and nobody will remember it. Have it end sooner (--fix: on " + sooner.Format(time.DateOnly) + "), and make another in time."
	now := t.object.DeepCopy()
	if err := unstructured.SetNestedField(now.Object, kalm.FormatExpiry(sooner), "spec", "expiredAt"); err != nil {
		return f
	}
	if p, err := plan.New("let a token end in a year", plan.Step{Verb: plan.Update, Object: now, Old: t.object}); err == nil {
		f.Fix = &p
	}
	return f
}

// judgeReaders says who may read the tokens of Kalm.
func (s *State) judgeReaders() []finding.Finding {
	if s.rights == nil || !slices.ContainsFunc(s.tokens, func(t Token) bool { return t.Kind == Kalm }) {
		return nil
	}
	who := s.people(rbac.Action{Verb: "list", Group: kalm.Group, Resource: string(inventory.AccessTokens)})
	for _, one := range s.people(rbac.Action{Verb: "get", Group: kalm.Group, Resource: string(inventory.AccessTokens)}) {
		if !slices.Contains(who, one) {
			who = append(who, one)
		}
	}
	if len(who) == 0 {
		return nil
	}
	return []finding.Finding{found("TK016", "", list(who, 5)+" may read all AccessTokens, and the tokens are in them in plain text",
		"Whoever reads one can use it. Kalm needs this right for itself; take it from everybody else.\nAll of them: kubectl whocan list accesstokens."+kalm.Group+".")}
}

// madeBy says who made a token, where that is known.
func (t Token) madeBy() string {
	if t.Creator == "" {
		return ""
	}
	return " (made by " + t.Creator + ")"
}
