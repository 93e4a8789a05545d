package authn

import (
	"fmt"
	"strings"

	"github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
)

// upstream judges by the API server's own validator.
func (j *judge) upstream() {
	now, later := validate(j.config, j.options)
	for _, e := range now {
		if since := j.compilesSince(e); since > 0 {
			j.report("AU032", e.Field, fmt.Sprintf("%s: the expression needs Kubernetes 1.%d", e.Field, since),
				fmt.Sprintf("an API server of 1.%d does not start with this file: %s", j.options.Kubernetes.Minor(), e.Detail))
			continue
		}
		message, why := words(e)
		j.report(ruleOf(e), e.Field, message, why)
	}
	for _, e := range later {
		message, _ := words(e)
		j.report(laterRefusal, e.Field, message, fmt.Sprintf("Kubernetes refuses it since 1.%d", ruleSince(e)))
	}
}

var indexed = pattern(`\[\d+\]`)

// ruleOf returns the id of the rule behind an error of upstream's validator, by field and kind.
func ruleOf(e *field.Error) string {
	path := strings.TrimPrefix(indexed().ReplaceAllString(e.Field, ""), "jwt.")
	switch path {
	case "jwt":
		return "AU001"
	case "issuer.url":
		if e.Type == field.ErrorTypeInvalid && !strings.HasPrefix(e.Detail, "URL must not overlap") {
			return "AU003"
		}
		return "AU002"
	case "issuer.discoveryURL":
		if e.Type == field.ErrorTypeDuplicate || strings.HasPrefix(e.Detail, "discoveryURL must be different") {
			return "AU004"
		}
		return "AU003"
	case "issuer.audiences":
		return "AU005"
	case "issuer.audienceMatchPolicy":
		return "AU006"
	case "issuer.certificateAuthority":
		return "AU007"
	case "issuer.egressSelectorType":
		return "AU008"
	case "anonymous", "anonymous.conditions":
		return "AU016"
	}
	if strings.HasPrefix(e.Detail, "claims.email_verified must be used") {
		return "AU015"
	}
	for prefix, id := range map[string]string{
		"claimValidationRules":   "AU009",
		"claimMappings.username": "AU010",
		"claimMappings.groups":   "AU011",
		"claimMappings.uid":      "AU012",
		"claimMappings.extra":    "AU013",
		"userValidationRules":    "AU014",
	} {
		if strings.HasPrefix(path, prefix) {
			return id
		}
	}
	return "AU019"
}

// words says an error of upstream's validator on one line, and what more there is to say.
func words(e *field.Error) (message, why string) {
	detail := e.Detail
	if strings.HasPrefix(detail, "compilation failed: ") {
		why = detail
		if strings.Contains(detail, "cannot be range of a comprehension") {
			why += "\na claim is of any type: say dyn(claims.x) to go through it, or map it below its first level"
		}
		if strings.Contains(detail, "undeclared reference to 'user'") || strings.Contains(detail, "undeclared reference to 'claims'") {
			why += "\nuser validation rules see user only, everything else sees claims only"
		}
		detail = "the expression does not compile: " + celMessage(detail)
	}
	switch e.Type {
	case field.ErrorTypeRequired:
		message = "is required"
		if detail != "" {
			message += ": " + detail
		}
	case field.ErrorTypeDuplicate:
		message = "repeats " + quoted(e.BadValue)
	case field.ErrorTypeTooMany:
		message = fmt.Sprintf("has %v items, and at most %d are allowed", e.BadValue, mostAuthenticators)
	default:
		message = detail
		if value := quoted(e.BadValue); value != `""` && value != `"<omitted>"` && why == "" {
			message += ", not " + value
			if !strings.Contains(detail, "must") {
				message = detail + " (" + value + ")"
			}
		}
	}
	return e.Field + ": " + message, why
}

// celMessage returns the first complaint of the CEL compiler without the drawing around it.
func celMessage(detail string) string {
	_, rest, found := strings.Cut(detail, "ERROR: ")
	if !found {
		return oneLine(detail)
	}
	line := oneLine(rest)
	if m := celPlace().FindStringSubmatch(line); m != nil {
		return m[2] + " (at " + m[1] + ")"
	}
	return line
}

var celPlace = pattern(`^<input>:(\d+:\d+): (.*)$`)

// quoted returns a value in quotes, cut to what fits a line.
func quoted(value any) string {
	return fmt.Sprintf("%q", oneLine(fmt.Sprint(value)))
}

// compilesSince returns the first minor version of Kubernetes whose API server takes an expression that the judged one
// does not take, 0 when there is none or the error is of another kind.
func (j *judge) compilesSince(e *field.Error) int {
	expression, ok := e.BadValue.(string)
	if !ok || j.options.Kubernetes == nil || !strings.HasPrefix(e.Detail, "compilation failed: ") {
		return 0
	}
	var accessor authenticationcel.ExpressionAccessor = &anyExpression{expression}
	for minor := int(j.options.Kubernetes.Minor()) + 1; minor <= newest; minor++ { //nolint:gosec // minors are small
		c := Compiler(version.MajorMinor(1, uint(minor))) //nolint:gosec // minors are small
		compile := c.CompileClaimsExpression
		if strings.Contains(e.Field, "userValidationRules") {
			compile = c.CompileUserExpression
		}
		if _, err := compile(accessor); err == nil {
			return minor
		}
	}
	return 0
}

// anyExpression is an expression that may be of any type.
type anyExpression struct{ text string }

// GetExpression returns the expression.
func (e *anyExpression) GetExpression() string { return e.text }

// ReturnTypes says that every type will do.
func (e *anyExpression) ReturnTypes() []*cel.Type { return []*cel.Type{cel.AnyType} }
