package kubeflow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

// Binding is a contributor on the wire. What comes in has no API groups, as the dashboard sends it.
type Binding struct {
	User      *rbacv1.Subject `json:"user,omitempty"`
	Namespace string          `json:"referredNamespace,omitempty"`
	RoleRef   *rbacv1.RoleRef `json:"RoleRef,omitempty"`
}

// NewBinding returns what the dashboard posts. kind is User or Group; role is admin, edit or view.
func NewBinding(namespace, kind, name, role string) Binding {
	return Binding{
		User: &rbacv1.Subject{Kind: kind, Name: name}, Namespace: namespace, RoleRef: &rbacv1.RoleRef{Kind: "ClusterRole", Name: role},
	}
}

// Entries is the answer to a list: "{}" as JSON when there are none.
type Entries struct {
	Bindings []Binding `json:"bindings,omitempty"`
}

// Query narrows a list down; empty fields do not.
type Query struct{ User, Namespace, Role string }

// Refusal is an answer other than 200.
type Refusal struct {
	Code int
	Err  error
}

// Error is the body of the answer.
func (r *Refusal) Error() string { return fmt.Sprintf("%d: %v", r.Code, r.Err) }

// Unwrap returns why.
func (r *Refusal) Unwrap() error { return r.Err }

// Kfam stands in for the access management. Its methods may be called from many goroutines. Where upstream reads role
// bindings from a cache that may be behind, it reads them from the server.
type Kfam struct {
	release Release
	config  facts.Config
	kube    kubernetes.Interface
	dynamic dynamic.Interface
}

// NewKfam returns the access management of a release for the server of config. Of settings, what is not set is as shipped;
// Admins are the cluster administrators.
func NewKfam(config *rest.Config, release Release, settings facts.Config) (*Kfam, error) {
	kube, dyn, err := clients(config)
	if err != nil {
		return nil, fmt.Errorf("make kfam: %w", err)
	}
	return &Kfam{release: release, config: shipped(settings), kube: kube, dynamic: dyn}, nil
}

// roles is looked up in both directions, so that a long name that comes in turns into a role of Kubernetes' own.
func roles(name string) string {
	switch name {
	case "admin", "edit", "view":
		return "kubeflow-" + name
	case "kubeflow-admin", "kubeflow-edit", "kubeflow-view":
		return strings.TrimPrefix(name, "kubeflow-")
	}
	return ""
}

// Create adds a contributor: the role binding first, then the policy. When the policy is refused, the role binding stays.
// caller is the user who asks: owner of the profile, or one of the administrators.
func (k *Kfam) Create(ctx context.Context, caller string, b Binding) error {
	if err := k.allowed(ctx, caller, b); err != nil {
		return err
	}
	name := k.nameOf(b)
	annotations := map[string]string{"user": b.User.Name, "role": b.RoleRef.Name}
	rule := k.release.userRule(b.User.Name, k.config)
	if k.release.groups && b.User.Kind == "Group" {
		annotations = map[string]string{"group": b.User.Name, "role": b.RoleRef.Name}
		rule = k.release.groupRule(b.User.Name, k.config)
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations},
		RoleRef:    rbacv1.RoleRef{Kind: b.RoleRef.Kind, APIGroup: b.RoleRef.APIGroup, Name: roles(b.RoleRef.Name)},
		Subjects:   []rbacv1.Subject{*b.User},
	}
	if _, err := k.kube.RbacV1().RoleBindings(b.Namespace).Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		return &Refusal{Code: http.StatusForbidden, Err: err}
	}
	var err error
	if k.release.istioRBAC {
		err = k.createServiceRoleBinding(ctx, name, annotations, b)
	} else {
		policy := newPolicy(b.Namespace, name, annotations, map[string]any{"rules": []any{rule}})
		_, err = k.dynamic.Resource(policies).Namespace(b.Namespace).Create(ctx, policy, metav1.CreateOptions{})
	}
	if err != nil {
		return &Refusal{Code: http.StatusForbidden, Err: err}
	}
	return nil
}

// createServiceRoleBinding writes what old releases did instead of a policy. Where the kind is gone, so is what they wrote:
// that is how such a contributor looks after an upgrade.
func (k *Kfam) createServiceRoleBinding(ctx context.Context, name string, annotations map[string]string, b Binding) error {
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "rbac.istio.io/v1alpha1", "kind": "ServiceRoleBinding",
		"spec": map[string]any{
			"subjects": []any{map[string]any{"properties": map[string]any{
				"request.headers[" + k.config.UserIDHeader + "]": k.config.UserIDPrefix + b.User.Name,
			}}},
			"roleRef": map[string]any{"kind": "ServiceRole", "name": "ns-access-istio"},
		},
	}}
	object.SetName(name)
	object.SetAnnotations(annotations)
	_, err := k.dynamic.Resource(serviceRoleBindings).Namespace(b.Namespace).Create(ctx, object, metav1.CreateOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// Delete takes a contributor away, found by name alone. Both objects must be there: without the policy the role binding
// stays too.
func (k *Kfam) Delete(ctx context.Context, caller string, b Binding) error {
	if err := k.allowed(ctx, caller, b); err != nil {
		return err
	}
	name, second := k.nameOf(b), policies
	if k.release.istioRBAC {
		second = serviceRoleBindings
	}
	bindings, istio := k.kube.RbacV1().RoleBindings(b.Namespace), k.dynamic.Resource(second).Namespace(b.Namespace)
	_, err := bindings.Get(ctx, name, metav1.GetOptions{})
	if err == nil {
		_, err = istio.Get(ctx, name, metav1.GetOptions{})
	}
	if err == nil {
		err = bindings.Delete(ctx, name, metav1.DeleteOptions{})
	}
	if err == nil {
		err = istio.Delete(ctx, name, metav1.DeleteOptions{})
	}
	if err != nil {
		return &Refusal{Code: http.StatusForbidden, Err: err}
	}
	return nil
}

// List returns contributors of one namespace, or of all profiles: role bindings with both annotations. The query is compared
// with annotations; what is returned comes from subjects and roles. Nobody is asked who he is.
func (k *Kfam) List(ctx context.Context, q Query) (Entries, error) {
	namespaces := []string{q.Namespace}
	if q.Namespace == "" {
		list, err := k.dynamic.Resource(profiles).List(ctx, metav1.ListOptions{})
		if err != nil {
			return Entries{}, &Refusal{Code: http.StatusForbidden, Err: err}
		}
		namespaces = namespaces[:0]
		for i := range list.Items {
			namespaces = append(namespaces, list.Items[i].GetName())
		}
	}
	var out Entries
	for _, namespace := range namespaces {
		list, err := k.kube.RbacV1().RoleBindings(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return Entries{}, &Refusal{Code: http.StatusUnauthorized, Err: err}
		}
		for i := range list.Items {
			b := &list.Items[i]
			user, named := b.Annotations["user"]
			role, ranked := b.Annotations["role"]
			switch {
			case !named || !ranked:
				continue
			case len(b.Subjects) != 1:
				err := fmt.Errorf("role binding %s/%s has %d subjects", namespace, b.Name, len(b.Subjects))
				return Entries{}, &Refusal{Code: http.StatusUnauthorized, Err: err}
			case q.User != "" && user != q.User, q.Role != "" && role != q.Role:
				continue
			}
			out.Bindings = append(out.Bindings, Binding{
				User:      &rbacv1.Subject{Kind: b.Subjects[0].Kind, Name: b.Subjects[0].Name},
				Namespace: namespace,
				RoleRef:   &rbacv1.RoleRef{Kind: b.RoleRef.Kind, Name: roles(b.RoleRef.Name)},
			})
		}
	}
	return out, nil
}

func (k *Kfam) nameOf(b Binding) string {
	return k.release.name(b.User.Kind, b.User.Name, b.RoleRef.Kind, b.RoleRef.Name)
}

// allowed reports whether the caller may change contributors: he owns the profile, which has to be there, or is an
// administrator. Rights in Kubernetes do not count. Up to 1.10 nobody at all is an administrator where none is set.
func (k *Kfam) allowed(ctx context.Context, caller string, b Binding) error {
	if b.User == nil || b.RoleRef == nil {
		return &Refusal{Code: http.StatusInternalServerError, Err: errors.New("panic: nil pointer dereference")}
	}
	profile, err := k.dynamic.Resource(profiles).Get(ctx, b.Namespace, metav1.GetOptions{})
	if err != nil {
		return &Refusal{Code: http.StatusForbidden, Err: err}
	}
	owner, _, _ := unstructured.NestedString(profile.Object, "spec", "owner", "name")
	if caller != owner && !k.IsAdmin(caller) {
		return &Refusal{Code: http.StatusForbidden, Err: fmt.Errorf("%q is not the owner of %q", caller, b.Namespace)}
	}
	return nil
}

// IsAdmin answers whether a user is one of the cluster administrators.
func (k *Kfam) IsAdmin(user string) bool {
	if k.release.oneAdmin {
		return user == strings.Join(k.config.Admins, ",")
	}
	return user != "" && slices.Contains(k.config.Admins, user)
}
