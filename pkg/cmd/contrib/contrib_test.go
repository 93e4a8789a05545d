package contrib

import (
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli/clitest"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// acme is the example company, and fixture a workspace with members of every sort.
const (
	acme    = "../../../examples/acme"
	fixture = "testdata/workspace.yaml"
)

// now is the time of all tests.
func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// outcome is all that a user sees of a command.
type outcome = clitest.Outcome

// execute runs the plugin as a function, with stdin as its input and an empty kubeconfig.
func execute(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return clitest.Plugin{Name: "kubectl contrib", New: NewCommand, Clock: clocktesting.NewFakePassiveClock(now()), KubeConfig: "testdata/kubeconfig"}.Run(t, stdin, args...)
}

func TestAcme(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"list/all":          {"-A"},
		"list/one":          {"list", "-n", "team-vision"},
		"list/wide":         {"list", "-n", "team-nlp", "-o", "wide"},
		"list/subject":      {"list", "--subject", "zoe@acme.example"},
		"list/user":         {"list", "--user", "zoe@acme.example", "-n", "team-nlp"},
		"list/owners":       {"list", "--role", "owner", "-o", "csv"},
		"list/own-role":     {"list", "--role", "role/debug-pods", "-o", "name"},
		"list/nobody":       {"list", "--subject", "nobody"},
		"list/empty":        {"list", "-n", "nowhere"},
		"add/again":         {"add", "bob@acme.example", "--role", "editor", "-n", "team-vision"},
		"add/other-role":    {"add", "bob@acme.example", "--role", "viewer", "-n", "team-vision"},
		"add/viewer":        {"add", "carol@acme.example", "--role", "viewer", "--expires", "7d", "-n", "team-vision"},
		"add/native":        {"add", "group:ml-readers", "--role", "editor", "-n", "catalog", "--preview=none"},
		"add/own-role":      {"add", "sa:ci/deployer", "--role", "clusterrole/nowhere", "-n", "data-lake", "--preview=none"},
		"set-role/weaker":   {"set-role", "bob@acme.example", "--role", "viewer", "--no-http", "-n", "team-vision"},
		"set-role/none":     {"set-role", "carol@acme.example", "--role", "viewer", "-n", "team-vision"},
		"remove/one":        {"remove", "bob@acme.example", "priya@acme.example", "-n", "team-vision"},
		"remove/role":       {"remove", "bob@acme.example", "--role", "viewer", "-n", "team-vision"},
		"remove/owner":      {"remove", "dana@acme.example", "-n", "team-vision"},
		"offboard/guest":    {"offboard", "zoe@acme.example"},
		"offboard/owner":    {"offboard", "nina@acme.example"},
		"offboard/nobody":   {"offboard", "dena@acme.example"},
		"offboard/transfer": {"offboard", "nina@acme.example", "--transfer-to", "zoe@acme.example", "--preview=none"},
		"rename/guest":      {"rename", "bob@acme.example", "bobby@acme.example", "--preview=none"},
		"rename/nobody":     {"rename", "boob@acme.example", "bobby@acme.example"},
		"rename/again":      {"rename", "bobby@acme.example", "bob@acme.example"},
		"rename/owner":      {"rename", "dana@acme.example", "d@acme.example", "--preview=none"},
		"expire/none":       {"expire"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args = append(args, "--from", acme)
			if !strings.HasPrefix(name, "list/") {
				args = append(args, "--dry-run=client")
			}
			golden.Equal(t, execute(t, "", args...).String(), name)
		})
	}
}

func TestFixture(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"fixture/list":          {"list"},
		"fixture/list-wide":     {"list", "-o", "wide"},
		"fixture/list-json":     {"list", "-o", "json"},
		"fixture/list-jsonpath": {"list", "-o", "jsonpath={.items[*].subject.id}"},
		"fixture/expire":        {"expire", "--dry-run=client"},
		"fixture/export":        {"export", "-n", "team-a"},
		"fixture/export-csv":    {"export", "-A", "-o", "csv"},
		"fixture/export-yaml":   {"export", "-A", "-o", "manifests"},
		"fixture/owner":         {"set-role", "bob@x.com", "--role", "owner", "-n", "team-a", "--dry-run=client", "--preview=none"},
		"fixture/add-yaml":      {"add", "erin@x.com", "group:ml", "--role", "editor", "-n", "team-a", "--dry-run=client", "-o", "yaml"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append(args, "--from", fixture)...).String(), name)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{
		"", "list", "add", "set-role", "remove", "apply", "offboard", "rename", "expire", "export", "suspend", "migrate", "roles",
	} {
		t.Run("help "+command, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append(strings.Fields(command), "--help")...)
			if got.Code != 0 || got.Stderr != "" {
				t.Errorf("exit %d, stderr %q", got.Code, got.Stderr)
			}
			golden.Equal(t, got.Stdout, "help/"+strings.TrimSuffix("contrib-"+command, "-"))
		})
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		// want has to be in stderr
		want string
	}{
		"no command":          {[]string{"lst"}, "did you mean kubectl contrib list?"},
		"a subject":           {[]string{"bob@x.com"}, "kubectl contrib list --user bob@x.com"},
		"a listed subject":    {[]string{"list", "bob@x.com"}, "list takes no arguments: \"bob@x.com\"\nhint: kubectl contrib list --user bob@x.com"},
		"list nowhere":        {[]string{"list", "-n", "team-vison", "--from", acme}, "workspace team-vison: there is no such namespace\nhint: did you mean team-vision?"},
		"export nowhere":      {[]string{"export", "-n", "nosuch", "--from", acme}, "workspace nosuch: there is no such namespace"},
		"manifests":           {[]string{"apply", "-f", acme, "--dry-run=client"}, "ci.yaml:2: read members: it holds objects of Kubernetes"},
		"no files":            {[]string{"apply", "-f", "testdata/help"}, "read members: no file in testdata/help ends in .yaml, .yml, .json, .csv"},
		"nobody":              {[]string{"add", "--role", "editor"}, "want at least one SUBJECT"},
		"no role":             {[]string{"add", "bob"}, "want --role viewer, editor or owner"},
		"a slip in a role":    {[]string{"add", "bob", "--role", "edtor"}, "did you mean editor?"},
		"another role":        {[]string{"add", "bob", "--role", "release"}, "a role of your own is --role clusterrole/release"},
		"half a role":         {[]string{"add", "bob", "--role", "clusterrole/"}, "want viewer, editor, owner, clusterrole/NAME"},
		"twice":               {[]string{"add", "bob", "user:bob", "--role", "editor"}, "user:bob is named twice"},
		"me":                  {[]string{"add", "me", "--role", "editor"}, `"me" is not taken here`},
		"no account":          {[]string{"remove", "sa:bob"}, "want sa:NAMESPACE/NAME"},
		"past":                {[]string{"add", "bob", "--role", "editor", "--expires", "2026-01-02"}, "it is past (now is 2026-01-02T03:04:05Z)"},
		"a bad time":          {[]string{"add", "bob", "--role", "editor", "--expires", "soon"}, "want a time from now such as 12h, 7d or 2w"},
		"a name for two":      {[]string{"add", "bob", "eve", "--role", "editor", "--name", "x"}, "--name is for one subject"},
		"writing to files":    {[]string{"add", "bob", "--role", "editor", "--from", fixture}, "nothing can be written to them\nhint: --dry-run=client"},
		"bare dry run":        {[]string{"remove", "bob", "--dry-run"}, "flag needs an argument: --dry-run"},
		"no members":          {[]string{"apply"}, "no members: want -f FILE"},
		"no file":             {[]string{"apply", "-f", "nope.yaml"}, "read members: stat nope.yaml"},
		"stdin twice":         {[]string{"apply", "-f", "-", "-f", "-"}, "stdin (-) can be read only once"},
		"bad members":         {[]string{"apply", "-f", fixture}, fixture + ":"},
		"heir who leaves":     {[]string{"offboard", "bob", "--transfer-to", "user:bob"}, "is who leaves"},
		"one name":            {[]string{"rename", "bob"}, "accepts 2 arg(s)"},
		"the same name":       {[]string{"rename", "bob", "user:bob"}, "user:bob is named twice"},
		"no image":            {[]string{"expire", "--cronjob"}, "--cronjob needs --image"},
		"an image for what":   {[]string{"expire", "--image", "x"}, "--image and --schedule are about --cronjob"},
		"bad format":          {[]string{"export", "-o", "json"}, `unknown output format "json": want one of yaml, csv, manifests`},
		"bad list format":     {[]string{"list", "-o", "xml"}, `unknown output format "xml"`},
		"two subjects":        {[]string{"list", "--user", "a", "--subject", "b"}, "none of the others can be"},
		"bad flavor":          {[]string{"list", "--from", fixture, "--flavor", "plain"}, `bad --flavor "plain"`},
		"bad flavor, offline": {[]string{"add", "bob", "--role", "editor", "--dry-run=client", "--flavor", "plain"}, `bad --flavor "plain"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", tt.args...)
			if got.Code != 1 || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("got exit %d, stdout %q, stderr %q; want exit 1 and %q on stderr only", got.Code, got.Stdout, got.Stderr, tt.want)
			}
		})
	}
}
