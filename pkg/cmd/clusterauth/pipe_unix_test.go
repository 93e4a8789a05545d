//go:build unix

package clusterauth

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// pipe returns the name of a pipe that has a text in it, as shells make one of <(command).
func pipe(t *testing.T, text string) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("/dev/fd/%d", r.Fd())
}

// TestFileOnce gives a file that can be read only once, and is needed twice.
func TestFileOnce(t *testing.T) {
	t.Parallel()
	bad := strings.Replace(authentication("team-a", "sso", "{name: ca, key: ca.crt}"), "https://", "http://", 1)
	ca := "apiVersion: v1\nkind: Secret\nmetadata: {namespace: team-a, name: ca}\nstringData: {ca.crt: x}\n"
	tests := map[string]struct {
		pipe, stdin string
		flags       []string
		code        int
		stdout      string
		stderr      string
	}{
		"alone":         {bad, "", nil, 1, "URL scheme must be https", "1 configuration checked"},
		"with its CA":   {bad + "---\n" + ca, "", nil, 1, "jwt[0].issuer.certificateAuthority", "1 configuration checked"},
		"with manifest": {bad, "", []string{"--from", write(t, ca)}, 1, "jwt[0].issuer.certificateAuthority", "1 configuration checked"},
		"with stdin":    {bad, ca, []string{"--from", "-"}, 2, "", "can be read only once: with --from - give it as a file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, tt.stdin, append([]string{"validate", "-f", pipe(t, tt.pipe)}, tt.flags...)...)
			if got.Code != tt.code || !strings.Contains(got.Stdout, tt.stdout) || tt.stdout == "" && got.Stdout != "" || !strings.Contains(got.Stderr, tt.stderr) {
				t.Errorf("want exit %d, %q and %q, got: %s", tt.code, tt.stdout, tt.stderr, got)
			}
		})
	}
}
