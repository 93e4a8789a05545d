package clusterauth

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// With returns the state as it would be with objects in place of those of the same kind, namespace and name, or added to
// them: ClusterAuthentications, ClusterDeployments and Secrets. Other kinds are passed over. The receiver stays as it is.
func (s *State) With(objects ...*unstructured.Unstructured) *State { return s.changed(objects, nil) }

// WithUnread is With for objects of which not all could be read: the gaps say which. Secrets that these withhold count as
// not read, whatever the state has of them.
func (s *State) WithUnread(gaps []rbac.Gap, objects ...*unstructured.Unstructured) *State {
	hidden := *s.Inventory
	only := inventory.Inventory{Gaps: gaps}
	hidden.Secrets = slices.DeleteFunc(slices.Clone(hidden.Secrets), func(secret *corev1.Secret) bool {
		return only.Withheld(secret.Namespace, secret.Name) != nil
	})
	hidden.Gaps = slices.Concat(hidden.Gaps, gaps)
	return s.over(&hidden).With(objects...)
}

// After returns the state as it would be when a plan has been carried out, as far as With's kinds go.
func (s *State) After(p plan.Plan) *State {
	var there, gone []*unstructured.Unstructured
	for _, step := range p.Steps {
		switch {
		case step.Verb == plan.Delete && step.Object != nil:
			gone = append(gone, step.Object)
		case step.Verb == plan.Delete:
			gone = append(gone, step.Old)
		case step.Verb == plan.Update && step.Object != nil:
			there = append(there, s.patched(step))
		case step.Object != nil:
			there = append(there, step.Object)
		}
	}
	return s.changed(there, gone)
}

// patched returns what an update leaves. Plans have only one key of a Secret: the rest of it stays.
func (s *State) patched(step plan.Step) *unstructured.Unstructured {
	gvk := step.Object.GroupVersionKind()
	secret := s.Secret(step.Object.GetNamespace(), step.Object.GetName())
	if gvk.Group != corev1.GroupName || gvk.Kind != "Secret" || secret == nil {
		return step.Object
	}
	var before, after corev1.Secret
	for object, into := range map[*unstructured.Unstructured]*corev1.Secret{step.Old: &before, step.Object: &after} {
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, into); err != nil {
			return step.Object
		}
	}
	data := maps.Clone(secret.Data)
	if data == nil {
		data = map[string][]byte{}
	}
	maps.DeleteFunc(data, func(key string, _ []byte) bool {
		_, told := before.Data[key]
		return told
	})
	maps.Copy(data, after.Data)
	whole := *secret
	whole.Data = data
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&whole)
	if err != nil {
		return step.Object
	}
	out := &unstructured.Unstructured{Object: content}
	out.SetGroupVersionKind(gvk)
	return out
}

func (s *State) changed(there, gone []*unstructured.Unstructured) *State {
	inv := *s.Inventory
	inv.Custom, inv.Served = maps.Clone(inv.Custom), maps.Clone(inv.Served)
	inv.Secrets = slices.Clone(inv.Secrets)
	if inv.Custom == nil {
		inv.Custom = map[inventory.Kind][]*unstructured.Unstructured{}
	}
	if inv.Served == nil {
		inv.Served = map[inventory.Kind]bool{}
	}
	for _, object := range gone {
		put(&inv, object, false)
	}
	for _, object := range there {
		put(&inv, object, true)
	}
	return s.over(&inv)
}

// over returns the state that another inventory shows.
func (s *State) over(inv *inventory.Inventory) *State {
	after := NewState(inv, s.options)
	after.refusals = s.refusals
	return after
}

// put takes an object out of the inventory, and puts it in again if it is to stay.
func put(inv *inventory.Inventory, object *unstructured.Unstructured, stays bool) {
	gvk := object.GroupVersionKind()
	var kind inventory.Kind
	switch {
	case gvk.Group == k0rdent.Group && gvk.Kind == k0rdent.KindClusterAuthentication:
		kind = inventory.ClusterAuthentications
	case gvk.Group == k0rdent.Group && gvk.Kind == k0rdent.KindClusterDeployment:
		kind = inventory.ClusterDeployments
	case gvk.Group == corev1.GroupName && gvk.Kind == "Secret":
		putSecret(inv, object, stays)
		return
	default:
		return
	}
	if old := find(inv.Custom[kind], object.GetNamespace(), object.GetName()); old != nil && object.Object["status"] == nil && old.Object["status"] != nil {
		// Plans leave out what only the server writes, and it stays.
		object = object.DeepCopy()
		object.Object["status"] = old.Object["status"]
	}
	list := slices.DeleteFunc(slices.Clone(inv.Custom[kind]), func(o *unstructured.Unstructured) bool {
		return o.GetNamespace() == object.GetNamespace() && o.GetName() == object.GetName()
	})
	if stays {
		list = append(list, object)
		inv.Served[kind] = true
	}
	slices.SortFunc(list, func(a, b *unstructured.Unstructured) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
	})
	inv.Custom[kind] = list
}

// putSecret does the same with a Secret. One that can't be converted is left out, as if it had not been read.
func putSecret(inv *inventory.Inventory, object *unstructured.Unstructured, stays bool) {
	inv.Secrets = slices.DeleteFunc(inv.Secrets, func(s *corev1.Secret) bool {
		return s.Namespace == object.GetNamespace() && s.Name == object.GetName()
	})
	secret := &corev1.Secret{}
	if !stays || runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, secret) != nil {
		return
	}
	data := maps.Clone(secret.Data)
	if data == nil {
		data = map[string][]byte{}
	}
	for key, value := range secret.StringData {
		data[key] = []byte(value)
	}
	secret.Data, secret.StringData = data, nil
	inv.Secrets = append(inv.Secrets, secret)
}
