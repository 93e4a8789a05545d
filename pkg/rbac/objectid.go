package rbac

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// ObjectID names one Role, ClusterRole, RoleBinding or ClusterRoleBinding. It is comparable.
type ObjectID struct {
	// Kind is one of those four, as manifests write it.
	Kind string `json:"kind"`
	// Namespace is empty for ClusterRoles and ClusterRoleBindings.
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
}

// ID returns the role's.
func (r *Role) ID() ObjectID {
	if r.Namespace == "" {
		return ObjectID{Kind: "ClusterRole", Name: r.Name}
	}
	return ObjectID{Kind: "Role", Namespace: r.Namespace, Name: r.Name}
}

// ID returns the binding's.
func (b *Binding) ID() ObjectID {
	if b.Namespace == "" {
		return ObjectID{Kind: "ClusterRoleBinding", Name: b.Name}
	}
	return ObjectID{Kind: "RoleBinding", Namespace: b.Namespace, Name: b.Name}
}

// ParseObjectID reads an object as people write it: "rolebinding/NAMESPACE/NAME", "role/NAMESPACE/NAME",
// "clusterrole/NAME", "clusterrolebinding/NAME". The kind may be a plural, and in any case. The namespace may be left
// out when one is given beside it.
func ParseObjectID(text, namespace string) (ObjectID, error) {
	kind, rest, _ := strings.Cut(text, "/")
	id, ok := ObjectID{}, false
	if id.Kind, ok = objectKind(kind); !ok {
		return ObjectID{}, fmt.Errorf("parse object %q: want rolebinding/NAMESPACE/NAME, role/NAMESPACE/NAME, "+
			"clusterrolebinding/NAME or clusterrole/NAME", text)
	}
	parts := strings.Split(rest, "/")
	clusterScoped := strings.HasPrefix(id.Kind, "Cluster")
	switch {
	case slices.Contains(parts, ""):
		return ObjectID{}, fmt.Errorf("parse object %q: a part of it is empty", text)
	case clusterScoped && len(parts) == 1:
		id.Name = parts[0]
	case clusterScoped:
		return ObjectID{}, fmt.Errorf("parse object %q: a %s has no namespace: want %s/NAME", text, id.Kind, strings.ToLower(id.Kind))
	case len(parts) == 2:
		id.Namespace, id.Name = parts[0], parts[1]
	case len(parts) == 1 && namespace != "":
		id.Namespace, id.Name = namespace, parts[0]
	default:
		return ObjectID{}, fmt.Errorf("parse object %q: want %s/NAMESPACE/NAME", text, strings.ToLower(id.Kind))
	}
	return id, nil
}

func objectKind(word string) (string, bool) {
	word, _, _ = strings.Cut(strings.ToLower(word), ".")
	for _, kind := range []string{"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"} {
		if lower := strings.ToLower(kind); word == lower || word == lower+"s" {
			return kind, true
		}
	}
	return "", false
}

// String returns the form that [ParseObjectID] reads back: "rolebinding/dev/alice", "clusterrole/edit".
func (id ObjectID) String() string {
	kind := strings.ToLower(id.Kind)
	if id.Namespace == "" {
		return kind + "/" + id.Name
	}
	return kind + "/" + id.Namespace + "/" + id.Name
}

func compareIDs(a, b ObjectID) int {
	return cmp.Or(strings.Compare(a.Kind, b.Kind), compareNames(a.Namespace, a.Name, b.Namespace, b.Name))
}

// ObjectIDs lists the roles and bindings of the snapshot, sorted.
func (s *Snapshot) ObjectIDs() []ObjectID {
	ids := make([]ObjectID, 0, len(s.Roles)+len(s.Bindings))
	for i := range s.Roles {
		ids = append(ids, s.Roles[i].ID())
	}
	for i := range s.Bindings {
		ids = append(ids, s.Bindings[i].ID())
	}
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids)
}
