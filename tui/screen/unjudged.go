package screen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/judge"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// judgeLater has the page built again when findings are worked out, where that takes a while.
func (p *Page) judgeLater(w *world.World) {
	if w.Outdated() {
		p.Later = w.Judge
	}
}

// unjudged says which findings there can't be, in a namespace or anywhere: for want of what could not be read, and for want
// of Secrets, which are not read at all.
func unjudged(w *world.World, namespace string) []string {
	var out []string
	if !w.Complete {
		return []string{"nothing is judged before everything has been read"}
	}
	for _, s := range judge.Silences(w.Inventory) {
		if w.Inventory.Unmarked(s.Kind) || len(gapsOf(w, namespace, s.Kind)) > 0 {
			out = append(out, fmt.Sprintf("findings may be missing: not all %s can be read (%s)", calledWords(s.Kind), foldIDs(s.Rules)))
		}
	}
	if !hasClusters(w, namespace) {
		return out
	}
	if len(w.Snapshot.Gaps) > 0 {
		out = append(out, "findings may be missing: not all roles and bindings can be read ("+foldIDs(clusterauth.EditorRules())+")")
	}
	return append(out, fmt.Sprintf("findings about Secrets are missing, since none are read: %s has them (%s)",
		command(w, "clusterauth", "doctor"), foldIDs(judge.NeedSecrets())))
}

// foldIDs writes ids of rules, those that follow one another as a range: "KF002-KF010, KF019, GH001".
func foldIDs(ids []string) string {
	var parts []string
	for i := 0; i < len(ids); {
		end := i + 1
		for end < len(ids) && follows(ids[end-1], ids[end]) {
			end++
		}
		if end-i < 3 {
			parts, i = append(parts, ids[i]), i+1
			continue
		}
		parts, i = append(parts, ids[i]+"-"+ids[end-1]), end
	}
	return strings.Join(parts, ", ")
}

// follows reports whether an id is the next after another: the same letters, and a number that is one more.
func follows(id, next string) bool {
	letters := strings.TrimRight(id, "0123456789")
	a, errA := strconv.Atoi(id[len(letters):])
	rest, same := strings.CutPrefix(next, letters)
	b, errB := strconv.Atoi(rest)
	return same && errA == nil && errB == nil && b == a+1
}

// hasClusters reports whether there are objects of k0rdent in a namespace or, when it is empty, in any.
func hasClusters(w *world.World, namespace string) bool {
	for _, kind := range []inventory.Kind{inventory.ClusterAuthentications, inventory.ClusterDeployments} {
		for _, object := range w.Inventory.Objects(kind) {
			if namespace == "" || object.GetNamespace() == namespace {
				return true
			}
		}
	}
	return false
}
