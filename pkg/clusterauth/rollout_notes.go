package clusterauth

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// WarningNote begins those notes that warn.
const WarningNote = "warning: "

// RolloutNotes says in lines what KCM will do because of a change: to the clusters that it does something else to than
// without it, and to those that would have rolled anyway and that the change makes KCM look at. Lines that warn of
// something begin with [WarningNote].
func RolloutNotes(before, after *State) []string {
	untouched := map[string]Rollout{}
	for _, r := range Rollouts(before, before) {
		untouched[r.Namespace+"/"+r.Cluster] = r
	}
	var out []string
	for _, r := range Rollouts(before, after) {
		old, there := untouched[r.Namespace+"/"+r.Cluster]
		same := there && sameOutcome(old, r)
		switch {
		case r.Effect == None || r.Effect == Off:
			continue
		case !same:
			out = append(out, r.Line())
		case r.Effect.Rolls() && looksAt(before, after, r):
			out = append(out, r.Line()+": it was due at KCM's next look, which this write brings about")
		default:
			continue
		}
		for _, w := range r.Warnings {
			out = append(out, noteOf(w))
		}
	}
	return out
}

// noteOf says a finding in a line.
func noteOf(f finding.Finding) string {
	line := fmt.Sprintf("%s (%s): %s", f.Object, f.ID, f.Message)
	if f.Severity == finding.Error || f.Severity == finding.Warning {
		line = WarningNote + line
	}
	return line
}

// looksAt reports whether a change makes KCM look at a cluster: every write does, of the ClusterDeployment or of the
// ClusterAuthentication that it refers to, also one of metadata only. A write of the Secret with the CA does not.
func looksAt(before, after *State, r Rollout) bool {
	return written(before, after, inventory.ClusterDeployments, r.Namespace, r.Cluster) ||
		written(before, after, inventory.ClusterAuthentications, r.Namespace, r.Authentication)
}

// written reports whether an object is another one after a change.
func written(before, after *State, kind inventory.Kind, namespace, name string) bool {
	of := func(s *State) *unstructured.Unstructured { return find(s.Inventory.Objects(kind), namespace, name) }
	step := plan.Step{Verb: plan.Update, Old: of(before), Object: of(after)}
	return (step.Old != nil || step.Object != nil) && !step.Unchanged()
}

// Line says the rollout in one line: "cluster team-a/dev: 3 machines are made anew (455f6bf8 to 268aad06)".
func (r Rollout) Line() string {
	what := r.Why
	switch r.Effect {
	case Machines:
		switch r.Machines {
		case 0:
			what = "the machines of its control plane will be made anew, one after the other"
		case 1:
			what = "the only machine of its control plane will be made anew"
		default:
			what = count(r.Machines, "machine") + " of its control plane will be made anew, one after the other"
		}
	case Pods:
		what = "the pods of its control plane will be replaced"
		if r.Pods > 0 {
			what = count(r.Pods, "pod") + " of its control plane will be replaced"
		}
	case Ignored, Blocked, Refused, Unknown, None, Off:
		what = string(r.Effect) + ": " + what
	}
	if r.Effect.Rolls() {
		what += fmt.Sprintf(" (hash %s to %s)", orNone(r.OldHash), orNone(r.NewHash))
	}
	return "cluster " + r.Namespace + "/" + r.Cluster + ": " + what
}

func orNone(hash string) string {
	if hash == "" {
		return "none"
	}
	return hash
}
