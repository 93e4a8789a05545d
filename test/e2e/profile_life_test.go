package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestProfileLife goes through what happens to workspaces besides the plain walk: labels and members that have to wait
// for the controller, namespaces that were there before, owners that somebody changed by hand, deletions that hang.
func TestProfileLife(t *testing.T) {
	w := newTour(t, "kubeflow")
	w.runKubeflow(t)
	for _, part := range []struct {
		name string
		test func(*tour, *testing.T)
	}{
		{"create", (*tour).create},
		{"apply with members", (*tour).applyMembers},
		{"there and back", (*tour).roundTrip},
		{"adopt", (*tour).adopt},
		{"conflict", (*tour).conflict},
		{"half a transfer", (*tour).halfTransfer},
		{"stuck", (*tour).stuck},
		{"keep the namespace", (*tour).keepNamespace},
		{"no rights", (*tour).noRights},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(w, t) })
	}
}

// profile runs "kubectl profile" as the superuser.
func (w *tour) profile(t *testing.T, args ...string) outcome {
	t.Helper()
	return w.admin.kubectl(t, append([]string{"profile"}, args...)...)
}

// get reads one field of an object with kubectl, empty when it is not there.
func (w *tour) get(t *testing.T, path string, args ...string) string {
	t.Helper()
	out := w.admin.kubectl(t, append(append([]string{"get"}, args...), "--ignore-not-found", "-o", "jsonpath="+path)...)
	out.want(t, 0)
	return out.stdout
}

func same(t *testing.T, what, want, got string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func (w *tour) create(t *testing.T) {
	w.profile(t, "create", "audio", "--owner", "nina@test.com", "--dry-run=server", "-o", "yaml").prints(t, "name: nina@test.com")
	same(t, "after a dry run", "", w.get(t, "{.metadata.name}", "profiles.kubeflow.org", "audio"))
	w.profile(t, "create", "audio", "--owner", "nina@test.com", "--quota", "cpu=8,memory=32Gi", "--label", "team=audio", "--limit-range",
		"--yes", "--wait").hears(t, "profile audio is ready")
	same(t, "label", "audio", w.get(t, "{.metadata.labels.team}", "namespace", "audio"))
	same(t, "limit range", "gatehouse-limits", w.get(t, "{.items[*].metadata.name}", "limitrange", "-n", "audio"))
	same(t, "quota", "8", w.get(t, "{.spec.hard.cpu}", "resourcequota", "kf-resource-quota", "-n", "audio"))
	w.profile(t, "create", "audio", "--owner", "somebody@test.com", "--yes").says(t, 1, "it belongs to user:nina@test.com", "profile transfer audio")
	w.profile(t, "register", "Ann.Lee@test.com", "--yes", "--wait").hears(t, "is called ann-lee", "profile ann-lee is ready")
}

func (w *tour) applyMembers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "team.yaml")
	text := `profiles:
- name: video
  owner: nina@test.com
  labels: {team: video}
  members:
  - {subject: bob@test.com, role: editor}
  - {subject: "group:readers", role: viewer}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out := w.profile(t, "apply", "-f", file, "--yes")
	out.prints(t, "profile.kubeflow.org/video created", "namespace/video configured",
		"rolebinding.rbac.authorization.k8s.io/user-bob-test-com-clusterrole-edit created",
		"authorizationpolicy.security.istio.io/group-readers-clusterrole-view created")
	out.hears(t, "as soon as the new namespaces are there")
	w.profile(t, "apply", "-f", file, "--yes", "--wait").hears(t, "nothing to do", "profile video is ready")
	w.profile(t, "list", "-n", "video").prints(t, "1 owner, 1 editor, 1 viewer")

	// Without Bob, and with what the file does not name taken away.
	text = strings.Replace(text, "  - {subject: bob@test.com, role: editor}\n", "", 1)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.profile(t, "apply", "-f", file, "--yes").hears(t, "nothing to do")
	w.profile(t, "apply", "-f", file, "--prune", "--dry-run=server").prints(t, "user-bob-test-com-clusterrole-edit deleted",
		"profile.kubeflow.org/audio deleted")
	w.profile(t, "list", "-n", "video").prints(t, "1 owner, 1 editor, 1 viewer")
}

func (w *tour) roundTrip(t *testing.T) {
	exported := w.profile(t, "export", "--short")
	exported.prints(t, "name: audio", "name: video", "subject: user:bob@test.com")
	w.admin.run(t, strings.NewReader(exported.stdout), shared.kubectl(), "profile", "apply", "-f", "-", "--yes").hears(t, "nothing to do")
	// The manifests are what kubectl takes too: it has nothing to change either.
	manifests := w.profile(t, "export")
	diff := w.admin.run(t, strings.NewReader(manifests.stdout), shared.kubectl(), "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-")
	diff.prints(t, "profile.kubeflow.org/video serverside-applied", "rolebinding.rbac.authorization.k8s.io/user-bob-test-com-clusterrole-edit")
}

func (w *tour) adopt(t *testing.T) {
	w.admin.kubectl(t, "create", "namespace", "old").want(t, 0)
	w.admin.kubectl(t, "create", "configmap", "data", "-n", "old", "--from-literal=a=b").want(t, 0)
	w.profile(t, "create", "old", "--owner", "nina@test.com", "--yes").says(t, 1, "profile adopt old")
	w.profile(t, "adopt", "old", "--owner", "nina@test.com", "--yes", "--wait").hears(t, "profile old is ready")
	same(t, "owner reference", w.get(t, "{.metadata.uid}", "profiles.kubeflow.org", "old"), w.get(t, "{.metadata.ownerReferences[0].uid}", "namespace", "old"))
	same(t, "istio", "enabled", w.get(t, "{.metadata.labels.istio-injection}", "namespace", "old"))
	same(t, "data", "b", w.get(t, "{.data.a}", "configmap", "data", "-n", "old"))
	w.profile(t, "adopt", "old", "--owner", "nina@test.com", "--yes").hears(t, "nothing to do")
}

func (w *tour) conflict(t *testing.T) {
	w.admin.kubectl(t, "create", "namespace", "taken").want(t, 0)
	w.manifest(t, `{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: taken}, spec: {owner: {kind: User, name: eve@test.com}}}`)
	out := w.profile(t, "wait", "taken", "--timeout", "50s")
	out.says(t, 1, "Conflict", "hint: kubectl profile adopt taken")
	if out.wall > 40*time.Second {
		t.Errorf("waiting for what never comes took %s", out.wall)
	}
	w.profile(t, "adopt", "taken", "--owner", "eve@test.com", "--yes", "--wait").hears(t, "profile taken is ready")
}

func (w *tour) halfTransfer(t *testing.T) {
	w.patchOwner(t, "video", "eve@test.com")
	w.profile(t, "describe", "video").prints(t, "Status: Conflict", "KF001")
	w.profile(t, "transfer", "video", "--owner", "eve@test.com", "--keep-old-as", "viewer", "--yes").hears(t, "verified: every place says that user:eve@test.com owns video")
	w.profile(t, "describe", "video").prints(t, "Status: Ready", "user:eve@test.com owner", "user:nina@test.com viewer")
}

func (w *tour) stuck(t *testing.T) {
	w.patchOwner(t, "taken", "somebody@test.com")
	w.admin.kubectl(t, "delete", "profiles.kubeflow.org", "taken", "--wait=false").want(t, 0)
	w.profile(t, "list", "-n", "taken").prints(t, "Stuck")
	w.profile(t, "wait", "taken", "--for", "deleted", "--timeout", "50s").says(t, 1, "Stuck", "profile delete taken")
	w.profile(t, "delete", "taken", "--yes", "--wait", "--keep-namespace").hears(t, "profile taken is gone")
	same(t, "profile", "", w.get(t, "{.metadata.name}", "profiles.kubeflow.org", "taken"))
}

func (w *tour) keepNamespace(t *testing.T) {
	w.profile(t, "delete", "audio", "--keep-namespace", "--yes", "--wait", "--timeout", "50s").hears(t, "profile audio is gone")
	same(t, "profile", "", w.get(t, "{.metadata.name}", "profiles.kubeflow.org", "audio"))
	time.Sleep(3 * time.Second) // for the garbage collector to take what is not meant to stay
	same(t, "namespace", "Active", w.get(t, "{.status.phase}", "namespace", "audio"))
	same(t, "owner's binding", "nina@test.com", w.get(t, "{.subjects[0].name}", "rolebinding", "namespaceAdmin", "-n", "audio"))
	same(t, "quota", "8", w.get(t, "{.spec.hard.cpu}", "resourcequota", "kf-resource-quota", "-n", "audio"))
	w.profile(t, "adopt", "audio", "--yes", "--wait").hears(t, "profile audio is ready")
}

func (w *tour) noRights(t *testing.T) {
	w.bob.kubectl(t, "profile", "create", "mine", "--owner", "me", "--yes").says(t, 1, "only cluster administrators may write Kubeflow's profiles")
	w.bob.kubectl(t, "profile", "register", "--yes").says(t, 1, "the workspace of bob@test.com is called bob", "only cluster administrators")
	list := w.bob.kubectl(t, "profile", "list")
	list.hears(t, "cannot read", "these are the workspaces that you can be seen to be in")
	if strings.Contains(list.stderr, "it takes the rule") {
		t.Errorf("somebody who sees what is his is told what an administrator needs:\n%s", list.stderr)
	}
	w.bob.kubectl(t, "profile", "list", "--strict").want(t, 2)

	// An owner sees his own workspace, and can't change what only administrators may.
	eve := homeOf(t, w.cp, "eve@test.com")
	out := eve.kubectl(t, "profile", "describe", "video")
	out.prints(t, "Owner: user:eve@test.com", "user:nina@test.com viewer", "profile/video unknown", "namespace/video ok",
		"rolebinding/namespaceAdmin ok", "serviceaccount/default-editor ok")
	out.hears(t, "cannot read profiles video: the answer is partial")
	eve.kubectl(t, "profile", "list", "-n", "video").prints(t, "video owner user:eve@test.com 1 owner")
	eve.kubectl(t, "profile", "list", "-n", "video", "-o", "wide").prints(t, "Unknown", "profiles cannot be read")
	eve.kubectl(t, "profile", "quota", "set", "video", "cpu=1", "--yes").says(t, 1, "profiles")
	eve.kubectl(t, "profile", "delete", "video", "--yes").says(t, 1, "profiles")
	eve.kubectl(t, "profile", "transfer", "video", "--owner", "bob@test.com", "--yes").says(t, 1, "profiles")
	same(t, "owner", "eve@test.com", w.get(t, "{.spec.owner.name}", "profiles.kubeflow.org", "video"))
}

// manifest applies a manifest with kubectl, as people do by hand.
func (w *tour) manifest(t *testing.T, text string) {
	t.Helper()
	w.admin.run(t, strings.NewReader(text), shared.kubectl(), "apply", "-f", "-").want(t, 0)
}

// patchOwner changes the owner in the Profile and nowhere else, which is what people do by hand.
func (w *tour) patchOwner(t *testing.T, name, owner string) {
	t.Helper()
	w.admin.kubectl(t, "patch", "profiles.kubeflow.org", name, "--type=merge", "-p", `{"spec":{"owner":{"name":"`+owner+`"}}}`).want(t, 0)
}
