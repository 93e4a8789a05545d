package frames

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/test/bench/cluster"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// bar is what the project promises for the 99th percentile.
const bar = 16 * time.Millisecond

// still is a source that publishes one moment.
type still struct{ moment source.Moment }

func (s still) Run(_ context.Context, publish func(source.Moment)) error {
	publish(s.moment)
	return nil
}

func (still) Self(context.Context) (rbac.Identity, error) { return rbac.Identity{}, nil }

func (still) Pods(context.Context, string) ([]*corev1.Pod, error) { return nil, nil }

func (still) Save(string, *rbac.Snapshot) error { return nil }

// huge returns the moment of the huge cluster.
func huge() source.Moment {
	set := cluster.New(cluster.Huge())
	return source.Moment{
		Snapshot:  set.Snapshot(true),
		Inventory: &inventory.Inventory{Namespaces: set.Namespaces, RoleBindings: set.RoleBindings, ServiceAccounts: set.ServiceAccounts},
		Complete:  true, Link: source.Link{State: source.Still},
	}
}

// BenchmarkFrames presses keys on a screen of 200 by 60 cells. The bar is on the time from a key to the next frame, with
// what is drawn while a person waits. What the browser does beside its loop, such as sorting and answering, is in the time
// until the frame that shows all that came of the key.
func BenchmarkFrames(b *testing.B) {
	stage, err := tui.NewStage(b.Context(), tui.Options{
		Source: still{huge()}, Frame: world.Frame{Context: "huge", Offline: true, ReadOnly: true}, Clock: clock.RealClock{},
	}, 200, 60)
	if err != nil {
		b.Fatal(err)
	}
	m := &measures{stage: stage, next: map[string][]time.Duration{}, answer: map[string][]time.Duration{}}
	for _, list := range []string{"namespaces", "roles", "bindings", "subjects"} {
		m.open(list)
		m.keys("scroll "+list, 25, "down", "pgdown", "down", "up", "pgdown", "end", "pgup", "home")
		m.keys("filter "+list, 10, append(append([]string{"/"}, typed("team-42")...), "backspace", "backspace", "1", "esc")...)
	}
	m.open("whocan")
	for _, question := range []string{
		"get secrets -n team-0042", "create pods/exec -A", "list deployments.apps", "why not user-0001@acme.example get pods -n team-0007",
	} {
		m.keys("ask who can", 5, append(append([]string{"w"}, typed(question)...), "ctrl+u", "esc")...)
	}
	m.report(b)
}

// typed are the keys of a text.
func typed(text string) []string { return strings.Split(text, "") }

// measures are the times of each kind of key.
type measures struct {
	stage        *tui.Stage
	kinds        []string
	next, answer map[string][]time.Duration
}

// open goes to a page through the palette.
func (m *measures) open(kind string) {
	m.stage.Press(":")
	m.stage.Type(kind)
	m.stage.Press("enter")
}

// keys presses keys that many times over.
func (m *measures) keys(kind string, times int, keys ...string) {
	if !slices.Contains(m.kinds, kind) {
		m.kinds = append(m.kinds, kind)
	}
	for range times {
		for _, key := range keys {
			began := time.Now()
			m.stage.Touch(key)
			_ = m.stage.View()
			m.next[kind] = append(m.next[kind], time.Since(began))
			m.stage.Settle()
			_ = m.stage.View()
			m.answer[kind] = append(m.answer[kind], time.Since(began))
		}
	}
}

func (m *measures) report(b *testing.B) {
	b.Helper()
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "\nKEYS\tCOUNT\tNEXT FRAME, MEDIAN\tP99\tWORST\tBAR\tANSWER, MEDIAN\tP99\tWORST")
	for _, kind := range m.kinds {
		verdict := "met"
		if at(m.next[kind], 99) > bar {
			verdict = fmt.Sprintf("MISSED (%v)", bar)
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%v\t%v\t%v\t%s\t%v\t%v\t%v\n", kind, len(m.next[kind]), at(m.next[kind], 50), at(m.next[kind], 99),
			at(m.next[kind], 100), verdict, at(m.answer[kind], 50), at(m.answer[kind], 99), at(m.answer[kind], 100))
	}
	_ = table.Flush()
}

// at returns a percentile.
func at(times []time.Duration, percentile int) time.Duration {
	times = slices.Sorted(slices.Values(times))
	return times[(len(times)*percentile-1)/100].Round(time.Microsecond)
}
