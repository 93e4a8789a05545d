package contrib

import (
	"slices"
	"strings"

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
	mesh   bool
	config kubeflow.Config
	// gatewayUnknown says that policies should name the gateway, and nothing tells what it is called here; headerUnknown
	// that nothing tells by which header and prefix users are recognised.
	gatewayUnknown, headerUnknown bool
	bindings                      []*rbacv1.RoleBinding
	// policies are those that let requests in: others are nobody's pair.
	policies []*unstructured.Unstructured
	// The same by name, and who is in them: the subjects of bindings, the users whom each policy lets in, how many
	// policies let a user in, and the policies that are about a subject (see isAbout).
	bindingOf map[string]*rbacv1.RoleBinding
	policyOf  map[string]*unstructured.Unstructured
	held      map[rbac.Subject]bool
	users     map[*unstructured.Unstructured][]string
	letIn     map[string]int
	about     map[rbac.Subject][]*unstructured.Unstructured
	// pairs are the role bindings of contributors by the user.
	pairs map[string][]*rbacv1.RoleBinding
	// sure says which users each policy lets in, all the way, and safe in how many policies a user is that no fix so far
	// takes away from him.
	sure map[*unstructured.Unstructured]map[string]bool
	safe map[string]int
	// given and givenPolicy are the names that fixes give to new role bindings, and to new policies, those by the role
	// binding that each goes with, and the policy that it was before.
	given       map[string]claim
	givenPolicy map[string]string
	// busy are the policies that go, or are changed, because a grant has ended, or because they are a group's.
	busy map[*unstructured.Unstructured]bool
	// worked are the policies that a fix takes somebody out of: another one would do it otherwise.
	worked map[*unstructured.Unstructured]bool
	// going are role bindings that a fix removes, so that nothing else about them is worth a word.
	going    map[*rbacv1.RoleBinding]bool
	findings []finding.Finding
}

func newPlace(s *workspace.State, w *workspace.Workspace, busy map[string]bool) *place {
	p := &place{
		state: s, name: w.Name, owner: w.Owner, mesh: s.Istio && read(s, inventory.Policies, w.Name),
		config: s.ConfigFor(w.Name), bindings: s.Bindings(w.Name),
		bindingOf: map[string]*rbacv1.RoleBinding{}, policyOf: map[string]*unstructured.Unstructured{},
		held: map[rbac.Subject]bool{}, users: map[*unstructured.Unstructured][]string{}, letIn: map[string]int{},
		about: map[rbac.Subject][]*unstructured.Unstructured{}, going: map[*rbacv1.RoleBinding]bool{},
		pairs: map[string][]*rbacv1.RoleBinding{}, sure: map[*unstructured.Unstructured]map[string]bool{}, safe: map[string]int{},
		given: map[string]claim{}, givenPolicy: map[string]string{}, busy: map[*unstructured.Unstructured]bool{},
		worked: map[*unstructured.Unstructured]bool{},
	}
	// The owner's policy may never have been renewed. Nothing says that principals are not wanted then, but which?
	p.gatewayUnknown = !s.Pinned && len(p.config.GatewayPrincipals) == 0
	p.headerUnknown = !s.Pinned && p.config.Source == kubeflow.DefaultConfig().Source
	for _, b := range p.bindings {
		p.bindingOf[b.Name] = b
		p.going[b] = p.isOver(b)
		if name, ok := contributor(b); ok {
			p.pairs[name] = append(p.pairs[name], b)
		}
		for _, subject := range b.Subjects {
			if who, ok := rbac.NewSubject(subject, b.Namespace); ok {
				p.held[who] = true
			}
		}
	}
	if p.mesh {
		for _, o := range s.Policies(w.Name) {
			p.policyOf[o.GetName()] = o
			if kubeflow.LetsIn(o) {
				p.policies = append(p.policies, o)
				p.addPolicy(o, busy["AuthorizationPolicy/"+w.Name+"/"+o.GetName()])
			}
		}
	}
	return p
}

func (p *place) addPolicy(o *unstructured.Unstructured, busy bool) {
	users := p.usersOf(o)
	p.users[o], p.busy[o], p.sure[o] = users, busy, map[string]bool{}
	for _, name := range users {
		p.letIn[name]++
		// The owner's policy is the owner's: whoever else it lets in, the controller, or another fix, takes out.
		owned := o.GetName() == kubeflow.OwnerPolicy && name != p.owner.Name
		if !busy && !owned && (p.gatewayUnknown || p.headerUnknown || kubeflow.PolicyAdmits(o, name, p.config)) {
			p.sure[o][name] = true
			p.safe[name]++
		}
	}
	subjects := []rbac.Subject{annotatedAs(o)}
	if len(users) == 1 && user(users[0]) != subjects[0] {
		subjects = append(subjects, user(users[0]))
	}
	for _, who := range subjects {
		p.about[who] = append(p.about[who], o)
	}
}

// usersOf returns whom a policy lets in. Where it is not known how users are recognised, any header will do, and any
// prefix before the name that the annotation has.
func (p *place) usersOf(o *unstructured.Unstructured) []string {
	if !p.headerUnknown {
		return kubeflow.PolicyUsers(o, p.config)
	}
	users := kubeflow.PolicyUsers(o, kubeflow.Config{})
	name := annotatedAs(o).Name
	for i, value := range users {
		if before, ok := strings.CutSuffix(value, name); ok && name != "" && strings.ContainsAny(before[max(0, len(before)-1):], ":/|#") {
			users[i] = name
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
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
