// Package kaiwo holds facts about Kaiwo, which runs AI workloads in queues: its names, labels, defaults and spellings, and
// what its command line asks of the API server. It knows no flow and talks to nobody.
//
// Source, unless a comment names another: silogen/kaiwo at 067a6db8 (0.2.0-rc5).
package kaiwo

// Group is the API group of Kaiwo's workloads and of its queue configuration, Version the one that it serves.
const (
	Group   = "kaiwo.silogen.ai"
	Version = "v1alpha1"
)

// ConfigGroup is the API group of KaiwoConfig, whose version is [Version] too.
const ConfigGroup = "config.kaiwo.silogen.ai"

// ConfigName is what a KaiwoQueueConfig must be called, and a KaiwoConfig: Kaiwo passes over any other. Source:
// internal/controller/kaiwoqueueconfig_controller.go, pkg/workloads/common/config.go.
const ConfigName = "kaiwo"

// DefaultQueue is the queue of workloads that name none, unless KaiwoConfig says otherwise, and DefaultCohort the cohort
// that Kaiwo makes it in. Source: apis/config/v1alpha1/kaiwoconfig_types.go.
const (
	DefaultQueue  = "kaiwo"
	DefaultCohort = "kaiwo"
)

// Where the operator runs and as whom: its Deployment, its service account and the ClusterRole that this is bound to. With
// the Helm chart the ClusterRole is called that, with kustomize it has the prefix "kaiwo-". Source: config/default,
// config/manager, config/rbac, chart/templates/rbac-resources.yaml.
const (
	SystemNamespace = "kaiwo-system"
	OperatorAccount = "kaiwo-controller-manager"
	OperatorRole    = "manager-role"
	// OperatorLabel marks the operator's Deployment; its value is [OperatorAccount].
	OperatorLabel = "control-plane"
)

// WorkloadNamespace is the namespace that Kaiwo's command line takes where none is named, except for submit, which takes
// "default". Source: config/static/namespace, pkg/cli.
const WorkloadNamespace = "kaiwo"

// Labels of what Kaiwo makes of a workload. The KaiwoJob or KaiwoService itself carries none of them. Source:
// pkg/workloads/common/labels.go.
const (
	UserLabel    = Group + "/user" // spec.user as [UserValue] writes it
	NameLabel    = Group + "/name"
	TypeLabel    = Group + "/type" // "job" or "service"
	RunLabel     = Group + "/run-id"
	ManagedLabel = Group + "/managed" // on a plain Job: Kaiwo's webhook, where it runs, makes a KaiwoJob of it
	Finalizer    = Group + "/finalizer"
)

// Environment variables of the operator. Webhooks are off unless the first is set to something else than "true". The second
// is the default queue of the webhooks alone. Source: cmd/operator/main.go, internal/webhook/v1/job_webhook.go.
const (
	EnvDisableWebhooks = "DISABLE_WEBHOOKS"
	EnvDefaultQueue    = "DEFAULT_CLUSTER_QUEUE_NAME"
	EnvEnforceOnGPU    = "ENFORCE_KAIWO_ON_GPU_WORKLOADS"
)

// What a KaiwoQueueConfig says of itself in status.status. Source: kaiwoqueueconfig_types.go.
const (
	ConfigReady  = "READY"
	ConfigFailed = "FAILED"
)

// The most that lists of a KaiwoQueueConfig may have. Source: config/crd/bases/kaiwo.silogen.ai_kaiwoqueueconfigs.yaml.
const (
	MaxQueues          = 1000
	MaxFlavors         = 20
	MaxPriorityClasses = 20
	MaxTopologies      = 10
)

// TenantLabel on a namespace says that it belongs to a project of AIRM, which names queue, namespace and group of users
// alike. Source: silogen/cluster-forge at ce79c0f0.
const TenantLabel = "airm.silogen.ai/project-id"
