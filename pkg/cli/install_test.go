package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInstallCompletion(t *testing.T) {
	tests := map[string]struct {
		prepare func(t *testing.T, bin string)
		args    []string
		want    string // on the error stream; BIN and OTHER stand for the directories
		link    string // what the link points to; empty for no link
		in      string // where the link is: bin or other
	}{
		"fresh": {
			want: "kubectl completes \"kubectl test\" by BIN/kubectl_complete-test\n", link: "kubectl-test", in: "bin",
		},
		"again": {
			prepare: func(t *testing.T, bin string) { symlink(t, "kubectl-test", bin) },
			want:    "kubectl completes \"kubectl test\" by BIN/kubectl_complete-test\n", link: "kubectl-test", in: "bin",
		},
		"other directory": {
			args: []string{"--dir", "OTHER"},
			want: "kubectl completes \"kubectl test\" by OTHER/kubectl_complete-test\n", link: "BIN/kubectl-test", in: "other",
		},
		"a link to something else": {
			prepare: func(t *testing.T, bin string) { symlink(t, "elsewhere", bin) },
			want:    "error: install completion: BIN/kubectl_complete-test links to elsewhere already\n", link: "elsewhere", in: "bin",
		},
		"a file of somebody": {
			prepare: func(t *testing.T, bin string) {
				if err := os.WriteFile(filepath.Join(bin, "kubectl_complete-test"), []byte("mine"), 0o600); err != nil {
					t.Fatal(err)
				}
			},
			want: "error: install completion: BIN/kubectl_complete-test is there already\n",
		},
		"no such directory": {
			args: []string{"--dir", "OTHER/deeper"},
			want: "error: install completion: symlink BIN/kubectl-test OTHER/deeper/kubectl_complete-test: no such file or directory\n",
		},
		"not on PATH": {
			prepare: func(t *testing.T, bin string) {
				if err := os.Remove(filepath.Join(bin, "kubectl-test")); err != nil {
					t.Fatal(err)
				}
			},
			want: "error: install completion: exec: \"kubectl-test\": executable file not found in $PATH\n" +
				"hint: put kubectl-test into a directory on PATH first\n",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			bin, other := t.TempDir(), t.TempDir()
			names := strings.NewReplacer("BIN", bin, "OTHER", other)
			if err := os.WriteFile(filepath.Join(bin, "kubectl-test"), []byte("#!/bin/sh\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			if tc.prepare != nil {
				tc.prepare(t, bin)
			}
			t.Setenv("PATH", bin)
			args := []string{"completion", "install-kubectl"}
			for _, arg := range tc.args {
				args = append(args, names.Replace(arg))
			}

			got := run(t, command(nil), args...)

			if diff := cmp.Diff(names.Replace(tc.want), got.ErrOut); diff != "" {
				t.Errorf("error stream (-want +got):\n%s", diff)
			}
			if wantCode := strings.Count(tc.want, "error:"); got.Code != wantCode || got.Out != "" {
				t.Errorf("code %d, stdout %q; want %d and nothing", got.Code, got.Out, wantCode)
			}
			dir := bin
			if tc.in == "other" {
				dir = other
			}
			link, err := os.Readlink(filepath.Join(dir, "kubectl_complete-test"))
			if link != names.Replace(tc.link) {
				t.Errorf("link to %q, %v; want %q", link, err, names.Replace(tc.link))
			}
		})
	}
}

func symlink(t *testing.T, target, bin string) {
	t.Helper()

	if err := os.Symlink(target, filepath.Join(bin, "kubectl_complete-test")); err != nil {
		t.Fatal(err)
	}
}
