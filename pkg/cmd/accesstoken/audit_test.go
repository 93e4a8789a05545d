package accesstoken

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// audited are the findings about a directory.
func audited(t *testing.T, dir string, args ...string) []finding.Finding {
	t.Helper()
	out := execute(t, "", append([]string{"audit", "--severity", "info", "-o", "json", "--from", dir}, args...)...)
	var answer struct{ Findings []finding.Finding }
	if err := json.Unmarshal([]byte(out.Stdout), &answer); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return answer.Findings
}

// TestAuditFindsEverything has each rule find something in the examples.
func TestAuditFindsEverything(t *testing.T) {
	t.Parallel()
	found := audited(t, tokens)
	for _, check := range token.Checks() {
		i := slices.IndexFunc(found, func(f finding.Finding) bool { return f.ID == check.ID })
		if i < 0 {
			t.Errorf("%s (%s) finds nothing in the examples", check.ID, check.Title)
		} else if found[i].Severity != check.Severity || found[i].Message == "" || found[i].Why == "" {
			t.Errorf("%s: %+v", check.ID, found[i])
		}
	}
	for _, f := range found {
		if strings.Contains(f.Object, "/good") {
			t.Errorf("something is found about what is right: %+v", f)
		}
	}
}

// TestAuditFixes carries out the fix of each finding by itself: then it is not found any more, and nothing new is.
func TestAuditFixes(t *testing.T) {
	t.Parallel()
	before := audited(t, tokens)
	fixed := map[string]bool{}
	for _, f := range before {
		if f.Fix == nil {
			continue
		}
		fixed[f.ID] = true
		t.Run(f.ID+" "+strings.ReplaceAll(f.Object, "/", " "), func(t *testing.T) {
			t.Parallel()
			for _, after := range audited(t, carriedOut(t, *f.Fix)) {
				same := func(other finding.Finding) bool {
					return other.ID == after.ID && other.Object == after.Object && other.Message == after.Message
				}
				if same(f) {
					t.Errorf("it is still there: %s", after.Message)
				} else if !slices.ContainsFunc(before, same) && after.ID != "TK015" && after.ID != "TK016" {
					t.Errorf("there is something new: %s %s: %s", after.ID, after.Object, after.Message)
				}
			}
		})
	}
	for _, id := range []string{"TK002", "TK004", "TK008", "TK010", "TK011", "TK012", "TK018", "TK022"} {
		if !fixed[id] {
			t.Errorf("%s has no fix", id)
		}
	}
}

// carriedOut writes the examples as they would be after a plan into a directory.
func carriedOut(t *testing.T, p plan.Plan) string {
	t.Helper()
	key := func(o *unstructured.Unstructured) string {
		return o.GroupVersionKind().GroupKind().String() + " " + o.GetNamespace() + "/" + o.GetName()
	}
	objects := map[string]*unstructured.Unstructured{}
	files, err := filepath.Glob(tokens + "/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for document := range bytes.SplitSeq(data, []byte("---\n")) {
			o := &unstructured.Unstructured{}
			if err := yaml.Unmarshal(document, &o.Object); err != nil {
				t.Fatal(err)
			}
			objects[key(o)] = o
		}
	}
	for _, step := range p.Steps {
		switch step.Verb {
		case plan.Delete:
			o := step.Old
			if step.Object != nil {
				o = step.Object
			}
			delete(objects, key(o))
		case plan.Update:
			now, fields := objects[key(step.Object)], [][]string{{"rules"}}
			if step.Object.GetKind() == "AccessToken" {
				fields = [][]string{{"spec", "rules"}, {"spec", "expiredAt"}} // the rest is not what was read: its token is left out
			}
			for _, field := range fields {
				value, found, err := unstructured.NestedFieldCopy(step.Object.Object, field...)
				if err == nil && found {
					err = unstructured.SetNestedField(now.Object, value, field...)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		case plan.Create:
			t.Fatalf("%s: no fix makes anything", step)
		}
	}
	var out bytes.Buffer
	for _, o := range objects {
		data, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n")
		out.Write(data)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "all.yaml"), out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
