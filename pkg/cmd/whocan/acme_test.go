package whocan

import (
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli/clitest"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// The example company and what it keeps outside of its cluster.
const (
	acme       = "../../../examples/acme"
	acmeGroups = "../../../examples/acme-groups.yaml"
)

// outcome is all that a user sees of a command.
type outcome = clitest.Outcome

// execute runs the plugin as a function, with stdin as its input.
func execute(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return clitest.Plugin{Name: "kubectl whocan", New: NewCommand, Clock: clocktesting.NewFakePassiveClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))}.Run(t, stdin, args...)
}

func TestAcme(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"who/secrets":            {"get", "secrets", "-n", "team-vision"},
		"who/secrets-wide":       {"get", "secrets", "-n", "team-vision", "-o", "wide"},
		"who/secrets-yaml":       {"get", "secrets", "-n", "team-vision", "-o", "yaml"},
		"who/secrets-names":      {"get", "secrets", "-n", "payments", "--names"},
		"who/secrets-system":     {"get", "secrets", "-n", "team-vision", "--system"},
		"who/secrets-groups":     {"get", "secrets", "-n", "checkout", "--groups-file", acmeGroups},
		"who/exec-anywhere":      {"create", "pods/exec", "-A"},
		"who/exec-cluster":       {"create", "pods/exec", "--cluster-scope"},
		"who/scale":              {"update", "deployments/scale", "-n", "checkout", "-o", "csv"},
		"who/name":               {"get", "secret/stripe-key", "-n", "payments", "-o", "name"},
		"who/nodes":              {"delete", "nodes", "-n", "checkout"},
		"who/namespace":          {"get", "namespaces", "data-lake"},
		"who/namespaces":         {"get", "namespaces", "-A"},
		"who/url":                {"get", "/healthz/etcd"},
		"who/impersonate":        {"impersonate", "users"},
		"who/approve":            {"approve", "signers", "kubernetes.io/kube-apiserver-client"},
		"who/custom":             {"create", "kaiwojobs", "-A", "-o", "markdown"},
		"who/unknown":            {"get", "widgits", "-n", "checkout"},
		"who/unknown-verb":       {"gte", "pods", "-n", "checkout"},
		"who/jsonpath":           {"get", "secrets", "-n", "checkout", "-o", "jsonpath={.subjects[*].subject.id}"},
		"who/quiet-yes":          {"get", "secrets", "-n", "checkout", "-q"},
		"who/quiet-no":           {"bind", "clusterroles", "admin", "-q"},
		"why/yes":                {"why", "dana@acme.example", "get", "secrets", "-n", "team-vision"},
		"why/yes-tree":           {"why", "dana@acme.example", "get", "secrets", "-n", "team-vision", "-o", "tree"},
		"why/yes-json":           {"why", "dana@acme.example", "get", "secrets", "-n", "team-vision", "-o", "json"},
		"why/yes-mermaid":        {"why", "bob@acme.example", "get", "pods", "-n", "team-nlp", "--group", "ml-readers", "-o", "mermaid"},
		"why/yes-everyone":       {"why", "nobody", "get", "/version"},
		"why/yes-superuser":      {"why", "root", "delete", "nodes", "--group", "system:masters"},
		"why/no-elsewhere":       {"why", "bob@acme.example", "delete", "pods", "-n", "team-nlp", "--groups-file", acmeGroups},
		"why/no-json":            {"why", "bob@acme.example", "delete", "pods", "-n", "team-nlp", "-o", "json"},
		"why/no-scope":           {"why", "erin@acme.example", "list", "nodes"},
		"why/no-literal":         {"why", "zoe@acme.example", "create", "pods/exec", "-n", "catalog"},
		"why/no-group":           {"why", "luis@acme.example", "list", "pods", "-A"},
		"why/no-role":            {"why", "luis@acme.example", "get", "pods", "-n", "catalog"},
		"why/no-case":            {"why", "dana@acme.example", "delete", "pods", "-n", "team-nlp"},
		"why/no-kind":            {"why", "user:sre", "delete", "nodes"},
		"why/no-name":            {"why", "sa:payments/payments-api", "get", "secrets", "-n", "payments"},
		"why/no-service-account": {"why", "sa:ci/etl", "get", "secrets", "-n", "data-lake"},
		"why/no-cluster-wide":    {"why", "carol@acme.example", "list", "pods", "-A"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append(args, "--from", acme)...).String(), name)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "why", "rules", "matrix", "diff", "check", "graph", "snapshot", "version", "completion", "options"} {
		t.Run("help "+command, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append(strings.Fields(command), "--help")...)
			if got.Code != 0 || got.Stderr != "" {
				t.Errorf("exit %d, stderr %q", got.Code, got.Stderr)
			}
			golden.Equal(t, got.Stdout, "help/"+strings.TrimSuffix("whocan-"+command, "-"))
		})
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		code int
		// want has to be in stderr
		want string
	}{
		"nothing":             {args: nil, code: 1, want: "want VERB RESOURCE [NAME], or VERB /URL, or a command; such as:\n  kubectl whocan get secrets"},
		"a resource only":     {args: []string{"pods"}, code: 1, want: "the verb is missing: kubectl whocan get pods"},
		"two names":           {args: []string{"get", "pods", "a", "b"}, code: 1, want: "want VERB RESOURCE [NAME]: one name at a time"},
		"a slip in a command": {args: []string{"rulse", "bob"}, code: 1, want: "did you mean kubectl whocan rules?"},
		"two verbs":           {args: []string{"get,list", "pods"}, code: 1, want: `"matrix pods --verbs get,list" asks about several`},
		"a name twice":        {args: []string{"get", "pod/web-0", "x", "--from", acme}, code: 1, want: `pods have no subresource "web-0": want one name`},
		"name after exec":     {args: []string{"get", "pods/exec/web-0", "--from", acme}, code: 1, want: "want pods/exec web-0"},
		"quiet, and no words": {args: []string{"-q"}, code: 2, want: "want VERB RESOURCE [NAME]"},
		"a verb only":         {args: []string{"get"}, code: 1, want: "want VERB RESOURCE [NAME]"},
		"unknown flag":        {args: []string{"get", "pods", "--nmaespace", "x"}, code: 1, want: "did you mean --namespace"},
		"unknown format":      {args: []string{"get", "pods", "-o", "xml"}, code: 1, want: `unknown output format "xml"`},
		"a URL with a name":   {args: []string{"get", "/metrics", "x"}, code: 1, want: "a URL has no object name"},
		"no file":             {args: []string{"get", "pods", "--from", "nope.yaml"}, code: 1, want: "nope.yaml"},
		"verify offline":      {args: []string{"get", "pods", "--verify", "--from", acme}, code: 1, want: "--verify asks an API server"},
		"empty resource":      {args: []string{"get", "", "--from", acme}, code: 1, want: "must not be empty"},
		"slash":               {args: []string{"get", "pods/", "--from", acme}, code: 1, want: "want RESOURCE[/SUBRESOURCE][.GROUP]"},
		"why without action":  {args: []string{"why", "bob", "get"}, code: 2, want: "want VERB RESOURCE [NAME]"},
		"why whom":            {args: []string{"why", "sa:bot", "get", "pods", "--from", acme}, code: 2, want: "want sa:NAMESPACE/NAME"},
		"why me offline":      {args: []string{"why", "me", "get", "pods", "--from", acme}, code: 2, want: `"me" is whoever asks a cluster`},
		"no groups file":      {args: []string{"why", "bob", "get", "pods", "--groups-file", "nope.yaml", "--from", acme}, code: 2, want: "read groups file"},
		"quiet, and a slip":   {args: []string{"get", "pods", "--bogus", "-q"}, code: 2, want: "unknown flag"},
		"quiet, and nonsense": {args: []string{"get", "pods/", "-q", "--from", acme}, code: 2, want: "want RESOURCE"},
		"quiet, and an error": {args: []string{"get", "pods", "-q", "--from", "nope.yaml"}, code: 2, want: "nope.yaml"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", tt.args...)
			if got.Code != tt.code || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("got exit %d, stdout %q, stderr %q; want exit %d and %q on stderr only", got.Code, got.Stdout, got.Stderr, tt.code, tt.want)
			}
		})
	}
}
