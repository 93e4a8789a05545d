package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// migrationReport is the answer of "contrib migrate --report json".
type migrationReport struct {
	Complete bool
	Members  []struct {
		Subject struct{ ID, Kind, Name string }
		// Namespace is empty for the whole cluster.
		Namespace          string
		From, To           []string
		Expires, Creator   string
		Kept, Gained, Lost []migrationLine
		Warnings           []string
	}
	Skipped []struct {
		Object, Role, Why string
		Subject           struct{ ID string }
	}
}

type migrationLine struct {
	Ability string
	Actions []struct{ Verb, Group, Resource, Subresource, Namespace string }
}

// promise is a request to the API server, and whether it is to be allowed.
type promise struct {
	subject, kind, name                           string
	verb, group, resource, subresource, namespace string
	allowed                                       bool
	ability                                       string
}

func (p promise) String() string {
	return fmt.Sprintf("%s: %s: %s %s/%s.%s in %q", p.subject, p.ability, p.verb, p.resource, p.subresource, p.group, p.namespace)
}

// promises are what the report says of the time after the migration: who gains and keeps something may do it, and who loses
// it may not.
func (r migrationReport) promises() []promise {
	var out []promise
	for _, m := range r.Members {
		for _, part := range []struct {
			lines   []migrationLine
			allowed bool
		}{{m.Kept, true}, {m.Gained, true}, {m.Lost, false}} {
			for _, line := range part.lines {
				for _, a := range line.Actions {
					out = append(out, promise{
						m.Subject.ID, m.Subject.Kind, m.Subject.Name, a.Verb, a.Group, a.Resource, a.Subresource, a.Namespace, part.allowed, line.Ability,
					})
				}
			}
		}
	}
	return out
}

// TestKalmMigrate migrates the shop: the report is exact, nothing is true of it before, and every line after.
func TestKalmMigrate(t *testing.T) {
	t.Parallel()
	w := newKalmWorld(t)
	live := w.contrib("migrate", "--from", "kalm", "--to", "native", "-A", "--report", "json")
	live.want(t, 1)
	offline := nowhere(t).run(t, nil, shared.kubectl(), "contrib", "migrate", "-A", "--report", "json",
		"--from", filepath.Join(shared.root, "examples", "kalm", "people.yaml"))
	offline.want(t, 1)
	want, err := os.ReadFile(filepath.Join(shared.root, "pkg", "cmd", "contrib", "testdata", "kalm", "migrate-json.golden"))
	if err != nil {
		t.Fatal(err)
	}
	golden, _, _ := strings.Cut(string(want), "--- stderr")
	for what, got := range map[string]string{"live": live.stdout, "offline": offline.stdout} {
		if diff := cmp.Diff(golden, got); diff != "" {
			t.Errorf("%s: report (-want +got):\n%s", what, diff)
		}
	}
	var report migrationReport
	if err := json.Unmarshal([]byte(live.stdout), &report); err != nil {
		t.Fatal(err)
	}
	promises := report.promises()
	if len(promises) < 200 {
		t.Fatalf("only %d promises", len(promises))
	}
	t.Logf("%d members, %d promises", len(report.Members), len(promises))
	for i, allowed := range w.ask(promises) {
		if allowed {
			t.Errorf("before the migration: %s", promises[i])
		}
	}

	w.done("migrate", "-A", "--prune", "--yes")

	for i, allowed := range w.ask(promises) {
		if allowed != promises[i].allowed {
			t.Errorf("after the migration the server says %t: %s", allowed, promises[i])
		}
	}
	w.whocanAgrees(promises)

	left := w.kubectlWith(nil, "get", "rolebindings.core.kalm.dev", "-A", "-o", "name").stdout
	if got := strings.Count(left, "\n"); got != len(report.Skipped) {
		t.Errorf("%d RoleBindings of Kalm's are left, %d were skipped:\n%s", got, len(report.Skipped), left)
	}
	w.done("migrate", "-A", "--yes").hears(t, "no member of Kalm's is left to migrate")
	ends := w.kubectlWith(nil, "get", "clusterrolebindings", "-o",
		`jsonpath={range .items[*]}{.metadata.annotations.gatehouse\.dev/expires} {.metadata.annotations.gatehouse\.dev/created-by}{"\n"}{end}`).stdout
	if !strings.Contains(ends, "2031-12-31T00:00:00Z root@shop.example") {
		t.Errorf("who gave it, and until when, is not kept:\n%s", ends)
	}
}

// ask asks the API server, in one call, whether each of the promises holds.
func (w kalmWorld) ask(promises []promise) []bool {
	w.t.Helper()
	reviews := []map[string]any{}
	for _, p := range promises {
		spec := map[string]any{"resourceAttributes": map[string]any{
			"verb": p.verb, "group": p.group, "resource": p.resource, "subresource": p.subresource, "namespace": p.namespace,
		}}
		if p.kind == "Group" {
			spec["user"], spec["groups"] = "somebody", []string{p.name}
		} else {
			spec["user"] = p.name
		}
		reviews = append(reviews, map[string]any{"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec})
	}
	text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": reviews})
	if err != nil {
		w.t.Fatal(err)
	}
	out := w.kubectlWith(strings.NewReader(string(text)), "create", "-f", "-", "-o", `jsonpath={.status.allowed}{"\n"}`)
	answers := strings.Fields(out.stdout)
	if len(answers) != len(promises) {
		w.t.Fatalf("%d answers to %d questions:\n%s", len(answers), len(promises), out.stdout)
	}
	allowed := make([]bool, len(answers))
	for i, answer := range answers {
		allowed[i] = answer == "true"
	}
	return allowed
}

// whocanAgrees has whocan check each of the promises.
func (w kalmWorld) whocanAgrees(promises []promise) {
	w.t.Helper()
	var b strings.Builder
	b.WriteString("apiVersion: gatehouse.dev/v1alpha1\nkind: AccessExpectations\nexpectations:\n")
	for i, p := range promises {
		if p.verb == "*" {
			code := 1
			if p.allowed {
				code = 0
			}
			w.whocan(w.t, "why", p.subject, "*", "*.*").want(w.t, code)
			continue
		}
		word := "cannot"
		if p.allowed {
			word = "can"
		}
		resource := p.resource
		if p.subresource != "" {
			resource += "/" + p.subresource
		}
		if p.group != "" {
			resource += "." + p.group
		}
		fmt.Fprintf(&b, "- name: %q\n  subjects: [%q]\n  %s: {verbs: [%s], resources: [%q]", fmt.Sprint(i, " ", p), p.subject, word, p.verb, resource)
		if p.namespace != "" {
			fmt.Fprintf(&b, ", namespaces: [%s]", p.namespace)
		}
		b.WriteString("}\n")
	}
	w.run(w.t, strings.NewReader(b.String()), shared.kubectl(), "whocan", "check", "-f", "-").want(w.t, 0)
}
