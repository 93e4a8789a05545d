package login

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// TestExample proves what the example of k0rdent's documentation lets in: anybody whose identity provider says that they are in a group
// system:masters. It is served as KCM 1.9 writes it, with the apiVersion that the user wrote; then a rule on groups is added to the file, and
// the API server, which goes on running, lets them in no more.
func TestExample(t *testing.T) {
	t.Parallel()
	s := newIssuer(t)
	file := render(t, s, "testdata/example.yaml", k0rdent.AsWritten)
	if !bytes.Contains(file, []byte("apiserver.config.k8s.io/v1beta1")) {
		t.Fatalf("KCM 1.9 writes another apiVersion than the user:\n%s", file)
	}
	api := newServer(t, file)
	person := func(changes claims) string {
		all := claims{"aud": "example-app", "email": "ana@acme.example"}
		maps.Copy(all, changes)
		return s.ring.token(t, "rsa", nil, usual(s.url("dex"), all))
	}
	master := person(claims{"groups": []string{"system:masters"}})
	api.waitFor(t, map[string]string{"dex": person(nil)})

	steps := []struct {
		name, token, verb string
		may               bool
	}{
		{"nobody special may not delete namespaces", person(nil), "delete", false},
		{"group system:masters may delete namespaces", master, "delete", true},
		{"group system:masters may do everything", master, "*", true},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			if may := api.may(t, step.token, step.verb); may != step.may {
				t.Errorf("allowed is %v", may)
			}
		})
	}
	t.Run("group system:masters reads Secrets and makes namespaces", func(t *testing.T) {
		api.expect(t, master, http.MethodGet, "/api/v1/secrets", "", http.StatusOK)
		api.expect(t, master, http.MethodPost, "/api/v1/namespaces", `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"mine"}}`, http.StatusCreated)
		api.expect(t, person(nil), http.MethodGet, "/api/v1/secrets", "", http.StatusForbidden)
	})
	t.Run("user system:admin is refused", func(t *testing.T) {
		api.expect(t, person(claims{"email": "system:admin"}), http.MethodGet, "/api/v1/secrets", "", http.StatusUnauthorized)
	})
	t.Run("judged", func(t *testing.T) { warned(t, file, true) })

	repaired := repair(t, file)
	t.Run("repaired", func(t *testing.T) {
		warned(t, repaired, false)
		if err := os.WriteFile(api.file, repaired, 0o600); err != nil {
			t.Fatal(err)
		}
		api.refuses(t, func(n int) string {
			return person(claims{"groups": []string{"system:masters"}, "jti": strconv.Itoa(n)})
		})
		api.expect(t, person(claims{"groups": []string{"dev"}}), http.MethodGet, "/api/v1/secrets", "", http.StatusForbidden)
	})
}

// warned checks that findings on a file name system:masters, or that none does.
func warned(t *testing.T, file []byte, want bool) {
	t.Helper()
	config, err := authn.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	findings := authn.Judge(config, authn.Options{})
	got := slices.ContainsFunc(findings, func(f finding.Finding) bool {
		return f.Severity != finding.Info && strings.Contains(f.Message+f.Why, "system:masters")
	})
	if got != want {
		t.Errorf("a finding warns of system:masters: %v, want %v: %+v", got, want, findings)
	}
}

// repair adds the rule that the example lacks.
func repair(t *testing.T, file []byte) []byte {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal(file, &object); err != nil {
		t.Fatal(err)
	}
	jwt, _ := object["jwt"].([]any)
	entry, _ := jwt[0].(map[string]any)
	rules, _ := entry["userValidationRules"].([]any)
	entry["userValidationRules"] = append(rules, map[string]any{
		"expression": "user.groups.all(g, !g.startsWith('system:'))", "message": "groups cannot use reserved system: prefix",
	})
	out, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// may asks the API server whether a token may do something with everything.
func (s *server) may(t *testing.T, token, verb string) bool {
	t.Helper()
	resource := authorizationv1.ResourceAttributes{Verb: verb, Resource: "namespaces"}
	if verb == "*" {
		resource = authorizationv1.ResourceAttributes{Verb: verb, Group: "*", Resource: "*"}
	}
	review := authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &resource}}
	review.APIVersion, review.Kind = "authorization.k8s.io/v1", "SelfSubjectAccessReview"
	body := s.expect(t, token, http.MethodPost, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", string(asJSON(t, review)), http.StatusCreated)
	if err := json.Unmarshal(body, &review); err != nil {
		t.Fatal(err)
	}
	return review.Status.Allowed
}

// expect sends a request and checks the status of the answer.
func (s *server) expect(t *testing.T, token, method, path, body string, status int) []byte {
	t.Helper()
	got, answer, err := s.send(t.Context(), token, method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	if got != status {
		t.Fatalf("%s %s: status %d, want %d: %s", method, path, got, status, answer)
	}
	return answer
}

// refuses waits until the API server refuses tokens. Each is another one, since the API server remembers for 10 seconds whom it let in.
func (s *server) refuses(t *testing.T, token func(n int) string) {
	t.Helper()
	n := 0
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		n++
		got, err := s.whoami(ctx, token(n))
		return err == nil && got.user == nil, err
	})
	if err != nil {
		t.Fatalf("wait for the API server to read its file again: %v", err)
	}
}
