package workspace

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// patience is how long a deletion may take before it counts as stuck: emptying a namespace takes minutes at most.
const patience = 10 * time.Minute

// status computes how a workspace is. Kubeflow stores no conditions (the controller writes them with an update that the
// status subresource drops), so the objects themselves have to tell.
func (s *State) status(w *Workspace) Status {
	switch w.Flavor {
	case Native:
		return s.nativeStatus(w)
	case Kalm:
		return s.kalmStatus(w)
	case Kubeflow:
	}
	switch {
	case w.Profile == nil && len(s.Inventory.Missing(inventory.Profiles)) == 0 && s.Inventory.Served[inventory.Profiles]:
		return Status{Partial, "there is no profile of this name any more"}
	case w.Profile != nil && w.Profile.GetDeletionTimestamp() != nil:
		return s.terminating(w)
	case w.Namespace == nil && len(s.Inventory.Missing(inventory.Namespaces)) > 0:
		return Status{Unknown, "namespaces cannot be read"}
	case w.Namespace == nil && len(validation.IsDNS1123Label(w.Name)) > 0:
		return Status{Conflict, "the name is no DNS label, so its namespace can never be made"}
	case w.Namespace == nil:
		return Status{Pending, "its namespace has not been made yet"}
	case w.Namespace.Status.Phase == corev1.NamespaceTerminating:
		return Status{Terminating, "its namespace is being deleted"}
	}
	if w.Profile == nil {
		return Status{Unknown, "profiles cannot be read"}
	}
	if s.Inventory.Unmarked(inventory.Namespaces) {
		return Status{Unknown, noOwnerRead}
	}
	if why := conflict(w); why != "" {
		return Status{Conflict, why}
	}
	missing := s.missing(w)
	switch {
	case len(missing) == 0:
		return Status{Phase: Ready}
	case !slices.Contains(w.Profile.GetFinalizers(), kubeflow.Finalizer):
		// The controller adds its finalizer at the end of its first complete round.
		return Status{Pending, "not made yet: " + strings.Join(missing, ", ")}
	}
	return Status{Partial, "missing or wrong: " + strings.Join(missing, ", ")}
}

// noOwnerRead is why nothing is said about a workspace whose namespace came without its annotations.
const noOwnerRead = "the annotation that names its owner was not read"

// conflict says why the controller leaves the profile alone: it compares the annotation of the namespace with the name
// of the owner, and nothing else.
func conflict(w *Workspace) string {
	owner := ""
	if p, err := kubeflow.ReadProfile(w.Profile); err == nil {
		owner = p.Owner.Name
	}
	annotation, ok := w.Namespace.Annotations[kubeflow.OwnerAnnotation]
	switch {
	case !ok:
		return "a namespace of this name was there before, and is not owned: the controller leaves it alone"
	case annotation != owner:
		return fmt.Sprintf("its namespace belongs to %s, not to %s: the controller leaves it alone", quoted(annotation), quoted(owner))
	}
	return ""
}

func quoted(name string) string {
	if name == "" {
		return "nobody"
	}
	return name
}

func (s *State) terminating(w *Workspace) Status {
	if w.Namespace != nil && !s.Inventory.Unmarked(inventory.Namespaces) && conflict(w) != "" &&
		slices.Contains(w.Profile.GetFinalizers(), kubeflow.Finalizer) {
		return Status{Stuck, "it is being deleted, but " + conflict(w)}
	}
	since := w.Profile.GetDeletionTimestamp().Time
	if !s.Now.IsZero() && s.Now.Sub(since) > patience && len(w.Profile.GetFinalizers()) > 0 {
		return Status{Stuck, fmt.Sprintf("it is being deleted since %s; it waits for %s",
			since.UTC().Format(time.RFC3339), strings.Join(w.Profile.GetFinalizers(), ", "))}
	}
	return Status{Terminating, "it is being deleted"}
}

// missing names what the controller makes and is not there, or not right, of the kinds that were read.
func (s *State) missing(w *Workspace) []string {
	var (
		out   []string
		index = s.byNamespace()
	)
	if s.wasRead(inventory.RoleBindings, w.Name) {
		for _, name := range []string{kubeflow.EditorAccount, kubeflow.ViewerAccount, kubeflow.OwnerBinding} {
			if index.binding(w.Name, name) == nil {
				out = append(out, "rolebinding "+name)
			}
		}
		if b := index.owner(w.Name); b != nil && !names(b, w.Owner) {
			out = append(out, fmt.Sprintf("rolebinding %s (does not name %s)", kubeflow.OwnerBinding, w.Owner))
		}
	}
	if s.Istio && s.wasRead(inventory.Policies, w.Name) && index.policy(w.Name, kubeflow.OwnerPolicy) == nil {
		out = append(out, "authorizationpolicy "+kubeflow.OwnerPolicy)
	}
	if s.wasRead(inventory.ServiceAccounts, w.Name) {
		for _, name := range []string{kubeflow.EditorAccount, kubeflow.ViewerAccount} {
			if !slices.ContainsFunc(index.accounts[w.Name], func(a *corev1.ServiceAccount) bool { return a.Name == name }) {
				out = append(out, "serviceaccount "+name)
			}
		}
	}
	if s.wasRead(inventory.Quotas, w.Name) {
		if p, err := kubeflow.ReadProfile(w.Profile); err == nil && len(p.Quota.Hard) > 0 &&
			!slices.ContainsFunc(w.Quotas, func(q *corev1.ResourceQuota) bool { return q.Name == kubeflow.Quota }) {
			out = append(out, "resourcequota "+kubeflow.Quota)
		}
	}
	return out
}

// wasRead reports whether a kind was asked for, and read in a namespace.
func (s *State) wasRead(kind inventory.Kind, namespace string) bool {
	return s.Inventory.Served[kind] && !s.Unread(kind, namespace)
}

// Unread reports whether objects of a kind in a namespace may be missing. Who may not list a kind everywhere has read his
// own namespace all the same.
func (s *State) Unread(kind inventory.Kind, namespace string) bool {
	return slices.ContainsFunc(s.Inventory.Missing(kind), func(gap rbac.Gap) bool { return gap.Concerns(namespace) })
}

func names(b *rbacv1.RoleBinding, who rbac.Subject) bool {
	return slices.ContainsFunc(b.Subjects, func(subject rbacv1.Subject) bool {
		found, ok := rbac.NewSubject(subject, b.Namespace)
		return ok && found == who
	})
}

// namespaceEnding is how a workspace is whose namespace is being deleted, where nothing else is in the way.
func (s *State) namespaceEnding(w *Workspace) Status {
	if since := w.Namespace.DeletionTimestamp; since != nil && !s.Now.IsZero() && s.Now.Sub(since.Time) > patience {
		return Status{Stuck, "it is being deleted since " + since.UTC().Format(time.RFC3339)}
	}
	return Status{Terminating, "it is being deleted"}
}

func (s *State) nativeStatus(w *Workspace) Status {
	switch {
	case w.Namespace == nil:
		return Status{Unknown, "its namespace cannot be read"}
	case w.Namespace.DeletionTimestamp != nil, w.Namespace.Status.Phase == corev1.NamespaceTerminating:
		return s.namespaceEnding(w)
	case !s.wasRead(inventory.RoleBindings, w.Name):
		return Status{Unknown, "role bindings cannot be read"}
	case s.Inventory.Unmarked(inventory.Namespaces):
		return Status{Unknown, noOwnerRead}
	}
	b := s.byNamespace().binding(w.Name, OwnerBinding)
	owned := slices.ContainsFunc(w.Members, func(m Member) bool { return m.How == ByOwnership && m.Subject == w.Owner })
	switch {
	case w.Owner == (rbac.Subject{}):
		return Status{Partial, "it has no owner"}
	case b == nil && !owned:
		return Status{Partial, fmt.Sprintf("its owner %s does not hold the role %s", w.Owner, Owner.ClusterRole(Native))}
	case b != nil && !names(b, w.Owner):
		return Status{Partial, fmt.Sprintf("missing or wrong: rolebinding %s (does not name %s)", OwnerBinding, w.Owner)}
	}
	return Status{Phase: Ready}
}
