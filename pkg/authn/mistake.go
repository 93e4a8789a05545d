package authn

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// Unreadable is the error of Parse: what keeps kube-apiserver from reading a file.
type Unreadable struct {
	// Mistakes are by line; there is at least one.
	Mistakes []Mistake
}

// Mistake is one thing that keeps kube-apiserver from reading a file.
type Mistake struct {
	// Line counts from 1; 0 means that it is not known, or the file as a whole.
	Line int
	// Path is the field, such as "jwt[0].issuer.URL"; empty when it is no field.
	Path string
	// Message is one line without a full stop.
	Message string
	// Hint is what was probably meant; it may be empty.
	Hint string
}

// String returns the mistake on one line.
func (m Mistake) String() string {
	text := m.Message
	if m.Line > 0 {
		text = fmt.Sprintf("line %d: %s", m.Line, text)
	}
	if m.Hint != "" {
		text += ": " + m.Hint
	}
	return text
}

// Error returns all mistakes on one line.
func (u *Unreadable) Error() string {
	texts := make([]string, len(u.Mistakes))
	for i, m := range u.Mistakes {
		texts[i] = m.String()
	}
	return "read authentication configuration: " + strings.Join(texts, "; ")
}

// The words of the readers below kube-apiserver, which have no types that could be asked.
var (
	yamlLine     = pattern(`line (\d+): (.+)`)
	strictField  = pattern(`^(unknown|duplicate) field "(.*)"$`)
	wrongType    = pattern(`cannot unmarshal (\w+) into Go struct field (\S+) of type (\S+)`)
	wrongRoot    = pattern(`cannot unmarshal (\w+) into Go value of type`)
	registration = pattern(`^no kind "(.*)" is registered for version "(.*)" in scheme`)
)

// explainMistakes turns the error of the reader into mistakes with lines and hints.
func explainMistakes(data []byte, err error) *Unreadable {
	lines := Lines(data)
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		u := &Unreadable{}
		for _, e := range strict.Errors() {
			u.Mistakes = append(u.Mistakes, strictMistakes(lines, e.Error())...)
		}
		slices.SortStableFunc(u.Mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
		return u
	}
	return &Unreadable{Mistakes: otherMistakes(lines, err)}
}

func strictMistakes(lines func(string) int, text string) []Mistake {
	if m := strictField().FindStringSubmatch(text); m != nil {
		if m[1] == "duplicate" {
			return []Mistake{{Line: lines(m[2]), Path: m[2], Message: fmt.Sprintf("field %q is given twice", m[2])}}
		}
		return []Mistake{{Line: lines(m[2]), Path: m[2], Message: fmt.Sprintf("unknown field %q", m[2]), Hint: didYouMean(m[2])}}
	}
	if found := fromYAML(text); found != nil {
		return found
	}
	return []Mistake{{Message: oneLine(text)}}
}

// fromYAML returns the mistakes of a YAML reader's error, nil when it names no line.
func fromYAML(text string) []Mistake {
	var out []Mistake
	for _, m := range yamlLine().FindAllStringSubmatch(text, -1) {
		line, err := strconv.Atoi(m[1])
		if err != nil {
			continue
		}
		message := oneLine(m[2])
		if key, ok := strings.CutSuffix(message, " already set in map"); ok {
			message = key + " is given twice"
		}
		out = append(out, Mistake{Line: line, Message: message})
	}
	return out
}

func otherMistakes(lines func(string) int, err error) []Mistake {
	text := err.Error()
	const shape = `a configuration begins with "apiVersion: apiserver.config.k8s.io/v1" and "kind: AuthenticationConfiguration"`
	switch {
	case runtime.IsMissingKind(err):
		return []Mistake{{Message: "kind is missing", Hint: shape}}
	case runtime.IsMissingVersion(err):
		return []Mistake{{Message: "apiVersion is missing", Hint: shape}}
	case runtime.IsNotRegisteredError(err):
		m := registration().FindStringSubmatch(text)
		if m == nil {
			return []Mistake{{Message: "apiVersion or kind is not known", Hint: shape}}
		}
		if m[1] == "AuthenticationConfiguration" {
			return []Mistake{{Line: lines("apiVersion"), Path: "apiVersion", Message: fmt.Sprintf("unknown apiVersion %q", m[2]), Hint: shape}}
		}
		return []Mistake{{Line: lines("kind"), Path: "kind", Message: fmt.Sprintf("unknown kind %q in apiVersion %q", m[1], m[2]), Hint: shape}}
	}
	if m := wrongType().FindStringSubmatch(text); m != nil {
		// The reader puts the Go type before the path, and leaves out where in a list it is.
		_, path, _ := strings.Cut(m[2], ".")
		message := fmt.Sprintf("%s: want %s, not %s", path, describeGo(m[3]), describeJSON(m[1]))
		return []Mistake{{Line: lines(path), Path: path, Message: message}}
	}
	if m := wrongRoot().FindStringSubmatch(text); m != nil {
		return []Mistake{{Message: "want a mapping, not " + describeJSON(m[1]), Hint: shape}}
	}
	if found := fromYAML(text); found != nil {
		return found
	}
	var strict interface{ Errors() []error }
	if errors.As(err, &strict) && len(strict.Errors()) > 0 {
		text = strict.Errors()[0].Error()
	}
	return []Mistake{{Message: oneLine(text)}}
}

func describeGo(kind string) string {
	switch {
	case strings.HasPrefix(kind, "[]"):
		return "a list"
	case kind == "bool":
		return "true or false"
	case strings.Contains(kind, "string"), strings.HasSuffix(kind, "Type"):
		return "a string"
	}
	return "a mapping"
}

func describeJSON(kind string) string {
	switch kind {
	case "array":
		return "a list"
	case "object":
		return "a mapping"
	case "bool":
		return "a boolean"
	}
	return "a " + kind
}

// longest is how much of another program's words is shown: enough for every message that is no quotation of the file.
const longest = 200

// oneLine returns the first line of a text, cut to what fits.
func oneLine(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "..."
	}
	return text
}
