package screen

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// submitters counts who may put work into queues. Each place is asked about once.
type submitters struct {
	w  *world.World
	in map[rbac.Action]int
}

// submit is the right to put work into a queue as its users do. There are other ways in for who may create Jobs or Pods.
func submit(q *queue.Queue, namespace string) rbac.Action {
	if q.Kaiwo {
		return rbac.Action{Verb: "create", Group: "kaiwo.silogen.ai", Resource: "kaiwojobs", Namespace: namespace}
	}
	return rbac.Action{Verb: "create", Group: "batch", Resource: "jobs", Namespace: namespace}
}

// ask counts the subjects that may do it, without superusers and those of Kubernetes itself.
func (s *submitters) ask(a rbac.Action) int {
	if known, ok := s.in[a]; ok {
		return known
	}
	scope := rbac.InNamespace
	if a.Namespace == "" {
		scope = rbac.Anywhere
	}
	s.in[a] = len(submittersOf(s.w, a, scope))
	return s.in[a]
}

func submittersOf(w *world.World, a rbac.Action, scope rbac.Scope) []rbac.Subject {
	return slices.DeleteFunc(w.Index.AllowedSubjects(a, scope), func(s rbac.Subject) bool {
		return s.IsSystem() || s == rbac.Group(rbac.GroupMasters)
	})
}

// of counts those who may put work into a queue from any of its namespaces.
func (s *submitters) of(q *queue.Queue) int {
	namespaces := q.Namespaces()
	switch {
	case q.Open():
		return s.ask(submit(q, ""))
	case len(namespaces) == 1:
		return s.ask(submit(q, namespaces[0]))
	}
	all := map[rbac.Subject]struct{}{}
	for _, ns := range namespaces {
		for _, subject := range submittersOf(s.w, submit(q, ns), rbac.InNamespace) {
			all[subject] = struct{}{}
		}
	}
	return len(all)
}
