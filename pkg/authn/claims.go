package authn

import (
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// reads is what an expression looks at: the claims, or attributes of a user, and the texts it compares them with.
type reads struct {
	// paths are the fields of the root variable, such as [realm roles], sorted, each once.
	paths [][]string
	// texts are the literals of the expression, sorted, each once.
	texts []string
	// loops says whether the expression goes through lists, whose items may be of any shape.
	loops bool
}

// lookAt returns what an expression looks at below a variable.
func lookAt(compiled *cel.Ast, variable string) reads {
	var out reads
	var visit func(e ast.Expr)
	visit = func(e ast.Expr) {
		if path, ok := pathOf(e, variable); ok {
			if len(path) > 0 {
				out.paths = append(out.paths, path)
			}
			return
		}
		switch e.Kind() {
		case ast.LiteralKind:
			if text, ok := e.AsLiteral().(types.String); ok {
				out.texts = append(out.texts, string(text))
			}
		case ast.SelectKind:
			visit(e.AsSelect().Operand())
		case ast.CallKind:
			call := e.AsCall()
			if call.IsMemberFunction() {
				visit(call.Target())
			}
			for _, arg := range call.Args() {
				visit(arg)
			}
		case ast.ListKind:
			for _, item := range e.AsList().Elements() {
				visit(item)
			}
		case ast.MapKind:
			for _, entry := range e.AsMap().Entries() {
				visit(entry.AsMapEntry().Key())
				visit(entry.AsMapEntry().Value())
			}
		case ast.ComprehensionKind:
			out.loops = true
			c := e.AsComprehension()
			for _, part := range []ast.Expr{c.IterRange(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()} {
				visit(part)
			}
		case ast.IdentKind, ast.StructKind, ast.UnspecifiedExprKind:
		}
	}
	visit(compiled.NativeRep().Expr())
	return out.sorted()
}

// pathOf returns the fields that lead from a variable to an expression: claims.a.b, claims.?a.b, claims["a"].b. It
// reports false for any other expression.
func pathOf(e ast.Expr, variable string) ([]string, bool) {
	switch e.Kind() { //nolint:exhaustive // only these lead anywhere
	case ast.IdentKind:
		return nil, e.AsIdent() == variable
	case ast.SelectKind:
		s := e.AsSelect()
		path, ok := pathOf(s.Operand(), variable)
		return append(path, s.FieldName()), ok
	case ast.CallKind:
		call := e.AsCall()
		switch call.FunctionName() {
		case operators.Index, operators.OptIndex, operators.OptSelect:
		default:
			return nil, false
		}
		if len(call.Args()) != 2 || call.Args()[1].Kind() != ast.LiteralKind {
			return nil, false
		}
		key, text := call.Args()[1].AsLiteral().(types.String)
		path, ok := pathOf(call.Args()[0], variable)
		return append(path, string(key)), ok && text
	}
	return nil, false
}

func (r reads) sorted() reads {
	slices.SortFunc(r.paths, slices.Compare[[]string])
	r.paths = slices.CompactFunc(r.paths, slices.Equal[[]string])
	slices.Sort(r.texts)
	r.texts = slices.Compact(r.texts)
	return r
}

// leaves returns the paths that no other path goes through.
func (r reads) leaves() [][]string {
	var out [][]string
	for i, path := range r.paths {
		// A path is sorted right before those that go through it.
		if i+1 < len(r.paths) && len(r.paths[i+1]) > len(path) && slices.Equal(r.paths[i+1][:len(path)], path) {
			continue
		}
		out = append(out, path)
	}
	return out
}

// meets reports whether an expression looks at anything that a part of a token says.
func (r reads) meets(token *witness) bool {
	return slices.ContainsFunc(r.paths, func(path []string) bool {
		return slices.ContainsFunc(token.paths, func(said []string) bool { return said[0] == path[0] })
	})
}

// absent is the value of a claim that a token does not have.
type absent struct{}

// build returns claims with a value at every path.
func build(paths [][]string, values []any) map[string]any {
	root := map[string]any{}
	for i, path := range paths {
		if _, missing := values[i].(absent); missing || len(path) == 0 {
			continue
		}
		at := root
		for _, key := range path[:len(path)-1] {
			below, ok := at[key].(map[string]any)
			if !ok {
				below = map[string]any{}
				at[key] = below
			}
			at = below
		}
		at[path[len(path)-1]] = values[i]
	}
	return root
}

// mostTries bounds how many made-up tokens an expression is tried with for one question.
const mostTries = 1500

// combinations calls try with choices for a number of places, each an index below options: first the same everywhere,
// then one place apart from the others, then everything, until try returns false or there were enough.
func combinations(places, options int, try func([]int) bool) {
	if options == 0 {
		return
	}
	choice := make([]int, places)
	left := mostTries
	attempt := func() bool {
		left--
		return try(choice) && left > 0
	}
	for o := range options {
		for p := range choice {
			choice[p] = o
		}
		if !attempt() || places == 0 {
			return
		}
	}
	for o := range options {
		for apart := range places {
			for p := range choice {
				choice[p] = o
			}
			for other := range options {
				choice[apart] = other
				if other != o && !attempt() {
					return
				}
			}
		}
	}
	if places < 3 { // all of them were tried above
		return
	}
	clear(choice)
	for {
		p := 0
		for ; p < places; p++ {
			if choice[p]++; choice[p] < options {
				break
			}
			choice[p] = 0
		}
		if p == places || !attempt() {
			return
		}
	}
}
