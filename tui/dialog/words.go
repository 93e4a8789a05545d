package dialog

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// mostOffers is how many words are offered at once.
const mostOffers = 4

// vocabulary returns the words that may stand in a field. It looks at a whole world, and is for the background. The
// namespace is what is typed as the workspace.
type vocabulary func(w *world.World, namespace string) []string

// workspaceWords are the workspaces, and then the other namespaces.
func workspaceWords(w *world.World, _ string) []string {
	var workspaces, others []string
	for _, n := range w.Namespaces() {
		if n.Plain {
			others = append(others, n.Name)
		} else {
			workspaces = append(workspaces, n.Name)
		}
	}
	return append(workspaces, others...)
}

// subjectWords is everybody who has a right anywhere, without Kubernetes' own.
func subjectWords(w *world.World, _ string) []string {
	var words []string
	for _, s := range w.Subjects() {
		if !s.IsSystem() {
			words = append(words, contrib.Label(s.Subject))
		}
	}
	return words
}

// wordsOfRoles are the role words.
func wordsOfRoles(*world.World, string) []string {
	var words []string
	for _, role := range workspace.Roles() {
		words = append(words, string(role))
	}
	return words
}

// roleWords are the role words, and then the roles of one's own that can be given in the namespace.
func roleWords(w *world.World, namespace string) []string {
	words := wordsOfRoles(w, namespace)
	for _, r := range w.Roles() {
		if r.Object != nil && (r.ID.Namespace == "" || r.ID.Namespace == namespace) {
			words = append(words, r.Object.KindName())
		}
	}
	return words
}

// expiryWords are a few ends that people want: as many as are offered at once.
func expiryWords(*world.World, string) []string { return []string{"7d", "30d", "90d", "never"} }

// offers returns those of the words that fit what was typed: the ones that begin like it, and then those that contain it.
func offers(words []string, typed string) []string {
	typed = strings.ToLower(strings.TrimSpace(typed))
	var begin, contain []string
	for _, word := range words {
		switch at := strings.Index(strings.ToLower(word), typed); {
		case at == 0 && !slices.Contains(begin, word):
			begin = append(begin, word)
		case at > 0 && len(contain) < mostOffers && !slices.Contains(contain, word):
			contain = append(contain, word)
		}
		if len(begin) == mostOffers {
			break
		}
	}
	return append(begin, contain[:min(len(contain), mostOffers-len(begin))]...)
}
