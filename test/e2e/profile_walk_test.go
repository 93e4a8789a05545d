package e2e

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/dynamic"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/kubeflow"
)

// tour is the walk through the life of two workspaces, on a server of its own: with the stand-in for Kubeflow's profile
// controller, or on a cluster that never heard of Kubeflow.
type tour struct {
	flavor     string
	cp         *controlplane.ControlPlane
	client     dynamic.Interface
	admin, bob home
	// now is what should be stored.
	now stock
}

const (
	danielNamespace = "daniel-namespace"
	bobNamespace    = "bob-namespace"
)

// TestProfileWalkKubeflow does with Kubeflow what its documentation describes, and compares every object with what
// Kubeflow's own components write.
func TestProfileWalkKubeflow(t *testing.T) {
	w := newTour(t, "kubeflow")
	w.runKubeflow(t)
	w.walk(t)
	w.leave(t, "Profile /"+danielNamespace)
}

// TestProfileWalkNative is the same walk on plain Kubernetes, with the same commands.
func TestProfileWalkNative(t *testing.T) {
	w := newTour(t, "native")
	w.walk(t)
	w.leave(t, "Namespace /"+danielNamespace)
}

func newTour(t *testing.T, flavor string) *tour {
	t.Helper()
	w := &tour{flavor: flavor, cp: controlplane.ForTest(t, controlplane.Options{})}
	config := w.cp.AdminConfig()
	config.QPS = -1
	var err error
	if w.client, err = dynamic.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	w.admin = home{dir: t.TempDir(), kubeconfig: w.cp.Admin()}
	w.bob = homeOf(t, w.cp, "bob@test.com")
	return w
}

// runKubeflow defines Kubeflow's kinds and roles, and has its profile controller work until the test ends.
func (w *tour) runKubeflow(t *testing.T) {
	t.Helper()
	acme := filepath.Join(shared.root, "examples", "acme")
	if err := w.cp.Apply(t.Context(), filepath.Join(acme, "crds"), filepath.Join(acme, "kubeflow", "cluster-roles.yaml")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- kubeflow.Run(ctx, w.cp.AdminConfig()) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("profile controller: %v", err)
		}
	})
}

// check waits until exactly what should be stored is.
func (w *tour) check(t *testing.T, when string) {
	t.Helper()
	w.now.eventually(t, w.client, when, danielNamespace, bobNamespace)
}

// prints fails the test unless the program ended well and each of the texts is on stdout. Blanks count as one.
func (o outcome) prints(t *testing.T, texts ...string) {
	t.Helper()
	o.want(t, 0)
	squeezed := strings.Join(strings.Fields(o.stdout), " ")
	for _, text := range texts {
		if !strings.Contains(squeezed, text) {
			t.Errorf("stdout lacks %q:\n%s", text, o.stdout)
		}
	}
}

// walk makes two workspaces, looks at them, changes a quota, and lets Bob in and out again.
func (w *tour) walk(t *testing.T) {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("testdata", "walk", "profiles.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// Two documents in one file.
	w.admin.kubectl(t, "profile", "apply", "-f", file).says(t, 1, "there is no terminal to ask on", "--yes")
	w.admin.kubectl(t, "profile", "apply", "-f", file, "--yes", "--wait").prints(t, danielNamespace+" created", bobNamespace+" created")
	w.now = goldenObjects(t, w.flavor+"-made")
	w.check(t, "made")
	again := w.admin.kubectl(t, "profile", "apply", "-f", file, "--yes", "--wait")
	again.prints(t)
	again.hears(t, "nothing to do")
	w.check(t, "applied again")

	// Look at them.
	w.admin.kubectl(t, "profile").prints(t, "NAME OWNER MEMBERS QUOTA STATUS AGE FLAVOR",
		danielNamespace+" user:daniel@test.com 1 owner cpu [-----] 0/2, memory [-----] 0/2Gi, and 3 more Ready",
		bobNamespace+" user:bob@test.com 1 owner <none> Ready")
	w.admin.kubectl(t, "profile", "describe", danielNamespace).prints(t, "Name: "+danielNamespace, "Status: Ready",
		"Owner: user:daniel@test.com", "requests.nvidia.com/gpu 0 1", "rolebinding/"+w.ownerBinding()+" ok", "Findings: <none>")
	w.admin.kubectl(t, "profile", "wait", danielNamespace, bobNamespace).prints(t, "profile "+bobNamespace+" is ready")

	w.quota(t)
	w.members(t)
}

// ownerBinding is the name of the binding of a workspace's owner.
func (w *tour) ownerBinding() string {
	if w.flavor == "native" {
		return "gatehouse-owner"
	}
	return "namespaceAdmin"
}

// quota raises a limit, and takes another away.
func (w *tour) quota(t *testing.T) {
	t.Helper()
	w.admin.kubectl(t, "profile", "quota", "set", danielNamespace, "gpus=1", "--yes").says(t, 1, "gpus")
	w.admin.kubectl(t, "profile", "quota", "set", danielNamespace, "cpu=4", "--yes").want(t, 0)
	w.admin.kubectl(t, "profile", "quota", "unset", danielNamespace, "requests.nvidia.com/gpu", "--yes").want(t, 0)
	hard := map[string]any{"cpu": "4", "memory": "2Gi", "persistentvolumeclaims": "1", "requests.storage": "5Gi"}
	name := "gatehouse-quota"
	if w.flavor == "kubeflow" {
		name = "kf-resource-quota"
		w.now = w.now.with(t, "Profile /"+danielNamespace, hard, "spec", "resourceQuotaSpec", "hard")
	}
	w.now = w.now.with(t, "ResourceQuota "+danielNamespace+"/"+name, hard, "spec", "hard")
	w.check(t, "quota")
	w.admin.kubectl(t, "profile", "quota", "show", danielNamespace).prints(t, danielNamespace+" cpu 0 4 [-----] 0% "+name)
}

// members lets Bob into Daniel's workspace, changes what he may, and takes it from him, seen from Bob's side too.
func (w *tour) members(t *testing.T) {
	t.Helper()
	in := []string{"-n", danielNamespace, "--yes"}
	contrib := func(args ...string) outcome {
		return w.admin.kubectl(t, append(append([]string{"contrib"}, args...), in...)...)
	}
	may := func(verb string, code int) {
		t.Helper()
		w.bob.kubectl(t, "auth", "can-i", verb, "pods", "-n", danielNamespace).want(t, code)
	}
	seen := func() outcome { return w.bob.kubectl(t, "profile", "list", "-o", "csv", "-n", danielNamespace) }
	made := w.now

	may("get", 1)
	contrib("add", "bob@test.com", "--role", "editor").prints(t, " created")
	w.now = made.plus(goldenObjects(t, w.flavor+"-editor"))
	w.check(t, "added")
	may("create", 0)
	seen().prints(t, danielNamespace+",editor")
	w.admin.kubectl(t, "profile", "list", "--user", "bob@test.com").prints(t, danielNamespace+" editor user:daniel@test.com",
		bobNamespace+" owner user:bob@test.com")
	w.admin.kubectl(t, "contrib", "list", "-n", danielNamespace).prints(t, "user:bob@test.com editor")

	contrib("set-role", "bob@test.com", "--role", "viewer").prints(t, " deleted")
	w.now = made.plus(goldenObjects(t, w.flavor+"-viewer"))
	w.check(t, "another role")
	may("create", 1)
	may("get", 0)
	seen().prints(t, danielNamespace+",viewer")

	contrib("remove", "bob@test.com").prints(t, " deleted")
	w.now = made
	w.check(t, "removed")
	may("get", 1)
	if out := seen(); strings.Contains(out.stdout, danielNamespace) {
		t.Errorf("Bob still sees the workspace:\n%s", out.stdout)
	}
}

// leave hands a workspace on and deletes it.
func (w *tour) leave(t *testing.T, object string) {
	t.Helper()
	w.admin.kubectl(t, "profile", "transfer", danielNamespace, "--owner", "bob@test.com", "--yes").hears(t, "verified: every place says")
	w.admin.kubectl(t, "profile", "describe", danielNamespace).prints(t, "Owner: user:bob@test.com", "Status: Ready", "Findings: <none>")
	w.admin.kubectl(t, "profile", "delete", danielNamespace).says(t, 1, "there is no terminal to ask on")
	w.admin.kubectl(t, "profile", "delete", danielNamespace, "--yes").prints(t, " deleted")
	// The garbage collector looks for new kinds twice a minute, and only then takes the namespace of a Profile.
	const turns = 3
	for turn := 1; ; turn++ {
		out := w.admin.kubectl(t, "profile", "wait", danielNamespace, "--for", "deleted", "--timeout", "50s")
		t.Logf("waited %s for the deletion", out.wall.Round(time.Second))
		if out.code == 0 {
			break
		}
		if turn == turns {
			out.want(t, 0)
		}
		out.says(t, 1, "is not deleted after 50s: Terminating")
	}
	left := stored(t, w.client, danielNamespace)
	if len(left) > 0 || w.now[object] == nil {
		t.Errorf("after the deletion there is still: %v", left)
	}
	w.admin.kubectl(t, "profile", "wait", danielNamespace, "--for", "deleted", "--timeout", "0").prints(t, "is deleted")
	w.admin.kubectl(t, "profile", "list", "-o", "name").prints(t, bobNamespace)
}
