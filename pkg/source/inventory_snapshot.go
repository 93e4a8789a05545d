package source

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const (
	// snapshotOrigin is where objects are from that a snapshot gave.
	snapshotOrigin = "a snapshot"
	// notInSnapshot is the cause of the gaps that snapshots leave.
	notInSnapshot = "a snapshot does not hold them"
)

// unpackSnapshot adds what snapshots hold of the wanted kinds, and a gap for each kind of which they hold nothing or not
// all. A kind that the cluster of the snapshot is known not to serve is no gap.
func (u *unpacking) unpackSnapshot(snapshot *rbac.Snapshot, inv *inventory.Inventory) {
	lacks := func(what string) {
		inv.Gaps = append(inv.Gaps, rbac.Gap{What: what, Cause: notInSnapshot})
	}
	for i := range u.resources {
		r := &u.resources[i]
		found := 0
		switch r.want {
		case inventory.RoleBindings:
			if !snapshot.Marked {
				lacks(inventory.AnnotationsOf(inventory.RoleBindings))
			}
			for _, b := range snapshot.Bindings {
				if b.Namespace != "" && b.Origin != ownOrigin { // which stands for what the server tells, and is no object
					u.unpack(i, &rbacv1.RoleBinding{
						ObjectMeta: named(b.Namespace, b.Name, b.Annotations), RoleRef: b.RoleRef, Subjects: b.Subjects,
					})
				}
			}
			found++ // snapshots always hold them: there may be none
		case inventory.Namespaces:
			for _, n := range snapshot.Namespaces {
				meta := named("", n.Name, n.Annotations)
				meta.Labels = n.Labels
				u.unpack(i, &corev1.Namespace{ObjectMeta: meta})
			}
			if found = len(snapshot.Namespaces); found > 0 && !snapshot.Marked {
				lacks(inventory.AnnotationsOf(inventory.Namespaces))
			}
		case inventory.ServiceAccounts:
			for _, ref := range snapshot.ServiceAccounts {
				u.unpack(i, &corev1.ServiceAccount{ObjectMeta: named(ref.Namespace, ref.Name, nil)})
			}
			found = len(snapshot.ServiceAccounts)
		default:
			// The cluster may be known not to have the kind; and the controller's objects are never missed.
			if r.controller() || u.gathering.served && r.custom && !servedBy(snapshot.Resources, r) {
				continue
			}
		}
		if found == 0 {
			lacks(r.called())
		}
	}
	for _, gap := range snapshot.Gaps {
		if gap.Missing != nil && slices.ContainsFunc(u.resources, func(r shelved) bool {
			return slices.Contains(gap.Missing.APIGroups, r.group) && slices.Contains(gap.Missing.Resources, r.resource)
		}) {
			inv.Gaps = append(inv.Gaps, gap)
		}
	}
	slices.SortFunc(inv.Gaps, compareGaps)
	inv.Gaps = slices.CompactFunc(inv.Gaps, sameGap)
}

// unpack adds an object of a snapshot, unless a manifest has it too, which says more.
func (u *unpacking) unpack(resource int, object labelled) {
	o := unpacked{fileObject{resource, object.GetNamespace(), object.GetName()}, object, snapshotOrigin}
	r := &u.resources[resource]
	object.GetObjectKind().SetGroupVersionKind(r.in(r.versions[0]).GroupVersion().WithKind(r.kind))
	if _, twice := u.found[o.fileObject]; !twice && u.concerns(r, o.namespace, o.name) {
		u.add(o)
	}
}

func named(namespace, name string, annotations map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: namespace, Name: name, Annotations: annotations}
}
