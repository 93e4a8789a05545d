package clusterauth

import (
	"fmt"
	"maps"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// judgeCopies judges what AccessManagement made, and what keeps it from making more.
func judgeCopies(s *State) []finding.Finding {
	var out []finding.Finding
	for _, c := range s.copies {
		object, source := authenticationObject(c.Namespace, c.Name), authenticationObject(s.SystemNamespace, c.Name)
		switch c.State {
		case Stale:
			f := found("KC020", object, "it differs from "+source+" in "+join(c.Fields[:min(3, len(c.Fields))]),
				"k0rdent makes copies once and never updates them. kubectl clusterauth sync-copies does, and says what rolls.")
			if step, err := s.syncStep(c); err == nil {
				f.Fix = fix("bring "+object+" up to date", step)
			}
			out = append(out, f)
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

// judgeBackup judges whether a backup takes an object in. Copies are made anew.
func judgeBackup(a Authentication) []finding.Finding {
	if a.Managed || a.Problem != nil || a.Object.GetLabels()[k0rdent.LabelComponent] == k0rdent.ComponentKCM {
		return nil
	}
	why := "Backups of k0rdent take what has the label " + k0rdent.LabelComponent + "=" + k0rdent.ComponentKCM +
		", and nothing puts it on. Without the object clusters can't even be deleted after a restore."
	if a.CASecret != nil {
		why += fmt.Sprintf(" Its CA needs the label too: kubectl label secret -n %s %s %s=%s",
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
	return []finding.Finding{f}
}

// fix returns a plan of one step, nil when it is not a valid one.
func fix(summary string, step plan.Step) *plan.Plan {
	p, err := plan.New(summary, step)
	if err != nil {
		return nil
	}
	return &p
}
