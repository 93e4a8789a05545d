package cli

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
)

func TestInvocation(t *testing.T) {
	t.Parallel()
	type call struct {
		Name string
		Args []string
	}
	tests := map[string]struct {
		argv []string
		want call
	}{
		"nothing":     {nil, call{"gatehouse", []string{}}},
		"plugin":      {[]string{"kubectl-whocan", "get", "pods"}, call{"kubectl whocan", []string{"get", "pods"}}},
		"by path":     {[]string{"/home/dana/.krew/bin/kubectl-whocan"}, call{"kubectl whocan", []string{}}},
		"underscore":  {[]string{"kubectl-gatehouse_profile"}, call{"kubectl gatehouse-profile", []string{}}},
		"nested":      {[]string{"kubectl-gatehouse-profile"}, call{"kubectl gatehouse profile", []string{}}},
		"windows":     {[]string{`C:\krew\bin\kubectl-whocan.EXE`, "get"}, call{"kubectl whocan", []string{"get"}}},
		"bare":        {[]string{"bin/whocan"}, call{"whocan", []string{}}},
		"completion":  {[]string{"kubectl_complete-whocan", "get", ""}, call{"kubectl whocan", []string{"__complete", "get", ""}}},
		"completion_": {[]string{"x/kubectl_complete-a_b.exe", ""}, call{"kubectl a-b", []string{"__complete", ""}}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			name, args := invocation(tc.argv)
			if diff := cmp.Diff(tc.want, call{name, args}); diff != "" {
				t.Errorf("invocation (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMain_process runs Main with the arguments, streams and signals of this process.
func TestMain_process(t *testing.T) {
	newCommand := func(env *Env) *cobra.Command {
		root := &cobra.Command{Use: "test", Short: "Test"}
		root.AddCommand(
			&cobra.Command{Use: "hangup", RunE: func(cmd *cobra.Command, _ []string) error {
				self, err := os.FindProcess(os.Getpid())
				if err != nil {
					return err
				}
				if err := self.Signal(syscall.SIGHUP); err != nil {
					return err
				}
				select {
				case <-cmd.Context().Done():
					return cmd.Context().Err()
				case <-time.After(time.Second / 2):
					return nil
				}
			}},
			&cobra.Command{Use: "wait", RunE: func(cmd *cobra.Command, _ []string) error {
				klog.ErrorS(nil, "noise of a library")
				self, err := os.FindProcess(os.Getpid())
				if err != nil {
					return err
				}
				if err := self.Signal(os.Interrupt); err != nil {
					return err
				}
				<-cmd.Context().Done()
				return cmd.Context().Err()
			}},
			&cobra.Command{Use: "log", RunE: func(*cobra.Command, []string) error {
				klog.ErrorS(nil, "noise of a library")
				if env.Clock.Now().Year() < 2020 {
					return errors.New("the clock is wrong")
				}
				return nil
			}},
		)
		return root
	}
	tests := map[string]struct {
		args        []string
		nohup       bool
		code        int
		out, errOut string // what is in there; empty for nothing
	}{
		"hangup":            {args: []string{"kubectl-test", "hangup"}, code: ExitInterrupted, errOut: "interrupted\n"},
		"nohup":             {args: []string{"kubectl-test", "hangup"}, nohup: true},
		"help":              {args: []string{"kubectl-test", "-h"}, out: "kubectl test COMMAND"},
		"quiet libraries":   {args: []string{"kubectl-test", "log"}},
		"loud libraries":    {args: []string{"kubectl-test", "log", "-v=1"}, errOut: "noise of a library"},
		"Ctrl-C":            {args: []string{"kubectl-test", "wait"}, code: ExitInterrupted, errOut: "interrupted\n"},
		"completion":        {args: []string{"kubectl_complete-test", "wa"}, out: "wait\n:4\n"},
		"an unknown option": {args: []string{"kubectl-test", "-Z"}, code: 1, errOut: "See 'kubectl test -h'"},
	}
	if signal.Ignored(syscall.SIGHUP) {
		delete(tests, "hangup") // nohup runs these tests: there is no hangup here
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			state := klog.CaptureState()
			defer state.Restore()
			args, stdout, stderr := os.Args, os.Stdout, os.Stderr
			defer func() { os.Args, os.Stdout, os.Stderr = args, stdout, stderr }()
			if tc.nohup {
				signal.Ignore(syscall.SIGHUP)
				defer func() { // only who asks for a signal ends its being ignored
					asked := make(chan os.Signal, 1)
					signal.Notify(asked, syscall.SIGHUP)
					signal.Stop(asked)
				}()
			}
			out, errOut := file(t), file(t)
			os.Args, os.Stdout, os.Stderr = tc.args, out, errOut

			code := Main(newCommand)

			if code != tc.code {
				t.Errorf("code = %d, want %d", code, tc.code)
			}
			for stream, want := range map[*os.File]string{out: tc.out, errOut: tc.errOut} {
				content, err := os.ReadFile(stream.Name())
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(string(content), want) || (want == "" && len(content) > 0) {
					t.Errorf("%s = %q, want %q in it", filepath.Base(stream.Name()), content, want)
				}
			}
		})
	}
}

func file(t *testing.T) *os.File {
	t.Helper()

	f, err := os.CreateTemp(t.TempDir(), "stream")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}
