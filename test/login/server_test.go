package login

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/pkg/login"
	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// patience is how long the API server may take to read the keys of all issuers, or a changed file. It tries both every 10 seconds.
const patience = 2 * time.Minute

// server is an API server that authenticates as a file says.
type server struct {
	cp     *controlplane.ControlPlane
	file   string       // how it authenticates
	client *http.Client // of nobody
	read   int64        // how far its log was read
}

// newServer starts an API server with that file. It ends with the test.
func newServer(t *testing.T, file []byte) *server {
	t.Helper()
	path := filepath.Join(t.TempDir(), "authentication.yaml")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	cp := controlplane.ForTest(t, controlplane.Options{
		WithoutControllers: true,
		ExtraAPIServerArgs: []string{"--authentication-config=" + path},
	})
	// HTTP/1.1, which sends every header to the server, and lets that say no to a long one.
	config := rest.AnonymousClientConfig(cp.AdminConfig())
	config.NextProtos = []string{"http/1.1"}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{cp: cp, file: path, client: client}
	s.letEverybodyAsk(t)
	return s
}

// letEverybodyAsk allows SelfSubjectReviews of those whom the API server does not count as authenticated, because a token said so.
func (s *server) letEverybodyAsk(t *testing.T) {
	t.Helper()
	client, err := kubernetes.NewForConfig(s.cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "everybody-may-ask"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "system:basic-user"},
		Subjects: []rbacv1.Subject{
			{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "system:anonymous"},
			{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "system:unauthenticated"},
		},
	}
	if _, err := client.RbacV1().ClusterRoleBindings().Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// answer is what the API server says of a token.
type answer struct {
	user *login.User // nil: nobody
	log  string      // what it then wrote into its log
}

// whoami asks the API server who a token is.
func (s *server) whoami(ctx context.Context, token string) (answer, error) {
	status, body, err := s.send(ctx, token, http.MethodPost, "/apis/authentication.k8s.io/v1/selfsubjectreviews",
		`{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`)
	if err != nil {
		return answer{}, err
	}
	log, err := s.refusals()
	if err != nil {
		return answer{}, err
	}
	switch status {
	case http.StatusCreated:
		var review authenticationv1.SelfSubjectReview
		if err := json.Unmarshal(body, &review); err != nil {
			return answer{}, fmt.Errorf("read review: %w", err)
		}
		return answer{user: userOf(review.Status.UserInfo)}, nil
	case http.StatusUnauthorized, http.StatusRequestHeaderFieldsTooLarge:
		return answer{log: log}, nil
	default:
		return answer{}, fmt.Errorf("review: status %d: %s", status, body)
	}
}

// userOf returns a user as pkg/login has it.
func userOf(info authenticationv1.UserInfo) *login.User {
	out := &login.User{Username: info.Username, UID: info.UID, Groups: info.Groups}
	for key, values := range info.Extra {
		out = with(out, "", key, values...)
	}
	return out
}

// send sends a request with a token, as it stands, and returns the status and body of the answer.
func (s *server) send(ctx context.Context, token, method, path, body string) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, s.cp.URL()+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}

// refusals returns the reasons for refusals that the API server wrote into its log since the last call.
func (s *server) refusals() (string, error) {
	file, err := os.Open(filepath.Join(s.cp.Dir(), "kube-apiserver.log"))
	if err != nil {
		return "", err
	}
	defer file.Close() //nolint:errcheck // only read
	if _, err := file.Seek(s.read, io.SeekStart); err != nil {
		return "", err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return "", err
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	s.read += int64(len(whole))
	var reasons []string
	for line := range strings.Lines(string(whole)) {
		_, reason, refused := strings.Cut(strings.TrimSpace(line), `"Unable to authenticate the request" err=`)
		if !refused {
			continue
		}
		if reason, err = strconv.Unquote(reason); err != nil {
			return "", fmt.Errorf("read log: %w", err)
		}
		reasons = append(reasons, reason)
	}
	return strings.Join(reasons, "\n"), nil
}

// waitFor waits until the API server takes these tokens: until it has read the keys of their issuers.
func (s *server) waitFor(t *testing.T, tokens map[string]string) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		for issuer, token := range tokens {
			got, err := s.whoami(ctx, token)
			if err != nil {
				return false, err
			}
			if strings.Contains(got.log, "not initialized") {
				return false, nil
			}
			delete(tokens, issuer)
		}
		return true, nil
	})
	if err != nil {
		t.Fatalf("wait for issuers: %v", err)
	}
}
