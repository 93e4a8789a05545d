package kubeflow

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

// Controller stands in for the profile controller. Its methods may be called from many goroutines.
type Controller struct {
	release Release
	config  facts.Config
	kube    kubernetes.Interface
	dynamic dynamic.Interface
}

// NewController returns a controller of a release for the server of config. Of settings, what is not set is as shipped;
// labels are those of the file that is shipped from 1.5 on.
func NewController(config *rest.Config, release Release, settings facts.Config) (*Controller, error) {
	kube, dyn, err := clients(config)
	if err != nil {
		return nil, fmt.Errorf("make controller: %w", err)
	}
	return &Controller{release: release, config: shipped(settings), kube: kube, dynamic: dyn}, nil
}

// clients returns clients without a limit of their own, that keep warnings to themselves.
func clients(config *rest.Config) (kubernetes.Interface, dynamic.Interface, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{} // of the finalizer's name
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, nil, err
	}
	dyn, err := dynamic.NewForConfig(config)
	return kube, dyn, err
}

// shipped fills in what manifests ship.
func shipped(c facts.Config) facts.Config {
	if c.UserIDHeader == "" {
		c.UserIDHeader = "kubeflow-userid"
	}
	if c.GatewayPrincipals == nil {
		c.GatewayPrincipals = []string{
			"cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account", "cluster.local/ns/kubeflow/sa/ml-pipeline-ui",
		}
	}
	if c.NotebookPrincipal == "" {
		c.NotebookPrincipal = "cluster.local/ns/kubeflow/sa/notebook-controller-service-account"
	}
	if c.NamespaceLabels == nil {
		c.NamespaceLabels = map[string]string{
			"katib.kubeflow.org/metrics-collector-injection": "enabled",
			"serving.kubeflow.org/inferenceservice":          "enabled",
			"pipelines.kubeflow.org/enabled":                 "true",
			"app.kubernetes.io/part-of":                      "kubeflow-profile",
		}
	}
	return c
}

// spec is what the controller reads of a profile.
type spec struct {
	Owner             rbacv1.Subject           `json:"owner"`
	ResourceQuotaSpec corev1.ResourceQuotaSpec `json:"resourceQuotaSpec"`
}

// Reconcile goes once over the profile of that name, as the controller does when something of it has changed. It does
// nothing and returns nil when there is no such profile, and when its namespace belongs to somebody else. An error means that
// the controller would try again later; what it had done stays done.
func (c *Controller) Reconcile(ctx context.Context, name string) error {
	profile, err := c.dynamic.Resource(profiles).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("reconcile profile %q: %w", name, err)
	}
	var s spec
	fields, _, _ := unstructured.NestedMap(profile.Object, "spec")
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &s); err != nil {
		return fmt.Errorf("reconcile profile %q: %w", name, err)
	}
	mine, err := c.namespace(ctx, profile, s.Owner.Name)
	if err != nil || !mine {
		return err
	}
	for _, step := range []func(context.Context, *unstructured.Unstructured, *spec) error{
		c.ownerPolicy, c.editor, c.viewer, c.owner, c.quota, c.normalize, c.plugins, c.finish,
	} {
		if err := step(ctx, profile, &s); err != nil {
			return fmt.Errorf("reconcile profile %q: %w", name, err)
		}
	}
	return nil
}

// namespace makes the namespace, or goes over its labels. It is not the profile's when its annotation names another owner,
// whatever its owner references say; then nothing else is done, and a condition is built that is never stored.
func (c *Controller) namespace(ctx context.Context, profile *unstructured.Unstructured, owner string) (mine bool, err error) {
	api := c.kube.CoreV1().Namespaces()
	found, err := api.Get(ctx, profile.GetName(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		_, err = api.Create(ctx, newNamespace(profile, owner, c.config.NamespaceLabels), metav1.CreateOptions{})
		return err == nil, err
	case err != nil:
		return false, err
	}
	if name, there := found.Annotations["owner"]; !there || name != owner {
		condition := map[string]any{"type": "Failed", "message": "namespace already exist, but not owned by profile creator " + owner}
		if err := unstructured.SetNestedSlice(profile.Object, []any{condition}, "status", "conditions"); err != nil {
			return false, err
		}
		return false, c.normalize(ctx, profile, nil)
	}
	if label(found, c.config.NamespaceLabels) {
		_, err = api.Update(ctx, found, metav1.UpdateOptions{})
	}
	return err == nil, err
}

// ownerPolicy makes the owner's policy, or reverts its spec.
func (c *Controller) ownerPolicy(ctx context.Context, profile *unstructured.Unstructured, s *spec) error {
	api := c.dynamic.Resource(policies).Namespace(profile.GetName())
	want := c.release.ownerSpec(profile.GetName(), s.Owner.Name, c.config)
	found, err := api.Get(ctx, "ns-owner-access-istio", metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		annotations := map[string]string{"user": s.Owner.Name, "role": "admin"}
		policy := newPolicy(profile.GetName(), "ns-owner-access-istio", annotations, want)
		policy.SetOwnerReferences([]metav1.OwnerReference{controllerOf(profile)})
		_, err = api.Create(ctx, policy, metav1.CreateOptions{})
		return err
	case err != nil:
		return err
	}
	have, _, _ := unstructured.NestedMap(found.Object, "spec")
	if have["action"] == "ALLOW" {
		delete(have, "action")
	}
	if reflect.DeepEqual(have, want) {
		return nil
	}
	found.Object["spec"] = want
	_, err = api.Update(ctx, found, metav1.UpdateOptions{})
	return err
}

func (c *Controller) editor(ctx context.Context, profile *unstructured.Unstructured, _ *spec) error {
	return c.account(ctx, profile, "default-editor", "kubeflow-edit")
}

func (c *Controller) viewer(ctx context.Context, profile *unstructured.Unstructured, _ *spec) error {
	return c.account(ctx, profile, "default-viewer", "kubeflow-view")
}

// account makes a service account if it is missing, and sees to its role binding.
func (c *Controller) account(ctx context.Context, profile *unstructured.Unstructured, name, role string) error {
	api := c.kube.CoreV1().ServiceAccounts(profile.GetName())
	switch _, err := api.Get(ctx, name, metav1.GetOptions{}); {
	case apierrors.IsNotFound(err):
		account := &corev1.ServiceAccount{ObjectMeta: controlled(profile, name, nil)}
		if _, err := api.Create(ctx, account, metav1.CreateOptions{}); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	return c.binding(ctx, profile, name, nil, role, rbacv1.Subject{
		Kind: "ServiceAccount", Name: name, Namespace: profile.GetName(),
	})
}

func (c *Controller) owner(ctx context.Context, profile *unstructured.Unstructured, s *spec) error {
	annotations := map[string]string{"user": s.Owner.Name, "role": "admin"}
	return c.binding(ctx, profile, "namespaceAdmin", annotations, "kubeflow-admin", s.Owner)
}

// binding makes a role binding, or reverts its role and its subjects. Annotations are left as they are.
func (c *Controller) binding(
	ctx context.Context, profile *unstructured.Unstructured, name string, annotations map[string]string, role string, subject rbacv1.Subject,
) error {
	api := c.kube.RbacV1().RoleBindings(profile.GetName())
	want := &rbacv1.RoleBinding{
		ObjectMeta: controlled(profile, name, annotations), RoleRef: clusterRole(role), Subjects: []rbacv1.Subject{subject},
	}
	found, err := api.Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		_, err = api.Create(ctx, want, metav1.CreateOptions{})
		return err
	case err != nil:
		return err
	}
	// A subject without its API group never equals the stored one, so that it is written each time.
	if found.RoleRef == want.RoleRef && slices.Equal(found.Subjects, want.Subjects) {
		return nil
	}
	found.RoleRef, found.Subjects = want.RoleRef, want.Subjects
	_, err = api.Update(ctx, found, metav1.UpdateOptions{})
	return err
}
