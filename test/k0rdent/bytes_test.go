package k0rdent_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// spec and file are what the reference program reads and writes.
type spec struct {
	Forced        bool           `json:"forced"`
	Configuration map[string]any `json:"configuration"`
	Secret        bool           `json:"secret"`
	CA            []byte         `json:"ca"`
}

type file struct {
	Bytes []byte `json:"bytes"`
	Hash  string `json:"hash"`
	Error string `json:"error"`
}

// question is one rendering, and what both are asked.
type question struct {
	authentication k0rdent.ClusterAuthentication
	ca             []byte
	era            k0rdent.Era
}

// spec returns what the program is asked.
func (q question) spec() spec {
	c := map[string]any{"jwt": q.authentication.Configuration.JWT}
	for field, value := range map[string]string{
		"apiVersion": q.authentication.Configuration.APIVersion, "kind": q.authentication.Configuration.Kind,
	} {
		if value != "" {
			c[field] = value
		}
	}
	if anonymous := q.authentication.Configuration.Anonymous; anonymous != nil {
		c["anonymous"] = anonymous
	}
	return spec{
		Forced: q.era == k0rdent.ForcedV1, Configuration: c, Secret: q.authentication.CASecret != nil, CA: q.ca,
	}
}

// reference builds the program, and has it answer all questions at once.
func reference(t *testing.T, questions []question) []file {
	t.Helper()
	program := filepath.Join(t.TempDir(), "reference")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./reference").CombinedOutput(); err != nil {
		t.Fatalf("build the reference: %v\n%s", err, out)
	}
	var in, out bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, q := range questions {
		if err := encoder.Encode(q.spec()); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("run the reference: %v", err)
	}
	answers := make([]file, len(questions))
	decoder := json.NewDecoder(&out)
	for i := range answers {
		if err := decoder.Decode(&answers[i]); err != nil {
			t.Fatalf("read answer %d: %v", i, err)
		}
	}
	return answers
}

// sameFile fails the test unless Gatehouse gives the same file, or the same error.
func sameFile(t *testing.T, q question, want file) k0rdent.Rendered {
	t.Helper()
	got, err := k0rdent.Render(q.authentication, q.ca, q.era)
	if want.Error != "" {
		if diff := cmp.Diff("render clusterauthentication /: "+want.Error, fmt.Sprint(err)); diff != "" {
			t.Fatalf("error (-want +got):\n%s", diff)
		}
		return got
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want.Bytes), string(got.Bytes)); diff != "" || got.Hash != want.Hash {
		t.Fatalf("era %s: hash %s, want %s; bytes (-want +got):\n%s", q.era, got.Hash, want.Hash, diff)
	}
	return got
}

// encoded is the configuration as it is now.
func encoded(t *testing.T, q question) string {
	t.Helper()
	data, err := json.Marshal(q.authentication.Configuration)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// randomQuestions returns n configurations, each in both eras.
func randomQuestions(n int) []question {
	g := generator{rand.New(rand.NewPCG(20261122, 4))}
	out := make([]question, 0, 2*n)
	for range n {
		c := g.configuration()
		q := question{authentication: k0rdent.ClusterAuthentication{Configuration: &c}, ca: g.ca()}
		if g.IntN(2) == 0 {
			q.authentication.CASecret = &k0rdent.SecretKey{Namespace: "kcm-system", Name: "ca", Key: "ca.crt"}
		}
		for _, q.era = range []k0rdent.Era{k0rdent.AsWritten, k0rdent.ForcedV1} {
			out = append(out, q)
		}
	}
	return out
}

func TestSameBytes(t *testing.T) {
	t.Parallel()
	questions := randomQuestions(800)
	answers := reference(t, questions)
	read, refused, folded, quoted := 0, 0, 0, 0
	for i, q := range questions {
		before := encoded(t, q)
		got := sameFile(t, q, answers[i])
		if diff := cmp.Diff(before, encoded(t, q)); diff != "" {
			t.Fatalf("%d: the configuration was changed (-before +after):\n%s", i, diff)
		}
		folded += bytes.Count(got.Bytes, []byte("words that\n"))
		quoted += bytes.Count(got.Bytes, []byte(`"yes"`))
		switch {
		case answers[i].Error != "":
			refused++
		case sameWhenRead(t, q, got):
			read++
		}
	}
	// The generator must reach what it is there for.
	t.Logf("%d files: %d read from objects too, %d refused, %d lines folded, %d texts quoted", len(questions), read, refused,
		folded, quoted)
	if read < 300 || refused < 10 || folded < 50 || quoted < 50 {
		t.Error("that is not what the generator is for")
	}
}

// sameWhenRead says whether the configuration can be in an object of an API server, and that reading it from there gives
// the same file.
func sameWhenRead(t *testing.T, q question, want k0rdent.Rendered) bool {
	t.Helper()
	c := q.authentication.Configuration
	if c.JWT == nil || !utf8.Valid(q.ca) {
		return false
	}
	for _, a := range c.JWT {
		if a.Issuer.Audiences == nil || !utf8.ValidString(a.Issuer.CertificateAuthority) {
			return false
		}
	}
	u, err := k0rdent.NewClusterAuthentication("kcm-system", "a", *c, q.authentication.CASecret)
	if err != nil {
		t.Fatal(err)
	}
	data, err := u.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := u.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	a, err := k0rdent.ReadClusterAuthentication(u)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Unknown) > 0 {
		t.Fatalf("unknown: %q", a.Unknown)
	}
	got, err := k0rdent.Render(a, q.ca, q.era)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want.Bytes), string(got.Bytes)); diff != "" {
		t.Fatalf("read from an object (-want +got):\n%s", diff)
	}
	return true
}

// The forms that a generator might miss, each by itself.
func TestSameBytesOfEachText(t *testing.T) {
	t.Parallel()
	var questions []question
	for _, text := range append(pieces(), refused()...) {
		for _, era := range []k0rdent.Era{k0rdent.AsWritten, k0rdent.ForcedV1} {
			questions = append(questions, question{
				authentication: k0rdent.ClusterAuthentication{
					Configuration: &k0rdent.Configuration{APIVersion: text, JWT: []apiserverv1.JWTAuthenticator{{
						Issuer: apiserverv1.Issuer{URL: text, DiscoveryURL: &text, Audiences: []string{text}},
						ClaimMappings: apiserverv1.ClaimMappings{
							Username: apiserverv1.PrefixedClaimOrExpression{Expression: text, Prefix: &text},
						},
						UserValidationRules: []apiserverv1.UserValidationRule{{Expression: text, Message: text}},
					}}},
					CASecret: &k0rdent.SecretKey{},
				},
				ca:  []byte(text),
				era: era,
			})
		}
	}
	for i, want := range reference(t, questions) {
		sameFile(t, questions[i], want)
	}
}
