package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

var (
	now  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	pods = []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}
)

// world has the token "ci" of shop, whole, and a service account that nobody made for a token.
func world() *inventory.Inventory {
	meta := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: "shop", Name: name, UID: "u", ResourceVersion: "1", Labels: map[string]string{token.Label: "ci"}}
	}
	secret := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Secret", "type": string(token.SecretType)}}
	secret.SetNamespace("shop")
	secret.SetName("ci-1")
	secret.SetUID("s")
	secret.SetLabels(map[string]string{token.Label: "ci"})
	account := &corev1.ServiceAccount{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"}, ObjectMeta: meta("ci")}
	account.Annotations = map[string]string{token.MayAnnotation: `[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]`}
	other := account.DeepCopy()
	other.Name, other.Labels = "web", nil
	role := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}}
	role.SetNamespace("shop")
	role.SetName("ci")
	role.SetUID("r")
	role.SetLabels(map[string]string{token.Label: "ci"})
	return &inventory.Inventory{
		ServiceAccounts: []*corev1.ServiceAccount{account, other},
		RoleBindings: []*rbacv1.RoleBinding{{
			TypeMeta: metav1.TypeMeta{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding"}, ObjectMeta: meta("ci"),
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "ci"},
			Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "shop", Name: "ci"}},
		}},
		Custom: map[inventory.Kind][]*unstructured.Unstructured{inventory.TokenSecrets: {secret}, inventory.Roles: {role}},
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request token.Request
		change  func(*inventory.Inventory)
		steps   []string
		after   []string
		fails   string
	}{
		"new": {
			request: token.Request{Name: "scan", Rules: pods},
			steps:   []string{"create serviceaccount shop/scan", "create secret shop/scan-20261122-120000", "create role shop/scan", "create rolebinding shop/scan"},
		},
		"there already":   {request: token.Request{Name: "ci", Rules: pods}, fails: "token ci is there already"},
		"somebody else's": {request: token.Request{Name: "web", Rules: pods}, fails: "not one of a token of ours"},
		"rotated": {
			request: token.Request{Name: "ci", Rotate: true},
			steps:   []string{"update serviceaccount shop/ci", "create secret shop/ci-20261122-120000", "update role shop/ci", "update rolebinding shop/ci"},
			after:   []string{"delete secret shop/ci-1"},
		},
		"rotated, and not there": {request: token.Request{Name: "scan", Rotate: true}, fails: "there is no token scan in shop"},
		"rotated, and nothing says what it may do": {
			request: token.Request{Name: "ci", Rotate: true}, fails: "give --may",
			change: func(inv *inventory.Inventory) { inv.ServiceAccounts[0].Annotations = nil },
		},
		"a binding of somebody else": {
			request: token.Request{Name: "ci", Rotate: true}, fails: "role binding shop/ci is there, and not one of a token of ours",
			change: func(inv *inventory.Inventory) { inv.RoleBindings[0].RoleRef.Name = "admin" },
		},
		"rotated, and Secrets can't be read": {
			request: token.Request{Name: "ci", Rotate: true}, fails: "not all " + inventory.TokenSecrets.Called()[0] + " can be read",
			change: func(inv *inventory.Inventory) {
				inv.Gaps = []rbac.Gap{{What: inventory.TokenSecrets.Called()[0] + " in namespace shop"}}
			},
		},
		"a bad name":  {request: token.Request{Name: "CI"}, fails: "bad name"},
		"a long name": {request: token.Request{Name: strings.Repeat("a", 50)}, fails: "longer than 47"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := world()
			if tt.change != nil {
				tt.change(inv)
			}
			tt.request.Namespace, tt.request.Expires = "shop", now.Add(time.Hour)
			d, err := token.Create(token.NewState(inv, nil, now), tt.request)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Fatalf("error %v, want one with %q", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.steps, d.Plan.Strings()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if got := d.After.Strings(); len(got)+len(tt.after) > 0 && !cmp.Equal(tt.after, got) {
				t.Errorf("after %q, want %q", got, tt.after)
			}
		})
	}
}

// Whoever keeps the account must know all that its tokens are bound to.
func TestRevokeUnseen(t *testing.T) {
	t.Parallel()
	inv := world()
	inv.Gaps = []rbac.Gap{{What: inventory.TokenSecrets.Called()[0] + " in namespace shop"}}
	s := token.NewState(inv, nil, now)
	tokens, err := s.Find("shop", "ci")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := token.Revoke(s, tokens, true); err == nil {
		t.Error("an account is kept, and nobody knows whether its token ends")
	}
	if p, _, err := token.Revoke(s, tokens, false); err != nil || len(p.Steps) != 4 {
		t.Errorf("%q, %v", p.Strings(), err)
	}
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	all := []string{"delete rolebinding shop/ci", "delete role shop/ci", "delete secret shop/ci-1", "delete serviceaccount shop/ci"}
	tests := map[string]struct {
		change func(*inventory.Inventory)
		keep   bool
		steps  []string
		notes  string
	}{
		"whole":    {steps: all},
		"its life": {keep: true, steps: []string{"delete secret shop/ci-1"}},
		"a binding with another subject": {
			change: func(inv *inventory.Inventory) {
				inv.RoleBindings[0].Subjects = append(inv.RoleBindings[0].Subjects, rbacv1.Subject{Kind: "User", APIGroup: rbacv1.GroupName, Name: "ann"})
			},
			steps: []string{"delete secret shop/ci-1", "delete serviceaccount shop/ci"}, notes: "rolebinding shop/ci stays",
		},
		"a role that is not ours": {
			change: func(inv *inventory.Inventory) { inv.Custom[inventory.Roles][0].SetLabels(nil) },
			steps:  []string{all[0], all[2], all[3]}, notes: "role shop/ci stays: it is not that of a token of ours",
		},
		"a forged label": {
			change: func(inv *inventory.Inventory) { inv.ServiceAccounts[0].Annotations = nil },
			steps:  []string{all[0], all[1], all[2]}, notes: "serviceaccount shop/ci stays: it has the label of a token, and nothing says what it was made for",
		},
		"bindings that can't be read": {
			change: func(inv *inventory.Inventory) {
				inv.RoleBindings, inv.Gaps = nil, []rbac.Gap{{What: "rolebindings in namespace shop"}}
			},
			steps: []string{all[2], all[3]}, notes: "a rolebinding shop/ci may be left, and names nobody then: not all of them can be read; role shop/ci stays: not all bindings can be read",
		},
		"roles that can't be read": {
			change: func(inv *inventory.Inventory) {
				delete(inv.Custom, inventory.Roles)
				inv.Gaps = []rbac.Gap{{What: "roles in namespace shop"}}
			},
			steps: []string{all[0], all[2], all[3]}, notes: "a role shop/ci may be left: not all of them can be read",
		},
		"a role that others have": {
			change: func(inv *inventory.Inventory) {
				other := inv.RoleBindings[0].DeepCopy()
				other.Name = "more"
				inv.RoleBindings = append(inv.RoleBindings, other)
			},
			steps: []string{all[0], all[2], all[3]}, notes: "role shop/ci stays: other bindings refer to it; rolebinding shop/more names the account too",
		},
		"a Secret of another type": {
			change: func(inv *inventory.Inventory) {
				inv.Custom[inventory.TokenSecrets][0].Object["type"] = "Opaque"
			},
			steps: []string{all[0], all[1], all[3]},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := world()
			if tt.change != nil {
				tt.change(inv)
			}
			s := token.NewState(inv, nil, now)
			tokens, err := s.Find("shop", "ci")
			if err != nil {
				t.Fatal(err)
			}
			p, notes, err := token.Revoke(s, tokens, tt.keep)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.steps, p.Strings()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if got := strings.Join(notes, "; "); !strings.Contains(got, tt.notes) || tt.notes == "" && got != "" {
				t.Errorf("notes %q, want %q", got, tt.notes)
			}
			for _, step := range p.Steps {
				if step.UID() == "" {
					t.Errorf("%s goes by its name alone", step)
				}
			}
		})
	}
}

// The object in a plan for Kalm never holds the token, and is named by it all the same.
func TestCreateKalm(t *testing.T) {
	t.Parallel()
	secret, err := token.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	rules, _, err := token.ParseKalm("edit:components/web", "shop")
	if err != nil {
		t.Fatal(err)
	}
	s := token.NewState(&inventory.Inventory{}, nil, now)
	d, err := token.CreateKalm(s, token.KalmRequest{Name: "deploy", Rules: rules, Expires: now.Add(time.Hour), Creator: "ann"}, secret, inventory.Hidden)
	if err != nil {
		t.Fatal(err)
	}
	p := d.Plan
	text, err := p.Steps[0].Object.MarshalJSON()
	if err != nil || strings.Contains(string(text), secret) || !strings.Contains(string(text), `"expiredAt":"2026-11-22T13:00:00Z"`) {
		t.Errorf("%s, %v", text, err)
	}
	read, err := token.Read(secret)
	if err != nil || read.Sum != p.Steps[0].Object.GetName() {
		t.Errorf("the object is named %s, %v", p.Steps[0].Object.GetName(), err)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	rule := func(resource string, verbs ...string) authorizationv1.ResourceRule {
		return authorizationv1.ResourceRule{Verbs: verbs, APIGroups: []string{""}, Resources: []string{resource}}
	}
	everybody := authorizationv1.ResourceRule{Verbs: []string{"create"}, APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"selfsubjectaccessreviews", "selfsubjectrulesreviews"}}
	account := rbac.ServiceAccount("shop", "ci")
	subject := account.RBAC()
	index := rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{{Namespace: "shop", Name: "ci", Rules: pods}, {Name: "secrets", Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}}}}},
		Bindings: []rbac.Binding{
			{Namespace: "shop", Name: "ci", RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "ci"}, Subjects: []rbacv1.Subject{subject}},
			{Namespace: "shop", Name: "more", RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "secrets"}, Subjects: []rbacv1.Subject{rbac.Group("system:serviceaccounts").RBAC()}},
		},
	})
	elsewhere := rbac.Compile(index.Snapshot().With(&rbac.Snapshot{Bindings: []rbac.Binding{
		{Namespace: "other", Name: "stray", RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "secrets"}, Subjects: []rbacv1.Subject{subject}},
	}}))
	tests := map[string]struct {
		told           []authorizationv1.ResourceRule
		incomplete     bool
		index          *rbac.Index
		missing, extra []string
		same           bool
	}{
		"just that":            {told: []authorizationv1.ResourceRule{rule("pods", "get"), everybody}, index: index, same: true},
		"in parts":             {told: []authorizationv1.ResourceRule{rule("pods", "get"), rule("pods", "get")}, same: true},
		"nothing":              {told: []authorizationv1.ResourceRule{everybody}, missing: []string{"get pods"}},
		"another verb":         {told: []authorizationv1.ResourceRule{rule("pods", "list")}, missing: []string{"get pods"}, extra: []string{"list pods"}},
		"more through a group": {told: []authorizationv1.ResourceRule{rule("pods", "get"), rule("secrets", "get")}, index: index, extra: []string{"get secrets via rolebinding/more > clusterrole/secrets (via group:system:serviceaccounts)"}},
		"everything":           {told: []authorizationv1.ResourceRule{{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}, extra: []string{"* *"}},
		"in another namespace": {told: []authorizationv1.ResourceRule{rule("pods", "get")}, index: elsewhere, extra: []string{"get secrets via rolebinding/stray > clusterrole/secrets in other"}},
		"not all of it":        {told: []authorizationv1.ResourceRule{rule("pods", "get")}, incomplete: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := token.Compare(pods, authorizationv1.SubjectRulesReviewStatus{ResourceRules: tt.told, Incomplete: tt.incomplete}, tt.index, account)
			var extra []string
			for _, x := range got.More {
				text := strings.Join(token.RuleWords([]rbacv1.PolicyRule{x.Rule}), "; ")
				if len(x.Via) > 0 {
					text += " via " + strings.Join(x.Via, ", ")
				}
				extra = append(extra, text)
			}
			if diff := cmp.Diff(tt.extra, extra); diff != "" {
				t.Errorf("more (-want +got):\n%s", diff)
			}
			if missing := token.RuleWords(got.Missing); len(missing)+len(tt.missing) > 0 && !cmp.Equal(tt.missing, missing) {
				t.Errorf("missing %q, want %q", missing, tt.missing)
			}
			if got.Same() != tt.same {
				t.Errorf("the same: %v", got.Same())
			}
		})
	}
}
