// Package workspacetest holds objects of workspaces for tests: they are written as YAML, read as the commands read them,
// and changed by plans as an API server would. It is imported by tests only.
package workspacetest

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Now is the time of every state: noon of 22 November 2026, UTC.
func Now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// World is a set of objects, by group, kind, namespace and name.
type World map[string]*unstructured.Unstructured

func key(o *unstructured.Unstructured) string {
	return o.GroupVersionKind().Group + "/" + o.GetKind() + "/" + o.GetNamespace() + "/" + o.GetName()
}

// Parse reads YAML documents; a later one replaces an earlier one of the same kind and name.
func Parse(t testing.TB, texts ...string) World {
	t.Helper()
	out := World{}
	for _, text := range texts {
		for doc := range strings.SplitSeq(text, "\n---\n") {
			o := &unstructured.Unstructured{}
			if err := yaml.Unmarshal([]byte(doc), &o.Object); err != nil {
				t.Fatalf("%v in\n%s", err, doc)
			}
			if o.GetKind() != "" {
				out[key(o)] = o
			}
		}
	}
	return out
}

// State reads the objects as the commands read manifests. change, which may be nil, alters what was read.
func (w World) State(t testing.TB, change func(*inventory.Inventory), kinds ...inventory.Kind) *workspace.State {
	t.Helper()
	var text bytes.Buffer
	for _, k := range slices.Sorted(maps.Keys(w)) {
		doc, err := yaml.Marshal(w[k].Object)
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n" + string(doc))
	}
	options := source.FilesOptions{Stdin: &text}
	inv, err := source.FileInventory(t.Context(), []string{"-"}, options, inventory.Want{Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(inv)
	}
	return workspace.NewState(inv, workspace.Options{Now: Now()})
}

// Repair does what a server would do with the fixes of findings, and returns how many objects it changed. A fix that
// does not fit the objects fails the test, and so does a step without a unit or a reason.
func (w World) Repair(t testing.TB, findings []finding.Finding) int {
	t.Helper()
	var fixes []plan.Plan
	for _, f := range findings {
		if f.Fix != nil {
			fixes = append(fixes, *f.Fix)
		}
	}
	p, err := plan.Join("repair", fixes...)
	if err != nil {
		t.Fatalf("join fixes: %v", err)
	}
	for _, s := range p.Steps {
		target := s.Object
		if target == nil {
			target = s.Old
		}
		_, there := w[key(target)]
		if there == (s.Verb == plan.Create) {
			t.Errorf("%s: it is there: %v", s, there)
		}
		if s.Unit == "" || s.Why == "" {
			t.Errorf("%s: unit %q, why %q", s, s.Unit, s.Why)
		}
		switch s.Verb {
		case plan.Delete:
			delete(w, key(target))
		case plan.Create, plan.Update:
			w[key(target)] = s.Object.DeepCopy()
		}
	}
	return len(p.Steps)
}

// Objects returns the keys of all objects, sorted.
func (w World) Objects() []string { return slices.Sorted(maps.Keys(w)) }

// Lines shows findings: id, severity, object, whether there is a fix, message.
func Lines(findings []finding.Finding) []string {
	out := []string{}
	for _, f := range findings {
		fix := "-"
		if f.Fix != nil {
			fix = "fix"
		}
		out = append(out, strings.Join([]string{f.ID, string(f.Severity), f.Object, fix, f.Message}, " | "))
	}
	return out
}
