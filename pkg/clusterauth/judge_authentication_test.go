package clusterauth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

func TestJudgeAuthentications(t *testing.T) {
	t.Parallel()
	two := "{jwt: [" + oneIssuer + ", {issuer: {url: https://login.example.org, audiences: [a]}, claimMappings: {username: {claim: sub, prefix: 'y:'}}}]}"
	tests := map[string]struct {
		documents []string
		want      []string
	}{
		"nothing is wrong": {documents: []string{conf("{jwt: ["+oneIssuer+"]}", "")}},
		"the issuer of service accounts": {
			documents: []string{conf("{jwt: [{issuer: {url: https://kubernetes.default.svc, audiences: [a]}, claimMappings: {username: {claim: sub, prefix: 'x:'}}}]}", "")},
			want:      []string{"error KC008 clusterauthentication team-a/dex: jwt[0].issuer.url is the issuer of the service accounts of every k0s cluster"},
		},
		"the issuer of a cluster's service accounts": {
			documents: []string{
				conf("{jwt: ["+oneIssuer+"]}", ""), attached(hosted, "k0s: {api: {extraArgs: {service-account-issuer: 'https://dex.example.com'}}}"),
				strings.Replace(attached(hosted, "k0s: {api: {extraArgs: {service-account-issuer: 'https://sa.example.com'}}}"), "name: dev", "name: prod", 1),
			},
			want: []string{"error KC008 clusterauthentication team-a/dex: jwt[0].issuer.url is the issuer of the service accounts of dev"},
		},
		"apiVersion and kind": {
			documents: []string{writtenV1beta1},
			want:      []string{"info KC011 clusterauthentication team-a/dex: spec.authenticationConfiguration.apiVersion and spec.authenticationConfiguration.kind have no effect"},
		},
		"fields that get lost": {
			documents: []string{conf("{jwt: [{Issuer: {}, issuer: {url: https://dex.example.com, audiences: [a]}, claimMappings: {username: {claim: sub, prefix: 'x:'}}}], more: 1}", "")},
			want: []string{"warning KC012 clusterauthentication team-a/dex: fields that get lost: " +
				"spec.authenticationConfiguration.jwt[0].Issuer and spec.authenticationConfiguration.more"},
		},
		"one CA for two": {
			documents: []string{conf(two, ", caSecret: {name: dex-ca, key: ca.crt}"), ca},
			want:      []string{"warning KC013 clusterauthentication team-a/dex: all 2 issuers get the CA of secret team-a/dex-ca, and no other"},
		},
		"a CA of another namespace": {
			documents: []string{conf("{jwt: ["+oneIssuer+"]}", ", caSecret: {name: dex-ca, key: ca.crt, namespace: other}"), strings.Replace(ca, "team-a", "other", 1)},
			want:      []string{"warning KC014 clusterauthentication team-a/dex: its CA is in another namespace: other/dex-ca"},
		},
		"no CA": {
			documents: []string{conf("{jwt: ["+oneIssuer+"]}", ", caSecret: {name: dex-ca, key: ca.crt}")},
			want:      []string{"error KC015 clusterauthentication team-a/dex: read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there"},
		},
		"no key": {
			documents: []string{conf("{jwt: ["+oneIssuer+"]}", ", caSecret: {name: dex-ca, key: tls.crt}"), ca},
			want:      []string{`error KC015 clusterauthentication team-a/dex: read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca has no key "tls.crt"`},
		},
		"no name": {
			documents: []string{conf("{jwt: ["+oneIssuer+"]}", ", caSecret: {key: ca.crt}")},
			want:      []string{"error KC015 clusterauthentication team-a/dex: read the CA of clusterauthentication team-a/dex: spec.caSecret has no name"},
		},
		"an empty CA": {
			documents: []string{conf("{jwt: ["+oneIssuer+"]}", ", caSecret: {name: dex-ca, key: ca.crt}"), strings.Replace(ca, "test-cluster-auth-ca-cert-data", "''", 1)},
			want:      []string{`warning KC016 clusterauthentication team-a/dex: key "ca.crt" of secret team-a/dex-ca is empty, so that it is not used`},
		},
		"unreadable": {
			documents: []string{conf("{}", "")},
			want:      []string{"error KC028 clusterauthentication team-a/dex: "},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, append([]string{kcm}, test.documents...)...)
			a, err := s.Authentication("team-a", "dex")
			checkRefusal(t, err, "", "")
			got := lines(JudgeAuthentication(s, a, nil))
			if len(got) == 1 && strings.Contains(got[0], "KC028") {
				got[0] = got[0][:len(test.want[0])]
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// Manifests need not hold Secrets.
func TestJudgeCAOfManifests(t *testing.T) {
	t.Parallel()
	inv := read(t, kcm, withCA)
	inv.Live = false
	s := NewState(inv, Options{})
	want := []string{"warning KC015 clusterauthentication team-a/dex: read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there"}
	if diff := cmp.Diff(want, lines(JudgeAuthentication(s, s.authentications[0], nil))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// The reason names the clusters as such.
func TestJudgeCAOfClusters(t *testing.T) {
	t.Parallel()
	s := state(t, kcm, withCA, attached(hosted, ""))
	a, err := s.Authentication("team-a", "dex")
	checkRefusal(t, err, "", "")
	want := []string{"KCM stops updating every cluster that uses it, those that run go on; used by dev."}
	var got []string
	for _, f := range JudgeAuthentication(s, a, nil) {
		if f.ID == "KC015" {
			got = append(got, f.Why)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("why (-want +got):\n%s", diff)
	}
}

// Clusters say which issuers are out of the question, and how old API servers are, as far as that is more than assumed.
func TestOfUsers(t *testing.T) {
	t.Parallel()
	s := state(
		t, kcm, dex, strings.Replace(dex, "name: dex,", "name: unused,", 1), attached(hosted, "k0s: {version: v1.35.1+k0s.0}"),
		strings.Replace(attached(hosted, "k0s: {version: v1.33.1+k0s.0, api: {extraArgs: {service-account-issuer: 'https://sa.example.com'}}}"), "name: dev", "name: prod", 1),
		strings.Replace(attached(hosted, ""), "name: dev", "name: assumed", 1),
	)
	for name, want := range map[string][]string{
		"dex":    {"1.33.1", "https://kubernetes.default.svc", "https://sa.example.com"},
		"unused": {"", "https://kubernetes.default.svc"},
	} {
		a, err := s.Authentication("team-a", name)
		checkRefusal(t, err, "", "")
		oldest := ""
		if v := s.OldestKubernetes(a); v != nil {
			oldest = v.String()
		}
		if diff := cmp.Diff(want, append([]string{oldest}, s.DisallowedIssuers(a)...)); diff != "" {
			t.Errorf("%s: version and issuers (-want +got):\n%s", name, diff)
		}
	}
}

// A Secret that could not be read is nobody's fault.
func TestJudgeUnreadCA(t *testing.T) {
	t.Parallel()
	inv := read(t, kcm, withCA)
	inv.Served[inventory.Secrets] = false
	s := NewState(inv, Options{})
	if got := lines(JudgeAuthentication(s, s.authentications[0], nil)); len(got) > 0 {
		t.Errorf("findings: %v", got)
	}
}

// What API servers say of any configuration is said for the version of the child, with the CA in it.
func TestJudgeAuthenticationContent(t *testing.T) {
	t.Parallel()
	distinct := conf("{jwt: [{issuer: {url: https://dex.example.com, audiences: [a]}, claimMappings: {username: {claim: sub, prefix: 'x:'}, groups: {expression: 'claims.roles.distinct()'}}}]}", ", caSecret: {name: dex-ca, key: ca.crt}")
	s := state(t, kcm, distinct, ca)
	for kubernetes, want := range map[string][]string{"1.33": {"AU007", "AU030", "AU032"}, "1.36": {"AU007"}} {
		got := map[string]bool{}
		for _, f := range JudgeAuthentication(s, s.authentications[0], version.MustParseGeneric(kubernetes)) {
			got[f.ID] = true
		}
		for _, id := range want {
			if !got[id] {
				t.Errorf("Kubernetes %s: there is no %s, but %v", kubernetes, id, got)
			}
		}
		if got["AU032"] != (kubernetes == "1.33") {
			t.Errorf("Kubernetes %s: findings %v", kubernetes, got)
		}
	}
}
