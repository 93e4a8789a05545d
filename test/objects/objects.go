// Package objects holds the RBAC objects of a test in the three forms in which tests need them: as API objects to create on a server, as
// what upstream's authorizer reads, and as the snapshot that Gatehouse compiles. All forms share the same rules and subjects, so that a
// difference in an answer can't come from a difference in the question.
package objects

import (
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Set is a set of API objects. The zero value is empty. No two objects of a kind have the same namespace and name.
type Set struct {
	Namespaces          []*corev1.Namespace
	ServiceAccounts     []*corev1.ServiceAccount
	Roles               []*rbacv1.Role
	ClusterRoles        []*rbacv1.ClusterRole
	RoleBindings        []*rbacv1.RoleBinding
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding
}

// Read decodes manifests, documents of YAML or JSON, into a new set. Errors: a document that is not an object of one of the set's kinds.
func Read(r io.Reader) (*Set, error) {
	set := &Set{}
	decoder := yaml.NewYAMLOrJSONDecoder(r, 4096)
	for n := 1; ; n++ {
		var raw runtime.RawExtension
		switch err := decoder.Decode(&raw); {
		case err == io.EOF: //nolint:errorlint // the decoder returns it bare
			return set, nil
		case err != nil:
			return nil, fmt.Errorf("read document %d: %w", n, err)
		}
		object, _, err := scheme.Codecs.UniversalDeserializer().Decode(raw.Raw, nil, nil)
		if err != nil {
			return nil, fmt.Errorf("decode document %d: %w", n, err)
		}
		if err := set.Add(object); err != nil {
			return nil, fmt.Errorf("document %d: %w", n, err)
		}
	}
}

// Add puts objects into the set. Error: an object of another kind.
func (s *Set) Add(list ...runtime.Object) error {
	for _, object := range list {
		switch o := object.(type) {
		case *corev1.Namespace:
			s.Namespaces = append(s.Namespaces, o)
		case *corev1.ServiceAccount:
			s.ServiceAccounts = append(s.ServiceAccounts, o)
		case *rbacv1.Role:
			s.Roles = append(s.Roles, o)
		case *rbacv1.ClusterRole:
			s.ClusterRoles = append(s.ClusterRoles, o)
		case *rbacv1.RoleBinding:
			s.RoleBindings = append(s.RoleBindings, o)
		case *rbacv1.ClusterRoleBinding:
			s.ClusterRoleBindings = append(s.ClusterRoleBindings, o)
		default:
			return fmt.Errorf("add object: %T is not wanted in a set", object)
		}
	}
	return nil
}

// Merge adds the objects of other.
func (s *Set) Merge(other *Set) {
	s.Namespaces = append(s.Namespaces, other.Namespaces...)
	s.ServiceAccounts = append(s.ServiceAccounts, other.ServiceAccounts...)
	s.Roles = append(s.Roles, other.Roles...)
	s.ClusterRoles = append(s.ClusterRoles, other.ClusterRoles...)
	s.RoleBindings = append(s.RoleBindings, other.RoleBindings...)
	s.ClusterRoleBindings = append(s.ClusterRoleBindings, other.ClusterRoleBindings...)
}

// Snapshot returns the set as Gatehouse compiles it. stored says that the rules of aggregated ClusterRoles are filled in; when false, the
// engine has to do so.
func (s *Set) Snapshot(stored bool) *rbac.Snapshot {
	snap := &rbac.Snapshot{
		Cluster:  "test",
		Roles:    make([]rbac.Role, 0, len(s.Roles)+len(s.ClusterRoles)),
		Bindings: make([]rbac.Binding, 0, len(s.RoleBindings)+len(s.ClusterRoleBindings)),
	}
	for _, n := range s.Namespaces {
		snap.Namespaces = append(snap.Namespaces, rbac.Namespace{Name: n.Name, Labels: n.Labels})
	}
	for _, a := range s.ServiceAccounts {
		snap.ServiceAccounts = append(snap.ServiceAccounts, rbac.ObjectRef{Namespace: a.Namespace, Name: a.Name})
	}
	for _, r := range s.Roles {
		snap.Roles = append(snap.Roles, rbac.Role{Namespace: r.Namespace, Name: r.Name, Labels: r.Labels, Rules: r.Rules, Stored: stored})
	}
	for _, r := range s.ClusterRoles {
		role := rbac.Role{Name: r.Name, Labels: r.Labels, Rules: r.Rules, Stored: stored}
		if r.AggregationRule != nil {
			role.Aggregates = r.AggregationRule.ClusterRoleSelectors
		}
		snap.Roles = append(snap.Roles, role)
	}
	for _, b := range s.RoleBindings {
		snap.Bindings = append(snap.Bindings, rbac.Binding{Namespace: b.Namespace, Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects})
	}
	for _, b := range s.ClusterRoleBindings {
		snap.Bindings = append(snap.Bindings, rbac.Binding{Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects})
	}
	return snap
}
