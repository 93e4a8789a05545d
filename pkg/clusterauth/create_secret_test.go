package clusterauth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// specWith is a ClusterAuthentication that is to be, whose CA goes into a key of a Secret that is there.
func specWith(ca, key string) Spec {
	return Spec{
		Namespace: "team-a", Name: "new", Issuer: "https://dex.example.com", Audiences: []string{"app"},
		GuardSystem: true, CA: []byte(ca), CASecret: &k0rdent.SecretKey{Name: "dex-ca", Key: key},
	}
}

// A plan has nothing of a Secret but the key that changes, and of that only certificates.
func TestCreateInSecret(t *testing.T) {
	t.Parallel()
	first, second, ended := newAuthority(t, "first", 400), newAuthority(t, "second", 800), newAuthority(t, "ended", 20)
	renewed := renew(t, first)
	const (
		made    = "create clusterauthentication team-a/new"
		updated = "update secret team-a/dex-ca"
		backup  = "it has the label k0rdent.mirantis.com/component=kcm, so that backups of k0rdent take it in"
		shared  = "clusterauthentication team-a/dex takes its CA from secret team-a/dex-ca, too, and changes with it: when KCM looks at its clusters next"
	)
	tests := map[string]struct {
		key, ca     string
		had         string // the key ca.crt of the Secret
		want, notes []string
	}{
		"a further CA, which others get, too": {
			"ca.crt", second.pem + first.pem, first.pem, []string{updated, made}, []string{backup, shared, "ROLL"},
		},
		"in place of one that has expired": {
			"ca.crt", second.pem, ended.pem, []string{updated, made}, []string{backup, shared, "ROLL"},
		},
		"in place of an older one of the same CA": {
			"ca.crt", renewed, first.pem, []string{updated, made}, []string{backup, shared, "ROLL"},
		},
		"a key of its own": {"more.crt", second.pem, "# text\n" + first.pem, []string{updated, made}, []string{backup}},
		"what is there": {
			"ca.crt", first.pem, "# text\n" + first.pem,
			[]string{made},
			[]string{backup, "secret team-a/dex-ca has these certificates already"},
		},
		"with text that is left out": {
			"ca.crt", "hunter2\n" + first.pem + second.pem, first.pem, []string{updated, made}, []string{backup, shared, "ROLL"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, kcm, withCA, caSecret("", map[string]string{"ca.crt": tt.had, "tls.key": first.key, "password": "hunter2"}),
				deployment("dev", "{template: "+hosted+", clusterAuth: dex}"), release("dev", "abcdef01"))
			p, notes, err := Create(s, specWith(tt.ca, tt.key))
			checkRefusal(t, err, "", "")
			if diff := cmp.Diff(tt.want, p.Strings()); diff != "" {
				t.Fatalf("steps (-want +got):\n%s", diff)
			}
			notes = withoutWarnings(notes)
			for i, note := range notes {
				if strings.HasPrefix(note, "cluster team-a/dev: ") && strings.Contains(note, "(hash abcdef01 to ") {
					notes[i] = "ROLL"
				}
			}
			if diff := cmp.Diff(tt.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			checkNoSecrets(t, p, notes, first.key, "hunter2", "# text")
			for _, step := range p.Steps {
				data, _ := step.Object.Object["data"].(map[string]any)
				if step.Object.GetKind() == "Secret" && (len(data) != 1 || step.Old.Object["data"] == nil) {
					t.Errorf("the plan has %d keys of the Secret, want 1; before: %v", len(data), step.Old.Object["data"] != nil)
				}
			}
			after := s.After(p).Secret("team-a", "dex-ca")
			if string(after.Data["password"]) != "hunter2" || string(after.Data["tls.key"]) != first.key || after.Type != s.Secret("team-a", "dex-ca").Type {
				t.Error("other parts of the Secret are lost")
			}
			want := strings.TrimPrefix(tt.ca, "hunter2\n")
			if key := tt.key; tt.want[0] == updated && string(after.Data[key]) != want {
				t.Errorf("key %s has %d bytes, want %d", key, len(after.Data[key]), len(want))
			}
		})
	}
}

func TestCreateInSecretRefuses(t *testing.T) {
	t.Parallel()
	first, second := newAuthority(t, "first", 400), newAuthority(t, "second", 800)
	const at = "create clusterauthentication team-a/new: "
	impure := at + "key ca.crt of secret team-a/dex-ca has more than certificates in it, which a plan must not have"
	const hint = "leave only the certificates there, by hand: comments have to go, too; or name another key or Secret"
	good := caSecret("", map[string]string{"ca.crt": first.pem})
	tests := map[string]struct{ secret, ca, want, hint string }{
		"text":              {caSecret("", map[string]string{"ca.crt": "hunter2\n" + first.pem}), second.pem, impure, hint},
		"a private key":     {caSecret("", map[string]string{"ca.crt": first.key}), second.pem, impure, hint},
		"a new private key": {good, second.pem + " " + second.key, at + "read the CA: it holds PRIVATE KEY", "give a file with certificates only: KCM copies all of it to nodes"},
		"the CA of others": {
			good, second.pem, at + `key ca.crt of secret team-a/dex-ca would lose "CN=first", but is the CA of clusterauthentication team-a/dex, too`,
			"kubectl clusterauth ca rotate exchanges a CA in two steps; or name another key or Secret",
		},
		"immutable": {strings.Replace(good, "kind: Secret", "kind: Secret\nimmutable: true", 1), second.pem, at + "secret team-a/dex-ca is immutable", "name another Secret"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _, err := Create(state(t, kcm, withCA, tt.secret), specWith(tt.ca, "ca.crt"))
			checkRefusal(t, err, tt.want, tt.hint)
			if diff := cmp.Diff(plan.Plan{}, p); diff != "" {
				t.Errorf("there is a plan: %v", p.Strings())
			}
		})
	}
}
