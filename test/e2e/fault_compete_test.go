package e2e

import (
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/fault"
)

// testCompetingWriter lets somebody else write to an object right before the program does, on the real server, so that
// the program's write is refused with a real conflict.
func testCompetingWriter(t *testing.T, cp *controlplane.ControlPlane, l *lane) {
	commands := spoiledCommands()
	const (
		viewing = "user-bob-example-com-clusterrole-view"
		editing = "user-bob-example-com-clusterrole-edit"
		label   = `{"metadata":{"labels":{"somebody":"else"}}}`
		another = `{"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"bob@example.com"},` +
			`{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"eve@example.com"}]}`
	)
	bindings, policies, profiles := faultKinds[0], faultKinds[1], faultKinds[2]
	patch := func(kind int, name, body string) func(*testing.T, string) {
		return func(t *testing.T, place string) {
			t.Helper()
			var resource dynamic.ResourceInterface = l.client.Resource(faultKinds[kind])
			if kind < len(pairKinds) {
				resource = l.client.Resource(faultKinds[kind]).Namespace(place)
			}
			name := strings.ReplaceAll(name, "NS", place)
			if _, err := resource.Patch(t.Context(), name, types.MergePatchType, []byte(body), metav1.PatchOptions{}); err != nil {
				t.Error(err)
			}
		}
	}
	tests := map[string]struct {
		command string
		// before is a part of the write, "METHOD path", that somebody else is faster than.
		before string
		meddle func(*testing.T, string)
		code   int
		says   string
		// holds is part of what is there at the end, by kind and name.
		holds map[string]string
	}{
		"label-on-what-goes": {
			command: "set-role", before: "DELETE /apis/" + bindings.Group, meddle: patch(0, viewing, label),
			holds: map[string]string{"rolebinding/" + editing: "bob@example.com", "rolebinding/" + viewing: ""},
		},
		"subject-on-what-goes": {
			command: "set-role", before: "DELETE /apis/" + bindings.Group, meddle: patch(0, viewing, another), code: 1,
			says: "somebody else changed subjects meanwhile\nerror: undone: nothing has changed",
			holds: map[string]string{
				"rolebinding/" + viewing: "eve@example.com", "authorizationpolicy/" + viewing: "bob@example.com",
				"rolebinding/" + editing: "", "authorizationpolicy/" + editing: "",
			},
		},
		"gone-already": {
			command: "set-role", before: "DELETE /apis/" + policies.Group,
			meddle: func(t *testing.T, place string) {
				t.Helper()
				if err := l.client.Resource(policies).Namespace(place).Delete(t.Context(), viewing, metav1.DeleteOptions{}); err != nil {
					t.Error(err)
				}
			},
			holds: map[string]string{"rolebinding/" + editing: "bob@example.com", "authorizationpolicy/" + viewing: ""},
		},
		"label-on-profile": {
			command: "transfer", before: "PATCH /apis/" + profiles.Group, meddle: patch(2, "NS", label),
			holds: map[string]string{"profile/NS": `"somebody":"else"`, "rolebinding/namespaceAdmin": "bob@example.com"},
		},
		"owner-of-profile": {
			command: "transfer", before: "PATCH /apis/" + profiles.Group,
			meddle: patch(2, "NS", `{"spec":{"owner":{"name":"mallory@example.com"}}}`), code: 1,
			says: "somebody else changed spec.owner.name meanwhile\nerror: undone: nothing has changed",
			holds: map[string]string{
				"profile/NS": "mallory@example.com", "rolebinding/namespaceAdmin": "owner-of-NS@example.com",
				"namespace/NS": "owner-of-NS@example.com",
			},
		},
		"same-binding": {
			command: "add", before: "POST /apis/" + bindings.Group,
			meddle: func(t *testing.T, place string) {
				t.Helper()
				l.copyBinding(t, "twin", place, editing, "bob@example.com")
			},
			holds: map[string]string{"rolebinding/" + editing: "bob@example.com", "authorizationpolicy/" + editing: "bob@example.com"},
		},
		"another-binding": {
			command: "add", before: "POST /apis/" + bindings.Group, code: 1,
			meddle: func(t *testing.T, place string) {
				t.Helper()
				l.copyBinding(t, "twin", place, editing, "eve@example.com")
			},
			says:  "it exists already, with another",
			holds: map[string]string{"rolebinding/" + editing: "eve@example.com", "authorizationpolicy/" + editing: ""},
		},
	}
	makeProfiles(t, cp, "twin")
	l.run(t, fillIn(commands["add"].args, "twin")...).want(t, 0)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			makeProfiles(t, cp, name)
			for _, args := range commands[tc.command].prepare {
				l.run(t, fillIn(args, name)...).want(t, 0)
			}
			var once sync.Once
			l.proxy.Spoil(func(r fault.Request) fault.Kind {
				if r.IsWrite() && strings.HasPrefix(r.Method+" "+r.URI, tc.before) {
					once.Do(func() { tc.meddle(t, name) })
				}
				return fault.None
			})
			out := l.run(t, fillIn(commands[tc.command].args, name)...)
			l.proxy.Spoil(nil)
			out.want(t, tc.code)
			out.hears(t, tc.says)
			state := l.state(t, name)
			for object, text := range tc.holds {
				got, there := state[object]
				if there != (text != "") || !strings.Contains(got, text) {
					t.Errorf("%s: %q, want %q\nstderr: %s", object, got, text, out.stderr)
				}
			}
		})
	}
}

// copyBinding makes a binding of the name as it is in another workspace, for a subject.
func (l *lane) copyBinding(t *testing.T, from, to, name, subject string) {
	t.Helper()
	live, err := l.client.Resource(pairKinds[0]).Namespace(from).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Error(err)
		return
	}
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": live.GetAPIVersion(), "kind": live.GetKind(), "roleRef": live.Object["roleRef"],
		"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": subject}},
	}}
	o.SetName(name)
	annotations := live.GetAnnotations()
	annotations["user"] = subject
	o.SetAnnotations(annotations)
	if _, err := l.client.Resource(pairKinds[0]).Namespace(to).Create(t.Context(), o, metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
}
