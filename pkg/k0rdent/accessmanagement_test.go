package k0rdent_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// chosen is what one rule comes to.
type chosen struct{ Namespaces, Names []string }

func TestAccessManagement(t *testing.T) {
	t.Parallel()
	namespaces := []k0rdent.Labelled{
		{Name: "team-b", Labels: map[string]string{"env": "prod"}},
		{Name: "team-a", Labels: map[string]string{"env": "dev", "tier": "1"}},
		{Name: "kcm-system"},
	}
	system := []k0rdent.Labelled{
		{Name: "okta", Labels: map[string]string{"share": "yes"}},
		{Name: "dex"},
	}
	all := []string{"kcm-system", "team-a", "team-b"}
	none := []string{}
	tests := map[string]struct {
		rules string
		want  []chosen
	}{
		"no rules":                 {"[]", nil},
		"names, all namespaces":    {"[{clusterAuthentications: [dex, gone, dex]}]", []chosen{{all, []string{"dex", "gone"}}}},
		"no names":                 {"[{clusterAuthentications: [], credentials: [c]}]", []chosen{{all, none}}},
		"listed namespaces":        {"[{targetNamespaces: {list: [team-c, team-a]}}]", []chosen{{[]string{"team-a", "team-c"}, none}}},
		"empty list of namespaces": {"[{targetNamespaces: {list: []}}]", []chosen{{all, none}}},
		"by string":                {"[{targetNamespaces: {stringSelector: 'env in (dev),tier'}}]", []chosen{{[]string{"team-a"}, none}}},
		"by an empty string":       {"[{targetNamespaces: {stringSelector: ''}}]", []chosen{{all, none}}},
		"by labels":                {"[{targetNamespaces: {selector: {matchLabels: {env: prod}}}}]", []chosen{{[]string{"team-b"}, none}}},
		"by expressions": {
			"[{targetNamespaces: {selector: {matchExpressions: [{key: env, operator: DoesNotExist}]}}}]",
			[]chosen{{[]string{"kcm-system"}, none}},
		},
		"by no labels": {"[{targetNamespaces: {selector: {}}}]", []chosen{{all, none}}},
		"list wins": {
			"[{targetNamespaces: {list: [x], stringSelector: env, selector: {matchLabels: {env: prod}}}}]",
			[]chosen{{[]string{"x"}, none}},
		},
		"string wins over labels": {
			"[{targetNamespaces: {stringSelector: env=dev, selector: {matchLabels: {env: prod}}}}]",
			[]chosen{{[]string{"team-a"}, none}},
		},
		"resources by name": {
			"[{resources: [{kind: ClusterAuthentication, names: [dex, gone]}]}]", []chosen{{all, []string{"dex", "gone"}}},
		},
		"resources of no name":  {"[{resources: [{kind: ClusterAuthentication, names: []}]}]", []chosen{{all, none}}},
		"resources, all":        {"[{resources: [{kind: ClusterAuthentication}]}]", []chosen{{all, []string{"dex", "okta"}}}},
		"resources by string":   {"[{resources: [{kind: ClusterAuthentication, stringSelector: share}]}]", []chosen{{all, []string{"okta"}}}},
		"resources with group":  {"[{resources: [{kind: ClusterAuthentication, apiGroup: k0rdent.mirantis.com}]}]", []chosen{{all, []string{"dex", "okta"}}}},
		"resources by labels":   {"[{resources: [{kind: ClusterAuthentication, selector: {matchLabels: {share: 'no'}}}]}]", []chosen{{all, none}}},
		"another group":         {"[{resources: [{kind: ClusterAuthentication, apiGroup: x.io}]}]", []chosen{{all, none}}},
		"another kind":          {"[{resources: [{kind: Credential}]}]", []chosen{{all, none}}},
		"resources win":         {"[{clusterAuthentications: [dex], resources: [{kind: Credential}]}]", []chosen{{all, none}}},
		"empty resources don't": {"[{clusterAuthentications: [dex], resources: []}]", []chosen{{all, []string{"dex"}}}},
		"joined resources": {
			"[{resources: [{kind: ClusterAuthentication, names: [b]}, {kind: Credential}, {kind: ClusterAuthentication, names: [a, b]}]}]",
			[]chosen{{all, []string{"a", "b"}}},
		},
		"two rules": {
			"[{clusterAuthentications: [dex]}, {targetNamespaces: {list: [a]}, clusterAuthentications: [okta]}]",
			[]chosen{{all, []string{"dex"}}, {[]string{"a"}, []string{"okta"}}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			am, err := k0rdent.ReadAccessManagement(object(t, "metadata: {name: kcm}\nstatus: {error: e}\nspec:\n  accessRules: "+tt.rules))
			if err != nil {
				t.Fatal(err)
			}
			var got []chosen
			for _, r := range am.Rules {
				got = append(got, chosen{r.Targets(namespaces), r.Authentications(system)})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if am.Error != "e" || am.Object.GetName() != "kcm" {
				t.Errorf("error %q, object %q", am.Error, am.Object.GetName())
			}
		})
	}
}

func TestAccessManagementErrors(t *testing.T) {
	t.Parallel()
	const rule = "read accessmanagement kcm: spec.accessRules[0]"
	tests := map[string]struct{ spec, want string }{
		"spec of a list":   {"[]", "read accessmanagement kcm: spec: it is an array, not of type object"},
		"rules of a map":   {"{accessRules: {}}", "read accessmanagement kcm: spec.accessRules: it is an object, not of type array"},
		"rule of a string": {"{accessRules: [x]}", rule + ": it is a string, not of type object"},
		"target of a list": {"{accessRules: [{targetNamespaces: []}]}", rule + ".targetNamespaces: it is an array, not of type object"},
		"list of numbers":  {"{accessRules: [{targetNamespaces: {list: [1]}}]}", rule + ".targetNamespaces.list[0]: it is a number, not of type string"},
		"query of a number": {
			"{accessRules: [{targetNamespaces: {stringSelector: 1}}]}",
			rule + ".targetNamespaces.stringSelector: it is a number, not of type string",
		},
		"bad query": {
			"{accessRules: [{targetNamespaces: {stringSelector: 'a in'}}]}",
			rule + ".targetNamespaces.stringSelector: unable to parse requirement: found '' expected: '('",
		},
		"selector of a string": {
			"{accessRules: [{targetNamespaces: {selector: x}}]}",
			rule + ".targetNamespaces.selector: it is a string, not of type object",
		},
		"bad selector": {
			"{accessRules: [{targetNamespaces: {selector: {matchExpressions: [{key: a, operator: Near}]}}}]}",
			rule + `.targetNamespaces.selector: "Near" is not a valid label selector operator`,
		},
		"names of a string":     {"{accessRules: [{clusterAuthentications: x}]}", rule + ".clusterAuthentications: it is a string, not of type array"},
		"resources of a string": {"{accessRules: [{resources: x}]}", rule + ".resources: it is a string, not of type array"},
		"resource of a string":  {"{accessRules: [{resources: [x]}]}", rule + ".resources[0]: it is a string, not of type object"},
		"name of null":          {"{accessRules: [{resources: [{kind: X, names: [null]}]}]}", rule + ".resources[0].names[0]: it is null, not of type string"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := k0rdent.ReadAccessManagement(object(t, "metadata: {name: kcm}\nspec: "+tt.spec))
			if diff := cmp.Diff(tt.want, text(err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	_, err := k0rdent.ReadAccessManagement(nil)
	if diff := cmp.Diff("read accessmanagement: there is none", text(err)); diff != "" {
		t.Errorf("nil (-want +got):\n%s", diff)
	}
}
