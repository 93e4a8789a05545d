package workspace_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func TestNativeBinding(t *testing.T) {
	t.Parallel()
	own := func(kind, name string) rbacv1.RoleRef {
		return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}
	}
	tests := map[string]struct {
		subject    rbac.Subject
		ref        rbacv1.RoleRef
		name       string
		annotation string
	}{
		"user":            {rbac.User("bob@x.com"), workspace.Editor.Ref(workspace.Native), "contrib-user-bob-x-com-edit-", "editor"},
		"another case":    {rbac.User("Bob@x.com"), workspace.Editor.Ref(workspace.Native), "contrib-user-bob-x-com-edit-", "editor"},
		"group":           {rbac.Group("Shop Leads/Ä"), workspace.Owner.Ref(workspace.Native), "contrib-group-shop-leads-admin-", "owner"},
		"service account": {rbac.ServiceAccount("ci", "bot"), workspace.Viewer.Ref(workspace.Native), "contrib-sa-ci-bot-view-", "viewer"},
		"long": {
			rbac.User(strings.Repeat("a", 62) + "@b.com"), workspace.Viewer.Ref(workspace.Native),
			"contrib-user-" + strings.Repeat("a", 62) + "-view-", "viewer",
		},
		"role of one's own":         {rbac.User("bob@x.com"), own("Role", "pod:Reader"), "contrib-user-bob-x-com-pod-reader-", "role/pod:Reader"},
		"cluster role of one's own": {rbac.User("bob@x.com"), own("ClusterRole", "pod:Reader"), "contrib-user-bob-x-com-pod-reader-", "clusterrole/pod:Reader"},
		"Kubeflow's role":           {rbac.User("bob@x.com"), own("ClusterRole", "kubeflow-edit"), "contrib-user-bob-x-com-kubeflow-edit-", "clusterrole/kubeflow-edit"},
	}
	names := map[string]string{}
	for name, tc := range tests {
		got := workspace.NativeBinding("dev", tc.subject, tc.ref)
		hash, ok := strings.CutPrefix(got.Name, tc.name)
		if !ok || len(hash) != 8 || strings.Trim(hash, "0123456789abcdef") != "" {
			t.Errorf("%s: the name is %s, want %s and eight digits", name, got.Name, tc.name)
		}
		if why := validation.IsDNS1123Subdomain(got.Name); len(why) > 0 {
			t.Errorf("%s: an API server refuses the name %s: %v", name, got.Name, why)
		}
		if other, taken := names[got.Name]; taken {
			t.Errorf("%s and %s have the same name, %s", name, other, got.Name)
		}
		names[got.Name] = name
		want := &rbacv1.RoleBinding{
			TypeMeta: metav1.TypeMeta{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding"},
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "dev", Name: got.Name, Annotations: map[string]string{"gatehouse.dev/role": tc.annotation},
			},
			RoleRef: tc.ref, Subjects: []rbacv1.Subject{tc.subject.RBAC()},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// Bindings are found by what they hold, but names that change would make a second one for who is a member already.
	if got, want := workspace.NativeBinding("dev", rbac.User("bob@x.com"), workspace.Editor.Ref(workspace.Native)).Name, "contrib-user-bob-x-com-edit-240aa904"; got != want {
		t.Errorf("the name is %s, want %s", got, want)
	}
}

func TestNativeOwnerBinding(t *testing.T) {
	t.Parallel()
	want := &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "dev", Name: "gatehouse-owner", Annotations: map[string]string{"gatehouse.dev/role": "owner"},
		},
		RoleRef:  rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: "admin"},
		Subjects: []rbacv1.Subject{{APIGroup: "rbac.authorization.k8s.io", Kind: "Group", Name: "leads"}},
	}
	if diff := cmp.Diff(want, workspace.NativeOwnerBinding("dev", rbac.Group("leads"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "-": "", "Ä": "", "a": "a", "--A..b__9--": "a-b-9", "pod:Reader": "pod-reader", "\u212a": "",
	} {
		if got := workspace.Slug(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
