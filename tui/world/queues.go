package world

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// QueueState answers questions about queues. It is made when it is first asked for, and keeps what it has worked out.
func (w *World) QueueState() *queue.State { return w.queues() }

// Queues returns the queues that were read, by name. The slice is shared. Where there are none, nothing is worked out.
func (w *World) Queues() []queue.Queue {
	if len(w.Inventory.Objects(inventory.QueueConfigs))+len(w.Inventory.Objects(inventory.ClusterQueues))+len(w.Inventory.Objects(inventory.LocalQueues)) == 0 {
		return nil
	}
	return w.QueueState().Queues()
}

// QueueGrant returns what "kubectl queueaccess grant" has given to a subject by a binding; nil where it is no such grant. A
// nil binding is none.
func (w *World) QueueGrant(b *rbacv1.RoleBinding, s rbac.Subject) *queue.Granted {
	if b == nil || b.Annotations[queue.QueueAnnotation] == "" {
		return nil
	}
	granted := queue.Grants(&queue.State{Inventory: &inventory.Inventory{RoleBindings: []*rbacv1.RoleBinding{b}}})
	i := slices.IndexFunc(granted, func(g queue.Granted) bool { return g.Subject == s })
	if i < 0 {
		return nil
	}
	return &granted[i]
}

// QueueFindings returns what "kubectl queueaccess check --queue" finds, see [queue.State.Concerned]; the gravest first, as far
// as [World.Judged]. The slice is shared.
func (w *World) QueueFindings(name string) []finding.Finding {
	if found := w.known(); found != nil {
		return found.queues[name]
	}
	return nil
}

// byQueue sorts findings about queues by the queues that they concern.
func (w *World) byQueue(all []finding.Finding) map[string][]finding.Finding {
	out := map[string][]finding.Finding{}
	if len(w.Queues()) == 0 {
		return out
	}
	ids := map[string]bool{}
	for _, rule := range queue.Rules() {
		ids[rule.ID] = true
	}
	for i := range all {
		if !ids[all[i].ID] {
			continue
		}
		for _, name := range w.QueueState().Concerned(&all[i]) {
			out[name] = append(out[name], all[i])
		}
	}
	return out
}
