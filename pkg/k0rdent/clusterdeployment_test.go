package k0rdent_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

func TestReadClusterDeployment(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		manifest string
		want     k0rdent.ClusterDeployment
		err      string
	}{
		"whole": {
			manifest: `
metadata: {name: c1, namespace: team}
spec:
  template: openstack-hosted-cp-1-0-12
  credential: cred
  clusterAuth: dex
  dryRun: true
  config: {workersNumber: 2}
  serviceSpec: {services: []}
status:
  conditions:
  - {type: Ready, status: "False", reason: Failed, message: m, lastTransitionTime: "2026-11-01T02:03:04Z"}
  - {type: ClusterAuthenticationReady, status: "True", reason: Succeeded, lastTransitionTime: soon}
`,
			want: k0rdent.ClusterDeployment{
				Namespace: "team", Name: "c1", Template: "openstack-hosted-cp-1-0-12", Credential: "cred", ClusterAuth: "dex",
				DryRun: true, Config: map[string]any{"workersNumber": float64(2)},
				Ready: &k0rdent.Condition{
					Status: "False", Reason: "Failed", Message: "m", Since: time.Date(2026, 11, 1, 2, 3, 4, 0, time.UTC),
				},
				AuthReady: &k0rdent.Condition{Status: "True", Reason: "Succeeded"},
			},
		},
		"least": {
			manifest: "metadata: {name: c1, namespace: team}\nspec: {template: t, ClusterAuth: dex}",
			want:     k0rdent.ClusterDeployment{Namespace: "team", Name: "c1", Template: "t"},
		},
		"odd status": {
			manifest: "metadata: {name: c1, namespace: team}\nspec: {template: t}\nstatus: {conditions: [1, {type: 2}]}",
			want:     k0rdent.ClusterDeployment{Namespace: "team", Name: "c1", Template: "t"},
		},
		"no spec": {
			manifest: "metadata: {name: c1, namespace: team}",
			err:      "read clusterdeployment team/c1: spec: it is missing",
		},
		"no template": {
			manifest: "metadata: {name: c1, namespace: team}\nspec: {Template: t}",
			err:      `read clusterdeployment team/c1: spec.template: it is missing, and "Template" is not the same: case counts`,
		},
		"empty template": {
			manifest: "metadata: {name: c1, namespace: team}\nspec: {template: ''}",
			err:      "read clusterdeployment team/c1: spec.template: it is empty",
		},
		"clusterAuth of an object": {
			manifest: "metadata: {name: c1, namespace: team}\nspec: {template: t, clusterAuth: {name: dex}}",
			err:      "read clusterdeployment team/c1: spec.clusterAuth: it is an object, not of type string",
		},
		"config of a list": {
			manifest: "metadata: {name: c1, namespace: team}\nspec: {template: t, config: []}",
			err:      "read clusterdeployment team/c1: spec.config: it is an array, not of type object",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := object(t, tt.manifest)
			got, err := k0rdent.ReadClusterDeployment(u)
			if diff := cmp.Diff(tt.err, text(err)); diff != "" {
				t.Fatalf("error (-want +got):\n%s", diff)
			}
			if err == nil && got.Object != u {
				t.Error("it is another object")
			}
			got.Object = nil
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	_, err := k0rdent.ReadClusterDeployment(nil)
	if diff := cmp.Diff("read clusterdeployment: there is none", text(err)); diff != "" {
		t.Errorf("nil (-want +got):\n%s", diff)
	}
}
