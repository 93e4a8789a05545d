package login

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// testServiceAccount shows a token of a ServiceAccount. The API server knows it by itself; to the issuers of the file it is of none of them.
func testServiceAccount(t *testing.T, api *server, testers ...*login.Tester) {
	client, err := kubernetes.NewForConfig(api.cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	accounts := client.CoreV1().ServiceAccounts("default")
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}}
	if _, err := accounts.Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	request, err := accounts.CreateToken(t.Context(), "robot", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	token := request.Status.Token
	got, err := api.whoami(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	if got.user == nil || got.user.Username != "system:serviceaccount:default:robot" {
		t.Errorf("API server: %+v", got)
	}
	for _, tester := range testers {
		verdict, err := tester.Token(t.Context(), token)
		compare(t, "tester", row{rule: login.Issuer}, token, verdict, err)
	}
}

// testUnreadableKeys shows a good token of an issuer that publishes a key of a type that the API server does not know. It then cannot read
// the others either, and refuses everybody. So does a tester, wherever it has the keys from; whoever reads them from a file is told as well.
func testUnreadableKeys(t *testing.T, s *issuer, api *server, offline, discovering *login.Tester) {
	r := row{issuer: "newfangled", rule: login.Key, log: "unknown json web key type 'AKP'"}
	token := r.token(t, s)
	log := compareServer(t, api, r, token)
	verdict, err := discovering.Token(t.Context(), token)
	compare(t, "with discovery", r, token, verdict, err)
	checkRule(t, "with discovery", log, verdict)

	_, notes, err := login.ReadKeys(s.keys("newfangled"))
	if err != nil || !slices.ContainsFunc(notes, func(note string) bool { return strings.Contains(note, "AKP") }) {
		t.Errorf("notes on keys: %q, %v", notes, err)
	}
	verdict, err = offline.Token(t.Context(), token)
	compare(t, "offline", r, token, verdict, err)
	checkRule(t, "offline", log, verdict)
	if verdict.Refusal != nil && !strings.Contains(verdict.Refusal.Reason, `key 1 ("pq"): its type "AKP" is unknown`) {
		t.Errorf("offline: %+v does not say which key", verdict.Refusal)
	}
}

// testUnready shows good tokens of issuers that do not answer, or answer as somebody else. The API server, which goes on for the others, refuses
// them until it has their keys; who may discover cannot decide, and says what is wrong. Who has the keys says what will be then.
func testUnready(t *testing.T, s *issuer, api *server, offline, discovering *login.Tester) {
	for path, hint := range map[string]string{"silent": "reachable", "misnamed": "to the letter"} {
		r := row{issuer: path, log: "authenticator not initialized"}
		token := r.token(t, s)
		compareServer(t, api, r, token)

		verdict, err := discovering.Token(t.Context(), token)
		var undecided *login.Undecided
		if verdict.Allowed || !errors.As(err, &undecided) || !strings.Contains(undecided.Hint(), hint) {
			t.Errorf("%s: with discovery: %+v, %v", path, verdict, err)
		}
		verdict, err = offline.Token(t.Context(), token)
		compare(t, "offline", row{want: as("oidc:ana")}, token, verdict, err)
	}
}

// testDistributed shows a token whose groups have to be fetched from the issuer. The API server does so, and so does who may discover; the
// first token of an issuer is refused, since its keys are not there yet. Offline nothing is fetched, and nothing decided.
func testDistributed(t *testing.T, s *issuer, api *server, offline, discovering *login.Tester) {
	endpoint := map[string]any{"src": map[string]any{"endpoint": "https://" + s.host + "/prefixed/groups"}}
	r := row{claims: claims{"_claim_names": map[string]any{"groups": "src"}, "_claim_sources": endpoint}, want: as("oidc:ana", "oidc:dev", "oidc:ops")}
	token := r.token(t, s)
	api.waitFor(t, map[string]string{"prefixed": token})
	compareServer(t, api, r, token)

	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		verdict, err := discovering.Token(ctx, token)
		return err == nil && cmp.Equal(r.want, verdict.User, cmpopts.EquateEmpty()), nil
	})
	if err != nil {
		t.Errorf("with discovery: %v", err)
	}

	verdict, err := offline.Token(t.Context(), token)
	var undecided *login.Undecided
	if verdict.Allowed || err != nil && !errors.As(err, &undecided) {
		t.Errorf("offline: %+v, %v", verdict, err)
	}
}

// testAtOnce shows all tokens to testers at once, as a tester may be asked by many.
func testAtOnce(t *testing.T, s *issuer, testers ...*login.Tester) {
	var asking sync.WaitGroup
	defer asking.Wait()
	for _, table := range tables() {
		for name, r := range table {
			token := r.token(t, s)
			for _, tester := range testers {
				asking.Go(func() {
					verdict, err := tester.Token(t.Context(), token)
					compare(t, name, r, token, verdict, err)
				})
			}
		}
	}
}
