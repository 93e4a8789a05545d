package workspace

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Workspaces returns all workspaces, by name: Kubeflow's profiles, the namespaces that are marked as native ones, and
// those that Kalm takes for applications, where it is known.
// Where profiles could not be read, the namespaces that look like the work of Kubeflow's controller stand for them.
func (s *State) Workspaces() []Workspace {
	names := map[string]bool{}
	for _, profile := range s.Inventory.Profiles {
		names[profile.GetName()] = true
	}
	for _, ns := range s.Inventory.Namespaces {
		if s.isWorkspace(ns) {
			names[ns.Name] = true
		}
	}
	if len(s.Inventory.Missing(inventory.Namespaces)) > 0 {
		// Who may not read namespaces sees them by their owner's binding.
		for _, name := range s.namespaces() {
			if s.byNamespace().owner(name) != nil || s.byNamespace().binding(name, OwnerBinding) != nil {
				names[name] = true
			}
		}
	}
	out := make([]Workspace, 0, len(names))
	for name := range names {
		out = append(out, s.read(name))
	}
	slices.SortFunc(out, func(a, b Workspace) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Workspace returns the workspace of that name; the second result is false when there is none.
func (s *State) Workspace(name string) (Workspace, bool) {
	ns := s.Namespace(name)
	switch {
	case s.Profile(name) != nil, ns != nil && s.isWorkspace(ns):
		return s.read(name), true
	case ns == nil && (s.byNamespace().owner(name) != nil || s.byNamespace().binding(name, OwnerBinding) != nil):
		return s.read(name), true
	}
	return Workspace{}, false
}

// isWorkspace reports whether a namespace without a profile that we know of is a workspace.
func (s *State) isWorkspace(ns *corev1.Namespace) bool {
	if ns.Labels[Label] == "true" || IsKalm(ns) && s.FlavorOf(ns.Name) == Kalm {
		return true
	}
	return len(s.Inventory.Missing(inventory.Profiles)) > 0 && ns.Annotations[kubeflow.OwnerAnnotation] != "" &&
		ns.Labels[kubeflow.PartOfLabel] == kubeflow.PartOfProfile
}

func (s *State) read(name string) Workspace {
	w := Workspace{
		Name: name, Flavor: s.FlavorOf(name), Profile: s.Profile(name), Namespace: s.Namespace(name),
		Members: s.Members(name), Quotas: s.byNamespace().quotas[name],
	}
	switch {
	case w.Profile != nil:
		w.Created = w.Profile.GetCreationTimestamp().Time
	case w.Namespace != nil:
		w.Created = w.Namespace.CreationTimestamp.Time
	}
	w.Owner = s.ownerOf(&w)
	w.Status = s.status(&w)
	return w
}

// ownerOf returns the owner by what decides: the profile's spec, the native annotation, else the owner's binding.
func (s *State) ownerOf(w *Workspace) rbac.Subject {
	if w.Profile != nil {
		return ProfileOwner(w.Profile)
	}
	if w.Flavor != Kubeflow && w.Namespace != nil {
		if owner, err := rbac.ParseSubject(w.Namespace.Annotations[OwnerAnnotation]); err == nil {
			return owner
		}
	}
	if w.Flavor == Kalm {
		return s.kalmOwner(w)
	}
	for _, m := range w.Members {
		if m.How == ByOwnership {
			return m.Subject
		}
	}
	if w.Flavor == Kubeflow && w.Namespace != nil && w.Namespace.Annotations[kubeflow.OwnerAnnotation] != "" {
		return rbac.User(w.Namespace.Annotations[kubeflow.OwnerAnnotation])
	}
	return rbac.Subject{}
}

// ProfileOwner returns spec.owner of a Kubeflow profile; the zero subject when there is none.
func ProfileOwner(profile *unstructured.Unstructured) rbac.Subject {
	p, err := kubeflow.ReadProfile(profile)
	if err != nil || p.Owner.Name == "" {
		return rbac.Subject{}
	}
	owner, ok := rbac.NewSubject(p.Owner, profile.GetName())
	if !ok {
		// The controller binds the subject as it is; the API server knows no other kinds, and neither do we.
		return rbac.User(p.Owner.Name)
	}
	return owner
}
