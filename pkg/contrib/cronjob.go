package contrib

import (
	"cmp"
	"errors"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// CronJob says how [ExpireCronJob] is to run. Empty fields have the defaults that their comments name.
type CronJob struct {
	Name string // "gatehouse-expire"
	// Namespace is where it runs. When it is empty, that is "gatehouse", and the namespace is among the manifests.
	Namespace string
	Image     string // one with kubectl and kubectl-contrib on its PATH; required
	Schedule  string // "*/10 * * * *": every ten minutes
	Policies  bool   // there are Istio policies to remove too
	Kalm      bool   // there are RoleBindings of Kalm's to remove too
}

const (
	cronName      = "gatehouse-expire"
	cronNamespace = "gatehouse"
	cronSchedule  = "*/10 * * * *"
	// nobody is a user that no image gives to anybody.
	nobody = 65532
)

// ExpireCronJob returns the manifests of a CronJob that removes grants that have ended, and of what it needs: a service
// account, and a cluster role that reads what workspaces consist of, deletes role bindings and policies, and patches those
// that name others too, nothing more. They hold the restricted Pod Security Standard. Removing what was removed half is
// left to its next run: to put an object back, it would need to be able to grant. For the same reason the API server does
// not let it change a role binding of several subjects: that one is reported, and left to a person.
func ExpireCronJob(job CronJob) ([]*unstructured.Unstructured, error) {
	if job.Image == "" {
		return nil, fmt.Errorf("make cronjob: %w", errors.New("which image? want one with kubectl and kubectl-contrib"))
	}
	var objects []runtime.Object
	if job.Namespace == "" {
		job.Namespace = cronNamespace
		objects = append(objects, &corev1.Namespace{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
			ObjectMeta: metav1.ObjectMeta{
				Name: cronNamespace, Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
			},
		})
	}
	job.Name = cmp.Or(job.Name, cronName)
	job.Schedule = cmp.Or(job.Schedule, cronSchedule)
	meta := metav1.ObjectMeta{
		Namespace: job.Namespace, Name: job.Name, Labels: map[string]string{"app.kubernetes.io/name": job.Name},
	}
	global := metav1.ObjectMeta{Name: job.Name, Labels: meta.Labels}
	objects = append(objects,
		&corev1.ServiceAccount{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"}, ObjectMeta: meta},
		&rbacv1.ClusterRole{TypeMeta: rbacType("ClusterRole"), ObjectMeta: global, Rules: cronRules(job)},
		&rbacv1.ClusterRoleBinding{
			TypeMeta: rbacType("ClusterRoleBinding"), ObjectMeta: global,
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: job.Name},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: job.Namespace, Name: job.Name}},
		},
		&batchv1.CronJob{
			TypeMeta: metav1.TypeMeta{APIVersion: "batch/v1", Kind: "CronJob"}, ObjectMeta: meta,
			Spec: batchv1.CronJobSpec{
				Schedule:                   job.Schedule,
				ConcurrencyPolicy:          batchv1.ForbidConcurrent,
				SuccessfulJobsHistoryLimit: new(int32(1)),
				FailedJobsHistoryLimit:     new(int32(3)),
				JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{
					BackoffLimit:          new(int32(1)),
					ActiveDeadlineSeconds: new(int64(600)),
					Template: corev1.PodTemplateSpec{
						// A sidecar would keep the job from ending.
						ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{
							"app.kubernetes.io/name": job.Name, "sidecar.istio.io/inject": "false",
						}},
						Spec: cronPod(job),
					},
				}},
			},
		})
	out, err := plan.FromObjects(objects...)
	if err != nil {
		return nil, fmt.Errorf("make cronjob: %w", err)
	}
	for _, o := range out {
		// The types of a pod template write the time that they were made, which is never.
		unstructured.RemoveNestedField(o.Object, "spec", "jobTemplate", "metadata", "creationTimestamp")
		unstructured.RemoveNestedField(o.Object, "spec", "jobTemplate", "spec", "template", "metadata", "creationTimestamp")
	}
	return out, nil
}

func rbacType(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: kind}
}

func cronRules(job CronJob) []rbacv1.PolicyRule {
	look, take := []string{"get", "list"}, []string{"get", "list", "patch", "delete"}
	rules := []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"namespaces"}, Verbs: look},
		{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"rolebindings"}, Verbs: take},
	}
	if job.Kalm {
		rules = append(rules, rbacv1.PolicyRule{
			APIGroups: []string{kalm.Group}, Resources: []string{kalm.Bindings.Resource}, Verbs: []string{"get", "list", "delete"},
		})
	}
	if job.Policies {
		rules = append(rules,
			rbacv1.PolicyRule{APIGroups: []string{"kubeflow.org"}, Resources: []string{"profiles"}, Verbs: look},
			rbacv1.PolicyRule{APIGroups: []string{"security.istio.io"}, Resources: []string{"authorizationpolicies"}, Verbs: take})
	}
	return rules
}

// cronArgs leave aside what the job may not read: else each run would warn of it.
func cronArgs(job CronJob) []string {
	switch {
	case job.Policies:
		return nil
	case job.Kalm:
		return []string{"--flavor", string(workspace.Kalm), "--no-istio"}
	}
	return []string{"--no-istio"}
}

func cronPod(job CronJob) corev1.PodSpec {
	return corev1.PodSpec{
		ServiceAccountName: job.Name,
		RestartPolicy:      corev1.RestartPolicyNever,
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot: new(true), RunAsUser: new(int64(nobody)), RunAsGroup: new(int64(nobody)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{{
			Name:    "expire",
			Image:   job.Image,
			Command: append([]string{"kubectl", "contrib", "expire", "--yes", "-A"}, cronArgs(job)...),
			// kubectl keeps what it has learned about the API under its home.
			Env:          []corev1.EnvVar{{Name: "HOME", Value: "/tmp"}},
			VolumeMounts: []corev1.VolumeMount{{Name: "home", MountPath: "/tmp"}},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{
					corev1.ResourceCPU: resource.MustParse("50m"), corev1.ResourceMemory: resource.MustParse("64Mi"),
				},
				Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")},
			},
			SecurityContext: &corev1.SecurityContext{
				AllowPrivilegeEscalation: new(false), ReadOnlyRootFilesystem: new(true),
				Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			},
		}},
		Volumes: []corev1.Volume{{Name: "home", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
	}
}
