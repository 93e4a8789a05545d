package authn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
)

// mappings judges what the expressions of a JWT authenticator do at a login, by trying them.
func (j *judge) mappings(t *trial, path string) {
	j.single(t.username, path+".username.expression")
	j.single(t.uid, path+".uid.expression")
	j.several(t.groups, path+".groups.expression")
	for i, p := range t.extra {
		at := fmt.Sprintf("%s.extra[%d].valueExpression", path, i)
		j.several(p, at)
		j.missing(t, p, at, true)
		j.numbers(p, at)
	}
	j.missing(t, t.groups, path+".groups.expression", true)
	j.missing(t, t.uid, path+".uid.expression", false)
	j.numbers(t.username, path+".username.expression")
	j.numbers(t.uid, path+".uid.expression")
	j.numbers(t.groups, path+".groups.expression")
	rules := strings.TrimSuffix(path, ".claimMappings") + ".claimValidationRules"
	for i, r := range t.spec.ClaimValidationRules {
		for _, p := range t.claimRules {
			if p.text == r.Expression {
				at := fmt.Sprintf("%s[%d].expression", rules, i)
				j.broken(p, at, p.outcome(func(string) bool { return true }))
			}
		}
	}
}

// outcome is what an expression gave when it was tried.
type outcome struct {
	good, worked bool   // whether it ever gave what is wanted, or anything
	native       bool   // whether it ever gave a list that split and findAll return
	odd, failure string // what else it gave, and why it failed, the last time
}

// outcome tries the expression; good reports whether a type of value is wanted.
func (p *probe) outcome(good func(kind string) bool) outcome {
	var out outcome
	p.tries([]string{"a,b", "alice"}, p.reads.texts, nil, func(claims map[string]any, _ [][]string, _ []any) bool {
		value, err := p.run(claims)
		if err != nil {
			if !strings.Contains(err.Error(), "no such key") || out.failure == "" {
				out.failure = oneLine(err.Error())
			}
			return true
		}
		out.worked = true
		if good(value.Type().TypeName()) {
			out.good = true
		} else {
			out.odd = "a " + value.Type().TypeName()
		}
		if odd := strange(value); odd == native {
			out.native = true
		}
		return true
	})
	return out
}

// single judges an expression that has to give a string.
func (j *judge) single(p *probe, path string) {
	if p == nil {
		return
	}
	out := p.outcome(func(kind string) bool { return kind == cel.StringType.TypeName() })
	if out.worked && !out.good && !p.reads.loops {
		j.report("AU017", path, fmt.Sprintf("%s: it gives %s, and has to give a string: every login is refused", path, out.odd),
			"the API server looks at the type when somebody logs in, not when it starts; string(...) turns numbers and booleans into text")
		return
	}
	j.broken(p, path, out)
}

// several judges an expression that has to give a string or a list of strings.
func (j *judge) several(p *probe, path string) {
	if p == nil {
		return
	}
	out := p.outcome(func(kind string) bool {
		return slices.Contains([]string{cel.StringType.TypeName(), cel.NullType.TypeName(), cel.ListType(nil).TypeName()}, kind)
	})
	static := p.compiled.AST.OutputType()
	wrongItems := static.Kind() == types.ListKind && len(static.Parameters()) == 1 &&
		!slices.Contains([]types.Kind{types.StringKind, types.DynKind, types.AnyKind, types.TypeParamKind}, static.Parameters()[0].Kind())
	switch {
	case out.native:
		j.report("AU017", path, fmt.Sprintf("%s: the list that it gives is refused at every login", path),
			"split, findAll and the like return a list that the API server does not read here, though it accepts the expression; "+
				"make a new list of it: claims.roles.split(',').map(x, x)")
	case wrongItems:
		j.report("AU017", path, fmt.Sprintf("%s: it gives a %s, and has to give strings: every login is refused", path, static),
			"string(...) turns numbers and booleans into text")
	case out.worked && !out.good && !p.reads.loops:
		j.report("AU017", path, fmt.Sprintf("%s: it gives %s, and has to give a string or a list of strings: every login is refused", path, out.odd),
			"the API server looks at the type when somebody logs in, not when it starts")
	default:
		j.broken(p, path, out)
	}
}

// broken tells of an expression that never worked. One that goes through a list may want items of a shape that was not
// tried.
func (j *judge) broken(p *probe, path string, out outcome) {
	if out.worked || out.failure == "" || p.reads.loops || len(p.reads.leaves()) > 3 {
		return
	}
	j.report("AU041", path, fmt.Sprintf("%s: it failed for every value that its claims were tried with: %s", path, out.failure),
		"numbers in a token are doubles: claims.n + 1 has to be claims.n + 1.0, and text is made of them by string(claims.n)")
}

// everywhere are the claims that no token which the API server accepts lacks.
var everywhere = []string{"iss", "aud", "exp"}

// missing tells of claims that an expression reads without asking whether they are there. several is whether the
// expression may give a list. Nobody has to be told of usernames: without one nobody is let in, and should not be.
func (j *judge) missing(t *trial, p *probe, path string, several bool) {
	if p == nil {
		return
	}
	for _, leaf := range p.reads.leaves() {
		without := &witness{paths: [][]string{leaf}, values: []any{absent{}}}
		if slices.Contains(everywhere, leaf[0]) || leaf[0] == "sub" || t.claimsRefuse(without) {
			continue
		}
		fails := false
		p.tries([]string{"alice"}, p.reads.texts, without, func(claims map[string]any, _ [][]string, _ []any) bool {
			_, err := p.run(claims)
			fails = err != nil && slices.ContainsFunc(leaf, func(key string) bool {
				return strings.HasSuffix(err.Error(), "no such key: "+key)
			})
			return !fails
		})
		if fails {
			claim := strings.Join(leaf, ".")
			j.report("AU040", path, fmt.Sprintf("%s: whoever's token lacks the claim %q is refused", path, claim),
				j.advice(t, p, leaf, several))
		}
	}
}
