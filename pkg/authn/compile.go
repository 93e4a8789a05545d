package authn

import (
	"errors"
	"fmt"
	"sync"

	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/util/version"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// newest is the minor version of Kubernetes 1 that this program's libraries are of. Later ones are judged like it.
const newest = 36

// Newest returns the newest version of Kubernetes that is known here. Later ones are judged like it.
func Newest() *version.Version { return version.MajorMinor(1, newest) }

// Compiler returns a compiler of expressions that knows what the API server of a version of Kubernetes knows; nil is
// the newest version that this program knows, and exactly upstream's own compiler. Two compilers of one version are
// alike; making the first expression's surroundings takes milliseconds, so keep one for many expressions.
func Compiler(kubernetes *version.Version) authenticationcel.Compiler {
	if kubernetes == nil || len(kubernetes.Components()) < 2 {
		return authenticationcel.NewCompiler(environment.MustBaseEnvSet(version.MajorMinor(1, newest)))
	}
	return &compiler{
		claims: sync.OnceValues(func() (*cel.Env, error) {
			claims := apiservercel.NewMapType(apiservercel.StringType, apiservercel.AnyType, -1)
			return surroundings(kubernetes, "claims", claims)
		}),
		user: sync.OnceValues(func() (*cel.Env, error) { return surroundings(kubernetes, "user", userType()) }),
	}
}

// compiler is upstream's compiler, but for what a version of Kubernetes knows instead of all that the library knows.
type compiler struct {
	claims, user func() (*cel.Env, error)
}

// CompileClaimsExpression compiles an expression about the claims of a token.
func (c *compiler) CompileClaimsExpression(e authenticationcel.ExpressionAccessor) (authenticationcel.CompilationResult, error) {
	return compile(c.claims, e)
}

// CompileUserExpression compiles an expression about the user that a token was mapped to.
func (c *compiler) CompileUserExpression(e authenticationcel.ExpressionAccessor) (authenticationcel.CompilationResult, error) {
	return compile(c.user, e)
}

// compile words its errors as upstream's compiler does, so that verdicts can be compared and shown alike.
func compile(env func() (*cel.Env, error), e authenticationcel.ExpressionAccessor) (authenticationcel.CompilationResult, error) {
	var none authenticationcel.CompilationResult
	fail := func(kind apiservercel.ErrorType, format string, args ...any) error {
		return &apiservercel.Error{Type: kind, Detail: fmt.Sprintf(format, args...)}
	}
	in, err := env()
	if err != nil {
		return none, fail(apiservercel.ErrorTypeInternal, "unexpected error loading CEL environment: %v", err)
	}
	ast, issues := in.Compile(e.GetExpression())
	if issues != nil {
		return none, fail(apiservercel.ErrorTypeInvalid, "compilation failed: %s", issues.String())
	}
	if err := returns(ast, e.ReturnTypes()); err != nil {
		return none, fail(apiservercel.ErrorTypeInvalid, "%v", err)
	}
	program, err := in.Program(ast)
	if err != nil {
		return none, fail(apiservercel.ErrorTypeInternal, "program instantiation failed: %v", err)
	}
	return authenticationcel.CompilationResult{Program: program, AST: ast, ExpressionAccessor: e}, nil
}

// returns checks the type of an expression: one of wanted by identity, as upstream does, or anything when any is wanted.
func returns(ast *cel.Ast, wanted []*cel.Type) error {
	for _, t := range wanted {
		if t == cel.AnyType || ast.OutputType() == t {
			return nil
		}
	}
	switch len(wanted) {
	case 0:
		return errors.New("must evaluate to nothing")
	case 1:
		return fmt.Errorf("must evaluate to %s", wanted[0].String())
	}
	return fmt.Errorf("must evaluate to one of %v", wanted)
}

// surroundings returns what expressions about one variable may use in a version of Kubernetes.
func surroundings(kubernetes *version.Version, name string, of *apiservercel.DeclType) (*cel.Env, error) {
	set, err := environment.MustBaseEnvSet(kubernetes).Extend(environment.VersionedOptions{
		IntroducedVersion: version.MajorMinor(1, 0),
		EnvOptions:        []cel.EnvOption{cel.Variable(name, of.CelType())},
		DeclTypes:         []*apiservercel.DeclType{of},
	})
	if err != nil {
		return nil, err
	}
	// Expressions of a file are compiled with all that a binary knows; what the binary of that version knew is what
	// this library has under "new expressions" of that version.
	return set.Env(environment.NewExpressions)
}

// userType is the type of the variable "user", which upstream does not export.
func userType() *apiservercel.DeclType {
	texts := apiservercel.NewListType(apiservercel.StringType, -1)
	fields := map[string]*apiservercel.DeclField{}
	for name, of := range map[string]*apiservercel.DeclType{
		"username": apiservercel.StringType,
		"uid":      apiservercel.StringType,
		"groups":   texts,
		"extra":    apiservercel.NewMapType(apiservercel.StringType, texts, -1),
	} {
		fields[name] = apiservercel.NewDeclField(name, of, false, nil, nil)
	}
	return apiservercel.NewObjectType("kubernetes.UserInfo", fields)
}
