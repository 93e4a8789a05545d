package contrib

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// kalmRules are the rules about members that Kalm keeps.
func kalmRules() []finding.Rule {
	var (
		bindings = []inventory.Kind{inventory.KalmBindings}
		with     = func(kind inventory.Kind) []inventory.Kind { return append([]inventory.Kind{kind}, bindings...) }
		out      []finding.Rule
	)
	for n := 1; n <= 13; n++ {
		rule := finding.Rule{ID: fmt.Sprintf("KL%03d", n), Needs: bindings}
		switch n {
		case 5, 8:
			rule.Needs = with(inventory.Namespaces)
		case 12:
			rule.Needs = with(inventory.RoleBindings)
		}
		out = append(out, rule)
	}
	return out
}

// kalmJudge judges the RoleBindings of Kalm's of one state.
type kalmJudge struct {
	state    *workspace.State
	bindings []kalm.Binding
	// marks are what the policy makes of each, by namespace and name.
	marks    map[string][]kalm.Flag
	findings []finding.Finding
}

// judgeKalm returns findings KL001 to KL013.
func judgeKalm(s *workspace.State) []finding.Finding {
	if !s.KalmServed() || s.Flavor == workspace.Native {
		return nil
	}
	j := &kalmJudge{state: s, marks: map[string][]kalm.Flag{}}
	world := kalmWorld(s)
	j.bindings = world.Bindings
	for _, flag := range kalm.NewPolicy(world).Flags() {
		if flag.Binding != nil {
			key := flag.Binding.Namespace + "/" + flag.Binding.Name
			j.marks[key] = append(j.marks[key], flag)
		}
	}
	for i := range j.bindings {
		if b := &j.bindings[i]; !s.Beyond(b.Namespace) {
			j.judge(b)
		}
	}
	j.judgeTwice()
	j.judgeAlone()
	return j.findings
}

// kalmWorld is what Kalm's policy is made from, as far as members go.
func kalmWorld(s *workspace.State) kalm.World {
	w := kalm.World{Now: s.Now}
	for _, ns := range s.Inventory.Namespaces {
		w.Namespaces = append(w.Namespaces, kalm.Namespace{Name: ns.Name, Enabled: workspace.IsKalm(ns)})
	}
	for _, o := range s.Inventory.Objects(inventory.KalmBindings) {
		w.Bindings = append(w.Bindings, kalm.ReadBinding(o))
	}
	return w
}

func (j *kalmJudge) found(b *kalm.Binding, id string, severity finding.Severity, message, why string, fix *plan.Plan) {
	j.findings = append(j.findings, finding.Finding{
		ID: id, Severity: severity, Object: kalmName(b), Message: message, Why: why, Fix: fix,
	})
}

func kalmName(b *kalm.Binding) string { return workspace.KalmObject + " " + b.Namespace + "/" + b.Name }

// judge judges one binding by itself, and stops at what makes everything else about it moot.
func (j *kalmJudge) judge(b *kalm.Binding) {
	who := workspace.KalmSubject(b)
	name := inline(nameOf(who))
	drop := func(why string) *plan.Plan {
		return j.fix(b, "delete "+kalmName(b), plan.Step{Verb: plan.Delete, Old: b.Object, Why: why})
	}
	if text, ok := j.breaks(b); ok {
		j.found(b, "KL001", finding.Error, fmt.Sprintf("its subject %q changes Kalm's policy: %s", b.Subject, text),
			"Kalm writes subjects into its policy as text, a line each, and cuts lines at commas.\n"+
				"Whoever may write a RoleBinding of Kalm's can so make himself owner of the whole cluster, or lock everybody out.",
			drop("its subject is no name"))
		return
	}
	if injects(b.Subject) {
		j.found(b, "KL001", finding.Warning, fmt.Sprintf("its subject %q is no name that Kalm's policy is sure to hold as it is", b.Subject),
			"Kalm writes subjects into its policy as text, and takes out line breaks: it may mean somebody else.\n"+
				"Look who is meant, and remove it: kubectl contrib remove takes the name as it stands here.", nil)
	}
	if _, err := kalm.ParseExpiry(b.Expires); err != nil {
		j.found(b, "KL010", finding.Error, fmt.Sprintf("when it ends can't be read: %q", b.Expires),
			"Kalm's API stops at an object that it can't decode: from then on it decides by what it knew before.\n"+
				"Write a time such as 2026-12-31T00:00:00Z into spec.expiredAt, or take it away:\n"+
				"kubectl patch "+workspace.KalmObject+" -n "+b.Namespace+" "+paste(b.Name)+` --type merge -p '{"spec":{"expiredAt":null}}'`, nil)
		return
	}
	switch {
	case !b.Role.Known():
		j.found(b, "KL009", finding.Warning, fmt.Sprintf("Kalm knows no role %q: it gives nothing", string(b.Role)),
			"The words are viewer, editor and owner, the same for the whole cluster, suspended and placeholder.", drop("it gives nothing"))
		return
	case b.Role == kalm.Suspended:
		j.judgeSuspended(b, name)
		return
	case b.Expired(j.state.Now):
		end, _ := kalm.ParseExpiry(b.Expires)
		j.found(b, "KL006", finding.Warning, fmt.Sprintf("the grant to %s has ended on %s, and is still there", name, end.At.Format(time.RFC3339)),
			"Its role no longer counts. But Kalm's login lets everybody through to protected endpoints whom a RoleBinding names,\n"+
				"whatever it says. kubectl contrib expire removes it.", drop("it has ended"))
		return
	}
	j.judgePlace(b, name)
	if isUpper(who) {
		j.judgeCase(b, who, name)
	}
}

// breaks says what a subject does to the policy, when it does anything.
func (j *kalmJudge) breaks(b *kalm.Binding) (string, bool) {
	for _, flag := range j.marks[b.Namespace+"/"+b.Name] {
		switch flag.Mark {
		case kalm.Injected, kalm.Dropped, kalm.Denies, kalm.Stops:
			return flag.Why(), true
		default:
		}
	}
	return "", false
}

// judgePlace is KL002, KL005, KL007 and KL008: where a binding is.
func (j *kalmJudge) judgePlace(b *kalm.Binding, name string) {
	ns := j.state.Namespace(b.Namespace)
	switch {
	case b.Role.Cluster() && b.Namespace != kalm.SystemNamespace:
		j.found(b, "KL007", finding.Error, fmt.Sprintf("%s is %s of the whole cluster by a RoleBinding in %s", name, b.Role, b.Namespace),
			"Kalm's webhook takes such roles in "+kalm.SystemNamespace+" alone; its policy does not look. Somebody has written it past the webhook.\n"+
				"Remove it, or make it where it belongs: kubectl contrib add --cluster-wide.", nil)
	case b.Role.Cluster():
	case b.Namespace == kalm.TrapNamespace:
		j.found(b, "KL002", finding.Error, fmt.Sprintf("%s is %s of the whole cluster by a RoleBinding in the namespace %q", name, b.Role, b.Namespace),
			"Kalm calls the roles of a namespace role_NAMESPACE_ROLE, and those of the cluster role_cluster_ROLE: in a namespace of this name\n"+
				"they are the same. Move what is in it to a namespace of another name.", nil)
	case ns != nil && !workspace.IsKalm(ns) && wasRead(j.state, b.Namespace):
		j.found(b, "KL005", finding.Warning, fmt.Sprintf("it gives %s nothing: Kalm takes %s for no application", name, b.Namespace),
			"Roles count in namespaces with the label "+kalm.EnabledLabel+"="+kalm.EnabledValue+". Either label it, with all that follows for who is bound there:\n"+
				"kubectl label namespace "+b.Namespace+" "+kalm.EnabledLabel+"="+kalm.EnabledValue+"\nor take the RoleBinding away.", nil)
	case b.Namespace == kalm.SystemNamespace && b.Role != kalm.Viewer:
		message := fmt.Sprintf("%s is %s of %s: that is as good as cluster-admin", name, b.Role, b.Namespace)
		if ns == nil {
			message += ", unless Kalm takes the namespace for no application, which is not known"
		}
		j.found(b, "KL008", finding.Error, message,
			"What runs there runs as its default service account, which is bound to cluster-admin: whoever may change a component of it\n"+
				"may do everything in Kubernetes. Take the role away, or give clusterOwner openly.", nil)
	}
}

func wasRead(s *workspace.State, namespace string) bool {
	return !s.Inventory.Unmarked(inventory.Namespaces) && s.KalmGap(namespace) == nil
}

// judgeSuspended is KL003 and KL013.
func (j *kalmJudge) judgeSuspended(b *kalm.Binding, name string) {
	if b.Expires != "" {
		after := b.Object.DeepCopy()
		unstructured.RemoveNestedField(after.Object, "spec", "expiredAt")
		j.found(b, "KL013", finding.Warning, fmt.Sprintf("%s is suspended until %s, it says, but Kalm goes on: that date counts for nothing", name, inline(b.Expires)),
			"kubectl contrib suspend --unsuspend ends a suspension. The fix takes the date away, which changes nothing.",
			j.fix(b, "take the date off "+kalmName(b), plan.Step{Verb: plan.Update, Object: after, Old: b.Object, Why: "it counts for nothing"}))
	}
	if b.Group {
		return
	}
	groups := map[string]bool{}
	for i := range j.bindings {
		if other := &j.bindings[i]; other.Group && other.Role.Gives() && !other.Expired(j.state.Now) {
			groups[inline(other.Subject)] = true
		}
	}
	if len(groups) == 0 {
		return
	}
	j.found(b, "KL003", finding.Warning, fmt.Sprintf("%s is suspended, but keeps what groups give, if it is in one of %s", name, enumerate(slices.Sorted(maps.Keys(groups)))),
		"Kalm's suspension takes away the RoleBindings of exactly this user. Who is in which group, the login provider knows: take the user out\n"+
			"of these groups there. To protected endpoints everybody gets through whom a RoleBinding names, also one that suspends.", nil)
}

// fix makes the plan of a fix, or nil when it can't be made.
func (j *kalmJudge) fix(b *kalm.Binding, summary string, steps ...plan.Step) *plan.Plan {
	for i := range steps {
		steps[i].Unit = nameOf(workspace.KalmSubject(b)) + " in " + b.Namespace
	}
	p, err := plan.New(inline(summary), steps...)
	if err != nil {
		return nil
	}
	return &p
}

// judgeTwice is KL011: grants of which Kalm's pages show one.
func (j *kalmJudge) judgeTwice() {
	type key struct {
		namespace, subject string
		cluster            bool
	}
	first := map[key]*kalm.Binding{}
	for i := range j.bindings {
		b := &j.bindings[i]
		if !b.Role.Gives() || j.state.Beyond(b.Namespace) {
			continue
		}
		k := key{b.Namespace, b.Subject, b.Role.Cluster()}
		other := first[k]
		if other == nil {
			first[k] = b
			continue
		}
		if other.Group != b.Group {
			j.found(b, "KL011", finding.Warning, fmt.Sprintf("a user and a group are both called %s in %s", inline(b.Subject), b.Namespace),
				"Kalm names RoleBindings by the text of the subject, and its pages show the two as one: what is changed or removed there may be the other one's.\n"+
					"The other is "+kalmName(other)+".", nil)
			continue
		}
		var fix *plan.Plan
		if other.Role == b.Role && other.Expires == b.Expires {
			fix = j.fix(b, "delete "+kalmName(b), plan.Step{Verb: plan.Delete, Old: b.Object, Why: "another one gives the same"})
		}
		j.found(b, "KL011", finding.Warning, fmt.Sprintf("%s has two roles in %s: %s and %s", inline(nameOf(workspace.KalmSubject(b))), b.Namespace, other.Role, b.Role),
			"Both count, so that the stronger one does; Kalm's pages show and remove one.\nThe other is "+kalmName(other)+
				". kubectl contrib set-role leaves one.", fix)
	}
}

// judgeAlone is KL012: who is a member in Kalm of a workspace whose members have rights in Kubernetes too, and has none.
func (j *kalmJudge) judgeAlone() {
	for _, w := range j.state.Workspaces() {
		if w.Flavor != workspace.Kalm || !read(j.state, inventory.RoleBindings, w.Name) {
			continue
		}
		bound := map[rbac.Subject]bool{}
		for i := range w.Members {
			if m := &w.Members[i]; m.Binding != nil {
				bound[m.Subject] = true
			}
		}
		for i := range w.Members {
			m := &w.Members[i]
			if len(bound) == 0 || !m.OfKalm() || m.How != workspace.ByKalm || m.Expired(j.state.Now) || bound[m.Subject] ||
				injects(m.Subject.Name) {
				continue // KL001 is about such names
			}
			j.found(m.Kalm, "KL012", finding.Info,
				fmt.Sprintf("%s is %s of %s in Kalm, and is bound to nothing in Kubernetes", inline(nameOf(m.Subject)), m.Role, w.Name),
				"Others are members in both systems here. Kalm's roles give nothing with kubectl. That may be what is wanted; if not:\n"+
					"kubectl contrib add "+paste(Label(m.Subject))+" --role "+string(m.Role)+" -n "+w.Name+" --flavor native", nil)
		}
	}
}
