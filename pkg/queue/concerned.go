package queue

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Concerned returns the names of the queues that a finding of [Judge] concerns, sorted: of that which it is about, or to which
// the LocalQueue leads that it is about; of those that list the namespace, or have to do with the role or the work that it is about;
// and of all for what is said of the KaiwoQueueConfig as a whole, of rights over all queues, and of operators. What concerns no
// queue gives none.
func (s *State) Concerned(f *finding.Finding) []string {
	kind, object, _ := strings.Cut(f.Object, " ")
	namespace, name, _ := strings.Cut(object, "/")
	switch kind {
	case "clusterqueue":
		return s.one(object)
	case "localqueue":
		return s.underLocal(f.ID, Local{namespace, name})
	case "resourceflavor":
		return s.names(func(q *Queue) bool {
			return slices.ContainsFunc(q.Quotas, func(have Quota) bool { return slices.Contains(have.Flavors, object) })
		})
	case "workloadpriorityclass":
		return nil
	case "kaiwojob", "kaiwoservice":
		return s.one(s.queueOfWork(inventory.Kind(kind+"s"), namespace, name))
	case "kaiwoqueueconfig":
		return s.underConfig(f, object)
	case "mutatingwebhookconfiguration":
		return s.names(nil)
	}
	switch {
	case f.ID == "QA011":
		return s.one(s.settings.DefaultQueue)
	case f.ID == "QA001", slices.Contains(OperatorRules(), f.ID):
		return s.names(nil)
	case f.ID == "QA104":
		return s.underPower(namespace, kind == "rolebinding")
	case kind == "clusterrole":
		return s.underRole(object)
	}
	if only := s.spokenOf(f.Message); len(only) > 0 {
		return only
	}
	return s.listing()[finding.NamespaceOf(f.Object)]
}

// one is the queue of that name, if there is one.
func (s *State) one(name string) []string {
	if s.byName[name] == nil {
		return nil
	}
	return []string{name}
}

// names are those of the queues that are picked; of all for nil.
func (s *State) names(picked func(*Queue) bool) []string {
	var out []string
	for i := range s.queues {
		if picked == nil || picked(&s.queues[i]) {
			out = append(out, s.queues[i].Name)
		}
	}
	return out
}

// underLocal are the queues that a finding about a LocalQueue concerns: that to which it leads, or that of its name where it is
// missing; and both where it leads elsewhere, but the former only if its quota can be used through it.
func (s *State) underLocal(id string, l Local) []string {
	to, there := s.Leads(l.Namespace, l.Name)
	switch {
	case !there:
		return s.one(l.Name)
	case id != "QA004":
		return s.one(to)
	}
	return s.names(func(q *Queue) bool { return q.Name == l.Name || q.Name == to && s.Place(q, l.Namespace).Eligible })
}

// readListing names the queues of Kaiwo that list each namespace.
func (s *State) readListing() map[string][]string {
	out := map[string][]string{}
	for i := range s.queues {
		for _, namespace := range s.queues[i].Listed {
			out[namespace] = append(out[namespace], s.queues[i].Name)
		}
	}
	return out
}

// queueOfWork is the queue that a workload of Kaiwo names, or the default one; empty when there is no such workload.
func (s *State) queueOfWork(kind inventory.Kind, namespace, name string) string {
	o := picked(s.Inventory.Objects(kind), namespace, name)
	if o == nil {
		return ""
	}
	if named := text(o.Object, "spec", "clusterQueue"); named != "" {
		return named
	}
	return s.settings.DefaultQueue
}

// underConfig are the queues that a finding about a KaiwoQueueConfig concerns: those that it speaks of; of a config that Kaiwo
// passes over for another, those that it has; else all.
func (s *State) underConfig(f *finding.Finding, name string) []string {
	if only := s.spokenOf(f.Message); len(only) > 0 {
		return only
	}
	config := s.Config()
	if config == nil || name == ConfigName {
		return s.names(nil)
	}
	other := picked(s.Inventory.Objects(inventory.QueueConfigs), "", name)
	if other == nil {
		return nil
	}
	return s.names(func(q *Queue) bool {
		return slices.ContainsFunc(objects(other.Object, "spec", "clusterQueues"), func(entry map[string]any) bool { return text(entry, "name") == q.Name })
	})
}

// underPower are the queues over which a right is given that makes its holder an administrator of queues: all, but for a right
// in one namespace, which concerns those that let it in.
func (s *State) underPower(namespace string, within bool) []string {
	if !within || isSystemPlace(namespace) {
		return s.names(nil)
	}
	i, known := s.number[namespace]
	return s.names(func(q *Queue) bool {
		return q.lists(namespace) || known && s.likely(q) && q.selector != nil && q.selector.Matches(s.spaces[i].labels)
	})
}

// underRole are the queues for whose namespaces somebody has a ClusterRole.
func (s *State) underRole(name string) []string {
	if s.Rights == nil {
		return nil
	}
	roles := s.Rights.Roles()
	var out []string
	for i, b := range s.Rights.Bindings() {
		number, _ := s.Rights.Bound(i)
		if number < 0 || roles[number].Namespace != "" || roles[number].Name != name {
			continue
		}
		if b.Namespace == "" {
			return s.names(nil)
		}
		out = append(out, s.listing()[b.Namespace]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// spokenOf returns the queues that a message speaks of, as in "queue science".
func (s *State) spokenOf(message string) []string {
	words := strings.FieldsFunc(message, func(r rune) bool { return strings.ContainsRune(" ,:;()\"", r) })
	var out []string
	for i, word := range words {
		if i > 0 && words[i-1] == "queue" && s.byName[word] != nil && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return out
}
