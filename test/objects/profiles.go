package objects

import (
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// ProfileOwner is who owns a profile that [Profiles] made.
func ProfileOwner(name string) string { return "owner-of-" + name + "@example.com" }

// Profiles returns profiles with all that Kubeflow's controller makes of them, in its default configuration, but
// for its finalizer, which nobody would take away. Nothing owns the objects: for that, the profile would have to be stored.
func Profiles(names ...string) ([]*unstructured.Unstructured, error) {
	var out []*unstructured.Unstructured
	for _, name := range names {
		owner := rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: ProfileOwner(name)}
		profile := kubeflow.NewProfile(name, owner, nil, nil)
		read, err := kubeflow.ReadProfile(profile)
		if err != nil {
			return nil, fmt.Errorf("make profile %s: %w", name, err)
		}
		made, err := plan.FromObjects(kubeflow.ControllerObjects(read, kubeflow.DefaultConfig())...)
		if err != nil {
			return nil, fmt.Errorf("make profile %s: %w", name, err)
		}
		out = append(out, profile)
		for _, object := range made {
			object.SetOwnerReferences(nil)
			out = append(out, object)
		}
	}
	return out, nil
}
