package change_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// examples is a cluster that holds examples, stored under UIDs.
func examples(t *testing.T, patterns ...string) *world {
	t.Helper()
	var manifests []string
	for _, pattern := range append(patterns, "acme/crds/*.yaml") {
		files, err := filepath.Glob("../../examples/" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d manifests, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			manifests = append(manifests, string(text))
		}
	}
	return &world{text: strings.Join(manifests, "\n---\n"), self: "root@shop.example", change: func(inv *inventory.Inventory) {
		for _, objects := range inv.Custom {
			for _, o := range objects {
				o.SetUID(types.UID("uid-" + o.GetName()))
				o.SetResourceVersion("1")
			}
		}
		for _, sa := range inv.ServiceAccounts {
			sa.UID, sa.ResourceVersion = types.UID("uid-"+sa.Name), "1"
		}
		for _, b := range inv.RoleBindings {
			b.UID, b.ResourceVersion = types.UID("uid-"+b.Name), "1"
		}
	}}
}

// TestProposeSystems is about queues, tokens, and members of Kalm's.
func TestProposeSystems(t *testing.T) {
	t.Parallel()
	carol, zed := rbac.User("carol@shop.example"), rbac.User("zed@shop.example")
	ill := func(id, object string) change.Wish {
		return change.Wish{Verb: change.Fix, Finding: &finding.Finding{ID: id, Object: object}}
	}
	for name, test := range map[string]struct {
		patterns []string
		wish     change.Wish
		steps    []string
		command  string
	}{
		"a queue is repaired": {
			patterns: []string{"queues/lab/*.yaml"}, wish: ill("QA008", "localqueue other/sneaky"),
			steps: []string{"delete localqueue other/sneaky"}, // and no command repairs this one alone
		},
		"a token is revoked": {
			patterns: []string{"tokens/*.yaml"}, wish: change.Wish{Verb: change.Remove, Workspace: "shop", Token: "good"},
			steps: []string{
				"delete rolebinding shop/good", "delete role shop/good", "delete secret shop/good-20261101-090000", "delete serviceaccount shop/good",
			},
			command: "kubectl accesstoken revoke good -n shop",
		},
		"a member of Kalm's": {
			patterns: []string{"kalm/*.yaml"}, wish: change.Wish{Verb: change.Add, Workspace: "shop", Subject: zed, Role: workspace.Editor},
			steps:   []string{"create rolebinding shop/shop-rolebinding-c0846765bee8f1c0952852b8bc437719"},
			command: "kubectl contrib add zed@shop.example --role editor -n shop",
		},
		"another role of Kalm's": {
			patterns: []string{"kalm/*.yaml"}, wish: change.Wish{Verb: change.SetRole, Workspace: "shop", Subject: carol, Role: workspace.Viewer},
			steps:   []string{"update rolebinding shop/shop-rolebinding-"},
			command: "kubectl contrib set-role carol@shop.example --role viewer -n shop",
		},
		"no member of Kalm's any more": {
			patterns: []string{"kalm/*.yaml"}, wish: change.Wish{Verb: change.Remove, Workspace: "shop", Subject: carol, Role: workspace.Owner},
			steps:   []string{"delete rolebinding shop/shop-rolebinding-"},
			command: "kubectl contrib remove carol@shop.example --role owner -n shop",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := propose(t, examples(t, test.patterns...), test.wish)
			var steps []string
			for _, step := range p.Plan.Changes().Steps {
				o := step.Object
				if o == nil {
					o = step.Old
				}
				steps = append(steps, string(step.Verb)+" "+strings.ToLower(o.GetKind())+" "+o.GetNamespace()+"/"+o.GetName())
			}
			if !slices.EqualFunc(test.steps, steps, func(want, got string) bool { return strings.HasPrefix(got, want) }) {
				t.Errorf("steps (-want +got):\n%s", cmp.Diff(test.steps, steps))
			}
			if diff := cmp.Diff(test.command, p.Command); diff != "" {
				t.Errorf("command (-want +got):\n%s", diff)
			}
		})
	}
}

// A grant of a queue is taken from somebody; from others nothing is, and it is said why.
func TestTakeQueue(t *testing.T) {
	t.Parallel()
	alice, grant := rbac.User("alice@lab.example"), queue.Grant{Queue: "team-a", Can: []kaiwo.Ability{kaiwo.Submit}}
	grant.Subject = alice
	w := examples(t, "queues/lab/*.yaml")
	made, err := plan.FromObjects(queue.NewRole("team-a", grant.Can...), grant.Binding("team-a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range made {
		manifest, err := yaml.Marshal(object.Object)
		if err != nil {
			t.Fatal(err)
		}
		w.text += "\n---\n" + string(manifest)
	}
	for name, test := range map[string]struct {
		subject   rbac.Subject
		namespace string // empty for all
		steps     int
		note      string
	}{
		"granted":   {alice, "", 2, "kaiwo-scientist"},
		"one there": {alice, "team-a", 2, "kaiwo-scientist"},
		"elsewhere": {alice, "nlp", 0, "has no grant"},
		"other":     {rbac.User("carol@lab.example"), "", 0, "has no grant for queue team-a that was made by kubectl queueaccess grant"},
		"masters":   {rbac.Group(rbac.GroupMasters), "", 0, "superuser"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := propose(t, &world{text: w.text, change: w.change}, change.Wish{
				Verb: change.Remove, Queue: "team-a", Subject: test.subject, Workspace: test.namespace,
			})
			command := "kubectl queueaccess revoke " + contrib.Label(test.subject) + " --queue team-a"
			if test.namespace != "" {
				command += " --namespaces " + test.namespace
			}
			if len(p.Plan.Steps) != test.steps || p.Command != command || !strings.Contains(strings.Join(p.Notes, "\n"), test.note) {
				t.Errorf("%q by %s; notes %q", p.Plan.Strings(), p.Command, p.Notes)
			}
		})
	}
}

// keeper is a cluster with one AccessToken, which it changes as it is told, and shows as it is.
type keeper struct {
	*world
	token   *unstructured.Unstructured
	patches []string
}

func (k *keeper) Server() plan.Server { return k }

func (k *keeper) Get(context.Context, *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return k.token.DeepCopy(), nil
}

func (k *keeper) Patch(_ context.Context, _ *unstructured.Unstructured, patch []byte, how plan.Write) (*unstructured.Unstructured, error) {
	var changes map[string]any
	if err := json.Unmarshal(patch, &changes); err != nil {
		return nil, err
	}
	changed := k.token.DeepCopy()
	merge(changed.Object, changes)
	if !how.DryRun {
		changed.SetResourceVersion(changed.GetResourceVersion() + "0")
		k.patches, k.token = append(k.patches, string(patch)), changed
	}
	return changed.DeepCopy(), nil
}

// merge changes an object as a JSON merge patch (RFC 7396) says.
func merge(object, patch map[string]any) {
	for field, value := range patch {
		inner, isMap := object[field].(map[string]any)
		switch change, deep := value.(map[string]any); {
		case value == nil:
			delete(object, field)
		case isMap && deep:
			merge(inner, change)
		default:
			object[field] = value
		}
	}
}

// A token is neither shown nor lost when a change of its AccessToken is made and taken back.
func TestTokenStaysHidden(t *testing.T) {
	t.Parallel()
	const (
		name   = "90db8f2f5215e91f9a88d4dabc5caaa302b5e637d5bd3e39556c971d70c9e92a"
		secret = "example-blind-example-blind-example-blind-example-blind-example-"
	)
	w := examples(t, "tokens/*.yaml")
	w.carrying = true
	k := &keeper{world: w, token: &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "core.kalm.dev/v1alpha1", "kind": "AccessToken",
		"metadata": map[string]any{
			"name": name, "uid": "uid-" + name, "resourceVersion": "1",
			"annotations": map[string]any{"kubectl.kubernetes.io/last-applied-configuration": `{"spec":{"token":"` + secret + `"}}`},
		},
		"spec": map[string]any{
			"token": secret, "creator": "ann@acme.example", "expiredAt": "2027-06-01T00:00:00Z",
			"rules": []any{map[string]any{"verb": "edit", "namespace": "shop", "kind": "components", "name": "web"}},
		},
	}}}
	m := change.New(k, today, "kubectl-gatehouse")
	shown := func(p *change.Proposal) {
		t.Helper()
		if p.Nothing() || p.DryRun != nil {
			t.Fatalf("%v, %v", p.Plan.Strings(), p.DryRun)
		}
		for _, c := range p.Plan.Preview() {
			for _, line := range c.Lines {
				if strings.Contains(line.Text, secret) || line.Op != ' ' && strings.Contains(line.Text, "token") {
					t.Errorf("%s shows %c%s", c.Step, line.Op, line.Text)
				}
			}
		}
	}
	wish := change.Wish{Verb: change.Fix, Finding: &finding.Finding{ID: "TK008", Object: "accesstoken " + name}}
	for range 3 { // the repair, back, and again
		p, err := m.Propose(t.Context(), wish)
		if err != nil {
			t.Fatal(err)
		}
		shown(p)
		result, err := m.Carry(t.Context(), p, nil)
		if err != nil || result.Back == nil {
			t.Fatalf("Carry = %+v, %v", result, err)
		}
		if text, _, _ := unstructured.NestedString(k.token.Object, "spec", "token"); text != secret || len(k.token.GetAnnotations()) != 1 {
			t.Fatalf("after %s the token is %q, with %d annotations", wish.Verb, text, len(k.token.GetAnnotations()))
		}
		wish = change.Wish{Verb: change.Undo, Back: result.Back}
	}
	if len(k.patches) != 3 {
		t.Errorf("patches %q", k.patches)
	}
}
