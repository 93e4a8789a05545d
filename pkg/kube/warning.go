package kube

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/client-go/rest"
)

// warnings prints what the server warns of. The text may come from an admission webhook, so it is not trusted to be
// free of terminal escapes.
type warnings struct{ next rest.WarningHandler }

func newWarnings(out io.Writer) rest.WarningHandler {
	return warnings{rest.NewWarningWriter(out, rest.WarningWriterOptions{
		Deduplicate: true,
		Color:       printers.AllowsColorOutput(out),
	})}
}

// HandleWarningHeader implements [rest.WarningHandler].
func (w warnings) HandleWarningHeader(code int, agent, text string) {
	w.next.HandleWarningHeader(code, agent, visible(text))
}

// visible writes out the characters that a terminal would act upon instead of showing: controls, and format characters
// such as the bidirectional overrides.
func visible(text string) string {
	hidden := func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
	}
	if !strings.ContainsFunc(text, hidden) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if hidden(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
