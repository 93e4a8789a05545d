package gatehouse

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cli/clitest"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/profile"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/whocan"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// acme is the example company.
const acme = "../../../examples/acme"

// now is the time of all tests.
func now() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// outcome is all that a user sees of a command.
type outcome = clitest.Outcome

// execute runs the plugin as a function, with an empty kubeconfig.
func execute(t *testing.T, args ...string) outcome {
	t.Helper()
	return executeAs(t, "kubectl gatehouse", NewCommand, "", args...)
}

// executeAs runs a plugin, with stdin as its input.
func executeAs(t *testing.T, name string, newCommand func(*cli.Env) *cobra.Command, stdin string, args ...string) outcome {
	t.Helper()
	return clitest.Plugin{Name: name, New: newCommand, Clock: clocktesting.NewFakePassiveClock(now()), KubeConfig: "testdata/kubeconfig"}.Run(t, stdin, args...)
}

// plugins are those under the roof.
func plugins() map[string]func(*cli.Env) *cobra.Command {
	return map[string]func(*cli.Env) *cobra.Command{
		"clusterauth": clusterauth.NewCommand, "contrib": contrib.NewCommand, "profile": profile.NewCommand, "whocan": whocan.NewCommand,
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "whoami", "doctor", "whocan", "whocan why", "contrib add", "version"} {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			args := append(strings.Fields(command), "--help")
			golden.Equal(t, execute(t, args...).String(), "help/"+strings.Trim("gatehouse "+command, " "))
		})
	}
}

// TestHelpUnderTheRoof compares the help of every command below a plugin with that of the plugin alone: they differ by the
// name that the program is called by.
func TestHelpUnderTheRoof(t *testing.T) {
	t.Parallel()
	compared := 0
	for name, newCommand := range plugins() {
		env := cli.NewEnv(genericiooptions.IOStreams{}, clocktesting.NewFakePassiveClock(now()), "kubectl "+name)
		walk(newCommand(env), nil, func(path []string) {
			compared++
			args := append(slices.Clone(path), "--help")
			alone := executeAs(t, "kubectl "+name, newCommand, "", args...)
			under := execute(t, append([]string{name}, args...)...)
			if alone.Code != 0 || under.Code != 0 || under.Stderr != "" {
				t.Fatalf("%s %q: exit %d and %d: %s", name, path, alone.Code, under.Code, under.Stderr)
			}
			if diff := cmp.Diff(unnamed(alone.Stdout, name), unnamed(under.Stdout, name)); diff != "" {
				t.Errorf("%s %q (-alone +under the roof):\n%s", name, path, diff)
			}
			if own := "kubectl " + strings.Join(append([]string{name}, path...), " "); strings.Contains(under.Stdout, "\n  "+own) {
				t.Errorf("%s %q shows the plugin's own name:\n%s", name, path, under.Stdout)
			}
		})
	}
	if compared < 40 {
		t.Errorf("%d commands were compared only", compared)
	}
}

// walk visits a command and all below it.
func walk(cmd *cobra.Command, path []string, visit func(path []string)) {
	visit(path)
	for _, sub := range cmd.Commands() {
		if !sub.Hidden {
			walk(sub, append(slices.Clone(path), sub.Name()), visit)
		}
	}
}

// unnamed is text without the name of the program, and without line breaks and alignment, which depend on its length.
func unnamed(text, plugin string) string {
	text = strings.NewReplacer(
		"kubectl gatehouse "+plugin, "PROGRAM", "kubectl-gatehouse-"+plugin, "PROGRAM", "kubectl gatehouse options", "PROGRAM options",
		"kubectl "+plugin, "PROGRAM", "kubectl-"+plugin, "PROGRAM",
	).Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

// TestUnderTheRoof runs commands of the plugins both ways: output and exit codes are the same, also where they fail.
func TestUnderTheRoof(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"who":                {"whocan", "get", "secrets", "-n", "team-vision", "--from", acme},
		"nobody":             {"whocan", "get", "secrets", "-q", "-n", "nowhere", "--from", acme},
		"why":                {"whocan", "why", "bob@acme.example", "delete", "pods", "-n", "team-nlp", "--from", acme},
		"why json":           {"whocan", "why", "bob@acme.example", "get", "pods", "-n", "team-vision", "-o", "json", "--from", acme},
		"members":            {"contrib", "-A", "--from", acme},
		"add":                {"contrib", "add", "carol@acme.example", "--role", "viewer", "-n", "team-vision", "--from", acme, "--dry-run=client"},
		"add yaml":           {"contrib", "add", "carol@acme.example", "--role", "viewer", "-n", "team-vision", "--from", acme, "--dry-run=client", "-o", "yaml"},
		"workspaces":         {"profile", "--from", acme},
		"doctor":             {"profile", "doctor", "--from", acme},
		"clusters":           {"clusterauth", "--from", acme},
		"validate":           {"clusterauth", "validate", "--from", acme, "-A"},
		"no command":         {"contrib", "ad"},
		"no such flag":       {"whocan", "get", "pods", "--namespce", "x"},
		"predicate's errors": {"whocan", "why", "bob"},
		"no such namespace":  {"contrib", "list", "-n", "Bad_Name", "--from", acme},
		"no cluster":         {"profile", "list"},
		"several contexts":   {"profile", "list", "--context", "a", "--context", "b"},
		"options":            {"whocan", "options"},
		"options of a part":  {"contrib", "options"},
		"version":            {"whocan", "version", "-o", "jsonpath={.kind} {.name}"},
		"version flag":       {"whocan", "--version"},
		"version below":      {"whocan", "why", "--version"},
		"help":               {"whocan", "help"},
		"help about":         {"profile", "help", "quota"},
		"help about nothing": {"profile", "help", "nosuch"},
		"completion":         {"whocan", "completion", "nosuch"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plugin := args[0]
			alone := executeAs(t, "kubectl "+plugin, plugins()[plugin], "", args[1:]...)
			under := execute(t, args...)
			shorter := strings.NewReplacer("kubectl gatehouse "+plugin, "kubectl "+plugin, `"kubectl gatehouse options"`, `"kubectl `+plugin+` options"`)
			under.Stdout, under.Stderr = shorter.Replace(under.Stdout), shorter.Replace(under.Stderr)
			if diff := cmp.Diff(alone.String(), under.String()); diff != "" {
				t.Errorf("(-alone +under the roof):\n%s", diff)
			}
		})
	}
}

// TestCompletion asks for what may follow a word, in a plugin under the roof and beside it.
func TestCompletion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		words []string
		has   string
	}{
		"plugins":                 {[]string{""}, "whocan\t"},
		"verbs":                   {[]string{"whocan", "imp"}, "impersonate"},
		"commands":                {[]string{"contrib", "set"}, "set-role\t"},
		"namespaces of a plugin":  {[]string{"whocan", "get", "pods", "--from", acme, "-n", "team-v"}, "team-vision"},
		"workspaces of a plugin":  {[]string{"profile", "list", "--from", acme, "-n", "team-v"}, "team-vision"},
		"namespaces of the roof":  {[]string{"whoami", "--from", acme, "-n", "team-v"}, "team-vision"},
		"names of the doctor":     {[]string{"doctor", "--from", acme, "team-v"}, "team-vision"},
		"formats":                 {[]string{"whoami", "-o", "j"}, "json"},
		"pages":                   {[]string{"--open", "gr"}, "grants"},
		"rules of every domain":   {[]string{"doctor", "--rule", "KC00"}, "KC001"},
		"what a plugin has too":   {[]string{"whocan", "ver"}, "version\t"},
		"shells":                  {[]string{"whocan", "completion", "f"}, "fish\t"},
		"help of a plugin":        {[]string{"whocan", "help", "wh"}, "why\t"},
		"help of a group":         {[]string{"profile", "help", "quota", "s"}, "set\t"},
		"subjects under the roof": {[]string{"whocan", "why", "--from", acme, "user:dan"}, "user:dana@acme.example"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, append([]string{cobra.ShellCompRequestCmd}, tt.words...)...)
			if got.Code != 0 || !strings.HasPrefix(got.Stdout, tt.has) && !strings.Contains(got.Stdout, "\n"+tt.has) {
				t.Errorf("%q does not offer %q: %v", tt.words, tt.has, got)
			}
		})
	}
}
