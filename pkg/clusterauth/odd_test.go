package clusterauth

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// Whatever stands in place of a field, everything can still be asked, and every finding has what it needs.
func TestOddObjects(t *testing.T) {
	t.Parallel()
	path := "/var/lib/k0s/auth/config-" + hashA + ".yaml"
	world := []string{
		kcm, namespaces("kcm-system", "team-a", "team-b"), original(), withCA, ca, newShape, copied("team-b"),
		attached(standalone, "controlPlaneNumber: 3, k0s: {version: v1.35.1+k0s.1, api: {extraArgs: {a: b}}}, auth: {configSecret: {name: x}}") +
			"status: {conditions: [{type: ClusterAuthenticationReady, status: \"False\", reason: Failed, message: no way}]}\n",
		release("dev", hashA), plane("K0sControlPlane", "3", "v1.35.1+k0s.1", path) + "status: {replicas: 3, readyReplicas: 2}\n",
		machine("dev-0", "v1.35.1", path, "False"), template(standalone, "{auth: {}, k0s: {version: v1.35.1+k0s.1}}"),
		"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Credential\nmetadata: {name: c, namespace: team-a}\nspec: {region: north}",
	}
	tried := 0
	odds := []any{nil, "", "x", int64(-7), 1.5, true, []any{}, []any{nil, "x", map[string]any{}}, map[string]any{}, map[string]any{"x": nil}}
	custom := read(t, world...).Custom
	for _, kind := range slices.Sorted(maps.Keys(custom)) {
		for i, object := range custom[kind] {
			for _, field := range fields("", object.Object) {
				odd := odds[tried%len(odds)]
				inv := read(t, world...)
				inv.Custom[kind][i] = &unstructured.Unstructured{Object: replaced(object.Object, field, odd)}
				ask(t, NewState(inv, Options{Now: now()}), fmt.Sprintf("%s %s: %s is %v", kind, object.GetName(), field, odd))
				tried++
			}
		}
	}
	if tried < 80 {
		t.Errorf("only %d were tried", tried)
	}
}

// ask asks a state everything.
func ask(t *testing.T, s *State, what string) {
	t.Helper()
	findings := Judge(s)
	for _, r := range Rollouts(s, s) {
		if r.Effect == "" || r.Why == "" || r.Line() == "" {
			t.Errorf("%s: rollout %+v", what, r)
		}
		findings = append(findings, r.Warnings...)
	}
	for _, f := range findings {
		if f.ID == "" || f.Message == "" || f.Object == "" || f.Severity.Rank() == 0 {
			t.Errorf("%s: finding %+v", what, f)
		}
	}
	for _, c := range s.Clusters() {
		Diff(s, c)
		Unseen(s, c)
		for _, a := range s.authenticationNames(c.Namespace) {
			if p, _, err := Attach(s, c.Namespace, c.Name, a); err == nil {
				s.After(p)
			}
		}
		if p, _, err := Detach(s, c.Namespace, c.Name); err == nil && s.After(p).cluster(c.Namespace, c.Name).ClusterAuth != "" {
			t.Errorf("%s: it is attached after it was detached", what)
		}
	}
	for _, a := range s.Authentications() {
		if _, err := UsageOf(s, a.Namespace, a.Name); err != nil {
			t.Errorf("%s: usage: %v", what, err)
		}
	}
	if _, _, err := SyncCopies(s); err != nil {
		t.Errorf("%s: sync copies: %v", what, err)
	}
	finding.Sort(findings)
}

// fields returns the paths of all fields below spec and status, and of the marks in metadata.
func fields(path string, content map[string]any) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(content)) {
		value := content[name]
		if path == "" && (name == "apiVersion" || name == "kind") || path == "metadata." && (name == "name" || name == "namespace") {
			continue
		}
		out = append(out, path+name)
		if inner, ok := value.(map[string]any); ok {
			out = append(out, fields(path+name+".", inner)...)
		}
	}
	return out
}

// replaced returns content with another value at a path.
func replaced(content map[string]any, path string, value any) map[string]any {
	out := runtime.DeepCopyJSON(content)
	at := out
	for {
		name, rest := head(at, path)
		if rest == "" {
			at[name] = value
			return out
		}
		at, path = at[name].(map[string]any), rest
	}
}

// head splits a path at the first name that there is: names have dots in them.
func head(content map[string]any, path string) (name, rest string) {
	for key := range content {
		if path == key {
			return key, ""
		}
		if len(path) > len(key) && path[:len(key)] == key && path[len(key)] == '.' {
			return key, path[len(key)+1:]
		}
	}
	return path, ""
}
