package change

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

const bob = "rolebinding.rbac.authorization.k8s.io/bob"

// mixed is a plan with a step of every kind, on a server that fits.
func mixed(t *testing.T) (plan.Plan, *server) {
	t.Helper()
	keep, old, gone := binding(t, "dev", "keep", "x"), binding(t, "dev", "old", "before"), binding(t, "dev", "gone", "x")
	for i, o := range []*unstructured.Unstructured{keep, old, gone} {
		o.SetUID("u")
		o.SetResourceVersion(strconv.Itoa(i))
	}
	now := old.DeepCopy()
	now.SetAnnotations(map[string]string{"note": "after\x1b[31m"})
	return newPlan(t, "give bob a role",
		plan.Step{Verb: plan.Create, Object: binding(t, "dev", "bob", "new"), Why: "he is new", Unit: "a"},
		plan.Step{Verb: plan.Update, Object: now, Old: old, Unit: "b"},
		plan.Step{Verb: plan.Update, Object: keep, Old: keep, Unit: "c"},
		plan.Step{Verb: plan.Delete, Old: gone, Unit: "d"},
	), newServer(keep, old, gone)
}

func TestCarry(t *testing.T) {
	t.Parallel()
	const lines = bob + " created\nrolebinding.rbac.authorization.k8s.io/keep unchanged\n" +
		"rolebinding.rbac.authorization.k8s.io/old configured\nrolebinding.rbac.authorization.k8s.io/gone deleted\n"
	dry := func(suffix string) string { return strings.ReplaceAll(lines, "\n", suffix+"\n") }
	tests := map[string]struct {
		answer string
		args   []string
		typed  string
		stdout string
		code   int
		writes int
		// in and out have to be, and must not be, on stderr.
		in, out []string
	}{
		"yes":           {args: []string{"--yes"}, stdout: lines, writes: 3, out: []string{"+ create", "[y/N]"}},
		"asked, y":      {answer: "y\n", stdout: lines, writes: 3, in: []string{"give bob a role: 3 changes", "+ create rolebinding dev/bob (he is new)", "Carry this out? [y/N]"}},
		"asked, Yes":    {answer: " Yes \n", stdout: lines, writes: 3},
		"asked, no":     {answer: "n\n", code: 1, in: []string{"nothing was changed"}, out: []string{"error"}},
		"asked, enter":  {answer: "\n", code: 1, in: []string{"nothing was changed"}},
		"asked, typed":  {answer: "dev\n", typed: "dev", stdout: lines, writes: 3, in: []string{"Type dev to carry it out"}},
		"typed wrongly": {answer: "y\n", typed: "dev", code: 1, in: []string{"nothing was changed"}},
		"typed, yes":    {args: []string{"-y"}, typed: "dev", stdout: lines, writes: 3},
		"no terminal":   {code: 1, in: []string{"there is no terminal to ask on", "hint: --yes", "+ create"}},
		"client":        {args: []string{"--dry-run=client"}, stdout: dry(" (dry run)"), in: []string{`  +     note: "after\e[31m"`, "  -     note: before", "- delete rolebinding dev/gone"}},
		"server":        {args: []string{"--dry-run", "server"}, stdout: dry(" (server dry run)"), in: []string{"~ update rolebinding dev/old"}},
		"full":          {args: []string{"--yes", "--preview", "full"}, stdout: lines, writes: 3, in: []string{"+ create"}},
		"none":          {answer: "y\n", args: []string{"--preview=none"}, stdout: lines, writes: 3, out: []string{"+ create"}},
		"names":         {args: []string{"--yes", "-o", "name"}, writes: 3, stdout: "rolebinding.rbac.authorization.k8s.io/bob\nrolebinding.rbac.authorization.k8s.io/keep\nrolebinding.rbac.authorization.k8s.io/old\nrolebinding.rbac.authorization.k8s.io/gone\n"},
		"bare dry run":  {args: []string{"--dry-run"}, code: 1, in: []string{"flag needs an argument: --dry-run"}},
		"bad dry run":   {args: []string{"--dry-run=true"}, code: 1, in: []string{`bad --dry-run "true": want none, client or server`, "See 'kubectl test -h'"}},
		"bad preview":   {args: []string{"--preview=x"}, code: 1, in: []string{`bad --preview "x"`}},
		"bad output":    {args: []string{"-o", "wide"}, code: 1, in: []string{`unknown output format "wide": want one of yaml, json, name`}},
		"no manager":    {args: []string{"--field-manager="}, code: 1, in: []string{"--field-manager is empty"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := mixed(t)
			got := carry(t, Task{Server: s, Plan: p, Type: tt.typed}, tt.answer, tt.args...)
			if got.code != tt.code || len(s.writes) != tt.writes {
				t.Errorf("exit %d, want %d; writes %q, want %d; stderr:\n%s", got.code, tt.code, s.writes, tt.writes, got.stderr)
			}
			if diff := cmp.Diff(tt.stdout, got.stdout); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			for _, part := range tt.in {
				if !strings.Contains(got.stderr, part) {
					t.Errorf("no %q in stderr:\n%s", part, got.stderr)
				}
			}
			for _, part := range append(tt.out, "\x1b[31m") {
				if strings.Contains(got.stderr, part) {
					t.Errorf("%q in stderr:\n%s", part, got.stderr)
				}
			}
		})
	}
}

func TestFieldManager(t *testing.T) {
	t.Parallel()
	for manager, args := range map[string][]string{"kubectl-test": {"-y"}, "ci": {"-y", "--field-manager", "ci"}} {
		s := newServer()
		carry(t, Task{Server: s, Plan: newPlan(t, "", plan.Step{Verb: plan.Create, Object: binding(t, "dev", "bob", "")})}, "", args...)
		if diff := cmp.Diff([]string{"create bob by " + manager}, s.writes); diff != "" {
			t.Errorf("writes (-want +got):\n%s", diff)
		}
	}
}

func TestNothingToDo(t *testing.T) {
	t.Parallel()
	keep := binding(t, "dev", "keep", "x")
	p := newPlan(t, "give bob a role", plan.Step{Verb: plan.Update, Object: keep, Old: keep})
	asked := func(context.Context) []string { return []string{"he gains much"} }
	for _, args := range [][]string{nil, {"--yes"}, {"--dry-run=server"}, {"--dry-run=client"}} {
		got := carry(t, Task{Plan: p, Notes: []string{"he has it"}, Before: asked}, "", args...)
		if got.code != 0 || !strings.HasPrefix(got.stdout, "rolebinding.rbac.authorization.k8s.io/keep unchanged") ||
			!strings.HasPrefix(got.stderr, "note: he has it\nnothing to do") || strings.Contains(got.stderr, "gains") {
			t.Errorf("%v: %+v", args, got)
		}
	}
	if got := carry(t, Task{Plan: p, Nothing: "he is nowhere"}, ""); got.code != 0 || got.stderr != "nothing to do: he is nowhere\n" {
		t.Errorf("a reason: %+v", got)
	}
	if got := carry(t, Task{}, ""); got.code != 0 || got.stdout != "" || got.stderr != "nothing to do\n" {
		t.Errorf("empty plan: %+v", got)
	}
}

func TestObjects(t *testing.T) {
	t.Parallel()
	const one = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  annotations:
    note: new
  name: bob
  namespace: dev
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: edit
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: User
  name: bob
`
	create := func(t *testing.T, names ...string) plan.Plan {
		t.Helper()
		var steps []plan.Step
		for _, name := range names {
			steps = append(steps, plan.Step{Verb: plan.Create, Object: binding(t, "dev", name, "new"), Unit: name})
		}
		return newPlan(t, "x", steps...)
	}
	for name, args := range map[string][]string{
		"client": {"--dry-run=client", "-o", "yaml"}, "server": {"--dry-run=server", "-o", "yaml"}, "written": {"-y", "-o", "yaml"},
	} {
		got := carry(t, Task{Server: newServer(), Plan: create(t, "bob")}, "", args...)
		if diff := cmp.Diff(outcome{one, "", 0}, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		two := carry(t, Task{Server: newServer(), Plan: create(t, "bob", "carol")}, "", args...)
		if want := one + "---\n" + strings.Replace(one, "name: bob\n  namespace", "name: carol\n  namespace", 1); two.stdout != want {
			t.Errorf("%s, two objects (-want +got):\n%s", name, cmp.Diff(want, two.stdout))
		}
	}
	list := carry(t, Task{Plan: create(t, "bob", "carol")}, "", "--dry-run=client", "-o", "json").stdout
	single := carry(t, Task{Plan: create(t, "bob")}, "", "--dry-run=client", "-o", "json").stdout
	if !strings.Contains(list, `"kind": "List"`) || strings.Contains(single, `"kind": "List"`) || !strings.Contains(single, `"name": "bob"`) {
		t.Errorf("json of two:\n%s\nof one:\n%s", list, single)
	}
	p, _ := mixed(t)
	if got := carry(t, Task{Plan: p}, "", "--dry-run=client", "-o", "yaml"); !strings.Contains(got.stderr, "1 delete not printed") {
		t.Errorf("deletes are not told: %+v", got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const escalation = `user "dana" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:` +
		"\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}"
	roles := schema.GroupResource{Group: rbacv1.GroupName, Resource: "rolebindings"}
	tests := map[string]struct {
		server *server
		args   []string
		code   int
		writes int
		in     []string
	}{
		"rights": {
			server: &server{refuse: func(a authorizationv1.ResourceAttributes) bool { return a.Resource == "authorizationpolicies" }},
			in: []string{
				"error: may not create authorizationpolicies.security.istio.io in dev\n", "hint: ask somebody\n",
				"it takes the rule {apiGroups: [security.istio.io], resources: [authorizationpolicies], verbs: [create]} in dev",
			},
		},
		"escalation": {
			server: &server{refuseWrite: func(*unstructured.Unstructured, plan.Write) error {
				return apierrors.NewForbidden(roles, "bob", errors.New(escalation))
			}},
			in: []string{"Error from server (Forbidden)", "attempting to grant RBAC permissions not currently held", "hint: nothing was changed; the server lets you give only"},
		},
		"no dry run": {
			server: &server{refuseWrite: func(_ *unstructured.Unstructured, w plan.Write) error {
				if w.DryRun {
					return apierrors.NewBadRequest("admission webhook \"x\" does not support dry run")
				}
				return nil
			}},
			code: 0, writes: 2,
			in: []string{"warning: the server can't try this beforehand"},
		},
		"no dry run, and asked for": {
			server: &server{refuseWrite: func(*unstructured.Unstructured, plan.Write) error {
				return apierrors.NewBadRequest("admission webhook \"x\" does not support dry run")
			}},
			args: []string{"--dry-run=server"}, in: []string{"does not support dry run", "hint: nothing was changed"},
		},
		"refused late": {
			server: &server{refuseWrite: func(o *unstructured.Unstructured, w plan.Write) error {
				if !w.DryRun && o.GetKind() == "AuthorizationPolicy" {
					return apierrors.NewForbidden(schema.GroupResource{Resource: "authorizationpolicies"}, "bob", errors.New("changed my mind"))
				}
				return nil
			}},
			writes: 2, in: []string{"changed my mind", "undone: nothing has changed"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.server.objects = map[string]*unstructured.Unstructured{}
			policy := object(t, `{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: bob, namespace: dev}}`)
			p := newPlan(t, "give bob a role", plan.Step{Verb: plan.Create, Object: binding(t, "dev", "bob", ""), Unit: "bob in dev"},
				plan.Step{Verb: plan.Create, Object: policy, Unit: "bob in dev"})
			want := 1
			if name == "no dry run" {
				want = 0
			}
			got := carry(t, Task{
				Server: tt.server, Plan: p,
				Advise: func(rule rbacv1.PolicyRule, namespace string) string {
					if namespace != "dev" || rule.Resources[0] != "authorizationpolicies" {
						t.Errorf("advice is asked for on %v in %q", rule, namespace)
					}
					return "ask somebody"
				},
			}, "", append([]string{"--yes"}, tt.args...)...)
			if got.code != want || len(tt.server.writes) != tt.writes {
				t.Errorf("exit %d, want %d; writes %q, want %d", got.code, want, tt.server.writes, tt.writes)
			}
			if want == 1 && (got.stdout != "" || len(tt.server.names()) > 0) {
				t.Errorf("stdout %q, and there is %q: want nothing", got.stdout, tt.server.names())
			}
			for _, part := range tt.in {
				if !strings.Contains(got.stderr, part) {
					t.Errorf("no %q in stderr:\n%s", part, got.stderr)
				}
			}
		})
	}
}

// blocked is a stdin on which nobody ever types.
type blocked struct{ started chan struct{} }

func (b blocked) Read([]byte) (int, error) {
	close(b.started)
	select {}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	p, s := mixed(t)
	ctx, cancel := context.WithCancel(t.Context())
	in := blocked{make(chan struct{})}
	go func() {
		<-in.started
		cancel()
	}()
	got := carryOn(t, ctx, Task{Server: s, Plan: p}, in, true)
	if got.code != 130 || len(s.writes) > 0 || !strings.HasSuffix(got.stderr, "nothing was changed\ninterrupted\n") {
		t.Errorf("exit %d, writes %q, stderr:\n%s", got.code, s.writes, got.stderr)
	}
}

func TestWithoutServer(t *testing.T) {
	t.Parallel()
	p, _ := mixed(t)
	got := carry(t, Task{Plan: p}, "", "--yes")
	if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "--from reads manifests") || !strings.Contains(got.stderr, "hint: --dry-run=client") {
		t.Errorf("got %+v", got)
	}
}

func TestBefore(t *testing.T) {
	t.Parallel()
	p, s := mixed(t)
	got := carry(t, Task{Server: s, Plan: p, Before: func(context.Context) []string { return []string{"gains \x1b[2J"} }}, "y\n")
	if !strings.HasPrefix(got.stderr, "gains ^[[2J\ngive bob a role: 3 changes\n") {
		t.Errorf("stderr:\n%s", got.stderr)
	}
	// It is what somebody reads to decide on --yes, too.
	p, s = mixed(t)
	got = carry(t, Task{Server: s, Plan: p, Before: func(context.Context) []string { return []string{"gains much"} }}, "")
	if !strings.HasPrefix(got.stderr, "gains much\ngive bob a role: 3 changes\n") || !strings.Contains(got.stderr, "there is no terminal") || got.code != 1 {
		t.Errorf("without a terminal: exit %d, stderr:\n%s", got.code, got.stderr)
	}
}

func TestSeveralNamespaces(t *testing.T) {
	t.Parallel()
	p := newPlan(t, "x", plan.Step{Verb: plan.Create, Object: binding(t, "dev", "bob", "")},
		plan.Step{Verb: plan.Create, Object: binding(t, "qa", "bob", "")})
	got := carry(t, Task{Server: newServer(), Plan: p}, "", "--yes")
	if want := bob + " created in dev\n" + bob + " created in qa\n"; got.stdout != want {
		t.Errorf("stdout %q, want %q", got.stdout, want)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestPrintObjectsErrors(t *testing.T) {
	t.Parallel()
	objects := []*unstructured.Unstructured{binding(t, "dev", "bob", "")}
	for _, format := range []string{"yaml", "json"} {
		if err := PrintObjects(brokenWriter{}, format, objects); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: error %v, want that of the writer", format, err)
		}
	}
}
