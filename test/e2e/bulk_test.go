package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	testobjects "github.com/kubegatehouse/gatehouse/test/objects"
)

// How many members a bulk file has, and over how many profiles they are spread.
const (
	bulkProfiles = 100
	bulkMembers  = 1000
)

func bulkProfile(i int) string { return fmt.Sprintf("bulk-%03d", i) }

// makeProfiles makes profiles as Kubeflow's controller leaves them: all objects of each, at once.
func makeProfiles(t *testing.T, cp *controlplane.ControlPlane, names ...string) {
	t.Helper()
	made, err := testobjects.Profiles(names...)
	if err != nil {
		t.Fatal(err)
	}
	if err := cp.ApplyObjects(t.Context(), made...); err != nil {
		t.Fatal(err)
	}
}

// bulkFile writes a file of members: each profile gets its share, in turn one role and the other.
func bulkFile(t *testing.T, members int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("workspace,subject,role,expires,http\n")
	for i := range members {
		role := []string{"editor", "viewer"}[i%2]
		fmt.Fprintf(&b, "%s,member-%04d@example.com,%s,,\n", bulkProfile(i%bulkProfiles), i, role)
	}
	path := filepath.Join(t.TempDir(), "members.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// writesOf counts the requests that change something, dry runs and reviews left out, and those that are refused in.
func writesOf(requests []controlplane.Request) int {
	count := 0
	for _, r := range requests {
		switch r.Verb {
		case "create", "update", "patch", "delete", "deletecollection":
			if !strings.Contains(r.URI, "dryRun=") && !strings.Contains(r.URI, "/authorization.k8s.io/") &&
				!strings.Contains(r.URI, "/authentication.k8s.io/") {
				count++
			}
		}
	}
	return count
}

// A thousand members over a hundred profiles: at most two writes for each, and none when the same file comes again.
func TestBulk(t *testing.T) {
	cp := controlplane.ForTest(t, controlplane.Options{AuditLog: true, WithoutControllers: true})
	acme := shared.acme()
	if err := cp.Apply(t.Context(), filepath.Join(acme, "crds"), filepath.Join(acme, "kubeflow", "cluster-roles.yaml")); err != nil {
		t.Fatal(err)
	}
	names := make([]string, bulkProfiles)
	for i := range names {
		names[i] = bulkProfile(i)
	}
	makeProfiles(t, cp, names...)
	h := home{dir: t.TempDir(), kubeconfig: cp.Admin()}
	file := bulkFile(t, bulkMembers)

	record, err := cp.Record(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := h.kubectl(t, "contrib", "apply", "-f", file, "--yes")
	if first.code != 0 {
		t.Fatalf("exit code %d\n%s", first.code, first.stderr)
	}
	requests, err := record.Requests(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	writes := writesOf(requests)
	t.Logf("%d members in %s: %d requests, %d writes, %d MiB", bulkMembers, first.wall, len(requests), writes, first.peak>>20)
	if writes == 0 || writes > 2*bulkMembers {
		t.Errorf("%d writes, want at most 2 for each of %d members", writes, bulkMembers)
	}
	if lines := strings.Count(first.stdout, " created"); lines != 2*bulkMembers {
		t.Errorf("%d objects are said to be created, want %d", lines, 2*bulkMembers)
	}

	if record, err = cp.Record(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := h.kubectl(t, "contrib", "apply", "-f", file, "--yes")
	if second.code != 0 {
		t.Fatalf("exit code %d\n%s", second.code, second.stderr)
	}
	if requests, err = record.Requests(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("again in %s: %d requests", second.wall, len(requests))
	if writes := writesOf(requests); writes != 0 {
		t.Errorf("the second run makes %d writes", writes)
	}
	if !strings.Contains(second.stderr, "nothing to do") {
		t.Errorf("the second run says\n%s", second.stderr)
	}
}
