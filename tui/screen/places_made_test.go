package screen_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// madeWorld is what a manifest holds; alter, which may be nil, changes what was read.
func madeWorld(t *testing.T, manifest string, alter func(*world.World)) *world.World {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.yaml")
	if err := os.WriteFile(path, []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := readWorld(path)
	if err != nil {
		t.Fatal(err)
	}
	if alter == nil {
		return w
	}
	alter(w)
	return world.New(w.Moment, w.Frame, w.Now)
}

func build(t *testing.T, w *world.World, p screen.Place) *screen.Page {
	t.Helper()
	page, err := screen.Build(w, p)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// cells are the texts of the named columns, a line a row; a tone that is not plain follows in brackets.
func cells(t *testing.T, l *screen.List, names ...string) []string {
	t.Helper()
	tones := map[screen.Tone]string{screen.Good: "good", screen.Warn: "warn", screen.Bad: "bad"}
	var out []string
	for row := range l.Rows {
		var texts []string
		for _, name := range names {
			at := -1
			for i, c := range l.Columns {
				if c.Name == name {
					at = i
				}
			}
			if at < 0 {
				t.Fatalf("there is no column %q", name)
			}
			c := l.Cell(row, at)
			if tone := tones[c.Tone]; tone != "" {
				c.Text += " [" + tone + "]"
			}
			texts = append(texts, c.Text)
		}
		out = append(out, strings.Join(texts, " | "))
	}
	return out
}

// grant is a role binding in the namespace dev.
func grant(name, user, annotations string) string {
	return `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: dev, name: ` + name + `, annotations: {` + annotations + `}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "` + user + `"}]`
}

const devNamespace = `
---
apiVersion: v1
kind: Namespace
metadata: {name: dev, creationTimestamp: "2026-11-12T12:00:00Z"}`

// What has ended comes first, then what ends next; what never ends comes last.
func TestGrantsByExpiry(t *testing.T) {
	t.Parallel()
	w := madeWorld(t, devNamespace+grant("a", "never", "")+
		grant("b", "next-year", `gatehouse.dev/expires: "2027-11-22"`)+
		grant("c", "tomorrow", `gatehouse.dev/expires: "2026-11-23T12:00:00Z"`)+
		grant("d", "ended", `gatehouse.dev/expires: "2026-11-20"`)+
		grant("e", "just-now", `gatehouse.dev/expires: "2026-11-22T12:00:00Z"`)+
		grant("f", "no-date", `gatehouse.dev/expires: "soon"`), nil)
	page := build(t, w, screen.Place{Kind: screen.Grants})
	want := []string{
		"user:ended | ended 2d12h ago (2026-11-20) [bad]",
		"user:just-now | ended 0s ago (2026-11-22T12:00:00Z) [bad]",
		"user:tomorrow | in 24h (2026-11-23T12:00:00Z) [warn]",
		"user:next-year | in 364d (2027-11-22)",
		"user:never | never",
		"user:no-date | never",
	}
	if diff := cmp.Diff(want, cells(t, page.List, "Subject", "Expires")); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
	for row := range page.List.Rows { // by number, descending is soonest first, and no number last
		if n := page.List.Cell(row, 3).Number; math.IsNaN(n) != (row > 3) || row > 0 && row <= 3 && n >= page.List.Cell(row-1, 3).Number {
			t.Errorf("row %d is in its place by %v", row, n)
		}
	}
	facts := []screen.Fact{
		{Name: "subjects", Value: "6"},
		{Name: "ended, and still there", Value: "2", Tone: screen.Bad},
		{Name: "ending within a week", Value: "1", Tone: screen.Warn},
	}
	if diff := cmp.Diff(facts, page.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
	remarks := cells(t, page.List, "Remarks")
	if !strings.HasPrefix(remarks[0], "GH001 ") || !strings.HasPrefix(remarks[5], "GH004 ") || remarks[4] != "-" {
		t.Errorf("remarks: %q", remarks)
	}
}

const quotas = `
---
apiVersion: kubeflow.org/v1
kind: Profile
metadata: {name: dev, creationTimestamp: "2026-11-12T12:00:00Z"}
spec:
  owner: {apiGroup: rbac.authorization.k8s.io, kind: User, name: ann}
  resourceQuotaSpec: {hard: {cpu: "8", memory: 32Gi, pods: "10"}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {namespace: dev, name: kf-resource-quota}
spec: {hard: {cpu: "4", memory: 32Gi, services: "5"}}
status: {hard: {cpu: "4", memory: 32Gi, services: "5"}, used: {cpu: 3600m, memory: 40Gi, services: "0"}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {namespace: dev, name: batch}
spec: {hard: {requests.cpu: "4"}, scopes: [Terminating, NotBestEffort]}`

// A quota is compared with the profile that it is made from, limit by limit.
func TestQuotaTab(t *testing.T) {
	t.Parallel()
	w := madeWorld(t, devNamespace+quotas, nil)
	page := build(t, w, screen.Place{Kind: screen.Workspace, Name: "dev", Tab: "quota"})
	want := []string{
		"cpu | 90% [warn] | 3600m | 4 | kf-resource-quota | - | ≠ 8 [warn]",
		"requests.cpu | ? | ? | 4 | batch | Terminating, NotBestEffort | -",
		"memory | 125% [bad] | 40Gi | 32Gi | kf-resource-quota | - | the same",
		"pods | ? | ? | 10 | - | - | 10, not in force [warn]",
		"services | 0% | 0 | 5 | kf-resource-quota | - | ≠ no limit [warn]",
	}
	if diff := cmp.Diff(want, cells(t, page.List, "Resource", "Use", "Used", "Hard", "Quota", "Scope", "Profile says")); diff != "" {
		t.Errorf("quota (-want +got):\n%s", diff)
	}
	all := build(t, w, screen.Place{Kind: screen.Namespaces})
	if diff := cmp.Diff([]string{"dev | memory 40Gi/32Gi [bad] | 10d"}, cells(t, all.List, "Name", "Quota", "Age")); diff != "" {
		t.Errorf("namespaces (-want +got):\n%s", diff)
	}
	bar := all.List.Cell(0, 4)
	if !bar.HasBar || bar.Bar != 1.25 {
		t.Errorf("bar %+v", bar)
	}
}

// What could not be read never looks like nothing.
func TestRefused(t *testing.T) {
	t.Parallel()
	refused := func(kind inventory.Kind) rbac.Gap {
		return rbac.Gap{
			What: string(kind) + " in all namespaces", Cause: "forbidden",
			Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{""}, Resources: []string{string(kind)}},
		}
	}
	w := madeWorld(t, devNamespace, func(w *world.World) {
		w.Inventory.Gaps = append(w.Inventory.Gaps, refused(inventory.RoleBindings), refused(inventory.Quotas))
	})
	type answer struct {
		Empty string
		Notes []string
	}
	rule := func(kind string) string {
		return "not all " + kind + ` can be read; it takes the rule {apiGroups: [""], resources: [` + kind + "], verbs: [list]} (forbidden)"
	}
	tests := map[string]struct {
		place screen.Place
		want  answer
	}{
		"grants": {screen.Place{Kind: screen.Grants}, answer{
			"unknown: rolebindings can't be read (forbidden)",
			[]string{"members are missing, or when their roles end: " + rule("rolebindings")},
		}},
		"contributors": {screen.Place{Kind: screen.Workspace, Name: "dev"}, answer{
			"unknown: rolebindings can't be read (forbidden)",
			[]string{"members are missing, or when their roles end: " + rule("rolebindings")},
		}},
		"quota": {screen.Place{Kind: screen.Workspace, Name: "dev", Tab: "quota"}, answer{
			"unknown: resourcequotas can't be read (forbidden)", []string{"quotas are missing: " + rule("resourcequotas")},
		}},
		"findings": {screen.Place{Kind: screen.Findings}, answer{
			"unknown: nothing was found, but not all could be read that it takes to judge",
			[]string{
				"findings may be missing: not all resourcequotas can be read (KF014)",
				"findings may be missing: not all rolebindings can be read (KF002-KF010, KF019, KF020, KL012, QA101, QA102, QA107, QA108, GH001, GH002, GH004)",
			},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := build(t, w, tt.place)
			if diff := cmp.Diff(tt.want, answer{page.List.Empty, page.Notes}); diff != "" {
				t.Errorf("page (-want +got):\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff([]string{"dev | ? [warn] | ? [warn]"}, cells(t, build(t, w, screen.Place{Kind: screen.Namespaces}).List, "Name", "Members", "Quota")); diff != "" {
		t.Errorf("namespaces (-want +got):\n%s", diff)
	}
}

// A gap of another namespace is none of this one's.
func TestRefusedElsewhere(t *testing.T) {
	t.Parallel()
	w := madeWorld(t, devNamespace+grant("a", "ann", ""), func(w *world.World) {
		w.Inventory.Gaps = append(w.Inventory.Gaps,
			rbac.Gap{What: "rolebindings outside of namespace dev", Cause: "forbidden"},
			rbac.Gap{What: "resourcequotas", Namespace: "prod", Cause: "forbidden"})
	})
	for _, tab := range []string{"contributors", "quota", "findings"} {
		page := build(t, w, screen.Place{Kind: screen.Workspace, Name: "dev", Tab: tab})
		if len(page.Notes) > 0 {
			t.Errorf("notes of %s: %q", tab, page.Notes)
		}
	}
}

// Nothing is judged as long as something may be on its way.
func TestStillReading(t *testing.T) {
	t.Parallel()
	w := madeWorld(t, devNamespace+quotas, func(w *world.World) { w.Complete = false })
	page := build(t, w, screen.Place{Kind: screen.Findings})
	if page.List.Rows != 0 || page.List.Empty != "findings come when everything has been read" || len(page.Notes) != 1 {
		t.Errorf("%d findings; %q; notes %q", page.List.Rows, page.List.Empty, page.Notes)
	}
	if got := build(t, w, screen.Place{Kind: screen.Workspace, Name: "dev"}).List.Empty; got != "nobody is a member, as far as it was read" {
		t.Errorf("empty: %q", got)
	}
}

// Names are data: they come through as they are, however long or odd, and are quoted where they meet a shell.
func TestOddNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("長", 10_000)
	w := madeWorld(t, devNamespace+grant("a", `\e[31m$(reboot)\u202e'x`, "")+grant("b", long, ""), nil)
	page := build(t, w, screen.Place{Kind: screen.Workspace, Name: "dev"})
	if diff := cmp.Diff([]string{"user:\x1b[31m$(reboot)\u202e'x", "user:" + long}, cells(t, page.List, "Subject")); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
	want := "kubectl contrib list -n dev --subject 'user:\x1b[31m$(reboot)\u202e'\\''x' --from acme"
	if got := page.List.Command(0); got != want {
		t.Errorf("command %q, want %q", got, want)
	}
}

// What can be asked for at a row.
func TestPlaceWishes(t *testing.T) {
	t.Parallel()
	w := acmeWorld(t)
	words := func(wishes []change.Wish) string {
		var out []string
		for _, wish := range wishes {
			text := strings.TrimSpace(strings.Join([]string{string(wish.Verb), wish.Workspace, string(wish.Role)}, " "))
			if wish.RoleRef != nil {
				text += " " + wish.RoleRef.Kind + "/" + wish.RoleRef.Name
			}
			if wish.Finding != nil {
				text += " " + wish.Finding.ID
			}
			out = append(out, text)
		}
		return strings.Join(out, ", ")
	}
	tests := map[string]struct {
		place screen.Place
		page  string
		rows  []string
	}{
		"namespace": {
			screen.Place{Kind: screen.Workspace, Name: "training"},
			"add training",
			[]string{"remove training"},
		},
		"an owner stays": {screen.Place{Kind: screen.Workspace, Name: "payments"}, "add payments", []string{""}},
		"findings": {
			screen.Place{Kind: screen.Workspace, Name: "team-nlp", Tab: "findings"},
			"add team-nlp",
			[]string{"fix team-nlp KF003", "fix team-nlp KF006", ""},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := build(t, w, tt.place)
			if got := words(page.Wishes); got != tt.page {
				t.Errorf("page: %q, want %q", got, tt.page)
			}
			var rows []string
			for row := range page.List.Rows {
				rows = append(rows, words(page.List.Wishes(row)))
			}
			if diff := cmp.Diff(tt.rows, rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// Where the keys lead from a row.
func TestPlaceJumps(t *testing.T) {
	t.Parallel()
	w := acmeWorld(t)
	tests := map[string]struct {
		place screen.Place
		row   int
		want  map[screen.Kind]screen.Place
	}{
		"namespace": {screen.Place{Kind: screen.Namespaces}, 0, map[screen.Kind]screen.Place{
			screen.Workspace: {Kind: screen.Workspace, Name: "catalog"},
			screen.Subject:   {Kind: screen.Subject, Subject: rbac.User("erin@acme.example")},
			screen.Role:      {}, screen.Binding: {},
		}},
		"member": {screen.Place{Kind: screen.Workspace, Name: "catalog"}, 3, map[screen.Kind]screen.Place{
			screen.Workspace: {Kind: screen.Workspace, Name: "catalog"},
			screen.Subject:   {Kind: screen.Subject, Subject: rbac.User("zoe@acme.example")},
			screen.Role:      {Kind: screen.Role, Namespace: "catalog", Name: "debug-pods"},
			screen.Binding:   {Kind: screen.Binding, Namespace: "catalog", Name: "debug-pods"},
		}},
		"finding": {screen.Place{Kind: screen.Workspace, Name: "team-nlp", Tab: "findings"}, 1, map[screen.Kind]screen.Place{
			screen.Workspace: {Kind: screen.Workspace, Name: "team-nlp"},
			screen.Binding:   {Kind: screen.Binding, Namespace: "team-nlp", Name: "user-omar-acme-example-clusterrole-edit"},
			screen.Role:      {}, screen.Subject: {},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := build(t, w, tt.place).List
			got := map[screen.Kind]screen.Place{}
			for _, kind := range []screen.Kind{screen.Workspace, screen.Subject, screen.Role, screen.Binding} {
				got[kind] = list.Jump(tt.row, kind)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("jumps (-want +got):\n%s", diff)
			}
		})
	}
}
