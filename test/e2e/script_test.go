package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// TestScripts runs testdata/script. A script starts as a superuser, in a directory that holds the repository's
// examples, and has these commands beside those of testscript:
//
//	kubectl ARG...               run kubectl; ! when it must fail
//	exitcode N PROGRAM ARG...    run a program that must end with this code
//	both N kubectl whocan ARG... run the question on the server and on the manifests; both must end with the code and say
//	                             the same, but for the files that the manifests are in
//	as USER [GROUP...]           be somebody else from now on
//	contexts FILE USER[:GROUP,...]...
//	                             write a kubeconfig with a context for each user
//	unreachable FILE NAME        add a context to a kubeconfig whose server does not exist
//	grep-count N REGEXP FILE     a file, or stdout, has so many lines that match
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       os.Getenv("GATEHOUSE_UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				"PATH": shared.bin, "HOME": filepath.Join(env.WorkDir, "home"), "KUBECONFIG": shared.cp.Admin(),
				"KUBECACHEDIR": filepath.Join(env.WorkDir, "cache"),
			} {
				env.Setenv(name, value)
			}
			examples := filepath.Join(shared.root, "examples")
			return errors.Join(os.Mkdir(filepath.Join(env.WorkDir, "home"), 0o700),
				os.CopyFS(filepath.Join(env.WorkDir, "examples"), os.DirFS(examples)))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"as": scriptAs, "both": scriptBoth, "contexts": scriptContexts, "exitcode": scriptExitCode,
			"grep-count": scriptGrepCount, "kubectl": scriptKubectl, "unreachable": scriptUnreachable,
		},
	})
}

// need ends the script unless the command was called as its usage says.
func need(ts *testscript.TestScript, ok bool, usage string) {
	if !ok {
		ts.Fatalf("usage: %s", usage)
	}
}

func scriptKubectl(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("kubectl", args...)
	switch {
	case err == nil && neg:
		ts.Fatalf("kubectl succeeded")
	case err != nil && !neg:
		ts.Fatalf("kubectl: %v", err)
	}
}

func scriptExitCode(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 2, "exitcode N PROGRAM ARG...")
	runFor(ts, args[0], args[1:])
}

// runFor runs a program that must end with the code.
func runFor(ts *testscript.TestScript, want string, args []string) {
	got := 0
	err := ts.Exec(args[0], args[1:]...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit code %d, want %s", got, want)
	}
}

// origins are what only manifests have: the file and line of an object, in text, JSON and YAML.
var origins = regexp.MustCompile(`(?m)  # examples/\S+:\d+$|,\s+"origin": "[^"]*"|^ *origin: .*\n| \(examples/\S+:\d+\)`)

func scriptBoth(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 3, "both N kubectl whocan ARG...")
	runFor(ts, args[0], append(args[1:], "--from", "examples/acme"))
	offline := origins.ReplaceAllString(ts.ReadFile("stdout"), "")
	runFor(ts, args[0], args[1:])
	if live := ts.ReadFile("stdout"); live != offline {
		ts.Fatalf("the answers differ\nfrom the server:\n%s\nfrom the manifests:\n%s", live, offline)
	}
}

func scriptAs(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 1, "as USER [GROUP...]")
	kubeconfig, err := shared.cp.Kubeconfig(args[0], args[1:]...)
	ts.Check(err)
	ts.Setenv("KUBECONFIG", kubeconfig)
}

func scriptContexts(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) >= 2, "contexts FILE USER[:GROUP,...]...")
	var users []controlplane.User
	for _, arg := range args[1:] {
		name, groups, _ := strings.Cut(arg, ":")
		users = append(users, controlplane.User{Name: name, Groups: strings.FieldsFunc(groups, isComma)})
	}
	ts.Check(shared.cp.WriteKubeconfig(ts.MkAbs(args[0]), users...))
}

func isComma(r rune) bool { return r == ',' }

func scriptUnreachable(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 2, "unreachable FILE NAME")
	// Port 1 of the loopback: nothing listens there.
	ts.Check(addContext(ts.MkAbs(args[0]), args[1], "https://127.0.0.1:1"))
}

func scriptGrepCount(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, !neg && len(args) == 3, "grep-count N REGEXP FILE")
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile(args[2]), "\n"), "\n")
	count := 0
	for _, line := range lines {
		if pattern.MatchString(line) {
			count++
		}
	}
	if strconv.Itoa(count) != args[0] {
		ts.Fatalf("%d of %d lines match %q, want %s", count, len(lines), args[1], args[0])
	}
}
