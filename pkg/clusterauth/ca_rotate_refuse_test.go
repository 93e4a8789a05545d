package clusterauth

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

func TestRotateCARefuses(t *testing.T) {
	t.Parallel()
	first, second, ended := newAuthority(t, "first", 400), newAuthority(t, "second", 800), newAuthority(t, "ended", 20)
	other := newAuthority(t, "other", 500)
	good := []string{withCA, caSecret("", map[string]string{"ca.crt": first.pem})}
	const at = "rotate CA of clusterauthentication team-a/dex: "
	tests := map[string]struct {
		documents  []string
		rotation   Rotation
		want, hint string
	}{
		"not there": {[]string{kcm, dex}, Rotation{Name: "dx", CA: []byte(second.pem), Phase: Overlap}, "rotate CA: find clusterauthentication team-a/dx: it is not there", "did you mean dex?"},
		"private key": {
			good,
			Rotation{CA: []byte(second.pem + second.key), Phase: Overlap},
			at + "the new bundle has a private key in it",
			"take it out: KCM would copy it to every control plane; whoever may have seen it can sign for the issuer",
		},
		"private key alone": {
			good,
			Rotation{CA: []byte(second.key), Phase: Overlap},
			at + "the new bundle has a private key in it",
			"take it out: KCM would copy it to every control plane; whoever may have seen it can sign for the issuer",
		},
		"private key in the old one": {
			[]string{withCA, caSecret("", map[string]string{"ca.crt": first.key + first.pem})},
			Rotation{CA: []byte(second.pem), Phase: Overlap},
			at + "a private key is in its CA, and the plan would show it",
			"leave only the certificates there, by hand, and have the issuer's key replaced: every control plane has it",
		},
		"a broken private key in the old one": {
			[]string{withCA, caSecret("", map[string]string{"ca.crt": first.pem + "  " + strings.ReplaceAll(first.key, "\n", "\n  ")})},
			Rotation{CA: []byte(second.pem), Phase: Overlap},
			at + "a private key is in its CA, and the plan would show it",
			"leave only the certificates there, by hand, and have the issuer's key replaced: every control plane has it",
		},
		"private key in that of the second issuer": {
			[]string{inlined(first.pem, first.pem+first.key)},
			Rotation{CA: []byte(second.pem), Phase: Overlap},
			at + "a private key is in the CA that clusterauthentication team-a/dex gives issuer https://b.example.com, and the plan would show it",
			"leave only the certificates there, by hand, and have the issuer's key replaced: every control plane has it",
		},
		"private key in that of an issuer that stays": {
			[]string{inlined(first.pem, other.pem+other.key)},
			Rotation{CA: []byte(second.pem), Phase: Overlap, Issuer: "https://dex.example.com:5556"},
			at + "a private key is in the CA that clusterauthentication team-a/dex gives issuer https://b.example.com, and the plan would show it",
			"leave only the certificates there, by hand, and have the issuer's key replaced: every control plane has it",
		},
		"private key in one that shares the Secret": {
			[]string{
				good[0], good[1], strings.Replace(inlined("", other.key), "name: dex,", "name: more,", 1) + "  caSecret: {name: dex-ca, key: ca.crt}\n",
			},
			Rotation{CA: []byte(second.pem), Phase: Overlap},
			at + "a private key is in the CA that clusterauthentication team-a/more gives issuer https://b.example.com, and the plan would show it",
			"leave only the certificates there, by hand, and have the issuer's key replaced: every control plane has it",
		},
		"text in the old one": {
			[]string{withCA, caSecret("", map[string]string{"ca.crt": "password: hunter2\n" + first.pem})},
			Rotation{CA: []byte(second.pem), Phase: Overlap},
			at + "key ca.crt of secret team-a/dex-ca has more than certificates in it, which a plan must not have",
			"leave only the certificates there, by hand: comments have to go, too",
		},
		"no certificate in the old one": {
			[]string{withCA, caSecret("", map[string]string{"ca.crt": "hunter2"})},
			Rotation{CA: []byte(second.pem), Phase: Finish},
			at + "key ca.crt of secret team-a/dex-ca has more than certificates in it, which a plan must not have",
			"leave only the certificates there, by hand: comments have to go, too",
		},
		"empty":          {good, Rotation{Phase: Overlap}, at + "the new bundle: read certificates: the bundle is empty", ""},
		"no certificate": {good, Rotation{CA: []byte("x"), Phase: Overlap}, at + "the new bundle: read certificates: no certificate in PEM form", ""},
		"expired":        {good, Rotation{CA: []byte(second.pem + ended.pem), Phase: Overlap}, at + `"CN=ended" of the new bundle expired on 2026-11-12`, ""},
		"too early": {
			good,
			Rotation{CA: []byte(second.pem), Phase: Finish},
			at + "its CA does not have the new certificates yet, so that nobody could log in until the issuer has changed, too",
			"run it without --finish first, and wait for the roll",
		},
		"too early, own CA": {
			[]string{inlined(first.pem, "")},
			Rotation{CA: []byte(second.pem), Phase: Finish},
			at + "its CA does not have the new certificates yet, so that nobody could log in until the issuer has changed, too",
			"run it without --finish first, and wait for the roll",
		},
		"no CA": {
			[]string{dex},
			Rotation{CA: []byte(second.pem), Phase: Overlap},
			at + "it names no CA",
			"API servers trust public CAs for its issuers; there is nothing to rotate",
		},
		"two CAs": {
			[]string{inlined(first.pem, second.pem)},
			Rotation{CA: []byte(second.pem), Phase: Overlap},
			at + "its issuers have different CAs",
			"name one of them: https://dex.example.com:5556 and https://b.example.com",
		},
		"another issuer": {
			[]string{inlined(first.pem, second.pem)},
			Rotation{CA: []byte(second.pem), Phase: Overlap, Issuer: "https://c"},
			at + "it has no issuer https://c", "it has https://dex.example.com:5556 and https://b.example.com",
		},
		"issuer without a CA": {
			[]string{inlined(first.pem, "")},
			Rotation{CA: []byte(second.pem), Phase: Overlap, Issuer: "https://b.example.com"},
			at + "issuer https://b.example.com has no CA of its own", "its API servers trust public CAs for it; there is nothing to rotate",
		},
		"issuer of a Secret": {
			good,
			Rotation{CA: []byte(second.pem), Phase: Overlap, Issuer: "https://dex.example.com:5556"},
			at + "all its issuers share the CA of secret team-a/dex-ca", "leave the issuer out",
		},
		"immutable": {
			[]string{withCA, strings.Replace(good[1], "kind: Secret", "kind: Secret\nimmutable: true", 1)},
			Rotation{CA: []byte(second.pem), Phase: Overlap},
			at + "secret team-a/dex-ca is immutable",
			"make another Secret, and let spec.caSecret name that one",
		},
		"no Secret": {
			[]string{withCA},
			Rotation{CA: []byte(second.pem), Phase: Overlap},
			at + "read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there",
			"KCM stops at every cluster that uses it until the Secret is there",
		},
		"off": {
			[]string{strings.Split(dex, "spec:")[0] + "spec: {}\n"}, Rotation{CA: []byte(second.pem), Phase: Overlap}, at + "it has no issuers", "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.rotation.Namespace = "team-a"
			if tt.rotation.Name == "" {
				tt.rotation.Name = "dex"
			}
			p, _, err := RotateCA(state(t, tt.documents...), tt.rotation)
			checkRefusal(t, err, tt.want, tt.hint)
			if len(p.Steps) > 0 {
				t.Errorf("there is a plan: %v", p.Strings())
			}
		})
	}
	if _, _, err := RotateCA(state(t, good...), Rotation{Namespace: "team-a", Name: "dex", CA: []byte(second.pem), Phase: 3}); err == nil {
		t.Error("there is a third phase")
	}
}

func TestRotateCANotes(t *testing.T) {
	t.Parallel()
	first := newAuthority(t, "first", 400)
	early := newAuthority(t, "early", 400, func(c *x509.Certificate) { c.NotBefore = now().Add(72 * time.Hour) })
	leaf := newAuthority(t, "leaf", 400, func(c *x509.Certificate) { c.IsCA = false })
	s := state(t, withCA, caSecret(", labels: {trust.cert-manager.io/x: a}", map[string]string{"ca.crt": first.pem}))
	_, notes, err := RotateCA(s, Rotation{
		Namespace: "team-a", Name: "dex", Phase: Overlap,
		CA: []byte(early.pem + leaf.pem + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"),
	})
	checkRefusal(t, err, "", "")
	want := []string{
		`"CN=early" of the new bundle is not valid before 2026-11-25`,
		`"CN=leaf" of the new bundle is no CA: it is trusted only while the issuer shows this very certificate`,
		"blocks of the new bundle that are no certificates are left out: X509 CRL",
		"trust-manager writes secret team-a/dex-ca, and may put the old CA back",
	}
	if diff := cmp.Diff(want, notes[:len(want)]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A source whose issuers have their own CA leaves its copies behind.
func TestRotateCACopies(t *testing.T) {
	t.Parallel()
	first, second := newAuthority(t, "first", 400), newAuthority(t, "second", 400)
	source := strings.Replace(inlined(first.pem, ""), "team-a", "kcm-system", 1)
	kept := strings.Replace(inlined(first.pem, ""), `resourceVersion: "7"`, "labels: {k0rdent.mirantis.com/managed: \"true\"}", 1)
	s := state(t, source, kept, "kind: Namespace\napiVersion: v1\nmetadata: {name: team-a}",
		"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: AccessManagement\nmetadata: {name: kcm}\n"+
			"spec: {accessRules: [{clusterAuthentications: [dex]}]}")
	tests := map[string]string{
		"kcm-system": "copies of it keep the old CA until they are synced: those in team-a",
		"team-a":     "clusterauthentication team-a/dex is a copy: change its source, too, or the next sync of copies takes this back",
	}
	for namespace, want := range tests {
		p, notes, err := RotateCA(s, Rotation{Namespace: namespace, Name: "dex", CA: []byte(second.pem), Phase: Overlap})
		checkRefusal(t, err, "", "")
		if diff := cmp.Diff(want, notes[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", namespace, diff)
		}
		if len(p.Steps) != 1 || p.Steps[0].Object.GetNamespace() != namespace {
			t.Errorf("%s: %v", namespace, p.Strings())
		}
	}
}

// The mark is the same for the same bundle, and another for another.
func TestChanged(t *testing.T) {
	t.Parallel()
	if got := changed([]byte("x")); got != k0rdent.Hash([]byte("x")) || got == changed([]byte("y")) {
		t.Errorf("the mark is %q", got)
	}
}

// A bundle through which several issuers are trusted keeps a CA for each of them: nothing tells whose is whose.
func TestRotateCAFinishRefusesShared(t *testing.T) {
	t.Parallel()
	first, second, other := newAuthority(t, "first", 400), newAuthority(t, "second", 800), newAuthority(t, "other", 600)
	signed := signedBy(t, second, "signed")
	const (
		at     = "rotate CA of clusterauthentication team-a/dex: "
		two    = "https://b.example.com and https://dex.example.com:5556 are all trusted through this bundle, which would lose "
		fewer  = " and have fewer CAs than issuers: that may keep people out"
		next   = "give the CA of every issuer that keeps its own, too, in --ca-file; where they share one, wait until the old one has ended"
		inline = "name one of them with --issuer, or give the CA of each in --ca-file"
	)
	one := inlined("", "") + "  caSecret: {name: dex-ca, key: ca.crt}\n"
	elsewhere := strings.NewReplacer("team-a", "team-b", "key: ca.crt", "key: ca.crt, namespace: team-a",
		"https://dex.example.com:5556", "https://b.example.com").Replace(withCA)
	again := renew(t, second)
	tests := map[string]struct {
		documents     []string
		bundle, fresh string
		want, hint    string
	}{
		"of one object":        {[]string{one}, first.pem + other.pem + second.pem, second.pem, two + `"CN=first" and "CN=other"` + fewer, next},
		"of another namespace": {[]string{withCA, elsewhere}, first.pem + second.pem, second.pem, two + `"CN=first"` + fewer, next},
		"the old one went":     {[]string{one}, other.pem + second.pem, second.pem, two + `"CN=other"` + fewer, next},
		"two of one name": {
			[]string{one}, other.pem + second.pem + again, second.pem + again, two + `"CN=other"` + fewer, next,
		},
		"one and what it has signed": {
			[]string{one}, first.pem + other.pem + second.pem + signed, second.pem + signed, two + `"CN=first" and "CN=other"` + fewer, next,
		},
		"in the object": {
			[]string{inlined(first.pem+second.pem, first.pem+second.pem)},
			"", second.pem,
			"https://dex.example.com:5556 and https://b.example.com" + strings.TrimPrefix(two, "https://b.example.com and https://dex.example.com:5556") +
				`"CN=first"` + fewer, inline,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			documents := tt.documents
			if tt.bundle != "" {
				documents = append(documents, caSecret("", map[string]string{"ca.crt": tt.bundle}))
			}
			p, _, err := RotateCA(state(t, documents...), Rotation{Namespace: "team-a", Name: "dex", CA: []byte(tt.fresh), Phase: Finish})
			checkRefusal(t, err, at+tt.want, tt.hint)
			if len(p.Steps) > 0 {
				t.Errorf("there is a plan: %v", p.Strings())
			}
		})
	}
}
