package screen

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// hugeNow is the time of the huge cluster.
func hugeNow() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// hugeWorld is a cluster of 5,000 namespaces with 10 role bindings each: 2,000 of them are Kubeflow workspaces, 1,000 are
// native ones. It is made once.
var hugeWorld = sync.OnceValue(func() *world.World {
	h := &huge{inv: &inventory.Inventory{Live: true, Served: map[inventory.Kind]bool{}}, snapshot: &rbac.Snapshot{}}
	for _, kind := range []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas, inventory.ServiceAccounts,
	} {
		h.inv.Served[kind] = true
	}
	for i := range 5_000 {
		h.add(i)
	}
	moment := source.Moment{Snapshot: h.snapshot, Inventory: h.inv, Complete: true, Link: source.Link{State: source.Still}}
	return world.New(moment, world.Frame{Offline: true, ReadOnly: true, From: []string{"huge"}}, hugeNow())
})

type huge struct {
	inv      *inventory.Inventory
	snapshot *rbac.Snapshot
}

// add makes a namespace with all that is in it.
func (h *huge) add(i int) {
	name := fmt.Sprintf("team-%04d", i)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	owner := rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: fmt.Sprintf("owner-%04d@example.com", i)}
	flavored := i%5 < 2
	switch {
	case flavored:
		profile := kubeflow.NewProfile(name, owner, nil, nil)
		profile.SetUID("there")
		read, err := kubeflow.ReadProfile(profile)
		if err != nil {
			panic(err)
		}
		ns = kubeflow.NamespaceObject(read, kubeflow.DefaultConfig())
		h.inv.Profiles = append(h.inv.Profiles, profile)
		h.bind(kubeflow.OwnerRoleBinding(read))
		for _, account := range []string{kubeflow.EditorAccount, kubeflow.ViewerAccount} {
			h.inv.ServiceAccounts = append(h.inv.ServiceAccounts, kubeflow.AccountObject(read, account))
			h.bind(kubeflow.AccountBinding(read, account))
		}
		h.inv.Policies = append(h.inv.Policies, kubeflow.OwnerPolicyObject(read, kubeflow.DefaultConfig()))
	case i%5 == 2:
		ns.Labels = map[string]string{"gatehouse.dev/profile": "true"}
		ns.Annotations = map[string]string{"gatehouse.dev/owner": "user:" + owner.Name}
	}
	h.inv.Namespaces = append(h.inv.Namespaces, ns)
	h.snapshot.Namespaces = append(h.snapshot.Namespaces, rbac.Namespace{Name: name, Labels: ns.Labels})
	for j := range 10 {
		h.member(name, i, j, flavored)
	}
	h.inv.Quotas = append(h.inv.Quotas, &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: kubeflow.Quota},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"cpu": resource.MustParse("8"), "memory": resource.MustParse("64Gi")}},
		Status:     corev1.ResourceQuotaStatus{Used: corev1.ResourceList{"cpu": resource.MustParse("3"), "memory": resource.MustParse("60Gi")}},
	})
}

// member gives one of 3,000 users a role.
func (h *huge) member(name string, i, j int, flavored bool) {
	who := rbac.User(fmt.Sprintf("user-%04d@example.com", (i*7+j*31)%3_000))
	if flavored {
		h.bind(kubeflow.PairBinding(name, who, "edit"))
		h.inv.Policies = append(h.inv.Policies, kubeflow.PairPolicy(name, who, "edit", kubeflow.DefaultConfig()))
		return
	}
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: fmt.Sprintf("grant-%d", j)},
		Subjects:   []rbacv1.Subject{who.RBAC()}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
	}
	if j == 0 {
		binding.Annotations = map[string]string{"gatehouse.dev/expires": hugeNow().AddDate(0, 0, i%60-10).Format(time.RFC3339)}
	}
	h.bind(binding)
}

func (h *huge) bind(b *rbacv1.RoleBinding) {
	h.inv.RoleBindings = append(h.inv.RoleBindings, b)
	h.snapshot.Bindings = append(h.snapshot.Bindings, rbac.Binding{Namespace: b.Namespace, Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects})
}

// A page of a huge cluster is there before its findings are, and has them when it is built after they were worked out.
func TestHugeFindings(t *testing.T) {
	t.Parallel()
	w := world.New(hugeWorld().Moment, world.Frame{}, hugeNow())
	for _, p := range hugePlaces() {
		page, err := Build(w, p)
		if err != nil {
			t.Fatal(err)
		}
		if page.Later == nil {
			t.Errorf("%s %s: it is not said that findings are to come", p.Kind, p.Tab)
		}
	}
	cell := func(page *Page) string {
		column := slices.IndexFunc(page.List.Columns, func(c Column) bool { return c.Name == "Findings" })
		for row := range page.List.Rows {
			if page.List.Key(row) == "team-0002" {
				return page.List.Cell(row, column).Text
			}
		}
		return "no such row"
	}
	page, err := Build(w, Place{Kind: Namespaces})
	if err != nil {
		t.Fatal(err)
	}
	before := cell(page)
	page.Later()
	if page, err = Build(w, Place{Kind: Namespaces}); err != nil {
		t.Fatal(err)
	}
	if after := cell(page); before != "…" || after != "1 error, 1 warning" || page.Later != nil {
		t.Errorf("findings %q, then %q; whole: %v", before, after, page.Later == nil)
	}
	next := w.Next(w.Moment, world.Frame{}, hugeNow())
	if !next.Outdated() || len(next.Findings()) != len(w.Findings()) {
		t.Errorf("the next world knows of %d findings, and the one before it of %d", len(next.Findings()), len(w.Findings()))
	}
}

// hugePlaces are pages with findings on them.
func hugePlaces() []Place {
	return []Place{
		{Kind: Namespaces},
		{Kind: Grants},
		{Kind: Findings},
		{Kind: Workspace, Name: "team-0000"},
		{Kind: Workspace, Name: "team-0002", Tab: TabBindings},
		{Kind: Workspace, Name: "team-0000", Tab: TabQuota},
		{Kind: Workspace, Name: "team-0000", Tab: TabFindings},
	}
}

// BenchmarkPlaces builds pages of a huge cluster, and draws their first screen.
func BenchmarkPlaces(b *testing.B) {
	w := hugeWorld()
	w.Judge()
	w.Bindings()
	w.Members()
	for _, p := range hugePlaces() {
		b.Run(string(p.Kind)+p.Tab, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				page, err := Build(w, p)
				if err != nil {
					b.Fatal(err)
				}
				draw(page)
			}
		})
	}
}

// BenchmarkWorld works out what pages are made from: the namespaces with their members and quotas, and the findings.
func BenchmarkWorld(b *testing.B) {
	moment := hugeWorld().Moment
	for name, work := range map[string]func(*world.World){
		"namespaces": func(w *world.World) { w.Namespaces() },
		"findings":   func(w *world.World) { w.Judge() },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w := world.New(moment, world.Frame{}, hugeNow())
				b.StartTimer()
				work(w)
			}
		})
	}
}
