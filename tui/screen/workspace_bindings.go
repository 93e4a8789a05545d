package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// bindingsIn returns the role bindings of a namespace, by name; for no namespace those of the cluster.
func bindingsIn(w *world.World, namespace string) []*world.Binding {
	all := w.Bindings()
	find := func(namespace string) int {
		i, _ := slices.BinarySearchFunc(all, namespace, func(b *world.Binding, namespace string) int {
			return strings.Compare(b.Namespace, namespace)
		})
		return i
	}
	return all[find(namespace):find(namespace+"\x00")]
}

// bindingsTab lists the role bindings of a namespace. What cluster role bindings give is the same everywhere, and so is
// folded into a note.
func bindingsTab(w *world.World, namespace string, bindings []*world.Binding, page *Page) {
	page.List = bindingTable(w, false, emptyWords(w, namespace, "there are no role bindings", inventory.RoleBindings)).Of(bindings)
	page.Notes = append(page.Notes, rightsNotes(w, namespace)...)
	if everywhere := len(bindingsIn(w, "")); everywhere > 0 {
		page.Notes = append(page.Notes, fmt.Sprintf("%s give rights here too, as everywhere: the access tab counts them in",
			question.Plural(everywhere, "ClusterRoleBinding")))
	}
	page.Command = ""
	if !w.Frame.Offline {
		page.Command = command(w, "get", "rolebindings", "-n", namespace, "-o", "wide")
	}
}
