package e2e

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// answer is what is read of a who-can answer in JSON.
type answer struct {
	Complete bool `json:"complete"`
	Subjects []struct {
		Subject struct {
			ID string `json:"id"`
		} `json:"subject"`
		Names []string `json:"names"`
	} `json:"subjects"`
}

// allows lists the subjects that may do the request as it is.
func allows(t *testing.T, out outcome) map[string]bool {
	t.Helper()
	out.want(t, 0)
	var a answer
	if err := json.Unmarshal([]byte(out.stdout), &a); err != nil {
		t.Fatal(err)
	}
	if !a.Complete {
		t.Fatalf("the answer is not complete: %s", out.stdout)
	}
	all := map[string]bool{}
	for _, s := range a.Subjects {
		if len(s.Names) == 0 {
			all[s.Subject.ID] = true
		}
	}
	return all
}

// TestAnswers asks a long list of requests the server and the manifests, with all there is to say in JSON, and compares
// every answer with the other one and with the API server's own decisions (SubjectAccessReview), for everybody who
// occurs in a binding and for some who don't: who is listed must be allowed, and nobody else.
func TestAnswers(t *testing.T) {
	client, err := kubernetes.NewForConfig(shared.cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	subjects := everybody(t, client)
	h := adminHome(t)
	origin := regexp.MustCompile(`,\s+"origin": "[^"]*"`)
	var yes atomic.Int64
	t.Run("requests", func(t *testing.T) {
		for _, r := range requests() {
			t.Run(strings.Join(r.args(), " "), func(t *testing.T) {
				t.Parallel()
				live := h.whocan(t, append(r.args(), "-o", "json")...)
				offline := h.whocan(t, append(r.args(), "-o", "json", "--from", shared.acme())...)
				offline.want(t, 0)
				if diff := cmp.Diff(live.stdout, origin.ReplaceAllString(offline.stdout, "")); diff != "" {
					t.Errorf("answers differ (-server +manifests):\n%s", diff)
				}
				yes.Add(compare(t, client, subjects, r, allows(t, live)))
			})
		}
	})
	t.Logf("%d requests, %d decisions over %d subjects, %d of them yes", len(requests()), len(requests())*len(subjects),
		len(subjects), yes.Load())
}

// compare asks the server about everybody and returns how many it allows.
func compare(
	t *testing.T, client kubernetes.Interface, subjects []rbac.Identity, r request, listed map[string]bool,
) int64 {
	t.Helper()
	want := make([]bool, len(subjects))
	var group errgroup.Group
	group.SetLimit(16)
	for i, id := range subjects {
		group.Go(func() error {
			review := &authorizationv1.SubjectAccessReview{Spec: r.review(id)}
			got, err := client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
			if err == nil {
				want[i] = got.Status.Allowed
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	var yes int64
	for i, id := range subjects {
		got := listed[id.Subject.String()]
		for _, name := range id.Groups {
			got = got || listed[rbac.Group(name).String()]
		}
		if want[i] {
			yes++
		}
		if got != want[i] {
			t.Errorf("%s: listed %v, but the server says %v", id.Subject, got, want[i])
		}
	}
	return yes
}

// review is the same question to the server, about somebody.
func (r request) review(id rbac.Identity) authorizationv1.SubjectAccessReviewSpec {
	spec := authorizationv1.SubjectAccessReviewSpec{User: id.User, Groups: id.Groups}
	if r.path != "" {
		spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Verb: r.verb, Path: r.path}
		return spec
	}
	spec.ResourceAttributes = &authorizationv1.ResourceAttributes{
		Verb: r.verb, Group: r.group, Resource: r.resource, Subresource: r.subresource, Name: r.name, Namespace: r.namespace,
	}
	return spec
}

// everybody returns all subjects of the server's bindings, and strangers.
func everybody(t *testing.T, client kubernetes.Interface) []rbac.Identity {
	t.Helper()
	everywhere, err := client.RbacV1().ClusterRoleBindings().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	local, err := client.RbacV1().RoleBindings("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	snapshot := &rbac.Snapshot{}
	for i := range everywhere.Items {
		b := &everywhere.Items[i]
		snapshot.Bindings = append(snapshot.Bindings, rbac.Binding{Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects})
	}
	for i := range local.Items {
		b := &local.Items[i]
		snapshot.Bindings = append(snapshot.Bindings, rbac.Binding{
			Namespace: b.Namespace, Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects,
		})
	}
	subjects := append(rbac.Compile(snapshot).Subjects(),
		rbac.User("stranger"), rbac.Group("strangers"), rbac.User("DANA@acme.example"), rbac.ServiceAccount("ci", "tomorrow"),
		rbac.User(rbac.UserAnonymous))
	var out []rbac.Identity
	for _, s := range slices.CompactFunc(subjects, func(a, b rbac.Subject) bool { return a == b }) {
		out = append(out, rbac.NewIdentity(s))
	}
	if len(out) < 60 {
		t.Fatalf("only %d subjects", len(out))
	}
	return out
}
