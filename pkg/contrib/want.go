package contrib

import (
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// wanted is a grant in the words of its workspace's flavor.
type wanted struct {
	Grant
	ref rbacv1.RoleRef
	// name is that of new objects.
	name string
	// subject is how the binding names whom it is for.
	subject rbacv1.Subject
	// marks are the annotations of both objects, but for the expiry.
	marks map[string]string
	// like is whose labels and annotations new objects go on with; nil for nobody.
	like *workspace.Member
	// token says that it is for a service account that kfam takes for a user, by the name in its token.
	token bool
	// list says that the grant comes from a list of members: what the objects say of themselves beyond it is not its
	// business.
	list bool
	// keepDate says that nothing is asked for about the end of what is there.
	keepDate bool
	// spec is the policy's, nil when there is to be none.
	spec map[string]any
}

// want says what a grant comes to in the room.
func (r *room) want(g Grant) wanted {
	if g.RoleRef != nil {
		// clusterrole/kubeflow-edit is the role word in other letters.
		if role := workspace.RoleOf(*g.RoleRef); role != "" && role.ClusterRole(r.flavor) == g.RoleRef.Name {
			g.Role, g.RoleRef = role, nil
		}
	}
	w := wanted{Grant: g, ref: g.Role.Ref(r.flavor), subject: g.Subject.RBAC()}
	if g.RoleRef != nil {
		w.ref.Kind, w.ref.Name = g.RoleRef.Kind, g.RoleRef.Name
	}
	if r.flavor != workspace.Kubeflow {
		native := workspace.NativeBinding(r.name, g.Subject, w.ref)
		w.name, w.marks = native.Name, native.Annotations
	} else {
		w.name, w.marks = pairName(g, w.ref), pairMarks(g)
		if r.meshed() && !g.NoHTTP {
			w.spec = kubeflow.PolicySpec(g.Subject, r.config)
		}
	}
	if g.Name != "" {
		w.name = g.Name
	}
	return w
}

// word is the role's in Kubeflow's names and annotations. A role of one's own stands there by its name, unless that
// name means something else there.
func word(g Grant) string {
	switch {
	case g.RoleRef == nil:
		return g.Role.Short()
	case kubeflow.ClusterRole(g.RoleRef.Name) != "":
		return "clusterrole-" + g.RoleRef.Name
	}
	return g.RoleRef.Name
}

func pairName(g Grant, ref rbacv1.RoleRef) string {
	if ref.Kind == "Role" {
		// kfam knows cluster roles only, and its names say so.
		return strings.TrimSuffix(kubeflow.PairName(g.Subject, ""), "clusterrole-") + "role-" + workspace.Slug(ref.Name)
	}
	return kubeflow.PairName(g.Subject, word(g))
}

// pairMarks returns the annotations of a Kubeflow pair. Service accounts get one of ours: with kfam's, the dashboard
// would list them as people.
func pairMarks(g Grant) map[string]string {
	if marks := kubeflow.PairAnnotations(g.Subject, word(g)); marks != nil {
		return marks
	}
	return map[string]string{workspace.RoleAnnotation: g.RoleText()}
}

// managed are the annotations that say what a grant is, in each flavor: others are left alone.
func managed(f workspace.Flavor) []string {
	if f != workspace.Kubeflow {
		return []string{workspace.RoleAnnotation, workspace.ExpiresAnnotation}
	}
	return []string{
		kubeflow.UserAnnotation, kubeflow.GroupAnnotation, kubeflow.RoleAnnotation, workspace.RoleAnnotation,
		workspace.ExpiresAnnotation,
	}
}

// annotations returns the annotations of an object of the grant, made from those that it has.
func (w *wanted) annotations(f workspace.Flavor, has map[string]string, onBinding bool) map[string]string {
	out := maps.Clone(has)
	if out == nil {
		out = map[string]string{}
	}
	marks := w.marks
	if w.list && (workspace.Annotated(has) || has[workspace.RoleAnnotation] != "") {
		marks = marksOf(has)
	}
	for _, key := range managed(f) {
		delete(out, key)
	}
	maps.Copy(out, marks)
	was := has[workspace.ExpiresAnnotation]
	old, err := workspace.ParseExpiry(was)
	switch {
	case err != nil && w.keepDate && w.Expires.IsZero(), err == nil && !old.IsZero() && old.Equal(w.Expires):
		out[workspace.ExpiresAnnotation] = was
	case !w.Expires.IsZero():
		out[workspace.ExpiresAnnotation] = w.Expires.UTC().Format(time.RFC3339)
	}
	if onBinding && f == workspace.Kubeflow {
		delete(out, workspace.HTTPAnnotation)
		if w.NoHTTP && (w.token || kubeflow.PolicySpec(w.Subject, kubeflow.Config{}) != nil) {
			out[workspace.HTTPAnnotation] = "false"
		}
	}
	return out
}

// marksOf returns what annotations say about whose objects they are on.
func marksOf(annotations map[string]string) map[string]string {
	out := map[string]string{}
	for _, key := range managed(workspace.Kubeflow) {
		if value, ok := annotations[key]; ok && key != workspace.ExpiresAnnotation {
			out[key] = value
		}
	}
	return out
}

// asToken makes the grant one for the name in a service account's token, as kfam writes it.
func (w *wanted) asToken(r *room, admitted bool) {
	user := rbac.Subject{Kind: rbacv1.UserKind, Name: w.Subject.UserName()}
	w.token, w.subject, w.marks = true, user.RBAC(), kubeflow.PairAnnotations(user, word(w.Grant))
	if w.Name == "" && w.ref.Kind != "Role" {
		w.name = kubeflow.PairName(user, word(w.Grant))
	}
	if admitted && r.meshed() && !w.NoHTTP {
		w.spec = kubeflow.UserPolicySpec(user.Name, r.config)
	}
}

// isToken reports whether a member is a service account that kfam takes for a user.
func isToken(m *workspace.Member) bool {
	return m.Subject.Kind == rbacv1.ServiceAccountKind && m.Binding != nil && !shared(m) &&
		m.Binding.Subjects[0].Kind == rbacv1.UserKind && workspace.Annotated(m.Binding.Annotations)
}

// metadata puts on a new object what people have put on the one that it goes on from.
func (w *wanted) metadata(f workspace.Flavor, o, from metav1.Object, onBinding bool) {
	annotations := maps.Clone(from.GetAnnotations())
	delete(annotations, corev1.LastAppliedConfigAnnotation)
	for _, key := range []string{workspace.RoleAnnotation, kubeflow.UserAnnotation, kubeflow.GroupAnnotation, workspace.ExpiresAnnotation} {
		delete(annotations, key)
	}
	o.SetAnnotations(w.annotations(f, annotations, onBinding))
	if labels := from.GetLabels(); len(labels) > 0 {
		o.SetLabels(maps.Clone(labels))
	}
}

// plain reports whether the grant fits into a binding that others share: nothing on it is the subject's alone. To a list, it
// does as well when what the binding says of all of them is what the list says of this one, and to a grant that goes on
// as before.
func (w *wanted) plain(b *rbacv1.RoleBinding) bool {
	date, closed := b.Annotations[workspace.ExpiresAnnotation], b.Annotations[workspace.HTTPAnnotation] == "false"
	// A date that can't be read is none.
	end, _ := workspace.ParseExpiry(date)
	switch {
	case w.list:
		return end.Equal(w.Expires) && (w.NoHTTP || !closed)
	case w.keepDate:
		return end.Equal(w.Expires) && w.NoHTTP == closed
	}
	return w.Expires.IsZero() && date == "" && w.NoHTTP == closed
}

// binding returns a new role binding of the grant.
func (w *wanted) binding(f workspace.Flavor) *rbacv1.RoleBinding {
	b := &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: w.Workspace, Name: w.name, Annotations: w.annotations(f, nil, true),
		},
		RoleRef:  w.ref,
		Subjects: []rbacv1.Subject{w.subject},
	}
	if w.like != nil && w.like.Binding != nil {
		w.metadata(f, b, w.like.Binding, true)
	}
	return b
}

// policy returns a new policy of the grant.
func (w *wanted) policy(name string) *unstructured.Unstructured {
	out := &unstructured.Unstructured{Object: map[string]any{"spec": w.spec}}
	out.SetGroupVersionKind(kubeflow.PolicyKind)
	out.SetNamespace(w.Workspace)
	out.SetName(name)
	out.SetAnnotations(w.annotations(workspace.Kubeflow, nil, false))
	if w.like != nil && w.like.Policy != nil {
		w.metadata(workspace.Kubeflow, out, w.like.Policy, false)
	}
	return out
}
