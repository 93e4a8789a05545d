// Package kalm holds facts about Kalm: its role words, the shapes of its objects, and the policy by which its API decides.
// It knows no flow and talks to nobody.
//
// Source, unless a comment names another: kalmhq/kalm at 3479e596.
package kalm

import "k8s.io/apimachinery/pkg/runtime/schema"

// Group and Version are those of Kalm's objects.
const (
	Group   = "core.kalm.dev"
	Version = "v1alpha1"
)

// SystemNamespace is where Kalm runs; role words for the whole cluster are bound there.
const SystemNamespace = "kalm-system"

// The label by which a namespace becomes an application of Kalm. Without it, what is bound in the namespace gives nothing.
// Source: controller/controllers/kalm_ns_controller.go.
const (
	EnabledLabel = "kalm-enabled"
	EnabledValue = "true"
)

// TrapNamespace is the name of a namespace whose roles are those of the whole cluster: the roles of an application are
// called role_<namespace>_<role>, and those of the cluster role_cluster_<role>.
const TrapNamespace = "cluster"

// All stands for every namespace, kind or name in a rule, and for the cluster as the place of a request.
const All = "*"

// The kinds of Kalm's objects that it is written with.
const (
	BindingKind = "RoleBinding"
	TokenKind   = "AccessToken"
)

// Bindings is the resource of Kalm's role bindings. It is spelled like RBAC's: never leave the group away.
var Bindings = schema.GroupVersionResource{Group: Group, Version: Version, Resource: "rolebindings"}

// APIVersion returns the apiVersion of Kalm's objects.
func APIVersion() string { return Group + "/" + Version }
