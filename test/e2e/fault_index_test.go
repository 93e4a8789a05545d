package e2e

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/fault"
)

// spoiledCommands are those whose every request is spoiled.
func spoiledCommands() map[string]spoiled {
	viewer := [][]string{{"contrib", "add", "bob@example.com", "--role", "viewer", "-n", "NS", "--yes"}}
	return map[string]spoiled{
		"add": {
			args:  []string{"contrib", "add", "bob@example.com", "--role", "editor", "-n", "NS", "--yes"},
			keeps: func(map[string]string) bool { return true },
		},
		"set-role": {
			prepare: viewer,
			args:    []string{"contrib", "set-role", "bob@example.com", "--role", "editor", "-n", "NS", "--yes"},
			keeps:   func(state map[string]string) bool { return has(state, "bob@example.com") },
		},
		"transfer": {
			prepare: viewer,
			args:    []string{"profile", "transfer", "NS", "--owner", "bob@example.com", "--keep-old-as", "editor", "--yes"},
			keeps: func(state map[string]string) bool {
				return has(state, "bob@example.com") && strings.Contains(state["rolebinding/namespaceAdmin"], "kubeflow-admin")
			},
		},
	}
}

// faultPlane starts a control plane with Kubeflow's kinds, for tests that spoil what is sent to it.
func faultPlane(t *testing.T) *controlplane.ControlPlane {
	t.Helper()
	cp := controlplane.ForTest(t, controlplane.Options{WithoutControllers: true})
	acme := shared.acme()
	if err := cp.Apply(t.Context(), filepath.Join(acme, "crds"), filepath.Join(acme, "kubeflow", "cluster-roles.yaml")); err != nil {
		t.Fatal(err)
	}
	return cp
}

// spoiling is one fault at one request of a command.
type spoiling struct {
	index int
	kind  fault.Kind
}

// spoilings returns the faults for the requests of a command: all of them for its writes, and some in turn for what it
// asks before and after, where nothing can get lost.
func spoilings(requests []fault.Request) []spoiling {
	ofWrites := []fault.Kind{
		fault.CutBefore, fault.CutAfter, fault.ResetAfter, fault.HangAfter, fault.Forbidden, fault.Conflict, fault.Busy,
		fault.Broken, fault.BrokenAfter,
	}
	ofReads := []fault.Kind{fault.CutBefore, fault.Broken, fault.Forbidden, fault.Busy}
	var out []spoiling
	for _, r := range requests {
		if !r.IsWrite() {
			out = append(out, spoiling{r.Index, ofReads[r.Index%len(ofReads)]})
			continue
		}
		for _, kind := range ofWrites {
			out = append(out, spoiling{r.Index, kind})
		}
	}
	return out
}

// TestFaults spoils what commands that write send to the real server, in every way. All of it shares one control plane
// of its own, which is killed in the end.
func TestFaults(t *testing.T) {
	cp := faultPlane(t)
	l := newLane(t, cp)
	t.Run("at every request", func(t *testing.T) { testFaultAtEveryRequest(t, cp, l) })
	t.Run("in bulk", func(t *testing.T) { testFaultsInBulk(t, cp, l) })
	t.Run("competing writer", func(t *testing.T) { testCompetingWriter(t, cp, l) })
	t.Run("roll-back refused", func(t *testing.T) { testRollbackRefused(t, cp, l) })
	t.Run("second kind refused", func(t *testing.T) { testSecondKindRefused(t, cp, l) })
	t.Run("server killed", func(t *testing.T) { testServerKilled(t, cp, l) })
}

// testFaultAtEveryRequest runs commands with a fault at each of their requests, and looks at what they leave and say.
// Then it runs the same command again, undisturbed.
func testFaultAtEveryRequest(t *testing.T, cp *controlplane.ControlPlane, first *lane) {
	lanes := make(chan *lane, 4)
	lanes <- first
	for range cap(lanes) - 1 {
		lanes <- newLane(t, cp)
	}
	for name, cmd := range spoiledCommands() {
		t.Run(name, func(t *testing.T) {
			l := <-lanes
			requests, before, after := l.rehearse(t, cp, name, cmd)
			lanes <- l
			cases := spoilings(requests)
			places := make([]string, len(cases))
			for i := range cases {
				places[i] = fmt.Sprintf("%s-%03d", name, i)
			}
			clone(t, cp, l, name, places)
			var group sync.WaitGroup
			ends := make([]string, len(cases))
			for i, s := range cases {
				l := <-lanes
				group.Go(func() {
					defer func() { lanes <- l }()
					l.proxy.Spoil(func(r fault.Request) fault.Kind {
						if r.Index == s.index {
							return s.kind
						}
						return fault.None
					})
					ends[i] = l.check(t, fmt.Sprintf("%s at request %d", s.kind, s.index), cmd, places[i], before, after)
				})
			}
			group.Wait()
			count := map[string]int{}
			for _, end := range ends {
				count[end]++
			}
			t.Logf("%d requests, %d faults; left: %v", len(requests), len(cases), count)
			if count["the new state"] == 0 || count["the old state"] == 0 {
				t.Error("want faults that are overcome, and faults that are not")
			}
		})
	}
}

// rehearse runs the command undisturbed, and returns its requests and what was there before and after it.
func (l *lane) rehearse(
	t *testing.T, cp *controlplane.ControlPlane, name string, cmd spoiled,
) (requests []fault.Request, before, after map[string]string) {
	t.Helper()
	makeProfiles(t, cp, name+"-model", name+"-clean")
	for _, place := range []string{name + "-model", name + "-clean"} {
		for _, args := range cmd.prepare {
			l.run(t, fillIn(args, place)...).want(t, 0)
		}
	}
	before = l.state(t, name+"-clean")
	l.proxy.Spoil(nil)
	l.run(t, fillIn(cmd.args, name+"-clean")...).want(t, 0)
	requests = l.proxy.Requests()
	after = l.state(t, name+"-clean")
	if maps.Equal(before, after) {
		t.Fatal("the command changes nothing")
	}
	return requests, before, after
}

// clone makes profiles with the members of the model.
func clone(t *testing.T, cp *controlplane.ControlPlane, l *lane, name string, places []string) {
	t.Helper()
	makeProfiles(t, cp, places...)
	var objects []*unstructured.Unstructured
	for _, kind := range pairKinds {
		list, err := l.client.Resource(kind).Namespace(name+"-model").List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range list.Items {
			if !strings.Contains(list.Items[i].GetName(), "bob") {
				continue
			}
			for _, place := range places {
				object := list.Items[i].DeepCopy()
				object.SetNamespace(place)
				objects = append(objects, object)
			}
		}
	}
	if err := cp.ApplyObjects(t.Context(), objects...); err != nil {
		t.Fatal(err)
	}
}

// check runs a command that is being spoiled, and the same again when nothing is. It returns what the first run left.
func (l *lane) check(t *testing.T, what string, cmd spoiled, place string, before, after map[string]string) string {
	t.Helper()
	args := fillIn(cmd.args, place)
	out := l.run(t, args...)
	l.proxy.Spoil(nil)
	left := l.state(t, place)
	problem := judge(out, left, before, after)
	if !cmd.keeps(left) {
		problem += "; somebody has lost his role"
	}
	again := l.run(t, args...)
	if again.code != 0 {
		problem += fmt.Sprintf("; again: exit code %d: %s", again.code, again.stderr)
	}
	if diff := gocmp.Diff(after, l.state(t, place)); diff != "" {
		problem += "; not completed by the same command (-want +got):\n" + diff
	}
	if problem != "" {
		t.Errorf("%s, in %s, exit code %d: %s\nstdout: %sstderr: %s", what, place, out.code, problem, out.stdout, out.stderr)
	}
	switch {
	case maps.Equal(left, before):
		return "the old state"
	case maps.Equal(left, after):
		return "the new state"
	}
	return "something between"
}

// judge compares what a command says with what it has left.
func judge(out outcome, left, before, after map[string]string) string {
	says := func(text string) bool { return strings.Contains(out.stderr, text) }
	switch {
	case out.code == 0:
		if diff := gocmp.Diff(after, left); diff != "" {
			return "it says that it is done (-want +got):\n" + diff
		}
	case out.code != 1:
		return "want exit code 0 or 1"
	case says("undone: nothing has changed"), says("nothing was changed"):
		if diff := gocmp.Diff(before, left); diff != "" {
			return "it says that nothing has changed (-want +got):\n" + diff
		}
	case says("run the same command again"), says("the same command completes it"):
		// It is run again by the caller.
	case says("but that cannot be verified: "):
		// All is written, and told on stdout; what could not be done is to look at it again.
		if diff := gocmp.Diff(after, left); diff != "" {
			return "it says that it is only not verified (-want +got):\n" + diff
		}
	case !maps.Equal(before, left):
		return "it does not say what it left"
	}
	return ""
}
