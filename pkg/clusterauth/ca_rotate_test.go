package clusterauth

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// rotated is what a plan comes to, in short: the steps, and what is then in the place of the old CA.
func rotated(t *testing.T, p plan.Plan, names map[string]string) []string {
	t.Helper()
	var out []string
	for _, step := range p.Steps {
		line := step.String() + " of " + step.Unit
		var text string
		if step.Object.GetKind() == "Secret" {
			data, _, err := unstructured.NestedStringMap(step.Object.Object, "data")
			if err != nil || len(data) != 1 {
				t.Fatalf("the plan has %d keys of the Secret (error %v), want 1", len(data), err)
			}
			raw, err := base64.StdEncoding.DecodeString(data["ca.crt"])
			if err != nil {
				t.Fatal(err)
			}
			text = string(raw)
		} else {
			list, _, err := unstructured.NestedSlice(step.Object.Object, "spec", "authenticationConfiguration", "jwt")
			if err != nil {
				t.Fatal(err)
			}
			for i, jwt := range list {
				ca, _, _ := unstructured.NestedString(jwt.(map[string]any), "issuer", "certificateAuthority")
				if ca != "" {
					line += "; jwt " + string(rune('0'+i)) + ":" + named(ca, names)
				}
			}
			if mark := step.Object.GetAnnotations()[CAChangedAnnotation]; mark != "" {
				line += "; marked"
			}
		}
		if text != "" {
			line += ":" + named(text, names)
		}
		out = append(out, line)
	}
	return out
}

// named replaces each certificate by its name.
func named(text string, names map[string]string) string {
	for pem, name := range names {
		text = strings.ReplaceAll(text, pem, " "+name)
	}
	return text
}

func TestRotateCA(t *testing.T) {
	t.Parallel()
	first, second, ended := newAuthority(t, "first", 400), newAuthority(t, "second", 800), newAuthority(t, "ended", 20)
	other, renewed := newAuthority(t, "other", 600), renew(t, first)
	names := map[string]string{first.pem: "first", second.pem: "second", ended.pem: "ended", other.pem: "other", renewed: "renewed"}
	twoIssuers := inlined("", "") + "  caSecret: {name: dex-ca, key: ca.crt}\n"
	const (
		unit   = " of clusterauthentication team-a/dex"
		secret = "update secret team-a/dex-ca" + unit
		object = "update clusterauthentication team-a/dex" + unit
		same   = "unchanged secret team-a/dex-ca" + unit
		later  = "this is the first of two rolls. Once it is through, give https://dex.example.com:5556 a certificate of the new " +
			"CA, try a login, then run it again with --finish, which rolls the same control planes again"
		last     = "from now on nobody can log in through https://dex.example.com:5556 unless it shows a certificate of the new CA"
		gone     = `"CN=first", good until 2027-11-27, is trusted no more`
		bothLast = "from now on nobody can log in through https://dex.example.com:5556 and https://b.example.com unless it shows a certificate of the new CA"
	)
	holding := func(data string) []string { return []string{withCA, caSecret("", map[string]string{"ca.crt": data})} }
	tests := map[string]struct {
		documents []string
		rotation  Rotation
		want      []string
		notes     []string
	}{
		"overlap": {
			holding(first.pem),
			Rotation{Phase: Overlap, CA: []byte(second.pem)},
			[]string{secret + ": first second", object + "; marked"},
			[]string{later},
		},
		"overlap of what is there": {
			holding(first.pem + second.pem),
			Rotation{Phase: Overlap, CA: []byte(second.pem)},
			[]string{same + ": first second"},
			[]string{"the new certificates are there already", "nothing to do"},
		},
		"overlap leaves out what is of no use": {
			holding("\r\n" + ended.pem + first.pem + first.pem),
			Rotation{Phase: Overlap, CA: []byte("text\n" + second.pem)},
			[]string{secret + ": first second", object + "; marked"},
			[]string{
				`"CN=ended" expired on 2026-11-12, and is not kept`, later,
			},
		},
		"overlap of what is there, with a comment that the plan does not have": {
			holding("# old\n" + second.pem),
			Rotation{Phase: Overlap, CA: []byte(second.pem)},
			nil,
			[]string{"the new certificates are there already", "nothing to do"},
		},
		"overlap of garbage": {
			[]string{inlined("x", "")},
			Rotation{Phase: Overlap, CA: []byte(second.pem)},
			[]string{object + "; jwt 0: second"},
			[]string{"the old bundle is of no use, and not kept: read certificates: no certificate in PEM form", later},
		},
		"finish": {
			holding(first.pem + second.pem),
			Rotation{Phase: Finish, CA: []byte(second.pem)},
			[]string{secret + ": second", object + "; marked"},
			[]string{gone, last},
		},
		"finish for two issuers, with the CA of the other": {
			[]string{twoIssuers, caSecret("", map[string]string{"ca.crt": first.pem + other.pem + second.pem})},
			Rotation{Phase: Finish, CA: []byte(second.pem + other.pem)},
			[]string{secret + ": second other", object + "; marked"},
			[]string{gone, bothLast},
		},
		"finish for two issuers, when the old one has ended": {
			[]string{twoIssuers, caSecret("", map[string]string{"ca.crt": ended.pem + second.pem})},
			Rotation{Phase: Finish, CA: []byte(second.pem)},
			[]string{secret + ": second", object + "; marked"},
			[]string{bothLast},
		},
		"finish for two issuers, whose CA has another certificate of the same key": {
			[]string{twoIssuers, caSecret("", map[string]string{"ca.crt": first.pem + renewed})},
			Rotation{Phase: Finish, CA: []byte(renewed)},
			[]string{secret + ": renewed", object + "; marked"},
			[]string{bothLast},
		},
		"finish of what is there": {
			holding(second.pem), Rotation{Phase: Finish, CA: []byte(second.pem)}, []string{same + ": second"}, []string{"nothing to do"},
		},
		"finish at once when the old one has ended": {
			holding(ended.pem),
			Rotation{Phase: Finish, CA: []byte(second.pem)},
			[]string{secret + ": second", object + "; marked"},
			[]string{last},
		},
		"all who share the Secret, and what rolls": {
			[]string{
				withCA, strings.NewReplacer("name: dex,", "name: other,", "namespace: team-a", "namespace: team-b", "key: ca.crt",
					"key: ca.crt, namespace: team-a").Replace(withCA),
				strings.NewReplacer("name: dex,", "name: third,", "ca.crt", "more.crt").Replace(withCA),
				caSecret("", map[string]string{"ca.crt": first.pem, "more.crt": first.pem, "tls.key": first.key}),
				kcm, deployment("c1", "{template: "+hosted+", clusterAuth: dex}"), release("c1", "abcdef01"),
			},
			Rotation{Phase: Overlap, CA: []byte(second.pem)},
			[]string{secret + ": first second", object + "; marked", "update clusterauthentication team-b/other" + unit + "; marked"},
			[]string{"secret team-a/dex-ca has 2 other keys that the plan neither shows nor touches", "clusterauthentication team-b/other takes its CA from the same Secret, and changes with it", "ROLL", later},
		},
		"own CA": {
			[]string{inlined(first.pem, "")},
			Rotation{Phase: Overlap, CA: []byte(second.pem)},
			[]string{object + "; jwt 0: first second"},
			[]string{later},
		},
		"own CA of one of two": {
			[]string{inlined(first.pem, ended.pem)},
			Rotation{Phase: Overlap, CA: []byte(second.pem), Issuer: "https://dex.example.com:5556"},
			[]string{object + "; jwt 0: first second; jwt 1: ended"},
			[]string{later},
		},
		"own CA of two, the same": {
			[]string{inlined(first.pem, "# text\n"+first.pem)},
			Rotation{Phase: Overlap, CA: []byte(second.pem)},
			[]string{object + "; jwt 0: first second; jwt 1: first second"},
			[]string{strings.Replace(later, "5556", "5556 and https://b.example.com", 1)},
		},
		"own CA that is there, in other words": {
			[]string{inlined(first.pem, "# text\n"+first.pem)},
			Rotation{Phase: Finish, CA: []byte(first.pem)},
			[]string{"unchanged clusterauthentication team-a/dex" + unit + "; jwt 0: first; jwt 1:# text\n first"},
			[]string{"nothing to do"},
		},
		"finish own CA": {
			[]string{inlined(first.pem+second.pem, "")},
			Rotation{Phase: Finish, CA: []byte(second.pem)},
			[]string{object + "; jwt 0: second"},
			[]string{gone, last},
		},
		"finish own CA of one of two, the same": {
			[]string{inlined(first.pem+second.pem, first.pem+second.pem)},
			Rotation{Phase: Finish, CA: []byte(second.pem), Issuer: "https://dex.example.com:5556"},
			[]string{object + "; jwt 0: second; jwt 1: first second"},
			[]string{gone, last},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.rotation.Namespace, tt.rotation.Name = "team-a", "dex"
			s := state(t, tt.documents...)
			p, notes, err := RotateCA(s, tt.rotation)
			checkRefusal(t, err, "", "")
			if diff := cmp.Diff(tt.want, rotated(t, p, names)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			for i, note := range notes {
				if strings.HasPrefix(note, "cluster team-a/c1: ") && strings.Contains(note, "(hash abcdef01 to ") {
					notes[i] = "ROLL"
				}
			}
			notes = withoutWarnings(notes)
			if diff := cmp.Diff(tt.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			checkNoSecrets(t, p, notes, first.key, second.key)
			// What was planned is what KCM then makes, and the next run of the same has nothing to do.
			again, _, err := RotateCA(s.After(p), tt.rotation)
			if err != nil || len(again.Changes().Steps) > 0 {
				t.Errorf("a second time: %v, error %v", again.Strings(), err)
			}
		})
	}
}

// withoutWarnings leaves out what warnings of rollouts say, which is not the matter here.
func withoutWarnings(notes []string) []string {
	var out []string
	for _, note := range notes {
		if !strings.Contains(note, " (KC0") && !strings.Contains(note, " (AU0") {
			out = append(out, note)
		}
	}
	return out
}

// checkNoSecrets looks for keys in all that is shown of a plan.
func checkNoSecrets(t *testing.T, p plan.Plan, notes []string, keys ...string) {
	t.Helper()
	var shown strings.Builder
	for _, change := range p.Preview() {
		for _, line := range change.Lines {
			shown.WriteString(line.Text + "\n")
		}
	}
	shown.WriteString(strings.Join(notes, "\n"))
	for _, o := range p.Manifests() {
		data, err := o.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		shown.Write(data)
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(data)
	for _, key := range keys {
		body := strings.Split(strings.TrimSpace(key), "\n")
		for _, secret := range []string{body[len(body)/2], base64.StdEncoding.EncodeToString([]byte(key))} {
			if strings.Contains(shown.String(), secret) {
				t.Fatal("a private key is shown")
			}
		}
	}
	if strings.Contains(shown.String(), "tls.key") {
		t.Fatal("another key of the Secret is shown")
	}
}
