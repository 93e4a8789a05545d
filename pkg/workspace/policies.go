package workspace

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// policy is a policy of a namespace, and whom it lets in.
type policy struct {
	object            *unstructured.Unstructured
	name              string
	user, group, role string   // its annotations
	users             []string // whom its conditions let in
	// taken says that it belongs to a binding, or is no contributor's.
	taken bool
}

// subject returns whom the policy is about: whom it lets in, or else whom its annotations name.
func (p *policy) subject() rbac.Subject {
	switch {
	case p.user != "" && (len(p.users) == 0 || slices.Contains(p.users, p.user)):
		return rbac.User(p.user)
	case len(p.users) > 0:
		return rbac.User(p.users[0])
	}
	return rbac.Group(p.group)
}

// policies are those of one namespace.
type policies struct {
	all []*policy
	// about holds the policies by the subjects that they are about, in their order.
	about map[rbac.Subject][]*policy
	// users are those whom policies name; true are those whom one of them lets in.
	users map[string]bool
	// patterns are the policies that name users by a pattern, as Istio allows: "*", "*@example.com".
	patterns []*policy
	config   kubeflow.Config
}

func (s *State) readPolicies(namespace string) *policies {
	objects := s.byNamespace().policies[namespace]
	if len(objects) == 0 {
		return &policies{}
	}
	out := &policies{about: map[rbac.Subject][]*policy{}, users: map[string]bool{}, config: s.ConfigFor(namespace)}
	for _, object := range objects {
		annotations := object.GetAnnotations()
		p := &policy{
			object: object, name: object.GetName(), users: kubeflow.PolicyUsers(object, out.config),
			user: annotations[kubeflow.UserAnnotation], group: annotations[kubeflow.GroupAnnotation],
			role: annotations[kubeflow.RoleAnnotation],
		}
		// Other policies of the namespace, such as those of Kubeflow's own components, are nobody's.
		p.taken = !kubeflow.LetsIn(object) || !Annotated(annotations) && p.name != kubeflow.OwnerPolicy
		out.add(p)
	}
	return out
}

func (ps *policies) add(p *policy) {
	ps.all = append(ps.all, p)
	if slices.ContainsFunc(p.users, isPattern) {
		ps.patterns = append(ps.patterns, p)
	}
	subjects := []rbac.Subject{}
	for _, user := range p.users {
		// One that is for some pods or paths only lets nobody into the whole workspace.
		ps.users[user] = ps.users[user] || kubeflow.PolicyAdmits(p.object, user, ps.config)
		subjects = append(subjects, rbac.User(user))
	}
	if p.user != "" {
		// What a group's name does in this annotation is a mistake of old tools: it is about the group all the same.
		subjects = append(subjects, rbac.User(p.user), rbac.Group(p.user))
	}
	if p.group != "" {
		subjects = append(subjects, rbac.Group(p.group))
	}
	for _, group := range kubeflow.PolicyGroups(p.object) {
		subjects = append(subjects, rbac.Group(group))
	}
	slices.SortFunc(subjects, rbac.CompareSubjects)
	for _, subject := range slices.Compact(subjects) {
		ps.about[subject] = append(ps.about[subject], p)
	}
}

// take returns the first free policy about the member that belongs to it, and marks it as taken.
func (ps *policies) take(m *Member, belongs func(*Member, *policy) bool) *unstructured.Unstructured {
	for _, p := range ps.about[m.Subject] {
		if !p.taken && belongs(m, p) {
			p.taken = true
			return p.object
		}
	}
	return nil
}

// rest returns the policies of contributors that no binding has taken.
func (ps *policies) rest() []*policy {
	var out []*policy
	for _, p := range ps.all {
		if !p.taken && p.name != kubeflow.OwnerPolicy {
			out = append(out, p)
		}
	}
	return out
}

// admits reports whether a policy lets the member in: a user by the header, a group by the policy that is its own.
func (ps *policies) admits(m *Member) bool {
	if m.Subject.Kind == rbacv1.GroupKind {
		return m.Policy != nil
	}
	user := m.Subject.UserName()
	return ps.users[user] || slices.ContainsFunc(ps.patterns, func(p *policy) bool {
		return kubeflow.PolicyAdmits(p.object, user, ps.config)
	})
}

// isPattern reports whether Istio reads a value as a pattern: it does so with a star at either end.
func isPattern(value string) bool {
	return strings.HasPrefix(value, "*") || strings.HasSuffix(value, "*")
}

// sameName holds for the pair that Kubeflow writes: one name for both, but for the owner's.
func sameName(m *Member, p *policy) bool {
	if m.Binding.Name == kubeflow.OwnerBinding {
		return p.name == kubeflow.OwnerPolicy
	}
	return p.name == m.Binding.Name
}

// sameRole holds for a pair whose two names differ, as those of other tools do.
func sameRole(m *Member, p *policy) bool {
	return sameSubject(m, p) && (p.role == m.Binding.Annotations[kubeflow.RoleAnnotation] || p.role == m.Role.Short())
}

// sameSubject holds for what is left: a policy of the subject whose role says something else.
func sameSubject(m *Member, p *policy) bool {
	return p.name != kubeflow.OwnerPolicy && m.Binding.Name != kubeflow.OwnerBinding &&
		(Annotated(m.Binding.Annotations) || m.Role != "")
}
