package sso_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/sso"
)

var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func read(t *testing.T, path string) (*sso.State, *rbac.Index) {
	t.Helper()
	moment, err := source.FileMoment(t.Context(), []string{path}, source.FilesOptions{}, inventory.Want{Kinds: sso.JudgedKinds()})
	if err != nil {
		t.Fatal(err)
	}
	return sso.NewState(moment.Inventory, now), rbac.Compile(moment.Snapshot)
}

func judge(s *sso.State, index *rbac.Index) []finding.Finding {
	out := append(sso.Judge(s), sso.JudgeRights(s, index)...)
	finding.Sort(out)
	return out
}

// Every rule has a fixture that breaks it; where nothing is wrong nothing is found.
func TestChecks(t *testing.T) {
	t.Parallel()
	if found := judge(read(t, "testdata/check/clean.yaml")); len(found) > 0 {
		t.Errorf("found where nothing is wrong: %v", found)
	}
	for _, check := range sso.Checks() {
		t.Run(check.ID, func(t *testing.T) {
			t.Parallel()
			found := judge(read(t, filepath.Join("testdata/check", check.ID+".yaml")))
			var text strings.Builder
			for _, f := range found {
				fmt.Fprintf(&text, "%s %s %s\n  %s\n  %s\n", f.ID, f.Severity, f.Object, f.Message, strings.ReplaceAll(f.Why, "\n", "\n  "))
				if f.Fix != nil {
					for _, step := range f.Fix.Strings() {
						fmt.Fprintf(&text, "  fix: %s\n", step)
					}
				}
			}
			golden.Equal(t, text.String(), "check/"+check.ID)
			if !slices.ContainsFunc(found, func(f finding.Finding) bool { return f.ID == check.ID && f.Severity == check.Severity }) {
				t.Errorf("%s is not found", check.ID)
			}
			if strings.Contains(text.String(), "not-a-") {
				t.Error("a secret is in a finding")
			}
		})
	}
}

// Of the ClusterRole that Kalm has made for a component three things can be wrong.
func TestComponentRoles(t *testing.T) {
	t.Parallel()
	component := func(ns, verb string) string {
		return "---\napiVersion: core.kalm.dev/v1alpha1\nkind: Component\nmetadata: {name: batch, namespace: " + ns + "}\n" +
			"spec: {image: batch, runnerPermission: {roleType: clusterRole, rules: [{apiGroups: [''], resources: [secrets], verbs: [" + verb + "]}]}}\n"
	}
	tests := map[string]struct {
		components string
		want       []string
	}{
		"nobody asks":  {"", []string{"no component batch asks for it any more"}},
		"other rules":  {component("shop", "get"), []string{"its rules are not those of component shop/batch"}},
		"two ask":      {component("shop", "list") + component("desk", "list"), []string{"components of desk, shop share it"}},
		"as it should": {component("shop", "list"), nil},
	}
	data, err := os.ReadFile("testdata/check/SS019.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "world.yaml")
			if err := os.WriteFile(path, append(slices.Clone(data), tc.components...), 0o600); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range judge(read(t, path)) {
				if f.ID == "SS019" {
					got = append(got, f.Message)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

// What a fix leaves has no such finding any more.
func TestFixes(t *testing.T) {
	t.Parallel()
	fixed := map[string]bool{}
	for _, check := range sso.Checks() {
		s, index := read(t, filepath.Join("testdata/check", check.ID+".yaml"))
		for _, f := range judge(s, index) {
			if f.Fix == nil || f.ID != check.ID {
				continue
			}
			fixed[f.ID] = true
			if err := f.Fix.Validate(); err != nil {
				t.Fatalf("%s: %v", f.ID, err)
			}
			inv := *s.Inventory
			carryOut(t, &inv, f.Fix)
			for _, left := range judge(sso.NewState(&inv, now), index) {
				if left.ID == f.ID {
					t.Errorf("%s is still there after its fix: %s", f.ID, left.Message)
				}
			}
		}
	}
	if diff := cmp.Diff(map[string]bool{"SS006": true, "SS010": true}, fixed); diff != "" {
		t.Errorf("rules with a fix (-want +got):\n%s", diff)
	}
}

// carryOut does to an inventory what a plan does to a cluster.
func carryOut(t *testing.T, inv *inventory.Inventory, p *plan.Plan) {
	t.Helper()
	custom := map[inventory.Kind][]*unstructured.Unstructured{}
	for kind, objects := range inv.Custom {
		for _, o := range objects {
			i := slices.IndexFunc(p.Steps, func(s plan.Step) bool {
				return s.Old.GetKind() == o.GetKind() && s.Old.GetNamespace() == o.GetNamespace() && s.Old.GetName() == o.GetName()
			})
			switch {
			case i < 0:
				custom[kind] = append(custom[kind], o)
			case p.Steps[i].Verb == plan.Update:
				custom[kind] = append(custom[kind], p.Steps[i].Object)
			}
		}
	}
	inv.Custom = custom
}

// Rules are silent when what they need was not read.
func TestSilent(t *testing.T) {
	t.Parallel()
	for _, check := range sso.Checks() {
		s, index := read(t, filepath.Join("testdata/check", check.ID+".yaml"))
		if slices.Contains(sso.RightsRules(), check.ID) {
			snap := *index.Snapshot()
			snap.Gaps = []rbac.Gap{{What: "roles", Cause: "forbidden"}}
			if found := sso.JudgeRights(s, rbac.Compile(&snap)); len(found) > 0 {
				t.Errorf("%s: found without all roles: %v", check.ID, found)
			}
			continue
		}
		for _, kind := range check.Needs {
			inv := *s.Inventory
			inv.Gaps = []rbac.Gap{{What: string(kind), Cause: "forbidden"}}
			inv.Custom = map[inventory.Kind][]*unstructured.Unstructured{}
			for k, objects := range s.Inventory.Custom {
				if k != kind {
					inv.Custom[k] = objects
				}
			}
			if kind == inventory.Namespaces {
				inv.Namespaces = nil
			}
			for _, f := range sso.Judge(sso.NewState(&inv, now)) {
				if f.ID == check.ID {
					t.Errorf("%s is found without %s: %s", check.ID, kind, f.Message)
				}
			}
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, rule := range sso.Rules() {
		ids = append(ids, rule.ID)
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Errorf("rules are not in order: %q", ids)
	}
	for _, id := range sso.RightsRules() {
		if !slices.Contains(ids, id) {
			t.Errorf("%s is no rule", id)
		}
	}
}
