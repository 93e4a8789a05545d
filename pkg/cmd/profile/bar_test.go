package profile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func TestBar(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		used, hard string // an empty used was not counted
		bar, bars  string
	}{
		"nobody has counted":     {"", "5", "", "cpu ?/5"},
		"nothing":                {"0", "5", "[-----]", "cpu [-----] 0/5"},
		"hardly anything":        {"1m", "5", "[#----]", "cpu [#----] 1m/5"},
		"some":                   {"3", "5", "[###--]", "cpu [###--] 3/5"},
		"almost all":             {"4999m", "5", "[####-]", "cpu [####-] 4999m/5"},
		"all":                    {"5", "5", "[#####]", "cpu [#####] 5/5"},
		"more":                   {"6", "5", "[#####!", "cpu [#####! 6/5"},
		"nothing allowed":        {"0", "0", "[-----]", "cpu [-----] 0/0"},
		"something, none wanted": {"1", "0", "[#####!", "cpu [#####! 1/0"},
		"different units":        {"2048Mi", "4Gi", "[##---]", "cpu [##---] 2Gi/4Gi"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := profile.Usage{Resource: "cpu", Hard: resource.MustParse(tt.hard)}
			if tt.used != "" {
				used := resource.MustParse(tt.used)
				u.Used = &used
			}
			if diff := cmp.Diff([]string{tt.bar, tt.bars}, []string{bar(u), bars([]profile.Usage{u}, 1)}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func list(pairs ...string) corev1.ResourceList {
	out := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		out[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return out
}

func TestBarsOrder(t *testing.T) {
	t.Parallel()
	quotas := []*corev1.ResourceQuota{
		{ObjectMeta: metav1.ObjectMeta{Name: "b", Namespace: "x"}, Spec: corev1.ResourceQuotaSpec{Hard: list("pods", "9", "cpu", "2", "memory", "1Gi")}},
		{ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "x"}, Spec: corev1.ResourceQuotaSpec{Hard: list(
			"requests.nvidia.com/gpu", "1", "requests.storage", "5Gi", "limits.memory", "2Gi", "requests.cpu", "1", "cpu", "3",
		)}},
	}
	state := workspace.NewState(&inventory.Inventory{
		Namespaces: []*corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{Name: "x", Labels: map[string]string{workspace.Label: "true"}}}},
		Quotas:     quotas,
	}, workspace.Options{})
	tests := map[string]struct {
		most int
		want string
	}{
		"all": {99, "cpu ?/3, cpu ?/2, requests.cpu ?/1, memory ?/1Gi, limits.memory ?/2Gi, requests.nvidia.com/gpu ?/1, " +
			"requests.storage ?/5Gi, pods ?/9"},
		"two":  {2, "cpu ?/3, cpu ?/2, and 6 more"},
		"none": {0, "and 8 more"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, bars(limits(state, "x"), tt.most)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
