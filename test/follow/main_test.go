// Package follow tests the live feed of the browser on a real control plane: after every change, what it publishes is what
// a fresh read of the cluster gives.
package follow

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// patience is how long a change may take to arrive on a busy machine.
const patience = 30 * time.Second

var shared *controlplane.ControlPlane

func TestMain(m *testing.M) {
	os.Exit(controlplane.Run(controlplane.Options{}, func(cp *controlplane.ControlPlane) int {
		shared = cp
		if err := cp.Apply(context.Background(), filepath.Join("..", "..", "examples", "acme")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}))
}

// everything is what the browser wants.
func everything() inventory.Want {
	return inventory.Want{Kinds: []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas,
		inventory.LimitRanges, inventory.NetworkPolicies, inventory.ServiceAccounts, inventory.ServiceRoles,
		inventory.ServiceRoleBindings, inventory.Controller, inventory.ClusterAuthentications, inventory.ClusterDeployments,
	}}
}

// hasty is a clock by which time passes faster for those who wait.
type hasty struct {
	clock.RealClock
	times time.Duration
}

// NewTimer implements [clock.Clock].
func (h hasty) NewTimer(d time.Duration) clock.Timer { return h.RealClock.NewTimer(d / h.times) }

// cluster returns the cluster of a kubeconfig, with a cache of its own.
func cluster(t testing.TB, kubeconfig string) *kube.Cluster {
	t.Helper()
	flags, cache := cli.NewConnection(), t.TempDir()
	flags.KubeConfig, flags.CacheDir = &kubeconfig, &cache
	c, err := kube.New(flags, "gatehouse-test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// feed is a follower that runs.
type feed struct {
	t       testing.TB
	reader  *kube.Cluster // what a fresh read asks
	want    inventory.Want
	mu      sync.Mutex
	moments int
	last    source.Moment
	arrived chan struct{} // of one place
}

// follow runs a follower until the test ends.
func follow(t testing.TB, kubeconfig string, clk clock.Clock, want inventory.Want) *feed {
	t.Helper()
	f := &feed{t: t, reader: cluster(t, kubeconfig).Latest(), want: want, arrived: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	follower := source.NewFollower(cluster(t, kubeconfig), clk, func(format string, args ...any) { t.Logf(format, args...) }, want)
	go func() { ended <- follower.Run(ctx, f.take) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("run: %v", err)
			}
		case <-time.After(patience):
			t.Error("the follower does not end")
		}
	})
	return f
}

func (f *feed) take(m source.Moment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.moments++
	f.last = m
	select {
	case f.arrived <- struct{}{}:
	default:
	}
}

// now returns the last moment, and how many there were.
func (f *feed) now() (source.Moment, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last, f.moments
}

// until waits for a moment.
func (f *feed) until(what string, good func(source.Moment) bool) source.Moment {
	f.t.Helper()
	late := time.After(patience)
	for {
		if m, _ := f.now(); good(m) {
			return m
		}
		select {
		case <-f.arrived:
		case <-late:
			m, n := f.now()
			f.t.Fatalf("%s: not after %d moments; progress %v, link %v", what, n, m.Progress, m.Link)
		}
	}
}

// complete waits until everything was read.
func (f *feed) complete() source.Moment {
	f.t.Helper()
	return f.until("complete", func(m source.Moment) bool { return m.Complete })
}

// same waits until the last moment is what a fresh read gives.
func (f *feed) same(what string) {
	f.t.Helper()
	diff := ""
	for late := time.Now().Add(patience); time.Now().Before(late); {
		snapshot, inv := f.fresh()
		m, _ := f.now()
		diff = differ(inOrder(snapshot), inOrder(m.Snapshot)) + differ(timeless(inv), timeless(m.Inventory))
		if diff == "" {
			return
		}
		select {
		case <-f.arrived:
		case <-time.After(100 * time.Millisecond):
		}
	}
	f.t.Fatalf("%s: the moment is not what is there (-there +moment):\n%s", what, diff)
}

// fresh reads the cluster once.
func (f *feed) fresh() (*rbac.Snapshot, *inventory.Inventory) {
	f.t.Helper()
	snapshot, err := source.Live(f.reader, clock.RealClock{}, nil).Load(context.Background(), source.Want{
		Namespace: f.want.Namespace, Resources: true, Namespaces: true, ServiceAccounts: true, Marks: true,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	inv, err := source.LiveInventory(context.Background(), f.reader, clock.RealClock{}, nil, f.want)
	if err != nil {
		f.t.Fatal(err)
	}
	return snapshot, inv
}

// inOrder returns a copy of a snapshot without its time, and with its lists in one order, since theirs says nothing.
func inOrder(s *rbac.Snapshot) *rbac.Snapshot {
	out := *s
	out.Taken = time.Time{}
	out.Roles = sorted(s.Roles, func(r rbac.Role) string { return r.Namespace + "/" + r.Name })
	out.Bindings = sorted(s.Bindings, func(b rbac.Binding) string { return b.Namespace + "/" + b.Name })
	out.Namespaces = sorted(s.Namespaces, func(n rbac.Namespace) string { return n.Name })
	out.ServiceAccounts = sorted(s.ServiceAccounts, func(r rbac.ObjectRef) string { return r.Namespace + "/" + r.Name })
	return &out
}

func sorted[T any](list []T, key func(T) string) []T {
	return slices.SortedStableFunc(slices.Values(list), func(a, b T) int { return cmp.Compare(key(a), key(b)) })
}

// timeless returns a copy of an inventory without its time.
func timeless(inv *inventory.Inventory) *inventory.Inventory {
	out := *inv
	out.Taken = time.Time{}
	return &out
}

// differ compares two snapshots or two inventories. That they are the same is far quicker to see than where they differ.
func differ[T any](want, got *T) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return gocmp.Diff(want, got, cmpopts.EquateEmpty())
}

// inNamespace returns a kubeconfig whose context is in a namespace.
func inNamespace(t testing.TB, kubeconfig, namespace string) string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.Contexts[config.CurrentContext].Namespace = namespace
	path := filepath.Join(t.TempDir(), "config")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func admin() *rest.Config { return rest.CopyConfig(shared.AdminConfig()) }
