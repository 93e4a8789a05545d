package clusterauth

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each Secret, and each kind, that a command asks for in vain is one that it may be refused.
func TestAskedFor(t *testing.T) {
	t.Parallel()
	world := []string{authentication("team-a", "sso", "{name: sso-ca, key: ca.crt}"), deployment("team-a", "dev", "sso")}
	made := []string{"k0scontrolplanes", "k0smotroncontrolplanes", "machines", "regions"}
	tests := map[string]struct {
		args          []string
		secrets, kind []string
	}{
		"list":        {[]string{"list", "-n", "team-a"}, []string{"team-a/sso-ca"}, nil},
		"usage":       {[]string{"usage", "sso", "-n", "team-a"}, nil, made},
		"bind":        {[]string{"bind", "dev", "--user", "ann", "--role", "viewer", "-n", "team-a"}, nil, nil},
		"kubeconfig":  {[]string{"kubeconfig", "dev", "-n", "team-a"}, []string{"team-a/dev-kubeconfig", "team-a/sso-ca"}, nil},
		"diff":        {[]string{"diff", "-n", "team-a"}, []string{"team-a/dev-auth-config", "team-a/sso-ca"}, made},
		"sync-copies": {[]string{"sync-copies"}, []string{"team-a/sso-ca"}, made},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, flags := newFakeServer(t, world...)
			got := execute(t, "", slices.Concat(tt.args, flags)...)
			if diff := cmp.Diff(tt.secrets, server.secrets()); diff != "" {
				t.Errorf("Secrets (-want +got):\n%s%s", diff, got)
			}
			var kinds []string
			for _, kind := range made {
				if slices.ContainsFunc(server.asked, func(asked string) bool { return path.Base(asked) == kind }) {
					kinds = append(kinds, kind)
				}
			}
			if diff := cmp.Diff(tt.kind, kinds); diff != "" {
				t.Errorf("kinds (-want +got):\n%s%s", diff, got)
			}
		})
	}
}

// What rests on bindings is not said when some could not be read, and that is told.
func TestRightsInPart(t *testing.T) {
	t.Parallel()
	const silent = "not everything is judged by KC025, KC032: not all roles and bindings can be read"
	tests := map[string]struct {
		args    []string
		refused bool
		code    int
		has     []string
		not     string
	}{
		"doctor, whole": {args: []string{"doctor", "--severity", "info"}, code: 1, has: []string{"KC025"}, not: "GH003"},
		"doctor":        {args: []string{"doctor", "--severity", "info"}, refused: true, code: 1, has: []string{"GH003", silent}, not: "KC025  "},
		"doctor, strict": {
			args: []string{"doctor", "--severity", "info", "--strict"}, refused: true, code: 2, has: []string{silent, "--strict is set"}, not: "KC025  ",
		},
		"doctor, in JSON": {args: []string{"doctor", "-o", "json"}, refused: true, code: 1, has: []string{`"complete": false`, "clusterrolebindings"}},
		"doctor, of other rules": {
			args: []string{"doctor", "--rule", "KC015", "--strict"}, refused: true, code: 1, has: []string{"KC015"}, not: "GH003",
		},
		"usage, whole":  {args: []string{"usage", "sso", "-n", "team-a", "--strict"}},
		"usage":         {args: []string{"usage", "sso", "-n", "team-a"}, refused: true, has: []string{"there may be more who can change it"}},
		"usage, strict": {args: []string{"usage", "sso", "-n", "team-a", "--strict"}, refused: true, code: 2, has: []string{"--strict is set"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, flags := newFakeServer(t, authentication("team-a", "sso", "{name: sso-ca, key: ca.crt}"), deployment("team-a", "dev", "sso"))
			server.forbidden = func(asked string) bool {
				return tt.refused && (path.Base(asked) == "clusterrolebindings" || strings.Contains(asked, "/selfsubject"))
			}
			got := execute(t, "", slices.Concat(tt.args, flags)...)
			if got.Code != tt.code {
				t.Errorf("exit %d, want %d: %s", got.Code, tt.code, got)
			}
			for _, text := range tt.has {
				if !strings.Contains(got.String(), text) {
					t.Errorf("it doesn't say %q: %s", text, got)
				}
			}
			if tt.not != "" && strings.Contains(got.String(), tt.not) {
				t.Errorf("it says %q: %s", tt.not, got)
			}
		})
	}
}

// A cluster that refers to an object counts, also when the rest of it can't be read.
func TestListOfBrokenClusters(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "world.yaml")
	broken := strings.Replace(deployment("team-a", "dev", "sso"), "template: openstack-hosted-cp-1-0-40, ", "", 1)
	world := strings.Join([]string{authentication("team-a", "sso", "{name: sso-ca, key: ca.crt}"), broken, deployment("team-b", "prod", "sso")}, "\n---\n")
	if err := os.WriteFile(file, []byte(world), 0o600); err != nil {
		t.Fatal(err)
	}
	got := execute(t, "", "list", "-A", "-o", "jsonpath={.items[*].clusters[*].name}", "--from", file)
	if got.Stdout != "dev" {
		t.Errorf("clusters %q, want dev: %s", got.Stdout, got)
	}
}

// kubectl makes a file beside a kubeconfig that it is about to change, and so does a merge: neither undoes the other.
func TestLockFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config")
	unlock, err := lockFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + ".lock"); err != nil {
		t.Errorf("there is no lock: %v", err)
	}
	if _, err := lockFile(file); err == nil || err.Error() != "write "+file+": another program is changing it: "+file+".lock is there" {
		t.Errorf("a second one gets it: %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file + ".lock"); !os.IsNotExist(err) {
		t.Errorf("the lock is still there: %v", err)
	}
	if _, err := lockFile(filepath.Join(file, "none", "config")); err == nil {
		t.Error("there is a lock in a directory that is not there")
	}
}

func TestMergeTakesTheLock(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config")
	args := []string{"kubeconfig", "edge-berlin", "--merge=" + file, "--from", acme}
	if err := os.WriteFile(file+".lock", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	got := execute(t, "", args...)
	if _, err := os.Stat(file); !os.IsNotExist(err) || got.Code != 1 || !strings.Contains(got.Stderr, "another program is changing it") {
		t.Errorf("while another program has it: %v, %s", err, got)
	}
	if _, err := os.Stat(file + ".lock"); err != nil {
		t.Errorf("the lock of the other program: %v", err)
	}
	if err := os.Remove(file + ".lock"); err != nil {
		t.Fatal(err)
	}
	if got := execute(t, "", args...); got.Code != 0 {
		t.Errorf("afterwards: %s", got)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	// Also after an error.
	if err := os.WriteFile(file, []byte("["), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := execute(t, "", args...); got.Code != 1 {
		t.Errorf("of what is no kubeconfig: %s", got)
	}
	if _, err := os.Stat(file + ".lock"); !os.IsNotExist(err) {
		t.Errorf("the lock is still there: %v", err)
	}
}
