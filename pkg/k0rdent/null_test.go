package k0rdent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// The API server drops known fields of null before it validates, so that each object means the same as the one beside it.
func TestNullsAreDropped(t *testing.T) {
	t.Parallel()
	jwt := func(rest string) string {
		return "spec: {authenticationConfiguration: {jwt: [{issuer: {url: u, audiences: [a]}, " + rest + "}]}}"
	}
	tests := map[string]struct{ with, without string }{
		"spec":          {"spec: ", "{}"},
		"configuration": {"spec: {authenticationConfiguration: }", "spec: {}"},
		"caSecret":      {"spec: {caSecret: , authenticationConfiguration: {jwt: []}}", "spec: {authenticationConfiguration: {jwt: []}}"},
		"name of it":    {"spec: {caSecret: {name: null, key: k}}", "spec: {caSecret: {key: k}}"},
		"anonymous":     {"spec: {authenticationConfiguration: {jwt: [], anonymous: null}}", "spec: {authenticationConfiguration: {jwt: []}}"},
		"conditions": {
			"spec: {authenticationConfiguration: {jwt: [], anonymous: {enabled: true, conditions: null}}}",
			"spec: {authenticationConfiguration: {jwt: [], anonymous: {enabled: true}}}",
		},
		"apiVersion and kind": {
			"spec: {authenticationConfiguration: {jwt: [], apiVersion: null, kind: null}}", "spec: {authenticationConfiguration: {jwt: []}}",
		},
		"prefix":   {jwt("claimMappings: {username: {claim: c, prefix: }}"), jwt("claimMappings: {username: {claim: c}}")},
		"mappings": {jwt("claimMappings: {username: {claim: c}, groups: null, uid: null, extra: null}"), jwt("claimMappings: {username: {claim: c}}")},
		"rules":    {jwt("claimMappings: {username: {claim: c}}, userValidationRules: null"), jwt("claimMappings: {username: {claim: c}}")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := object(t, tt.with)
			before := u.DeepCopy()
			got, want := authentication(t, tt.with), authentication(t, tt.without)
			got.Object, want.Object = nil, nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-without +with):\n%s", diff)
			}
			if _, err := k0rdent.ReadClusterAuthentication(u); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(before, u); diff != "" {
				t.Errorf("the object was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestNullsOfDemandedFields(t *testing.T) {
	t.Parallel()
	const at = "read clusterauthentication b/a: spec."
	tests := map[string]struct{ spec, want string }{
		"key":      {"{caSecret: {name: s, key: null}}", at + "caSecret.key: it is missing"},
		"enabled":  {"{authenticationConfiguration: {jwt: [], anonymous: {enabled: null}}}", at + "authenticationConfiguration.anonymous.enabled: it is missing"},
		"item":     {"{authenticationConfiguration: {jwt: [null]}}", at + "authenticationConfiguration.jwt[0]: it is null, not of type object"},
		"username": {"{authenticationConfiguration: {jwt: [{issuer: {url: u, audiences: []}, claimMappings: {username: }}]}}", at + "authenticationConfiguration.jwt[0].claimMappings.username: it is missing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := k0rdent.ReadClusterAuthentication(object(t, "metadata: {name: a, namespace: b}\nspec: "+tt.spec))
			if diff := cmp.Diff(tt.want, text(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNullsOfClusterDeployment(t *testing.T) {
	t.Parallel()
	got, err := k0rdent.ReadClusterDeployment(object(t,
		"metadata: {name: c1, namespace: team}\nspec: {template: t, credential: null, clusterAuth: null, dryRun: null, config: null}"))
	if err != nil {
		t.Fatal(err)
	}
	got.Object = nil
	if diff := cmp.Diff(k0rdent.ClusterDeployment{Namespace: "team", Name: "c1", Template: "t"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = k0rdent.ReadClusterDeployment(object(t, "metadata: {name: c1, namespace: team}\nspec: {template: null}"))
	if diff := cmp.Diff("read clusterdeployment team/c1: spec.template: it is missing", text(err)); diff != "" {
		t.Errorf("template of null (-want +got):\n%s", diff)
	}
}

func TestNullsOfAccessManagement(t *testing.T) {
	t.Parallel()
	namespaces := []k0rdent.Labelled{{Name: "team-a", Labels: map[string]string{"env": "dev"}}, {Name: "team-b"}}
	system := []k0rdent.Labelled{{Name: "dex"}, {Name: "okta"}}
	type chosen struct{ Targets, Authentications []string }
	all, none := []string{"team-a", "team-b"}, []string{}
	tests := map[string]struct {
		spec string
		want []chosen
	}{
		"spec":       {"", nil},
		"rules":      {"{accessRules: null}", nil},
		"target":     {"{accessRules: [{targetNamespaces: null, clusterAuthentications: null}]}", []chosen{{all, none}}},
		"ways":       {"{accessRules: [{targetNamespaces: {list: null, stringSelector: null, selector: null}, clusterAuthentications: [dex]}]}", []chosen{{all, []string{"dex"}}}},
		"no query":   {"{accessRules: [{targetNamespaces: {stringSelector: null, selector: {matchLabels: {env: dev}}}, clusterAuthentications: [dex]}]}", []chosen{{all[:1], []string{"dex"}}}},
		"label":      {"{accessRules: [{targetNamespaces: {selector: {matchLabels: {env: null}}}, clusterAuthentications: [dex]}]}", []chosen{{all, []string{"dex"}}}},
		"no names":   {"{accessRules: [{resources: [{kind: ClusterAuthentication, names: null}]}]}", []chosen{{all, []string{"dex", "okta"}}}},
		"no further": {"{accessRules: [{resources: null, clusterAuthentications: [okta]}]}", []chosen{{all, []string{"okta"}}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			am, err := k0rdent.ReadAccessManagement(object(t, "metadata: {name: kcm}\nspec: "+tt.spec))
			if err != nil {
				t.Fatal(err)
			}
			var got []chosen
			for _, r := range am.Rules {
				got = append(got, chosen{r.Targets(namespaces), r.Authentications(system)})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
