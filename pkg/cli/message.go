package cli

import (
	"cmp"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// printError prints err to the error stream: a line for each error that was joined, then what to do about it.
func (e *Env) printError(cmd *cobra.Command, err error) {
	var lines []string
	for _, part := range parts(err) {
		lines = append(lines, message(part))
	}
	hints := hintsOf(err)
	for _, part := range parts(err) {
		hints = append(hints, e.causeHints(cmd, part)...)
	}
	seen := map[string]bool{}
	for _, hint := range hints {
		if !seen[hint] {
			seen[hint] = true
			lines = append(lines, "hint: "+hint)
		}
	}
	if _, ok := errors.AsType[usageError](err); ok {
		lines = append(lines, "See '"+cmd.CommandPath()+" -h' for help.")
	}
	for _, line := range lines {
		e.say(printer.EscapeLines(e.Redact(tidy(line))))
	}
}

// parts returns the errors that err joins, each for a line of its own, or err alone. An error that wraps joined ones
// with words of its own stays one.
func parts(err error) []error {
	switch t := err.(type) { //nolint:errorlint // the layers are peeled one at a time
	case usageError:
		return parts(t.error)
	case hintError:
		return parts(t.error)
	case exitError:
		return parts(t.error)
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) == 0 {
		return []error{err}
	}
	var texts []string
	var all []error
	for _, inner := range joined.Unwrap() {
		texts = append(texts, inner.Error())
		all = append(all, parts(inner)...)
	}
	if err.Error() != strings.Join(texts, "\n") {
		return []error{err}
	}
	return all
}

// message returns err in words, with kubectl's prefixes, which scripts look for, even when err was wrapped on its way.
func message(err error) string {
	text := err.Error()
	if errors.Is(err, clientcmd.ErrEmptyConfig) {
		// client-go speaks of a variable that nobody sets; the hint names the places that were looked at.
		return "error: " + strings.NewReplacer("invalid configuration: "+clientcmd.ErrEmptyConfig.Error(), "no kubeconfig was found",
			clientcmd.ErrEmptyConfig.Error(), "no kubeconfig was found").Replace(text)
	}
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return statusMessage(text, status.Status())
	}
	if connection, ok := errors.AsType[*url.Error](err); ok {
		pretty := connectionMessage(connection)
		if text == connection.Error() {
			return pretty
		}
		return withPrefix(strings.Replace(text, connection.Error(), pretty, 1))
	}
	return withPrefix(text)
}

func withPrefix(text string) string {
	if strings.HasPrefix(text, "error: ") {
		return text
	}
	return "error: " + text
}

func statusMessage(text string, status metav1.Status) string {
	switch {
	case status.Reason == metav1.StatusReasonUnauthorized:
		return "error: You must be logged in to the server (" + text + ")"
	case status.Reason != "":
		return "Error from server (" + string(status.Reason) + "): " + text
	}
	return "Error from server: " + text
}

func connectionMessage(err *url.Error) string {
	if isRefused(err) {
		return "The connection to the server " + host(err) + " was refused - did you specify the right host or port?"
	}
	return "Unable to connect to the server: " + err.Err.Error()
}

func isRefused(err *url.Error) bool { return strings.Contains(err.Err.Error(), "connection refused") }

// host returns the server that a request went to, without the path, which is ours, and without credentials.
func host(err *url.Error) string {
	if u, parseErr := url.Parse(err.URL); parseErr == nil && u.Host != "" {
		return u.Host
	}
	return cmp.Or(err.URL, "(unknown)")
}

// tidy lets the further lines of a message stand under its first, without blank ones.
func tidy(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
		if i > 0 {
			lines[i] = "  " + strings.TrimLeft(lines[i], " \t")
		}
	}
	return strings.Join(lines, "\n")
}

// Redact keeps credentials out of a text, should an error or a server ever put one there: the token of --token, and
// whatever looks like a signed token or follows "Bearer".
func (e *Env) Redact(text string) string {
	// A shorter word is no token, but may well be a part of other words.
	if token := *e.Config.BearerToken; len(token) >= 8 {
		text = strings.ReplaceAll(text, token, "<redacted>")
	}
	tokens := regexp.MustCompile(`eyJ[\w-]{8,}\.[\w-]+\.[\w-]*|(?i:bearer )[\w.~+/=-]{8,}`)
	return tokens.ReplaceAllStringFunc(text, func(found string) string {
		if prefix, _, ok := strings.Cut(found, " "); ok {
			return prefix + " <redacted>"
		}
		return "<redacted>"
	})
}
