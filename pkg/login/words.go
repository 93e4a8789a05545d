package login

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/cel-go/common/types/ref"
	"gopkg.in/go-jose/go-jose.v2"
)

// errNoList is what the authenticator says of groups and extra that are neither text nor texts.
var errNoList = errors.New("the expression must return a string or a list of strings")

// texts takes a value for the strings that it holds, as the authenticator does for groups and extra: empty ones do not
// count. The error says what is wrong with it, and what repairs it.
func texts(value ref.Val) ([]string, error) {
	switch value.Type().TypeName() {
	case "null_type":
		return nil, nil
	case "string":
		if text, ok := value.Value().(string); ok && text != "" {
			return []string{text}, nil
		}
		return nil, nil
	case "list":
	default:
		return nil, fmt.Errorf("%w: it returned %s%s", errNoList, kind(value), repairOf(value))
	}
	var items []any
	switch list := value.Value().(type) {
	case []any:
		items = list
	case []ref.Val:
		for _, item := range list {
			items = append(items, item.Value())
		}
	case []string:
		return nil, fmt.Errorf("%w, and the list of a function such as split() or findAll() does not count as one: "+
			".map(x, x) behind it repairs that", errNoList)
	default:
		return nil, fmt.Errorf("%w, and the list that it returned does not count as one: .map(x, x) behind it may repair that", errNoList)
	}
	var out []string
	for i, item := range items {
		text, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("%w: item %d of the list is %s", errNoList, i+1, jsonKind(item))
		}
		if text != "" {
			out = append(out, text)
		}
	}
	return out, nil
}

func repairOf(value ref.Val) string {
	switch kind(value) {
	case "an optional value":
		return `: .orValue("") or .orValue([]) behind it repairs that`
	case "a number", "a boolean":
		return ": string(...) around it repairs that"
	}
	return ""
}

// jsonKind says in words what a value of Go is.
func jsonKind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case float64, int64, uint64, int:
		return "a number"
	case []any, []ref.Val:
		return "a list"
	case map[string]any, map[ref.Val]ref.Val:
		return "an object"
	}
	return "something else"
}

// evaluation says in words why an expression could not be evaluated.
func evaluation(err error) string {
	text := err.Error()
	if at := strings.Index(text, "resulted in error: "); at >= 0 {
		text = text[at+len("resulted in error: "):]
	}
	switch {
	case strings.Contains(text, "no such key: "):
		name := text[strings.Index(text, "no such key: ")+len("no such key: "):]
		return fmt.Sprintf("there is no %q there: a question mark, as in claims.?name.orValue(\"\"), or has() lets it be missing (%s)", name, text)
	case strings.Contains(text, "no such overload"):
		return fmt.Sprintf("a value is of another type than the expression needs; numbers of a token are of type double (%s)", text)
	case strings.Contains(text, "cost limit"):
		return fmt.Sprintf("it costs more than an API server allows (%s)", text)
	}
	return text
}

// notText says why a claim could not be read as a string, or as what else it should be.
func notText(err error, raw json.RawMessage, want string) string {
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("it must be %s, and is %s", want, rawKind(raw))
	}
	return err.Error()
}

// rawKind says in words what some JSON is.
func rawKind(raw json.RawMessage) string {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return "no JSON"
	}
	if list, ok := value.([]any); ok {
		for i, item := range list {
			if _, ok := item.(string); !ok {
				return fmt.Sprintf("a list, in which item %d is %s", i+1, jsonKind(item))
			}
		}
	}
	return jsonKind(value)
}

// list joins words for a sentence: `"a", "b"`.
func list(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(quoted, ", ")
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// fitting reports whether a key is of the type that an algorithm needs.
func fitting(algorithm string, key jose.JSONWebKey) bool {
	switch key.Key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")
	case *ecdsa.PublicKey:
		return strings.HasPrefix(algorithm, "ES")
	}
	return false
}
