package world_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// snapshot has an aggregated role in use and one that is not, dangling bindings, an account that is missing, and crowds.
func snapshot() *rbac.Snapshot {
	get := func(resource string) []rbacv1.PolicyRule {
		return []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{resource}}}
	}
	aggregate := func(label string) []metav1.LabelSelector {
		return []metav1.LabelSelector{{MatchLabels: map[string]string{label: "yes"}}}
	}
	bind := func(ns, name, kind, role string, subjects ...rbac.Subject) rbac.Binding {
		b := rbac.Binding{Namespace: ns, Name: name, RoleRef: rbacv1.RoleRef{Kind: kind, Name: role}}
		for _, s := range subjects {
			b.Subjects = append(b.Subjects, s.RBAC())
		}
		return b
	}
	ann, bot := rbac.User("ann"), rbac.ServiceAccount("dev", "bot")
	return &rbac.Snapshot{
		Taken: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
		Roles: []rbac.Role{
			{Name: "used", Aggregates: aggregate("to-used")},
			{Name: "used-part", Labels: map[string]string{"to-used": "yes"}, Rules: get("pods")},
			{Name: "idle", Aggregates: aggregate("to-idle")},
			{Name: "idle-part", Labels: map[string]string{"to-idle": "yes"}, Rules: get("services")},
			{Name: "reader", Rules: get("secrets")},
			{Namespace: "dev", Name: "own", Rules: get("configmaps")},
		},
		Bindings: []rbac.Binding{
			bind("", "everyone", "ClusterRole", "used", rbac.Group(rbac.GroupAuthenticated)),
			bind("", "nonsense", "Role", "own", ann),
			bind("dev", "gone", "ClusterRole", "gone", ann),
			bind("dev", "own", "Role", "own", ann, bot, rbac.ServiceAccount("dev", "ghost")),
			bind("dev", "reader", "ClusterRole", "reader", ann, rbac.Group(rbac.GroupServiceAccounts+":dev")),
			bind("qa", "reader", "ClusterRole", "reader", ann),
		},
		ServiceAccounts: []rbac.ObjectRef{{Namespace: "dev", Name: "bot"}, {Namespace: "qa", Name: "lone"}},
	}
}

func newWorld(s *rbac.Snapshot, frame world.Frame) *world.World {
	return world.New(source.Moment{Snapshot: s, Inventory: &inventory.Inventory{}, Complete: true}, frame, time.Time{})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	type role struct {
		ID                 string
		Bindings, Holders  int
		Everywhere         bool
		Namespaces         int
		Dangling, Unused   bool
		Into, Parts, Allow string
	}
	w := newWorld(snapshot(), world.Frame{})
	var got []role
	for _, r := range w.Roles() {
		one := role{
			ID: r.ID.String(), Bindings: len(r.Bindings), Holders: r.Holders, Everywhere: r.Everywhere, Namespaces: r.Namespaces,
			Dangling: r.Dangling(), Unused: r.Unused,
		}
		for _, into := range r.Into {
			one.Into += into.ID.Name
		}
		for _, part := range w.Parts(r) {
			one.Parts += part.ID.Name + " by " + part.Selector
			if part.Rules != 1 {
				t.Errorf("%s has %d rules of %s, want 1", r.ID, part.Rules, part.ID)
			}
		}
		for _, word := range r.Strength.Words() {
			one.Allow += word
		}
		got = append(got, one)
	}
	want := []role{
		{ID: "clusterrole/gone", Bindings: 1, Holders: 1, Namespaces: 1, Dangling: true},
		{ID: "clusterrole/idle", Unused: true, Parts: "idle-part by to-idle=yes"},
		{ID: "clusterrole/idle-part", Unused: true, Into: "idle"},
		{ID: "clusterrole/reader", Bindings: 2, Holders: 2, Namespaces: 2, Allow: "secrets"},
		{ID: "clusterrole/used", Bindings: 1, Holders: 1, Everywhere: true, Parts: "used-part by to-used=yes"},
		{ID: "clusterrole/used-part", Into: "used"},
		{ID: "role/dev/own", Bindings: 1, Holders: 3, Namespaces: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRole(t *testing.T) {
	t.Parallel()
	w := newWorld(snapshot(), world.Frame{})
	for name, tt := range map[string]struct {
		id         rbac.ObjectID
		known, own bool
	}{
		"there":                            {rbac.ObjectID{Kind: "ClusterRole", Name: "reader"}, true, true},
		"referred to":                      {rbac.ObjectID{Kind: "ClusterRole", Name: "gone"}, true, false},
		"neither":                          {rbac.ObjectID{Kind: "ClusterRole", Name: "own"}, false, false},
		"a Role that a cluster can't have": {rbac.ObjectID{Kind: "Role", Name: "own"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := w.Role(tt.id)
			if (r != nil) != tt.known || r != nil && (r.Object != nil) != tt.own {
				t.Errorf("got %+v", r)
			}
		})
	}
	var held []string
	for _, h := range w.Role(rbac.ObjectID{Kind: "ClusterRole", Name: "reader"}).Held() {
		held = append(held, h.String()+" "+h.Binding.ID().String())
	}
	want := []string{
		"user:ann rolebinding/dev/reader", "group:system:serviceaccounts:dev rolebinding/dev/reader", "user:ann rolebinding/qa/reader",
	}
	if diff := cmp.Diff(want, held); diff != "" {
		t.Errorf("holders (-want +got):\n%s", diff)
	}
}

func TestBindings(t *testing.T) {
	t.Parallel()
	w := newWorld(snapshot(), world.Frame{})
	type binding struct {
		Role, Missing string
		Dangling      bool
		Subjects      int
	}
	got := map[string]binding{}
	for _, b := range w.Bindings() {
		one := binding{Dangling: b.Dangling(), Subjects: len(b.Subjects)}
		if b.Role != nil {
			one.Role = b.Role.ID.String()
		}
		for _, s := range b.Missing() {
			one.Missing += s.String()
		}
		got[b.ID().String()] = one
		if w.Binding(b.ID()) != b {
			t.Errorf("%s is found as another one", b.ID())
		}
	}
	want := map[string]binding{
		"clusterrolebinding/everyone": {Role: "clusterrole/used", Subjects: 1},
		"clusterrolebinding/nonsense": {Dangling: true, Subjects: 1},
		"rolebinding/dev/gone":        {Role: "clusterrole/gone", Dangling: true, Subjects: 1},
		"rolebinding/dev/own":         {Role: "role/dev/own", Missing: "sa:dev/ghost", Subjects: 3},
		"rolebinding/dev/reader":      {Role: "clusterrole/reader", Subjects: 2},
		"rolebinding/qa/reader":       {Role: "clusterrole/reader", Subjects: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if b := w.Binding(rbac.ObjectID{Kind: "RoleBinding", Namespace: "qa", Name: "own"}); b != nil {
		t.Errorf("there is a %s, want none", b.ID())
	}
}

func TestSubjects(t *testing.T) {
	t.Parallel()
	type subject struct {
		Subject    string
		Bindings   int
		Everywhere bool
		Namespaces int
		Strongest  string
		Missing    bool
	}
	describe := func(s *world.Subject) subject {
		one := subject{s.String(), len(s.Bindings), s.Everywhere, s.Namespaces, "", s.Missing}
		if s.Strongest != nil {
			one.Strongest = s.Strongest.ID.String()
		}
		return one
	}
	w := newWorld(snapshot(), world.Frame{})
	var got []subject
	for _, s := range w.Subjects() {
		got = append(got, describe(s))
	}
	want := []subject{
		{"user:ann", 5, false, 2, "clusterrole/reader", false},
		{"group:system:authenticated", 1, true, 0, "clusterrole/used", false},
		{"group:system:serviceaccounts:dev", 1, false, 1, "clusterrole/reader", false},
		{"sa:dev/bot", 1, false, 1, "role/dev/own", false},
		{"sa:dev/ghost", 1, false, 1, "role/dev/own", true},
		{"sa:qa/lone", 0, false, 0, "", false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for s, want := range map[rbac.Subject]subject{
		rbac.User("eve"):                    {Subject: "user:eve"},
		rbac.ServiceAccount("qa", "lone"):   {Subject: "sa:qa/lone"},
		rbac.ServiceAccount("qa", "nobody"): {Subject: "sa:qa/nobody", Missing: true},
	} {
		if diff := cmp.Diff(want, describe(w.Subject(s))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s, diff)
		}
	}
}

func TestHoldings(t *testing.T) {
	t.Parallel()
	w := newWorld(snapshot(), world.Frame{User: "ann", Groups: []string{"system:serviceaccounts:dev"}})
	for name, tt := range map[string]struct {
		subject rbac.Subject
		want    []string
	}{
		"a service account": {rbac.ServiceAccount("dev", "bot"), []string{
			"rolebinding/dev/own", "clusterrolebinding/everyone via group:system:authenticated",
			"rolebinding/dev/reader via group:system:serviceaccounts:dev",
		}},
		"a user nobody knows of":       {rbac.User("eve"), []string{"clusterrolebinding/everyone via group:system:authenticated"}},
		"a group that everybody is in": {rbac.Group(rbac.GroupAuthenticated), []string{"clusterrolebinding/everyone"}},
		"the groups of whoever is looking": {rbac.User("ann"), []string{
			"clusterrolebinding/nonsense", "rolebinding/dev/gone", "rolebinding/dev/own", "rolebinding/dev/reader", "rolebinding/qa/reader",
			"clusterrolebinding/everyone via group:system:authenticated", "rolebinding/dev/reader via group:system:serviceaccounts:dev",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, h := range w.Holdings(tt.subject) {
				text := h.ID().String()
				if h.Via != tt.subject {
					text += " via " + h.Via.String()
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCrowd(t *testing.T) {
	t.Parallel()
	unread := snapshot()
	unread.ServiceAccounts = nil
	for name, tt := range map[string]struct {
		snapshot *rbac.Snapshot
		subject  rbac.Subject
		want     world.Crowd
		ok       bool
	}{
		"everybody":                 {snapshot(), rbac.Group("system:authenticated"), world.Crowd{Who: "every user and every service account", ServiceAccounts: 2, Counted: true}, true},
		"all service accounts":      {snapshot(), rbac.Group("system:serviceaccounts"), world.Crowd{Who: "every service account, and so every pod", ServiceAccounts: 2, Counted: true}, true},
		"those of a namespace":      {snapshot(), rbac.Group("system:serviceaccounts:qa"), world.Crowd{Who: "every service account of qa, and so every pod there", ServiceAccounts: 1, Counted: true}, true},
		"whoever has not logged in": {snapshot(), rbac.Group("system:unauthenticated"), world.Crowd{Who: "whoever reaches the API server, without logging in", Counted: true}, true},
		"when nobody counted them":  {unread, rbac.Group("system:serviceaccounts"), world.Crowd{Who: "every service account, and so every pod"}, true},
		"a group of people":         {snapshot(), rbac.Group("team"), world.Crowd{}, false},
		"a user who is called so":   {snapshot(), rbac.User("system:authenticated"), world.Crowd{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := newWorld(tt.snapshot, world.Frame{}).Crowd(tt.subject)
			if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
				t.Errorf("a crowd: %v, want %v (-want +got):\n%s", ok, tt.ok, diff)
			}
		})
	}
}

// TestUnread checks that nothing is called missing or unused that could not be read.
func TestUnread(t *testing.T) {
	t.Parallel()
	refused := func(resource string) rbac.Gap {
		return rbac.Gap{What: resource, Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, Resources: []string{resource}}}
	}
	s := snapshot()
	s.Gaps = []rbac.Gap{refused("clusterroles"), refused("rolebindings"), refused("serviceaccounts")}
	w := newWorld(s, world.Frame{})
	for _, r := range w.Roles() {
		if r.Unused || r.Dangling() {
			t.Errorf("%s is unused: %v, dangling: %v", r.ID, r.Unused, r.Dangling())
		}
	}
	if r := w.Role(rbac.ObjectID{Kind: "ClusterRole", Name: "gone"}); !r.Unread {
		t.Error("a role that is not there is not said to be unread")
	}
	if w.Subject(rbac.ServiceAccount("dev", "ghost")).Missing {
		t.Error("an account is missing although accounts could not be read")
	}
	if got := len(w.Unread("clusterroles", "roles")); got != 1 {
		t.Errorf("%d gaps of roles, want 1", got)
	}
}

// TestManifests checks that accounts which controllers make are not missed in manifests.
func TestManifests(t *testing.T) {
	t.Parallel()
	s := snapshot()
	s.Taken = time.Time{}
	w := newWorld(s, world.Frame{Offline: true})
	for s, want := range map[rbac.Subject]bool{
		rbac.ServiceAccount("dev", "default"):            false,
		rbac.ServiceAccount("kube-system", "controller"): false,
		rbac.ServiceAccount("dev", "ghost"):              true,
	} {
		if got := w.Subject(s).Missing; got != want {
			t.Errorf("%s is missing: %v, want %v", s, got, want)
		}
	}
}

func TestRunAs(t *testing.T) {
	t.Parallel()
	pod := func(namespace, name, account string) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: corev1.PodSpec{ServiceAccountName: account}}
	}
	pods := []*corev1.Pod{pod("dev", "b", "bot"), pod("dev", "a", "bot"), pod("dev", "c", "default"), pod("dev", "d", "")}
	live := newWorld(snapshot(), world.Frame{})
	offline := newWorld(snapshot(), world.Frame{Offline: true})
	offline.Inventory.Pods = slices.Concat(pods, []*corev1.Pod{pod("qa", "e", "bot")})
	refused := errors.New("refused")
	for name, tt := range map[string]struct {
		world   *world.World
		account string
		known   bool
		want    []string
		err     error
	}{
		"not asked for yet":     {live, "bot", false, nil, nil},
		"asked for":             {live.WithPods(world.Pods{}.With("dev", pods, nil)), "bot", true, []string{"a", "b"}, nil},
		"of another namespace":  {live.WithPods(world.Pods{}.With("qa", pods, nil)), "bot", false, nil, nil},
		"refused":               {live.WithPods(world.Pods{}.With("dev", nil, refused)), "bot", true, nil, refused},
		"by default":            {live.WithPods(world.Pods{}.With("dev", pods, nil)), "default", true, []string{"c", "d"}, nil},
		"of manifests":          {offline, "bot", true, []string{"a", "b"}, nil},
		"of several namespaces": {live.WithPods(world.Pods{}.With("dev", pods, nil).With("qa", nil, refused)), "bot", true, []string{"a", "b"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := tt.world.RunAs(rbac.ServiceAccount("dev", tt.account))
			var got []string
			for _, p := range found {
				got = append(got, p.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v (-want +got):\n%s", err, tt.err, diff)
			}
			if known := tt.world.PodsKnown("dev"); known != tt.known {
				t.Errorf("known: %v, want %v", known, tt.known)
			}
		})
	}
}
