package controlplane_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

func TestKubeconfigIsThatUser(t *testing.T) {
	t.Parallel()
	path, err := shared.Kubeconfig("alice@acme.example", "ml-team", "readers")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode %o, want 600", got)
	}
	review, err := client(t, path).AuthenticationV1().SelfSubjectReviews().
		Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := review.Status.UserInfo
	slices.Sort(got.Groups)
	want := []string{"ml-team", "readers", "system:authenticated"}
	if diff := cmp.Diff(want, got.Groups); diff != "" || got.Username != "alice@acme.example" {
		t.Errorf("user %q, groups (-want +got):\n%s", got.Username, diff)
	}
	if _, err := client(t, path).CoreV1().Secrets("").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("list secrets: got error %v, want forbidden", err)
	}
	again, err := shared.Kubeconfig("alice@acme.example", "ml-team", "readers")
	if err != nil || again != path {
		t.Errorf("second call: %q %v, want %q", again, err, path)
	}
	if _, err := shared.Kubeconfig(""); err == nil {
		t.Error("a user without a name has a kubeconfig")
	}
}

func TestTokenKubeconfig(t *testing.T) {
	t.Parallel()
	accounts := client(t, shared.Admin()).CoreV1().ServiceAccounts("default")
	token, err := accounts.CreateToken(t.Context(), "default", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	path, err := shared.TokenKubeconfig(token.Status.Token)
	if err != nil {
		t.Fatal(err)
	}
	review, err := client(t, path).AuthenticationV1().SelfSubjectReviews().
		Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := review.Status.UserInfo.Username, "system:serviceaccount:default:default"; got != want {
		t.Errorf("got user %q, want %q", got, want)
	}
}

func TestWriteKubeconfig(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	alice := controlplane.User{Name: "alice"}
	if err := shared.WriteKubeconfig(path, alice, controlplane.User{Name: "bob", Groups: []string{"team"}}); err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{config.CurrentContext}
	for name := range config.Contexts {
		got = append(got, name)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"alice", "alice", "bob"}, got); diff != "" {
		t.Errorf("current context and contexts (-want +got):\n%s", diff)
	}
	for name, users := range map[string][]controlplane.User{"no user": nil, "no name": {{}}, "twice": {alice, alice}} {
		if err := shared.WriteKubeconfig(path, users...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
