package login

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"google.golang.org/protobuf/types/known/structpb"
	"k8s.io/apiserver/pkg/apis/apiserver"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/lazy"
)

// expression is one expression of a configuration, alone: the authenticator tells nothing of single ones.
type expression struct {
	text, key, message string
	claims             authenticationcel.ClaimsMapper
	user               authenticationcel.UserMapper
}

// expressions are all of an issuer.
type expressions struct {
	username, groups, uid        *expression
	extra, claimRules, userRules []expression
}

func compile(compiler authenticationcel.Compiler, spec apiserver.JWTAuthenticator) (expressions, error) {
	var out expressions
	var failure error
	ofClaims := func(accessor authenticationcel.ExpressionAccessor, key, message string) *expression {
		text := accessor.GetExpression()
		if text == "" || failure != nil {
			return nil
		}
		result, err := compiler.CompileClaimsExpression(accessor)
		if err != nil {
			failure = fmt.Errorf("compile %s: %w", text, err)
			return nil
		}
		mapper := authenticationcel.NewClaimsMapper([]authenticationcel.CompilationResult{result})
		return &expression{text: text, key: key, message: message, claims: mapper}
	}
	add := func(to *[]expression, e *expression) {
		if e != nil {
			*to = append(*to, *e)
		}
	}
	mappings := spec.ClaimMappings
	out.username = ofClaims(&authenticationcel.ClaimMappingExpression{Expression: mappings.Username.Expression}, "", "")
	out.groups = ofClaims(&authenticationcel.ClaimMappingExpression{Expression: mappings.Groups.Expression}, "", "")
	out.uid = ofClaims(&authenticationcel.ClaimMappingExpression{Expression: mappings.UID.Expression}, "", "")
	for _, e := range mappings.Extra {
		accessor := &authenticationcel.ExtraMappingExpression{Key: e.Key, Expression: e.ValueExpression}
		add(&out.extra, ofClaims(accessor, e.Key, ""))
	}
	for _, r := range spec.ClaimValidationRules {
		accessor := &authenticationcel.ClaimValidationCondition{Expression: r.Expression, Message: r.Message}
		add(&out.claimRules, ofClaims(accessor, "", r.Message))
	}
	for _, r := range spec.UserValidationRules {
		accessor := &authenticationcel.UserValidationCondition{Expression: r.Expression, Message: r.Message}
		result, err := compiler.CompileUserExpression(accessor)
		if err != nil {
			return out, fmt.Errorf("compile %s: %w", r.Expression, err)
		}
		mapper := authenticationcel.NewUserMapper([]authenticationcel.CompilationResult{result})
		out.userRules = append(out.userRules, expression{text: r.Expression, message: r.Message, user: mapper})
	}
	return out, failure
}

// of returns what an expression makes of claims.
func (e *expression) of(ctx context.Context, claims traits.Mapper) (ref.Val, error) {
	result, err := e.claims.EvalClaimMapping(ctx, claims)
	return result.EvalResult, err
}

// ofUser returns what a rule makes of a user.
func (e *expression) ofUser(ctx context.Context, who traits.Mapper) (ref.Val, error) {
	results, err := e.user.EvalUser(ctx, who)
	if err != nil {
		return nil, err
	}
	return results[0].EvalResult, nil
}

// claimsValue gives claims to expressions as the authenticator does: nothing is read before it is asked for, and
// numbers are floating.
func claimsValue(claims map[string]json.RawMessage) *lazy.MapValue {
	out := lazy.NewMapValue(types.NewObjectType("kubernetes.claims"))
	for name, raw := range claims {
		out.Append(name, func(*lazy.MapValue) ref.Val {
			var value any
			if err := json.Unmarshal(raw, &value); err != nil {
				return types.NewErr("claim %q cannot be read: %w", name, err)
			}
			return unescaping(types.DefaultTypeAdapter.NativeToValue(value))
		})
	}
	return out
}

// userValue gives a user to rules as the authenticator does.
func userValue(who user.Info) *lazy.MapValue {
	out := lazy.NewMapValue(types.NewObjectType("kubernetes.UserInfo"))
	for name, value := range map[string]any{
		"username": who.GetName(), "uid": who.GetUID(), "groups": who.GetGroups(), "extra": who.GetExtra(),
	} {
		out.Append(name, func(*lazy.MapValue) ref.Val { return unescaping(types.DefaultTypeAdapter.NativeToValue(value)) })
	}
	return out
}

// unescaping makes names such as a__dot__b find "a.b" on every level of a value.
func unescaping(value ref.Val) ref.Val {
	switch v := value.(type) {
	case traits.Mapper:
		return &unescapingMap{v}
	case traits.Lister:
		return &unescapingList{v}
	}
	return value
}

type unescapingMap struct{ traits.Mapper }

func (m *unescapingMap) Find(key ref.Val) (ref.Val, bool) {
	if name, ok := key.(types.String); ok {
		if plain, ok := cel.Unescape(string(name)); ok {
			key = types.String(plain)
		}
	}
	value, found := m.Mapper.Find(key)
	return unescaping(value), found
}

type unescapingList struct{ traits.Lister }

func (l *unescapingList) Get(index ref.Val) ref.Val { return unescaping(l.Lister.Get(index)) }

// plain returns a value of an expression in the types of JSON, for who reads it.
func plain(value ref.Val) any {
	if value == nil {
		return nil
	}
	native, err := value.ConvertToNative(reflect.TypeFor[*structpb.Value]())
	if err != nil {
		return "(" + kind(value) + ")"
	}
	out, ok := native.(*structpb.Value)
	if !ok {
		return "(" + kind(value) + ")"
	}
	return out.AsInterface()
}

// kind says in words what a value is.
func kind(value ref.Val) string {
	switch name := value.Type().TypeName(); name {
	case "int", "uint", "double":
		return "a number"
	case "bool":
		return "a boolean"
	case "string":
		return "a string"
	case "list":
		return "a list"
	case "map", "object":
		return "an object"
	case "null_type":
		return "null"
	case "optional_type":
		return "an optional value"
	default:
		return "a " + name
	}
}
