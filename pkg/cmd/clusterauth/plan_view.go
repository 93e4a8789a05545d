package clusterauth

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// planView is the JSON of a plan. Fields are added, never renamed or removed, within one version.
type planView struct {
	APIVersion string                `json:"apiVersion"`
	Kind       string                `json:"kind"`
	Complete   bool                  `json:"complete"`
	Gaps       []rbac.Gap            `json:"gaps,omitempty"`
	KCM        clusterauth.KCM       `json:"kcm"`
	Clusters   []clusterauth.Rollout `json:"clusters"`
}

func viewPlan(l *loaded, rollouts []clusterauth.Rollout) planView {
	return planView{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "ClusterAuthenticationPlan", Complete: len(l.Inventory.Gaps) == 0,
		Gaps: l.Inventory.Gaps, KCM: l.state.KCM, Clusters: append([]clusterauth.Rollout{}, rollouts...),
	}
}

func planTable(rollouts []clusterauth.Rollout) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Namespace", Type: "string"},
		{Name: "Cluster", Type: "string"},
		{Name: "Authentication", Type: "string"},
		{Name: "Effect", Type: "string"},
		{Name: "Old", Type: "string"},
		{Name: "New", Type: "string"},
		{Name: "Warnings", Type: "string"},
		{Name: "Why", Type: "string", Priority: 1},
	}}
	for _, r := range rollouts {
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
			r.Namespace, r.Cluster, orDash(words(r.Authentication)), effectText(r), orDash(words(r.OldHash)),
			orDash(words(r.NewHash)), worstWarning(r), r.Why,
		}})
	}
	return t
}

// words are the words that are not empty.
func words(all ...string) []string {
	return slices.DeleteFunc(all, func(word string) bool { return word == "" })
}

// worstWarning is the first of the warnings, and how many more there are. Where nothing is known, or nothing can be done,
// it says at least why.
func worstWarning(r clusterauth.Rollout) string {
	if len(r.Warnings) == 0 {
		if r.Effect == clusterauth.Unknown || r.Effect == clusterauth.Blocked {
			return r.Why
		}
		return "-"
	}
	first := r.Warnings[0].ID + " " + r.Warnings[0].Message
	if more := len(r.Warnings) - 1; more > 0 {
		first += fmt.Sprintf(" (and %d more)", more)
	}
	return first
}

// planText tells of each cluster with all warnings.
func planText(rollouts []clusterauth.Rollout) []string {
	var out []string
	for i, r := range rollouts {
		if i > 0 {
			out = append(out, "")
		}
		hashes := ""
		if r.NewHash != "" || r.Effect.Rolls() {
			hashes = hashText(r)
		}
		out = append(out, fmt.Sprintf("%s/%s: %s%s", r.Namespace, r.Cluster, effectText(r), hashes), "  "+r.Why)
		for _, f := range r.Warnings {
			out = append(out, fmt.Sprintf("  %s %s: %s", f.ID, f.Severity, f.Message))
			if f.Why != "" {
				out = append(out, "    "+f.Why)
			}
		}
	}
	return out
}

// planSummary counts: "7 clusters, 1 will roll, 1 is blocked".
func planSummary(rollouts []clusterauth.Rollout, namespace string) string {
	counts := map[clusterauth.Effect]int{}
	for _, r := range rollouts {
		counts[r.Effect]++
	}
	text := findings.Count(len(rollouts), "cluster")
	if len(rollouts) == 0 {
		if namespace != "" {
			text += " in " + namespace
		}
		return text
	}
	if rolling := counts[clusterauth.Pods] + counts[clusterauth.Machines]; rolling > 0 {
		text += fmt.Sprintf(", %d will roll", rolling)
	} else if counts[clusterauth.Unknown] == 0 {
		text += ", none will roll"
	}
	for _, more := range []struct {
		effect clusterauth.Effect
		word   string
	}{{clusterauth.Refused, "refused"}, {clusterauth.Blocked, "blocked"}, {clusterauth.Ignored, "ignored by the template"}, {clusterauth.Unknown, "not known"}} {
		if n := counts[more.effect]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, more.word)
		}
	}
	return text
}
