package profile

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

// What Kubeflow up to 1.2 made of Istio's first RBAC.
const (
	oldRole    = "ns-access-istio"
	oldBinding = "owner-binding-istio"
)

// judgeLeftovers is KF018.
func (r *room) judgeLeftovers() {
	for _, o := range r.state.Inventory.Leftovers {
		if o.GetNamespace() != r.profile.Name || !isOldKubeflow(o) {
			continue
		}
		out := repairOf(r.profile.Name)
		out.remove(o, "nothing reads it")
		object := strings.ToLower(o.GetKind()) + " " + o.GetNamespace() + "/" + o.GetName()
		r.found(finding.Finding{
			ID: "KF018", Severity: finding.Info, Object: object,
			Message: "it is left over from Kubeflow 1.2 or older",
			Why:     "Istio does not read it since 1.6. Who it names may no longer be a member: it only misleads.",
			Fix:     out.plan("remove " + object),
		})
	}
}

// isOldKubeflow reports whether an object of Istio's first RBAC was made by Kubeflow.
func isOldKubeflow(o *unstructured.Unstructured) bool {
	a := o.GetAnnotations()
	role, _, _ := unstructured.NestedString(o.Object, "spec", "roleRef", "name")
	return o.GetName() == oldRole || o.GetName() == oldBinding || role == oldRole ||
		a[kubeflow.UserAnnotation] != "" && a[kubeflow.RoleAnnotation] != ""
}
