package profile_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubegatehouse/gatehouse/pkg/profile"
)

func TestUsageShare(t *testing.T) {
	t.Parallel()
	amount := func(text string) *resource.Quantity {
		if text == "" {
			return nil
		}
		q := resource.MustParse(text)
		return &q
	}
	tests := map[string]struct {
		used, hard, text string
		share            float64
	}{
		"nobody counted":     {"", "4", "?", 0},
		"none":               {"0", "4", "0", 0},
		"of different units": {"500m", "2", "500m", 0.25},
		"binary":             {"512Mi", "1Gi", "512Mi", 0.5},
		"lowered":            {"6", "4", "6", 1.5},
		"nothing is allowed": {"1", "0", "1", 2},
		"nothing of nothing": {"0", "0", "0", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := profile.Usage{Hard: *amount(tt.hard), Used: amount(tt.used)}
			if u.Share() != tt.share || u.UsedText() != tt.text {
				t.Errorf("%v, %q; want %v, %q", u.Share(), u.UsedText(), tt.share, tt.text)
			}
		})
	}
}

func TestCompareUsage(t *testing.T) {
	t.Parallel()
	want := []corev1.ResourceName{
		"cpu", "limits.cpu", "requests.cpu", "memory", "requests.memory", "requests.nvidia.com/gpu", "requests.example.com/fpga",
		"persistentvolumeclaims", "requests.storage", "pods",
	}
	var list []profile.Usage
	for _, name := range slices.Backward(want) {
		list = append(list, profile.Usage{Resource: name})
	}
	slices.SortFunc(list, profile.CompareUsage)
	var got []corev1.ResourceName
	for _, u := range list {
		got = append(got, u.Resource)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
