package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// asCommand is the variable with which this test binary is the sandbox command; the supervisor it starts inherits it.
const asCommand = "GATEHOUSE_TEST_SANDBOX"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(run(context.Background(), os.Args[1:]))
	}
	os.Exit(m.Run())
}

// sandbox runs the command and returns what it printed and its exit code.
func sandbox(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	var out, words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &words
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), words.String(), cmd.ProcessState.ExitCode()
}

func TestSandbox(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a box")
	t.Cleanup(func() { sandbox(t, "stop", "--dir", dir) })
	export := "export KUBECONFIG='" + filepath.Join(dir, "kubeconfig") + "'\n"

	if _, words, code := sandbox(t, "status", "--dir", dir); code != 1 || words != "sandbox: is not running\n" {
		t.Errorf("status before start: code %d, %s", code, words)
	}
	out, words, code := sandbox(t, "--dir", dir, "--manifests", "../testdata/widgets", "--user", "dana@acme.example:ml-platform")
	if code != 0 || out != export {
		t.Fatalf("start: code %d, output %q, want %q; %s", code, out, export, words)
	}
	for _, want := range []string{"3 objects loaded", "skipped 1 of kind Gadget.unknown.example.com", "admin, dana@acme.example", "make sandbox-stop"} {
		if !strings.Contains(words, want) {
			t.Errorf("start does not say %q: %s", want, words)
		}
	}
	config, err := clientcmd.LoadFromFile(filepath.Join(dir, "kubeconfig"))
	if err != nil || config.CurrentContext != "admin" || config.Contexts["dana@acme.example"] == nil {
		t.Errorf("kubeconfig: %v, %v", config, err)
	}
	if out, words, code := sandbox(t, "start", "--dir", dir); code != 0 || out != export || !strings.Contains(words, "runs already") {
		t.Errorf("second start: code %d, output %q; %s", code, out, words)
	}
	if out, words, code := sandbox(t, "status", "--dir", dir); code != 0 || !strings.Contains(out, "phase       ready\n") {
		t.Errorf("status: code %d, output %q; %s", code, out, words)
	}
	s, err := home(dir).read()
	if err != nil || len(s.Components) != 3 {
		t.Fatalf("state: %v, %v", s, err)
	}
	if _, words, code := sandbox(t, "stop", "--dir", dir); code != 0 || words != "sandbox: stopped\n" {
		t.Errorf("stop: code %d, %s", code, words)
	}
	for name, pid := range s.Components {
		if alive(pid) {
			t.Errorf("%s runs after stop", name)
		}
	}
	left, err := filepath.Glob(dir + "*")
	if err != nil || left != nil {
		t.Errorf("left behind: %v %v", left, err)
	}
	if _, words, code := sandbox(t, "stop", "--dir", dir); code != 0 || words != "sandbox: is not running\n" {
		t.Errorf("second stop: code %d, %s", code, words)
	}
}

func TestSandboxWrongUsage(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		args []string
		want string
	}{
		"command":   {[]string{"begin"}, `unknown command "begin"`},
		"flag":      {[]string{"--no-such"}, "flag provided but not defined: -no-such"},
		"argument":  {[]string{"stop", "now"}, `unexpected argument "now"`},
		"manifests": {[]string{"--manifests", "no-such-dir"}, "no such file or directory"},
		"user":      {[]string{"--user", ":group"}, "user has no name"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, words, code := sandbox(t, tc.args...)
			if code != 2 || out != "" || !strings.Contains(words, tc.want) || strings.Count(words, "\n") != 1 {
				t.Errorf("code %d, output %q, words %q, want one line with %q", code, out, words, tc.want)
			}
		})
	}
}

func TestParseUser(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		text string
		want controlplane.User
	}{
		"name":            {"alice@acme.example", controlplane.User{Name: "alice@acme.example"}},
		"groups":          {"alice:a,b", controlplane.User{Name: "alice", Groups: []string{"a", "b"}}},
		"group of colons": {"root:system:masters", controlplane.User{Name: "root", Groups: []string{"system:masters"}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseUser(tc.text)
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Errorf("error %v, user (-want +got):\n%s", err, diff)
			}
		})
	}
	if _, err := parseUser("system:admin"); err == nil {
		t.Error("a name of the system: no error")
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"/a/b-c.d": "/a/b-c.d", "/it's $HOME": `'/it'\''s $HOME'`, "": "''"} {
		if got := quote(word); got != want {
			t.Errorf("quote(%q) = %s, want %s", word, got, want)
		}
	}
}
