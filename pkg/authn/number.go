package authn

import (
	"fmt"
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
)

// longNumber is one that string() writes with an exponent, as it does from seven digits on.
const longNumber = 1234567.0

// exponent is what such a number looks like then.
var exponent = pattern(`\d(\.\d+)?e\+\d`)

// alwaysText are claims that are strings, or lists of them, in every token: OpenID Connect has them so.
var alwaysText = []string{
	"iss", "sub", "aud", "jti", "nonce", "azp", "acr", "amr", "email", "name", "given_name", "family_name", "middle_name",
	"nickname", "preferred_username", "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale",
	"phone_number", "sid", "scope", "client_id",
}

// numbers tells of claims that an expression makes text of without thinking of large numbers: string(claims.employee) is
// 4711, but 1.234567e+06.
func (j *judge) numbers(p *probe, path string) {
	if p == nil || !textOfAny(p.compiled.AST) {
		return
	}
	for _, leaf := range p.reads.leaves() {
		if len(leaf) == 1 && slices.Contains(alwaysText, leaf[0]) {
			continue
		}
		found := ""
		number := &witness{paths: [][]string{leaf}, values: []any{longNumber}}
		p.tries([]string{"alice"}, p.reads.texts, number, func(claims map[string]any, _ [][]string, _ []any) bool {
			if value, err := p.run(claims); err == nil && strange(value) == "" {
				for _, text := range texts(value) {
					if exponent().MatchString(text) {
						found = text
					}
				}
			}
			return found == ""
		})
		if found != "" {
			reads := plainly(p.variable, leaf...)
			j.report("AU042", path, fmt.Sprintf("%s: when %s is a number of seven digits or more, this gives text such as %q", path, reads, found),
				fmt.Sprintf("all numbers of a token are fractions here; string(int(%s)) writes the digits of whole ones", reads))
		}
	}
}

// textOfAny reports whether an expression makes text, by string(), of what may be a number, and does not go on as only
// text can: string(claims.roles).split(',') is meant for no number.
func textOfAny(compiled *cel.Ast) bool {
	native := compiled.NativeRep()
	found := false
	meantAsText := map[int64]bool{}
	ast.PreOrderVisit(native.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		call := e.AsCall()
		if call.IsMemberFunction() {
			meantAsText[call.Target().ID()] = true
		}
		if call.FunctionName() != overloads.TypeConvertString || len(call.Args()) != 1 || meantAsText[e.ID()] {
			return
		}
		switch native.GetType(call.Args()[0].ID()).Kind() { //nolint:exhaustive // all others are no fractions
		case types.DynKind, types.AnyKind, types.DoubleKind:
			found = true
		}
	}))
	return found
}
