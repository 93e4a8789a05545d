package kubeflow_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// policy is a policy with a spec in YAML.
func policy(t *testing.T, name, spec string) *unstructured.Unstructured {
	t.Helper()
	return object(t, "{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: "+name+", namespace: ns}, spec: "+spec+"}")
}

// denying makes a policy one that turns requests away.
func denying(policy *unstructured.Unstructured) *unstructured.Unstructured {
	spec, _ := policy.Object["spec"].(map[string]any)
	spec["action"] = "DENY"
	return policy
}

func TestReadPolicies(t *testing.T) {
	t.Parallel()
	type answer struct {
		Class                     kubeflow.PolicyClass
		Users, Groups, Principals []string
		AdmitsBob                 bool
	}
	gateway, pipelines := kubeflow.GatewayPrincipal, kubeflow.PipelinePrincipal
	const bob = `{key: "request.headers[kubeflow-userid]", values: [bob@x.com]}`
	google := kubeflow.Config{UserIDHeader: "X-Goog-Authenticated-User-Email", UserIDPrefix: "accounts.google.com:"}
	tests := map[string]struct {
		policy *unstructured.Unstructured
		config kubeflow.Config
		want   answer
	}{
		"pair": {
			kubeflow.PairPolicy("ns", rbac.User("bob@x.com"), "edit", kubeflow.DefaultConfig()), kubeflow.DefaultConfig(),
			answer{Class: "pair", Users: []string{"bob@x.com"}, Principals: []string{gateway, pipelines}, AdmitsBob: true},
		},
		"pair of 1.7": {
			kubeflow.PairPolicy("ns", rbac.User("bob@x.com"), "edit", kubeflow.DefaultConfig().WithoutPrincipals()), kubeflow.DefaultConfig(),
			answer{Class: "pair", Users: []string{"bob@x.com"}, AdmitsBob: true},
		},
		"annotated, but turns away": {
			denying(kubeflow.PairPolicy("ns", rbac.User("bob@x.com"), "edit", kubeflow.DefaultConfig())), kubeflow.DefaultConfig(),
			answer{Class: "other"},
		},
		"prefix taken off, header in any case": {
			kubeflow.PairPolicy("ns", rbac.User("bob@x.com"), "edit", google), google,
			answer{Class: "pair", Users: []string{"bob@x.com"}, Principals: []string{gateway, pipelines}, AdmitsBob: true},
		},
		"other header": {
			kubeflow.PairPolicy("ns", rbac.User("bob@x.com"), "edit", google), kubeflow.DefaultConfig(),
			answer{Class: "pair", Principals: []string{gateway, pipelines}},
		},
		"any header": {
			kubeflow.PairPolicy("ns", rbac.User("bob@x.com"), "edit", google),
			kubeflow.Config{},
			answer{Class: "pair", Users: []string{"accounts.google.com:bob@x.com"}, Principals: []string{gateway, pipelines}},
		},
		"prefix missing in the value": {
			policy(t, "a", `{rules: [{when: [{key: "request.headers[x-goog-authenticated-user-email]", values: [bob@x.com]}]}]}`), google,
			answer{Class: "other"},
		},
		"group": {
			kubeflow.PairPolicy("ns", rbac.Group("ml"), "edit", kubeflow.DefaultConfig()), kubeflow.DefaultConfig(),
			answer{Class: "pair", Groups: []string{"ml"}, Principals: []string{gateway, pipelines}},
		},
		"owner's": {
			kubeflow.OwnerPolicyObject(kubeflow.Profile{Name: "ns", Owner: rbac.User("bob@x.com").RBAC()}, kubeflow.DefaultConfig()),
			kubeflow.DefaultConfig(),
			answer{
				Class: "owner", Users: []string{"bob@x.com"}, AdmitsBob: true,
				Principals: []string{gateway, pipelines, kubeflow.NotebookPrincipal},
			},
		},
		"of the pipelines": {
			policy(t, "ml-pipeline-visualizationserver", `{selector: {matchLabels: {app: ml-pipeline-visualizationserver}},
				rules: [{from: [{source: {principals: [cluster.local/ns/kubeflow/sa/ml-pipeline]}}]}]}`), kubeflow.DefaultConfig(),
			answer{Class: "visualization", Principals: []string{"cluster.local/ns/kubeflow/sa/ml-pipeline"}},
		},
		"of a waypoint": {policy(t, "waypoint-l4-access", "{rules: [{}]}"), kubeflow.DefaultConfig(), answer{Class: "waypoint", AdmitsBob: true}},
		"several users": {
			policy(t, "a", `{rules: [{when: [{key: "request.headers[kubeflow-userid]", values: [eve@x.com, bob@x.com]}]}, {when: [`+bob+"]}]}"),
			kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob@x.com", "eve@x.com"}, AdmitsBob: true},
		},
		"pattern": {
			policy(t, "a", `{rules: [{when: [{key: "request.headers[kubeflow-userid]", values: ["*@x.com"]}]}]}`),
			kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"*@x.com"}, AdmitsBob: true},
		},
		"pattern for beginnings": {
			policy(t, "a", `{rules: [{when: [{key: "request.headers[kubeflow-userid]", values: ["bob*"]}]}]}`),
			kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob*"}, AdmitsBob: true},
		},
		"everybody but bob": {
			policy(t, "a", `{rules: [{when: [{key: "request.headers[kubeflow-userid]", values: ["*"], notValues: [bob@x.com]}]}]}`),
			kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"*"}},
		},
		"denies": {
			policy(t, "a", `{action: DENY, rules: [{when: [`+bob+"]}]}"), kubeflow.DefaultConfig(), answer{Class: "other"},
		},
		"explicitly allows": {
			policy(t, "a", `{action: ALLOW, rules: [{when: [`+bob+"]}]}"), kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob@x.com"}, AdmitsBob: true},
		},
		"some pods": {
			policy(t, "a", `{selector: {matchLabels: {a: b}}, rules: [{when: [`+bob+"]}]}"), kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob@x.com"}},
		},
		"one service": {
			policy(t, "a", `{targetRefs: [{kind: Service, name: nb}], rules: [{when: [`+bob+"]}]}"), kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob@x.com"}},
		},
		"all behind a waypoint": {
			policy(t, "a", `{targetRefs: [{kind: Gateway, name: waypoint}], rules: [{when: [`+bob+"]}]}"), kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob@x.com"}, AdmitsBob: true},
		},
		"some methods": {
			policy(t, "a", `{rules: [{to: [{operation: {methods: [GET]}}], when: [`+bob+"]}]}"), kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob@x.com"}},
		},
		"another gateway": {
			policy(t, "a", `{rules: [{from: [{source: {principals: [other]}}], when: [`+bob+"]}]}"), kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob@x.com"}, Principals: []string{"other"}},
		},
		"any sender of a namespace": {
			policy(t, "a", `{rules: [{from: [{source: {namespaces: [istio-system]}}], when: [`+bob+"]}]}"), kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob@x.com"}},
		},
		"another condition besides": {
			policy(t, "a", `{rules: [{when: [`+bob+", {key: source.ip, values: [10.0.0.0/8]}]}]}"), kubeflow.DefaultConfig(),
			answer{Class: "other", Users: []string{"bob@x.com"}},
		},
		"not well formed": {
			policy(t, "a", `{rules: [text, {from: text, when: [text, {key: 1, values: [2]}]}]}`), kubeflow.DefaultConfig(),
			answer{Class: "other"},
		},
		"no rules": {policy(t, "a", "{}"), kubeflow.DefaultConfig(), answer{Class: "other"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := answer{
				kubeflow.ClassifyPolicy(tt.policy), kubeflow.PolicyUsers(tt.policy, tt.config), kubeflow.PolicyGroups(tt.policy),
				kubeflow.PolicyPrincipals(tt.policy), kubeflow.PolicyAdmits(tt.policy, "bob@x.com", tt.config),
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPolicyDiffers(t *testing.T) {
	t.Parallel()
	ours := kubeflow.DefaultConfig()
	with := func(change func(*kubeflow.Config)) kubeflow.Config {
		c := kubeflow.DefaultConfig()
		change(&c)
		return c
	}
	bob := func(c kubeflow.Config) *unstructured.Unstructured {
		return kubeflow.PairPolicy("ns", rbac.User("bob@x.com"), "edit", c)
	}
	owned := func(c kubeflow.Config) *unstructured.Unstructured {
		return kubeflow.OwnerPolicyObject(kubeflow.Profile{Name: "ns", Owner: rbac.User("bob@x.com").RBAC()}, c)
	}
	edited := func(o *unstructured.Unstructured, value any, fields ...string) *unstructured.Unstructured {
		if err := unstructured.SetNestedField(o.Object, value, fields...); err != nil {
			t.Fatal(err)
		}
		return o
	}
	const spoof = "it names no principals, so that any pod can send the header"
	tests := map[string]struct {
		policy *unstructured.Unstructured
		config kubeflow.Config
		want   []string
	}{
		"right":                {bob(ours), ours, nil},
		"right, group":         {kubeflow.PairPolicy("ns", rbac.Group("ml"), "edit", ours), ours, nil},
		"right, owner":         {owned(ours), ours, nil},
		"explicit action":      {edited(bob(ours), "ALLOW", "spec", "action"), ours, nil},
		"stricter than wanted": {bob(ours), ours.WithoutPrincipals(), nil},
		"nothing known":        {bob(google()), kubeflow.Config{}, nil},
		"of 1.7":               {bob(ours.WithoutPrincipals()), ours, []string{spoof}},
		"owner's of 1.7":       {owned(ours.WithoutPrincipals()), ours, []string{spoof}},
		"group of nobody":      {kubeflow.PairPolicy("ns", rbac.Group("ml"), "edit", ours.WithoutPrincipals()), ours, []string{spoof}},
		"other order": {bob(ours), with(func(c *kubeflow.Config) {
			c.GatewayPrincipals = []string{kubeflow.PipelinePrincipal, kubeflow.GatewayPrincipal}
		}), nil},
		"other gateway": {bob(ours), with(func(c *kubeflow.Config) { c.GatewayPrincipals = []string{"gw"} }), []string{
			`the principals are ["cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account" ` +
				`"cluster.local/ns/kubeflow/sa/ml-pipeline-ui"] instead of ["gw"]`,
		}},
		"other header": {bob(ours), with(func(c *kubeflow.Config) { c.UserIDHeader = "x-user" }), []string{
			`the header is "kubeflow-userid" instead of "x-user"`,
		}},
		"header in other case": {bob(ours), with(func(c *kubeflow.Config) { c.UserIDHeader = "Kubeflow-UserID" }), nil},
		"prefix gone": {bob(with(func(c *kubeflow.Config) { c.UserIDPrefix = "oidc:" })), ours, []string{
			`the prefix of the user's name is "oidc:" instead of ""`,
		}},
		"prefix missing": {bob(ours), with(func(c *kubeflow.Config) { c.UserIDPrefix = "oidc:" }), []string{
			`the prefix of the user's name is "" instead of "oidc:"`,
		}},
		"prefix missing, other user": {
			edited(bob(ours), map[string]any{"user": "eve", "role": "edit"}, "metadata", "annotations"),
			with(func(c *kubeflow.Config) { c.UserIDPrefix = "oidc:" }),
			[]string{`the value "bob@x.com" does not begin with the prefix "oidc:"`},
		},
		"some pods":       {edited(bob(ours), map[string]any{"a": "b"}, "spec", "selector", "matchLabels"), ours, []string{"it is for some pods only"}},
		"denies":          {edited(bob(ours), "DENY", "spec", "action"), ours, []string{"it lets nobody in"}},
		"no rules":        {policy(t, "a", "{}"), ours, []string{"it lets nobody in"}},
		"no header":       {policy(t, "a", "{rules: [{}]}"), ours, []string{"it has no condition on a header", spoof}},
		"second rule":     {policy(t, "a", `{rules: [{when: [{key: "request.headers[kubeflow-userid]", values: [a]}]}, {}]}`), ours.WithoutPrincipals(), []string{"it has 2 rules instead of 1"}},
		"narrowed":        {policy(t, "a", `{rules: [{to: [{operation: {methods: [GET]}}], when: [{key: "request.headers[kubeflow-userid]", values: [a]}]}]}`), ours.WithoutPrincipals(), []string{"it is for some paths, ports or methods only"}},
		"owner's, edited": {edited(owned(ours), kubeflow.UserPolicySpec("bob@x.com", ours), "spec"), ours, []string{"its rules are not those of the profile controller"}},
		"other notebook controller": {owned(ours), with(func(c *kubeflow.Config) { c.NotebookPrincipal = "nb" }), []string{
			`the notebook controller is "cluster.local/ns/kubeflow/sa/notebook-controller-service-account" instead of "nb"`,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, kubeflow.PolicyDiffers(tt.policy, tt.config)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestIsOwnerPolicySpecCurrent(t *testing.T) {
	t.Parallel()
	ours := kubeflow.DefaultConfig()
	current := func() *unstructured.Unstructured {
		return kubeflow.OwnerPolicyObject(kubeflow.Profile{Name: "ns", Owner: rbac.User("bob@x.com").RBAC()}, ours)
	}
	rules := func(o *unstructured.Unstructured) []any { return o.Object["spec"].(map[string]any)["rules"].([]any) }
	tests := map[string]struct {
		change func(*unstructured.Unstructured)
		config kubeflow.Config
		owner  string
		want   bool
	}{
		"as made":              {func(*unstructured.Unstructured) {}, ours, "bob@x.com", true},
		"what is not known":    {func(*unstructured.Unstructured) {}, kubeflow.Config{}, "bob@x.com", true},
		"explicit action":      {func(o *unstructured.Unstructured) { o.Object["spec"].(map[string]any)["action"] = "ALLOW" }, ours, "bob@x.com", true},
		"other action":         {func(o *unstructured.Unstructured) { o.Object["spec"].(map[string]any)["action"] = "DENY" }, ours, "bob@x.com", false},
		"other owner":          {func(*unstructured.Unstructured) {}, ours, "Bob@x.com", false},
		"other age":            {func(*unstructured.Unstructured) {}, ours.WithoutPrincipals(), "bob@x.com", false},
		"other namespace":      {func(o *unstructured.Unstructured) { o.SetNamespace("other") }, ours, "bob@x.com", false},
		"rules in other order": {func(o *unstructured.Unstructured) { r := rules(o); r[1], r[2] = r[2], r[1] }, ours, "bob@x.com", false},
		"a rule less": {func(o *unstructured.Unstructured) {
			o.Object["spec"].(map[string]any)["rules"] = rules(o)[:3]
		}, ours, "bob@x.com", false},
		"no spec": {func(o *unstructured.Unstructured) { delete(o.Object, "spec") }, ours, "bob@x.com", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := current()
			tt.change(o)
			if got := kubeflow.IsOwnerPolicySpecCurrent(o, tt.owner, tt.config); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
	if kubeflow.IsOwnerPolicySpecCurrent(nil, "bob@x.com", ours) {
		t.Error("no policy is taken for the right one")
	}
}
