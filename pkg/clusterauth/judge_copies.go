package clusterauth

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// judgeCopies judges what AccessManagement made, and what keeps it from making more.
func judgeCopies(s *State) []finding.Finding {
	var out []finding.Finding
	steps, rollouts := s.syncing()
	for _, c := range s.copies {
		object, source := authenticationObject(c.Namespace, c.Name), authenticationObject(s.SystemNamespace, c.Name)
		switch c.State {
		case Stale:
			f := found("KC020", object, "it differs from "+source+" in "+join(c.Fields[:min(3, len(c.Fields))]),
				"k0rdent makes copies once and never updates them: kubectl clusterauth sync-copies "+c.Name+" does.")
			if step, ok := steps[[2]string{c.Namespace, c.Name}]; ok {
				f.Fix = fix("bring "+object+" up to date", step)
			}
			out = append(out, weigh(f, rollouts, c.Namespace, c.Name))
		case Unmanaged:
			out = append(out, found("KC021", object, "it is not k0rdent's, so that "+source+" is not copied here",
				"k0rdent says nothing of it. Rename it, or take the namespace out of the rule."))
		case Orphan:
			out = append(out, found("KC029", object, "it is a copy, and no rule of AccessManagement with a source asks for it any more",
				"k0rdent deletes such a copy unless a cluster uses it."+usedBySentence(c.UsedBy)))
		case Current, Absent:
		}
	}
	return append(out, judgeAccessManagement(s)...)
}

// syncing returns the steps that bring stale copies up to date, by their namespaces and names, and what they come to.
func (s *State) syncing() (map[[2]string]plan.Step, []Rollout) {
	steps := map[[2]string]plan.Step{}
	var objects []*unstructured.Unstructured
	for _, c := range s.copies {
		if c.State != Stale {
			continue
		}
		if step, err := s.syncStep(c); err == nil {
			steps[[2]string{c.Namespace, c.Name}] = step
			objects = append(objects, step.Object)
		}
	}
	if len(objects) == 0 {
		return steps, nil
	}
	return steps, Rollouts(s, s.With(objects...))
}

func usedBySentence(clusters []string) string {
	if len(clusters) == 0 {
		return ""
	}
	return " Used by " + join(clusters[:min(5, len(clusters))]) + "."
}

// judgeAccessManagement judges what the rules name, and what k0rdent reports.
func judgeAccessManagement(s *State) []finding.Finding {
	var out []finding.Finding
	for _, object := range s.Inventory.Objects(inventory.AccessManagements) {
		name := "accessmanagement " + object.GetName()
		am, err := k0rdent.ReadAccessManagement(object)
		if err != nil {
			out = append(out, found("KC028", name, err.Error(), "KCM distributes nothing while it can't read it."))
			continue
		}
		missing := map[string]bool{}
		for _, rule := range am.Rules {
			for _, source := range rule.Authentications(s.sources()) {
				if s.authentication(s.SystemNamespace, source) == nil && s.known(inventory.ClusterAuthentications, s.SystemNamespace) {
					missing[source] = true
				}
			}
		}
		for _, source := range slices.Sorted(maps.Keys(missing)) {
			out = append(out, found("KC022", name, fmt.Sprintf("it distributes ClusterAuthentication %s, which namespace %s does not have", source, s.SystemNamespace),
				"Copies that were made stay."))
		}
		if am.Error != "" {
			out = append(out, found("KC022", name, "KCM reports: "+am.Error, ""))
		}
	}
	return out
}

// judgeBackups judges whether backups take objects in. Copies are made anew.
func judgeBackups(s *State) []finding.Finding {
	var out []finding.Finding
	var rollouts []Rollout
	for _, a := range s.authentications {
		if a.Managed || a.Problem != nil || a.Object.GetLabels()[k0rdent.LabelComponent] == k0rdent.ComponentKCM {
			continue
		}
		if rollouts == nil {
			rollouts = Rollouts(s, s)
		}
		out = append(out, weigh(judgeBackup(a), rollouts, a.Namespace, a.Name))
	}
	return out
}

// judgeBackup says that no backup takes an object in.
func judgeBackup(a Authentication) finding.Finding {
	why := "Backups of k0rdent take what has the label " + k0rdent.LabelComponent + "=" + k0rdent.ComponentKCM +
		", and nobody but you puts it on: kubectl label clusterauthentication -n " + a.Namespace + " " + a.Name + " " +
		k0rdent.LabelComponent + "=" + k0rdent.ComponentKCM + ". Without the object clusters can't even be deleted after a restore."
	if a.CASecret != nil {
		why += fmt.Sprintf(" Its CA needs the label too: kubectl label secret -n %s %s %s=%s.",
			a.CASecret.Namespace, a.CASecret.Name, k0rdent.LabelComponent, k0rdent.ComponentKCM)
	}
	f := found("KC023", a.object(), "it is in no backup of k0rdent", why)
	labelled := a.Object.DeepCopy()
	labels := labelled.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	labels[k0rdent.LabelComponent] = k0rdent.ComponentKCM
	labelled.SetLabels(labels)
	if objects, err := plan.FromObjects(a.Object, labelled); err == nil {
		f.Fix = fix("have "+a.object()+" backed up", plan.Step{
			Verb: plan.Update, Old: objects[0], Object: objects[1], Unit: a.object(), Why: "backups take what has the label",
		})
	}
	return f
}

// fix returns a plan of one step, nil when it is not a valid one.
func fix(summary string, step plan.Step) *plan.Plan {
	p, err := plan.New(summary, step)
	if err != nil {
		return nil
	}
	return &p
}

// weigh adds to a finding about a ClusterAuthentication what any change of that object sets off: KCM looks at all clusters
// that use it, and rolls that have waited begin. While that would break an API server, the finding keeps no fix.
func weigh(f finding.Finding, rollouts []Rollout, namespace, name string) finding.Finding {
	var rolls, broken []string
	for _, r := range rollouts {
		if r.Namespace != namespace || r.Authentication != name {
			continue
		}
		if r.Effect.Rolls() || r.Effect == Unknown {
			rolls = append(rolls, r.Line())
		}
		for _, w := range r.Warnings {
			if w.Severity == finding.Error {
				broken = append(broken, w.Object+" ("+w.ID+"): "+w.Message)
			}
		}
	}
	if len(rolls) > 0 {
		f.Why += " Any change of it makes KCM look at the clusters that use it: " + listed(rolls) + "."
	}
	if len(broken) > 0 {
		f.Fix = nil
		f.Why += " It is not fixed for you, since KCM would then act on what is wrong: " + listed(broken) + "."
	}
	return f
}

// listed joins the first lines of a list, and says how many more there are.
func listed(lines []string) string {
	const most = 5
	out := strings.Join(lines[:min(most, len(lines))], "; ")
	if more := len(lines) - most; more > 0 {
		out += fmt.Sprintf("; and %d more", more)
	}
	return out
}
