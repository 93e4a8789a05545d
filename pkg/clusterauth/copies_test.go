package clusterauth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// original is what is distributed; its Secret is in its own namespace, and it does not say so.
func original() string { return strings.Replace(withCA, "team-a", "kcm-system", 1) }

// copied returns a copy as k0rdent makes it, in a namespace.
func copied(namespace string) string {
	return strings.NewReplacer(
		"namespace: team-a, resourceVersion", "namespace: "+namespace+", labels: {k0rdent.mirantis.com/managed: \"true\"}, resourceVersion",
		"{name: dex-ca, key", "{name: dex-ca, namespace: kcm-system, key",
	).Replace(withCA)
}

func namespaces(names ...string) string {
	var out []string
	for _, name := range names {
		out = append(out, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+name+", labels: {team: "+name+"}}")
	}
	return strings.Join(out, "\n---\n")
}

const (
	oldShape = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: AccessManagement
metadata: {name: kcm}
spec: {accessRules: [{targetNamespaces: {list: [team-a, team-b]}, clusterAuthentications: [dex]}]}
`
	newShape = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: AccessManagement
metadata: {name: kcm}
spec: {accessRules: [{targetNamespaces: {stringSelector: "team in (team-a, team-b)"}, resources: [{kind: ClusterAuthentication, names: [dex]}]}]}
`
)

func TestCopies(t *testing.T) {
	t.Parallel()
	all := namespaces("kcm-system", "team-a", "team-b", "team-c")
	changed := strings.ReplaceAll(copied("team-a"), "example-app", "old-app")
	tests := map[string]struct {
		documents []string
		unread    bool // whether AccessManagement was not read
		want      []Copy
	}{
		"as k0rdent makes them, old shape": {
			documents: []string{all, original(), oldShape, copied("team-a")},
			want:      []Copy{{Namespace: "team-a", Name: "dex", State: Current}, {Namespace: "team-b", Name: "dex", State: Absent}},
		},
		"as k0rdent makes them, new shape": {
			documents: []string{all, original(), newShape, copied("team-a")},
			want:      []Copy{{Namespace: "team-a", Name: "dex", State: Current}, {Namespace: "team-b", Name: "dex", State: Absent}},
		},
		"stale": {
			documents: []string{all, original(), newShape, changed, copied("team-b"), deployment("dev", "{template: "+hosted+", clusterAuth: dex}")},
			want: []Copy{
				{
					Namespace: "team-a", Name: "dex", State: Stale, UsedBy: []string{"dev"},
					Fields: []string{"spec.authenticationConfiguration.jwt[0].issuer.audiences[0]"},
				},
				{Namespace: "team-b", Name: "dex", State: Current},
			},
		},
		"somebody's own": {
			documents: []string{all, original(), oldShape, withCA, copied("team-b")},
			want:      []Copy{{Namespace: "team-a", Name: "dex", State: Unmanaged}, {Namespace: "team-b", Name: "dex", State: Current}},
		},
		"no rule any more": {
			documents: []string{all, original(), oldShape, copied("team-a"), copied("team-b"), copied("team-c")},
			want: []Copy{
				{Namespace: "team-a", Name: "dex", State: Current},
				{Namespace: "team-b", Name: "dex", State: Current},
				{Namespace: "team-c", Name: "dex", State: Orphan},
			},
		},
		"no source any more": {
			documents: []string{all, oldShape, copied("team-a")}, want: []Copy{{Namespace: "team-a", Name: "dex", State: Orphan}},
		},
		"rules not read": {
			documents: []string{all, original(), changed, copied("team-c")}, unread: true,
			want: []Copy{
				{Namespace: "team-a", Name: "dex", State: Stale, Fields: []string{"spec.authenticationConfiguration.jwt[0].issuer.audiences[0]"}},
				{Namespace: "team-c", Name: "dex", State: Current},
			},
		},
		"rules that can't be read": {
			documents: []string{all, original(), strings.Replace(oldShape, "[dex]", "dex", 1), changed, copied("team-c")},
			want: []Copy{
				{Namespace: "team-a", Name: "dex", State: Stale, Fields: []string{"spec.authenticationConfiguration.jwt[0].issuer.audiences[0]"}},
				{Namespace: "team-c", Name: "dex", State: Current},
			},
		},
		"a source with a field of null": {
			documents: []string{all, strings.Replace(original(), dexSpec, dexSpec+"    anonymous: null\n", 1), oldShape, copied("team-a"), copied("team-b")},
			want:      []Copy{{Namespace: "team-a", Name: "dex", State: Current}, {Namespace: "team-b", Name: "dex", State: Current}},
		},
		"nothing is distributed": {documents: []string{all, original()}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := read(t, test.documents...)
			inv.Served[inventory.AccessManagements] = !test.unread
			if diff := cmp.Diff(test.want, NewState(inv, Options{}).Copies()); diff != "" {
				t.Errorf("copies (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSyncCopies(t *testing.T) {
	t.Parallel()
	empty := strings.NewReplacer("team-a", "kcm-system", "test-cluster-auth-ca-cert-data", `""`).Replace(ca)
	s := state(t, kcm, namespaces("kcm-system", "team-a", "team-b", "team-c"), original(), empty, newShape, copied("team-c"),
		strings.ReplaceAll(copied("team-a"), "example-app", "old-app"), strings.Replace(withCA, "team-a", "team-b", 1),
		deployment("dev", "{template: "+hosted+", clusterAuth: dex, config: {controlPlaneNumber: 3}}"), release("dev", "11111a11"))
	p, notes, err := SyncCopies(s, "dex")
	checkRefusal(t, err, "", "")
	if diff := cmp.Diff([]string{"update clusterauthentication team-a/dex"}, p.Strings()); diff != "" {
		t.Fatalf("steps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Current, s.After(p).copyState("team-a", "dex")); diff != "" {
		t.Errorf("the copy is %s", diff)
	}
	for _, l := range differing("", p.Steps[0].Old.Object, p.Steps[0].Object.Object) {
		if !strings.HasPrefix(l.path, "spec.authenticationConfiguration.") {
			t.Errorf("it changes %s", l.path)
		}
	}
	want := []string{
		"clusterauthentication team-b/dex is not k0rdent's, and stays as it is: k0rdent makes no copy over it",
		"clusterauthentication team-c/dex stays as it is: no rule asks for it any more, or its source is gone",
		"cluster team-a/dev: 3 pods of its control plane will be replaced (hash 11111a11 to " + hashA + ")",
	}
	if diff := cmp.Diff(want, withoutWarnings(notes)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	_, _, err = SyncCopies(s, "dxe")
	checkRefusal(t, err, "sync copies: find clusterauthentication kcm-system/dxe: it is not there", "did you mean dex?")
}

// A private key is neither copied nor shown as what a copy had, and no other command offers to do that.
func TestSyncCopiesOfKey(t *testing.T) {
	t.Parallel()
	withKey := func(object string) string {
		return strings.Replace(object, "audiences: [example-app]", "audiences: [app]\n        certificateAuthority: \"-----BEGIN PRIVATE KEY-----\\nAAAA\"", 1)
	}
	const field = "spec.authenticationConfiguration.jwt[0].issuer.certificateAuthority"
	for name, tt := range map[string]struct {
		source, copied string
		where          string
	}{
		"in the source": {withKey(original()), copied("team-a"), "kcm-system/dex"},
		"in the copy":   {original(), withKey(copied("team-a")), "team-a/dex"},
		"in both":       {withKey(original()), strings.Replace(withKey(copied("team-a")), "[app]", "[old-app]", 1), "kcm-system/dex"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, kcm, namespaces("kcm-system", "team-a"), tt.source, tt.copied, newShape)
			p, _, err := SyncCopies(s)
			checkRefusal(t, err, "sync clusterauthentication team-a/dex: AU060 a private key is in "+field+" of clusterauthentication "+tt.where,
				"take it out, and have the key replaced: whoever can read the configuration has it, and so has every control plane")
			if len(p.Steps) > 0 {
				t.Errorf("the plan has steps: %v", p.Strings())
			}
			if f := one(t, Judge(s), "KC020", "clusterauthentication team-a/dex"); f.Fix != nil {
				t.Errorf("the finding has a fix: %v", f.Fix.Strings())
			}
		})
	}
}
