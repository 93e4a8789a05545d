package clusterauth

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

func TestAttach(t *testing.T) {
	t.Parallel()
	free := deployment("dev", "{template: "+standalone+", credential: c, config: {controlPlaneNumber: 1}}")
	tests := map[string]struct {
		documents       []string
		cluster, name   string
		steps, notes    []string
		err, hint       string
		withoutClusters bool
	}{
		"attached": {
			documents: []string{kcm, dex, free, release("dev", "")}, cluster: "dev", name: "dex",
			steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{
				"cluster team-a/dev: the only machine of its control plane will be made anew (hash none to " + hashA + ")",
				"warning: clusterdeployment team-a/dev (KC040): its control plane has a single machine, which is replaced",
			},
		},
		"the template ignores it": {
			documents: []string{kcm, dex, deployment("dev", "{template: azure-aks-1-0-10}"), release("dev", "")}, cluster: "dev", name: "dex",
			steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{
				"cluster team-a/dev: ignored: its template azure-aks-1-0-10 does not use auth.configSecret",
				"warning: clusterdeployment team-a/dev (KC004): its template azure-aks-1-0-10 ignores clusterAuth dex",
			},
		},
		"attached already": {
			documents: []string{kcm, dex, deployment("dev", "{template: "+standalone+", clusterAuth: dex}")}, cluster: "dev", name: "dex",
			steps: []string{"unchanged clusterdeployment team-a/dev"}, notes: []string{"it is so already"},
		},
		"nothing is turned on": {
			documents: []string{kcm, "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuthentication\nmetadata: {name: dex, namespace: team-a}\nspec: {}", free, release("dev", "")},
			cluster:   "dev", name: "dex", steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{"clusterauthentication team-a/dex has no authenticationConfiguration: attaching it turns nothing on"},
		},
		"a typo": {
			documents: []string{kcm, dex, free}, cluster: "dev", name: "dexx",
			err: "attach dexx to clusterdeployment team-a/dev: find clusterauthentication team-a/dexx: it is not there", hint: "did you mean dex?",
		},
		"in another namespace": {
			documents: []string{kcm, strings.Replace(dex, "team-a", "kcm-system", 1), free}, cluster: "dev", name: "dex",
			err:  "attach dex to clusterdeployment team-a/dev: find clusterauthentication team-a/dex: it is not there",
			hint: "there is one of this name in kcm-system",
		},
		"no such cluster": {
			documents: []string{kcm, dex, free}, cluster: "prod", name: "dex",
			err: "attach: find clusterdeployment team-a/prod: it is not there", hint: "namespace team-a has dev",
		},
		"no CA": {
			documents: []string{kcm, withCA, free}, cluster: "dev", name: "dex",
			err:  "attach dex to clusterdeployment team-a/dev: read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there",
			hint: "KCM stops at every cluster that uses it until the Secret is there",
		},
		"no k0rdent": {
			documents: []string{kcm}, cluster: "dev", name: "dex", withoutClusters: true,
			err: "attach: find clusterdeployment team-a/dev: there are no clusterdeployments in what was read",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := read(t, test.documents...)
			inv.Served[inventory.ClusterDeployments] = !test.withoutClusters
			p, notes, err := Attach(NewState(inv, Options{}), "team-a", test.cluster, test.name)
			checkRefusal(t, err, test.err, test.hint)
			if diff := cmp.Diff(test.steps, nilIfEmpty(p.Strings())); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// What the API server would not start with is not attached, unless it is so already or only assumed.
func TestAttachRefusesBadStarts(t *testing.T) {
	t.Parallel()
	free := func(config string) string {
		return deployment("dev", "{template: "+hosted+", config: {controlPlaneNumber: 3, "+config+"}}")
	}
	issuer := func(url, more string) string {
		return conf("{jwt: [{issuer: {url: "+url+", audiences: [a]}, claimMappings: {username: {claim: sub, prefix: 'x:'}"+more+"}}]}", "")
	}
	distinct := strings.Replace(writtenV1beta1, "groups: {claim: groups, prefix: \"\"}", "groups: {expression: 'claims.roles.distinct()'}", 1)
	renamed := strings.Replace(dex, "name: dex,", "name: other,", 1)
	tests := map[string]struct {
		documents []string
		err       string
		note      string // one of the notes
	}{
		"a child that is too old": {
			documents: []string{kcm, dex, free("k0s: {version: v1.32.8+k0s.0}")},
			err:       "KC005 KCM 1.11.4 writes apiserver.config.k8s.io/v1, which Kubernetes has since 1.34: the cluster runs k0s v1.32.8+k0s.0 (spec.config.k0s.version)",
		},
		"a CA that is none": {
			documents: []string{kcm, withCA, ca, free("")},
			err:       "AU007 clusterauthentication team-a/dex: jwt[0].issuer.certificateAuthority: data does not contain any valid RSA or ECDSA certificates",
		},
		"no apiVersion and an old KCM": {
			documents: []string{oldKCM, dex, free("k0s: {version: v1.32.8+k0s.0}")},
			err:       `KC005 clusterauthentication team-a/dex: KCM 1.9.0 writes apiVersion "" and kind "" as the object has them`,
		},
		"an expression that is too new": {
			documents: []string{oldKCM, distinct, free("k0s: {version: v1.33.1+k0s.0}")},
			err:       "AU032 clusterauthentication team-a/dex: jwt[0].claimMappings.groups.expression: the expression needs Kubernetes 1.34",
		},
		"flags of old": {
			documents: []string{kcm, dex, free("k0s: {api: {extraArgs: {oidc-client-id: a, oidc-issuer-url: b}}}")},
			err:       "KC009 spec.config.k0s.api.extraArgs.oidc-client-id excludes clusterAuth (and 1 more)",
		},
		"the issuer of service accounts": {
			documents: []string{kcm, issuer("https://kubernetes.default.svc", ""), free("")},
			err:       "KC008 clusterauthentication team-a/dex: jwt[0].issuer.url is the issuer of the cluster's own service accounts",
		},
		"the issuer of the cluster's service accounts": {
			documents: []string{kcm, issuer("https://sa.example.com", ""), free("k0s: {api: {extraArgs: {service-account-issuer: 'https://sa.example.com'}}}")},
			err:       "KC008 clusterauthentication team-a/dex: jwt[0].issuer.url is the issuer of the cluster's own service accounts",
		},
		"an expression that never compiles": {
			documents: []string{kcm, issuer("https://dex.example.com", ", groups: {expression: 'claims.roles.foo()'}"), free("")},
			err: "AU011 clusterauthentication team-a/dex: jwt[0].claimMappings.groups.expression: the expression does not compile: " +
				"undeclared reference to 'foo' (in container '') (at 1:17)",
		},
		"anonymous, as far as can be told": {
			documents: []string{
				strings.ReplaceAll(strings.ReplaceAll(kcm, "1-11-4", "1-10-0"), "1.11.4", "1.10.0"),
				conf("{jwt: ["+oneIssuer+"], anonymous: {enabled: false}}", ""), free(""), release("dev", ""),
			},
			note: "warning: clusterdeployment team-a/dev (KC006): clusterauthentication team-a/dex has anonymous, which k0s before v1.36.3+k0s.1 " +
				"contradicts by a flag: the cluster runs k0s v1.35.4 (the templates of KCM 1.10.0)",
		},
		"it was no better before, but has not rolled yet": {
			documents: []string{
				kcm, dex, renamed, release("dev", "a1111111"),
				deployment("dev", "{template: "+hosted+", clusterAuth: other, config: {k0s: {version: v1.32.8+k0s.0}}}"),
			},
			err: "KC005 KCM 1.11.4 writes apiserver.config.k8s.io/v1, which Kubernetes has since 1.34: " +
				"the cluster runs k0s v1.32.8+k0s.0 (spec.config.k0s.version)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, notes, err := Attach(state(t, test.documents...), "team-a", "dev", "dex")
			if test.err == "" {
				checkRefusal(t, err, "", "")
				if !slices.Contains(notes, test.note) {
					t.Errorf("notes %q lack %q", notes, test.note)
				}
				return
			}
			if err == nil {
				t.Fatalf("it is attached, with notes %q", notes)
			}
			checkRefusal(t, err, "attach dex to clusterdeployment team-a/dev: "+test.err, "kubectl clusterauth validate dex -n team-a says more")
		})
	}
}

// The only field that changes is the one that is meant, and the plan knows what it was made from.
func TestAttachChangesOneField(t *testing.T) {
	t.Parallel()
	s := state(t, kcm, dex, deployment("dev", "{template: "+standalone+", config: {workersNumber: 2}}"))
	p, _, err := Attach(s, "team-a", "dev", "dex")
	if err != nil {
		t.Fatal(err)
	}
	step := p.Steps[0]
	if step.Old.GetResourceVersion() != "3" || step.Unit != "cluster team-a/dev" {
		t.Errorf("the step is made from version %q in unit %q", step.Old.GetResourceVersion(), step.Unit)
	}
	if diff := differing("", step.Old.Object, step.Object.Object); len(diff) != 1 || diff[0].path != "spec.clusterAuth" {
		t.Errorf("it changes %v", diff)
	}
	if s.clusters[0].Object.Object["spec"].(map[string]any)["clusterAuth"] != nil {
		t.Error("what was read has changed")
	}
}

func TestDetach(t *testing.T) {
	t.Parallel()
	attached := deployment("dev", "{template: "+hosted+", clusterAuth: dex, config: {controlPlaneNumber: 3}}")
	tests := map[string]struct {
		documents    []string
		steps, notes []string
	}{
		"detached": {
			documents: []string{kcm, dex, attached + authReady, release("dev", hashA)}, steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{
				"cluster team-a/dev: 3 pods of its control plane will be replaced (hash " + hashA + " to none)",
				"warning: clusterdeployment team-a/dev (KC043): KCM deletes secret dev-auth-config before the control plane rolls",
			},
		},
		"detached without the condition": {
			documents: []string{kcm, dex, attached, release("dev", hashA)}, steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{
				"cluster team-a/dev: 3 pods of its control plane will be replaced (hash " + hashA + " to none)",
				"warning: clusterdeployment team-a/dev (KC043): secret dev-auth-config stays: KCM removes it only from clusters with the condition ClusterAuthenticationReady",
			},
		},
		"from what is not there": {
			documents: []string{kcm, attached, release("dev", "")}, steps: []string{"update clusterdeployment team-a/dev"},
		},
		"with an old KCM": {
			documents: []string{oldKCM, attached, release("dev", ""), secretFor(t, kcm, dex, attached)}, steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{"secret team-a/dev-auth-config stays behind: KCM before 1.11 does not remove it"},
		},
		"not attached": {
			documents: []string{kcm, deployment("dev", "{template: "+hosted+"}")}, steps: []string{"unchanged clusterdeployment team-a/dev"},
			notes: []string{"it is so already"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, notes, err := Detach(state(t, test.documents...), "team-a", "dev")
			checkRefusal(t, err, "", "")
			if diff := cmp.Diff(test.steps, p.Strings()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			for _, step := range p.Steps {
				if got := textAt(step.Object.Object, "spec", "clusterAuth"); got != "" {
					t.Errorf("clusterAuth is still %q", got)
				}
			}
		})
	}
}

// checkRefusal compares an error and its hint; an empty text is no error.
func checkRefusal(t *testing.T, err error, text, hint string) {
	t.Helper()
	if err == nil {
		if text != "" {
			t.Fatalf("there is no error, want %q", text)
		}
		return
	}
	if diff := cmp.Diff(text, err.Error()); diff != "" {
		t.Fatalf("error (-want +got):\n%s", diff)
	}
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("%T is no refusal", err)
	}
	if diff := cmp.Diff(hint, refusal.Hint()); diff != "" {
		t.Errorf("hint (-want +got):\n%s", diff)
	}
}

func nilIfEmpty(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}
