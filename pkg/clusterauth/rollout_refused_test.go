package clusterauth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the API server does not take changes nothing: neither the schema of the kind nor KCM's webhook lets it through.
func TestRolloutsRefused(t *testing.T) {
	t.Parallel()
	cluster := deployment("dev", "{template: "+standalone+", clusterAuth: dex, config: {controlPlaneNumber: 3}}")
	base := []string{kcm, release("dev", hashA)}
	with := func(from, to string) string { return strings.Replace(dex, from, to, 1) }
	missing := strings.Replace(withCA, "dex-ca", "dex-cb", 1)
	tests := map[string]struct {
		before, after []string
		effect        Effect
		warnings      []string
		why           string
	}{
		"the schema of the kind": {
			[]string{dex, cluster},
			[]string{with("audiences: [example-app]", "audiences: example-app"), cluster},
			Refused,
			[]string{"KC028"},
			"the API server does not take the change: read clusterauthentication team-a/dex: spec.authenticationConfiguration.jwt[0].issuer.audiences: it is a string, not of type array",
		},
		"the webhook": {
			[]string{dex, cluster},
			[]string{with("https://dex", "http://dex"), cluster},
			Refused,
			[]string{"AU003"},
			`the API server does not take the change: clusterauthentication team-a/dex: jwt[0].issuer.url: URL scheme must be https, not "http://dex.example.com:5556"`,
		},
		"the webhook, of what was not there": {
			[]string{cluster}, []string{with("expression: \"!", "expression: \"!!!("), cluster}, Refused, []string{"AU014"}, "",
		},
		"the CA is not there": {
			[]string{dex, ca, cluster},
			[]string{missing, ca, cluster},
			Refused,
			[]string{"KC015"},
			"the API server does not take the change: read the CA of clusterauthentication team-a/dex: secret team-a/dex-cb is not there",
		},
		"the CA is none": {[]string{dex, ca, cluster}, []string{withCA, ca, cluster}, Refused, []string{"AU007"}, ""},
		"the cluster": {
			[]string{dex, cluster},
			[]string{dex, deployment("dev", "{clusterAuth: dex}")},
			Refused,
			[]string{"KC028"},
			"the API server does not take the change: read clusterdeployment team-a/dev: spec.template: it is missing",
		},
		"a Secret, which no webhook judges": {
			[]string{withCA, strings.Replace(ca, "test-cluster-auth-ca-cert-data", `""`, 1), cluster},
			[]string{withCA, ca, cluster},
			Machines,
			[]string{"AU007"},
			"",
		},
		"it is so already": {[]string{with("https://dex", "http://dex"), cluster}, []string{with("https://dex", "http://dex"), cluster}, Machines, []string{"AU003"}, ""},
		"the CA is none, in the Secret that was there too": {
			[]string{withCA, strings.Replace(ca, "test-cluster-auth-ca-cert-data", `""`, 1), cluster},
			[]string{strings.Replace(withCA, "example-app", "app", 1), ca, cluster},
			Machines,
			[]string{"AU007", "AU007"},
			"",
		},
		"of what is used from now on": {
			[]string{deployment("dev", "{template: "+standalone+"}")},
			[]string{with("https://dex", "http://dex"), cluster},
			Blocked,
			[]string{"AU003", "KC001"},
			"ClusterAuthentication dex is not there: KCM stops before everything, also before deletion; and the API server does not take all of the change: " +
				`clusterauthentication team-a/dex: jwt[0].issuer.url: URL scheme must be https, not "http://dex.example.com:5556"`,
		},
		"a new cluster": {nil, []string{dex, deployment("dev", "{clusterAuth: dex}")}, Refused, []string{"KC028"}, ""},
		"what is misspelt is missing": {
			[]string{dex, cluster}, []string{with("username: {claim: email, prefix", "username: {claim: email, prefixx"), cluster}, Refused, []string{"AU010", "KC012"}, "",
		},
		"a misspelt field": {
			[]string{dex, cluster}, []string{with("authenticationConfiguration:", "authenticationConfig:"), cluster}, Machines, []string{"KC003", "KC012", "KC043"}, "",
		},
		"a misspelt field further down": {
			[]string{dex, cluster}, []string{with("userValidationRules", "userValidationRule"), cluster}, Machines, []string{"KC012"}, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Rollouts(state(t, append(tt.before, base...)...), state(t, append(tt.after, base...)...))[0]
			if r.Effect != tt.effect || tt.why != "" && r.Why != tt.why {
				t.Errorf("%s: %s, want %s: %s", r.Effect, r.Why, tt.effect, tt.why)
			}
			if diff := cmp.Diff(tt.warnings, ids(r.Warnings)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s%v", diff, r.Warnings)
			}
			if r.Effect == Refused && (r.NewHash != "" || r.Machines != 0 || r.Authentication != "dex") {
				t.Errorf("it says more than that it is refused: %+v", r)
			}
			if line := r.Line(); r.Effect == Refused && line != "cluster team-a/dev: refused: "+r.Why {
				t.Errorf("line %q", line)
			}
		})
	}
}

// Of manifests without Secrets nobody expects the CA: that it is missing there is no refusal.
func TestRolloutsOfManifestsWithoutSecrets(t *testing.T) {
	t.Parallel()
	offline := func(documents ...string) *State {
		inv := read(t, documents...)
		inv.Live = false
		return NewState(inv, Options{})
	}
	cluster := deployment("dev", "{template: "+standalone+", clusterAuth: dex}")
	if r := Rollouts(offline(dex, cluster), offline(withCA, cluster))[0]; r.Effect != Blocked {
		t.Errorf("%s: %s", r.Effect, r.Why)
	}
}

// A cluster that can't be read refers to what it says, and why nothing is known of it is told.
func TestRolloutsUnreadable(t *testing.T) {
	t.Parallel()
	s := state(t, kcm, dex, deployment("dev", "{clusterAuth: dex}"), release("dev", hashA))
	r := Rollouts(s, s)[0]
	if r.Effect != Unknown || r.Authentication != "dex" {
		t.Errorf("%s of %q: %s", r.Effect, r.Authentication, r.Why)
	}
	if diff := cmp.Diff([]string{"KC028"}, ids(r.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
