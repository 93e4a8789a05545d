package profile

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Judge returns what is wrong with the workspaces that s knows, apart from their members: findings KF001, KF005 and
// KF006 of owners, KF011 to KF018, KF020 and GH002. They are sorted, and each has the plan that would repair it where one
// can be made without a decision that is the user's.
//
// Rules that need a kind of objects that was not read, or of which something could not be read, are silent. So are rules
// about what Kubeflow's controller makes, for profiles that no API server has stored: it has not seen them.
func Judge(s *workspace.State) []finding.Finding {
	var out []finding.Finding
	for _, w := range s.Workspaces() {
		switch {
		case w.Flavor == workspace.Native:
			out = append(out, judgeNative(s, &w)...)
		case w.Profile != nil:
			out = append(out, judgeProfile(s, &w)...)
		}
	}
	out = append(out, judgeOrphans(s)...)
	finding.Sort(out)
	return out
}

// judgeProfile judges one Kubeflow profile.
func judgeProfile(s *workspace.State, w *workspace.Workspace) []finding.Finding {
	p, err := kubeflow.ReadProfile(w.Profile)
	if err != nil {
		return []finding.Finding{{
			ID: "KF015", Severity: finding.Error, Object: "profile " + w.Name, Message: "its spec can't be read: " + err.Error(),
			Why: "Kubeflow's controller can't read it either. Correct it with kubectl edit profiles.kubeflow.org " + w.Name + ".",
		}}
	}
	r := &room{state: s, workspace: w, profile: p, config: s.ConfigFor(w.Name)}
	// The owner's policy may never have been renewed. Nothing says that principals are not wanted then, but which?
	r.gatewayUnknown = !s.Pinned && len(r.config.GatewayPrincipals) == 0
	r.headerUnknown = !s.Pinned && r.config.Source == kubeflow.DefaultConfig().Source
	r.judge()
	return r.findings
}

// room is a Kubeflow workspace that is being judged.
type room struct {
	state     *workspace.State
	workspace *workspace.Workspace
	profile   kubeflow.Profile
	config    kubeflow.Config
	// gatewayUnknown says that policies should name the gateway, and nothing tells what it is called here.
	gatewayUnknown bool
	// headerUnknown says that nothing tells by which header and prefix users are recognised, so that no policy can be written.
	headerUnknown bool
	findings      []finding.Finding
}

func (r *room) judge() {
	r.judgeSpec()
	r.judgePlugins()
	if r.profile.Terminating {
		r.judgeStuck()
		return
	}
	if r.workspace.Namespace != nil && r.workspace.Namespace.DeletionTimestamp != nil {
		// It goes, and will be made anew.
		return
	}
	if r.judgeConflict() {
		// As long as it is not settled whose the namespace is, nothing else about it is the profile's.
		return
	}
	r.judgeOwner()
	r.judgeMissing()
	r.judgeNamespace()
	r.judgeQuota()
	r.judgeLeftovers()
}

func (r *room) found(f finding.Finding) { r.findings = append(r.findings, f) }

// read reports whether all of a kind was asked for and read in the workspace.
func (r *room) read(kind inventory.Kind) bool { return read(r.state, kind, r.profile.Name) }

func read(s *workspace.State, kind inventory.Kind, namespace string) bool {
	if !s.Inventory.Served[kind] || s.Inventory.Unmarked(kind) {
		return false
	}
	return !slices.ContainsFunc(s.Inventory.Missing(kind), func(gap rbac.Gap) bool { return gap.Concerns(namespace) })
}

// stored reports whether an API server has stored the profile, so that the controller has seen it.
func (r *room) stored() bool { return r.profile.UID != "" }

// mesh reports whether policies are expected, and were read.
func (r *room) mesh() bool { return r.state.Istio && r.read(inventory.Policies) }

func (r *room) object() string { return "profile " + r.profile.Name }

func (r *room) binding(name string) *rbacv1.RoleBinding {
	all := r.state.Bindings(r.profile.Name)
	i := slices.IndexFunc(all, func(b *rbacv1.RoleBinding) bool { return b.Name == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

func (r *room) policy(name string) *unstructured.Unstructured {
	all := r.state.Policies(r.profile.Name)
	i := slices.IndexFunc(all, func(o *unstructured.Unstructured) bool { return o.GetName() == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

func (r *room) account(name string) *corev1.ServiceAccount {
	all := r.state.Inventory.ServiceAccounts
	i, there := slices.BinarySearchFunc(all, r.profile.Name, func(a *corev1.ServiceAccount, namespace string) int {
		return cmp.Or(cmp.Compare(a.Namespace, namespace), cmp.Compare(a.Name, name))
	})
	if !there {
		return nil
	}
	return all[i]
}

// repair is a fix in the making. A fix that can't be made is none.
type repair struct {
	unit  string
	steps []plan.Step
	err   error
}

func repairOf(workspace string) *repair { return &repair{unit: Unit(workspace)} }

func (r *repair) create(o runtime.Object, why string) {
	if u := r.convert(o); u != nil {
		r.steps = append(r.steps, plan.Step{Verb: plan.Create, Object: u, Why: why, Unit: r.unit})
	}
}

func (r *repair) update(old, o runtime.Object, why string) {
	before, after := r.convert(old), r.convert(o)
	if before != nil && after != nil {
		r.steps = append(r.steps, plan.Step{Verb: plan.Update, Object: after, Old: before, Why: why, Unit: r.unit})
	}
}

func (r *repair) remove(o runtime.Object, why string) {
	if u := r.convert(o); u != nil {
		r.steps = append(r.steps, plan.Step{Verb: plan.Delete, Old: u, Why: why, Unit: r.unit})
	}
}

func (r *repair) convert(o runtime.Object) *unstructured.Unstructured {
	objects, err := plan.FromObjects(o)
	if err != nil {
		r.err = err
		return nil
	}
	return objects[0]
}

// plan returns the fix, or nil when there is none.
func (r *repair) plan(summary string) *plan.Plan {
	if r == nil || r.err != nil || len(r.steps) == 0 {
		return nil
	}
	p, err := plan.New(summary, r.steps...)
	if err != nil {
		return nil
	}
	return &p
}

// inline keeps a name on its line: an explanation has several, and a name may hold line breaks.
func inline(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, name)
}

// paste writes a name as a shell reads it, in an explanation: names of a cluster may hold anything.
func paste(name string) string {
	return shell.Word(inline(name))
}
