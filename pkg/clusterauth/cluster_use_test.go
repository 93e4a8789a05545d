package clusterauth

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUses(t *testing.T) {
	t.Parallel()
	path := "/var/lib/k0s/auth/config-" + hashA + ".yaml"
	tests := map[string]struct {
		documents []string
		want      Use
	}{
		"a chart that uses it":           {[]string{attached(standalone, "")}, UseYes},
		"its values say so":              {[]string{attached(standalone, ""), template(standalone, "{auth: {}}")}, UseYes},
		"its values don't":               {[]string{attached(standalone, ""), template(standalone, "{controlPlaneNumber: 3}")}, UseNo},
		"a chart that does not":          {[]string{attached("aws-eks-1-0-13", "")}, UseNo},
		"a chart of somebody's":          {[]string{attached("ours-1-0-0", "")}, UseUnknown},
		"its control plane shows it":     {[]string{attached("ours-1-0-0", ""), release("dev", hashA), plane("K0sControlPlane", "1", "v1.36.3+k0s.2", "")}, UseNo},
		"its control plane has a file":   {[]string{attached("ours-1-0-0", ""), release("dev", hashA), plane("K0sControlPlane", "1", "v1.36.3+k0s.2", path)}, UseUnknown},
		"nothing is to be shown":         {[]string{attached("ours-1-0-0", ""), release("dev", ""), plane("K0sControlPlane", "1", "v1.36.3+k0s.2", "")}, UseUnknown},
		"a known chart, no file so far":  {[]string{attached(standalone, ""), release("dev", hashA), plane("K0sControlPlane", "1", "v1.36.3+k0s.2", "")}, UseYes},
		"a known chart of another plane": {[]string{attached(hosted, ""), release("dev", hashA)}, UseYes},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := state(t, append([]string{kcm, dex}, tt.documents...)...).Cluster("team-a", "dev")
			checkRefusal(t, err, "", "")
			if got := c.Uses(); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// All that is said of a cluster agrees on whether its template uses the configuration.
func TestUsesIsOneAnswer(t *testing.T) {
	t.Parallel()
	admin, _ := adminKubeconfig(t, nil)
	for name, documents := range map[string][]string{
		"values without it": {attached(standalone, "k0s: {version: v1.32.8+k0s.0}"), template(standalone, "{controlPlaneNumber: 3}"), release("dev", hashC)},
		"a chart without it": {
			attached("docker-hosted-cp-1-0-3", "k0s: {version: v1.32.8+k0s.0}"), release("dev", hashC),
		},
		"a control plane without it": {
			attached("ours-1-0-0", "k0s: {version: v1.32.8+k0s.0}"), release("dev", hashC), plane("K0sControlPlane", "1", "v1.32.8+k0s.0", ""),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := read(t, append([]string{kcm, dex}, documents...)...)
			inv.Served["secrets"] = false
			s := NewState(inv, Options{})
			c, err := s.Cluster("team-a", "dev")
			checkRefusal(t, err, "", "")
			if r := Rollouts(s, s)[0]; r.Effect != Ignored {
				t.Errorf("the plan says %s: %s", r.Effect, r.Why)
			}
			var ids []string
			for _, f := range Judge(s) {
				if f.Object == c.object() {
					ids = append(ids, f.ID)
				}
			}
			for _, id := range []string{"KC005", "KC018"} {
				if slices.Contains(ids, id) {
					t.Errorf("there is a %s among %v", id, ids)
				}
			}
			if !slices.Contains(ids, "KC004") {
				t.Errorf("there is no KC004 among %v", ids)
			}
			for _, d := range Diff(s, c) {
				if strings.Contains(d.Message, "rolls") && d.Field != authenticationFlag {
					t.Errorf("the difference says %s", d.Message)
				}
			}
			u, err := UsageOf(s, "team-a", "dex")
			checkRefusal(t, err, "", "")
			if u.Clusters[0].Uses != UseNo {
				t.Errorf("the usage says %s", u.Clusters[0].Uses)
			}
			a, err := s.Authentication("team-a", "dex")
			checkRefusal(t, err, "", "")
			_, notes, err := Kubeconfig(c, admin, a, Login{})
			checkRefusal(t, err, "", "")
			if !strings.Contains(strings.Join(notes, "\n"), "ignores clusterAuth") {
				t.Errorf("the kubeconfig has the notes %q", notes)
			}
		})
	}
}

// While KCM leaves a cluster alone, nothing says that it will do something, and all say why it won't.
func TestResting(t *testing.T) {
	t.Parallel()
	spec := "{template: " + standalone + ", credential: c, clusterAuth: dex"
	tests := map[string]struct {
		documents []string
		want      string
	}{
		"a trial":       {[]string{deployment("dev", spec+", dryRun: true}")}, "spec.dryRun is set: KCM writes nothing"},
		"being deleted": {[]string{strings.Replace(deployment("dev", spec+"}"), "{name: dev", "{deletionTimestamp: \"2026-11-22T10:00:00Z\", name: dev", 1)}, "it is being deleted"},
		"its region is paused": {
			[]string{
				deployment("dev", spec+"}"),
				"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Credential\nmetadata: {name: c, namespace: team-a}\nspec: {region: north}",
				"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Region\nmetadata: {name: north, annotations: {k0rdent.mirantis.com/region-pause: \"true\"}}",
			},
			"region north is paused: KCM does not look at its clusters",
		},
	}
	secret := secretOf(t, state(t, kcm, dex, attached(standalone, "")), "kind: AuthenticationConfiguration\n", "kind: \"AuthenticationConfiguration\"\n")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, append([]string{kcm, dex, secret, release("dev", hashC)}, tt.documents...)...)
			if r := Rollouts(s, s)[0]; r.Effect != None || r.Why != tt.want {
				t.Errorf("the plan says %s: %s", r.Effect, r.Why)
			}
			c, err := s.Cluster("team-a", "dev")
			checkRefusal(t, err, "", "")
			differences := Diff(s, c)
			want := Difference{
				Object: "helmrelease team-a/dev", Field: "spec.values.auth.configSecret.hash", Want: hashA, Have: hashC,
				Message: "it stays so for now; " + tt.want,
			}
			if !slices.Contains(differences, want) {
				t.Errorf("differences %v, want %v among them", differences, want)
			}
			for _, d := range differences {
				if !strings.HasSuffix(d.Message, "; "+tt.want) {
					t.Errorf("%s says %q, and not why it stays so", d.Object, d.Message)
				}
			}
			for _, f := range Judge(s) {
				if f.ID == "KC018" || f.ID == "KC026" || f.ID == "KC017" && !strings.Contains(f.Why, tt.want) {
					t.Errorf("%s says %s %s", f.ID, f.Message, f.Why)
				}
			}
			// Without the HelmRelease nothing is missing either.
			s = state(t, append([]string{kcm, dex, secret}, tt.documents...)...)
			c, err = s.Cluster("team-a", "dev")
			checkRefusal(t, err, "", "")
			if i := slices.IndexFunc(Diff(s, c), func(d Difference) bool { return strings.HasPrefix(d.Object, "helmrelease") }); i >= 0 {
				t.Errorf("the HelmRelease is missed: %v", Diff(s, c))
			}
		})
	}
}

// What is left of an authentication stays while KCM leaves the cluster alone.
func TestRestingLeftover(t *testing.T) {
	t.Parallel()
	secret := secretOf(t, state(t, kcm, dex, attached(hosted, "")))
	s := state(t, kcm, dex, secret, deployment("dev", "{template: "+hosted+", dryRun: true}")+authReady)
	f := one(t, Judge(s), "KC024", "clusterdeployment team-a/dev")
	if diff := cmp.Diff("KCM leaves it for now: spec.dryRun is set: KCM writes nothing.", f.Why); diff != "" {
		t.Errorf("why (-want +got):\n%s", diff)
	}
}
