package question

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Asker says what an index knows of who is asked about beyond the objects that were read.
type Asker struct {
	// Self says that it is who has read the index: the server told him his own rules where it kept the objects from him.
	Self bool
	// Reviewed is the namespace about which it told them, beside those that hold everywhere.
	Reviewed string
}

// told reports whether the server's own words stand for the objects of a gap, in an answer about the namespace: they do
// for everything in the reviewed one and outside of all, and elsewhere for what ClusterRoleBindings give.
func (a Asker) told(gap *rbac.Gap, namespace string) bool {
	return a.Self && (namespace == "" || namespace == a.Reviewed || slices.Equal(gap.Missing.Resources, []string{"clusterrolebindings"}))
}

// HidesProof reports whether a proof for the action may be among the roles and bindings that could not be read.
func HidesProof(gaps []rbac.Gap, a rbac.Action, asker Asker) bool {
	if slices.ContainsFunc(gaps, func(g rbac.Gap) bool { return strings.HasPrefix(g.What, "own rules") }) {
		asker.Self = false // the server did not tell, or not all
	}
	for _, gap := range gaps {
		if gap.Missing == nil || !slices.Contains(gap.Missing.APIGroups, rbacv1.GroupName) || asker.told(&gap, a.Namespace) {
			continue
		}
		cluster := slices.ContainsFunc(gap.Missing.Resources, func(r string) bool { return strings.HasPrefix(r, "cluster") })
		// Lists that were refused everywhere but not in the action's namespace hide nothing there.
		elsewhere := a.Namespace != "" && strings.HasSuffix(gap.What, " outside of namespace "+a.Namespace)
		if cluster || !elsewhere && !a.IsURL() && a.Namespace != "" {
			return true
		}
	}
	return false
}

// GapTexts says what could not be read, each thing once: "rolebindings in all namespaces".
func GapTexts(gaps []rbac.Gap) []string {
	var texts []string
	for _, gap := range gaps {
		if text := GapText(gap); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// GapText says what could not be read.
func GapText(gap rbac.Gap) string {
	text := gap.What
	if gap.Namespace != "" && !strings.Contains(text, gap.Namespace) {
		text += " in " + gap.Namespace
	}
	return text
}
