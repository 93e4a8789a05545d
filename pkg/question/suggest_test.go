package question_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestSuggest(t *testing.T) {
	t.Parallel()
	ix := rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{
			{Name: "cluster-admin", Rules: []rbacv1.PolicyRule{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}},
			{Name: "system:pods", Rules: []rbacv1.PolicyRule{{Verbs: []string{"delete"}, APIGroups: []string{""}, Resources: []string{"pods"}}}},
			{Name: "edit", Rules: []rbacv1.PolicyRule{{Verbs: []string{"get", "delete"}, APIGroups: []string{""}, Resources: []string{"pods"}}}},
			{Name: "cleaner", Namespace: "dev", Rules: []rbacv1.PolicyRule{{Verbs: []string{"delete"}, APIGroups: []string{""}, Resources: []string{"pods"}}}},
		},
		Bindings: []rbac.Binding{{Namespace: "dev", Name: "bob-x-com-cleaner", RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "cleaner"}}},
	})
	tests := map[string]struct {
		who  rbac.Subject
		req  question.Request
		want []question.Suggestion
	}{
		"a role of the namespace, and a name that is taken": {
			who: rbac.User("bob@x.com"),
			req: question.Request{Action: rbac.Action{Verb: "delete", Resource: "pods", Namespace: "dev"}, Namespaced: true, Served: true},
			want: []question.Suggestion{
				{
					Commands: []string{
						"kubectl create role delete-pods --verb=delete --resource=pods --namespace=dev",
						"kubectl create rolebinding bob-x-com-delete-pods --role=delete-pods --user=bob@x.com --namespace=dev",
					},
					Grants: "only this",
				},
				{
					Commands: []string{"kubectl create rolebinding bob-x-com-cleaner-2 --role=cleaner --user=bob@x.com --namespace=dev"},
					Grants:   "all of role/cleaner",
				},
			},
		},
		"cluster-wide, for a service account": {
			who: rbac.ServiceAccount("ci", "bot"),
			req: question.Request{Action: rbac.Action{Verb: "delete", Resource: "pods"}, Namespaced: true, Served: true},
			want: []question.Suggestion{
				{
					Commands: []string{
						"kubectl create clusterrole delete-pods --verb=delete --resource=pods",
						"kubectl create clusterrolebinding bot-delete-pods --clusterrole=delete-pods --serviceaccount=ci:bot",
					},
					Grants: "only this",
				},
				{
					Commands: []string{"kubectl create clusterrolebinding bot-edit --clusterrole=edit --serviceaccount=ci:bot"},
					Grants:   "all of clusterrole/edit, everywhere",
				},
			},
		},
		"a look everywhere is not worth a role that changes everything": {
			who: rbac.User("bob"),
			req: question.Request{Action: rbac.Action{Verb: "get", Resource: "pods"}, Namespaced: true, Served: true},
			want: []question.Suggestion{{
				Commands: []string{
					"kubectl create clusterrole get-pods --verb=get --resource=pods",
					"kubectl create clusterrolebinding bob-get-pods --clusterrole=get-pods --user=bob",
				},
				Grants: "only this",
			}},
		},
		"a name that a shell would run": {
			who: rbac.Group("a; rm -rf $HOME '"),
			req: question.Request{Action: rbac.Action{Verb: "get", Path: "/metrics"}},
			want: []question.Suggestion{{
				Commands: []string{
					"kubectl create clusterrole get-metrics --verb=get --non-resource-url=/metrics",
					`kubectl create clusterrolebinding a-rm-rf-home-get-metrics --clusterrole=get-metrics '--group=a; rm -rf $HOME '\'''`,
				},
				Grants: "only this",
			}},
		},
		"nothing that kubectl could write": {
			who: rbac.User("bob"),
			req: question.Request{Action: rbac.Action{Verb: "impersonate", Resource: "users"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := question.Suggest(ix, rbac.NewIdentity(tt.who), tt.req, nil)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
