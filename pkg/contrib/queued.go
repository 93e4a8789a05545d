package contrib

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// What kubectl queueaccess writes on the role bindings of its grants, and how the names of its roles begin: see package queue.
const (
	queueAnnotation = "gatehouse.dev/queue"
	queueRoles      = "gatehouse-queue-"
)

// ByQueue is how somebody is a member by a grant of kubectl queueaccess, which commands about members leave alone.
const ByQueue workspace.How = "queue"

// HowText says in words how somebody is a member: "queue NAME" for a grant of a queue.
func HowText(m *workspace.Member) string {
	if queue := QueueOf(m); queue != "" {
		return string(ByQueue) + " " + queue
	}
	return string(m.How)
}

// QueueOf returns the queue of a grant of kubectl queueaccess; empty for all other members. Such a grant is more than its
// binding: a role, and marks in other namespaces, belong to it.
func QueueOf(m *workspace.Member) string {
	if m.Binding == nil || m.RoleRef.Kind != "Role" || !strings.HasPrefix(m.RoleRef.Name, queueRoles) {
		return ""
	}
	return m.Binding.Annotations[queueAnnotation]
}

// departing are the grants that go when a subject goes: those of [room.leavers] but for grants of queues, which are second.
func (r *room) departing(subject rbac.Subject) (leaving, queued []*workspace.Member) {
	for _, m := range r.leavers(subject) {
		if QueueOf(m) != "" {
			queued = append(queued, m)
		} else {
			leaving = append(leaving, m)
		}
	}
	return leaving, queued
}

// revocation is the command that takes a grant of a queue in one namespace.
func revocation(m *workspace.Member) string {
	return "kubectl queueaccess revoke " + paste(Label(m.Subject)) + " --queue " + paste(QueueOf(m)) + " --namespaces " + m.Workspace
}

// leaveQueues notes the grants of queues that stay, or refuses when there is nothing else to take.
func (r *room) leaveQueues(subject rbac.Subject, queued []*workspace.Member, alone bool) error {
	if len(queued) > 0 && alone {
		var queues, commands []string
		for _, m := range queued {
			queues, commands = append(queues, QueueOf(m)), append(commands, revocation(m))
		}
		slices.Sort(queues)
		return workspace.Refuse(strings.Join(commands, "; ")+"; without --namespaces it takes all of the queue",
			"remove %s from %s: what is left there is a grant of queue %s", Label(subject), r.name, strings.Join(slices.Compact(queues), ", "))
	}
	for _, m := range queued {
		r.draft.notes.add(Label(subject), "rolebinding %s/%s stays: it is a grant of queue %s, which %s takes",
			r.name, m.Binding.Name, QueueOf(m), revocation(m))
	}
	return nil
}
