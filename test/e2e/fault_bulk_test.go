package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/fault"
)

// Members of the file that is applied under faults, and the workspaces they are spread over.
const (
	spoiledMembers    = 200
	spoiledWorkspaces = 4
)

// memberFile is a file of members, with the workspaces it names.
type memberFile struct {
	path   string
	places []string
}

func newMemberFile(t *testing.T, name string) memberFile {
	t.Helper()
	f := memberFile{path: filepath.Join(t.TempDir(), "members.csv")}
	for i := range spoiledWorkspaces {
		f.places = append(f.places, fmt.Sprintf("%s-%d", name, i))
	}
	var b strings.Builder
	b.WriteString("workspace,subject,role,expires,http\n")
	for i := range spoiledMembers {
		fmt.Fprintf(&b, "%s,member-%03d@example.com,%s,,\n", f.places[i%spoiledWorkspaces], i, []string{"editor", "viewer"}[i%2])
	}
	if err := os.WriteFile(f.path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f memberFile) args() []string { return []string{"contrib", "apply", "-f", f.path, "--yes"} }

// states returns the objects of all workspaces of the file.
func (l *lane) states(t *testing.T, f memberFile) map[string]string {
	t.Helper()
	out := map[string]string{}
	for i, place := range f.places {
		for name, object := range l.state(t, place) {
			out[fmt.Sprintf("%d/%s", i, name)] = object
		}
	}
	return out
}

// pairs counts the members of whom both objects are there, and those of whom one is.
func pairs(state, before map[string]string) (whole, half int) {
	count := map[string]int{}
	for name := range state {
		if _, old := before[name]; !old {
			place, object, _ := strings.Cut(name, "/")
			_, object, _ = strings.Cut(object, "/")
			count[place+"/"+object]++
		}
	}
	for _, n := range count {
		if n == 2 {
			whole++
		} else {
			half++
		}
	}
	return whole, half
}

// testFaultsInBulk applies a file of 200 members with faults at some of its 400 writes, and applies it again: what is done
// is done whole, the message counts it right, and nothing is lost or made twice.
func testFaultsInBulk(t *testing.T, cp *controlplane.ControlPlane, l *lane) {
	once := func(at int32, kind fault.Kind) func(int32, fault.Request) fault.Kind {
		return func(n int32, _ fault.Request) fault.Kind {
			if n == at {
				return kind
			}
			return fault.None
		}
	}
	policy := func(r fault.Request) bool { return strings.Contains(r.URI, "authorizationpolicies") }
	tests := map[string]struct {
		// spoil gets the number of a write, from 0, with the write.
		spoil func(int32, fault.Request) fault.Kind
		// whole is how many members have to be there after the first run; code its exit code; says what it says.
		whole, code int
		says        string
	}{
		"reset-first":  {once(0, fault.ResetAfter), 200, 0, ""},
		"hang":         {once(57, fault.HangAfter), 200, 0, ""},
		"conflict":     {once(150, fault.Conflict), 200, 0, ""},
		"busy":         {func(n int32, _ fault.Request) fault.Kind { return every(n, 40, fault.Busy) }, 200, 0, ""},
		"broken":       {func(n int32, _ fault.Request) fault.Kind { return every(n, 50, fault.Broken) }, 200, 0, ""},
		"broken-after": {func(n int32, _ fault.Request) fault.Kind { return every(n, 30, fault.BrokenAfter) }, 200, 0, ""},
		"cut-last":     {once(2*spoiledMembers-1, fault.CutAfter), 200, 0, ""},
		"killed":       {once(133, fault.KillAfter), 200, 0, ""},
		"forbidden-one": {
			once(100, fault.Forbidden), 199, 1,
			"done in part: of 200 changes 199 are done, 1 undone: run the same command again to complete it",
		},
		"forbidden-policies": {
			func(_ int32, r fault.Request) fault.Kind {
				if policy(r) {
					return fault.Forbidden
				}
				return fault.None
			}, 0, 1, "undone: nothing has changed",
		},
	}
	clean := newMemberFile(t, "clean")
	makeProfiles(t, cp, clean.places...)
	before := l.states(t, clean)
	l.run(t, clean.args()...).want(t, 0)
	after := l.states(t, clean)
	for _, name := range slices.Sorted(maps.Keys(tests)) {
		t.Run(name, func(t *testing.T) {
			tc := tests[name]
			f := newMemberFile(t, name)
			makeProfiles(t, cp, f.places...)
			var writes atomic.Int32
			l.proxy.Spoil(func(r fault.Request) fault.Kind {
				if !r.IsWrite() {
					return fault.None
				}
				return tc.spoil(writes.Add(1)-1, r)
			})
			recovered := l.recover(t, cp)
			out := l.run(t, f.args()...)
			recovered()
			l.proxy.Spoil(nil)
			out.want(t, tc.code)
			if tc.says != "" {
				out.hears(t, tc.says)
			}
			if whole, half := pairs(l.states(t, f), before); whole != tc.whole || half != 0 {
				t.Errorf("%d members are there, and %d by halves; want %d and none\nstderr: %s", whole, half, tc.whole, out.stderr)
			}
			l.completes(t, f, after)
			t.Logf("%d writes, first run %s", writes.Load(), out.wall.Round(10*time.Millisecond))
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		f := newMemberFile(t, "interrupted")
		makeProfiles(t, cp, f.places...)
		l.interrupt(t, f, before)
		l.completes(t, f, after)
	})
}

// every spoils each n-th write.
func every(write, n int32, kind fault.Kind) fault.Kind {
	if write%n == n-1 {
		return kind
	}
	return fault.None
}

// completes applies the file again, twice: the first run makes what is missing, the second nothing.
func (l *lane) completes(t *testing.T, f memberFile, after map[string]string) {
	t.Helper()
	l.run(t, f.args()...).want(t, 0)
	if diff := gocmp.Diff(after, l.states(t, f)); diff != "" {
		t.Errorf("not completed by the same command (-want +got):\n%s", diff)
	}
	l.proxy.Spoil(nil)
	l.run(t, f.args()...).want(t, 0)
	for _, r := range l.proxy.Requests() {
		if r.IsWrite() {
			t.Errorf("there was nothing left to do, but %s %s", r.Method, r.URI)
		}
	}
}

// interrupt applies the file and sends the program SIGINT in the middle: what it has begun is brought to an end or taken
// back, and it says how far it came.
func (l *lane) interrupt(t *testing.T, f memberFile, before map[string]string) {
	t.Helper()
	reached := make(chan struct{})
	var writes atomic.Int32
	l.proxy.Spoil(func(r fault.Request) fault.Kind {
		if r.IsWrite() && writes.Add(1) == spoiledMembers {
			close(reached)
		}
		return fault.None
	})
	plugin := filepath.Join(shared.bin, "kubectl-contrib")
	out := l.home.start(t, nil, func(process *os.Process) {
		select {
		case <-reached:
		case <-t.Context().Done():
		}
		_ = process.Signal(os.Interrupt) // a program that has ended meanwhile fails the test below
	}, plugin, f.args()[1:]...)
	l.proxy.Spoil(nil)
	out.want(t, 130)
	whole, half := pairs(l.states(t, f), before)
	if half != 0 || whole == 0 || whole == spoiledMembers {
		t.Errorf("%d members are there, and %d by halves", whole, half)
	}
	out.hears(t, fmt.Sprintf("interrupted: done in part: of 200 changes %d are done, %d undone", whole, spoiledMembers-whole))
}
