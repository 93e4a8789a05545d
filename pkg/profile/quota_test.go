package profile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const shopQuota = `
apiVersion: v1
kind: ResourceQuota
metadata: {name: gatehouse-quota, namespace: shop}
spec: {hard: {cpu: "4", memory: 8Gi}}
status: {hard: {cpu: "4", memory: 8Gi}, used: {cpu: 3500m, memory: "0"}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: workspace, namespace: shop}
spec: {hard: {pods: "0", services: "0", secrets: "10"}, scopes: [BestEffort]}
status: {used: {pods: "2", services: "0"}}`

func TestSetQuota(t *testing.T) {
	t.Parallel()
	used := func(w *world) *world {
		return w.change("ResourceQuota", "team-a", "kf-resource-quota", map[string]any{"cpu": "3"}, "status", "used")
	}
	tests := map[string]struct {
		world *world
		name  string
		set   corev1.ResourceList
		unset []corev1.ResourceName
	}{
		"kubeflow-change": {world: used(teamA(t)), name: "team-a", set: list("cpu", "2", "requests.nvidia.com/gpu", "1")},
		"kubeflow-same":   {world: teamA(t), name: "team-a", set: list("cpu", "4000m")},
		"kubeflow-none":   {world: teamA(t), name: "team-a", unset: []corev1.ResourceName{"cpu", "memory"}},
		"kubeflow-bad-name": {
			world: teamA(t).change("Profile", "", "team-a", map[string]any{"cpu": "4", "gpu": int64(1)}, "spec", "resourceQuotaSpec", "hard"),
			name:  "team-a", unset: []corev1.ResourceName{"gpu"},
		},
		"kubeflow-scopes": {
			world: teamA(t).change("Profile", "", "team-a", []any{"BestEffort"}, "spec", "resourceQuotaSpec", "scopes"),
			name:  "team-a", unset: []corev1.ResourceName{"cpu"},
		},
		"native-new":    {world: nativeTeam(t), name: "shop", set: list("pods", "10")},
		"native-change": {world: nativeTeam(t).yaml(shopQuota), name: "shop", set: list("cpu", "3", "secrets", "20"), unset: []corev1.ResourceName{"memory"}},
		"native-none":   {world: nativeTeam(t).yaml(shopQuota), name: "shop", unset: []corev1.ResourceName{"memory", "cpu"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, notes, err := profile.SetQuota(tc.world.state(), tc.name, tc.set, tc.unset)
			if err != nil {
				t.Fatalf("SetQuota: %v", err)
			}
			golden.Equal(t, shown(t, p, notes), "quota/"+name)
			tc.world.carryOut(p, -1)
			if tc.set == nil {
				return
			}
			if p, _, err = profile.SetQuota(tc.world.state(), tc.name, tc.set, nil); err != nil || len(p.Steps) > 0 {
				t.Errorf("the second time: %v, error %v", p.Strings(), err)
			}
		})
	}
}

func TestSetQuotaRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		set   corev1.ResourceList
		unset []corev1.ResourceName
		want  string
	}{
		"nothing":   {want: "change quota of profile \"team-a\": no resource is named\nhint: kubectl profile quota set team-a cpu=2,memory=2Gi"},
		"idle":      {set: list("nvidia.com/gpu", "1"), want: `change quota of profile "team-a": resource "nvidia.com/gpu": an API server takes it, and never counts it; did you mean requests.nvidia.com/gpu?`},
		"both":      {set: list("cpu", "1"), unset: []corev1.ResourceName{"cpu"}, want: `change quota of profile "team-a": cpu is both to be set and to be taken away`},
		"not there": {unset: []corev1.ResourceName{"cpus"}, want: "change quota of profile \"team-a\": \"cpus\" is not limited\nhint: did you mean cpu?"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := profile.SetQuota(teamA(t).state(), "team-a", tc.set, tc.unset)
			refusal(t, err, tc.want)
		})
	}
}

func TestQuotaUsage(t *testing.T) {
	t.Parallel()
	type row struct{ Quota, Resource, Used, Hard string }
	tests := map[string]struct {
		world *world
		name  string
		want  []row
		notes []string
	}{
		"native": {
			nativeTeam(t).yaml(shopQuota), "shop", []row{
				{"gatehouse-quota", "cpu", "3500m", "4"},
				{"gatehouse-quota", "memory", "0", "8Gi"},
				{"workspace", "pods", "2", "0"},
				{"workspace", "secrets", "", "10"},
				{"workspace", "services", "0", "0"},
			}, nil,
		},
		"not made yet": {
			teamA(t).remove("ResourceQuota", "team-a", "kf-resource-quota"), "team-a",
			[]row{{"", "cpu", "", "4"}},
			[]string{"profile team-a: Kubeflow's controller has not made its quota"},
		},
		"none": {newWorld(t, workspace.Kubeflow, made("team-a", alice, "")...), "team-a", []row{}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			usage, notes, err := profile.QuotaUsage(tc.world.state(), tc.name)
			if err != nil {
				t.Fatal(err)
			}
			got := []row{}
			for _, u := range usage {
				r := row{Quota: u.Quota, Resource: string(u.Resource), Hard: u.Hard.String()}
				if u.Used != nil {
					r.Used = u.Used.String()
				}
				got = append(got, r)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}
