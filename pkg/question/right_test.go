package question_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestEverybodys(t *testing.T) {
	t.Parallel()
	everyone := rbac.Source{
		Subject: rbac.Group(rbac.GroupAuthenticated), Via: rbac.ViaEveryone,
		Binding: &rbac.Binding{Name: "system:basic-user"}, Role: &rbac.Role{Name: "system:basic-user"},
	}
	named := everyone
	named.Subject, named.Via = rbac.User("bob"), rbac.ViaDirect
	other := everyone
	other.Role = &rbac.Role{Name: "everyone-reads"}
	tests := map[string]struct {
		right rbac.Right
		want  bool
	}{
		"a question about oneself":          {rbac.Right{Resource: "selfsubjectaccessreviews", Sources: []rbac.Source{everyone}}, true},
		"a URL":                             {rbac.Right{URL: "/healthz", Sources: []rbac.Source{everyone}}, true},
		"something that was added to it":    {rbac.Right{Resource: "secrets", Sources: []rbac.Source{everyone}}, false},
		"a role of somebody else's":         {rbac.Right{URL: "/metrics", Sources: []rbac.Source{other}}, false},
		"bound to one user, too":            {rbac.Right{URL: "/metrics", Sources: []rbac.Source{everyone, named}}, false},
		"a resource with a similar name":    {rbac.Right{Resource: "selfies", Sources: []rbac.Source{everyone}}, false},
		"everything, by a widened own role": {rbac.Right{Group: "*", Resource: "*", Sources: []rbac.Source{everyone}}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := question.Everybodys(&tt.right); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}
