package source

import (
	"encoding/json"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// collectBlock is how many items are allocated at once.
const collectBlock = 1024

// collector is a [kube.Sink] that keeps the items of one list as T.
type collector[T any] struct {
	wire     *wire
	blocks   [][]T // of collectBlock items each, so that a long list isn't copied as it grows
	protobuf func(*wire, []byte) (T, error)
	json     func([]byte) (T, error)
}

// label forgets what was kept of an earlier list, to be shared. RBAC's values have no version, and say their kind.
func (c *collector[T]) label(schema.GroupVersionKind) { c.wire = newWire() }

func (c *collector[T]) decode(data []byte, encoding kube.Encoding) (T, error) {
	if encoding == kube.JSON {
		return c.json(data)
	}
	return c.protobuf(c.wire, data)
}

// Item implements [kube.Sink].
func (c *collector[T]) Item(data []byte, encoding kube.Encoding) error {
	item, err := c.decode(data, encoding)
	if err != nil {
		return err
	}
	last := len(c.blocks) - 1
	if last < 0 || len(c.blocks[last]) == collectBlock {
		c.blocks = append(c.blocks, make([]T, 0, collectBlock))
		last++
	}
	c.blocks[last] = append(c.blocks[last], item)
	return nil
}

// Restart implements [kube.Sink].
func (c *collector[T]) Restart() { c.blocks = nil }

// all returns the items of several collectors.
func all[T any](collectors ...*collector[T]) []T {
	var blocks [][]T
	for _, c := range collectors {
		blocks = append(blocks, c.blocks...)
	}
	return slices.Concat(blocks...)
}

func collectRoles() *collector[rbac.Role] {
	return &collector[rbac.Role]{
		wire:     newWire(),
		protobuf: func(w *wire, data []byte) (rbac.Role, error) { return w.role(data, false) },
		json: func(data []byte) (rbac.Role, error) {
			object, err := fromJSON[rbacv1.Role](data)
			return rbac.Role{Namespace: object.Namespace, Name: object.Name, Rules: object.Rules, Stored: true}, err
		},
	}
}

func collectClusterRoles() *collector[rbac.Role] {
	return &collector[rbac.Role]{
		wire:     newWire(),
		protobuf: func(w *wire, data []byte) (rbac.Role, error) { return w.role(data, true) },
		json: func(data []byte) (rbac.Role, error) {
			object, err := fromJSON[rbacv1.ClusterRole](data)
			role := rbac.Role{Name: object.Name, Labels: object.Labels, Rules: object.Rules, Stored: true}
			if object.AggregationRule != nil {
				role.Aggregates = append([]metav1.LabelSelector{}, object.AggregationRule.ClusterRoleSelectors...)
			}
			return role, err
		},
	}
}

// collectBindings takes RoleBindings as well as ClusterRoleBindings: their forms are the same. They come with their marks
// or without.
func collectBindings(marks bool) *collector[rbac.Binding] {
	return &collector[rbac.Binding]{
		wire:     newWire(),
		protobuf: func(w *wire, data []byte) (rbac.Binding, error) { return w.binding(data, marks) },
		json: func(data []byte) (rbac.Binding, error) {
			object, err := fromJSON[rbacv1.RoleBinding](data)
			return snapshotBindingOf(&object, marks), err
		},
	}
}

// collectNamespaces takes namespaces, with their marks or without.
func collectNamespaces(marks bool) *collector[rbac.Namespace] {
	return &collector[rbac.Namespace]{
		wire: newWire(),
		protobuf: func(w *wire, data []byte) (rbac.Namespace, error) {
			meta, err := w.object(data, marks)
			return rbac.Namespace{Name: meta.name, Labels: meta.labels, Annotations: meta.annotations}, err
		},
		json: func(data []byte) (rbac.Namespace, error) {
			object, err := fromJSON[metav1.PartialObjectMetadata](data)
			return snapshotNamespaceOf(&object, marks), err
		},
	}
}

func collectServiceAccounts() *collector[rbac.ObjectRef] {
	return &collector[rbac.ObjectRef]{
		wire: newWire(),
		protobuf: func(w *wire, data []byte) (rbac.ObjectRef, error) {
			meta, err := w.object(data, false)
			return rbac.ObjectRef{Namespace: meta.namespace, Name: meta.name}, err
		},
		json: func(data []byte) (rbac.ObjectRef, error) {
			object, err := fromJSON[metav1.PartialObjectMetadata](data)
			return rbac.ObjectRef{Namespace: object.Namespace, Name: object.Name}, err
		},
	}
}

// snapshotBindingOf is what a snapshot has of a binding.
func snapshotBindingOf(b *rbacv1.RoleBinding, marks bool) rbac.Binding {
	return rbac.Binding{
		Namespace: b.Namespace, Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects, Annotations: marksOf(b, marks),
	}
}

// snapshotNamespaceOf is what a snapshot has of a namespace.
func snapshotNamespaceOf(n metav1.Object, marks bool) rbac.Namespace {
	return rbac.Namespace{Name: n.GetName(), Labels: n.GetLabels(), Annotations: marksOf(n, marks)}
}

// marksOf returns those of the annotations that say what an object is for, if they are asked for. Where there are no
// others, it is the object's own map.
func marksOf(o metav1.Object, asked bool) map[string]string {
	if !asked {
		return nil
	}
	return marksAmong(o.GetAnnotations())
}

// marksAmong returns those of the annotations that are marks.
func marksAmong(annotations map[string]string) map[string]string {
	marks := 0
	for name := range annotations {
		if plan.Identifies(name) {
			marks++
		}
	}
	switch marks {
	case 0:
		return nil
	case len(annotations):
		return annotations
	}
	some := make(map[string]string, marks)
	for name, value := range annotations {
		if plan.Identifies(name) {
			some[name] = value
		}
	}
	return some
}

func fromJSON[T any](data []byte) (T, error) {
	var object T
	if err := json.Unmarshal(data, &object); err != nil {
		return object, fmt.Errorf("read object: %w", err)
	}
	return object, nil
}
