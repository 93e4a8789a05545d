package contrib

import (
	"maps"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// wanted is a grant in the words of its workspace's flavor.
type wanted struct {
	Grant
	ref rbacv1.RoleRef
	// name is that of new objects.
	name string
	// marks are the annotations of both objects, but for the expiry.
	marks map[string]string
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
	w := wanted{Grant: g, ref: rbacv1.RoleRef{
		APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: g.Role.ClusterRole(r.flavor),
	}}
	if g.RoleRef != nil {
		w.ref.Kind, w.ref.Name = g.RoleRef.Kind, g.RoleRef.Name
	}
	if r.flavor == workspace.Native {
		native := NativeBinding(r.name, g.Subject, w.ref)
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
		return strings.TrimSuffix(kubeflow.PairName(g.Subject, ""), "clusterrole-") + "role-" + slug(ref.Name)
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
	if f == workspace.Native {
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
	for _, key := range managed(f) {
		delete(out, key)
	}
	maps.Copy(out, w.marks)
	if !w.Expires.IsZero() {
		out[workspace.ExpiresAnnotation] = w.Expires.UTC().Format(time.RFC3339)
		if old, err := time.Parse(time.RFC3339, has[workspace.ExpiresAnnotation]); err == nil && old.Equal(w.Expires) {
			out[workspace.ExpiresAnnotation] = has[workspace.ExpiresAnnotation]
		}
	}
	if onBinding && f == workspace.Kubeflow {
		delete(out, workspace.HTTPAnnotation)
		if w.NoHTTP && kubeflow.PolicySpec(w.Subject, kubeflow.Config{}) != nil {
			out[workspace.HTTPAnnotation] = "false"
		}
	}
	return out
}

// plain reports whether the grant fits into a binding that others share: nothing on it is the subject's alone.
func (w *wanted) plain(b *rbacv1.RoleBinding) bool {
	return w.Expires.IsZero() && b.Annotations[workspace.ExpiresAnnotation] == "" &&
		w.NoHTTP == (b.Annotations[workspace.HTTPAnnotation] == "false")
}

// binding returns a new role binding of the grant.
func (w *wanted) binding(f workspace.Flavor) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: w.Workspace, Name: w.name, Annotations: w.annotations(f, nil, true),
		},
		RoleRef:  w.ref,
		Subjects: []rbacv1.Subject{w.Subject.RBAC()},
	}
}
