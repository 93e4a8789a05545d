package k0rdent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

func TestKCMVersions(t *testing.T) {
	t.Parallel()
	form := func(v string) string {
		return `parse KCM version "` + v + `": want a version such as 1.11.4, or the name of a release such as kcm-1-11-4`
	}
	tests := map[string]struct {
		version string
		era     k0rdent.Era
		k0s     string
		removes bool
		err     string
	}{
		"1.6.0":              {"1.6.0", k0rdent.AsWritten, "v1.32.8", false, ""},
		"1.7":                {"1.7.0", k0rdent.AsWritten, "v1.32.8", false, ""},
		"v1.8.0":             {"1.8.0", k0rdent.AsWritten, "v1.32.8", false, ""},
		"1.9":                {"1.9.0", k0rdent.AsWritten, "v1.35.1", false, ""},
		"kcm-1-9-0":          {"1.9.0", k0rdent.AsWritten, "v1.35.1", false, ""},
		"1.10":               {"1.10.0", k0rdent.ForcedV1, "v1.35.4", false, ""},
		"1.10.0-rc1":         {"1.10.0-rc1", k0rdent.ForcedV1, "v1.35.4", false, ""},
		"1.11.0":             {"1.11.0", k0rdent.ForcedV1, "v1.36.3+k0s.0", true, ""},
		"1.11.3":             {"1.11.3", k0rdent.ForcedV1, "v1.36.3+k0s.1", true, ""},
		"v1.11.4":            {"1.11.4", k0rdent.ForcedV1, "v1.36.3+k0s.2", true, ""},
		"kcm-1-11-4":         {"1.11.4", k0rdent.ForcedV1, "v1.36.3+k0s.2", true, ""},
		"1.12.0-rc2":         {"1.12.0-rc2", k0rdent.ForcedV1, "v1.36.3+k0s.2", true, ""},
		"kcm-1-12-0-rc2":     {"1.12.0-rc2", k0rdent.ForcedV1, "v1.36.3+k0s.2", true, ""},
		"1.13.0":             {"1.13.0", k0rdent.ForcedV1, "", true, ""},
		"2.0":                {"2.0.0", k0rdent.ForcedV1, "", true, ""},
		"1.5.0":              {"1.5.0", "", "", false, `parse KCM version "1.5.0": ClusterAuthentication came with 1.6.0`},
		"0.3.0":              {"0.3.0", "", "", false, `parse KCM version "0.3.0": ClusterAuthentication came with 1.6.0`},
		"":                   {"", "", "", true, form("")},
		"1":                  {"", "", "", true, form("1")},
		"1.10.0; rm":         {"", "", "", true, form("1.10.0; rm")},
		"1.99999999999999.0": {"", "", "", true, form("1.99999999999999.0")},
	}
	for in, tt := range tests {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			era, err := k0rdent.EraOf(in)
			if diff := cmp.Diff(tt.err, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			version, err := k0rdent.KCMVersion(in)
			if (err == nil) != (tt.version != "") {
				t.Errorf("KCMVersion: %v", err)
			}
			got := []any{version, era, k0rdent.DefaultK0s(in), k0rdent.RemovesSecret(in)}
			if diff := cmp.Diff([]any{tt.version, tt.era, tt.k0s, tt.removes}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestK0sVersions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kubernetes string
		fixed      bool
	}{
		"v1.36.3+k0s.2":      {"1.36.3", true},
		"v1.36.3+k0s.1":      {"1.36.3", true},
		"v1.36.3-k0s.1":      {"1.36.3", true},
		"1.36.3+k0s.1":       {"1.36.3", true},
		"v1.36.3+k0s.0":      {"1.36.3", false},
		"v1.36.3":            {"1.36.3", false},
		"v1.36.4+k0s.0":      {"1.36.4", true},
		"v1.36.4":            {"1.36.4", true},
		"v1.37.0-rc.1+k0s.0": {"1.37.0-rc.1", true},
		"v1.35.7+k0s.9":      {"1.35.7", false},
		"v1.32.8":            {"1.32.8", false},
		"1.34":               {"1.34", false},
		"":                   {"", false},
		"latest":             {"", false},
		"v1.36.3+rke2r1":     {"", false},
	}
	for in, tt := range tests {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			v, err := k0rdent.KubernetesOf(in)
			got := ""
			if err == nil {
				got = v.String()
			} else if diff := cmp.Diff(`parse k0s version "`+in+`": want a version such as v1.36.3+k0s.2`, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]any{tt.kubernetes, tt.fixed}, []any{got, k0rdent.FixedAnonymous(in)}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestChartOf(t *testing.T) {
	t.Parallel()
	tests := map[string][2]string{
		"openstack-standalone-cp-1-0-46":     {"openstack-standalone-cp", "1.0.46"},
		"openstack-hosted-cp-1-0-12":         {"openstack-hosted-cp", "1.0.12"},
		"aws-eks-1-0-13":                     {"aws-eks", "1.0.13"},
		"remote-cluster-1-0-38":              {"remote-cluster", "1.0.38"},
		"azure-standalone-cp-1-0-45-rc1":     {"azure-standalone-cp", "1.0.45-rc1"},
		"azure-standalone-cp-1-0-45-rc1-dev": {"azure-standalone-cp", "1.0.45-rc1-dev"},
		"team-template":                      {"team-template", ""},
		"aws-standalone-cp":                  {"aws-standalone-cp", ""},
		"1-0-0":                              {"1-0-0", ""},
		"":                                   {"", ""},
	}
	for in, want := range tests {
		chart, version := k0rdent.ChartOf(in)
		if diff := cmp.Diff(want, [2]string{chart, version}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

func TestSupportOf(t *testing.T) {
	t.Parallel()
	tests := []k0rdent.Support{
		{Chart: "adopted-cluster", Known: true, ControlPlane: k0rdent.None},
		{Chart: "aws-eks", Known: true, ControlPlane: k0rdent.Managed},
		{Chart: "azure-aks", Known: true, ControlPlane: k0rdent.Managed},
		{Chart: "gcp-gke", Known: true, ControlPlane: k0rdent.Managed},
		{Chart: "docker-hosted-cp", Known: true, ControlPlane: k0rdent.K0smotronControlPlane},
		{Chart: "remote-cluster", Known: true, Consumes: true, ControlPlane: k0rdent.K0smotronControlPlane},
		{Chart: "docker-standalone-cp"},
		{Chart: "aws"},
		{Chart: ""},
	}
	for _, cloud := range []string{"aws", "azure", "gcp", "openstack", "vsphere", "kubevirt"} {
		tests = append(tests, k0rdent.Support{
			Chart: cloud + "-standalone-cp", Known: true, Consumes: true, HonoursAnonymous: true,
			ControlPlane: k0rdent.K0sControlPlane,
		}, k0rdent.Support{
			Chart: cloud + "-hosted-cp", Known: true, Consumes: true,
			ControlPlane: k0rdent.K0smotronControlPlane,
		})
	}
	for _, want := range tests {
		if diff := cmp.Diff(want, k0rdent.SupportOf(want.Chart)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", want.Chart, diff)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	got := []string{
		k0rdent.AuthSecretName("c1"), k0rdent.KubeconfigSecretName("c1"),
		k0rdent.GroupVersionKind(k0rdent.KindRegion).String(),
	}
	want := []string{"c1-auth-config", "c1-kubeconfig", "k0rdent.mirantis.com/v1beta1, Kind=Region"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
