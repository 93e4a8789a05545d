package kubeflow_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

func TestNewProfile(t *testing.T) {
	t.Parallel()
	full := &corev1.ResourceQuotaSpec{
		Hard:   corev1.ResourceList{"cpu": resource.MustParse("2"), "memory": resource.MustParse("2Gi")},
		Scopes: []corev1.ResourceQuotaScope{corev1.ResourceQuotaScopeNotTerminating},
		ScopeSelector: &corev1.ScopeSelector{MatchExpressions: []corev1.ScopedResourceSelectorRequirement{
			{ScopeName: corev1.ResourceQuotaScopePriorityClass, Operator: corev1.ScopeSelectorOpIn, Values: []string{"low"}},
			{ScopeName: corev1.ResourceQuotaScopeBestEffort, Operator: corev1.ScopeSelectorOpDoesNotExist},
		}},
	}
	plugins := []kubeflow.Plugin{
		{Kind: kubeflow.WorkloadIdentity, Spec: map[string]any{"gcpServiceAccount": "kf@p.iam.gserviceaccount.com"}},
		{APIVersion: "v1", Kind: kubeflow.AwsIamForServiceAccount, Spec: map[string]any{
			"awsIamRole": "arn:aws:iam::1:role/kf", "annotateOnly": true,
		}},
	}
	tests := map[string]struct {
		owner   rbacv1.Subject
		quota   *corev1.ResourceQuotaSpec
		plugins []kubeflow.Plugin
	}{
		"bare":    {owner: rbacv1.Subject{Kind: "User", Name: "alice@example.com"}},
		"full":    {owner: rbacv1.Subject{Kind: "User", APIGroup: rbacv1.GroupName, Name: "alice@example.com"}, quota: full, plugins: plugins},
		"account": {owner: rbacv1.Subject{Kind: "ServiceAccount", Namespace: "ci", Name: "bot"}, quota: &corev1.ResourceQuotaSpec{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made := kubeflow.NewProfile("team-a", tt.owner, tt.quota, tt.plugins)
			golden.Equal(t, manifest(t, made), "profile/"+name)

			want := kubeflow.Profile{Name: "team-a", Owner: tt.owner, Plugins: tt.plugins}
			if tt.owner.Kind == "User" {
				want.Owner.APIGroup = rbacv1.GroupName
			}
			if tt.quota != nil {
				want.Quota = *tt.quota
			}
			got, err := kubeflow.ReadProfile(made)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read back (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadProfile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		manifest string
		want     kubeflow.Profile
		refused  string
	}{
		"stored by kfam": {manifest: `
apiVersion: kubeflow.org/v1beta1
kind: Profile
metadata: {name: daniel, uid: "1", finalizers: [profile-finalizer], creationTimestamp: "2026-01-02T03:04:05Z"}
spec: {owner: {kind: User, name: daniel@x.com}, resourceQuotaSpec: {}}`, want: kubeflow.Profile{
			Name: "daniel", UID: "1", Finalizers: []string{"profile-finalizer"},
			Owner:   rbacv1.Subject{Kind: "User", Name: "daniel@x.com"},
			Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Local(),
		}},
		"without an owner, going": {manifest: `
apiVersion: kubeflow.org/v1
kind: Profile
metadata: {name: a, deletionTimestamp: "2026-01-02T03:04:05Z"}
spec: {plugins: [{kind: Other}, text]}`, want: kubeflow.Profile{
			Name: "a", Terminating: true, Plugins: []kubeflow.Plugin{{Kind: "Other"}},
		}},
		"without a spec": {manifest: "{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: a}}", want: kubeflow.Profile{Name: "a"}},
		"numbers as limits": {manifest: `
{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: a}, spec: {resourceQuotaSpec: {hard: {cpu: 2}}}}`, want: kubeflow.Profile{
			Name: "a", Quota: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"cpu": resource.MustParse("2")}},
		}},
		"another's profile": {
			manifest: "{apiVersion: projectcalico.org/v3, kind: Profile, metadata: {name: a}}",
			refused:  `read profile "a": it is a "Profile.projectcalico.org"`,
		},
		"spec of text": {
			manifest: "{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: a}, spec: text}",
			refused:  `read profile "a": .spec accessor error: text is of the type string, expected map[string]interface{}`,
		},
		"owner of text": {
			manifest: "{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: a}, spec: {owner: bob}}",
			refused:  `read spec of profile "a": cannot restore struct from: string`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := kubeflow.ReadProfile(object(t, tt.manifest))
			if diff := cmp.Diff(tt.refused, text(err)); diff != "" {
				t.Fatalf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlugins(t *testing.T) {
	t.Parallel()
	gcp := func(name string) kubeflow.Plugin {
		return kubeflow.Plugin{Kind: kubeflow.WorkloadIdentity, Spec: map[string]any{"gcpServiceAccount": name}}
	}
	aws := func(spec map[string]any) kubeflow.Plugin {
		return kubeflow.Plugin{Kind: kubeflow.AwsIamForServiceAccount, Spec: spec}
	}
	tests := map[string]struct {
		plugin           kubeflow.Plugin
		refused          string
		annotation, name string
	}{
		"gcp": {gcp("kf@p.iam.gserviceaccount.com"), "", "iam.gke.io/gcp-service-account", "kf@p.iam.gserviceaccount.com"},
		"gcp, 23 characters": {
			gcp("12345678901234567890123"), `check plugin "WorkloadIdentity": spec.gcpServiceAccount "12345678901234567890123"` +
				" has fewer than 24 characters, which makes the profile controller panic",
			"iam.gke.io/gcp-service-account", "12345678901234567890123",
		},
		"gcp, 24 characters": {
			gcp("123456789012345678901234"), `check plugin "WorkloadIdentity": spec.gcpServiceAccount "123456789012345678901234"` +
				` does not end in ".iam.gserviceaccount.com"`,
			"iam.gke.io/gcp-service-account", "123456789012345678901234",
		},
		"gcp, empty": {
			kubeflow.Plugin{Kind: kubeflow.WorkloadIdentity},
			`check plugin "WorkloadIdentity": spec.gcpServiceAccount is missing`, "iam.gke.io/gcp-service-account", "",
		},
		"aws": {aws(map[string]any{"awsIamRole": "arn:aws:iam::1:role/kf"}), "", "eks.amazonaws.com/role-arn", "arn:aws:iam::1:role/kf"},
		"aws, no ARN": {
			aws(map[string]any{"awsIamRole": "kf"}), `check plugin "AwsIamForServiceAccount": spec.awsIamRole "kf" is no ARN`,
			"eks.amazonaws.com/role-arn", "kf",
		},
		"its name in upstream's README": {
			plugin: kubeflow.Plugin{Kind: "IAMForServiceAccount"},
			refused: `check plugin "IAMForServiceAccount": the profile controller knows only WorkloadIdentity and AwsIamForServiceAccount,` +
				" and skips others",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.refused, text(kubeflow.CheckPlugin(tt.plugin))); diff != "" {
				t.Errorf("check (-want +got):\n%s", diff)
			}
			key, value := tt.plugin.Annotation()
			if diff := cmp.Diff([]string{tt.annotation, tt.name}, []string{key, value}); diff != "" {
				t.Errorf("annotation (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSetNamespaceLabels(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ labels, file, want map[string]string }{
		"adds":            {nil, map[string]string{"a": "1"}, map[string]string{"a": "1"}},
		"keeps":           {map[string]string{"a": "2", "b": "3"}, map[string]string{"a": "1"}, map[string]string{"a": "2", "b": "3"}},
		"removes":         {map[string]string{"a": "2", "b": "3"}, map[string]string{"a": ""}, map[string]string{"b": "3"}},
		"nothing to do":   {map[string]string{"a": "2"}, nil, map[string]string{"a": "2"}},
		"sidecars, taken": {map[string]string{"istio-injection": "enabled"}, map[string]string{"istio-injection": ""}, map[string]string{}},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, kubeflow.SetNamespaceLabels(tt.labels, tt.file)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
