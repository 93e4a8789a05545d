package question_test

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestHidesProof(t *testing.T) {
	t.Parallel()
	refused := func(what, resource string) rbac.Gap {
		return rbac.Gap{What: what, Missing: &rbacv1.PolicyRule{
			Verbs: []string{"list"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{resource},
		}}
	}
	discovery := rbac.Gap{What: "resources that the server serves", Missing: &rbacv1.PolicyRule{NonResourceURLs: []string{"/api"}}}
	elsewhere := refused("rolebindings outside of namespace dev", "rolebindings")
	cluster := refused("clusterrolebindings", "clusterrolebindings")
	self := question.Asker{Self: true, Reviewed: "dev"}
	inQA := rbac.Action{Verb: "get", Resource: "pods", Namespace: "qa"}
	inDev := rbac.Action{Verb: "get", Resource: "pods", Namespace: "dev"}
	tests := map[string]struct {
		gaps   []rbac.Gap
		action rbac.Action
		asker  question.Asker
		want   bool
	}{
		"complete":                                   {action: inDev},
		"only discovery is missing":                  {gaps: []rbac.Gap{discovery}, action: inDev},
		"bindings of other namespaces":               {gaps: []rbac.Gap{elsewhere}, action: inDev},
		"bindings of this namespace":                 {gaps: []rbac.Gap{elsewhere}, action: rbac.Action{Verb: "get", Resource: "pods", Namespace: "qa"}, want: true},
		"role bindings, cluster-wide":                {gaps: []rbac.Gap{elsewhere}, action: rbac.Action{Verb: "list", Resource: "nodes"}},
		"cluster role bindings":                      {gaps: []rbac.Gap{cluster}, action: inDev, want: true},
		"about oneself, the server told":             {gaps: []rbac.Gap{cluster}, action: inDev, asker: self},
		"about oneself, another namespace":           {gaps: []rbac.Gap{elsewhere}, action: inQA, asker: self, want: true},
		"about oneself, everywhere":                  {gaps: []rbac.Gap{elsewhere, cluster}, action: rbac.Action{Verb: "list", Resource: "pods"}, asker: self},
		"about oneself, role bindings were read":     {gaps: []rbac.Gap{cluster}, action: inQA, asker: self},
		"about somebody else, cluster role bindings": {gaps: []rbac.Gap{cluster}, action: inQA, want: true},
		"about oneself, the server did not":          {gaps: []rbac.Gap{cluster, {What: "own rules in namespace dev"}}, action: inDev, asker: self, want: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := question.HidesProof(tt.gaps, tt.action, tt.asker); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
