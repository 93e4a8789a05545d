package authn

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"k8s.io/apiserver/pkg/apis/apiserver"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
	"k8s.io/apiserver/pkg/cel/lazy"
)

// probe is a compiled expression that can be tried.
type probe struct {
	text     string
	variable string
	compiled authenticationcel.CompilationResult
	reads    reads
	// left is how often the expressions of the authenticator may be tried still. When there is nothing left, nothing
	// more is found: no further trap, and no rule that protects.
	left *int
	// satisfiable is whether anything satisfies the rule; nil when nobody has asked.
	satisfiable *bool
}

// trial is a JWT authenticator whose expressions are compiled; those that do not compile are left out, since the
// validator has told of them.
type trial struct {
	spec                  *apiserver.JWTAuthenticator
	username, groups, uid *probe
	extra                 []*probe // nil where an expression does not compile
	claimRules            []*probe // of expressions only
	userRules             []*probe
	left                  int
	advice                int      // for how many findings advice was tried
	users                 []string // what usernames found; nil when nobody has asked
}

// enough bounds how often the expressions of one authenticator are tried for one purpose: a fraction of a second of
// work, and less for each when there are many.
func enough(authenticators int) int {
	return min(12000, max(3000, 60000/max(authenticators, 1)))
}

func newTrial(compiler authenticationcel.Compiler, spec *apiserver.JWTAuthenticator) *trial {
	t := &trial{spec: spec}
	claims := func(text string) *probe { return t.newProbe(compiler.CompileClaimsExpression, text, "claims") }
	m := spec.ClaimMappings
	t.username, t.groups, t.uid = claims(m.Username.Expression), claims(m.Groups.Expression), claims(m.UID.Expression)
	for _, e := range m.Extra {
		t.extra = append(t.extra, claims(e.ValueExpression))
	}
	for _, r := range spec.ClaimValidationRules {
		if p := claims(r.Expression); p != nil {
			t.claimRules = append(t.claimRules, p)
		}
	}
	for _, r := range spec.UserValidationRules {
		if p := t.newProbe(compiler.CompileUserExpression, r.Expression, "user"); p != nil {
			t.userRules = append(t.userRules, p)
		}
	}
	return t
}

func (t *trial) newProbe(
	compile func(authenticationcel.ExpressionAccessor) (authenticationcel.CompilationResult, error), text, variable string,
) *probe {
	if text == "" {
		return nil
	}
	compiled, err := compile(&anyExpression{text})
	if err != nil {
		return nil
	}
	return &probe{text: text, variable: variable, compiled: compiled, reads: lookAt(compiled.AST, variable), left: &t.left}
}

// run evaluates the expression as the API server does. An error is one that denies a login.
func (p *probe) run(value map[string]any) (ref.Val, error) {
	*p.left--
	// The API server's own kind of map, which can do less than a map of CEL: `"a" in claims` and size(claims) fail.
	fields := lazy.NewMapValue(types.NewObjectType("kubernetes." + p.variable))
	for name, field := range value {
		fields.Append(name, func(*lazy.MapValue) ref.Val { return types.DefaultTypeAdapter.NativeToValue(field) })
	}
	out, _, err := p.compiled.Program.Eval(map[string]any{p.variable: fields})
	if err == nil && out == nil {
		err = errors.New("no value")
	}
	return out, err
}

// holds reports whether a rule is true of a value.
func (p *probe) holds(value map[string]any) bool {
	out, err := p.run(value)
	return err == nil && out == types.True
}

// strange says why the API server takes no list of texts from a value, as groups and extra are; empty when it does.
// The rules are those of its own conversion, which knows lists of CEL values, and not Go's own.
func strange(value ref.Val) string {
	switch value.Type().TypeName() {
	case cel.StringType.TypeName(), cel.NullType.TypeName():
		return ""
	case cel.ListType(nil).TypeName():
	default:
		return "a " + value.Type().TypeName()
	}
	switch items := value.Value().(type) {
	case []any:
		for _, item := range items {
			if _, ok := item.(string); !ok {
				return "a list with an item that is no string"
			}
		}
	case []ref.Val:
		for _, item := range items {
			if _, ok := item.Value().(string); !ok {
				return "a list with an item that is no string"
			}
		}
	case []string:
		return native
	default:
		return "a list that is not made of strings"
	}
	return ""
}

// native is what strange says of the lists that split and findAll return.
const native = "a list that the API server cannot read"

// texts returns the strings of a value that is a string or a list of strings.
func texts(value ref.Val) []string {
	if value.Type() == types.StringType {
		text, _ := value.Value().(string)
		return []string{text}
	}
	var out []string
	switch items := value.Value().(type) {
	case []any:
		for _, item := range items {
			if text, ok := item.(string); ok {
				out = append(out, text)
			}
		}
	case []ref.Val:
		for _, item := range items {
			if text, ok := item.Value().(string); ok {
				out = append(out, text)
			}
		}
	}
	return out
}

// mostTexts bounds how many literals of an expression are tried as values.
const mostTexts = 8

// candidates returns the values that a claim is tried with: of every type, with the given words and the literals that
// expressions compare it with.
func candidates(words, literals []string) []any {
	literals = literals[:min(len(literals), mostTexts)]
	var texts []string
	for _, word := range words {
		texts = append(texts, word)
		for _, l := range literals {
			if l != "" {
				// Prefixes that an expression cuts off or asks for, and separators that it splits at.
				texts = append(texts, l+word, "x"+l+word)
			}
			if rest, ok := strings.CutPrefix(word, l); ok && l != "" {
				texts = append(texts, rest)
			}
		}
	}
	texts = append(texts, literals...)
	var out []any
	seen := map[string]bool{}
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			out = append(out, text, []any{text})
		}
	}
	return append(out, true, false, 1.0, map[string]any{}, absent{})
}

// tries calls see with claims that an expression looks at, until see returns false. fixed are the values that do not
// change, by their path.
func (p *probe) tries(words []string, literals []string, fixed *witness, see func(map[string]any, [][]string, []any) bool) {
	leaves := p.reads.leaves()
	options := candidates(words, literals)
	var free []int
	values := make([]any, len(leaves))
	for i, leaf := range leaves {
		if v, ok := fixed.at(leaf); ok {
			values[i] = v
			continue
		}
		free = append(free, i)
	}
	combinations(len(free), len(options), func(choice []int) bool {
		for at, o := range choice {
			values[free[at]] = options[o]
		}
		return *p.left > 0 && see(build(leaves, values), leaves, values)
	})
}

// witness is a part of a made-up token.
type witness struct {
	paths  [][]string
	values []any
}

// at returns the value at a path.
func (w *witness) at(path []string) (any, bool) {
	if w == nil {
		return nil, false
	}
	for i, p := range w.paths {
		if slices.Equal(p, path) {
			return w.values[i], true
		}
	}
	return nil, false
}
