package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// kalmWorld is a control plane of its own with the shop that lives with Kalm: its objects concern the whole cluster.
type kalmWorld struct {
	home
	t  *testing.T
	cp *controlplane.ControlPlane
}

// newKalmWorld starts one, for a superuser with a name.
func newKalmWorld(t *testing.T) kalmWorld {
	t.Helper()
	cp, err := controlplane.Start(t.Context(), controlplane.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cp.Stop(); err != nil {
			t.Error(err)
		}
	})
	err = errors.Join(
		cp.Apply(t.Context(), filepath.Join(shared.acme(), "crds", "kalm.yaml")),
		cp.Apply(t.Context(), filepath.Join("testdata", "kalm", "crds.yaml")),
	)
	if err == nil {
		err = cp.Apply(t.Context(), filepath.Join(shared.root, "examples", "kalm", "people.yaml"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return kalmWorld{home: homeOf(t, cp, "root@shop.example", "system:masters"), t: t, cp: cp}
}

// contrib runs "kubectl contrib" to its end.
func (w kalmWorld) contrib(args ...string) outcome {
	w.t.Helper()
	return w.run(w.t, nil, shared.kubectl(), append([]string{"contrib"}, args...)...)
}

// done runs a command that has to go well.
func (w kalmWorld) done(args ...string) outcome {
	w.t.Helper()
	out := w.contrib(args...)
	out.want(w.t, 0)
	return out
}

// kalmBinding is a RoleBinding of Kalm's as the server has it.
type kalmBinding struct {
	Metadata struct {
		Name, Namespace, UID string
	}
	Spec struct {
		Subject, SubjectType, Role, Creator, ExpiredAt string
	}
}

// bindings returns those of a subject, by namespace and name.
func (w kalmWorld) bindings(subject string) []kalmBinding {
	w.t.Helper()
	out := w.run(w.t, nil, shared.kubectl(), "get", "rolebindings.core.kalm.dev", "-A", "-o", "json")
	out.want(w.t, 0)
	var list struct{ Items []kalmBinding }
	if err := json.Unmarshal([]byte(out.stdout), &list); err != nil {
		w.t.Fatal(err)
	}
	return slices.DeleteFunc(list.Items, func(b kalmBinding) bool { return b.Spec.Subject != subject })
}

// one returns the only one.
func (w kalmWorld) one(subject string) kalmBinding {
	w.t.Helper()
	found := w.bindings(subject)
	if len(found) != 1 {
		w.t.Fatalf("%s has %d bindings, want 1: %v", subject, len(found), found)
	}
	return found[0]
}

// member is a line of "contrib list".
type kalmMember struct {
	Workspace, Role, How, Expires, Creator string
	ClusterWide, Expired                   bool
	Subject                                struct{ ID string }
}

// members returns what is listed of a subject.
func (w kalmWorld) members(subject string, args ...string) []kalmMember {
	w.t.Helper()
	out := w.done(append([]string{"list", "-o", "json", "--subject", subject}, args...)...)
	var list struct{ Items []kalmMember }
	if err := json.Unmarshal([]byte(out.stdout), &list); err != nil {
		w.t.Fatal(err)
	}
	return list.Items
}

// how returns the role and the way of each of a subject's lines.
func (w kalmWorld) how(subject string, args ...string) string {
	w.t.Helper()
	var out []string
	for _, m := range w.members(subject, args...) {
		out = append(out, m.Workspace+":"+m.Role+":"+m.How)
	}
	return strings.Join(out, " ")
}

// kubectl runs kubectl with a stdin, and has to go well.
func (w kalmWorld) kubectlWith(stdin io.Reader, args ...string) outcome {
	w.t.Helper()
	out := w.run(w.t, stdin, shared.kubectl(), args...)
	out.want(w.t, 0)
	return out
}
