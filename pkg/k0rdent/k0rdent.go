// Package k0rdent holds facts about k0rdent's way of authenticating people at the clusters that it makes: the kinds and
// their fields, the bytes that its controller (KCM) writes for an API server, and which of its templates use them. It
// takes objects as they were read, and returns plain values; it reads and writes nothing. All facts are of KCM 1.6.0 to
// 1.11.4 and 1.12.0-rc2, and each says from which of KCM's files or pull requests it is.
package k0rdent

import "k8s.io/apimachinery/pkg/runtime/schema"

// Group and Version are those of k0rdent's objects. There is no other version that is served.
const (
	Group   = "k0rdent.mirantis.com"
	Version = "v1beta1"
	// APIVersion is how objects write both.
	APIVersion = Group + "/" + Version
)

// Kinds of k0rdent that have to do with authentication.
const (
	KindClusterAuthentication = "ClusterAuthentication"
	KindClusterDeployment     = "ClusterDeployment"
	KindClusterTemplate       = "ClusterTemplate"
	KindCredential            = "Credential"
	KindAccessManagement      = "AccessManagement"
	KindManagement            = "Management"
	KindRelease               = "Release"
	KindRegion                = "Region"
)

// SystemNamespace is where KCM runs if nobody says otherwise, and what AccessManagement distributes is there.
const SystemNamespace = "kcm-system"

// AccessManagementName is the name of the only AccessManagement of a management cluster, as its webhook demands.
const AccessManagementName = "kcm"

const (
	// LabelManaged marks, with the value "true", what AccessManagement made: a copy that it never updates, and removes
	// when no rule selects it any more. Source: internal/controller/accessmanagement_controller.go.
	LabelManaged = "k0rdent.mirantis.com/managed"
	// LabelComponent with the value ComponentKCM puts an object into a ManagementBackup. KCM itself puts it neither on a
	// ClusterAuthentication nor on its Secrets. Source: internal/controller/backup/collect.go.
	LabelComponent = "k0rdent.mirantis.com/component"
	// ComponentKCM is the value of LabelComponent.
	ComponentKCM = "kcm"
	// AnnotationRegionPause on a Region stops KCM from looking at the clusters of that region.
	AnnotationRegionPause = "k0rdent.mirantis.com/region-pause"
	// AnnotationMachineConfig on a Machine holds the K0sControlPlane's spec of which the machine was made. Source:
	// k0smotron's internal/controller/controlplane/helper.go.
	AnnotationMachineConfig = "k0s.controlplane.cluster.x-k8s.io/k0s-config"
)

// ConditionAuthentication is the condition of a ClusterDeployment that says whether its Secret was written. While it is
// there, KCM 1.11 and later remove the Secret when authentication is taken off. It does not say that anything uses the
// Secret. Source: ensureAuthConfigSecret in internal/controller/clusterdeployment_controller.go.
const ConditionAuthentication = "ClusterAuthenticationReady"

// ServiceAccountIssuer is the issuer of the service account tokens of every cluster that k0s makes, and so must never be
// the URL of an issuer of people. Source: k0s' pkg/component/controller/apiserver.go.
const ServiceAccountIssuer = "https://kubernetes.default.svc"

// GroupVersionKind returns the full name of one of k0rdent's kinds.
func GroupVersionKind(kind string) schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: Group, Version: Version, Kind: kind}
}

// AuthSecretName is the name of the Secret that KCM writes for a ClusterDeployment, in the deployment's namespace of the
// management cluster, or of its region. An existing Secret of that name is taken over. Source: internal/util/auth/util.go.
func AuthSecretName(cluster string) string { return cluster + "-auth-config" }

// AuthSecretKey is the only key of the Secret that KCM writes. Every update removes other keys.
const AuthSecretKey = "config"

// KubeconfigSecretName is the name of the Secret that holds the administrator's kubeconfig of a ClusterDeployment, in its
// namespace. Cluster API writes it.
func KubeconfigSecretName(cluster string) string { return cluster + "-kubeconfig" }

// KubeconfigSecretKey is the key of the kubeconfig in that Secret.
const KubeconfigSecretKey = "value"
