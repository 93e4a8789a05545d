package queue

import (
	"errors"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// places returns the namespaces of a grant, sorted, when work gets from each of them into the queue, and notes what may
// still keep it from that. What can't be read is noted, and does not stand in the way.
func (d *granting) places(g *Grant) ([]string, error) {
	names := slices.Clone(g.Namespaces)
	slices.Sort(names)
	names = slices.Compact(names)
	q := d.state.Queue(g.Queue)
	unread := d.unread()
	if q == nil {
		if len(unread) == 0 {
			return nil, unknownQueue(d.state, g.Queue)
		}
		if len(names) == 0 {
			return nil, workspace.Refuse("name them with --namespaces; or "+gapHint(unread[0]),
				"give rights in the namespaces of queue %s: which they are can't be read (%s)", g.Queue, unread[0].What)
		}
		q = &Queue{Name: g.Queue}
	}
	if q.unclear {
		return nil, workspace.Refuse("kubectl queueaccess check says more",
			"give rights for queue %s: its namespaces in the KaiwoQueueConfig are no list of names", q.Name)
	}
	named := len(names) > 0
	if !named {
		names = q.Namespaces()
	}
	switch {
	case len(names) > 0:
	case q.Open():
		return nil, workspace.Refuse("name those that are meant with --namespaces",
			"give rights in the namespaces of queue %s: it is open, and so for all namespaces", q.Name)
	default:
		return nil, workspace.Refuse("name those that are meant with --namespaces",
			"give rights in the namespaces of queue %s: it has none, since no LocalQueue leads to it", q.Name)
	}
	if len(unread) > 0 {
		d.note("whether queue %s is for %s is not known for sure: %s can't be read", q.Name, listed(names), unread[0].What)
	}
	var errs []error
	var good []string
	for _, name := range names {
		if reason := d.obstacle(q, name, len(unread) == 0); reason != "" {
			errs = append(errs, workspace.Refuse("", "give rights in %s: %s", name, reason))
			continue
		}
		good = append(good, name)
	}
	switch {
	case len(errs) == 0:
		if d.state.plain(q) {
			if err := d.chooseKinds(g); err != nil {
				return nil, err
			}
		}
		for _, name := range names {
			d.notePlace(q, name)
		}
		return names, nil
	case len(good) > 0:
		return nil, workspace.Refuse("--namespaces "+strings.Join(good, ",")+" leaves out the others; kubectl queueaccess check says what helps them",
			"%w", errors.Join(errs...))
	}
	return nil, workspace.Refuse("kubectl queueaccess check says what helps", "%w", errors.Join(errs...))
}

// unread returns what could not be read of queues.
func (d *granting) unread() []rbac.Gap {
	inv := d.state.Inventory
	return slices.Concat(inv.Missing(inventory.QueueConfigs), inv.Missing(inventory.ClusterQueues))
}

// obstacle says why work does not get from a namespace into a queue, however many rights there are; empty when it does, as
// far as that is known. Without queues nothing is known of queues.
func (d *granting) obstacle(q *Queue, namespace string, queues bool) string {
	s := d.state
	p := s.Place(q, namespace)
	switch {
	case p.Missing:
		return "there is no such namespace"
	case p.Terminating:
		return "the namespace is being deleted"
	case !queues:
		return ""
	case q.Kaiwo && !q.Open() && !p.Listed:
		return "queue " + q.Name + " does not list it, so that Kaiwo refuses what is submitted there"
	case !s.made(q) || p.Eligible:
		return ""
	case q.selector == nil:
		return "queue " + q.Name + " has no namespaceSelector, so that it admits work from nowhere"
	case s.Namespace(namespace) == nil:
		d.note("whether the namespaceSelector of queue %s finds %s is not known: the labels of the namespace can't be read", q.Name, namespace)
		return ""
	}
	return "the namespaceSelector of queue " + q.Name + " passes it over, so that nothing is admitted from there"
}

// notePlace says what may keep work from getting from a namespace into a queue, and can be repaired.
func (d *granting) notePlace(q *Queue, namespace string) {
	const helps = ": kubectl queueaccess check says what helps"
	s := d.state
	p := s.Place(q, namespace)
	switch {
	case p.Namesake != "":
		d.note("the LocalQueue %s in %s leads to queue %s%s", q.Name, namespace, p.Namesake, helps)
	case len(s.Inventory.Missing(inventory.LocalQueues)) > 0, q.Open(), len(p.Locals) > 0:
	default:
		d.note("there is no LocalQueue in %s that leads to queue %s, so that work there waits for ever%s", namespace, q.Name, helps)
	}
	if !p.Managed {
		d.note("Kueue does not manage %s, whose labels its configuration passes over%s", namespace, helps)
	}
}

// chooseKinds has a grant for a queue that is none of Kaiwo's give what that takes.
func (d *granting) chooseKinds(g *Grant) error {
	if g.kinds = d.state.takenKinds(); len(g.kinds) == 0 {
		return workspace.Refuse("integrations.frameworks of its configuration names them",
			"give rights for queue %s: Kueue takes no kind of work that the cluster serves", g.Queue)
	}
	text := "queue %s is none of Kaiwo's: the rights are those to what Kueue takes (%s)"
	if _, told, _ := d.state.Kueue(); !told {
		text += ", as far as that is known without its configuration"
	}
	d.note(text, g.Queue, listed(g.kinds))
	return nil
}

// unknownQueue says that there is no queue of that name, and what was probably meant.
func unknownQueue(s *State, name string) error {
	names := make([]string, 0, len(s.queues))
	for i := range s.queues {
		names = append(names, s.queues[i].Name)
	}
	next := "kubectl queueaccess list shows those that there are"
	if like := rbac.Nearest(name, names); len(like) > 0 {
		next = "did you mean " + like[0] + "?"
	}
	return workspace.Refuse(next, "find queue %s: there is none of that name", name)
}

// gapHint says which rule would close a gap.
func gapHint(gap rbac.Gap) string {
	if gap.Missing == nil {
		return "what could not be read has to be readable"
	}
	return "it takes the rule " + rbac.RuleText(gap.Missing)
}

// noteSubject says what is to know about who is given something: that there is no such service account.
func (d *granting) noteSubject(subject rbac.Subject) {
	inv := d.state.Inventory
	if subject.Kind != rbacv1.ServiceAccountKind || subject.Name == "default" || !inv.Served[inventory.ServiceAccounts] ||
		d.unseen(inventory.ServiceAccounts, subject.Namespace) || !inv.Live && len(inv.ServiceAccounts) == 0 {
		return
	}
	if !slices.ContainsFunc(inv.ServiceAccounts, func(a *corev1.ServiceAccount) bool { return a.Namespace == subject.Namespace && a.Name == subject.Name }) {
		d.note("there is no service account %s in %s: whoever makes one of that name gets the rights", subject.Name, subject.Namespace)
	}
}

// Everybody says who is meant by a subject that is none in particular, as a sentence; empty for any other.
func Everybody(subject rbac.Subject) string {
	const all = rbac.GroupServiceAccounts
	switch {
	case subject == rbac.User(rbac.UserAnonymous), subject == rbac.Group(rbac.GroupUnauthenticated):
		return Label(subject) + " is whoever reaches the API server, without any login"
	case subject == rbac.Group(rbac.GroupAuthenticated):
		return Label(subject) + " is everybody who can log in, every service account among them"
	case subject == rbac.Group(all):
		return Label(subject) + " is every service account of the cluster"
	case subject.Kind == rbacv1.GroupKind && strings.HasPrefix(subject.Name, all+":"):
		return Label(subject) + " is every service account of namespace " + strings.TrimPrefix(subject.Name, all+":")
	}
	return ""
}
