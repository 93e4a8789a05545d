package kueue

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Integration is a kind of work that Kueue takes, as its configuration names it.
type Integration struct {
	// Framework is its name in integrations.frameworks.
	Framework string
	// Resources are the kinds whose creation makes such work: the kind itself, and those whose controllers make one with
	// the queue's name on it, such as CronJobs.
	Resources []rbac.Resource
	// Pods says that it works through Pods: Kueue passes over those in namespaces that it does not manage, in every release.
	Pods bool
	// Shipped says that the configuration file of some release from 0.12 on enables it.
	Shipped bool
}

// Integrations returns all that Kueue has, in the order of its configuration file. Those of Pods, Deployments, StatefulSets
// and LeaderWorkerSets are commented out in the file of 0.12 and enabled in that of 0.15 on; TrainJobs came with 0.14,
// RayServices with 0.17 (before, they were taken through their RayClusters), SparkApplications later still. Source:
// config/components/manager/controller_manager_config.yaml, pkg/controller/jobs/**, site/content/en/docs/tasks/run.
func Integrations() []Integration {
	const shipped, pods = true, true
	return []Integration{
		// The controller of a CronJob makes Jobs with the labels of its jobTemplate.
		integration("batch/job", !pods, shipped, namespaced("batch", "v1", "Job"), namespaced("batch", "v1", "CronJob")),
		integration("kubeflow.org/mpijob", !pods, shipped, namespaced("kubeflow.org", "v2beta1", "MPIJob")),
		integration("ray.io/rayjob", !pods, shipped, namespaced("ray.io", "v1", "RayJob")),
		integration("ray.io/rayservice", !pods, shipped, namespaced("ray.io", "v1", "RayService")),
		// KubeRay copies the labels of a RayService to the RayCluster that it makes.
		integration("ray.io/raycluster", !pods, shipped, namespaced("ray.io", "v1", "RayCluster"), namespaced("ray.io", "v1", "RayService")),
		integration("jobset.x-k8s.io/jobset", !pods, shipped, namespaced("jobset.x-k8s.io", "v1alpha2", "JobSet")),
		integration("trainer.kubeflow.org/trainjob", !pods, shipped, namespaced("trainer.kubeflow.org", "v1alpha1", "TrainJob")),
		integration("kubeflow.org/paddlejob", !pods, shipped, namespaced("kubeflow.org", "v1", "PaddleJob")),
		integration("kubeflow.org/pytorchjob", !pods, shipped, namespaced("kubeflow.org", "v1", "PyTorchJob")),
		integration("kubeflow.org/tfjob", !pods, shipped, namespaced("kubeflow.org", "v1", "TFJob")),
		integration("kubeflow.org/xgboostjob", !pods, shipped, namespaced("kubeflow.org", "v1", "XGBoostJob")),
		integration("kubeflow.org/jaxjob", !pods, shipped, namespaced("kubeflow.org", "v1", "JAXJob")),
		integration("workload.codeflare.dev/appwrapper", !pods, shipped, namespaced("workload.codeflare.dev", "v1beta2", "AppWrapper")),
		integration("sparkoperator.k8s.io/sparkapplication", !pods, !shipped, namespaced("sparkoperator.k8s.io", "v1beta2", "SparkApplication")),
		// What makes Pods out of a template puts the template's labels on them.
		integration("pod", pods, shipped, namespaced("", "v1", "Pod"), namespaced("apps", "v1", "ReplicaSet"), namespaced("", "v1", "ReplicationController")),
		integration("deployment", pods, shipped, namespaced("apps", "v1", "Deployment")),
		integration("statefulset", pods, shipped, namespaced("apps", "v1", "StatefulSet")),
		integration("leaderworkerset.x-k8s.io/leaderworkerset", pods, shipped, namespaced("leaderworkerset.x-k8s.io", "v1", "LeaderWorkerSet")),
	}
}

func integration(framework string, pods, shipped bool, resources ...rbac.Resource) Integration {
	return Integration{Framework: framework, Pods: pods, Shipped: shipped, Resources: resources}
}

// namespaced returns a kind whose plural and singular are spelt in the ordinary way, as those of all of Kueue's are.
func namespaced(group, version, kind string) rbac.Resource {
	singular := strings.ToLower(kind)
	return rbac.Resource{Group: group, Version: version, Name: singular + "s", Singular: singular, Kind: kind, Namespaced: true}
}

// Work is a kind that makes work for Kueue.
type Work struct {
	rbac.Resource
	// Pods says that Kueue takes it through Pods only, see [Integration].
	Pods bool
}

// Work returns the kinds that make work under a configuration, each once, in the order of [Integrations], and then those of
// other controllers.
func (c *Config) Work() []Work {
	var out []Work
	add := func(r rbac.Resource, pods bool) {
		i := slices.IndexFunc(out, func(w Work) bool { return w.Group == r.Group && w.Name == r.Name })
		if i < 0 {
			out = append(out, Work{r, pods})
		} else {
			out[i].Pods = out[i].Pods && pods
		}
	}
	for _, known := range Integrations() {
		if slices.Contains(c.Frameworks, known.Framework) {
			for _, r := range known.Resources {
				add(r, known.Pods)
			}
		}
	}
	for _, text := range c.External {
		parts := strings.SplitN(text, ".", 3) // KIND.VERSION.GROUP
		if len(parts) == 3 && parts[0] != "" {
			add(namespaced(parts[2], parts[1], parts[0]), false)
		}
	}
	return out
}
