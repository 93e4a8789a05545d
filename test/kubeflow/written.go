package kubeflow

import (
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

// controlled is the metadata of an object that the controller makes in the profile's namespace.
func controlled(profile *unstructured.Unstructured, name string, annotations map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Namespace: profile.GetName(), Name: name, Annotations: annotations,
		OwnerReferences: []metav1.OwnerReference{controllerOf(profile)},
	}
}

func controllerOf(profile *unstructured.Unstructured) metav1.OwnerReference {
	yes := true
	return metav1.OwnerReference{
		APIVersion: "kubeflow.org/v1", Kind: "Profile", Name: profile.GetName(), UID: profile.GetUID(),
		Controller: &yes, BlockOwnerDeletion: &yes,
	}
}

// newNamespace is the profile's namespace.
func newNamespace(profile *unstructured.Unstructured, owner string, file map[string]string) *corev1.Namespace {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name:            profile.GetName(),
		Annotations:     map[string]string{"owner": owner},
		Labels:          map[string]string{"istio-injection": "enabled"},
		OwnerReferences: []metav1.OwnerReference{controllerOf(profile)},
	}}
	label(ns, file)
	return ns
}

// label goes over the labels of a namespace, and reports whether it changed any.
func label(ns *corev1.Namespace, file map[string]string) bool {
	changed := false
	for key, value := range file {
		_, there := ns.Labels[key]
		switch {
		case value == "" && there:
			delete(ns.Labels, key)
			changed = true
		case value != "" && !there:
			if ns.Labels == nil {
				ns.Labels = map[string]string{}
			}
			ns.Labels[key] = value
			changed = true
		}
	}
	return changed
}

// ownerSpec is the spec of the owner's policy.
func (r Release) ownerSpec(namespace, owner string, cfg facts.Config) map[string]any {
	mine := r.userRule(owner, cfg)
	return map[string]any{"rules": []any{
		mine,
		map[string]any{"when": []any{
			map[string]any{"key": "source.namespace", "values": []any{namespace}},
		}},
		map[string]any{"to": []any{
			map[string]any{"operation": map[string]any{"paths": []any{"/healthz", "/metrics", "/wait-for-drain"}}},
		}},
		map[string]any{
			"from": []any{map[string]any{"source": map[string]any{"principals": []any{cfg.NotebookPrincipal}}}},
			"to": []any{map[string]any{"operation": map[string]any{
				"methods": []any{"GET"}, "paths": []any{"*/api/kernels"},
			}}},
		},
	}}
}

// userRule lets a user in.
func (r Release) userRule(user string, cfg facts.Config) map[string]any {
	return r.fromGateway(map[string]any{"when": []any{map[string]any{
		"key": "request.headers[" + cfg.UserIDHeader + "]", "values": []any{cfg.UserIDPrefix + user},
	}}}, cfg)
}

// groupRule lets a group in.
func (r Release) groupRule(group string, cfg facts.Config) map[string]any {
	return r.fromGateway(map[string]any{"when": []any{map[string]any{
		"key": "request.auth.claims[groups]", "values": []any{group},
	}}}, cfg)
}

func (r Release) fromGateway(rule map[string]any, cfg facts.Config) map[string]any {
	if r.principals {
		var principals []any
		for _, p := range cfg.GatewayPrincipals {
			principals = append(principals, p)
		}
		rule["from"] = []any{map[string]any{"source": map[string]any{"principals": principals}}}
	}
	return rule
}

// newPolicy is a policy in the version that every release writes.
func newPolicy(namespace, name string, annotations map[string]string, spec map[string]any) *unstructured.Unstructured {
	policy := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "security.istio.io/v1beta1", "kind": "AuthorizationPolicy", "spec": spec,
	}}
	policy.SetNamespace(namespace)
	policy.SetName(name)
	policy.SetAnnotations(annotations)
	return policy
}

func clusterRole(name string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: name}
}
