package clusterauth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// lines returns findings of k0rdent's rules as lines, without those of backups unless they are wanted.
func lines(findings []finding.Finding, unwanted ...string) []string {
	var out []string
	for _, f := range findings {
		skip := !strings.HasPrefix(f.ID, "KC")
		for _, id := range unwanted {
			skip = skip || f.ID == id
		}
		if !skip {
			out = append(out, fmt.Sprintf("%s %s %s: %s", f.Severity, f.ID, f.Object, f.Message))
		}
	}
	return out
}

// attached is the cluster dev, attached to dex, with values of its own.
func attached(template, config string) string {
	return deployment("dev", "{template: "+template+", clusterAuth: dex, config: {"+config+"}}")
}

// conf returns a ClusterAuthentication named dex with a configuration and more of its spec, in the flow style of YAML.
func conf(configuration, more string) string {
	return "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuthentication\nmetadata: {name: dex, namespace: team-a}\n" +
		"spec: {authenticationConfiguration: " + configuration + more + "}\n"
}

const oneIssuer = "{issuer: {url: https://dex.example.com, audiences: [a]}, claimMappings: {username: {claim: sub, prefix: 'x:'}}}"

func TestJudgeClusters(t *testing.T) {
	t.Parallel()
	anonymous := conf("{jwt: ["+oneIssuer+"], anonymous: {enabled: false}}", "")
	egress := func(name string) string {
		return conf("{jwt: [{issuer: {url: https://dex.example.com, audiences: [a], egressSelectorType: "+name+"}, claimMappings: {username: {claim: sub, prefix: 'x:'}}}]}", "")
	}
	tests := map[string]struct {
		documents []string
		want      []string
	}{
		"nothing is wrong": {documents: []string{kcm, dex, attached(standalone, ""), release("dev", hashA), secretFor(t, kcm, dex, attached(standalone, ""))}},
		"nothing to judge": {documents: []string{kcm, deployment("dev", "{template: "+standalone+"}")}},
		"a reference to nothing": {
			documents: []string{kcm, strings.Replace(dex, "name: dex", "name: dexx", 1), attached(standalone, "")},
			want:      []string{"error KC001 clusterdeployment team-a/dev: clusterAuth dex is not there in namespace team-a"},
		},
		"stuck": {
			documents: []string{kcm, strings.Replace(attached(standalone, ""), "{name: dev", "{deletionTimestamp: \"2026-11-22T10:00:00Z\", name: dev", 1)},
			want:      []string{"error KC002 clusterdeployment team-a/dev: it can't be deleted: clusterAuth dex is not there in namespace team-a"},
		},
		"nothing is turned on": {
			documents: []string{kcm, "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuthentication\nmetadata: {name: dex, namespace: team-a}\nspec: {}", attached(standalone, "")},
			want:      []string{"warning KC003 clusterauthentication team-a/dex: it has no authenticationConfiguration, so that authentication is off; used by dev"},
		},
		"an ignorant template": {
			documents: []string{kcm, dex, attached("gcp-gke-1-0-15", "")},
			want:      []string{"warning KC004 clusterdeployment team-a/dev: its template gcp-gke-1-0-15 ignores clusterAuth dex"},
		},
		"a template before its time": {
			documents: []string{kcm, dex, attached("openstack-standalone-cp-1-0-1", ""), template("openstack-standalone-cp-1-0-1", "{controlPlaneNumber: 3}")},
			want:      []string{"warning KC004 clusterdeployment team-a/dev: its template openstack-standalone-cp-1-0-1 ignores clusterAuth dex"},
		},
		"an old child": {
			documents: []string{kcm, dex, attached(standalone, "k0s: {version: v1.33.1+k0s.0}")},
			want: []string{"error KC005 clusterdeployment team-a/dev: KCM 1.11.4 writes apiserver.config.k8s.io/v1, which Kubernetes has since 1.34: " +
				"the cluster runs k0s v1.33.1+k0s.0 (spec.config.k0s.version)"},
		},
		"the oldest child that can": {documents: []string{kcm, dex, attached(standalone, "k0s: {version: v1.34.0+k0s.0}")}},
		"an old child of an old KCM": {
			documents: []string{oldKCM, writtenV1beta1, attached(standalone, "k0s: {version: v1.33.1+k0s.0}")},
		},
		"v1 by an old KCM": {
			documents: []string{oldKCM, strings.Replace(writtenV1beta1, "k8s.io/v1beta1\n    kind", "k8s.io/v1\n    kind", 1), attached(standalone, "k0s: {version: v1.32.8+k0s.0}")},
			want: []string{"error KC005 clusterdeployment team-a/dev: KCM 1.9.0 writes apiserver.config.k8s.io/v1, which Kubernetes has since 1.34: " +
				"the cluster runs k0s v1.32.8+k0s.0 (spec.config.k0s.version)"},
		},
		"no apiVersion by an old KCM": {
			documents: []string{oldKCM, dex, attached(standalone, "k0s: {version: v1.32.8+k0s.0}")},
			want:      []string{`error KC005 clusterauthentication team-a/dex: KCM 1.9.0 writes apiVersion "" and kind "" as the object has them`},
		},
		"anonymous before it was taught": {
			documents: []string{kcm, anonymous, attached(standalone, "k0s: {version: v1.36.3+k0s.0}")},
			want: []string{"error KC006 clusterdeployment team-a/dev: clusterauthentication team-a/dex has anonymous, which k0s before v1.36.3+k0s.1 " +
				"contradicts by a flag: the cluster runs k0s v1.36.3+k0s.0 (spec.config.k0s.version)"},
		},
		"anonymous since it was taught": {documents: []string{kcm, anonymous, attached(standalone, "k0s: {version: v1.36.3+k0s.1}")}},
		"anonymous, as far as can be told": {
			documents: []string{strings.ReplaceAll(strings.ReplaceAll(kcm, "1-11-4", "1-10-0"), "1.11.4", "1.10.0"), anonymous, attached(standalone, "")},
			want: []string{"warning KC006 clusterdeployment team-a/dev: clusterauthentication team-a/dex has anonymous, which k0s before v1.36.3+k0s.1 " +
				"contradicts by a flag: the cluster runs k0s v1.35.4 (the templates of KCM 1.10.0)"},
		},
		"anonymous and a flag": {
			documents: []string{kcm, anonymous, attached(standalone, "k0s: {api: {extraArgs: {anonymous-auth: 'true'}}}")},
			want:      []string{"error KC006 clusterdeployment team-a/dev: spec.config.k0s.api.extraArgs.anonymous-auth contradicts anonymous of clusterauthentication team-a/dex"},
		},
		"egress without konnectivity": {
			documents: []string{kcm, egress("cluster"), attached(standalone, "")},
			want: []string{`error KC007 clusterdeployment team-a/dev: clusterauthentication team-a/dex: jwt[0].issuer.egressSelectorType "cluster" ` +
				"needs konnectivity, which the control plane disables"},
		},
		"egress of a hosted one": {documents: []string{kcm, egress("cluster"), attached(hosted, "")}},
		"an egress that k0s lacks": {
			documents: []string{kcm, egress("controlplane"), attached(hosted, "")},
			want:      []string{`error KC007 clusterdeployment team-a/dev: clusterauthentication team-a/dex: jwt[0].issuer.egressSelectorType "controlplane" is not one of k0s, which has cluster only`},
		},
		"flags of old": {
			documents: []string{kcm, dex, attached(hosted, "k0s: {api: {extraArgs: {oidc-client-id: a, oidc-issuer-url: b}}}")},
			want: []string{
				"error KC009 clusterdeployment team-a/dev: spec.config.k0s.api.extraArgs.oidc-client-id excludes clusterAuth",
				"error KC009 clusterdeployment team-a/dev: spec.config.k0s.api.extraArgs.oidc-issuer-url excludes clusterAuth",
			},
		},
		"flags twice": {
			documents: []string{kcm, dex, attached(standalone, "k0s: {api: {extraArgs: {anonymous-auth: 'false', authentication-config: /x}}}")},
			want: []string{
				"error KC010 clusterdeployment team-a/dev: spec.config.k0s.api.extraArgs.anonymous-auth repeats what the template sets",
				"error KC010 clusterdeployment team-a/dev: spec.config.k0s.api.extraArgs.authentication-config repeats what the template sets",
			},
		},
		"a flag that hosted ones don't set": {documents: []string{kcm, dex, attached(hosted, "k0s: {api: {extraArgs: {anonymous-auth: 'false'}}}")}},
		"a Secret of one's own": {
			documents: []string{kcm, deployment("dev", "{template: "+hosted+", config: {auth: {configSecret: {name: mine}}}}")},
			want:      []string{"info KC031 clusterdeployment team-a/dev: spec.config.auth brings Secret mine of its own"},
		},
		"a Secret of one's own that is overridden": {
			documents: []string{kcm, dex, attached(hosted, "auth: {configSecret: {name: mine}}")},
			want:      []string{"warning KC030 clusterdeployment team-a/dev: spec.config.auth has no effect while clusterAuth is set"},
		},
		"KCM reports": {
			documents: []string{kcm, dex, attached(hosted, "") + "status: {conditions: [{type: ClusterAuthenticationReady, status: \"False\", reason: Failed, message: no way}]}\n"},
			want:      []string{"warning KC027 clusterdeployment team-a/dev: KCM reports ClusterAuthenticationReady as false: no way"},
		},
		"in a region": {
			documents: []string{
				kcm, dex, deployment("dev", "{template: "+hosted+", clusterAuth: dex, credential: c}"),
				"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Credential\nmetadata: {name: c, namespace: team-a}\nspec: {region: north}",
			},
			want: []string{"info KC026 clusterdeployment team-a/dev: its Secret is to be written to namespace team-a of region north"},
		},
		"unreadable": {
			documents: []string{kcm, deployment("dev", "{template: 7}")},
			want:      []string{"error KC028 clusterdeployment team-a/dev: "},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lines(Judge(state(t, test.documents...)), "KC023", "KC017")
			for i := range got {
				if strings.Contains(got[i], " KC028 ") {
					head, _, _ := strings.Cut(got[i], ": ")
					got[i] = head + ": "
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func template(name, config string) string {
	return "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterTemplate\nmetadata: {name: " + name + ", namespace: team-a}\n" +
		"spec: {helm: {chartSpec: {chart: openstack-standalone-cp, version: 1.0.1}}}\nstatus: {config: " + config + "}\n"
}

func secretFor(t *testing.T, documents ...string) string {
	t.Helper()
	return secretOf(t, state(t, documents...))
}

func TestJudgeDrift(t *testing.T) {
	t.Parallel()
	on := []string{kcm, dex, attached(hosted, "")}
	off := deployment("dev", "{template: "+hosted+"}")
	secret := secretFor(t, on...)
	tests := map[string]struct {
		documents []string
		want      []string
	}{
		"settled": {documents: append([]string{secret, release("dev", hashA)}, on...)},
		"stale": {
			documents: append([]string{secretOf(t, state(t, on...), "example-app", "old"), release("dev", hashC)}, on...),
			want: []string{
				"warning KC017 clusterdeployment team-a/dev: secret team-a/dev-auth-config: other tokens are accepted",
				"warning KC018 clusterdeployment team-a/dev: its HelmRelease has hash " + hashC + ", and KCM will write " + hashA + " at its next look",
			},
		},
		"left by KCM before 1.11": {
			documents: []string{oldKCM, secret, off},
			want:      []string{"warning KC024 clusterdeployment team-a/dev: secret team-a/dev-auth-config is left of an authentication that is off"},
		},
		"a control plane without it": {
			documents: append([]string{secret, release("dev", hashA), plane("K0smotronControlPlane", "1", "v1.36.3-k0s.2", "")}, on...),
			want: []string{"warning KC019 clusterdeployment team-a/dev: k0smotroncontrolplane of team-a/dev: the API server gets no configuration: " +
				"Helm has not got there, or the template ignores it"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, lines(Judge(state(t, test.documents...)), "KC023")); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJudgeCopies(t *testing.T) {
	t.Parallel()
	stale := strings.ReplaceAll(copied("team-b"), "example-app", "old")
	s := state(t, kcm, namespaces("kcm-system", "team-a", "team-b", "team-c"), original(), strings.Replace(ca, "team-a", "kcm-system", 1), withCA, ca, stale, copied("team-c"),
		strings.Replace(oldShape, "[dex]", "[dex, gone]", 1)+"status: {error: it failed}\n")
	findings := Judge(s)
	want := []string{
		"warning KC020 clusterauthentication team-b/dex: it differs from clusterauthentication kcm-system/dex in spec.authenticationConfiguration.jwt[0].issuer.audiences[0]",
		"warning KC021 clusterauthentication team-a/dex: it is not k0rdent's, so that clusterauthentication kcm-system/dex is not copied here",
		"warning KC022 accessmanagement kcm: KCM reports: it failed",
		"warning KC022 accessmanagement kcm: it distributes ClusterAuthentication gone, which namespace kcm-system does not have",
		"warning KC023 clusterauthentication kcm-system/dex: it is in no backup of k0rdent",
		"warning KC023 clusterauthentication team-a/dex: it is in no backup of k0rdent",
		"warning KC029 clusterauthentication team-c/dex: it is a copy, and no rule of AccessManagement with a source asks for it any more",
	}
	if diff := cmp.Diff(want, lines(findings)); diff != "" {
		t.Fatalf("findings (-want +got):\n%s", diff)
	}
	// The fixes make the findings go away.
	for _, f := range findings {
		if (f.ID == "KC020" || f.ID == "KC023") != (f.Fix != nil) {
			t.Errorf("%s of %s: its fix is %v", f.ID, f.Object, f.Fix)
		}
		if f.Fix != nil {
			s = s.After(*f.Fix)
		}
	}
	for _, f := range Judge(s) {
		if f.ID == "KC020" || f.ID == "KC023" {
			t.Errorf("%s of %s is still there", f.ID, f.Object)
		}
	}
}

// Every rule is listed once, in order, with all that a reader needs.
func TestChecks(t *testing.T) {
	t.Parallel()
	last := ""
	for _, c := range Checks() {
		if c.ID <= last || c.Title == "" || c.Severity.Rank() == 0 {
			t.Errorf("rule %q after %q: title %q, severity %q", c.ID, last, c.Title, c.Severity)
		}
		last = c.ID
	}
}
