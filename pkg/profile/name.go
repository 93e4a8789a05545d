package profile

import (
	"errors"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// checkName says whether a workspace can have a name: it has to be one that a namespace can have, a DNS label. The error
// is a [workspace.Refusal] that suggests a name which is one.
func checkName(name string) error {
	if name == "" {
		return workspace.Refuse("", "the name is empty")
	}
	reasons := validation.IsDNS1123Label(name)
	if len(reasons) == 0 {
		return nil
	}
	why := "want at most 63 lower-case letters, digits and \"-\", with a letter or digit at both ends"
	next := ""
	if suggestion := suggestName(name); suggestion != "" {
		next = "did you mean " + suggestion + "?"
	}
	return workspace.Refuse(next, "name %q: it names a namespace too, and is no DNS label: %s", name, why)
}

// suggestName turns a word into a DNS label: danielNamespace into daniel-namespace. It is empty when nothing is left.
func suggestName(name string) string {
	var b strings.Builder
	lower := false // the letter before was a small one, or a digit
	for _, c := range name {
		switch {
		case c >= 'A' && c <= 'Z':
			if lower {
				b.WriteByte('-')
			}
			b.WriteRune(unicode.ToLower(c))
			lower = false
			continue
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteRune(c)
			lower = true
			continue
		}
		if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
		lower = false
	}
	out := b.String()
	return strings.Trim(out[:min(len(out), validation.DNS1123LabelMaxLength)], "-")
}

// withHint returns an error's text with what to do about it.
func withHint(err error) string {
	if refusal, ok := errors.AsType[*workspace.Refusal](err); ok && refusal.Next != "" {
		return refusal.Error() + "; " + refusal.Next
	}
	return err.Error()
}
