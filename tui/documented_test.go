package tui

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKeysAreDocumented compares the table of keys in docs/gatehouse.md with the key map.
func TestKeysAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/gatehouse.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "| to | key | does |\n|---|---|---|\n")
	if !found {
		t.Fatal("docs/gatehouse.md has no table of keys")
	}
	got, _, _ := strings.Cut(rest, "\n\n")
	keys := newKeyMap()
	var want strings.Builder
	for _, g := range keys.groups(false) {
		for _, b := range g.keys {
			fmt.Fprintf(&want, "| %s | `%s` | %s |\n", strings.ToLower(g.title), strings.Join(b.Keys(), "` `"), b.Help().Desc)
		}
	}
	if diff := cmp.Diff(want.String(), got+"\n"); diff != "" {
		t.Errorf("the keys are not those of the key map (-map +page):\n%s", diff)
	}
}
