package profile

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// foresee returns the state as it will be after a plan, with what Kubeflow's controller makes of new profiles: plans that
// build on it can be shown before anything is there. Kinds that plans about members don't look at stay as they are.
func foresee(s *workspace.State, p plan.Plan) (*workspace.State, error) {
	inv := *s.Inventory
	var made []runtime.Object
	for _, step := range p.Steps {
		if step.Verb == plan.Delete || step.Object == nil {
			continue
		}
		made = append(made, step.Object)
		if step.Verb == plan.Create && step.Object.GroupVersionKind().Group == kubeflow.ProfileKind.Group {
			read, err := kubeflow.ReadProfile(step.Object)
			if err != nil {
				return nil, err
			}
			made = append(made, kubeflow.NamespaceObject(read, s.Config))
			made = append(made, kubeflow.ControllerObjects(read, s.Config)...)
		}
	}
	for _, object := range made {
		u, err := asUnstructured(object)
		if err != nil {
			return nil, err
		}
		switch u.GetKind() {
		case "Profile":
			inv.Profiles = put(inv.Profiles, u)
		case "AuthorizationPolicy":
			inv.Policies = put(inv.Policies, u)
		case "Namespace":
			err = putTyped(&inv.Namespaces, &corev1.Namespace{}, u)
		case "RoleBinding":
			err = putTyped(&inv.RoleBindings, &rbacv1.RoleBinding{}, u)
		case "ResourceQuota":
			err = putTyped(&inv.Quotas, &corev1.ResourceQuota{}, u)
		case "ServiceAccount":
			err = putTyped(&inv.ServiceAccounts, &corev1.ServiceAccount{}, u)
		}
		if err != nil {
			return nil, err
		}
	}
	return &workspace.State{
		Inventory: &inv, Flavor: s.Flavor, Chosen: s.Chosen, Istio: s.Istio, Config: s.Config, Pinned: s.Pinned, Now: s.Now,
		Asker: s.Asker,
	}, nil
}

func asUnstructured(object runtime.Object) (*unstructured.Unstructured, error) {
	if u, ok := object.(*unstructured.Unstructured); ok {
		return u, nil
	}
	all, err := plan.FromObjects(object)
	if err != nil {
		return nil, fmt.Errorf("foresee objects: %w", err)
	}
	return all[0], nil
}

// named is what all objects have.
type named interface {
	GetNamespace() string
	GetName() string
}

// put returns a new list with the object in the place of its namesake.
func put[T named](list []T, object T) []T {
	out := slices.DeleteFunc(slices.Clone(list), func(o T) bool {
		return o.GetNamespace() == object.GetNamespace() && o.GetName() == object.GetName()
	})
	return append(out, object)
}

func putTyped[T named](list *[]T, object T, u *unstructured.Unstructured) error {
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, object); err != nil {
		return fmt.Errorf("foresee %s %s: %w", u.GetKind(), u.GetName(), err)
	}
	*list = put(*list, object)
	return nil
}
