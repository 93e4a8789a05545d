package authn

import (
	"fmt"
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

// mostAdvice bounds for how many findings on one authenticator advice is tried: compiling takes a fraction of a
// millisecond for each way there is.
const mostAdvice = 50

// advice says how to change an expression that fails without a claim so that it doesn't. It is compiled and tried before
// it is given: without the claim the expression has to work, and with it to give what it gave before. several is whether
// a list of strings is as good as a string.
func (j *judge) advice(t *trial, p *probe, leaf []string, several bool) string {
	before := t.left
	defer func() { t.left = before }()
	nothing, defaults := "''", []string{"''", "false"}
	if several {
		nothing, defaults = "[]", []string{"[]", "''", "false"}
	}
	asks := asksFor(p.variable, leaf)
	if t.advice++; t.advice > mostAdvice {
		return asks + " tells whether a token has it"
	}
	for _, value := range defaults {
		for _, form := range []string{"%s.orValue(%s)", "dyn(%s.orValue(%s))"} {
			fragment := fmt.Sprintf(form, optional(p.variable, leaf), value)
			text, written := replaced(p.text, p.variable, leaf, fragment)
			if written != "" && j.repairs(t, p, text, leaf, several, value == "''") {
				return fmt.Sprintf("%s in place of %s lets them in without it", fragment, written)
			}
		}
	}
	for _, form := range []string{"%s ? %s : %s", "%s ? (%s) : %s"} {
		text := fmt.Sprintf(form, asks, p.text, nothing)
		switch {
		case !j.repairs(t, p, text, leaf, several, false):
		case len(text) > longest:
			return fmt.Sprintf("%q in front of it and %q behind it let them in without it", asks+" ? (", ") : "+nothing)
		default:
			return text + " lets them in without it"
		}
	}
	return asks + " tells whether a token has it"
}

// repairs reports whether an expression can stand in place of another one, and works without a claim too; blank asks for
// nothing but empty strings then, since a text that is made of no claim at all is nobody's.
func (j *judge) repairs(t *trial, p *probe, text string, leaf []string, several, blank bool) bool {
	other := t.newProbe(j.compiler.CompileClaimsExpression, text, p.variable)
	if other == nil {
		return false
	}
	t.left = 2 * mostTries
	works := false
	without := &witness{paths: [][]string{leaf}, values: []any{absent{}}}
	p.tries([]string{"alice", "a,b"}, p.reads.texts, without, func(claims map[string]any, _ [][]string, _ []any) bool {
		value, err := other.run(claims)
		works = err == nil && fits(value, several) && (!blank || isBlank(value))
		return !works
	})
	if !works {
		return false
	}
	p.tries([]string{"alice", "a,b"}, p.reads.texts, nil, func(claims map[string]any, _ [][]string, _ []any) bool {
		if want, err := p.run(claims); err == nil {
			got, err := other.run(claims)
			works = err == nil && got.Equal(want) == types.True
		}
		return works
	})
	return works
}

// fits reports whether a value is what the API server takes, but for the lists of split and findAll, of which another
// finding tells.
func fits(value ref.Val, several bool) bool {
	if several {
		odd := strange(value)
		return odd == "" || odd == native
	}
	return value.Type().TypeName() == cel.StringType.TypeName()
}

// isBlank reports whether there is nothing but empty strings in a value.
func isBlank(value ref.Val) bool {
	all := texts(value)
	if list, ok := value.Value().([]string); ok {
		all = list
	}
	return !slices.ContainsFunc(all, func(text string) bool { return text != "" })
}

// optional returns what reads a claim that may be missing: claims.?a[?'b c'].
func optional(variable string, path []string) string {
	for _, key := range path {
		if isIdentifier(key) {
			variable += ".?" + key
		} else {
			variable += "[?" + literal(key) + "]"
		}
	}
	return variable
}

// asksFor returns what is true of tokens that have a claim. "in" is of no use: the API server's claims don't know it.
func asksFor(variable string, path []string) string {
	if len(path) == 1 && isIdentifier(path[0]) {
		return "has(" + variable + "." + path[0] + ")"
	}
	return optional(variable, path) + ".hasValue()"
}

// plainly returns what reads a field.
func plainly(variable string, path ...string) string {
	for _, key := range path {
		if isIdentifier(key) {
			variable += "." + key
		} else {
			variable += "[" + literal(key) + "]"
		}
	}
	return variable
}
