package gatehouse

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

// child is a ClusterAuthentication whose certificates are in a Secret.
const child = `{"kind":"ClusterAuthenticationList","metadata":{"resourceVersion":"7"},"items":[{
	"metadata":{"namespace":"edge","name":"login"},
	"spec":{"authenticationConfiguration":{"apiVersion":"apiserver.config.k8s.io/v1beta1","kind":"AuthenticationConfiguration","jwt":[]},
		"caSecret":{"name":"ca","key":"ca.crt"}}}]}`

// liveOf is a cluster to change.
func liveOf(t *testing.T, server *kubetest.Server) *live {
	t.Helper()
	cluster, err := kube.New(server.Flags(t), "gatehouse-test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return &live{cluster: cluster, clock: ticking{now: clocktesting.NewFakePassiveClock(now())}, aside: &aside{}}
}

// TestInventorySecrets reads the Secrets that are named, if any are wanted, and never lists them.
func TestInventorySecrets(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wants, refused bool
		secrets        []string
		gaps           int
	}{
		"not wanted": {},
		"wanted":     {wants: true, secrets: []string{"edge/ca"}},
		"refused":    {wants: true, refused: true, gaps: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			server.Handle("/apis/k0rdent.mirantis.com/v1beta1/clusterauthentications", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, child)
			})
			if server.Object(secretPath, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "edge", Name: "ca"}}); test.refused {
				server.Forbid(secretPath, "no")
			}
			kinds := []inventory.Kind{inventory.ClusterAuthentications}
			if test.wants {
				kinds = append(kinds, inventory.Secrets)
			}
			inv, err := liveOf(t, server).Inventory(t.Context(), inventory.Want{Kinds: kinds})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, secret := range inv.Secrets {
				got = append(got, secret.Namespace+"/"+secret.Name)
			}
			if diff := cmp.Diff(test.secrets, got); diff != "" || len(inv.Gaps) != test.gaps {
				t.Errorf("gaps %v, want %d; Secrets (-want +got):\n%s", inv.Gaps, test.gaps, diff)
			}
			asked := slices.DeleteFunc(server.Requests(), func(r string) bool { return !strings.Contains(r, "secrets") })
			if (len(asked) > 0) != test.wants || len(asked) > 1 {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

const secretPath = "/api/v1/namespaces/edge/secrets/ca"
