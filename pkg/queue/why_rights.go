package queue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// lookRights asks whether the submitter may create the work. When it is in a cluster somebody might, so that a no is worth
// no more than a look: Kaiwo takes for spec.user what is written there. Who was asked about by name is answered about.
func (a *asking) lookRights() Step {
	if a.e.Submitter == "" {
		return skip("it does not say for whom it is")
	}
	if a.Rights == nil {
		return Step{Standing: Unknown, Text: "whether " + a.e.Submitter + " may create it: roles and bindings were not read"}
	}
	if !a.Inventory.Live && len(a.Rights.Bindings()) == 0 {
		return unread(nil, "the rights of "+a.e.Submitter)
	}
	action := rbac.Action{Verb: "create", Resource: string(a.work.Kind), Namespace: a.work.Namespace}
	if a.kaiwo {
		action.Group = kaiwo.Group
	} else {
		action.Group = "batch"
	}
	may := fmt.Sprintf("create %s in %s", a.resource(), a.work.Namespace)
	who, spelt := a.identity()
	name := who.Subject.String()
	if spelt != "" {
		name += " (" + spelt + ")"
	}
	if a.Rights.Allowed(who, action) {
		return pass("%s may %s", name, may)
	}
	rule := &rbacv1.PolicyRule{APIGroups: []string{action.Group}, Resources: []string{action.Resource}, Verbs: []string{"create"}}
	if gaps := a.Rights.Snapshot().Gaps; len(gaps) > 0 && !a.o.Whole {
		step := unread(&gaps[0], "whether "+name+" may "+may)
		return step
	}
	if a.stored() && a.o.By == nil {
		return remark("%s may not %s: somebody else made it, or he lost the right since", name, may)
	}
	if groups := a.groups(action); a.o.By == nil && len(groups) > 0 {
		return Step{
			Standing: Unknown, Text: fmt.Sprintf("%s may not %s, unless he is in %s", name, may, few(groups)), Missing: rule, MissingIn: a.work.Namespace,
		}
	}
	grant := "kubectl queueaccess grant " + shell.Word(who.Subject.String())
	queue := cmp.Or(a.field("spec", "clusterQueue"), a.Settings().DefaultQueue)
	step := block(MayNotSubmit, "%s may not %s", name, may)
	step.Missing, step.MissingIn = rule, a.work.Namespace
	if a.kaiwo {
		step = step.next(grant + " --queue " + shell.Word(queue) + " --namespaces " + shell.Word(a.work.Namespace))
	}
	return step.next("kubectl whocan why " + shell.Word(who.Subject.String()) + " create " + a.resource() + " -n " + shell.Word(a.work.Namespace))
}

// identity returns who the submitter is for the API server, and how the work spells him when that differs. A user that is
// written in one of Kaiwo's spellings is one of those whom bindings name, if there is one.
func (a *asking) identity() (rbac.Identity, string) {
	if a.o.By != nil {
		return *a.o.By, ""
	}
	subject, err := rbac.ParseSubject(a.e.Submitter)
	if err != nil {
		subject = rbac.User(a.e.Submitter)
	}
	best := kaiwo.Spelling("")
	for _, s := range a.Rights.Subjects() {
		if s.Kind != rbacv1.UserKind {
			continue
		}
		switch spelt := kaiwo.Spelt(a.e.Submitter, s.Name); {
		case spelt == kaiwo.SpeltExactly:
			return rbac.NewIdentity(s), ""
		case spelt != "" && best == "":
			subject, best = s, spelt
		}
	}
	if best != "" {
		return rbac.NewIdentity(subject), "written " + a.e.Submitter
	}
	return rbac.NewIdentity(subject), ""
}

// groups are those that may do the action, but for those that everybody is in.
func (a *asking) groups(action rbac.Action) []string {
	var out []string
	for _, s := range a.Rights.AllowedSubjects(action, rbac.InNamespace) {
		if s.Kind == rbacv1.GroupKind && !strings.HasPrefix(s.Name, "system:") {
			out = append(out, s.String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// WorkOf reads a kind of work as people write it: kaiwojob, kaiwoservice, job or workload in the singular or plural, with or
// without its group. ok is false for other kinds.
func WorkOf(kind string) (of inventory.Kind, ok bool) {
	word, group, _ := strings.Cut(strings.ToLower(kind), ".")
	for _, known := range []struct {
		kind   inventory.Kind
		groups []string
	}{
		{inventory.KaiwoJobs, []string{"", kaiwo.Group}},
		{inventory.KaiwoServices, []string{"", kaiwo.Group}},
		{inventory.Jobs, []string{"", "batch", "v1.batch"}},
		{inventory.Workloads, []string{"", kueue.Group}},
	} {
		plural := string(known.kind)
		if (word == plural || word == strings.TrimSuffix(plural, "s")) && slices.Contains(known.groups, group) {
			return known.kind, true
		}
	}
	return "", false
}
