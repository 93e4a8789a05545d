package queue

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Path is how work gets into a queue. The values are part of the JSON output.
type Path string

// The paths, the ordinary one first.
const (
	// ByKaiwo: as a KaiwoJob or KaiwoService, in a namespace for which Kaiwo has the queue.
	ByKaiwo Path = "kaiwo"
	// ByKueue: as any kind that Kueue takes, through a LocalQueue that is there.
	ByKueue Path = "raw-kueue"
	// ByOwnLocalQueue: through a LocalQueue that is missing, and that the subject may create.
	ByOwnLocalQueue Path = "can-make-own-localqueue"
	// ByRelabel: in a namespace that the queue's selector, or Kueue's, finds once the subject has changed its labels. Where
	// a LocalQueue is missing too, he may create it.
	ByRelabel Path = "can-relabel-namespace"
)

// paths are all of them, in the order of output.
func paths() []Path { return []Path{ByKaiwo, ByKueue, ByOwnLocalQueue, ByRelabel} }

// Way is how a subject gets work into a queue.
type Way struct {
	Path Path
	// Kinds are those that he may create, each in all of the namespaces.
	Kinds []rbac.Resource
	// Namespaces are where, sorted. The slice may be shared.
	Namespaces []string
	// Needs are what he has to do there beside creating the work, and may: their namespace is left open.
	Needs []rbac.Action
}

// Actions returns what the API server must allow for the way to be open in one of its namespaces with one of its kinds: what
// [rbac.Index.Can] proves.
func (w *Way) Actions(namespace string, kind rbac.Resource) []rbac.Action {
	out := []rbac.Action{{Verb: "create", Group: kind.Group, Resource: kind.Name, Namespace: namespace}}
	for _, a := range w.Needs {
		a.Namespace = namespace
		if a.Group == "" && a.Resource == "namespaces" {
			a.Name = namespace
		}
		out = append(out, a)
	}
	return out
}

// Submitter is somebody who may get work into a queue.
type Submitter struct {
	Subject rbac.Subject
	// Superuser says that the API server asks nobody about him.
	Superuser bool
	// Ways are in the order of paths.
	Ways []Way
}

// Useless is a subject to whom a RoleBinding gives the right to create Kaiwo's workloads in a namespace that the queue lists,
// though none is admitted there.
type Useless struct {
	Subject   rbac.Subject
	Namespace string
	// Why says what stands in the way, as [Place.Obstacle] does.
	Why string
}

// Outside is a subject that may create Kaiwo's workloads in namespaces for which Kaiwo does not have the queue: those that
// name it end in an error.
type Outside struct {
	Subject rbac.Subject
	// Everywhere says that a ClusterRoleBinding gives the right, so that it goes for all that are not listed.
	Everywhere bool
	// Namespaces are those in which a RoleBinding gives it, sorted.
	Namespaces []string
}

// Answer says who may get work into a queue.
type Answer struct {
	Queue *Queue
	// Kinds are those that were asked about and that can get into any queue here.
	Kinds []rbac.Resource
	// Submitters are in the order of [rbac.CompareSubjects], superusers before all.
	Submitters []Submitter
	Useless    []Useless
	Outside    []Outside
	// Gaps are what could not be read and may hide something of the answer.
	Gaps []rbac.Gap
}

// Who returns everybody who may get work into a queue: of the kinds (resources, kinds or singulars, with or without group),
// or of any without. It needs [State.Rights]. Groups stand for their members; who gets by a right of his own and another that
// the API server's own groups give is named himself.
func (s *State) Who(q *Queue, kinds ...string) Answer {
	a := Answer{Queue: q, Gaps: s.WhoGaps()}
	for _, r := range s.Kinds() {
		if len(kinds) == 0 || slices.ContainsFunc(kinds, func(word string) bool { return IsKind(r, word) }) {
			a.Kinds = append(a.Kinds, r)
		}
	}
	if s.Rights == nil {
		return a
	}
	w := whoWork{state: s, found: map[int32]map[wayKey]map[int][]int32{}}
	w.masters = Submitter{Subject: rbac.Group(rbac.GroupMasters), Superuser: true}
	for _, o := range s.openings(q) {
		w.open(o, kinds)
	}
	a.Submitters = w.submitters()
	if q.Kaiwo {
		a.Useless, a.Outside = s.useless(q, kinds), s.outside(q, kinds)
	}
	return a
}

// WhoGaps returns what could not be read of that on which [State.Who] depends.
func (s *State) WhoGaps() []rbac.Gap {
	var out []rbac.Gap
	add := func(gaps []rbac.Gap) {
		for _, g := range gaps {
			if !slices.ContainsFunc(out, func(o rbac.Gap) bool { return o.What == g.What && o.Namespace == g.Namespace }) {
				out = append(out, g)
			}
		}
	}
	for _, kind := range WhoNeeds() {
		add(s.Inventory.Missing(kind))
	}
	if s.Rights != nil {
		add(s.Rights.Snapshot().Gaps)
	}
	return out
}

// WhoNeeds returns the kinds without which [State.Who] does not know all.
func WhoNeeds() []inventory.Kind {
	return []inventory.Kind{
		inventory.QueueConfigs, inventory.KaiwoConfigs, inventory.ClusterQueues, inventory.LocalQueues, inventory.Namespaces,
		inventory.QueueOperators,
	}
}

// holdersFor returns who may create a kind, and what it takes beside.
func (s *State) holdersFor(r rbac.Resource, needs need) *holders {
	create := s.holdersOf(rbac.Action{Verb: "create", Group: r.Group, Resource: r.Name})
	return s.withNeeds(r.Name+"."+r.Group, create, needs)
}

func (s *State) withNeeds(key string, create *holders, needs need) *holders {
	all := []*holders{create}
	if needs&makeQueue != 0 {
		all, key = append(all, s.holdersOf(makeQueueAction())), key+" queue"
	}
	if needs&relabel != 0 {
		all, key = append(all, s.either("labels", func(yield func(*holders)) {
			for _, a := range relabelActions() {
				yield(s.holdersOf(a))
			}
		})), key+" labels"
	}
	return s.both(key, all...)
}

func makeQueueAction() rbac.Action {
	return rbac.Action{Verb: "create", Group: kueue.Group, Resource: kueue.LocalQueueResource}
}

// relabelActions are the ways to change the labels of a namespace, the usual one first.
func relabelActions() []rbac.Action {
	return []rbac.Action{{Verb: "patch", Resource: "namespaces"}, {Verb: "update", Resource: "namespaces"}}
}

// String writes the kinds of a way as a list of resources: "kaiwojobs,kaiwoservices".
func (w *Way) String() string {
	names := make([]string, 0, len(w.Kinds))
	for _, r := range w.Kinds {
		names = append(names, r.Name)
	}
	return string(w.Path) + " " + strings.Join(names, ",")
}
