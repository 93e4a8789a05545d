package whocan

import (
	"encoding/json"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// toldWorld is what lim sees, who may read nothing of RBAC: his own rules in team-a, which the API server told.
func toldWorld() *rbac.Index {
	return rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{{
			Namespace: "team-a", Name: "made-up", Stored: true, Origin: rbac.ToldOrigin,
			Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}},
		}},
		Bindings: []rbac.Binding{{
			Namespace: "team-a", Name: "made-up", Origin: rbac.ToldOrigin,
			RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "made-up"}, Subjects: []rbacv1.Subject{rbac.User("lim").RBAC()},
		}},
	})
}

// TestToldIsNoObject shows rules that the API server told of: nothing names a binding or a role that nobody can find.
func TestToldIsNoObject(t *testing.T) {
	t.Parallel()
	index, id := toldWorld(), rbac.NewIdentity(rbac.User("lim"))
	req := question.Request{Action: rbac.Action{Verb: "get", Resource: "pods", Namespace: "team-a"}, Namespaced: true}
	why := func(verb string) *question.Explanation {
		asked := req
		asked.Action.Verb = verb
		return question.Explain(index, id, asked, question.Asker{Self: true})
	}
	grants := index.WhoCan(req.Action, req.Scope).Grants
	tests := map[string]any{
		"graph":     viewGraph(draw(grants, nil, req), nil, req, nil),
		"drawn":     draw(grants, nil, req).graph(),
		"proofs":    viewWhy(why("get"), nil),
		"why drawn": whyGraph(why("get")),
		"nearest":   viewWhy(why("delete"), nil),
		"rules":     viewRights(index.Rights(id, "team-a")),
	}
	for name, v := range tests {
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(out); strings.Contains(text, "made-up") || !strings.Contains(text, "told") && !strings.Contains(text, rbac.ToldText) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
