package judge_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/judge"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/sso"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// acme is the example company, with its Secrets or without.
func acme(t *testing.T, secrets bool) (*workspace.State, *rbac.Index) {
	t.Helper()
	kinds := slices.Concat(profile.JudgedKinds(), clusterauth.JudgedKinds(), queue.JudgedKinds(), token.JudgedKinds(), sso.JudgedKinds())
	if !secrets {
		kinds = slices.DeleteFunc(kinds, func(k inventory.Kind) bool { return k == inventory.Secrets })
	}
	moment, err := source.FileMoment(t.Context(), []string{"../../examples/acme"}, source.FilesOptions{}, inventory.Want{Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	return workspace.NewState(moment.Inventory, workspace.Options{Now: now}), rbac.Compile(moment.Snapshot)
}

// Everything is what the domains find, and nothing else.
func TestAll(t *testing.T) {
	t.Parallel()
	for _, secrets := range []bool{true, false} {
		s, index := acme(t, secrets)
		clusters := clusterauth.NewState(s.Inventory, clusterauth.Options{Now: s.Now})
		want := slices.Concat(
			profile.Judge(s), contrib.Judge(s), clusterauth.Judge(clusters), clusterauth.JudgeEditors(clusters, index),
			queue.Judge(queue.NewState(s.Inventory, index, s.Now)), token.Judge(token.NewState(s.Inventory, index, s.Now)),
			sso.Judge(sso.NewState(s.Inventory, s.Now)), sso.JudgeRights(sso.NewState(s.Inventory, s.Now), index),
		)
		finding.Sort(want)
		got := judge.All(s, index)
		if diff := cmp.Diff(ids(want), ids(got)); diff != "" {
			t.Errorf("findings (-want +got):\n%s", diff)
		}
		var found []string
		for _, f := range got {
			found = append(found, f.ID)
			if !slices.ContainsFunc(judge.Rules(), func(r finding.Rule) bool { return r.ID == f.ID }) {
				t.Errorf("%s is by no rule", f.ID)
			}
		}
		for _, id := range []string{"KF003", "KC001", "AU050", "QA106"} {
			if !slices.Contains(found, id) {
				t.Errorf("%s is not found", id)
			}
		}
		for _, id := range judge.NeedSecrets() {
			if !secrets && slices.Contains(found, id) {
				t.Errorf("%s is found without Secrets", id)
			}
		}
	}
}

func ids(found []finding.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.ID+" "+f.Object+": "+f.Message)
	}
	return out
}

func TestRules(t *testing.T) {
	t.Parallel()
	var got []string
	for _, rule := range judge.Rules() {
		got = append(got, rule.ID)
	}
	if once := slices.Compact(slices.Clone(got)); len(once) != len(got) {
		t.Errorf("rules come twice: %q", got)
	}
	for id, want := range map[string]string{
		"KC001": "clusterauth doctor", "AU050": "clusterauth doctor", "KF003": "profile doctor", "GH001": "profile doctor",
		"QA003": "queueaccess check", "TK001": "accesstoken audit", "SS001": "clusterauth doctor",
	} {
		if doctor := strings.Join(judge.Doctor(id), " "); !slices.Contains(got, id) || doctor != want || !strings.HasPrefix(want, judge.Plugin(id)+" ") {
			t.Errorf("%s: a rule: %v; %s, want %s", id, slices.Contains(got, id), doctor, want)
		}
	}
	if diff := cmp.Diff([]string{"KC015", "KC016", "KC017", "KC018", "KC024"}, judge.NeedSecrets()); diff != "" {
		t.Errorf("need Secrets (-want +got):\n%s", diff)
	}
}

// A snapshot of what was read says the same about native workspaces and when grants end. One that is older, or of another
// program, says nothing about it, and invents nothing.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	kinds := profile.JudgedKinds()
	guest := filepath.Join(t.TempDir(), "guest.yaml")
	if err := os.WriteFile(guest, []byte(`apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: guest, namespace: checkout, annotations: {gatehouse.dev/role: viewer, gatehouse.dev/expires: "2030-01-31T00:00:00Z"}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: guest@acme.example}]
`), 0o600); err != nil {
		t.Fatal(err)
	}
	paths := []string{"../../examples/acme", guest}
	read := func(paths ...string) *workspace.State {
		moment, err := source.FileMoment(t.Context(), paths, source.FilesOptions{}, inventory.Want{Kinds: kinds})
		if err != nil {
			t.Fatal(err)
		}
		return workspace.NewState(moment.Inventory, workspace.Options{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)})
	}
	manifests, err := source.FileMoment(t.Context(), paths, source.FilesOptions{}, inventory.Want{Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	ends := func(s *workspace.State) map[string]time.Time {
		out := map[string]time.Time{}
		for _, m := range s.Members("") {
			if !m.Expires.IsZero() && !m.OfKalm() { // of which snapshots know nothing
				out[m.Workspace+" "+m.Subject.String()] = m.Expires
			}
		}
		return out
	}
	for _, marked := range []bool{true, false} {
		snapshot := *manifests.Snapshot
		if snapshot.Marked = marked; !marked {
			snapshot.Bindings, snapshot.Namespaces = slices.Clone(snapshot.Bindings), slices.Clone(snapshot.Namespaces)
			for i := range snapshot.Bindings {
				snapshot.Bindings[i].Annotations = nil
			}
			for i := range snapshot.Namespaces {
				snapshot.Namespaces[i].Annotations = nil
			}
		}
		path := filepath.Join(t.TempDir(), "acme.ghs")
		if err := source.WriteSnapshotFile(path, &snapshot); err != nil {
			t.Fatal(err)
		}
		s := read(path)
		want := map[string]time.Time{}
		if marked {
			want = ends(read(paths...))
		}
		if diff := cmp.Diff(want, ends(s)); diff != "" || marked && len(want) == 0 {
			t.Errorf("marked %v: ends (-want +got):\n%s", marked, diff)
		}
		for _, m := range s.Members("") {
			if m.Unmarked && (marked || !m.Expires.IsZero()) {
				t.Errorf("marked %v: the end of %s is not known", marked, m.Subject)
			}
		}
		// Profiles come from manifests beside it: whose their namespaces are is not known without annotations.
		both := read("../../examples/acme/kubeflow", path)
		for _, w := range both.Workspaces() {
			if w.Status.Phase == workspace.Conflict && !marked {
				t.Errorf("%s: %s", w.Name, w.Status.Why)
			}
		}
		for _, f := range slices.Concat(judge.Workspaces(s), judge.Workspaces(both)) {
			if f.ID == "GH002" || f.ID == "KF001" && !marked {
				t.Errorf("marked %v: %s: %s", marked, f.Object, f.Message)
			}
		}
		silent := slices.ContainsFunc(judge.Silences(s.Inventory), func(s finding.Silence) bool {
			return s.Kind == inventory.Namespaces && slices.Contains(s.Rules, "GH002")
		})
		if silent == marked {
			t.Errorf("marked %v: GH002 is told to be silent: %v", marked, silent)
		}
	}
}

// Where there are no queues and no tokens, nothing is said of either; nor where their kinds were not asked for.
func TestSilentSystems(t *testing.T) {
	t.Parallel()
	for name, inv := range map[string]*inventory.Inventory{
		"not asked for": {Live: true},
		"not served": {Live: true, Served: map[inventory.Kind]bool{
			inventory.Namespaces: true, inventory.RoleBindings: true, inventory.Webhooks: true, inventory.QueueOperators: true,
			inventory.TokenSecrets: true, inventory.ServiceAccounts: true, inventory.Jobs: true,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := workspace.NewState(inv, workspace.Options{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)})
			if found := judge.All(s, rbac.Compile(&rbac.Snapshot{})); len(found) > 0 {
				t.Errorf("found %q", ids(found))
			}
		})
	}
}

// Of a LocalQueue in which work may wait that was not read it is not said that none does.
func TestWorkloadsUnread(t *testing.T) {
	t.Parallel()
	for _, read := range []bool{true, false} {
		kinds := slices.DeleteFunc(queue.JudgedKinds(), func(k inventory.Kind) bool { return k == inventory.Workloads && !read })
		inv, err := source.FileInventory(t.Context(), []string{"../../examples/queues/lab"}, source.FilesOptions{}, inventory.Want{Kinds: kinds})
		if err != nil {
			t.Fatal(err)
		}
		inv.Live, inv.Served[inventory.Workloads] = true, read
		found := judge.Queues(queue.NewState(inv, nil, time.Time{}))
		i := slices.IndexFunc(found, func(f finding.Finding) bool { return f.ID == "QA004" })
		if i < 0 || strings.Contains(found[i].Why, "No workload uses it") != read {
			t.Errorf("workloads read: %v; %+v", read, found)
		}
	}
}
