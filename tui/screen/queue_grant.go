package screen

import (
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// abilityWords are what a grant of a queue lets somebody do, as --can takes it.
func abilityWords(g *queue.Granted) string {
	words := make([]string, len(g.Can))
	for i, ability := range g.Can {
		words[i] = string(ability)
	}
	return strings.Join(words, ",")
}

// queueGrantWishes are that a grant of a queue is taken back, where it is. What it is for and when it ends comes with it.
func queueGrantWishes(g *queue.Granted) []change.Wish {
	again := shell.Command("kubectl", "queueaccess", "grant", contrib.Label(g.Subject), "--queue", g.Queue, "--can", abilityWords(g), "--namespaces", g.Namespace)
	why := "a grant of a queue is changed by giving it again: " + again + " --expires 7d"
	return append(refusals(why, change.SetRole, change.Expire),
		change.Wish{Verb: change.Remove, Queue: g.Queue, Workspace: g.Namespace, Subject: g.Subject, Expires: g.Expires})
}
