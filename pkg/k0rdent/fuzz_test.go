package k0rdent_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// Whatever the file says, reading it ends, nothing of it is changed, and what was read is rendered the same twice.
func FuzzReadObjects(f *testing.F) {
	f.Add(dex+dexSecret, []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add("spec: {accessRules: [{targetNamespaces: {selector: {matchLabels: {a: b}}}, resources: [{kind: ClusterAuthentication}]}]}", []byte{0xff})
	f.Add("spec: {template: t, clusterAuth: a, config: {}}\nstatus: {conditions: [{type: Ready}]}", []byte(nil))
	f.Add("spec: {authenticationConfiguration: {jwt: [{issuer: {url: , audiences: []}, claimMappings: {username: {}}}]}}", []byte("x"))
	f.Fuzz(func(t *testing.T, manifest string, ca []byte) {
		data, err := yaml.YAMLToJSON([]byte(manifest))
		if err != nil {
			return
		}
		u := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(data, &u.Object); err != nil {
			return
		}
		before, err := yaml.Marshal(u.Object)
		if err != nil {
			return
		}
		if am, err := k0rdent.ReadAccessManagement(u); err == nil {
			for _, r := range am.Rules {
				r.Targets([]k0rdent.Labelled{{Name: "a"}})
				r.Authentications(nil)
			}
		}
		if d, err := k0rdent.ReadClusterDeployment(u); err == nil && d.Template == "" {
			t.Error("there is no template, and no error")
		}
		a, err := k0rdent.ReadClusterAuthentication(u)
		if err != nil {
			return
		}
		for _, era := range []k0rdent.Era{k0rdent.AsWritten, k0rdent.ForcedV1} {
			first, err := k0rdent.Render(a, ca, era)
			second, again := k0rdent.Render(a, ca, era)
			if (err == nil) != (again == nil) || first.Hash != second.Hash {
				t.Errorf("era %s: %s, then %s (%v, %v)", era, first.Hash, second.Hash, err, again)
			}
		}
		if after, err := yaml.Marshal(u.Object); err != nil || string(after) != string(before) {
			t.Errorf("the object was changed (%v):\n%s\nwas\n%s", err, after, before)
		}
	})
}
