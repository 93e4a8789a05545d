package profile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace/workspacetest"
)

// What could not be read, or was never asked for, makes no finding; nor does what manifests leave to the controller.
func TestJudgeSilence(t *testing.T) {
	t.Parallel()
	refused := func(kinds ...inventory.Kind) func(*inventory.Inventory) {
		return func(inv *inventory.Inventory) {
			for _, kind := range kinds {
				inv.Gaps = append(inv.Gaps, rbac.Gap{
					What: string(kind) + " in all namespaces", Missing: &rbacv1.PolicyRule{Resources: []string{string(kind)}},
				})
			}
		}
	}
	live := func(inv *inventory.Inventory) { inv.Live = true }
	const left = "apiVersion: v1\nkind: Namespace\nmetadata: {name: left, labels: {app.kubernetes.io/part-of: kubeflow-profile}}"
	// alone is a profile as a server stores it, of which the controller has made nothing.
	alone, _, _ := strings.Cut(cleanWorkspace(t), "\n---\n")
	kinds := []string{"ServiceAccount", "RoleBinding", "AuthorizationPolicy", "ResourceQuota"}
	bare := cleanWorkspace(t)
	for _, kind := range kinds {
		bare = without(bare, kind, "")
	}
	tests := map[string]struct {
		text   string
		change func(*inventory.Inventory)
		want   []string
	}{
		"nothing but the namespace, live":     {text: bare, change: live, want: []string{"KF020", "KF014"}},
		"nothing but the namespace, in files": {text: bare},
		"refused accounts and quotas": {
			text: bare, change: func(inv *inventory.Inventory) { live(inv); refused(inventory.ServiceAccounts, inventory.Quotas)(inv) },
			want: []string{"KF020"},
		},
		"refused everything in it": {
			text: bare, change: func(inv *inventory.Inventory) {
				live(inv)
				refused(inventory.ServiceAccounts, inventory.Quotas, inventory.RoleBindings, inventory.Policies)(inv)
			},
		},
		"not asked for": {
			text: bare, change: func(inv *inventory.Inventory) {
				live(inv)
				inv.Served = map[inventory.Kind]bool{inventory.Profiles: true}
			},
		},
		"no namespace, live":     {text: alone, change: live, want: []string{"KF020"}},
		"no namespace, in files": {text: alone},
		"namespaces are refused": {text: alone, change: func(inv *inventory.Inventory) { live(inv); refused(inventory.Namespaces)(inv) }},
		"a namespace is left":    {text: left + "\n---\n" + alone, want: []string{"KF017"}},
		"profiles are refused":   {text: left, change: func(inv *inventory.Inventory) { refused(inventory.Profiles)(inv) }},
		"no Kubeflow":            {text: left},
		"no Istio": {
			text:   strings.ReplaceAll(cleanWorkspace(t), "    istio-injection: enabled\n", ""),
			change: func(inv *inventory.Inventory) { live(inv); inv.Served[inventory.Policies] = false },
		},
		"profiles of manifests have no UID": {
			text: strings.ReplaceAll(strings.ReplaceAll(bare, "  uid: uid-team-a\n", ""), "uid: uid-team-a", "uid: other"),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range profile.Judge(judgeState(t, workspacetest.Parse(t, test.text), test.change)) {
				got = append(got, f.ID)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// What somebody has put in the place of the owner's policy is not written over, and what is not known is not guessed while
// the policies of contributors would be judged by the guess.
func TestJudgeOwnerPolicyNotWritten(t *testing.T) {
	t.Parallel()
	const contributor = `
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: user-bob-x-com-clusterrole-edit, namespace: team-a, annotations: {role: edit, user: bob@x.com}}
spec: {rules: [{when: [{key: "request.headers[x-user]", values: [goog:bob@x.com]}]}]}
`
	another := strings.Replace(contributor, ", annotations: {role: edit, user: bob@x.com}", "", 1)
	live := func(inv *inventory.Inventory) { inv.Live = true }
	clean := cleanWorkspace(t)
	const spec = "\nspec:\n  rules:\n"
	if !strings.Contains(clean, spec) {
		t.Fatal("the clean workspace has no policy")
	}
	// strange is an owner's policy that nothing can be read from.
	strange := strings.Replace(clean, "request.headers[kubeflow-userid]", "request.auth.audiences", 1)
	absent := without(clean, "AuthorizationPolicy", "ns-owner-access-istio")
	tests := map[string]struct {
		text, want, advice string
		fix                bool
	}{
		"it turns away": {text: strings.Replace(clean, spec, "\nspec:\n  action: DENY\n  rules:\n", 1), want: "KF005", advice: "turns them away"},
		"it is strange": {text: strange, want: "KF005", advice: "--userid-header"},
		"it is absent":  {text: absent + contributor, want: "KF020", advice: "--userid-header"},
		"it is absent, and nothing would be judged by it": {text: absent + another, want: "KF020", fix: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			findings := profile.Judge(judgeState(t, workspacetest.Parse(t, test.text), live))
			if len(findings) != 1 || findings[0].ID != test.want || (findings[0].Fix != nil) != test.fix ||
				!strings.Contains(findings[0].Why, test.advice) {
				t.Errorf("want %s, %q, a fix: %t; got %+v", test.want, test.advice, test.fix, findings)
			}
		})
	}
}

// A quota that no server takes stops the controller, and must not be written by a repair.
func TestJudgeUnknownResource(t *testing.T) {
	t.Parallel()
	text := strings.Replace(cleanWorkspace(t), `hard: {cpu: "8"`, `hard: {gpu: "1", cpu: "8"`, 1)
	findings := profile.Judge(judgeState(t, workspacetest.Parse(t, text), nil))
	if len(findings) != 1 || findings[0].ID != "KF014" || findings[0].Severity != "error" || findings[0].Fix != nil ||
		!strings.Contains(findings[0].Message, "gpu") {
		t.Errorf("got %+v", findings)
	}
}

func TestJudgeIdentity(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		user string
		want []string
	}{
		"a member":           {user: "ann@x.com"},
		"nobody we know":     {user: "kubernetes-admin"},
		"nobody at all":      {user: ""},
		"a prefix":           {user: "oidc:ann@x.com", want: []string{"ann@x.com"}},
		"an issuer":          {user: "https://issuer.example#ann@x.com", want: []string{"ann@x.com"}},
		"another case":       {user: "Ann@X.com", want: []string{"ann@x.com"}},
		"both":               {user: "oidc:ANN@x.com", want: []string{"ann@x.com"}},
		"a longer name":      {user: "joann@x.com"},
		"a longer name too":  {user: "jo.ann@x.com"},
		"a part of the name": {user: "ann"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range profile.JudgeIdentity(judgeState(t, workspacetest.Parse(t, cleanWorkspace(t)), nil), test.user) {
				if f.ID != "KF019" || f.Severity != "info" || f.Object != "user "+test.user {
					t.Errorf("got %+v", f)
				}
				got = append(got, strings.Fields(f.Message)[len(strings.Fields(f.Message))-1])
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// What is advised can be pasted, whatever a name holds, and stays on its line.
func TestJudgeAdvice(t *testing.T) {
	t.Parallel()
	const more = "apiVersion: v1\nkind: Namespace\nmetadata: {name: left, annotations: {owner: \"x;\\nreboot 'now'\"}}"
	findings := profile.Judge(judgeState(t, workspacetest.Parse(t, cleanWorkspace(t), more), nil))
	const want = "kubectl profile adopt left --owner 'x;\ufffdreboot '\\''now'\\'''   gives"
	if len(findings) != 1 || !strings.Contains(findings[0].Why, want) {
		t.Errorf("got %+v", findings)
	}
}
