package contrib

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// place is a Kubeflow workspace that is being judged.
type place struct {
	state *workspace.State
	name  string
	owner rbac.Subject
	// mesh says that policies are expected, and were read.
	mesh     bool
	config   kubeflow.Config
	bindings []*rbacv1.RoleBinding
	policies []*unstructured.Unstructured
	// The same by name, and who is in them: the subjects of bindings, the users whom each policy lets in, how many
	// policies let a user in, and the policies that are about a subject (see isAbout).
	bindingOf map[string]*rbacv1.RoleBinding
	policyOf  map[string]*unstructured.Unstructured
	held      map[rbac.Subject]bool
	users     map[*unstructured.Unstructured][]string
	letIn     map[string]int
	about     map[rbac.Subject][]*unstructured.Unstructured
	// going are role bindings that a fix removes, so that nothing else about them is worth a word.
	going    map[*rbacv1.RoleBinding]bool
	findings []finding.Finding
}

func newPlace(s *workspace.State, w *workspace.Workspace) *place {
	p := &place{
		state: s, name: w.Name, owner: w.Owner, mesh: s.Istio && read(s, inventory.Policies, w.Name),
		config: s.ConfigFor(w.Name), bindings: s.Bindings(w.Name),
		bindingOf: map[string]*rbacv1.RoleBinding{}, policyOf: map[string]*unstructured.Unstructured{},
		held: map[rbac.Subject]bool{}, users: map[*unstructured.Unstructured][]string{}, letIn: map[string]int{},
		about: map[rbac.Subject][]*unstructured.Unstructured{}, going: map[*rbacv1.RoleBinding]bool{},
	}
	if !s.Pinned && len(p.config.GatewayPrincipals) == 0 {
		// The owner's policy is of a release without principals, or was never renewed. Nothing says that they are not wanted.
		p.config.GatewayPrincipals = kubeflow.DefaultConfig().GatewayPrincipals
	}
	for _, b := range p.bindings {
		p.bindingOf[b.Name] = b
		p.going[b] = p.isOver(b)
		for _, subject := range b.Subjects {
			if who, ok := rbac.NewSubject(subject, b.Namespace); ok {
				p.held[who] = true
			}
		}
	}
	if p.mesh {
		p.policies = s.Policies(w.Name)
	}
	for _, o := range p.policies {
		p.addPolicy(o)
	}
	return p
}

func (p *place) addPolicy(o *unstructured.Unstructured) {
	users := kubeflow.PolicyUsers(o, p.config)
	p.policyOf[o.GetName()], p.users[o] = o, users
	for _, name := range users {
		p.letIn[name]++
	}
	subjects := []rbac.Subject{annotatedAs(o)}
	if len(users) == 1 && user(users[0]) != subjects[0] {
		subjects = append(subjects, user(users[0]))
	}
	for _, who := range subjects {
		p.about[who] = append(p.about[who], o)
	}
}

func (p *place) found(f finding.Finding) { p.findings = append(p.findings, f) }

// isAbout reports whether a policy is a subject's by its annotation, or lets in the subject and nobody else.
func (p *place) isAbout(o *unstructured.Unstructured, who rbac.Subject) bool {
	return slices.Contains(p.about[who], o)
}

// annotatedAs returns whom the annotations of a policy name.
func annotatedAs(o *unstructured.Unstructured) rbac.Subject {
	annotations := o.GetAnnotations()
	if name, ok := annotations[kubeflow.UserAnnotation]; ok {
		return user(name)
	}
	return rbac.Group(annotations[kubeflow.GroupAnnotation])
}

// granted reports whether a role binding of the workspace names the subject. The user name of a service account, as a pair
// may have it, stands for the account.
func (p *place) granted(who rbac.Subject) bool {
	if who.Kind == rbacv1.UserKind {
		who = rbac.User(who.Name)
	}
	return p.held[who]
}

func names(b *rbacv1.RoleBinding, who rbac.Subject) bool {
	return slices.ContainsFunc(b.Subjects, func(subject rbacv1.Subject) bool {
		found, ok := rbac.NewSubject(subject, b.Namespace)
		return ok && found == who
	})
}
