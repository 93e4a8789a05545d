package e2e

import (
	"strings"
	"testing"
)

// TestBrowserTokens watches a token come and be revoked, of whose Secret only the metadata is read, and opens it.
func TestBrowserTokens(t *testing.T) {
	w := newTokenWorld(t, "browser-tokens")
	secret, _ := w.create(t, "robot", "--may", "view:pods", "--yes")
	x := w.admin.browse(t, seat{columns: 150, rows: 40}, "--open", "grants")
	x.Wait(t, "live", "sa:"+w.namespace+"/robot")
	x.Press(t, "/"+w.namespace+"/robot\r")
	x.Wait(t, "► sa:"+w.namespace+"/robot", "serviceaccount/robot")
	if strings.Contains(x.Screen(), "revoked") {
		t.Errorf("a token that holds is shown as revoked:\n%s", x.Screen())
	}
	x.Press(t, "\r")
	titled(t, x, "token robot")
	x.Wait(t, "may  get, list, watch pods in "+w.namespace)
	x.Press(t, "\x1b")
	titled(t, x, "Grants")
	w.admin.kubectl(t, "delete", "secret", "-n", w.namespace, "-l", "gatehouse.dev/token=robot").want(t, 0)
	x.Until(t, "that it is revoked", func(screen string) bool {
		for line := range strings.SplitSeq(screen, "\n") {
			if strings.Contains(line, "sa:"+w.namespace+"/robot") && strings.Contains(line, "revoked") {
				return true
			}
		}
		return false
	})
	if strings.Contains(x.Screen(), secret) {
		t.Error("the token itself is on the screen")
	}
	leave(t, x, "q")
}
