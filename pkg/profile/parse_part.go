package profile

import (
	"slices"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// subjects reads the subjects of a role binding. Kinds that mean nobody are left out, as the API server does.
func (f *file) subjects(n *yaml.Node) []rbac.Subject {
	var out []rbac.Subject
	for _, item := range f.List(n, "subjects") {
		var subject rbacv1.Subject
		f.Mapping(item, "subject",
			document.Key("apiGroup", nil),
			document.Key("kind", f.Text("kind", &subject.Kind)),
			document.Key("name", f.Text("name", &subject.Name)),
			document.Key("namespace", f.Text("namespace", &subject.Namespace)),
		)
		if who, ok := rbac.NewSubject(subject, ""); ok {
			out = append(out, who)
		}
	}
	return out
}

// isAccount reports whether the object is one of a service account that a workspace can have.
func (p *part) isAccount() bool {
	return (p.kind == rbacv1.ServiceAccountKind || p.kind == "RoleBinding") &&
		slices.ContainsFunc(accounts(), func(a account) bool { return a.name == p.name })
}

// isMembers reports whether the object says that it is a member's: the same that package contrib takes for a proof.
func (p *part) isMembers() bool {
	switch p.kind {
	case "RoleBinding":
		return p.annotations[workspace.RoleAnnotation] != "" || workspace.Annotated(p.annotations)
	case "AuthorizationPolicy":
		return workspace.Annotated(p.annotations)
	}
	return false
}

// isOwners reports whether the object is a role binding that somebody made by hand for the owner.
func (p *part) isOwners(owner rbac.Subject) bool {
	return p.kind == "RoleBinding" && workspace.RoleOf(p.role) == workspace.Owner && slices.Contains(p.subjects, owner)
}
