package screen

import (
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// command returns the line that does in a shell what a page or a row shows: kubectl, the words, and where the objects come
// from when that is no cluster, or else which cluster was asked for. Words are quoted where they need to be: command(w, "whocan", "get", "secrets", "-n", ns).
func command(w *world.World, words ...string) string {
	line := append([]string{"kubectl"}, words...)
	for _, from := range w.Frame.From {
		line = append(line, "--from", from)
	}
	return shell.Command(append(line, w.Frame.Where...)...)
}
