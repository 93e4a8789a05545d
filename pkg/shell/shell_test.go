package shell_test

import (
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

func TestWord(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                   "''",
		"team-vision":        "team-vision",
		"user:bob@x.com":     "user:bob@x.com",
		"a b":                "'a b'",
		"it's":               `'it'\''s'`,
		"$HOME":              "'$HOME'",
		"*":                  "'*'",
		"~":                  "'~'",
		"a;rm -rf /":         "'a;rm -rf /'",
		"two\nlines":         "'two\nlines'",
		"größe":              "'größe'",
		"clusterrole/a#b":    "'clusterrole/a#b'",
		"requests.cpu=1,x=2": "requests.cpu=1,x=2",
	}
	for word, want := range tests {
		if got := shell.Word(word); got != want {
			t.Errorf("Word(%q) = %s, want %s", word, got, want)
		}
	}
}

// A shell reads the words back as they are.
func TestCommand(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"%s|", "a b", "it's", "$HOME", "`date`", "\\", "\"", "", "*", "~", "#", "!!", "\x1b[31m", "ü", "-n"}
	out, err := exec.CommandContext(t.Context(), sh, "-c", shell.Command(append([]string{"printf"}, words...)...)).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for _, word := range words[1:] {
		want += word + "|"
	}
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
}
