package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/test/kubeflow"
)

// Everything that manifests can show at once, in one workspace: the fixes go together, and what is left needs a decision.
func TestDoctorEverything(t *testing.T) {
	cp := scratch(t)
	if err := cp.Apply(t.Context(), filepath.Join(shared.root, "test", "kubeflow", "crds", "istiorbac.yaml")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(shared.root, "pkg", "cmd", "profile", "testdata", "doctor", "sick.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	// The first workspace of the file, with the UIDs of this server. A workspace without quota in force takes all objects.
	ill, _, found := strings.Cut(string(text), "metadata: {name: torn, uid")
	ill = strings.NewReplacer(", uid: uid-ill", "", "  uid: uid-namespace\n", "", "name: ill", "name: doctor-sick",
		"namespace: ill", "namespace: doctor-sick").Replace(ill)
	ill, _, _ = strings.Cut(ill, "---\napiVersion: kubeflow.org/v1\nkind: Profile\n")
	file := filepath.Join(t.TempDir(), "sick.yaml")
	if err := os.WriteFile(file, []byte(ill), 0o600); err != nil || !found {
		t.Fatal(found, err)
	}
	if err := cp.Apply(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	h := scratchHome(t, "")
	doctor := func(args ...string) outcome {
		return h.run(t, nil, shared.kubectl(), slices.Concat([]string{"profile", "doctor", "doctor-sick"}, gatewayFlags(), args)...)
	}
	var ids []string
	for _, f := range findingsOf(t, doctor("-o", "json", "--severity", "info"), 1) {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	if diff := cmp.Diff([]string{
		"GH001", "KF002", "KF003", "KF004", "KF005", "KF006", "KF007", "KF008", "KF009", "KF011", "KF012", "KF014", "KF016",
		"KF018", "KF020",
	}, slices.Compact(ids)); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	doctor("--fix", "--severity", "info", "--yes").want(t, 1)
	left := objectsOf(findingsOf(t, doctor("-o", "json", "--severity", "info"), 1))
	if diff := cmp.Diff([]string{
		"KF009 rolebinding doctor-sick/user-dan-x-com-clusterrole-admin", "KF016 profile doctor-sick",
	}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	doctor().want(t, 0)
}

// The example company has on a server what it has in files, and namespaces that do not belong to their profiles.
func TestDoctorAcme(t *testing.T) {
	h := adminHome(t)
	got := objectsOf(findingsOf(t, h.run(t, nil, shared.kubectl(), "profile", "doctor", "-o", "json"), 1))
	if diff := cmp.Diff([]string{
		"KF003 authorizationpolicy team-nlp/user-omar-acme-example-clusterrole-edit",
		"KF003 authorizationpolicy team-vision/user-yuki-acme-example-clusterrole-edit",
		"KF006 rolebinding team-nlp/user-omar-acme-example-clusterrole-edit",
		"KF008 rolebinding team-nlp/user-dana-acme-example-clusterrole-edit",
		"KF012 namespace team-nlp",
		"KF012 namespace team-vision",
		"KL006 rolebinding.core.kalm.dev storefront/storefront-rolebinding-1bd0a0604ccd6796f6c83963973d949d",
	}, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// What Kubeflow's own components write is well, as far as their release does it right; what is wrong in older ones is found
// and repaired, and the controller of today has nothing to add to that. What is added with kubectl contrib is well too.
func TestDoctorReleases(t *testing.T) {
	t.Parallel()
	const (
		bob   = "user-bob-2-x-com-clusterrole-edit"
		group = "group-data-clusterrole-view"
	)
	tests := map[string]struct {
		name string
		want []string
	}{
		"1.7": {"doctor-in-1-7", []string{
			"KF005 authorizationpolicy doctor-in-1-7/ns-owner-access-istio", "KF005 authorizationpolicy doctor-in-1-7/" + bob,
			"KF010 rolebinding doctor-in-1-7/" + group,
		}},
		"1.10":    {"doctor-in-1-10", []string{"KF010 rolebinding doctor-in-1-10/" + group}},
		"2.0":     {"doctor-in-2-0", []string{"KF010 rolebinding doctor-in-2-0/" + group}},
		"planned": {"doctor-in-planned", nil},
	}
	for release, tt := range tests {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, tt.name, release)
			for _, b := range []kubeflow.Binding{
				kubeflow.NewBinding(s.name, "User", "Bob.2@x.com", "edit"), kubeflow.NewBinding(s.name, "Group", "data", "view"),
			} {
				if err := s.kfam.Create(t.Context(), siteOwner, b); err != nil {
					t.Fatal(err)
				}
			}
			doctor := func(args ...string) outcome {
				return s.admin.kubectl(t, slices.Concat([]string{"profile", "doctor", s.name, "--severity", "info"}, gatewayFlags(), args)...)
			}
			code := min(1, len(tt.want))
			s.same("found", tt.want, objectsOf(findingsOf(t, doctor("-o", "json"), code)))
			doctor("--fix", "--yes").want(t, 0)

			s.contrib("add", "cat@x.com", "--role", "viewer", "--yes")
			s.contrib("add", "dan@x.com", "--role", "editor", "--no-http", "--yes")
			s.contrib("add", "group:people", "sa:"+s.name+"/robot", "--role", "editor", "--yes")
			current := newReconciler(t)
			if err := current.Reconcile(t.Context(), s.name); err != nil {
				t.Fatal(err)
			}
			s.same("left", []string(nil), objectsOf(findingsOf(t, doctor("-o", "json"), 0)))
		})
	}
}

// newReconciler returns the controller of today's release.
func newReconciler(t *testing.T) *kubeflow.Controller {
	t.Helper()
	c, err := kubeflow.NewController(scratch(t).AdminConfig(), kubeflow.Current(), facts.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
