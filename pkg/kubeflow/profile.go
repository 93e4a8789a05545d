package kubeflow

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// Profile is a profile as the controller reads it.
type Profile struct {
	Name string
	// UID is empty when no server stores the profile.
	UID types.UID
	// Owner is spec.owner as it stands there: it may be empty, its kind may be anything, its API group is often missing.
	Owner rbacv1.Subject
	// Quota is spec.resourceQuotaSpec.
	Quota   corev1.ResourceQuotaSpec
	Plugins []Plugin
	// Terminating says that it is being deleted, which ends when the last finalizer is gone.
	Terminating bool
	Finalizers  []string
	Created     time.Time
}

// profileSpec is the schema of a profile's spec, the same in both versions. Plugins are of any shape.
type profileSpec struct {
	Owner             rbacv1.Subject           `json:"owner"`
	ResourceQuotaSpec corev1.ResourceQuotaSpec `json:"resourceQuotaSpec"`
}

// NewProfile returns a profile as the controller leaves it: with an explicit, possibly empty, resourceQuotaSpec, and with
// the API group of the owner, without which the controller writes the owner's role binding over and over. The quota may
// be nil.
func NewProfile(
	name string, owner rbacv1.Subject, quota *corev1.ResourceQuotaSpec, plugins []Plugin,
) *unstructured.Unstructured {
	subject := map[string]any{"kind": owner.Kind, "name": owner.Name}
	if group := withGroup(owner).APIGroup; group != "" {
		subject["apiGroup"] = group
	}
	if owner.Namespace != "" {
		subject["namespace"] = owner.Namespace
	}
	spec := map[string]any{"owner": subject, "resourceQuotaSpec": quotaFields(quota)}
	if len(plugins) > 0 {
		list := make([]any, len(plugins))
		for i, p := range plugins {
			list[i] = p.fields()
		}
		spec["plugins"] = list
	}
	out := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	out.SetGroupVersionKind(ProfileKind)
	out.SetName(name)
	return out
}

// quotaFields is a quota as it stands in a profile; never nil.
func quotaFields(quota *corev1.ResourceQuotaSpec) map[string]any {
	out := map[string]any{}
	if quota == nil {
		return out
	}
	if len(quota.Hard) > 0 {
		hard := map[string]any{}
		for name, limit := range quota.Hard {
			hard[string(name)] = limit.String()
		}
		out["hard"] = hard
	}
	if len(quota.Scopes) > 0 {
		scopes := make([]any, len(quota.Scopes))
		for i, scope := range quota.Scopes {
			scopes[i] = string(scope)
		}
		out["scopes"] = scopes
	}
	if quota.ScopeSelector != nil {
		list := make([]any, len(quota.ScopeSelector.MatchExpressions))
		for i, e := range quota.ScopeSelector.MatchExpressions {
			entry := map[string]any{"scopeName": string(e.ScopeName), "operator": string(e.Operator)}
			if len(e.Values) > 0 {
				entry["values"] = texts(e.Values...)
			}
			list[i] = entry
		}
		out["scopeSelector"] = map[string]any{"matchExpressions": list}
	}
	return out
}

// ReadProfile reads a profile of either version. Errors: it is no Profile, or its spec is not of the right shape.
func ReadProfile(object *unstructured.Unstructured) (Profile, error) {
	if gvk := object.GroupVersionKind(); gvk.GroupKind() != ProfileKind.GroupKind() {
		return Profile{}, fmt.Errorf("read profile %q: it is a %q", object.GetName(), gvk.GroupKind())
	}
	out := Profile{
		Name:        object.GetName(),
		UID:         object.GetUID(),
		Terminating: object.GetDeletionTimestamp() != nil,
		Finalizers:  object.GetFinalizers(),
		Created:     object.GetCreationTimestamp().Time,
	}
	fields, found, err := unstructured.NestedMap(object.Object, "spec")
	if err != nil {
		return Profile{}, fmt.Errorf("read profile %q: %w", object.GetName(), err)
	}
	if !found {
		return out, nil
	}
	var spec profileSpec
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &spec); err != nil {
		return Profile{}, fmt.Errorf("read spec of profile %q: %w", object.GetName(), err)
	}
	out.Owner, out.Quota, out.Plugins = spec.Owner, spec.ResourceQuotaSpec, readPlugins(fields["plugins"])
	return out, nil
}

// withGroup returns a subject with the API group that the server fills in.
func withGroup(s rbacv1.Subject) rbacv1.Subject {
	if s.APIGroup == "" && (s.Kind == rbacv1.UserKind || s.Kind == rbacv1.GroupKind) {
		s.APIGroup = rbacv1.GroupName
	}
	return s
}
