package e2e

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// missingAll is the hint when all four lists were refused.
const missingAll = "hint: it takes the rule {apiGroups: [rbac.authorization.k8s.io], " +
	"resources: [clusterrolebindings, clusterroles, rolebindings, roles], verbs: [list]}"

// TestOneNamespaceOnly asks as somebody who may list the roles and bindings of one namespace and nothing else, and who
// may list nodes.
func TestOneNamespaceOnly(t *testing.T) {
	const lena = "lena@acme.example"
	corner(t, lena)
	h := homeOf(t, shared.cp, lena)

	out := h.whocan(t, "list", "roles", "-n", "storefront")
	out.want(t, 0)
	out.hears(t, "warning: cannot read ", "clusterroles", "clusterrolebindings", "roles outside of namespace storefront",
		"rolebindings outside of namespace storefront", ": the answer is partial", missingAll)
	for _, want := range []string{"user:" + lena + " ", "rolebinding/corner > role/corner"} {
		if !strings.Contains(out.stdout, want) {
			t.Errorf("stdout lacks %q:\n%s", want, out.stdout)
		}
	}
	strict := h.whocan(t, "list", "roles", "-n", "storefront", "--strict")
	strict.want(t, 2)
	strict.hears(t, "the answer is partial, and --strict is set")
	if strict.stdout != out.stdout {
		t.Errorf("--strict changes the answer:\n%s", strict.stdout)
	}
	if complete, gaps := completeness(t, h.whocan(t, "list", "roles", "-n", "storefront", "-o", "json")); complete || gaps != 4 {
		t.Errorf("complete %v with %d gaps, want 4 gaps", complete, gaps)
	}
	// Somebody else may have rights that the caller can't see: there is no answer, and so no advice.
	other := h.whocan(t, "why", "dana@acme.example", "delete", "pods", "-n", "storefront")
	other.want(t, 2)
	if !strings.HasPrefix(other.stdout, "unknown: user:dana@acme.example") || strings.Contains(other.stdout, "kubectl create") {
		t.Errorf("stdout: %s", other.stdout)
	}
	// What the caller itself may do is known all the same.
	ownRights(t, h, map[string]int{
		"list roles -n storefront": 0, "list roles -n catalog": 1, "list roles -A": 1, "list nodes": 0,
		"delete nodes": 1, "create selfsubjectaccessreviews.authorization.k8s.io": 0, "get /version": 0, "get /metrics": 1,
	})
}

// TestNoRightAtAll asks as somebody who may read nothing: the rules of the caller itself are all that there is.
func TestNoRightAtAll(t *testing.T) {
	h := homeOf(t, shared.cp, "mallory@acme.example")
	out := h.whocan(t, "get", "pods", "-n", "storefront")
	out.want(t, 0)
	out.hears(t, missingAll, "rolebindings in namespace storefront")
	h.whocan(t, "get", "pods", "-n", "storefront", "--strict").want(t, 2)
	h.whocan(t, "get", "pods", "-n", "storefront", "-q", "--strict").says(t, 2, "--strict is set")
	if complete, _ := completeness(t, h.whocan(t, "get", "pods", "-n", "storefront", "-o", "json")); complete {
		t.Error("the answer calls itself complete")
	}
	ownRights(t, h, map[string]int{
		"get pods -n storefront": 1, "create selfsubjectaccessreviews.authorization.k8s.io": 0, "get /version": 0,
	})
	rules := h.whocan(t, "rules", "me")
	rules.want(t, 0)
	rules.hears(t, "user:mallory@acme.example")
}

// TestRefusedImpersonation asks as somebody who may not act as somebody else: nothing was asked then, so that there is
// no answer, not even in part.
func TestRefusedImpersonation(t *testing.T) {
	t.Parallel()
	h := homeOf(t, shared.cp, "judy@acme.example", "auditors")
	for code, args := range map[int][]string{1: {"get", "pods", "-n", "catalog"}, 2: {"why", "me", "get", "pods"}} {
		h.whocan(t, append(args, "--as", "bob@acme.example")...).says(t, code, "Error from server (Forbidden)",
			`User "judy@acme.example" cannot impersonate`)
	}
	// Who may, asks with the rights of the other.
	security := homeOf(t, shared.cp, "ivan@acme.example", "security")
	out := security.whocan(t, "why", "me", "list", "pods", "-n", "catalog", "--as", "zoe@acme.example")
	out.want(t, 0)
	if !strings.HasPrefix(out.stdout, "yes: user:zoe@acme.example may list pods in catalog") {
		t.Errorf("stdout: %s", out.stdout)
	}
}

// ownRights asks about the caller itself, and compares the exit codes.
func ownRights(t *testing.T, h home, questions map[string]int) {
	t.Helper()
	for question, code := range questions {
		out := h.whocan(t, append([]string{"why", "me"}, strings.Fields(question)...)...)
		if out.code != code {
			t.Errorf("why me %s: exit code %d, want %d\n%s", question, out.code, code, out.stdout)
		}
	}
}

// completeness reads what an answer in JSON says of itself.
func completeness(t *testing.T, out outcome) (complete bool, gaps int) {
	t.Helper()
	out.want(t, 0)
	var answer struct {
		Complete bool  `json:"complete"`
		Gaps     []any `json:"gaps"`
	}
	if err := json.Unmarshal([]byte(out.stdout), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Complete, len(answer.Gaps)
}

// corner lets the user list the roles and bindings of storefront, and nodes, for the time of the test.
func corner(t *testing.T, user string) {
	t.Helper()
	client, err := kubernetes.NewForConfig(shared.cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	api := client.RbacV1()
	meta := metav1.ObjectMeta{Name: "corner", Namespace: "storefront"}
	subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}}
	ref := func(kind string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: "corner"}
	}
	role := &rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"roles", "rolebindings"}, Verbs: []string{"list"}},
	}}
	clusterRole := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "corner"}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"nodes"}, Verbs: []string{"list"}},
	}}
	_, err = api.Roles(meta.Namespace).Create(t.Context(), role, metav1.CreateOptions{})
	if err == nil {
		_, err = api.RoleBindings(meta.Namespace).Create(t.Context(),
			&rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: ref("Role"), Subjects: subjects}, metav1.CreateOptions{})
	}
	if err == nil {
		_, err = api.ClusterRoles().Create(t.Context(), clusterRole, metav1.CreateOptions{})
	}
	if err == nil {
		_, err = api.ClusterRoleBindings().Create(t.Context(), &rbacv1.ClusterRoleBinding{
			ObjectMeta: clusterRole.ObjectMeta, RoleRef: ref("ClusterRole"), Subjects: subjects,
		}, metav1.CreateOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, none := context.WithoutCancel(t.Context()), metav1.DeleteOptions{}
		for _, err := range []error{
			api.RoleBindings(meta.Namespace).Delete(ctx, "corner", none), api.Roles(meta.Namespace).Delete(ctx, "corner", none),
			api.ClusterRoleBindings().Delete(ctx, "corner", none), api.ClusterRoles().Delete(ctx, "corner", none),
		} {
			if err != nil {
				t.Error(err)
			}
		}
	})
}
