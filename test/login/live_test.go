package login

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gopkg.in/go-jose/go-jose.v2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// TestTokens shows every token of the tables to the API server and to the testers.
func TestTokens(t *testing.T) {
	t.Parallel()
	s := newIssuer(t)
	file := render(t, s, "testdata/clusterauthentication.yaml", k0rdent.ForcedV1)
	api := newServer(t, file)
	offline, discovering := newTesters(t, s, file)
	t.Run("ready", func(t *testing.T) { api.waitFor(t, oneOfEach(t, s)) })

	t.Run("token of a ServiceAccount", func(t *testing.T) { testServiceAccount(t, api, offline, discovering) })
	t.Run("keys that cannot be read", func(t *testing.T) { testUnreadableKeys(t, s, api, offline, discovering) })
	t.Run("issuers that say nothing of use", func(t *testing.T) { testUnready(t, s, api, offline, discovering) })
	t.Run("groups that are elsewhere", func(t *testing.T) { testDistributed(t, s, api, offline, discovering) })
	t.Run("judged", func(t *testing.T) { testJudged(t, s, api, file) })
	t.Run("all at once", func(t *testing.T) { testAtOnce(t, s, offline, discovering) })
	t.Run("damaged", func(t *testing.T) { testDamaged(t, s, api, offline, discovering) })
	t.Run("random", func(t *testing.T) { testRandom(t, s, api, offline, discovering) })
	tables := tables()
	for _, topic := range slices.Sorted(maps.Keys(tables)) {
		t.Run(topic, func(t *testing.T) {
			for _, name := range slices.Sorted(maps.Keys(tables[topic])) {
				t.Run(name, func(t *testing.T) {
					r := tables[topic][name]
					token := r.token(t, s)
					log := compareServer(t, api, r, token)
					verdict, err := offline.Token(t.Context(), token)
					compare(t, "offline", r, token, verdict, err)
					checkRule(t, "offline", log, verdict)
					verdict, err = discovering.Token(t.Context(), token)
					compare(t, "with discovery", r, token, verdict, err)
					if r.aboutClaims() {
						verdict, err = offline.Claims(t.Context(), r.payload(s).plain(t))
						compare(t, "claims", r, token, verdict, err)
					}
				})
			}
		})
	}
}

// render returns the file for the API server that KCM makes of a ClusterAuthentication. ISSUER in it is the loopback server.
func render(t *testing.T, s *issuer, name string, era k0rdent.Era) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{}
	if err := yaml.UnmarshalStrict([]byte(strings.ReplaceAll(string(text), "ISSUER", s.host)), &object.Object); err != nil {
		t.Fatal(err)
	}
	authentication, err := k0rdent.ReadClusterAuthentication(object)
	if err != nil {
		t.Fatal(err)
	}
	rendered, err := k0rdent.Render(authentication, s.ca, era)
	if err != nil {
		t.Fatal(err)
	}
	return rendered.Bytes
}

// newTesters returns a tester that knows the keys of all issuers, and one that reads them from the issuers.
func newTesters(t *testing.T, s *issuer, file []byte) (offline, discovering *login.Tester) {
	t.Helper()
	config, err := authn.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]jose.JSONWebKeySet{}
	for _, jwt := range config.Spec.JWT {
		if keys[jwt.Issuer.URL], _, err = login.ReadKeys(s.keys(s.path(jwt.Issuer.URL))); err != nil {
			t.Fatal(err)
		}
	}
	newTester := func(o login.Options) *login.Tester {
		tester, err := login.New(t.Context(), config, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(tester.Close)
		return tester
	}
	return newTester(login.Options{Keys: keys}), newTester(login.Options{Discover: true})
}

// oneOfEach returns a token of every issuer of the tables, by path.
func oneOfEach(t *testing.T, s *issuer) map[string]string {
	t.Helper()
	tokens := map[string]string{"newfangled": row{issuer: "newfangled"}.token(t, s)}
	for _, table := range tables() {
		for _, r := range table {
			tokens[r.path()] = row{issuer: r.path()}.token(t, s)
		}
	}
	return tokens
}

// compareServer shows a row's token to the API server and compares what that says with the row. It returns the log.
func compareServer(t *testing.T, api *server, r row, token string) (log string) {
	t.Helper()
	got, err := api.whoami(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.want, got.user, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("API server (-want +got):\n%s\n%s", diff, got.log)
	}
	if r.want == nil && !strings.Contains(got.log, r.log) || r.log == "" && got.log != "" && got.log != "invalid bearer token" {
		t.Errorf("API server writes %q into its log, want %q", got.log, r.log)
	}
	return got.log
}

// compare compares a verdict about a token with a row.
func compare(t *testing.T, how string, r row, token string, got login.Verdict, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", how, err)
		return
	}
	if diff := cmp.Diff(r.want, got.User, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s\n%+v", how, diff, got.Refusal)
	}
	rule := ""
	if got.Refusal != nil {
		rule = got.Refusal.Rule
	}
	if rule != r.rule {
		t.Errorf("%s: rule is %q, want %q: %+v", how, rule, r.rule, got.Refusal)
	}
	checkVerdict(t, how, token, got)
}
