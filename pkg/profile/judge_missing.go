package profile

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

const whyDown = "Kubeflow's controller makes and renews it within seconds: it is down, can't go on, or can't reach the API server.\n" +
	"Look at the deployment profiles-deployment in the namespace kubeflow and its log. Until then, what it would write can be made by hand."

// judgeMissing is KF020: something is not there that the controller makes.
func (r *room) judgeMissing() {
	if !r.stored() || r.profile.Owner.Name == "" || kubeflow.CheckProfileName(r.profile.Name) != nil {
		return
	}
	if r.workspace.Namespace == nil {
		if r.state.Inventory.Live && r.read(inventory.Namespaces) {
			r.found(finding.Finding{
				ID: "KF020", Severity: finding.Error, Object: r.object(), Message: "its namespace has not been made", Why: whyDown,
				Fix: r.everything(),
			})
		}
		return
	}
	out := repairOf(r.profile.Name)
	var missing []string
	why := whyDown
	for _, o := range kubeflow.ControllerObjects(r.profile, r.config) {
		what := r.absent(o)
		if what == "" {
			continue
		}
		missing = append(missing, what)
		if isPolicy(o) && !r.mayGuess() {
			why = whyDown + "\n" + unknownHeader
			continue
		}
		out.create(o, "the controller has not made it")
	}
	if len(missing) == 0 {
		return
	}
	r.found(finding.Finding{
		ID: "KF020", Severity: finding.Error, Object: r.object(), Message: "missing: " + strings.Join(missing, ", "), Why: why,
		Fix: out.plan("make what is missing in " + r.profile.Name),
	})
}

// absent names an object of the controller that is not there, of the kinds that were read. The quota has a rule of its own.
func (r *room) absent(o runtime.Object) string {
	switch o := o.(type) {
	case *corev1.ServiceAccount:
		if r.sees(inventory.ServiceAccounts) && r.account(o.Name) == nil {
			return "serviceaccount " + o.Name
		}
	case *rbacv1.RoleBinding:
		if r.sees(inventory.RoleBindings) && r.binding(o.Name) == nil {
			return "rolebinding " + o.Name
		}
	case *unstructured.Unstructured:
		if r.state.Istio && r.sees(inventory.Policies) && o.GetKind() == kubeflow.PolicyKind.Kind && r.policy(o.GetName()) == nil {
			return "authorizationpolicy " + o.GetName()
		}
	}
	return ""
}

// sees reports whether it is certain that what was not found is not there. Of files, it is when something else of the
// kind was there.
func (r *room) sees(kind inventory.Kind) bool {
	if !r.read(kind) {
		return false
	}
	if r.state.Inventory.Live {
		return true
	}
	name := r.profile.Name
	switch kind {
	case inventory.RoleBindings:
		return len(r.state.Bindings(name)) > 0
	case inventory.Policies:
		return len(r.state.Policies(name)) > 0
	case inventory.Quotas:
		return len(r.state.Quotas(name)) > 0
	case inventory.ServiceAccounts:
		return slices.ContainsFunc(r.state.Inventory.ServiceAccounts, func(a *corev1.ServiceAccount) bool { return a.Namespace == name })
	default:
		return false
	}
}

// mayGuess reports whether the owner's policy can be made: what it has to say is known, or there is no contributor's policy
// anywhere that would then be judged by a guess.
func (r *room) mayGuess() bool {
	return !r.headerUnknown || !slices.ContainsFunc(r.state.Inventory.Policies, func(o *unstructured.Unstructured) bool {
		return kubeflow.ClassifyPolicy(o) == kubeflow.ClassPair
	})
}

func isPolicy(o runtime.Object) bool {
	u, ok := o.(*unstructured.Unstructured)
	return ok && u.GetKind() == kubeflow.PolicyKind.Kind
}

// everything makes all that the controller makes, the namespace first.
func (r *room) everything() *plan.Plan {
	out := repairOf(r.profile.Name)
	for _, o := range kubeflow.ControllerObjects(r.profile, r.config) {
		if isPolicy(o) && (!r.state.Istio || !r.mayGuess()) {
			continue
		}
		out.create(o, "the controller has not made it")
	}
	return out.plan("make the namespace of " + r.profile.Name)
}
