package e2e

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/terminal"
)

// styles are all that a program sends to change colours and weights.
var styles = regexp.MustCompile(`\x1b\[([0-9;:]*)m`)

// colours returns the parts of styles that are a colour: one of sixteen, and beyond these.
func colours(raw string) (sixteen, more []string) {
	for _, style := range styles.FindAllStringSubmatch(raw, -1) {
		for part := range strings.SplitSeq(strings.ReplaceAll(style[1], ":", ";"), ";") {
			switch {
			case part == "38" || part == "48" || part == "58":
				more = append(more, style[0])
			case regexp.MustCompile(`^(3[0-7]|4[0-7]|9[0-7]|10[0-7])$`).MatchString(part):
				sixteen = append(sixteen, style[0])
			}
		}
	}
	return sixteen, more
}

// named is manifests in which somebody has a name that is not ASCII.
func named(t *testing.T) string {
	t.Helper()
	return folder(t, map[string]string{"team.yaml": `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: "jürgen-東京"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
`})
}

// TestBrowserOnKindsOfTerminals looks at what is sent to terminals that can do less than others: colours, and characters.
func TestBrowserOnKindsOfTerminals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		variables  []string
		colourless bool
		ascii      bool
		shows      string
	}{
		"256 colours": {shows: "user:jürgen"},
		"many":        {variables: []string{"COLORTERM=truecolor"}, shows: "user:jürgen"},
		"xterm":       {variables: []string{"TERM=xterm"}, shows: "user:jürgen"},
		"vt100":       {variables: []string{"TERM=vt100"}, shows: "user:jürgen"},
		"console":     {variables: []string{"TERM=linux"}, shows: "user:j"},
		"no colours":  {variables: []string{"NO_COLOR=1", "COLORTERM=truecolor"}, colourless: true, shows: "user:jürgen"},
		"C":           {variables: []string{"LC_ALL=C"}, ascii: true, shows: "user:j?rgen-????"},
		"POSIX":       {variables: []string{"LC_ALL=", "LC_CTYPE=POSIX"}, ascii: true, shows: "user:j?rgen-????"},
		"Latin":       {variables: []string{"LANG=de_DE.ISO-8859-1"}, ascii: true, shows: "user:j?rgen-????"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := nowhere(t).browse(t, seat{variables: tt.variables}, "--from", named(t), "--open", "subjects")
			x.Wait(t, tt.shows)
			x.Press(t, "<enter>")
			titled(t, x, strings.Split(tt.shows, "-")[0])
			x.Press(t, "?")
			x.Wait(t, "page down")
			x.Press(t, "?", ":")
			x.Wait(t, "go to")
			leave(t, x, "<ctrl+c>")
			sixteen, more := colours(x.Raw())
			if len(more) > 0 {
				t.Errorf("more than sixteen colours: %q", more)
			}
			if tt.colourless && len(sixteen) > 0 {
				t.Errorf("colours: %q", sixteen)
			}
			if i := strings.IndexFunc(x.Raw(), func(r rune) bool { return r > '~' }); tt.ascii && i >= 0 {
				t.Errorf("not ASCII: %q", x.Raw()[i:min(len(x.Raw()), i+40)])
			}
		})
	}
}

// TestBrowserAsksForTheBackground answers the question for the colour of the background, as terminals do.
func TestBrowserAsksForTheBackground(t *testing.T) {
	t.Parallel()
	const brightCyan, blue = "96", "34" // of keys, on a dark and on a light background
	tests := map[string]struct{ variables, answers, want []string }{
		"no answer": {want: []string{brightCyan}},
		"dark":      {answers: []string{"0000/0000/0000"}, want: []string{brightCyan}},
		"light":     {answers: []string{"ffff/ffff/ffff"}, want: []string{brightCyan, blue}},
		"said":      {variables: []string{"COLORFGBG=0;15"}, want: []string{blue}},
		"corrected": {variables: []string{"COLORFGBG=0;15"}, answers: []string{"1111/1111/1111"}, want: []string{blue, brightCyan}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := nowhere(t).browse(t, seat{variables: tt.variables}, "--from", shared.acme())
			x.Wait(t, "► catalog", "4 errors")
			if !strings.Contains(x.Raw(), "\x1b]11;?") {
				t.Fatalf("nobody has asked: %q", x.Raw())
			}
			for _, answer := range tt.answers {
				x.Press(t, "\x1b]11;rgb:"+answer+"\x1b\\")
			}
			x.Press(t, "?")
			x.Wait(t, "page down")
			leave(t, x, "<ctrl+c>")
			var got []string
			for _, found := range regexp.MustCompile(`\x1b\[(96|34)(;[0-9;]*)?m`).FindAllStringSubmatch(x.Raw(), -1) {
				if len(got) == 0 || got[len(got)-1] != found[1] {
					got = append(got, found[1])
				}
			}
			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("keys had the colours %q one after the other, want %q", got, tt.want)
			}
		})
	}
}

// TestBrowserWantsATerminal opens it where there is none, or half of one.
func TestBrowserWantsATerminal(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	h.run(t, strings.NewReader("q"), shared.kubectl(), "gatehouse").says(t, 2, "stdin is no terminal", "kubectl gatehouse whocan get secrets")
	t.Run("stdin", func(t *testing.T) {
		t.Parallel()
		cmd := h.browser(seat{})
		cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", "echo q | " + shared.kubectl() + " gatehouse"}
		refused(t, terminal.Start(t, cmd, 80, 24), "stdin is no terminal")
	})
	t.Run("stdout", func(t *testing.T) {
		t.Parallel()
		var out bytes.Buffer
		cmd := h.browser(seat{})
		cmd.Stdout = &out
		refused(t, terminal.Start(t, cmd, 80, 24), "stdout is no terminal")
		if out.Len() > 0 {
			t.Errorf("stdout has %q", out.String())
		}
	})
	for name, variable := range map[string]string{"dumb": "TERM=dumb", "unset": "TERM="} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, h.browse(t, seat{variables: []string{variable}}), "can't move its cursor")
		})
	}
}

// refused waits for the end of a browser that does not open, which says why and what to do without it.
func refused(t *testing.T, x *terminal.Terminal, why string) {
	t.Helper()
	code, raw := x.Ended(t), x.Raw()
	if code != 2 || !strings.Contains(raw, why) || !strings.Contains(raw, "kubectl gatehouse whocan get secrets") || strings.Contains(raw, "\x1b") {
		t.Errorf("exit code %d: %q", code, raw)
	}
}
