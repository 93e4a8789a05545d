package queue_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const fixtures = "testdata/check"

// cluster holds objects as manifests, by their kind, namespace and name: "LocalQueue team-a/science".
type cluster map[string]*unstructured.Unstructured

func objectKey(o *unstructured.Unstructured) string {
	if o.GetNamespace() == "" {
		return o.GetKind() + " " + o.GetName()
	}
	return o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
}

// with returns the cluster with the objects of a file, and without those that a line of it names.
func (c cluster) with(t *testing.T, file string) cluster {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(fixtures, file))
	if err != nil {
		t.Fatal(err)
	}
	out := maps.Clone(c)
	for line := range bytes.Lines(content) {
		name, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "# without ")
		if !ok {
			continue
		}
		if out[name] == nil {
			t.Fatalf("%s: there is no %s to be without", file, name)
		}
		delete(out, name)
	}
	for document := range strings.SplitSeq(string(content), "\n---\n") {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &o.Object); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(o.Object) > 0 {
			out[objectKey(o)] = o
		}
	}
	return out
}

func base(t *testing.T) cluster { return cluster{}.with(t, "base.yaml") }

// apply does what a plan says.
func (c cluster) apply(t *testing.T, p *plan.Plan) cluster {
	t.Helper()
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	out := maps.Clone(c)
	for _, s := range p.Steps {
		object := s.Object
		if object == nil {
			object = s.Old
		}
		key := objectKey(object)
		if there := out[key] != nil; there != (s.Verb != plan.Create) {
			t.Fatalf("%s: it is there: %t", s, there)
		}
		switch s.Verb {
		case plan.Delete:
			delete(out, key)
		case plan.Create:
			out[key] = object
		case plan.Update: // a plan may know of some fields only; what it does not know stays
			changed := out[key].DeepCopy()
			for field, value := range object.Object {
				if field != "metadata" {
					changed.Object[field] = value
				}
			}
			changed.SetLabels(object.GetLabels())
			out[key] = changed
		}
	}
	return out
}

// state reads the cluster as the commands read manifests.
func (c cluster) state(t *testing.T) *queue.State {
	t.Helper()
	var all bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(c)) {
		text, err := yaml.Marshal(c[key].Object)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "---\n%s", text)
	}
	file := filepath.Join(t.TempDir(), "cluster.yaml")
	if err := os.WriteFile(file, all.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return stateOf(t, file)
}

func stateOf(t *testing.T, paths ...string) *queue.State {
	t.Helper()
	quiet := func(string, ...any) {}
	options := source.FilesOptions{Warn: quiet, Note: quiet}
	inv, err := source.FileInventory(context.Background(), paths, options, inventory.Want{Kinds: queue.JudgedKinds()})
	if err != nil {
		t.Fatal(err)
	}
	from, err := source.FilesWith(paths, options)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := from.Load(context.Background(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	return queue.NewState(inv, rbac.Compile(snapshot), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
}

// told writes findings as golden files have them: those of the id in full, others in a line.
func told(id string, found []finding.Finding) string {
	var out strings.Builder
	for _, f := range found {
		fmt.Fprintf(&out, "%s %s %s: %s\n", f.ID, f.Severity, f.Object, f.Message)
		if f.ID != id {
			continue
		}
		if f.Location.Line > 0 {
			fmt.Fprintf(&out, "  line %d\n", f.Location.Line)
		}
		fmt.Fprintf(&out, "  %s\n", f.Why)
		if f.Fix == nil {
			continue
		}
		fmt.Fprintf(&out, "  fix: %s\n", f.Fix.Summary)
		for _, change := range f.Fix.Preview() {
			fmt.Fprintf(&out, "    %s: %s\n", change.Step, change.Step.Why)
			for _, line := range change.Near(0) {
				fmt.Fprintf(&out, "      %c %s\n", line.Op, line.Text)
			}
		}
	}
	return out.String()
}
