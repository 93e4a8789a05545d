package kubeflow_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

func TestControllerObjects(t *testing.T) {
	t.Parallel()
	owner := rbacv1.Subject{Kind: "User", Name: "Daniel@x.com"}
	limits := corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{
		"cpu": resource.MustParse("2"), "memory": resource.MustParse("2Gi"), "requests.nvidia.com/gpu": resource.MustParse("1"),
	}}
	secured := kubeflow.DefaultConfig()
	secured.NamespaceLabels = map[string]string{
		kubeflow.PartOfLabel: kubeflow.PartOfProfile, kubeflow.PodSecurity: "baseline", kubeflow.KatibLabel: "",
	}
	tests := map[string]struct {
		profile kubeflow.Profile
		config  kubeflow.Config
	}{
		"stored": {kubeflow.Profile{Name: "team-a", UID: types.UID("1234"), Owner: owner, Quota: limits}, kubeflow.DefaultConfig()},
		"1.7":    {kubeflow.Profile{Name: "team-a", Owner: owner}, google()},
		"labels": {kubeflow.Profile{
			Name: "team-a", Owner: rbacv1.Subject{Kind: "Group", Name: "ml"},
			Quota: corev1.ResourceQuotaSpec{Scopes: []corev1.ResourceQuotaScope{corev1.ResourceQuotaScopeBestEffort}},
		}, secured},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, manifest(t, kubeflow.ControllerObjects(tt.profile, tt.config)...), "owner/"+name)
		})
	}
}
