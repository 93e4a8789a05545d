package clusterauth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// secretOf returns the Secret that KCM writes for the cluster dev of a state, with some of it replaced.
func secretOf(t *testing.T, s *State, replace ...string) string {
	t.Helper()
	c, err := s.Cluster("team-a", "dev")
	checkRefusal(t, err, "", "")
	rendered, err := s.Expected(c)
	checkRefusal(t, err, "", "")
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "dev-auth-config", "namespace": "team-a"},
		"stringData": map[string]any{"config": strings.NewReplacer(replace...).Replace(string(rendered.Bytes))},
	}}
	data, err := yaml.Marshal(object.Object)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestDiff(t *testing.T) {
	t.Parallel()
	path := "/var/lib/k0s/auth/config-" + hashC + ".yaml"
	old := "/var/lib/k0s/auth/config-" + hashA + ".yaml"
	world := []string{kcm, withCA, ca, deployment("dev", "{template: "+standalone+", clusterAuth: dex}")}
	secret := secretOf(t, state(t, world...))
	settled := []string{secret, release("dev", hashC), plane("K0sControlPlane", "1", "v1.36.3+k0s.2", path), machine("dev-0", "v1.36.3+k0s.2", path, "True")}
	tests := map[string]struct {
		documents []string
		want      []Difference
	}{
		"settled": {documents: settled},
		"the Secret is gone": {
			documents: settled[1:],
			want: []Difference{{
				Object: "secret team-a/dev-auth-config", Want: "hash " + hashC, Message: "it is not there: KCM has not written it, or somebody has deleted it",
			}},
		},
		"other content": {
			documents: append([]string{secretOf(t, state(t, world...), "example-app", "old-app", "test-cluster-auth-ca-cert-data", "other")}, settled[1:]...),
			want: []Difference{
				{
					Object: "secret team-a/dev-auth-config", Field: "jwt[0].issuer.audiences[0]", Want: "example-app", Have: "old-app",
					Message: "other tokens are accepted",
				},
				{
					Object: "secret team-a/dev-auth-config", Field: "jwt[0].issuer.certificateAuthority", Want: "30 bytes, sha256 e83dbb37ac43",
					Have: "5 bytes, sha256 d9298a10d1b0", Message: "issuers are trusted by other certificates",
				},
			},
		},
		"other bytes": {
			documents: append([]string{secretOf(t, state(t, world...), "kind: AuthenticationConfiguration\n", "kind: \"AuthenticationConfiguration\"\n")}, settled[1:]...),
			want: []Difference{{
				Object: "secret team-a/dev-auth-config", Want: "hash " + hashC, Have: "hash 0",
				Message: "it means the same and is written otherwise, so that KCM will write it anew and the control plane roll",
			}},
		},
		"the HelmRelease is gone": {
			documents: []string{secret, plane("K0sControlPlane", "1", "v1.36.3+k0s.2", path)},
			want: []Difference{{
				Object: "helmrelease team-a/dev", Want: "hash " + hashC, Message: "it is not there: KCM has not made it, or somebody has deleted it",
			}},
		},
		"a roll that is to come": {
			documents: []string{secret, release("dev", hashA), plane("K0sControlPlane", "1", "v1.36.3+k0s.2", old)},
			want: []Difference{{
				Object: "helmrelease team-a/dev", Field: "spec.values.auth.configSecret.hash", Want: hashC, Have: hashA,
				Message: "KCM has not looked at the cluster since: when it does, the control plane rolls",
			}},
		},
		"Helm has not got there": {
			documents: []string{secret, release("dev", hashC), plane("K0sControlPlane", "1", "v1.36.3+k0s.2", old)},
			want: []Difference{{
				Object: "k0scontrolplane of team-a/dev", Field: "authentication-config", Want: "a path with " + hashC, Have: old,
				Message: "Helm has not got there, or the template does not put the hash into the path, so that changes never roll",
			}},
		},
		"a machine of before": {
			documents: append([]string{machine("dev-1", "v1.36.3+k0s.2", old, "False")}, settled...),
			want: []Difference{{
				Object: "machine team-a/dev-1", Field: "files[].path", Want: path, Have: old,
				Message: "it was made with another configuration, and is to be replaced",
			}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, append(append([]string{}, world...), test.documents...)...)
			c, err := s.Cluster("team-a", "dev")
			checkRefusal(t, err, "", "")
			got := Diff(s, c)
			for i := range got {
				if strings.HasPrefix(got[i].Have, "hash ") {
					got[i].Have = "hash 0"
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
			if unseen := Unseen(s, c); len(unseen) > 0 {
				t.Errorf("something was not seen: %v", unseen)
			}
		})
	}
}

func TestDiffOfWhatIsOff(t *testing.T) {
	t.Parallel()
	on := state(t, kcm, dex, deployment("dev", "{template: "+hosted+", clusterAuth: dex}"))
	secret := secretOf(t, on)
	s := state(t, kcm, dex, deployment("dev", "{template: "+hosted+"}"), secret, release("dev", ""))
	c, err := s.Cluster("team-a", "dev")
	checkRefusal(t, err, "", "")
	want := []Difference{{Object: "secret team-a/dev-auth-config", Message: "it is there although authentication is off"}}
	if diff := cmp.Diff(want, Diff(s, c)); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestUnseen(t *testing.T) {
	t.Parallel()
	inv := read(t, kcm, dex, deployment("dev", "{template: "+hosted+", clusterAuth: dex, credential: c}"))
	inv.Served[inventory.Secrets], inv.Served[inventory.HelmReleases] = false, false
	s := NewState(inv, Options{})
	want := []string{
		"secret team-a/dev-auth-config: it was not read", "helmrelease team-a/dev: it was not read", "its control plane: none was found",
	}
	if diff := cmp.Diff(want, Unseen(s, s.clusters[0])); diff != "" {
		t.Errorf("unseen (-want +got):\n%s", diff)
	}
	regional := state(t, kcm, dex, deployment("dev", "{template: "+hosted+", clusterAuth: dex, credential: c}"), release("dev", hashA),
		"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Credential\nmetadata: {name: c, namespace: team-a}\nspec: {region: north}")
	want = []string{"secret team-a/dev-auth-config, the control plane and its machines: they are in region north"}
	if diff := cmp.Diff(want, Unseen(regional, regional.clusters[0])); diff != "" {
		t.Errorf("unseen (-want +got):\n%s", diff)
	}
	if got := Diff(regional, regional.clusters[0]); len(got) > 0 {
		t.Errorf("differences: %v", got)
	}
}

// What is on its way out need not be there, nor what KCM would write.
func TestDiffOfWhatIsDeleted(t *testing.T) {
	t.Parallel()
	deleted := strings.Replace(deployment("dev", "{template: "+hosted+", clusterAuth: dex}"), "resourceVersion",
		"deletionTimestamp: \"2026-11-22T11:00:00Z\", finalizers: [x], resourceVersion", 1)
	other := secretOf(t, state(t, kcm, dex, deployment("dev", "{template: "+hosted+", clusterAuth: dex}")), "example-app", "other")
	for name, documents := range map[string][]string{
		"nothing left":   {kcm, dex, deleted},
		"another Secret": {kcm, dex, deleted, other},
		"off":            {kcm, dex, strings.Replace(deleted, ", clusterAuth: dex", "", 1), other},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, documents...)
			if got := Diff(s, s.clusters[0]); !s.clusters[0].Deleting || len(got) > 0 {
				t.Errorf("differences: %v", got)
			}
			s.Inventory.Served[inventory.Secrets] = false
			for _, line := range Unseen(s, s.clusters[0]) {
				if strings.Contains(line, "secret") {
					t.Errorf("unseen: %s", line)
				}
			}
		})
	}
}

func TestUnseenMachines(t *testing.T) {
	t.Parallel()
	inv := read(t, kcm, deployment("dev", "{template: "+standalone+"}"), deployment("small", "{template: "+hosted+"}"), release("dev", ""),
		plane("K0sControlPlane", "1", "v1.36.3+k0s.2", ""))
	inv.Served[inventory.Machines] = false
	s := NewState(inv, Options{})
	c, err := s.Cluster("team-a", "dev")
	checkRefusal(t, err, "", "")
	if diff := cmp.Diff([]string{"its machines: they were not read"}, Unseen(s, c)); diff != "" {
		t.Errorf("unseen (-want +got):\n%s", diff)
	}
	c, err = s.Cluster("team-a", "small")
	checkRefusal(t, err, "", "")
	if diff := cmp.Diff([]string{"its control plane: none was found"}, Unseen(s, c)); diff != "" {
		t.Errorf("unseen of a hosted one (-want +got):\n%s", diff)
	}
}
