package queue

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Place is what a queue finds in a namespace.
type Place struct {
	Namespace string
	// Missing says that there is no such namespace, though all are known; Terminating, that it is being deleted.
	Missing, Terminating bool
	// Listed says that Kaiwo has the queue for this namespace by name; an open queue lists none.
	Listed bool
	// Eligible says that the queue's selector finds it, so that Kueue admits work from it.
	Eligible bool
	// Managed says that Kueue manages the namespace: its managedJobsNamespaceSelector finds it.
	Managed bool
	// Locals are the LocalQueues there that lead to the queue, sorted. With [State.Foreseen] that of the queue's own name is
	// among them where Kaiwo will make it.
	Locals []string
	// Namesake is the queue to which the LocalQueue of the queue's name leads instead; empty where it does not.
	Namesake string
	// Relabelable says that a change of its labels, where it is not eligible or not managed, would make it so.
	Relabelable bool
}

// Alive reports whether anything can be created in the namespace.
func (p *Place) Alive() bool { return !p.Missing && !p.Terminating }

// Kaiwo reports whether a KaiwoJob that names the queue is admitted in the namespace, as far as the queue is concerned:
// Kaiwo has the queue for it, Kueue admits work from it, and its LocalQueue is there, or is made with the first such job as
// those of open queues are.
func (p *Place) Kaiwo(q *Queue) bool {
	return p.Alive() && p.Eligible && p.kaiwo(q)
}

// kaiwo is [Place.Kaiwo] but for the selector.
func (p *Place) kaiwo(q *Queue) bool {
	if q.Open() {
		return p.Namesake == ""
	}
	return p.Listed && slices.Contains(p.Locals, q.Name)
}

// Raw reports whether work that names one of the LocalQueues there is admitted.
func (p *Place) Raw() bool { return p.Alive() && p.Eligible && len(p.Locals) > 0 }

// Obstacle says what keeps a KaiwoJob that names the queue from being admitted in the namespace, as a phrase; empty when
// nothing does. What comes first for Kaiwo is named.
func (p *Place) Obstacle(q *Queue) string {
	switch {
	case p.Missing:
		return "there is no such namespace"
	case p.Terminating:
		return "the namespace is being deleted"
	case !q.Kaiwo:
		return "Kaiwo does not have the queue"
	case !q.Open() && !p.Listed:
		return "the queue does not list it"
	case p.Namesake != "":
		return "its LocalQueue " + q.Name + " leads to the queue " + p.Namesake
	case !p.kaiwo(q):
		return "it has no LocalQueue " + q.Name
	case !p.Eligible && q.selector == nil:
		return "the queue has " + q.noSelector() + ", so it admits nobody"
	case !p.Eligible:
		return "the queue's namespaceSelector passes it over"
	}
	return ""
}

// noSelector says what a queue that admits nobody has for a selector.
func (q *Queue) noSelector() string {
	if q.BadSelector {
		return "no namespaceSelector that can be read"
	}
	return "no namespaceSelector"
}

// Place returns what the queue finds in one namespace.
func (s *State) Place(q *Queue, namespace string) Place {
	p := Place{Namespace: namespace, Listed: q.lists(namespace), Managed: s.Managed(namespace)}
	n := space{name: namespace, labels: labels.Set{corev1.LabelMetadataName: namespace}}
	if i, known := s.number[namespace]; known {
		n = s.spaces[i]
	}
	p.Missing, p.Terminating = s.lacks(namespace, n.object), n.terminating()
	p.Eligible = s.made(q) && q.selector != nil && q.selector.Matches(n.labels)
	p.Relabelable = (!p.Eligible || !p.Managed) && s.made(q) && reachable(q.selector, namespace) && reachable(s.kueue.Selector, namespace)
	for _, l := range q.Locals {
		if l.Namespace == namespace {
			p.Locals = append(p.Locals, l.Name)
		}
	}
	if to, ok := s.Leads(namespace, q.Name); ok && to != q.Name {
		p.Namesake = to
	} else if ok && !slices.Contains(p.Locals, q.Name) {
		p.Locals = append(p.Locals, q.Name)
	}
	slices.Sort(p.Locals)
	return p
}

// Places returns what the queue finds in each namespace that is listed, that its selector finds, or in which a LocalQueue
// leads to it. Sorted by namespace.
func (s *State) Places(q *Queue) []Place {
	names := q.Named()
	for i, eligible := range s.eligible(q) {
		if eligible && !slices.Contains(names, s.spaces[i].name) {
			names = append(names, s.spaces[i].name)
		}
	}
	slices.Sort(names)
	out := make([]Place, 0, len(names))
	for _, name := range slices.Compact(names) {
		out = append(out, s.Place(q, name))
	}
	return out
}

// made reports whether there is a ClusterQueue, or will be.
func (s *State) made(q *Queue) bool { return q.Kueue || q.Kaiwo && s.Foreseen() }

// likely reports whether there may be a ClusterQueue: there is, or nobody may see whether there is, and Kaiwo has the queue.
func (s *State) likely(q *Queue) bool {
	return s.made(q) || q.Kaiwo && s.Unread(inventory.ClusterQueues)
}

// eligible says of each namespace that is known whether the queue's selector finds it. The slice is shared.
func (s *State) eligible(q *Queue) []bool {
	if !s.likely(q) || q.selector == nil {
		return nil
	}
	return s.selected(q.Selector(), func(out []bool) {
		requirements, _ := q.selector.Requirements()
		for _, r := range requirements {
			if r.Key() != corev1.LabelMetadataName || r.Operator() != selection.In && r.Operator() != selection.Equals {
				continue
			}
			for name := range r.Values() { // these at most
				if i, known := s.number[name]; known {
					out[i] = q.selector.Matches(s.spaces[i].labels)
				}
			}
			return
		}
		for i := range s.spaces {
			out[i] = q.selector.Matches(s.spaces[i].labels)
		}
	})
}

// reached says of each namespace whether its labels can be changed so that the queue's selector finds it; nil when none can.
// The slice is shared.
func (s *State) reached(q *Queue) []bool {
	rest, byName := labelChoice(q.selector)
	if !rest || q.selector.Empty() {
		return nil
	}
	requirements, _ := q.selector.Requirements()
	if len(requirements) == len(byName) {
		return nil // names alone decide
	}
	return s.selected("reached by "+q.Selector(), func(out []bool) {
		for i := range s.spaces {
			out[i] = meets(byName, labels.Set{corev1.LabelMetadataName: s.spaces[i].name})
		}
	})
}

// selected returns what fill says of each namespace, once for each key.
func (s *State) selected(key string, fill func([]bool)) []bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if out, ok := s.matched[key]; ok {
		return out
	}
	out := make([]bool, len(s.spaces))
	fill(out)
	s.matched[key] = out
	return out
}

func (n *space) terminating() bool {
	return n.object != nil && (n.object.DeletionTimestamp != nil || n.object.Status.Phase == corev1.NamespaceTerminating)
}

// reachable reports whether labels can be chosen for a namespace so that the selector finds it. The one with its name is the
// API server's.
func reachable(selector labels.Selector, name string) bool {
	if selector == nil {
		return false
	}
	rest, byName := labelChoice(selector)
	return rest && meets(byName, labels.Set{corev1.LabelMetadataName: name})
}

// labelChoice reports whether labels can be chosen so that the selector finds a namespace, but for what it asks of the name, which
// is returned.
func labelChoice(selector labels.Selector) (rest bool, byName []labels.Requirement) {
	requirements, some := selector.Requirements()
	if !some && !selector.Empty() {
		return false, nil // it finds nothing
	}
	byKey := map[string][]labels.Requirement{}
	for _, r := range requirements {
		if r.Key() == corev1.LabelMetadataName {
			byName = append(byName, r)
		} else {
			byKey[r.Key()] = append(byKey[r.Key()], r)
		}
	}
	for key, all := range byKey {
		if !someLabel(key, all) {
			return false, byName
		}
	}
	return true, byName
}

// someLabel reports whether some value of a label, or none, meets all of the requirements on it.
func someLabel(key string, all []labels.Requirement) bool {
	tries := []labels.Set{{}, {key: "gatehouse-tries-any"}}
	for _, r := range all {
		if r.Operator() == selection.GreaterThan || r.Operator() == selection.LessThan {
			return true // of numbers there is nearly always one
		}
		for value := range r.Values() {
			tries = append(tries, labels.Set{key: value})
		}
	}
	return slices.ContainsFunc(tries, func(try labels.Set) bool { return meets(all, try) })
}

func meets(all []labels.Requirement, set labels.Set) bool {
	return !slices.ContainsFunc(all, func(r labels.Requirement) bool { return !r.Matches(set) })
}

// Selector returns which namespaces Kueue admits work from, as kubectl writes it: "{}" for all, empty for none because there
// is no selector.
func (q *Queue) Selector() string {
	switch {
	case q.selector == nil:
		return ""
	case q.selector.Empty():
		return "{}"
	}
	return q.selector.String()
}
