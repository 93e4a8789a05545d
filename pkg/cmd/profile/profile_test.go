package profile

import (
	"strings"
	"testing"
	"time"

	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli/clitest"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// acme is the example company.
const acme = "../../../examples/acme"

// outcome is all that a user sees of a command.
type outcome = clitest.Outcome

// now is when all tests run.
func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// execute runs the plugin as a function, with stdin as its input.
func execute(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return executeAt(t, clocktesting.NewFakePassiveClock(now()), stdin, args...)
}

// executeAt does as execute, with another clock.
func executeAt(t *testing.T, at clock.PassiveClock, stdin string, args ...string) outcome {
	t.Helper()
	return clitest.Plugin{Name: "kubectl profile", New: NewCommand, Clock: at}.Run(t, stdin, args...)
}

// TestReading compares what commands that read answer about the example company, and about a cluster in all states.
func TestReading(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"describe/queue-grant":   {"describe", "dev", "--from", "testdata/queue-grant.yaml"},
		"describe/queue-json":    {"describe", "dev", "-o", "jsonpath={.memberList}", "--from", "testdata/queue-grant.yaml"},
		"list/bare":              {"--from", acme},
		"list/table":             {"list", "--from", acme},
		"list/wide":              {"list", "-o", "wide", "--from", acme},
		"list/json":              {"list", "-o", "json", "--from", acme},
		"list/yaml-one":          {"list", "-n", "team-vision", "-o", "yaml", "--from", acme},
		"list/name":              {"list", "-o", "name", "--from", acme},
		"list/csv":               {"list", "-o", "csv", "--from", acme},
		"list/markdown":          {"list", "-o", "markdown", "--from", acme},
		"list/user":              {"list", "--user", "bob@acme.example", "--from", acme},
		"list/user-group":        {"list", "--user", "bob@acme.example", "--group", "ml-readers", "--from", acme},
		"list/user-nobody":       {"list", "--user", "nobody@acme.example", "--from", acme},
		"list/user-account":      {"list", "--user", "sa:ci/deployer", "--from", acme},
		"list/selector":          {"list", "-l", "istio-injection=enabled", "--from", acme},
		"list/selector-no-ns":    {"list", "-l", "team", "--from", "testdata/states.yaml"},
		"list/states":            {"list", "-o", "wide", "--from", "testdata/states.yaml"},
		"list/states-json":       {"list", "-o", "json", "--from", "testdata/states.yaml"},
		"describe/kubeflow":      {"describe", "team-vision", "--from", acme},
		"describe/odd":           {"describe", "team-nlp", "--from", acme},
		"describe/native":        {"describe", "checkout", "--from", acme},
		"describe/json":          {"describe", "team-nlp", "-o", "json", "--from", acme},
		"describe/full":          {"describe", "full", "--from", "testdata/states.yaml"},
		"describe/full-json":     {"describe", "full", "-o", "json", "--from", "testdata/states.yaml"},
		"describe/conflict":      {"describe", "conflict", "--from", "testdata/states.yaml"},
		"describe/few-events":    {"describe", "full", "--events", "1", "-o", "jsonpath={.events[*].reason}", "--from", "testdata/states.yaml"},
		"describe/slip":          {"describe", "team-vison", "--from", acme},
		"describe/no-workspace":  {"describe", "training", "--from", acme},
		"quota/show":             {"quota", "show", "--from", acme},
		"quota/bare":             {"quota", "--from", acme},
		"quota/show-one":         {"quota", "show", "full", "--from", "testdata/states.yaml"},
		"quota/by-use":           {"quota", "show", "--sort-by", "use", "--from", "testdata/states.yaml"},
		"quota/json":             {"quota", "show", "full", "-o", "json", "--from", "testdata/states.yaml"},
		"quota/none":             {"quota", "show", "team-nlp", "--from", acme},
		"wait/ready":             {"wait", "team-vision", "--from", acme},
		"wait/not-ready":         {"wait", "full", "pending", "conflict", "--from", "testdata/states.yaml"},
		"wait/deleted":           {"wait", "nowhere", "--for", "deleted", "--from", acme},
		"wait/not-deleted":       {"wait", "team-vision", "stuck", "--for", "deleted", "--from", acme},
		"wait/stuck":             {"wait", "stuck", "--for", "deleted", "--from", "testdata/states.yaml"},
		"wait/no-such":           {"wait", "nowhere", "--from", acme},
		"export/short":           {"export", "--short", "--from", acme},
		"export/short-json":      {"export", "--short", "-o", "json", "team-vision", "--from", acme},
		"export/manifests":       {"export", "team-vision", "--from", acme},
		"export/native":          {"export", "checkout", "--from", acme},
		"export/json":            {"export", "team-nlp", "-o", "json", "--from", acme},
		"export/nothing-of-that": {"export", "nowhere", "--from", acme},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", args...).String(), name)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{
		"", "list", "describe", "create", "apply", "quota", "quota show", "quota set", "quota unset", "transfer", "adopt",
		"delete", "register", "wait", "export",
	} {
		t.Run("help "+command, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append(strings.Fields(command), "--help")...)
			if got.Code != 0 || got.Stderr != "" {
				t.Errorf("exit %d, stderr %q", got.Code, got.Stderr)
			}
			golden.Equal(t, got.Stdout, "help/"+strings.TrimSuffix("profile-"+strings.ReplaceAll(command, " ", "-"), "-"))
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
		"no command":          {[]string{"lst"}, 1, "did you mean kubectl profile list?"},
		"a name":              {[]string{"team-vision"}, 1, "kubectl profile describe team-vision shows the workspace"},
		"a habit":             {[]string{"ls2"}, 1, `unknown command "ls2"`},
		"list argument":       {[]string{"list", "x"}, 1, `unknown command "x"`},
		"list format":         {[]string{"list", "-o", "xml"}, 1, `unknown output format "xml"`},
		"list selector":       {[]string{"list", "-l", "a in"}, 1, `parse selector "a in"`},
		"list user":           {[]string{"list", "--user", "sa:x"}, 1, "want sa:NAMESPACE/NAME"},
		"list group":          {[]string{"list", "--group", "x"}, 1, "it needs --user"},
		"list me offline":     {[]string{"list", "--user", "me", "--from", acme}, 1, `"me" is whoever asks a cluster`},
		"describe nothing":    {[]string{"describe"}, 1, "want NAME: accepts 1 arg(s)"},
		"describe events":     {[]string{"describe", "x", "--events", "-1"}, 1, "bad --events -1"},
		"create owner":        {[]string{"create", "x"}, 1, "want --owner SUBJECT"},
		"create bad owner":    {[]string{"create", "x", "--owner", "sa:x"}, 1, "want sa:NAMESPACE/NAME"},
		"create quota":        {[]string{"create", "x", "--owner", "a", "--quota", "cpu=two"}, 1, "cpu"},
		"create label":        {[]string{"create", "x", "--owner", "a", "--label", "k"}, 1, `bad --label "k": want KEY=VALUE`},
		"create label key":    {[]string{"create", "x", "--owner", "a", "--label", "-=v"}, 1, `bad --label "-=v": key:`},
		"create label value":  {[]string{"create", "x", "--owner", "a", "--label", "k=-"}, 1, `bad --label "k=-": value:`},
		"create label twice":  {[]string{"create", "x", "--owner", "a", "--label", "k=a", "--label", "k=b"}, 1, "has the value"},
		"create plugin":       {[]string{"create", "x", "--owner", "a", "--plugin", "WorkloadIdentity:x"}, 1, "want KIND:KEY=VALUE"},
		"create me":           {[]string{"create", "x", "--owner", "me", "--dry-run=client"}, 1, `"me" is whoever asks a cluster`},
		"create timeout":      {[]string{"create", "x", "--owner", "a", "--timeout", "-1s"}, 1, "bad --timeout -1s"},
		"create into files":   {[]string{"create", "x", "--owner", "a", "--from", acme}, 1, "--from reads manifests"},
		"create flavor":       {[]string{"create", "x", "--owner", "a", "--flavor", "plain", "--dry-run=client"}, 1, "want kubeflow, kalm or native"},
		"apply nothing":       {[]string{"apply"}, 1, "want -f FILE"},
		"apply stdin":         {[]string{"apply", "-f", "-"}, 1, "stdin (-) holds the file"},
		"apply stdin twice":   {[]string{"apply", "-f", "-", "-f", "-", "--yes"}, 1, "stdin (-) can be read only once"},
		"apply stdin too":     {[]string{"apply", "-f", "-", "--from", "-", "--dry-run=client"}, 1, "either -f or --from"},
		"apply no file":       {[]string{"apply", "-f", "nope.yaml"}, 1, "read profiles: stat nope.yaml"},
		"quota nothing":       {[]string{"quota", "set", "x"}, 1, "want NAME RESOURCE=AMOUNT...: requires at least 2 arg(s)"},
		"quota word":          {[]string{"quota", "st", "x"}, 1, "did you mean kubectl profile quota set?"},
		"quota name":          {[]string{"quota", "team-vision"}, 1, "kubectl profile quota show team-vision shows"},
		"quota set":           {[]string{"quota", "set", "x", "cpu"}, 1, "cpu"},
		"quota unknown":       {[]string{"quota", "set", "x", "foo=1"}, 1, `resource "foo": a quota cannot limit it; want a resource such as cpu, memory, requests.storage,`},
		"quota unset":         {[]string{"quota", "unset", "x"}, 1, "want RESOURCE..., or --all"},
		"quota unset all":     {[]string{"quota", "unset", "x", "cpu", "--all"}, 1, "name none"},
		"quota sort":          {[]string{"quota", "show", "--sort-by", "size"}, 1, `bad --sort-by "size"`},
		"transfer owner":      {[]string{"transfer", "x"}, 1, "want --owner SUBJECT"},
		"transfer keep":       {[]string{"transfer", "x", "--owner", "a", "--keep-old-as", "boss"}, 1, `parse role "boss"`},
		"transfer keep owner": {[]string{"transfer", "x", "--owner", "a", "--keep-old-as", "owner"}, 1, "a workspace has one owner"},
		"adopt owner":         {[]string{"adopt", "x", "--owner", "sa:x"}, 1, "want sa:NAMESPACE/NAME"},
		"register nobody":     {[]string{"register", "--dry-run=client"}, 1, "want EMAIL"},
		"wait nothing":        {[]string{"wait"}, 2, "requires at least 1 arg(s)"},
		"wait for":            {[]string{"wait", "x", "--for", "ever"}, 2, `bad --for "ever"`},
		"wait timeout":        {[]string{"wait", "x", "--timeout", "-1s"}, 2, "bad --timeout -1s"},
		"wait file":           {[]string{"wait", "x", "--from", "nope.yaml"}, 2, "nope.yaml"},
		"export format":       {[]string{"export", "-o", "xml"}, 1, `unknown output format "xml"`},
		"delete nothing":      {[]string{"delete"}, 1, "accepts 1 arg(s)"},
		"delete into files":   {[]string{"delete", "team-vision", "--from", acme}, 1, "--from reads manifests"},
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
