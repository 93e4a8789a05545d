package accesstoken

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

// A token is printed only where somebody may see it.
func TestCheckSeen(t *testing.T) {
	t.Parallel()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close() //nolint:errcheck // nothing is kept there
	file, err := os.Create(filepath.Join(t.TempDir(), "token"))
	if err != nil {
		t.Fatal(err)
	}
	if checkSeen(&bytes.Buffer{}) != nil || checkSeen(file) != nil {
		t.Error("a file is refused")
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if checkSeen(null) == nil || checkSeen(file) == nil {
		t.Error("nobody sees it, and it is not refused")
	}
}

// What a token of Kalm may do is told, and what of its rules will do nothing.
func TestBeforeKalm(t *testing.T) {
	t.Parallel()
	rule := func(verb string) kalm.Rule {
		return kalm.Rule{Verb: verb, Namespace: "shop", Kind: "protectedEndpoints", Name: "web"}
	}
	want := []string{
		"with Kalm the token may", `  nothing by "view protectedEndpoints/web in shop": Kalm's API asks for the whole namespace`,
		"  edit protectedEndpoints/web in shop",
	}
	if diff := cmp.Diff(want, beforeKalm([]kalm.Rule{rule("view"), rule("edit")})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// What is told beside a token is no reason to fail; what is printed is.
func TestOutlet(t *testing.T) {
	t.Parallel()
	if n, err := (&outlet{to: broken{}, aside: true}).Write([]byte("text")); n != 4 || err != nil {
		t.Errorf("aside: %d, %v", n, err)
	}
	if _, err := (&outlet{to: broken{}}).Write([]byte("text")); err == nil {
		t.Error("an output that fails is no error")
	}
}
