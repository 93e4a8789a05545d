package clusterauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// verdictText tells who a token is, or why it is nobody; with steps, what was looked at.
func verdictText(v login.Verdict, steps bool) []string {
	var out []string
	switch {
	case v.Allowed && v.User != nil:
		out = append(out, "yes: this is "+quoteEmpty(v.User.Username))
		out = append(out, "  groups  "+strings.Join(v.User.Groups, ", "))
		if v.User.UID != "" {
			out = append(out, "  uid     "+v.User.UID)
		}
		for _, key := range slices.Sorted(maps.Keys(v.User.Extra)) {
			out = append(out, "  extra   "+key+" = "+strings.Join(v.User.Extra[key], ", "))
		}
	case v.Refusal != nil:
		out = append(out, "no: "+v.Refusal.Rule+": "+strings.TrimPrefix(v.Refusal.Reason, v.Refusal.Rule+": "))
	default:
		out = append(out, "no: this is nobody")
	}
	if v.Issuer != "" {
		out = append(out, "  issuer  "+v.Issuer)
	}
	if !v.Expires.IsZero() {
		out = append(out, "  expires "+v.Expires.UTC().Format(time.RFC3339))
	}
	if steps {
		out = append(out, "steps")
		for _, s := range v.Steps {
			out = append(out, stepText(s)...)
		}
	}
	for _, note := range v.Notes {
		out = append(out, "note: "+note)
	}
	return out
}

// stepText shows a step: "  ok      groups: claims.roles = [\"a\"]".
func stepText(s login.Step) []string {
	line := fmt.Sprintf("  %-7s %s", s.State, s.Name)
	if s.Expression != "" {
		line += ": " + s.Expression
	}
	if s.Value != nil {
		line += " = " + valueText(s.Value)
	}
	if s.Reason == "" {
		return []string{line}
	}
	return []string{line, "          " + s.Reason}
}

// mostValue is how much of a value is shown: whoever wants all of it takes JSON.
const mostValue = 200

func valueText(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%v", value)
	}
	if text := []rune(string(data)); len(text) > mostValue {
		return string(text[:mostValue]) + "..."
	}
	return string(data)
}

func quoteEmpty(name string) string {
	if name == "" {
		return `""`
	}
	return name
}

// withoutContent is an error of JSON without what was read: that may be secret.
func withoutContent(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("it is no JSON (byte %d)", syntax.Offset)
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("want an object, not %s", strings.Fields(wrong.Value)[0])
	}
	return errors.New("it is no JSON")
}

// oldest is the oldest version of Kubernetes among the clusters that use the configuration, nil when none is known.
func (t target) oldest() *version.Version {
	if t.authentication == nil {
		return nil
	}
	return t.state.OldestKubernetes(*t.authentication)
}

// disallowed are the issuers that the API servers of the clusters keep to themselves.
func (t target) disallowed() []string {
	if t.authentication == nil {
		return nil
	}
	return t.state.DisallowedIssuers(*t.authentication)
}
