package kubeflow

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	finalizer = "profile-finalizer"
	// googleSuffix ends names of Google's service accounts, and is cut off without a look at how long they are.
	googleSuffix = ".iam.gserviceaccount.com"
)

// quota makes the quota, or writes its spec anew. Without limits it takes away whatever has the quota's name: scopes alone
// are none.
func (c *Controller) quota(ctx context.Context, profile *unstructured.Unstructured, s *spec) error {
	const name = "kf-resource-quota"
	api := c.kube.CoreV1().ResourceQuotas(profile.GetName())
	found, err := api.Get(ctx, name, metav1.GetOptions{})
	missing := apierrors.IsNotFound(err)
	switch {
	case err != nil && !missing:
		return err
	case len(s.ResourceQuotaSpec.Hard) == 0 && (missing || c.release.keepsQuota):
		return nil
	case len(s.ResourceQuotaSpec.Hard) == 0:
		return api.Delete(ctx, name, metav1.DeleteOptions{})
	case missing:
		quota := &corev1.ResourceQuota{ObjectMeta: controlled(profile, name, nil), Spec: s.ResourceQuotaSpec}
		_, err = api.Create(ctx, quota, metav1.CreateOptions{})
		return err
	case reflect.DeepEqual(found.Spec, s.ResourceQuotaSpec):
		return nil
	}
	found.Spec = s.ResourceQuotaSpec
	_, err = api.Update(ctx, found, metav1.UpdateOptions{})
	return err
}

// normalize writes the profile back, which leaves an explicit resourceQuotaSpec in it. A status that was set is dropped by
// the server.
func (c *Controller) normalize(ctx context.Context, profile *unstructured.Unstructured, _ *spec) error {
	if _, there, _ := unstructured.NestedFieldNoCopy(profile.Object, "spec", "resourceQuotaSpec"); !there {
		if err := unstructured.SetNestedMap(profile.Object, map[string]any{}, "spec", "resourceQuotaSpec"); err != nil {
			return err
		}
	}
	return c.update(ctx, profile)
}

// update writes the profile, and leaves what the server made of it in its place.
func (c *Controller) update(ctx context.Context, profile *unstructured.Unstructured) error {
	stored, err := c.dynamic.Resource(profiles).Update(ctx, profile, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	profile.Object = stored.Object
	return nil
}

// plugins carries out what can be seen of the plugins on the cluster: annotations of default-editor. Unknown kinds are
// skipped.
func (c *Controller) plugins(ctx context.Context, profile *unstructured.Unstructured, _ *spec) error {
	for _, p := range pluginsOf(profile) {
		account, annotation := p.effect()
		if annotation == "" {
			continue
		}
		if err := c.annotate(ctx, profile.GetName(), annotation, account); err != nil {
			return err
		}
		if p.kind == "WorkloadIdentity" && len(account) < len(googleSuffix) {
			return fmt.Errorf("plugin %s: panic: slice bounds out of range [:%d]", p.kind, len(account)-len(googleSuffix))
		}
	}
	return nil
}

// revoke takes back what a plugin did. The annotation of Google's stays.
func (c *Controller) revoke(ctx context.Context, profile *unstructured.Unstructured) error {
	for _, p := range pluginsOf(profile) {
		if _, annotation := p.effect(); p.kind == "AwsIamForServiceAccount" {
			if err := c.annotate(ctx, profile.GetName(), annotation, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// annotate sets an annotation of default-editor; an empty value removes it.
func (c *Controller) annotate(ctx context.Context, namespace, key, value string) error {
	api := c.kube.CoreV1().ServiceAccounts(namespace)
	account, err := api.Get(ctx, "default-editor", metav1.GetOptions{})
	if err != nil {
		return err
	}
	if account.Annotations[key] == value {
		return nil
	}
	if account.Annotations == nil {
		account.Annotations = map[string]string{}
	}
	account.Annotations[key] = value
	if value == "" {
		delete(account.Annotations, key)
	}
	_, err = api.Update(ctx, account, metav1.UpdateOptions{})
	return err
}

type plugin struct {
	kind string
	spec map[string]any
}

func pluginsOf(profile *unstructured.Unstructured) []plugin {
	list, _, _ := unstructured.NestedSlice(profile.Object, "spec", "plugins")
	var out []plugin
	for _, item := range list {
		fields, _ := item.(map[string]any)
		kind, _ := fields["kind"].(string)
		values, _ := fields["spec"].(map[string]any)
		out = append(out, plugin{kind: kind, spec: values})
	}
	return out
}

// effect is the annotation of a plugin of a known kind, and its value.
func (p plugin) effect() (account, annotation string) {
	switch p.kind {
	case "WorkloadIdentity":
		account, _ = p.spec["gcpServiceAccount"].(string)
		return account, "iam.gke.io/gcp-service-account"
	case "AwsIamForServiceAccount":
		account, _ = p.spec["awsIamRole"].(string)
		return account, "eks.amazonaws.com/role-arn"
	}
	return "", ""
}

// finish puts the finalizer on, or, when the profile is being deleted, takes back the plugins and takes it off.
func (c *Controller) finish(ctx context.Context, profile *unstructured.Unstructured, _ *spec) error {
	list := profile.GetFinalizers()
	there := slices.Contains(list, finalizer)
	switch going := profile.GetDeletionTimestamp() != nil; {
	case going && there:
		if err := c.revoke(ctx, profile); err != nil {
			return err
		}
		profile.SetFinalizers(slices.DeleteFunc(list, func(f string) bool { return f == finalizer }))
	case !going && !there:
		profile.SetFinalizers(append(list, finalizer))
	default:
		return nil
	}
	return c.update(ctx, profile)
}
