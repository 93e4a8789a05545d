package workspaces_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const (
	acme      = "../../../examples/acme"
	rbacPath  = "/apis/rbac.authorization.k8s.io/v1/"
	gateway   = "cluster.local/ns/mesh/sa/gateway"
	notebooks = "cluster.local/ns/books/sa/controller"
)

// noon is when all tests run.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// invocation is one call of a command, up to its flags.
type invocation struct {
	env    *cli.Env
	flags  *workspaces.Flags
	stderr *bytes.Buffer
	cmd    *cobra.Command
}

// newInvocation returns an invocation with the arguments. It is connected to nothing unless there is a kubeconfig.
func newInvocation(t *testing.T, kubeconfig, stdin string, args ...string) invocation {
	t.Helper()
	if kubeconfig == "" {
		kubeconfig = filepath.Join(t.TempDir(), "none")
	}
	var stderr bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &bytes.Buffer{}, ErrOut: &stderr}
	env := cli.NewEnv(streams, clocktesting.NewFakePassiveClock(noon), "kubectl test")
	*env.Config.KubeConfig = kubeconfig
	s := invocation{env: env, flags: workspaces.NewFlags(env), stderr: &stderr, cmd: &cobra.Command{Use: "test"}}
	s.flags.AddFlags(s.cmd)
	if err := s.cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return s
}

// kubeconfig writes one whose contexts are about the servers: "context namespace url".
func kubeconfig(t *testing.T, contexts ...string) string {
	t.Helper()
	var clusters, all []string
	for _, text := range contexts {
		words := strings.Fields(text)
		clusters = append(clusters, fmt.Sprintf(`{name: %s, cluster: {server: %q}}`, words[0], words[2]))
		all = append(all, fmt.Sprintf(`{name: %s, context: {cluster: %[1]s, user: me, namespace: %s}}`, words[0], words[1]))
	}
	path := filepath.Join(t.TempDir(), "config")
	text := "apiVersion: v1\nkind: Config\ncurrent-context: " + strings.Fields(contexts[0])[0] + "\nclusters: [" + strings.Join(clusters, ", ") +
		"]\ncontexts: [" + strings.Join(all, ", ") + "]\nusers: [{name: me, user: {token: x}}]\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"nothing": {},
		"all": {args: []string{
			"--flavor", "kubeflow", "--kubeflow-namespace", "kf", "--userid-header", "x-user_id", "--userid-prefix", "oidc:",
			"--gateway-principal", gateway, "--gateway-principal", gateway, "--notebook-principal", notebooks,
		}},
		"flavor":        {args: []string{"--flavor", "plain"}, want: `bad --flavor "plain": want kubeflow, kalm or native`},
		"header":        {args: []string{"--userid-header", "x user"}, want: `bad --userid-header "x user": want the name of a header, such as kubeflow-userid`},
		"no header":     {args: []string{"--userid-header="}, want: `bad --userid-header "": want the name of a header, such as kubeflow-userid`},
		"prefix":        {args: []string{"--userid-prefix", "a\nb"}, want: `bad --userid-prefix "a\nb": it has control characters`},
		"empty prefix":  {args: []string{"--userid-prefix="}},
		"no gateway":    {args: []string{"--gateway-principal="}, want: `bad --gateway-principal "": want TRUST-DOMAIN/ns/NAMESPACE/sa/NAME, such as ` + kubeflow.GatewayPrincipal},
		"gateway":       {args: []string{"--gateway-principal", gateway, "--gateway-principal", "gateway"}, want: `bad --gateway-principal "gateway": want TRUST-DOMAIN/ns/NAMESPACE/sa/NAME, such as ` + kubeflow.GatewayPrincipal},
		"empty part":    {args: []string{"--notebook-principal", "x/ns//sa/y"}, want: `bad --notebook-principal "x/ns//sa/y": want TRUST-DOMAIN/ns/NAMESPACE/sa/NAME, such as ` + kubeflow.GatewayPrincipal},
		"blank":         {args: []string{"--notebook-principal", "x/ns/a b/sa/y"}, want: `bad --notebook-principal "x/ns/a b/sa/y": want TRUST-DOMAIN/ns/NAMESPACE/sa/NAME, such as ` + kubeflow.GatewayPrincipal},
		"spiffe":        {args: []string{"--gateway-principal", "spiffe://" + gateway}, want: `bad --gateway-principal "spiffe://` + gateway + `": leave out spiffe://, as policies do`},
		"system":        {args: []string{"--kubeflow-namespace", "a/b"}, want: `bad --kubeflow-namespace "a/b": `},
		"contradiction": {args: []string{"--no-istio", "--userid-prefix="}, want: "--no-istio leaves out what the flags about headers and principals say: give one or the other"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newInvocation(t, "", "", test.args...)
			err := s.flags.Check()
			if (err == nil) != (test.want == "") || err != nil && !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if _, loadErr := s.flags.Load(t.Context(), inventory.Want{}); err != nil && (loadErr == nil || loadErr.Error() != err.Error()) {
				t.Errorf("Load: %v, Check: %v", loadErr, err)
			}
		})
	}
}

// TestFlags: the flags that hardly anybody needs are not in the help.
func TestFlags(t *testing.T) {
	t.Parallel()
	s := newInvocation(t, "", "")
	shown := s.cmd.Flags().FlagUsages()
	for _, flag := range []string{"from", "strict", "flavor", "no-istio"} {
		if !strings.Contains(shown, "--"+flag+" ") {
			t.Errorf("--%s is not shown", flag)
		}
	}
	for _, flag := range []string{"kubeflow-namespace", "userid-header", "userid-prefix", "gateway-principal", "notebook-principal"} {
		if strings.Contains(shown, flag) || s.cmd.Flags().Lookup(flag) == nil {
			t.Errorf("--%s is shown or missing", flag)
		}
	}
}

func TestLoadFiles(t *testing.T) {
	t.Parallel()
	all := []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Controller,
	}
	own := kubeflow.DefaultConfig()
	own.UserIDHeader, own.UserIDPrefix, own.GatewayPrincipals = "x-user", "", []string{gateway}
	own.NotebookPrincipal, own.Source = notebooks, "flags"
	half := kubeflow.DefaultConfig()
	half.UserIDPrefix, half.Source = "oidc:", "flags"
	for name, test := range map[string]struct {
		args   []string
		flavor workspace.Flavor
		istio  bool
		config *kubeflow.Config
	}{
		"found":   {flavor: workspace.Kubeflow, istio: true},
		"flavor":  {args: []string{"--flavor", "native"}, flavor: workspace.Native, istio: true},
		"no mesh": {args: []string{"--no-istio"}, flavor: workspace.Kubeflow},
		"own config": {
			args: []string{
				"--userid-header", "x-user", "--userid-prefix=", "--gateway-principal", gateway, "--notebook-principal", notebooks,
			},
			flavor: workspace.Kubeflow, istio: true, config: &own,
		},
		"half a config": {args: []string{"--userid-prefix", "oidc:"}, flavor: workspace.Kubeflow, istio: true, config: &half},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newInvocation(t, "", "", append(test.args, "--from", acme)...)
			l, err := s.flags.Load(t.Context(), inventory.Want{Kinds: all})
			if err != nil {
				t.Fatal(err)
			}
			if !s.flags.Offline() || l.Cluster != nil || l.Server != nil || l.State.Inventory.Profile("team-vision") == nil {
				t.Errorf("offline %v, cluster %v, %d profiles", s.flags.Offline(), l.Cluster, len(l.State.Inventory.Profiles))
			}
			if l.State.Flavor != test.flavor || l.State.Istio != test.istio || !l.State.Now.Equal(noon) {
				t.Errorf("flavor %s, istio %v, now %v", l.State.Flavor, l.State.Istio, l.State.Now)
			}
			if got := len(l.State.Inventory.Policies) > 0; got != test.istio {
				t.Errorf("policies were read: %v", got)
			}
			if test.config != nil {
				diff(t, "config", *test.config, l.State.Config)
			}
			if l.State.Pinned != (test.config != nil) {
				t.Errorf("pinned: %v", l.State.Pinned)
			}
			if err := s.flags.Finish(l); err != nil {
				t.Error(err)
			}
			// What a grant gives is read from the same files.
			index, err := l.Rights(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(index.Snapshot().Roles) == 0 {
				t.Error("no roles")
			}
			if again, err := l.Rights(t.Context()); again != index || err != nil {
				t.Errorf("a second call reads again: %v", err)
			}
			if _, err := l.Subject(t.Context(), "me"); err == nil || !strings.HasPrefix(err.Error(), `"me" is whoever asks a cluster`) {
				t.Errorf("me: %v", err)
			}
			mine, err := l.MyWorkspaces(t.Context(), []string{"team-vision"})
			if err != nil || len(mine) > 0 {
				t.Errorf("my workspaces: %v, %v", mine, err)
			}
			if !slices.Contains(l.Candidates(), "team-vision") {
				t.Errorf("candidates: %q", l.Candidates())
			}
		})
	}
}

// TestLoadStdin: what came from stdin is there for the rules of access, too.
func TestLoadStdin(t *testing.T) {
	t.Parallel()
	const text = `{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "x", "namespace": "a"},
		"roleRef": {"kind": "ClusterRole", "name": "own"}, "subjects": [{"kind": "User", "name": "bob"}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: own}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}
`
	s := newInvocation(t, "", text, "--from", "-")
	l, err := s.flags.Load(t.Context(), inventory.Want{Kinds: []inventory.Kind{inventory.RoleBindings}})
	if err != nil {
		t.Fatal(err)
	}
	index, err := l.Rights(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := index.AllowedSubjects(rbac.Action{Verb: "get", Resource: "pods", Namespace: "a"}, rbac.InNamespace); !slices.Contains(got, rbac.User("bob")) {
		t.Errorf("who can: %v", got)
	}
	diff(t, "stderr", "", s.stderr.String())
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args   []string
		flavor workspace.Flavor
		istio  bool
	}{
		"kubeflow":   {flavor: workspace.Kubeflow, istio: true},
		"native":     {args: []string{"--flavor", "native"}, flavor: workspace.Native},
		"no istio":   {args: []string{"--no-istio"}, flavor: workspace.Kubeflow},
		"said twice": {args: []string{"--flavor", "kubeflow"}, flavor: workspace.Kubeflow, istio: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newInvocation(t, "", "", test.args...)
			l := s.flags.Empty()
			if l.State.Flavor != test.flavor || l.State.Istio != test.istio || l.Cluster != nil || l.Server != nil || len(l.State.Workspaces()) > 0 {
				t.Errorf("flavor %s, istio %v, cluster %v", l.State.Flavor, l.State.Istio, l.Cluster)
			}
			if _, err := l.Rights(t.Context()); err == nil || err.Error() != "read roles: no cluster is asked, and no manifests are given" {
				t.Errorf("rights: %v", err)
			}
			if err := s.flags.Finish(l); err != nil || s.stderr.Len() > 0 {
				t.Errorf("%v, %s", err, s.stderr)
			}
		})
	}
}
