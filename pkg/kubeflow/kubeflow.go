// Package kubeflow holds facts about Kubeflow's profiles and contributors: names, shapes, defaults and spellings of what
// its profile controller, its access management (kfam) and its dashboard write, in every release from 1.5 on.
//
// Facts only: nothing here decides what to do. Objects made here are equal, field by field, to those that Kubeflow's own
// components write. Sources are given as component and release; "profile-controller" and "access-management" were part
// of kubeflow/kubeflow up to 1.10 and are part of kubeflow/dashboard since 2.0.
package kubeflow

import "k8s.io/apimachinery/pkg/runtime/schema"

// API groups, versions and kinds.
var (
	// ProfileKind is cluster-scoped. v1 is the stored version; v1beta1 has the same schema and is served too.
	ProfileKind = schema.GroupVersionKind{Group: "kubeflow.org", Version: "v1", Kind: "Profile"}
	// PolicyKind is written as v1beta1 by every release: v1 is served only from Istio 1.17 on.
	PolicyKind = schema.GroupVersionKind{Group: "security.istio.io", Version: "v1beta1", Kind: "AuthorizationPolicy"}
)

// Names of objects that the profile controller makes in each namespace. Source: profile-controller, 1.3 to 2.0.
const (
	OwnerBinding     = "namespaceAdmin"
	OwnerPolicy      = "ns-owner-access-istio"
	EditorAccount    = "default-editor"
	ViewerAccount    = "default-viewer"
	Quota            = "kf-resource-quota"
	Finalizer        = "profile-finalizer"
	SystemNamespace  = "kubeflow"
	ControllerName   = "profiles-deployment"
	OwnerAnnotation  = "owner" // on the namespace: the name in spec.owner
	UserAnnotation   = "user"  // on both objects of a pair
	GroupAnnotation  = "group" // on pairs of groups, as planned upstream; kfam ignores it today
	RoleAnnotation   = "role"  // on both objects of a pair: admin, edit or view
	PartOfLabel      = "app.kubernetes.io/part-of"
	PartOfProfile    = "kubeflow-profile"
	InjectionLabel   = "istio-injection"
	InjectionEnabled = "enabled"
)
