package whocan

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestSnapshotAnswersTheSame(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "acme.snap")
	got := execute(t, "", "snapshot", file, "--from", acme)
	if got.Code != 0 || got.Stdout != "" {
		t.Fatalf("exit %d, stdout %q, stderr:\n%s", got.Code, got.Stdout, got.Stderr)
	}
	for _, part := range []string{"wrote " + file + ": ", " roles, ", " bindings, ", "complete, ", "KiB"} {
		if !strings.Contains(got.Stderr, part) {
			t.Errorf("stderr has no %q:\n%s", part, got.Stderr)
		}
	}
	for _, question := range [][]string{
		{"get", "secrets", "-A"},
		{"rules", "sa:ci/deployer", "--void"},
		{"matrix", "pods", "-n", "catalog"},
		{"graph", "get", "secrets", "-n", "team-vision"},
	} {
		objects := execute(t, "", append(question, "--from", acme)...)
		snapshot := execute(t, "", append(question, "--from", file)...)
		if diff := cmp.Diff(objects.Stdout, snapshot.Stdout); diff != "" || snapshot.Stdout == "" {
			t.Errorf("%v differs (-manifests +snapshot):\n%s", question, diff)
		}
	}
}

func TestSnapshotToStdout(t *testing.T) {
	t.Parallel()
	first := execute(t, "", "snapshot", "--from", acme)
	second := execute(t, "", "snapshot", "-", "--from", acme)
	if first.Code != 0 || first.Stdout == "" || first.Stdout != second.Stdout {
		t.Fatalf("exit %d, %d and %d bytes, want the same bytes twice", first.Code, len(first.Stdout), len(second.Stdout))
	}
	piped := execute(t, first.Stdout, "get", "secrets", "-n", "team-vision", "--from", "-")
	direct := execute(t, "", "get", "secrets", "-n", "team-vision", "--from", acme)
	if diff := cmp.Diff(direct.Stdout, piped.Stdout); diff != "" {
		t.Errorf("answers differ (-manifests +snapshot on stdin):\n%s", diff)
	}
}

func TestSnapshotHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	manifests := `
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
stringData: {password: hunter2}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: bot, namespace: shop, annotations: {note: hunter2}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: bot, namespace: shop, annotations: {kubectl.kubernetes.io/last-applied-configuration: hunter2}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: bot}]
`
	got := execute(t, manifests, "snapshot", "--from", "-")
	plain := got.Stdout
	if r, err := gzip.NewReader(strings.NewReader(plain)); err == nil {
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		plain = string(data)
	}
	if got.Code != 0 || !strings.Contains(plain, "bot") {
		t.Fatalf("exit %d, no binding in the snapshot:\n%q\n%s", got.Code, plain, got.Stderr)
	}
	if strings.Contains(plain, "hunter2") {
		t.Errorf("the snapshot holds what it should not:\n%q", plain)
	}
}

func TestSnapshotFile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		// args are those after "snapshot"; DIR is a folder with the file "old".
		args []string
		code int
		want string
		// kept says that "old" has to be as it was.
		kept bool
	}{
		"a new file":          {[]string{"DIR/new", "--from", acme}, 0, "wrote DIR/new: ", true},
		"an old file":         {[]string{"DIR/old", "--from", acme}, 1, "DIR/old exists\nhint: --force replaces it", true},
		"an old file, forced": {[]string{"DIR/old", "--force", "--from", acme}, 0, "wrote DIR/old: ", false},
		"a folder":            {[]string{"DIR", "--force", "--from", acme}, 1, "DIR is a directory", true},
		"no such folder":      {[]string{"DIR/x/new", "--from", acme}, 1, "DIR/x: no such file or directory", true},
		"below a file":        {[]string{"DIR/old/new", "--from", acme}, 1, "not a directory", true},
		"no name":             {[]string{"", "--from", acme}, 1, "the name of the file must not be empty", true},
		"two names":           {[]string{"a", "b", "--from", acme}, 1, "accepts at most 1 arg(s)", true},
		"force without file":  {[]string{"--force", "--from", acme}, 1, "--force is about a FILE", true},
		"nothing to read":     {[]string{"DIR/new", "--from", "DIR/none"}, 1, "DIR/none", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			old := filepath.Join(dir, "old")
			if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"snapshot"}
			for _, a := range tt.args {
				args = append(args, strings.ReplaceAll(a, "DIR", dir))
			}
			got := execute(t, "", args...)
			if want := strings.ReplaceAll(tt.want, "DIR", dir); got.Code != tt.code || got.Stdout != "" || !strings.Contains(got.Stderr, want) {
				t.Errorf("want exit %d, no output and %q, got exit %d, %q and:\n%s", tt.code, want, got.Code, got.Stdout, got.Stderr)
			}
			content, err := os.ReadFile(old)
			if err != nil {
				t.Fatal(err)
			}
			if kept := string(content) == "old"; kept != tt.kept {
				t.Errorf("the old file is kept: %t, want %t", kept, tt.kept)
			}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if most := 1; got.Code != 0 && len(entries) > most {
				t.Errorf("%d files are left behind after an error", len(entries)-most)
			}
		})
	}
}

func TestSnapshotText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		snap *rbac.Snapshot
		want string
	}{
		"empty": {&rbac.Snapshot{}, "0 roles, 0 bindings, complete"},
		"full": {&rbac.Snapshot{
			Roles: make([]rbac.Role, 2), Bindings: make([]rbac.Binding, 1), Namespaces: make([]rbac.Namespace, 3),
			ServiceAccounts: make([]rbac.ObjectRef, 1), Resources: make([]rbac.Resource, 40),
		}, "2 roles, 1 binding, 3 namespaces, 1 service account, 40 resources, complete"},
		"partial": {&rbac.Snapshot{Gaps: make([]rbac.Gap, 2)}, "0 roles, 0 bindings, partial: 2 gaps"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := snapshotText(tt.snap); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSizeText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		size int64
		want string
	}{
		"one":   {1, "1 byte"},
		"bytes": {1023, "1023 bytes"},
		"KiB":   {9728, "9.5 KiB"},
		"MiB":   {3 << 19, "1.5 MiB"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := sizeText(tt.size); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestIsTerminal(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	if isTerminal(&bytes.Buffer{}) || isTerminal(file) {
		t.Error("a buffer and a file are no terminals")
	}
}
