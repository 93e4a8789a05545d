package contrib

import (
	"maps"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// repair is a fix in the making: the steps of one unit. A fix that can't be made is none.
type repair struct {
	unit  string
	steps []plan.Step
	err   error
}

// repairOf starts the fix of something that concerns one member.
func repairOf(who rbac.Subject, in string) *repair {
	return &repair{unit: strings.TrimPrefix(who.String(), "user:") + " in " + in}
}

func (r *repair) step(s plan.Step) {
	s.Unit = r.unit
	r.steps = append(r.steps, s)
}

// bind makes a role binding.
func (r *repair) bind(b *rbacv1.RoleBinding, why string) {
	if o := r.object(b); o != nil {
		r.step(plan.Step{Verb: plan.Create, Object: o, Why: why})
	}
}

// rebind turns a role binding into another of the same name and role.
func (r *repair) rebind(old, b *rbacv1.RoleBinding, why string) {
	before, after := r.object(old), r.object(b)
	if before != nil && after != nil {
		r.step(plan.Step{Verb: plan.Update, Object: after, Old: before, Why: why})
	}
}

func (r *repair) unbind(b *rbacv1.RoleBinding, why string) {
	if o := r.object(b); o != nil {
		r.step(plan.Step{Verb: plan.Delete, Old: o, Why: why})
	}
}

func (r *repair) admit(o *unstructured.Unstructured, why string) {
	r.step(plan.Step{Verb: plan.Create, Object: o, Why: why})
}

func (r *repair) rewrite(old, o *unstructured.Unstructured, why string) {
	r.step(plan.Step{Verb: plan.Update, Object: o, Old: old, Why: why})
}

func (r *repair) shut(o *unstructured.Unstructured, why string) {
	r.step(plan.Step{Verb: plan.Delete, Old: o, Why: why})
}

func (r *repair) object(b *rbacv1.RoleBinding) *unstructured.Unstructured {
	objects, err := plan.FromObjects(b)
	if err != nil {
		r.err = err
		return nil
	}
	return objects[0]
}

// reason says on a line of its own why there is no fix, if that is so.
func (r *repair) reason() string {
	if r.err == nil {
		return ""
	}
	return "\nThere is no repair: " + inline(r.err.Error()) + "."
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

// renamed returns a role binding as a new object of another name, with all that people have put on it.
func renamed(b *rbacv1.RoleBinding, name string) *rbacv1.RoleBinding {
	out := &rbacv1.RoleBinding{TypeMeta: b.TypeMeta, RoleRef: b.RoleRef}
	out.Namespace, out.Name = b.Namespace, name
	out.Labels, out.Annotations = maps.Clone(b.Labels), maps.Clone(b.Annotations)
	for _, subject := range b.Subjects {
		out.Subjects = append(out.Subjects, *subject.DeepCopy())
	}
	delete(out.Annotations, lastApplied)
	return out
}

// lastApplied is kubectl's copy of an object: it names the object as it was.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// annotated returns annotations with those of a pair in place of whatever stood there.
func annotated(annotations map[string]string, who rbac.Subject, role string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, annotations)
	delete(out, kubeflow.UserAnnotation)
	delete(out, kubeflow.GroupAnnotation)
	delete(out, kubeflow.RoleAnnotation)
	maps.Copy(out, kubeflow.PairAnnotations(who, role))
	return out
}

// policyFor returns the policy that goes with a role binding of a subject, under a name. It ends when the binding does.
func (p *place) policyFor(b *rbacv1.RoleBinding, who rbac.Subject, role, name string) *unstructured.Unstructured {
	o := kubeflow.PairPolicy(p.name, who, role, p.config)
	if o == nil {
		return nil
	}
	o.SetName(name)
	if expires, ok := b.Annotations[workspace.ExpiresAnnotation]; ok {
		annotations := o.GetAnnotations()
		annotations[workspace.ExpiresAnnotation] = expires
		o.SetAnnotations(annotations)
	}
	return o
}

// respecified returns a policy with the spec that it should have; nil when there is none for the subject.
func (p *place) respecified(o *unstructured.Unstructured, who rbac.Subject) *unstructured.Unstructured {
	spec := kubeflow.PolicySpec(who, p.config)
	if spec == nil {
		return nil
	}
	out := o.DeepCopy()
	out.Object["spec"] = spec
	return out
}

// moved returns a policy as a new object of another name, with all that people have put on it.
func moved(o *unstructured.Unstructured, name string, who rbac.Subject, role string) *unstructured.Unstructured {
	out := &unstructured.Unstructured{Object: map[string]any{"spec": o.DeepCopy().Object["spec"]}}
	out.SetAPIVersion(o.GetAPIVersion())
	out.SetKind(o.GetKind())
	out.SetNamespace(o.GetNamespace())
	out.SetName(name)
	if labels := o.GetLabels(); len(labels) > 0 {
		out.SetLabels(labels)
	}
	annotations := annotated(o.GetAnnotations(), who, role)
	delete(annotations, lastApplied)
	out.SetAnnotations(annotations)
	return out
}
