package rbac_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	widgets := []rbac.Resource{
		{Version: "v1", Name: "pods", Singular: "pod", Kind: "Pod", ShortNames: []string{"po"}, Namespaced: true, Verbs: []string{"get"}},
		{Version: "v1", Name: "pods/exec", Kind: "PodExecOptions", Namespaced: true, Verbs: []string{"create"}},
		{Group: "metrics.k8s.io", Version: "v1beta1", Name: "pods", Kind: "PodMetrics", Namespaced: true, Verbs: []string{"get", "list"}},
		{Group: "apps", Version: "v1", Name: "deployments", Singular: "deployment", Kind: "Deployment", ShortNames: []string{"deploy"}, Namespaced: true},
		{Group: "apps", Version: "v1", Name: "deployments/scale", Kind: "Scale", Namespaced: true},
		{Group: "a.example", Version: "v1", Name: "widgets", Kind: "Widget", Namespaced: true},
		{Group: "b.example", Version: "v1", Name: "widgets", Kind: "Widget"},
		{Group: "iam.example", Version: "v1", Name: "groups", Kind: "Group", Verbs: []string{"get", "list"}},
	}
	tests := map[string]struct {
		text, verb string
		named      bool
		want       rbac.Resolution
	}{
		"plural":           {text: "pods", want: rbac.Resolution{Resource: "pods", Namespaced: true, Known: true}},
		"kind":             {text: "Pod", want: rbac.Resolution{Resource: "pods", Namespaced: true, Known: true}},
		"short name":       {text: "deploy", want: rbac.Resolution{Group: "apps", Resource: "deployments", Namespaced: true, Known: true}},
		"group":            {text: "pods.metrics.k8s.io", want: rbac.Resolution{Group: "metrics.k8s.io", Resource: "pods", Namespaced: true, Known: true}},
		"version":          {text: "deploy.v1.apps", want: rbac.Resolution{Group: "apps", Resource: "deployments", Namespaced: true, Known: true}},
		"subresource":      {text: "pods/exec", want: rbac.Resolution{Resource: "pods", Subresource: "exec", Namespaced: true, Known: true}},
		"group first":      {text: "deploy.apps/scale", want: rbac.Resolution{Group: "apps", Resource: "deployments", Subresource: "scale", Namespaced: true, Known: true}},
		"group last":       {text: "deploy/scale.apps", want: rbac.Resolution{Group: "apps", Resource: "deployments", Subresource: "scale", Namespaced: true, Known: true}},
		"everything":       {text: "*", want: rbac.Resolution{Resource: "*", Namespaced: true, Known: true}},
		"any scale":        {text: "*/scale", want: rbac.Resolution{Resource: "*", Subresource: "scale", Namespaced: true, Known: true}},
		"the verb decides": {text: "groups", verb: "impersonate", want: rbac.Resolution{Resource: "groups", Known: true}},
		"user extra":       {text: "userextras/scopes", want: rbac.Resolution{Group: "authentication.k8s.io", Resource: "userextras", Subresource: "scopes", Known: true}},
		"a name": {
			text: "pod/web-0",
			want: rbac.Resolution{
				Resource: "pods", Name: "web-0", Namespaced: true, Known: true,
				Notes: []string{`took "web-0" as the name of one of the pods, which have no subresource of that name`},
			},
		},
		"no name when one is given": {
			text: "pods/nope", named: true,
			want: rbac.Resolution{
				Resource: "pods", Subresource: "nope", Namespaced: true, Known: true,
				Notes: []string{`pods has no subresource "nope" that is known here: asked as written`},
			},
		},
		"a slip in a subresource": {
			text: "pods/exek",
			want: rbac.Resolution{
				Resource: "pods", Name: "exek", Namespaced: true, Known: true,
				Notes: []string{`took "exek" as the name of one of the pods; did you mean pods/exec?`},
			},
		},
		"unknown, group last": {
			text: "gizmos/status.example.com",
			want: rbac.Resolution{Group: "example.com", Resource: "gizmos", Subresource: "status", Namespaced: true},
		},
		"any scale of a group": {
			text: "*/scale.apps", want: rbac.Resolution{Group: "apps", Resource: "*", Subresource: "scale", Namespaced: true, Known: true},
		},
		"user extra with a slash": {
			text: "userextras/a.example/scopes",
			want: rbac.Resolution{Group: "authentication.k8s.io", Resource: "userextras", Subresource: "a.example/scopes", Known: true},
		},
		"several groups": {
			text: "widgets",
			want: rbac.Resolution{
				Group: "a.example", Resource: "widgets", Namespaced: true, Known: true,
				Notes: []string{`took widgets.a.example for "widgets"; it is also served as widgets.b.example`},
			},
		},
		"unknown": {
			text: "widgits.b.example/status",
			want: rbac.Resolution{
				Group: "b.example", Resource: "widgits", Subresource: "status", Namespaced: true,
				Suggestions: []string{"widgets.a.example"},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rbac.NewCatalog(widgets).Resolve(tt.text, tt.verb, tt.named)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "/", "pods/", "/x", "pods/exec/web-0", "foos/a/b", "pods/exec/"} {
		if got, err := rbac.NewCatalog(nil).Resolve(text, "", false); err == nil {
			t.Errorf("Resolve(%q) = %+v, want an error", text, got)
		}
	}
}

func TestBuiltinCatalog(t *testing.T) {
	t.Parallel()
	c := rbac.NewCatalog(nil)
	tests := map[string]struct {
		group, resource string
		namespaced      bool
	}{
		"pods":             {"", "pods", true},
		"exec":             {"", "pods/exec", true},
		"nodes":            {"", "nodes", false},
		"node proxy":       {"", "nodes/proxy", false},
		"token":            {"", "serviceaccounts/token", true},
		"signers":          {"certificates.k8s.io", "signers", false},
		"users":            {"", "users", false},
		"a subresource of": {"apps", "deployments/unheard-of", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, known := c.Namespaced(tt.group, tt.resource); got != tt.namespaced || !known {
				t.Errorf("Namespaced = %v, %v, want %v, true", got, known, tt.namespaced)
			}
		})
	}
	if _, known := c.Namespaced("x.example", "things"); known {
		t.Error("a resource nobody has heard of is known")
	}
	if diff := cmp.Diff([]string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate"},
		c.Verbs("rbac.authorization.k8s.io", "clusterroles")); diff != "" {
		t.Errorf("verbs of clusterroles (-want +got):\n%s", diff)
	}
	for _, name := range []string{"users", "groups", "uids", "userextras"} {
		if !slices.Contains(c.Verbs("authentication.k8s.io", name), "impersonate:user-info") {
			t.Errorf("%s lack a verb of constrained impersonation", name)
		}
	}
}
