package profile

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Paths of what the caller of these tests may not read.
const (
	profilePath  = "/apis/kubeflow.org/v1/profiles/x"
	profilesPath = "/apis/kubeflow.org/v1/profiles"
	spacePath    = "/api/v1/namespaces/x"
	spacesPath   = "/api/v1/namespaces"
	bindingsPath = "/apis/rbac.authorization.k8s.io/v1/namespaces/x/rolebindings"
	meshPath     = "/apis/security.istio.io/v1beta1/namespaces/x/authorizationpolicies"
	netPath      = "/apis/networking.k8s.io/v1/namespaces/x/networkpolicies"
)

// TestRefused compares what somebody is told who may not read everything: what matters for the question, once.
func TestRefused(t *testing.T) {
	t.Parallel()
	owner := []string{profilePath, netPath}
	tests := map[string]struct {
		forbidden []string
		native    bool
		args      []string
	}{
		"quota-set":         {forbidden: owner, args: []string{"quota", "set", "x", "cpu=96", "--yes", "--wait"}},
		"transfer":          {forbidden: owner, args: []string{"transfer", "x", "--owner", "bob@x.example", "--keep-old-as", "editor", "--yes"}},
		"delete":            {forbidden: owner, args: []string{"delete", "x", "--yes"}},
		"strict":            {forbidden: owner, args: []string{"quota", "set", "x", "cpu=96", "--strict", "--yes"}},
		"create":            {forbidden: []string{profilePath, spacePath, bindingsPath, meshPath, netPath}, args: []string{"create", "x", "--owner", "ann@x.example", "--yes"}},
		"adopt":             {forbidden: []string{spacePath, netPath}, args: []string{"adopt", "x", "--owner", "ann@x.example", "--dry-run=server"}},
		"transfer-bindings": {forbidden: []string{bindingsPath}, args: []string{"transfer", "x", "--owner", "bob@x.example", "--yes"}},
		"transfer-policies": {forbidden: []string{meshPath}, args: []string{"transfer", "x", "--owner", "bob@x.example", "--yes"}},
		"transfer-space":    {forbidden: []string{spacePath}, args: []string{"transfer", "x", "--owner", "bob@x.example", "--yes"}},
		"describe":          {forbidden: owner, args: []string{"describe", "x"}},
		"describe-nothing":  {forbidden: []string{profilePath, spacePath, bindingsPath}, args: []string{"describe", "x"}},
		"list-members":      {forbidden: []string{bindingsPath}, args: []string{"list", "-n", "x", "-o", "csv"}},
		"list-native":       {forbidden: []string{profilePath, meshPath}, native: true, args: []string{"list", "-n", "x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			c.look.Store(1)
			c.namespaceFrom, c.restFrom, c.forbidden = 1, 1, tt.forbidden
			c.native = tt.native
			c.serveOthers(t)
			golden.Equal(t, c.ask(t, tt.args...).String(), "refused/"+name)
		})
	}
}

// serveOthers adds what commands ask for beside a workspace of Kubeflow: the caller may write nothing.
func (c *cluster) serveOthers(t *testing.T) {
	t.Helper()
	for group, resource := range map[string]string{"kubeflow.org/v1": "profiles", "security.istio.io/v1beta1": "authorizationpolicies"} {
		c.Object("/apis/"+group, &metav1.APIResourceList{GroupVersion: group, APIResources: []metav1.APIResource{{Name: resource}}})
	}
	c.Handle("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", mayUsePods)
	c.Handle(meshPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"apiVersion": "security.istio.io/v1beta1", "kind": "AuthorizationPolicyList", "metadata": {}, "items": []}`)
	})
}

// TestListNothing says what helps somebody who may list nothing and is nowhere to be seen.
func TestListNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.forbidden = []string{profilesPath, profilesPath + "/default", spacesPath, spacesPath + "/default"}
	for path, resource := range map[string]string{
		"/apis/rbac.authorization.k8s.io/v1/": "rolebindings", "/apis/security.istio.io/v1beta1/": "authorizationpolicies",
		"/api/v1/": "serviceaccounts",
	} {
		c.forbidden = append(c.forbidden, path+resource, path+"namespaces/default/"+resource)
	}
	c.forbidden = append(c.forbidden, "/api/v1/resourcequotas", "/api/v1/namespaces/default/resourcequotas")
	c.serveOthers(t)
	got := c.ask(t, "list")
	if got.Code != 0 || !strings.Contains(got.Stderr, "no workspaces found\n") || !strings.Contains(got.Stderr, "hint: name one that you are in: -n NAMESPACE\n") {
		t.Errorf("got:\n%s", got)
	}
}

// TestQuotaWait waits until the quota is as the Profile says.
func TestQuotaWait(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		from  int32
		owner string
		want  string
		code  int
	}{
		"comes":    {from: 4, want: "Pending: the quota kf-resource-quota has not been made yet\nthe quota of profile x is as its Profile says\n"},
		"too late": {want: "error: profile x is not limited as its Profile says after 10s: Pending: the quota kf-resource-quota has not been made yet\n", code: 1},
		"conflict": {owner: "bob@x.example", want: "error: profile x is not limited as its Profile says after ", code: 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t)
			c.namespaceFrom, c.restFrom = 1, tt.from
			c.quota = &corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("8")}}
			if tt.owner != "" {
				c.owner = tt.owner
			}
			got := c.ask(t, "quota", "set", "x", "cpu=8", "--yes", "--wait", "--timeout", "10s")
			if got.Code != tt.code || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("want %q in:\n%s", tt.want, got)
			}
		})
	}
}

// TestLimited looks at quotas that are not as the Profile says, and says what is other.
func TestLimited(t *testing.T) {
	t.Parallel()
	const doc = `
apiVersion: kubeflow.org/v1
kind: Profile
metadata: {name: x}
spec: {owner: {kind: User, name: ann}, resourceQuotaSpec: {hard: {cpu: "8", memory: 2Gi}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: x, annotations: {owner: ann}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: kf-resource-quota, namespace: x}
spec: {hard: HARD}
`
	for hard, want := range map[string]string{
		`{cpu: 8000m, memory: 2048Mi}`:        "",
		`{cpu: "4", memory: 2Gi}`:             "the quota kf-resource-quota still limits cpu to 4",
		`{cpu: "8"}`:                          "the quota kf-resource-quota does not limit memory yet",
		`{cpu: "8", memory: 2Gi, pods: "10"}`: "the quota kf-resource-quota still limits pods",
	} {
		inv, err := source.FileInventory(t.Context(), []string{"-"}, source.FilesOptions{
			Stdin: strings.NewReader(strings.Replace(doc, "HARD", hard, 1)),
		}, inventory.Want{Kinds: listKinds()})
		if err != nil {
			t.Fatal(err)
		}
		s := workspace.NewState(inv, workspace.Options{Now: now()})
		w, _ := s.Workspace("x")
		if got := limited(s, &w); got.reached != (want == "") || got.Why != want {
			t.Errorf("%s: got %+v, want %q", hard, got, want)
		}
	}
}

// TestTransferUnverified cannot look at what was written: the error says that the transfer is done.
func TestTransferUnverified(t *testing.T) {
	t.Parallel()
	env := cli.NewEnv(genericiooptions.NewTestIOStreamsDiscard(), clocktesting.NewFakePassiveClock(now()), "kubectl profile")
	f := &transferFlags{writing: newWriting(env)}
	scratch := &cobra.Command{}
	f.addFlags(scratch)
	if err := scratch.Flags().Set("from", "nowhere.yaml"); err != nil {
		t.Fatal(err)
	}
	o := &transferOptions{transferFlags: f, name: "x", to: rbac.User("bob@x.example")}
	err := o.verify(t.Context())
	const want = "profile x was handed on to user:bob@x.example, but that cannot be verified: "
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s...", err, want)
	}
}
