package queue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// JudgeOperators judges what the service accounts of Kaiwo and Kueue may do, and who may act as they: the findings from
// QA301 on. None has a fix: an operator with fewer rights may not work any more. It needs [State.Rights], with all roles and
// bindings.
func JudgeOperators(s *State) []finding.Finding {
	j := newJudging(s, JudgeOptions{})
	if !j.rights() {
		return nil
	}
	for _, o := range j.runs() {
		j.judgeOperator(o)
	}
	j.judgeTakeover()
	finding.Sort(j.out)
	return j.out
}

// operator is what one of the two runs as.
type operator struct {
	product string
	subject rbac.Subject
	// own are the roles that its installation binds it to; names may have a prefix.
	own []string
}

func (o *operator) object() string {
	return "serviceaccount " + o.subject.Namespace + "/" + o.subject.Name
}

// runs returns the operators that are there: as what their Deployments say, else as what they are installed as.
func (j *judging) runs() []operator {
	all := []operator{
		{"Kaiwo", operators()[0], []string{kaiwo.OperatorRole, "leader-election-role", "metrics-auth-role", "metrics-reader", "proxy-role"}},
		{"Kueue", operators()[1], []string{kueue.ControllerRole, "manager-role", "leader-election-role", "metrics-auth-role", "metrics-reader", "proxy-role", "auth-reader", "extension-apiserver-authentication-reader"}},
	}
	for i := range all {
		for _, o := range j.Inventory.Objects(inventory.QueueOperators) {
			account := text(o.Object, "spec", "template", "spec", "serviceAccountName")
			if o.GetKind() == "Deployment" && o.GetNamespace() == all[i].subject.Namespace && o.GetName() == all[i].subject.Name && account != "" {
				all[i].subject = rbac.ServiceAccount(o.GetNamespace(), account)
			}
		}
	}
	return slices.DeleteFunc(all, func(o operator) bool {
		there := j.config != nil
		if o.product == "Kueue" {
			there = there || len(j.Inventory.Objects(inventory.ClusterQueues)) > 0
		}
		_, bound := j.Rights.SubjectNumber(o.subject)
		return !there && !bound
	})
}

// judgeOperator judges what one operator may do.
func (j *judging) judgeOperator(o operator) {
	if _, bound := j.Rights.SubjectNumber(o.subject); !bound {
		j.add("QA308", o.object(), "no binding names it, so nothing can be said of what "+o.product+" may do",
			"It runs under another name, or not at all, or its roles are not among what was read.")
		return
	}
	if p := j.everything(o.subject); p != nil {
		f := j.add("QA302", o.object(), o.product+" may do everything, by "+p.String(),
			"Whoever gets into its pod, or gets a token of it, has the cluster. Its own manifests ask for less: bind it to what they bring.")
		f.Location = located(p.Binding.Origin)
		return
	}
	j.judgePower(o, "QA301", "read the Secrets of all namespaces",
		"Kaiwo mounts Secrets by name, and its manifests ask for all of them in the whole cluster. Whoever gets into its pod reads every Secret. "+
			"Where all queues list their namespaces, RoleBindings in these would do for Secrets.",
		each([]string{"get", "list", "watch"}, rbac.Action{Resource: "secrets"})...)
	j.judgePower(o, "QA303", "give itself more rights, or act as others",
		"None of what it does takes that. Take it out of the role.", slices.Concat(
			each([]string{"escalate", "bind", "create", "update", "patch"}, rbac.Action{Group: "rbac.authorization.k8s.io", Resource: "clusterroles"}),
			each([]string{"create", "update", "patch"}, rbac.Action{Group: "rbac.authorization.k8s.io", Resource: "clusterrolebindings"}),
			each([]string{"create", "update", "patch"}, rbac.Action{Group: "rbac.authorization.k8s.io", Resource: "rolebindings"}),
			each([]string{"impersonate"}, rbac.Action{Resource: "users"}), each([]string{"impersonate"}, rbac.Action{Resource: "groups"}),
			each([]string{"impersonate"}, rbac.Action{Resource: "serviceaccounts"}),
			each([]string{"create"}, rbac.Action{Resource: "serviceaccounts", Subresource: "token"}))...)
	j.judgePower(o, "QA304", "run commands in the pods of all namespaces",
		"It reads how GPUs are used from metrics, and starts pods; it never needs to get into one. Take it out of the role.", slices.Concat(
			each([]string{"create"}, rbac.Action{Resource: "pods", Subresource: "exec"}), each([]string{"create"}, rbac.Action{Resource: "pods", Subresource: "attach"}),
			each([]string{"create", "update", "patch"}, rbac.Action{Resource: "pods", Subresource: "ephemeralcontainers"}))...)
	j.judgePower(o, "QA305", "write what reaches into every request",
		"A webhook sees and changes whatever is written, Secrets too. Kueue writes the CA of its own: resourceNames in the role would keep it to these.", slices.Concat(
			each([]string{"create", "update", "patch"}, rbac.Action{Group: "admissionregistration.k8s.io", Resource: "mutatingwebhookconfigurations"}),
			each([]string{"create", "update", "patch"}, rbac.Action{Group: "admissionregistration.k8s.io", Resource: "validatingwebhookconfigurations"}),
			each([]string{"create", "update", "patch"}, rbac.Action{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"}),
			each([]string{"create", "update", "patch"}, rbac.Action{Group: "apiregistration.k8s.io", Resource: "apiservices"}))...)
	j.judgeBeside(o)
}

// each returns an action with each of the verbs.
func each(verbs []string, a rbac.Action) []rbac.Action {
	out := make([]rbac.Action, 0, len(verbs))
	for _, verb := range verbs {
		a.Verb = verb
		out = append(out, a)
	}
	return out
}

// judgePower says that an operator may do some of the actions in the whole cluster.
func (j *judging) judgePower(o operator, id, what, why string, actions ...rbac.Action) {
	var may []string
	var first *rbac.Proof
	for _, action := range actions {
		d := j.Rights.Can(rbac.NewIdentity(o.subject), action)
		if !d.Allowed || len(d.Proofs) == 0 {
			continue
		}
		if first == nil {
			first = &d.Proofs[0]
		}
		may = append(may, action.String())
	}
	if first == nil {
		return
	}
	f := j.add(id, o.object(), fmt.Sprintf("%s may %s: %s", o.product, what, listed(may)), why+" It comes by "+first.String()+".")
	f.Location = located(first.Binding.Origin)
}

// everything returns by what somebody may do everything, nil when he may not.
func (j *judging) everything(s rbac.Subject) *rbac.Proof {
	d := j.Rights.Can(rbac.NewIdentity(s), rbac.Action{Verb: "*", Group: "*", Resource: "*"})
	if len(d.Proofs) == 0 {
		return nil
	}
	return &d.Proofs[0]
}

// judgeBeside says that an operator is bound to more than its installation binds it to (QA307).
func (j *judging) judgeBeside(o operator) {
	number, _ := j.Rights.SubjectNumber(o.subject)
	bindings := j.Rights.Bindings()
	for _, n := range j.Rights.BindingsOf(number) {
		b := bindings[n]
		if slices.ContainsFunc(o.own, func(own string) bool { return b.RoleRef.Name == own || strings.HasSuffix(b.RoleRef.Name, "-"+own) }) {
			continue
		}
		f := j.add("QA307", bindingObject(b), fmt.Sprintf("it gives %s the %s too, which its installation does not", o.product, b.RoleKindName()),
			"Somebody has given it more than it asks for. Delete the binding when nobody knows why.")
		f.Location = located(b.Origin)
	}
}

func bindingObject(b *rbac.Binding) string {
	if b.Namespace == "" {
		return "clusterrolebinding " + b.Name
	}
	return "rolebinding " + b.Namespace + "/" + b.Name
}

// takeovers are the ways to act as what runs in a namespace.
func takeovers(namespace string) []power {
	in := func(verb, group, resource, subresource, text string) power {
		return power{action: rbac.Action{Verb: verb, Group: group, Resource: resource, Subresource: subresource, Namespace: namespace}, text: text}
	}
	out := []power{
		in("create", "", "pods", "exec", "run commands in its pods"), in("create", "", "pods", "attach", "attach to its pods"),
		in("create", "", "pods", "", "make pods that run as it"),
		in("create", "", "serviceaccounts", "token", "get tokens of it"), in("impersonate", "", "serviceaccounts", "", "act as it"),
		in("patch", "", "pods", "ephemeralcontainers", "add containers to its pods"),
	}
	for _, verb := range []string{"get", "list", "watch"} {
		out = append(out, in(verb, "", "secrets", "", "read its Secrets"))
	}
	for group, resources := range map[string][]string{"apps": {"deployments", "daemonsets", "replicasets", "statefulsets"}, "batch": {"cronjobs", "jobs"}} {
		for _, resource := range resources {
			for _, verb := range []string{"create", "update", "patch"} {
				out = append(out, in(verb, group, resource, "", "make pods that run as it"))
			}
		}
	}
	return out
}

// judgeTakeover judges who may act as an operator (QA306). Who may do everything anyway gains nothing by it.
func (j *judging) judgeTakeover() {
	for _, o := range j.runs() {
		type given struct {
			subjects map[string]bool
			texts    map[string]bool
		}
		found := map[*rbac.Binding]*given{}
		for _, p := range takeovers(o.subject.Namespace) {
			for _, grant := range j.Rights.WhoCan(p.action, rbac.InNamespace).Grants {
				if grant.Superuser || isApart(grant.Subject) || j.everything(grant.Subject) != nil {
					continue
				}
				for _, proof := range grant.Proofs {
					g := found[proof.Binding]
					if g == nil {
						g = &given{map[string]bool{}, map[string]bool{}}
						found[proof.Binding] = g
					}
					g.subjects[grant.Subject.String()], g.texts[p.text] = true, true
				}
			}
		}
		for b, g := range found {
			f := j.add("QA306", bindingObject(b), fmt.Sprintf("by it %s may act as the operator of %s: %s",
				listed(slices.Sorted(maps.Keys(g.subjects))), o.product, strings.Join(slices.Sorted(maps.Keys(g.texts)), ", ")),
				"What "+o.subject.String()+" may do, they may do too, in all namespaces. Namespace "+o.subject.Namespace+
					" is for administrators of the cluster only: take the subject out of the binding, or bind the role in single namespaces.")
			f.Location = located(b.Origin)
		}
	}
}
