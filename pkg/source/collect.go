package source

import (
	"encoding/json"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
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

// Item implements [kube.Sink].
func (c *collector[T]) Item(data []byte, encoding kube.Encoding) error {
	var (
		item T
		err  error
	)
	if encoding == kube.JSON {
		item, err = c.json(data)
	} else {
		item, err = c.protobuf(c.wire, data)
	}
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

// collectBindings takes RoleBindings as well as ClusterRoleBindings: their forms are the same.
func collectBindings() *collector[rbac.Binding] {
	return &collector[rbac.Binding]{
		wire:     newWire(),
		protobuf: (*wire).binding,
		json: func(data []byte) (rbac.Binding, error) {
			object, err := fromJSON[rbacv1.RoleBinding](data)
			return rbac.Binding{
				Namespace: object.Namespace, Name: object.Name, RoleRef: object.RoleRef, Subjects: object.Subjects,
			}, err
		},
	}
}

func collectNamespaces() *collector[rbac.Namespace] {
	return &collector[rbac.Namespace]{
		wire: newWire(),
		protobuf: func(w *wire, data []byte) (rbac.Namespace, error) {
			meta, err := w.object(data)
			return rbac.Namespace{Name: meta.name, Labels: meta.labels}, err
		},
		json: func(data []byte) (rbac.Namespace, error) {
			object, err := fromJSON[metav1.PartialObjectMetadata](data)
			return rbac.Namespace{Name: object.Name, Labels: object.Labels}, err
		},
	}
}

func collectServiceAccounts() *collector[rbac.ObjectRef] {
	return &collector[rbac.ObjectRef]{
		wire: newWire(),
		protobuf: func(w *wire, data []byte) (rbac.ObjectRef, error) {
			meta, err := w.object(data)
			return rbac.ObjectRef{Namespace: meta.namespace, Name: meta.name}, err
		},
		json: func(data []byte) (rbac.ObjectRef, error) {
			object, err := fromJSON[metav1.PartialObjectMetadata](data)
			return rbac.ObjectRef{Namespace: object.Namespace, Name: object.Name}, err
		},
	}
}

func fromJSON[T any](data []byte) (T, error) {
	var object T
	if err := json.Unmarshal(data, &object); err != nil {
		return object, fmt.Errorf("read object: %w", err)
	}
	return object, nil
}
