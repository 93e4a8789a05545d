package contrib_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// today is the time of all tests.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// cluster keeps objects as an API server would, for plans to be carried out on.
type cluster struct {
	objects map[string]runtime.Object
	gaps    []rbac.Gap
	options workspace.Options
	offline bool
}

func newCluster(objects ...runtime.Object) *cluster {
	c := &cluster{objects: map[string]runtime.Object{}, options: workspace.Options{Now: today}}
	for _, o := range objects {
		c.objects[keyOf(o)] = o
	}
	return c
}

func keyOf(o runtime.Object) string {
	meta, ok := o.(metav1.Object)
	if !ok {
		return ""
	}
	kind := o.GetObjectKind().GroupVersionKind()
	if kind.Group == kalm.Group {
		kind.Kind = "Kalm's " + kind.Kind
	}
	return strings.Join([]string{kind.Kind, meta.GetNamespace(), meta.GetName()}, "/")
}

// state reads the cluster.
func (c *cluster) state() *workspace.State {
	inv := &inventory.Inventory{Live: !c.offline, Gaps: c.gaps, Served: map[inventory.Kind]bool{
		inventory.Namespaces: true, inventory.RoleBindings: true,
	}, Custom: map[inventory.Kind][]*unstructured.Unstructured{}}
	for _, key := range slices.Sorted(maps.Keys(c.objects)) {
		switch o := c.objects[key].(type) {
		case *corev1.Namespace:
			inv.Namespaces = append(inv.Namespaces, o)
			if o.Labels[kubeflow.PartOfLabel] != "" {
				inv.Served[inventory.Profiles], inv.Served[inventory.Policies] = true, true
			}
		case *rbacv1.RoleBinding:
			inv.RoleBindings = append(inv.RoleBindings, o)
		case *unstructured.Unstructured:
			switch {
			case o.GetKind() == kubeflow.ProfileKind.Kind:
				inv.Profiles = append(inv.Profiles, o)
			case o.GetAPIVersion() == kalm.APIVersion():
				inv.Served[inventory.KalmBindings] = true
				inv.Custom[inventory.KalmBindings] = append(inv.Custom[inventory.KalmBindings], o)
			default:
				inv.Policies = append(inv.Policies, o)
			}
		}
	}
	return workspace.NewState(inv, c.options)
}

// carryOut does what a plan says, and fails when it does not fit what is there.
func (c *cluster) carryOut(t testing.TB, p plan.Plan) {
	t.Helper()

	for _, step := range p.Steps {
		target := step.Object
		if target == nil {
			target = step.Old
		}
		key := keyOf(target)
		_, there := c.objects[key]
		if there != (step.Verb != plan.Create) {
			t.Fatalf("%s: there is such an object: %t", step, there)
		}
		delete(c.objects, key)
		if step.Verb == plan.Delete {
			continue
		}
		if target.GetKind() != "RoleBinding" || target.GetAPIVersion() == kalm.APIVersion() {
			c.objects[key] = target.DeepCopy()
			continue
		}
		b := &rbacv1.RoleBinding{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(target.Object, b); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		c.objects[key] = b
	}
}

// ofKubeflow returns the objects of a profile as the controller leaves them.
func ofKubeflow(name, owner string) []runtime.Object {
	p := kubeflow.Profile{Name: name, Owner: rbac.User(owner).RBAC()}
	out := []runtime.Object{kubeflow.NewProfile(name, p.Owner, nil, nil)}
	for _, o := range kubeflow.ControllerObjects(p, kubeflow.DefaultConfig()) {
		switch o.(type) {
		case *corev1.ServiceAccount:
		default:
			out = append(out, o)
		}
	}
	for _, o := range out {
		if ns, ok := o.(*corev1.Namespace); ok {
			ns.Labels[kubeflow.PartOfLabel] = kubeflow.PartOfProfile
		}
	}
	return out
}

// ofNative returns the objects of a native workspace.
func ofNative(name, owner string) []runtime.Object {
	b := bindingOf(name, workspace.OwnerBinding, "admin", nil, rbac.User(owner))
	return []runtime.Object{&corev1.Namespace{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Labels: map[string]string{workspace.Label: "true"},
			Annotations: map[string]string{workspace.OwnerAnnotation: "user:" + owner},
		},
	}, b}
}

// bindingOf returns a role binding that somebody wrote.
func bindingOf(namespace, name, role string, annotations map[string]string, subjects ...rbac.Subject) *rbacv1.RoleBinding {
	b := &rbacv1.RoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Annotations: annotations},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
	}
	for _, subject := range subjects {
		b.Subjects = append(b.Subjects, subject.RBAC())
	}
	return b
}

// pairOf returns the two objects that kfam makes of a user.
func pairOf(namespace, user, short string) []runtime.Object {
	return []runtime.Object{
		kubeflow.PairBinding(namespace, rbac.User(user), short),
		kubeflow.PairPolicy(namespace, rbac.User(user), short, kubeflow.DefaultConfig()),
	}
}

// renamed gives an object another name.
func renamed[T metav1.Object](o T, name string) T {
	o.SetName(name)
	return o
}

// dated puts the date of its end on an object.
func dated[T metav1.Object](o T, date string) T {
	a := maps.Clone(o.GetAnnotations())
	if a == nil {
		a = map[string]string{}
	}
	a[workspace.ExpiresAnnotation] = date
	o.SetAnnotations(a)
	return o
}

func all(groups ...[]runtime.Object) []runtime.Object { return slices.Concat(groups...) }

func one(objects ...runtime.Object) []runtime.Object { return objects }

// listing writes down everything that a person would get to see of a plan, and what is to be in changed objects.
func listing(p plan.Plan, notes []string, err error) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
		if refusal, ok := errors.AsType[*workspace.Refusal](err); ok {
			fmt.Fprintf(&b, "hint: %s\n", refusal.Next)
		}
	}
	if p.Summary != "" {
		fmt.Fprintln(&b, p.Summary)
	}
	for _, step := range p.Steps {
		fmt.Fprintf(&b, "  %s [%s] %s\n", step, step.Unit, step.Why)
		if step.Verb == plan.Delete {
			continue
		}
		fmt.Fprintf(&b, "      %s\n", compact(step.Object))
	}
	for _, note := range notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	return b.String()
}

// compact returns what is characteristic of an object in a line.
func compact(o *unstructured.Unstructured) string {
	var parts []string
	if role, ok, _ := unstructured.NestedString(o.Object, "roleRef", "name"); ok {
		parts = append(parts, role)
	}
	subjects, _, _ := unstructured.NestedSlice(o.Object, "subjects")
	for _, subject := range subjects {
		if m, ok := subject.(map[string]any); ok {
			parts = append(parts, fmt.Sprint(m["kind"], ":", m["name"]))
		}
	}
	for _, user := range kubeflow.PolicyUsers(o, kubeflow.DefaultConfig()) {
		parts = append(parts, "lets in "+user)
	}
	for _, group := range kubeflow.PolicyGroups(o) {
		parts = append(parts, "lets in group "+group)
	}
	if o.GetAPIVersion() == kalm.APIVersion() {
		b := kalm.ReadBinding(o)
		parts = append(parts, fmt.Sprintf("%s %s group=%t by %s until %q", b.Role, b.Subject, b.Group, b.Creator, b.Expires))
	}
	labels := o.GetLabels()
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, "label "+key+"="+labels[key])
	}
	annotations := o.GetAnnotations()
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		parts = append(parts, key+"="+annotations[key])
	}
	return strings.Join(parts, " ")
}
