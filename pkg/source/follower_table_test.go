package source

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func bindingOf(namespace, name, role string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: role},
	}
}

func give(t testing.TB, table records, change kube.Change, binding *rbacv1.RoleBinding) {
	t.Helper()
	data, err := binding.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if change == "" {
		err = table.Item(data, kube.Protobuf)
	} else {
		err = table.change(kube.Event{Change: change, Object: data})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestTable compares a table with a map, after random lists and changes.
func TestTable(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		var (
			random = rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // has to be repeatable
			table  = bothBindings()
			want   = map[objectKey]string{}
			olds   []frame
			copies []frame
		)
		for n := range 60 {
			switch key := (objectKey{fmt.Sprint("ns-", random.IntN(3)), fmt.Sprint("b", random.IntN(8))}); random.IntN(12) {
			case 0:
				clear(want)
				for i := range random.IntN(6) {
					name := fmt.Sprint("b", 7-i) // not sorted, as a server may be
					want[objectKey{"ns-0", name}] = "listed"
					give(t, table, "", bindingOf("ns-0", name, "listed"))
				}
				table.end()
				table.replace()
			case 1, 2, 3:
				delete(want, key)
				give(t, table, kube.Deleted, bindingOf(key.namespace, key.name, "x"))
			default:
				want[key] = strconv.Itoa(n)
				give(t, table, kube.Modified, bindingOf(key.namespace, key.name, want[key]))
			}
			if random.IntN(3) > 0 {
				continue
			}
			table.settle()
			got := frame{snapshot: &rbac.Snapshot{}, inventory: &inventory.Inventory{}}
			table.publish(&got)
			check(t, want, got)
			olds = append(olds, got)
			copies = append(copies, frame{
				&rbac.Snapshot{Bindings: slices.Clone(got.snapshot.Bindings)},
				&inventory.Inventory{RoleBindings: slices.Clone(got.inventory.RoleBindings)},
			})
		}
		for i := range olds {
			if diff := cmp.Diff(copies[i], olds[i], cmp.AllowUnexported(frame{}), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d: what was published has changed (-before +after):\n%s", seed, diff)
			}
		}
	}
}

// TestSettle says of whom a change makes something new.
func TestSettle(t *testing.T) {
	t.Parallel()
	labels := bindingOf("ns", "b", "edit")
	labels.Labels = map[string]string{"x": "y"}
	tests := map[string]struct {
		table         records
		change        kube.Change
		object        *rbacv1.RoleBinding
		whole, access bool
	}{
		"as it is, for snapshots":  {table: bindingTable(), change: kube.Modified, object: bindingOf("ns", "b", "edit")},
		"as it is, for both":       {table: bothBindings(), change: kube.Modified, object: bindingOf("ns", "b", "edit")},
		"a label, for snapshots":   {table: bindingTable(), change: kube.Modified, object: labels},
		"a label, for both":        {table: bothBindings(), change: kube.Modified, object: labels, whole: true},
		"a role":                   {table: bothBindings(), change: kube.Modified, object: bindingOf("ns", "b", "view"), whole: true, access: true},
		"another":                  {table: bothBindings(), change: kube.Added, object: bindingOf("ns", "a", "edit"), whole: true, access: true},
		"gone":                     {table: bothBindings(), change: kube.Deleted, object: bindingOf("ns", "b", "edit"), whole: true, access: true},
		"gone what was not there":  {table: bothBindings(), change: kube.Deleted, object: bindingOf("ns", "c", "edit")},
		"a role, for snapshots":    {table: bindingTable(), change: kube.Modified, object: bindingOf("ns", "b", "view"), whole: true, access: true},
		"another, after all":       {table: bothBindings(), change: kube.Added, object: bindingOf("ns", "z", "edit"), whole: true, access: true},
		"gone, for snapshots only": {table: bindingTable(), change: kube.Deleted, object: bindingOf("ns", "b", "edit"), whole: true, access: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			give(t, test.table, "", bindingOf("ns", "b", "edit"))
			test.table.end()
			test.table.replace()
			if whole, access := test.table.settle(); !whole || !access {
				t.Errorf("first: whole %t, access %t", whole, access)
			}
			give(t, test.table, test.change, test.object)
			if whole, access := test.table.settle(); whole != test.whole || access != test.access {
				t.Errorf("whole %t, access %t; want %t, %t", whole, access, test.whole, test.access)
			}
		})
	}
}

func check(t *testing.T, want map[objectKey]string, got frame) {
	t.Helper()
	whole, derived := map[objectKey]string{}, map[objectKey]string{}
	for _, b := range got.inventory.RoleBindings {
		whole[keyOf(b)] = b.RoleRef.Name
	}
	for _, b := range got.snapshot.Bindings {
		derived[objectKey{b.Namespace, b.Name}] = b.RoleRef.Name
	}
	if diff := cmp.Diff(want, whole, cmp.AllowUnexported(objectKey{})); diff != "" {
		t.Fatalf("objects (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, derived, cmp.AllowUnexported(objectKey{})); diff != "" {
		t.Fatalf("derived (-want +got):\n%s", diff)
	}
	if !slices.IsSortedFunc(got.inventory.RoleBindings, func(a, b *rbacv1.RoleBinding) int { return compareKeys(keyOf(a), keyOf(b)) }) {
		t.Fatal("not sorted")
	}
}

// BenchmarkMoment makes a moment of a very large cluster after one change of a role binding.
func BenchmarkMoment(b *testing.B) {
	cluster, err := kube.New(kubetest.New(b).Flags(b), "bench", io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	follower := NewFollower(cluster, clocktesting.NewFakeClock(metav1.Unix(0, 0).Time), nil, inventory.Want{
		Kinds: []inventory.Kind{inventory.RoleBindings, inventory.Namespaces, inventory.ServiceAccounts},
	})
	tracks, err := follower.tracks()
	if err != nil {
		b.Fatal(err)
	}
	f := newFollowing(follower, tracks)
	f.served.tried, f.own.tried = true, true
	for i := range 50_000 {
		give(b, tracks[0].records, "", bindingOf(fmt.Sprint("team-", i%5000), fmt.Sprint("user-", i), "edit"))
	}
	for _, t := range tracks {
		t.records.end()
		t.records.replace()
		t.reading = reading{tried: true, held: true, exists: true}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		give(b, tracks[0].records, kube.Modified, bindingOf(fmt.Sprint("team-", n%5000), "new", "edit"))
		if m, changed := f.moment(); !changed || len(m.Snapshot.Bindings) < 50_000 || len(m.Inventory.RoleBindings) < 50_000 {
			b.Fatal("a binding is missing")
		}
	}
}
