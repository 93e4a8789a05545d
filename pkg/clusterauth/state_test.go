package clusterauth

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestKCM(t *testing.T) {
	t.Parallel()
	management := "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Management\nmetadata: {name: kcm}\nspec: {release: kcm-1-8-0}"
	releases := "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Release\nmetadata: {name: kcm-1-8-0}\nspec: {version: 1.8.0}\n---\n" +
		"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Release\nmetadata: {name: kcm-1-11-4}\nspec: {version: 1.11.4}"
	tests := map[string]struct {
		documents []string
		given     string
		want      KCM
		era       k0rdent.Era
	}{
		"of the Management": {
			documents: []string{management, releases}, want: KCM{"1.8.0", "Management kcm, Release kcm-1-8-0"}, era: k0rdent.AsWritten,
		},
		"of the name of a Release": {
			documents: []string{management}, want: KCM{"1.8.0", "Management kcm, Release kcm-1-8-0"}, era: k0rdent.AsWritten,
		},
		"of the only Release": {
			documents: []string{strings.Split(releases, "\n---\n")[1]}, want: KCM{"1.11.4", "Release kcm-1-11-4"}, era: k0rdent.ForcedV1,
		},
		"as given": {
			documents: []string{management, releases}, given: "v1.10", want: KCM{"1.10.0", "as given"}, era: k0rdent.ForcedV1,
		},
		"not told by two Releases": {documents: []string{releases}, want: KCM{Source: assumed}, era: k0rdent.Newest},
		"not told at all":          {documents: []string{dex}, want: KCM{Source: assumed}, era: k0rdent.Newest},
		"a name of somebody's": {
			documents: []string{strings.Replace(management, "kcm-1-8-0", "ours", 1)}, want: KCM{Source: assumed}, era: k0rdent.Newest,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := NewState(read(t, test.documents...), Options{KCM: test.given})
			if strings.HasPrefix(s.KCM.Version, "1.10") {
				test.want.Version = s.KCM.Version // how many numbers it has is not ours
			}
			if diff := cmp.Diff(test.want, s.KCM); diff != "" || s.Era != test.era {
				t.Errorf("era %s, want %s; KCM (-want +got):\n%s", s.Era, test.era, diff)
			}
		})
	}
}

func TestCluster(t *testing.T) {
	t.Parallel()
	type facts struct {
		Chart, Version   string
		ControlPlane     k0rdent.ControlPlane
		Replicas         int
		K0s, Source      string
		Assumed          bool
		Kubernetes, Path string
		Machines         int
		Rolling          string
		Konnectivity     string
	}
	path := "/var/lib/k0s/auth/config-" + hashA + ".yaml"
	tests := map[string]struct {
		documents []string
		want      facts
	}{
		"only itself": {
			documents: []string{kcm, attached(standalone, "")},
			want: facts{
				Chart: "openstack-standalone-cp", Version: "1.0.46", ControlPlane: k0rdent.K0sControlPlane,
				K0s: "v1.36.3+k0s.2", Source: "the templates of KCM 1.11.4", Assumed: true, Kubernetes: "1.36.3", Konnectivity: "no",
			},
		},
		"its values": {
			documents: []string{kcm, attached(hosted, "controlPlaneNumber: 5, k0s: {version: v1.35.4+k0s.0}")},
			want: facts{
				Chart: "openstack-hosted-cp", Version: "1.0.40", ControlPlane: k0rdent.K0smotronControlPlane, Replicas: 5,
				K0s: "v1.35.4+k0s.0", Source: "spec.config.k0s.version", Kubernetes: "1.35.4", Konnectivity: "yes",
			},
		},
		"its template": {
			documents: []string{kcm, attached("ours", ""), template("ours", "{auth: {}, controlPlaneNumber: 3, k0s: {version: v1.35.1+k0s.1}}")},
			want: facts{
				Chart: "openstack-standalone-cp", Version: "1.0.1", ControlPlane: k0rdent.K0sControlPlane, Replicas: 3,
				K0s: "v1.35.1+k0s.1", Source: "ClusterTemplate ours", Kubernetes: "1.35.1", Konnectivity: "no",
			},
		},
		"what was made of it": {
			documents: []string{
				kcm, attached(standalone, "controlPlaneNumber: 1"), plane("K0sControlPlane", "3", "v1.35.1+k0s.1", path),
				machine("dev-0", "v1.35.1", path, "True"), machine("dev-1", "v1.36.3", path, "True"),
			},
			want: facts{
				Chart: "openstack-standalone-cp", Version: "1.0.46", ControlPlane: k0rdent.K0sControlPlane, Replicas: 3,
				K0s: "v1.35.1+k0s.1", Source: "its control plane", Kubernetes: "1.35.1", Path: path, Machines: 2,
				Rolling: "the machines of its control plane run v1.35.1 and v1.36.3", Konnectivity: "no",
			},
		},
		"a hosted one that is not ready": {
			documents: []string{
				kcm, attached(hosted, ""),
				plane("K0smotronControlPlane", "3", "v1.36.3-k0s.2", path) + "status: {replicas: 3, readyReplicas: 2}\n",
			},
			want: facts{
				Chart: "openstack-hosted-cp", Version: "1.0.40", ControlPlane: k0rdent.K0smotronControlPlane, Replicas: 3,
				K0s: "v1.36.3-k0s.2", Source: "its control plane", Kubernetes: "1.36.3", Path: path,
				Rolling: "its control plane wants 3 replicas, and has readyReplicas 2", Konnectivity: "yes",
			},
		},
		"a cloud's": {
			documents: []string{kcm, attached("aws-eks-1-0-13", "")},
			want:      facts{Chart: "aws-eks", Version: "1.0.13", ControlPlane: k0rdent.Managed},
		},
		"somebody's": {
			documents: []string{attached("ours", "")}, want: facts{Chart: "ours"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := state(t, test.documents...).Cluster("team-a", "dev")
			checkRefusal(t, err, "", "")
			got := facts{
				Chart: c.Chart, Version: c.ChartVersion, ControlPlane: c.ControlPlane, Replicas: c.Replicas, K0s: c.K0s, Source: c.K0sSource,
				Assumed: c.K0sAssumed, Path: c.Path, Machines: len(c.Machines), Rolling: c.Rolling,
			}
			if c.Kubernetes != nil {
				got.Kubernetes = c.Kubernetes.String()
			}
			if c.Konnectivity != nil {
				got.Konnectivity = map[bool]string{true: "yes", false: "no"}[*c.Konnectivity]
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("cluster (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSecretsNeeded(t *testing.T) {
	t.Parallel()
	inv := read(t, withCA, original(), deployment("dev", "{template: x}"), deployment("far", "{template: x, credential: c}"),
		"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Credential\nmetadata: {name: c, namespace: team-a}\nspec: {region: north}")
	name := func(namespace, name string) types.NamespacedName {
		return types.NamespacedName{Namespace: namespace, Name: name}
	}
	tests := map[string]struct {
		purposes []Purpose
		want     []types.NamespacedName
	}{
		"nothing":      {},
		"CAs":          {[]Purpose{CAs}, []types.NamespacedName{name("kcm-system", "dex-ca"), name("team-a", "dex-ca")}},
		"auth configs": {[]Purpose{AuthConfigs}, []types.NamespacedName{name("team-a", "dev-auth-config")}},
		"kubeconfigs":  {[]Purpose{Kubeconfigs}, []types.NamespacedName{name("team-a", "dev-kubeconfig"), name("team-a", "far-kubeconfig")}},
		"two": {[]Purpose{AuthConfigs, CAs}, []types.NamespacedName{
			name("kcm-system", "dex-ca"), name("team-a", "dev-auth-config"), name("team-a", "dex-ca"),
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, SecretsNeeded(inv, test.purposes...)); diff != "" {
				t.Errorf("secrets (-want +got):\n%s", diff)
			}
		})
	}
}

// What could not be read is not called missing, and the rule that would help is told.
func TestAbsentOrUnread(t *testing.T) {
	t.Parallel()
	inv := read(t, withCA, deployment("dev", "{template: "+hosted+", clusterAuth: dex}"))
	inv.Gaps = []rbac.Gap{{
		What: "secrets dex-ca", Namespace: "team-a", Cause: "forbidden",
		Missing: &rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{"dex-ca"}},
	}}
	s := NewState(inv, Options{})
	a, err := s.Authentication("team-a", "dex")
	checkRefusal(t, err, "", "")
	if !a.CAUnread || !strings.Contains(a.CAProblem.(*Refusal).Hint(), "dex-ca") { //nolint:errorlint // it is documented to be one
		t.Errorf("its CA is unread: %v; %v", a.CAUnread, a.CAProblem)
	}
	if r := Rollouts(s, s)[0]; r.Effect != Unknown {
		t.Errorf("effect %s (%s), want unknown", r.Effect, r.Why)
	}
	inv.Gaps = []rbac.Gap{{What: "clusterauthentications", Cause: "no route"}}
	inv.Custom[inventory.ClusterAuthentications] = nil
	s = NewState(inv, Options{})
	_, err = s.Authentication("team-a", "dex")
	checkRefusal(t, err, "find clusterauthentication team-a/dex: clusterauthentications could not be read: no route", "")
	if got := lines(Judge(s)); len(got) > 0 {
		t.Errorf("findings: %v", got)
	}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	ready := "status: {conditions: [{type: ClusterAuthenticationReady, status: \"True\", reason: Succeeded}]}\n"
	s := state(t, kcm, dex, attached(hosted, "")+ready)
	p, _, err := Detach(s, "team-a", "dev")
	checkRefusal(t, err, "", "")
	after := s.After(p)
	c, err := after.Cluster("team-a", "dev")
	checkRefusal(t, err, "", "")
	if c.ClusterAuth != "" || c.AuthReady == nil {
		t.Errorf("after the plan clusterAuth is %q, its condition %v", c.ClusterAuth, c.AuthReady)
	}
	if s.clusters[0].ClusterAuth != "dex" || !slices.Equal(s.authentications[0].UsedBy, []string{"dev"}) || len(after.authentications[0].UsedBy) != 0 {
		t.Error("the state before has changed, or the one after has not")
	}
}

// Who may not read a kind everywhere has still read his own namespace whole, and nothing of others.
func TestGapOutsideOfNamespace(t *testing.T) {
	t.Parallel()
	inv := read(t, kcm, attached(standalone, ""), strings.Replace(attached(standalone, ""), "namespace: team-a", "namespace: team-b", 1))
	inv.Gaps = []rbac.Gap{{
		What: "clusterauthentications outside of namespace team-a", Cause: "no",
		Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{k0rdent.Group}, Resources: []string{"clusterauthentications"}},
	}}
	s := NewState(inv, Options{})
	want := []string{"error KC001 clusterdeployment team-a/dev: clusterAuth dex is not there in namespace team-a"}
	if diff := cmp.Diff(want, lines(Judge(s))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	var effects []Effect
	for _, r := range Rollouts(s, s) {
		effects = append(effects, r.Effect)
	}
	if diff := cmp.Diff([]Effect{Blocked, Unknown}, effects); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
}
