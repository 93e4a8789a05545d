package conformance

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/objects"
)

// testCreateByApply shows that a rule for create with names has its use, and where it has none: a POST carries no name, server-side apply of a
// missing object asks for create with the object's name.
func (s *server) testCreateByApply(t *testing.T) {
	named := &rbacv1.Role{Rules: []rbacv1.PolicyRule{
		{Verbs: []string{"create"}, APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: []string{"mine"}},
		{Verbs: []string{"patch"}, APIGroups: []string{""}, Resources: []string{"configmaps"}},
	}}
	named.Namespace, named.Name = "dev", "named"
	binding := &rbacv1.RoleBinding{
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "named"},
		Subjects: []rbacv1.Subject{rbac.User("applier").RBAC()},
	}
	binding.Namespace, binding.Name = "dev", "named"
	set := &objects.Set{Roles: []*rbacv1.Role{named}, RoleBindings: []*rbacv1.RoleBinding{binding}}
	s.create(t, set)

	config := rest.CopyConfig(s.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "applier"}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	apply := func(name string) error {
		manifest := `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"` + name + `"}}`
		_, err := client.CoreV1().ConfigMaps("dev").Patch(t.Context(), name, types.ApplyPatchType, []byte(manifest), metav1.PatchOptions{FieldManager: "test"})
		return err
	}
	ix := rbac.Compile(set.Snapshot(true))
	for name, allowed := range map[string]bool{"mine": true, "other": false} {
		if err := apply(name); (err == nil) != allowed {
			t.Errorf("apply %s: %v, want allowed %v", name, err, allowed)
		}
		a := rbac.Action{Verb: "create", Resource: "configmaps", Name: name, Namespace: "dev"}
		if ix.Allowed(rbac.NewIdentity(rbac.User("applier")), a) != allowed {
			t.Errorf("%s: want allowed %v", a, allowed)
		}
	}
	if got := s.request(t, rbac.NewIdentity(rbac.User("applier")), "POST /api/v1/namespaces/dev/configmaps"); got != http.StatusForbidden {
		t.Errorf("POST without a name: %d, want 403", got)
	}
	only := ix.WhoCan(rbac.Action{Verb: "create", Resource: "configmaps"}, rbac.Anywhere).OnlyNamed
	if len(only) != 1 || !slices.Equal(only[0].Names, []string{"mine"}) {
		t.Errorf("who can create configmaps, for certain names only: %+v, want one for mine", only)
	}
}

// testRandom loads random worlds, compares the aggregated roles that the controller makes with the engine's, and the engine's decisions on a
// snapshot of the server, its own objects included, with SubjectAccessReviews.
func (s *server) testRandom(t *testing.T) {
	const worlds, asked = 12, 200
	seed := environment(t, "GATEHOUSE_SEED", rand.Uint64N(1<<40)) //nolint:gosec // any will do
	for n := range uint64(worlds) {
		g := newGrammar(seed+n, true)
		set := g.world()
		t.Logf("seed %d", seed+n)
		s.create(t, set)
		s.awaitAggregation(t, set)
		ix := rbac.Compile(s.list(t.Context(), t).Snapshot(true))
		p := newProbe(set)
		var group errgroup.Group
		group.SetLimit(8)
		for range asked {
			q := g.question(p, g.identity(p))
			if q.id.User == "" && len(q.id.Groups) == 0 || q.action.Path != "" && !strings.HasPrefix(q.action.Path, "/") {
				continue
			}
			group.Go(func() error {
				want, err := s.ask(t.Context(), q.id, q.action)
				if got := ix.Allowed(q.id, q.action); err == nil && got != want {
					t.Errorf("%+v\n%+v\nis %v, the API server says %v, in\n%s", q.id, q.action, got, want, text(set))
				}
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		s.remove(t, set)
		s.settle(t)
	}
}

// awaitAggregation waits until the controller has given every aggregated role the rules that the engine finds for it.
func (s *server) awaitAggregation(t *testing.T, set *objects.Set) {
	t.Helper()
	names := map[string]bool{}
	for _, r := range set.ClusterRoles {
		names[r.Name] = r.AggregationRule != nil
	}
	var diff string
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		diff = ""
		stored := s.list(ctx, t)
		offline := rbac.Compile(stored.Snapshot(false))
		for _, r := range stored.ClusterRoles {
			if names[r.Name] {
				diff += compare("rules of "+r.Name, ruleTexts(r.Rules), ruleTexts(rulesOf(offline, r.Name)))
			}
		}
		return diff == "", nil
	})
	if err != nil {
		t.Fatalf("the controller disagrees: %v: %s\nin\n%s", err, diff, text(set))
	}
	s.settle(t)
}

// rulesOf returns the rules that a ClusterRole has in the index: what somebody without any rights lacks of them, taken apart.
func rulesOf(ix *rbac.Index, name string) []rbacv1.PolicyRule {
	nobody := rbac.Identity{User: "nobody at all"}
	return ix.MayGrant(nobody, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}, "").Missing
}

// ruleTexts takes rules apart in the same way, so that equal rights look equal.
func ruleTexts(rules []rbacv1.PolicyRule) []string {
	var list []string
	for _, r := range rbac.Covers(nil, rules) {
		list = append(list, path("", rbac.Subject{}, r))
	}
	return list
}

// list reads all RBAC objects of the server.
func (s *server) list(ctx context.Context, t *testing.T) *objects.Set {
	t.Helper()
	api := s.client.RbacV1()
	clusterRoles, err1 := api.ClusterRoles().List(ctx, metav1.ListOptions{})
	roles, err2 := api.Roles("").List(ctx, metav1.ListOptions{})
	clusterRoleBindings, err3 := api.ClusterRoleBindings().List(ctx, metav1.ListOptions{})
	roleBindings, err4 := api.RoleBindings("").List(ctx, metav1.ListOptions{})
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			t.Fatal(err)
		}
	}
	set := &objects.Set{}
	for i := range clusterRoles.Items {
		set.ClusterRoles = append(set.ClusterRoles, &clusterRoles.Items[i])
	}
	for i := range roles.Items {
		set.Roles = append(set.Roles, &roles.Items[i])
	}
	for i := range clusterRoleBindings.Items {
		set.ClusterRoleBindings = append(set.ClusterRoleBindings, &clusterRoleBindings.Items[i])
	}
	for i := range roleBindings.Items {
		set.RoleBindings = append(set.RoleBindings, &roleBindings.Items[i])
	}
	return set
}
