package conformance

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/objects"
)

// patience is how long the API server may take to see what was written to it.
const patience = 30 * time.Second

// server is the API server, with what a test has made there.
type server struct {
	config *rest.Config // of an administrator
	client kubernetes.Interface
	marks  int
}

// TestLive starts one API server and asks it everything that only a real one can answer. The parts share the server one after the other.
func TestLive(t *testing.T) {
	cp := controlplane.ForTest(t, controlplane.Options{})
	client, err := kubernetes.NewForConfig(cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{config: cp.AdminConfig(), client: client}
	for _, name := range []string{"dev", "qa", "prod"} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if _, err := client.CoreV1().Namespaces().Create(t.Context(), ns, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("Oracle", s.testOracle)
	t.Run("CreateByApply", s.testCreateByApply)
	t.Run("Random", s.testRandom)
}

// testOracle replays every row: requests as they stand, reviews as SubjectAccessReviews. Of an answer to a request only counts whether it is
// 403: what is allowed may still be not found, or badly formed.
func (s *server) testOracle(t *testing.T) {
	byCase := map[string][]row{}
	for _, r := range readOracle(t) {
		byCase[r.number] = append(byCase[r.number], r)
	}
	cases := readCases(t)
	for _, number := range slices.Sorted(maps.Keys(byCase)) {
		t.Run(number, func(t *testing.T) {
			s.create(t, cases[number])
			for _, r := range byCase[number] {
				var got bool
				if strings.HasPrefix(r.request, "SAR ") {
					got = s.review(t.Context(), t, r.id, r.action)
				} else {
					got = s.request(t, r.id, r.request) != http.StatusForbidden
				}
				if got != r.allowed {
					t.Errorf("%s: the API server says %v", r.text, got)
				}
			}
		})
	}
}

// request sends a request as the identity and returns the status.
func (s *server) request(t *testing.T, id rbac.Identity, text string) int {
	t.Helper()
	method, path, _ := strings.Cut(text, " ")
	config := rest.CopyConfig(s.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: id.User, Groups: id.Groups}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, config.Host+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// review asks for a SubjectAccessReview.
func (s *server) review(ctx context.Context, t *testing.T, id rbac.Identity, a rbac.Action) bool {
	t.Helper()
	allowed, err := s.ask(ctx, id, a)
	if err != nil {
		t.Fatal(err)
	}
	return allowed
}

func (s *server) ask(ctx context.Context, id rbac.Identity, a rbac.Action) (bool, error) {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{User: id.User, Groups: id.Groups}}
	if a.IsURL() {
		review.Spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Verb: a.Verb, Path: a.Path}
	} else {
		review.Spec.ResourceAttributes = &authorizationv1.ResourceAttributes{
			Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource, Name: a.Name, Namespace: a.Namespace,
		}
	}
	answer, err := s.client.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return false, fmt.Errorf("review %s: %w", a, err)
	}
	return answer.Status.Allowed, nil
}

// create makes the RBAC objects of a set, waits until the authorizer knows them, and takes them away when the test ends.
func (s *server) create(t *testing.T, set *objects.Set) {
	t.Helper()
	t.Cleanup(func() { s.remove(t, set) })
	ctx, api := t.Context(), s.client.RbacV1()
	var err error
	check := func(what string) {
		t.Helper()
		if err != nil {
			t.Fatalf("create %s: %v", what, err)
		}
	}
	for _, o := range set.ClusterRoles {
		_, err = api.ClusterRoles().Create(ctx, o, metav1.CreateOptions{})
		check(o.Name)
	}
	for _, o := range set.Roles {
		_, err = api.Roles(o.Namespace).Create(ctx, o, metav1.CreateOptions{})
		check(o.Name)
	}
	for _, o := range set.ClusterRoleBindings {
		_, err = api.ClusterRoleBindings().Create(ctx, o, metav1.CreateOptions{})
		check(o.Name)
	}
	for _, o := range set.RoleBindings {
		_, err = api.RoleBindings(o.Namespace).Create(ctx, o, metav1.CreateOptions{})
		check(o.Name)
	}
	s.settle(t)
}

func (s *server) remove(t *testing.T, set *objects.Set) {
	t.Helper()
	ctx, api := context.WithoutCancel(t.Context()), s.client.RbacV1()
	check := func(err error) {
		if err != nil && !apierrors.IsNotFound(err) {
			t.Error(err)
		}
	}
	for _, o := range set.RoleBindings {
		check(api.RoleBindings(o.Namespace).Delete(ctx, o.Name, metav1.DeleteOptions{}))
	}
	for _, o := range set.ClusterRoleBindings {
		check(api.ClusterRoleBindings().Delete(ctx, o.Name, metav1.DeleteOptions{}))
	}
	for _, o := range set.Roles {
		check(api.Roles(o.Namespace).Delete(ctx, o.Name, metav1.DeleteOptions{}))
	}
	// The aggregation controller applies what it has worked out even when the role was deleted meanwhile, which makes it anew.
	for quiet := 0; quiet < 2; quiet++ {
		for _, o := range set.ClusterRoles {
			switch err := api.ClusterRoles().Delete(ctx, o.Name, metav1.DeleteOptions{}); {
			case err == nil && o.AggregationRule != nil:
				quiet = -1
			default:
				check(err)
			}
		}
		if quiet < 0 {
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// settle waits until the authorizer has seen all that was written before. Each of the four kinds comes to it in order, so it is enough to wait
// for one more object of each.
func (s *server) settle(t *testing.T) {
	t.Helper()
	s.marks++
	mark := fmt.Sprintf("mark-%d", s.marks)
	rule := []rbacv1.PolicyRule{{Verbs: []string{mark}, APIGroups: []string{""}, Resources: []string{"pods"}}}
	subjects := func(name string) []rbacv1.Subject { return []rbacv1.Subject{rbac.User(name).RBAC()} }
	set := &objects.Set{
		ClusterRoles: []*rbacv1.ClusterRole{{Rules: rule}}, Roles: []*rbacv1.Role{{Rules: rule}},
		ClusterRoleBindings: []*rbacv1.ClusterRoleBinding{{RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: mark}, Subjects: subjects(mark)}},
		RoleBindings:        []*rbacv1.RoleBinding{{RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: mark}, Subjects: subjects(mark + "-local")}},
	}
	set.ClusterRoles[0].Name, set.ClusterRoleBindings[0].Name = mark, mark
	set.Roles[0].ObjectMeta = metav1.ObjectMeta{Namespace: "default", Name: mark}
	set.RoleBindings[0].ObjectMeta = metav1.ObjectMeta{Namespace: "default", Name: mark}
	defer s.remove(t, set)
	ctx, api := t.Context(), s.client.RbacV1()
	for _, make := range []func() error{
		func() error {
			_, err := api.ClusterRoles().Create(ctx, set.ClusterRoles[0], metav1.CreateOptions{})
			return err
		},
		func() error {
			_, err := api.ClusterRoleBindings().Create(ctx, set.ClusterRoleBindings[0], metav1.CreateOptions{})
			return err
		},
		func() error {
			_, err := api.Roles("default").Create(ctx, set.Roles[0], metav1.CreateOptions{})
			return err
		},
		func() error {
			_, err := api.RoleBindings("default").Create(ctx, set.RoleBindings[0], metav1.CreateOptions{})
			return err
		},
	} {
		if err := make(); err != nil {
			t.Fatal(err)
		}
	}
	wanted := rbac.Action{Verb: mark, Resource: "pods", Namespace: "default"}
	err := wait.PollUntilContextTimeout(ctx, 10*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		return s.review(ctx, t, rbac.NewIdentity(rbac.User(mark)), wanted) &&
			s.review(ctx, t, rbac.NewIdentity(rbac.User(mark+"-local")), wanted), nil
	})
	if err != nil {
		t.Fatalf("the authorizer does not see new objects: %v", err)
	}
}
