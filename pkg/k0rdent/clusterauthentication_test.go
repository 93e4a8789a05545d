package k0rdent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// dexConfiguration is the configuration of the example.
func dexConfiguration() k0rdent.Configuration {
	empty := ""
	return k0rdent.Configuration{
		APIVersion: "apiserver.config.k8s.io/v1beta1",
		Kind:       "AuthenticationConfiguration",
		JWT: []apiserverv1.JWTAuthenticator{{
			Issuer: apiserverv1.Issuer{URL: "https://dex.example.com:5556", Audiences: []string{"example-app"}},
			ClaimMappings: apiserverv1.ClaimMappings{
				Username: apiserverv1.PrefixedClaimOrExpression{Claim: "email", Prefix: &empty},
				Groups:   apiserverv1.PrefixedClaimOrExpression{Claim: "groups", Prefix: &empty},
			},
			UserValidationRules: []apiserverv1.UserValidationRule{{
				Expression: "!user.username.startsWith('system:')",
				Message:    "username cannot use reserved system: prefix",
			}},
		}},
	}
}

func TestReadClusterAuthentication(t *testing.T) {
	t.Parallel()
	dexed := dexConfiguration()
	none := &k0rdent.Configuration{JWT: []apiserverv1.JWTAuthenticator{}}
	tests := map[string]struct {
		manifest string
		want     k0rdent.ClusterAuthentication
	}{
		"the example": {dex + dexSecret, k0rdent.ClusterAuthentication{
			Namespace: "kcm-system", Name: "dex-cluster-auth", Configuration: &dexed,
			CASecret: &k0rdent.SecretKey{Namespace: "kcm-system", Name: "dex-ca-secret", Key: "ca.crt"},
		}},
		"a copy whose Secret stayed": {
			`
metadata: {name: a, namespace: team, labels: {k0rdent.mirantis.com/managed: "true"}}
spec:
  authenticationConfiguration: {jwt: []}
  caSecret: {name: s, namespace: kcm-system, key: k}`,
			k0rdent.ClusterAuthentication{
				Namespace: "team", Name: "a", Managed: true, Configuration: none,
				CASecret:          &k0rdent.SecretKey{Namespace: "kcm-system", Name: "s", Key: "k"},
				CASecretElsewhere: true,
			},
		},
		"nothing":      {"metadata: {name: a, namespace: b}", k0rdent.ClusterAuthentication{Namespace: "b", Name: "a"}},
		"empty spec":   {"metadata: {name: a, namespace: b}\nspec: {}", k0rdent.ClusterAuthentication{Namespace: "b", Name: "a"}},
		"other labels": {"metadata: {labels: {k0rdent.mirantis.com/managed: yes}}", k0rdent.ClusterAuthentication{}},
		"a Secret without a name": {
			"metadata: {namespace: b}\nspec: {caSecret: {key: k}}",
			k0rdent.ClusterAuthentication{Namespace: "b", CASecret: &k0rdent.SecretKey{Namespace: "b", Key: "k"}},
		},
		"unknown fields": {
			`
metadata: {name: a, namespace: b}
Spec: {}
spec:
  AuthenticationConfiguration: {}
  caSecret: {key: k, optional: true}
  authenticationConfiguration:
    JWT: []
    "odd\nkey": 1
    anonymous: {enabled: true, Conditions: [], conditions: [{path: /healthz, Path: /}]}
    jwt:
    - issuer: {url: u, URL: U, audiences: [a], certificateauthority: x}
      claimMappings: {username: {claim: sub, prefix: p, Prefix: q}, UID: {claim: x}, uid: {claim: id}}
      Issuer: {url: u}`,
			k0rdent.ClusterAuthentication{
				Namespace: "b", Name: "a",
				CASecret: &k0rdent.SecretKey{Namespace: "b", Key: "k"},
				Configuration: &k0rdent.Configuration{
					Anonymous: &apiserverv1.AnonymousAuthConfig{
						Enabled:    true,
						Conditions: []apiserverv1.AnonymousAuthCondition{{Path: "/healthz"}},
					},
					JWT: []apiserverv1.JWTAuthenticator{{
						Issuer: apiserverv1.Issuer{URL: "u", Audiences: []string{"a"}},
						ClaimMappings: apiserverv1.ClaimMappings{
							Username: apiserverv1.PrefixedClaimOrExpression{Claim: "sub", Prefix: new("p")},
							UID:      apiserverv1.ClaimOrExpression{Claim: "id"},
						},
					}},
				},
				Unknown: []string{
					"Spec",
					"spec.AuthenticationConfiguration",
					"spec.authenticationConfiguration.JWT",
					"spec.authenticationConfiguration.anonymous.Conditions",
					"spec.authenticationConfiguration.anonymous.conditions[0].Path",
					"spec.authenticationConfiguration.jwt[0].Issuer",
					"spec.authenticationConfiguration.jwt[0].claimMappings.UID",
					"spec.authenticationConfiguration.jwt[0].claimMappings.username.Prefix",
					"spec.authenticationConfiguration.jwt[0].issuer.URL",
					"spec.authenticationConfiguration.jwt[0].issuer.certificateauthority",
					`spec.authenticationConfiguration["odd\nkey"]`,
					"spec.caSecret.optional",
				},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := object(t, tt.manifest)
			before := u.DeepCopy()
			got, err := k0rdent.ReadClusterAuthentication(u)
			if err != nil {
				t.Fatal(err)
			}
			if got.Object != u {
				t.Error("it is another object")
			}
			got.Object = nil
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, u); diff != "" {
				t.Errorf("the object was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestReadClusterAuthenticationErrors(t *testing.T) {
	t.Parallel()
	const jwt = "spec.authenticationConfiguration.jwt"
	good := "issuer: {url: u, audiences: [a]}, claimMappings: {username: {claim: c}}"
	wrap := func(authenticator string) string {
		return "authenticationConfiguration: {jwt: [{" + authenticator + "}]}"
	}
	tests := map[string]struct{ spec, want string }{
		"no jwt":           {"authenticationConfiguration: {anonymous: {enabled: true}}", jwt + ": it is missing"},
		"jwt of null":      {"authenticationConfiguration: {jwt: }", jwt + ": it is missing"},
		"jwt of an object": {"authenticationConfiguration: {jwt: {}}", jwt + ": it is an object, not of type array"},
		"wrong case":       {"authenticationConfiguration: {jwt: [{Issuer: {}, claimMappings: {}}]}", jwt + `[0].issuer: it is missing, and "Issuer" is not the same: case counts`},
		"no mappings":      {wrap("issuer: {url: u, audiences: [a]}"), jwt + "[0].claimMappings: it is missing"},
		"no audiences":     {wrap("issuer: {url: u}, claimMappings: {username: {}}"), jwt + "[0].issuer.audiences: it is missing"},
		"no url":           {wrap("issuer: {URL: u, audiences: []}, claimMappings: {username: {}}"), jwt + `[0].issuer.url: it is missing, and "URL" is not the same: case counts`},
		"no username":      {wrap("issuer: {url: u, audiences: []}, claimMappings: {}"), jwt + "[0].claimMappings.username: it is missing"},
		"audience of a number": {
			wrap("issuer: {url: u, audiences: [a, 1]}, claimMappings: {username: {}}"),
			jwt + "[0].issuer.audiences[1]: it is a number, not of type string",
		},
		"audience of null": {
			wrap("issuer: {url: u, audiences: [null]}, claimMappings: {username: {}}"),
			jwt + "[0].issuer.audiences[0]: it is null, not of type string",
		},
		"prefix of a truth": {
			wrap("issuer: {url: u, audiences: []}, claimMappings: {username: {claim: c, prefix: true}}"),
			jwt + "[0].claimMappings.username.prefix: it is a boolean, not of type string",
		},
		"extra without a value": {
			wrap("issuer: {url: u, audiences: []}, claimMappings: {username: {}, extra: [{key: k}]}"),
			jwt + "[0].claimMappings.extra[0].valueExpression: it is missing",
		},
		"rule without an expression": {
			wrap(good + ", userValidationRules: [{message: m}]"),
			jwt + "[0].userValidationRules[0].expression: it is missing",
		},
		"rules of a string": {
			wrap(good + ", claimValidationRules: x"),
			jwt + "[0].claimValidationRules: it is a string, not of type array",
		},
		"anonymous without a word": {
			"authenticationConfiguration: {jwt: [], anonymous: {}}",
			"spec.authenticationConfiguration.anonymous.enabled: it is missing",
		},
		"anonymous of a string": {
			"authenticationConfiguration: {jwt: [], anonymous: {enabled: 'true'}}",
			"spec.authenticationConfiguration.anonymous.enabled: it is a string, not of type boolean",
		},
		"condition without a path": {
			"authenticationConfiguration: {jwt: [], anonymous: {enabled: true, conditions: [{}]}}",
			"spec.authenticationConfiguration.anonymous.conditions[0].path: it is missing",
		},
		"no key":        {"caSecret: {name: n}", "spec.caSecret.key: it is missing"},
		"empty key":     {"caSecret: {name: n, key: ''}", "spec.caSecret.key: it is empty"},
		"list of specs": {"[]", "spec: it is an array, not of type object"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := object(t, "metadata: {name: a, namespace: b}\nspec:\n  "+tt.spec)
			_, err := k0rdent.ReadClusterAuthentication(u)
			if diff := cmp.Diff("read clusterauthentication b/a: "+tt.want, text(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	_, err := k0rdent.ReadClusterAuthentication(nil)
	if diff := cmp.Diff("read clusterauthentication: there is none", text(err)); diff != "" {
		t.Errorf("nil (-want +got):\n%s", diff)
	}
}

func TestIgnored(t *testing.T) {
	t.Parallel()
	dexed := dexConfiguration()
	both := []string{"spec.authenticationConfiguration.apiVersion", "spec.authenticationConfiguration.kind"}
	tests := map[string]struct {
		c    *k0rdent.Configuration
		era  k0rdent.Era
		want []string
	}{
		"forced":          {&dexed, k0rdent.ForcedV1, both},
		"as written":      {&dexed, k0rdent.AsWritten, nil},
		"one":             {&k0rdent.Configuration{Kind: "x"}, k0rdent.ForcedV1, both[1:]},
		"none":            {&k0rdent.Configuration{}, k0rdent.ForcedV1, nil},
		"off":             {nil, k0rdent.ForcedV1, nil},
		"off, as written": {nil, k0rdent.AsWritten, nil},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.c.Ignored(tt.era)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What was written is read again as the same.
func TestNewClusterAuthentication(t *testing.T) {
	t.Parallel()
	dexed := dexConfiguration()
	tests := map[string]struct {
		c    k0rdent.Configuration
		ca   *k0rdent.SecretKey
		want string
	}{
		"the example": {
			dexed, &k0rdent.SecretKey{Namespace: "kcm-system", Name: "dex-ca-secret", Key: "ca.crt"},
			dex + "\n  caSecret: {name: dex-ca-secret, key: ca.crt}\n",
		},
		"Secret elsewhere": {
			dexed, &k0rdent.SecretKey{Namespace: "x", Name: "sec", Key: "k"},
			dex + "\n  caSecret: {name: sec, key: k, namespace: x}\n",
		},
		"anonymous alone": {
			k0rdent.Configuration{Anonymous: &apiserverv1.AnonymousAuthConfig{Enabled: true}},
			nil,
			`{apiVersion: k0rdent.mirantis.com/v1beta1, kind: ClusterAuthentication,
			metadata: {namespace: kcm-system, name: dex-cluster-auth},
			spec: {authenticationConfiguration: {jwt: [], anonymous: {enabled: true}}}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := k0rdent.NewClusterAuthentication("kcm-system", "dex-cluster-auth", tt.c, tt.ca)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(object(t, tt.want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := k0rdent.ReadClusterAuthentication(got); err != nil {
				t.Errorf("read it again: %v", err)
			}
		})
	}
}

func TestCopyOf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ source, want string }{
		"Secret beside it": {
			`{apiVersion: g/v1, kind: K, metadata: {name: a, namespace: sys, uid: u, labels: {x: y}, annotations: {x: y},
			finalizers: [f]}, spec: {any: [1], caSecret: {name: s, key: k}}, status: {a: b}}`,
			`{apiVersion: g/v1, kind: K, metadata: {name: a, namespace: team, labels: {k0rdent.mirantis.com/managed: "true"}},
			spec: {any: [1], caSecret: {name: s, key: k, namespace: sys}}}`,
		},
		"Secret elsewhere": {
			`{apiVersion: g/v1, kind: K, metadata: {name: a, namespace: sys}, spec: {caSecret: {name: s, namespace: other}}}`,
			`{apiVersion: g/v1, kind: K, metadata: {name: a, namespace: team, labels: {k0rdent.mirantis.com/managed: "true"}},
			spec: {caSecret: {name: s, namespace: other}}}`,
		},
		"no spec": {
			`{apiVersion: g/v1, kind: K, metadata: {name: a, namespace: sys}}`,
			`{apiVersion: g/v1, kind: K, metadata: {name: a, namespace: team, labels: {k0rdent.mirantis.com/managed: "true"}}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := jsonObject(t, tt.source)
			before := source.DeepCopy()
			if diff := cmp.Diff(jsonObject(t, tt.want), k0rdent.CopyOf(source, "team")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, source); diff != "" {
				t.Errorf("the source was changed (-before +after):\n%s", diff)
			}
		})
	}
}

// jsonObject reads a manifest with numbers as a cluster returns them.
func jsonObject(t *testing.T, manifest string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	data, err := object(t, manifest).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := u.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return u
}
