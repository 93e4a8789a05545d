package expect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/expect"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// role makes a Role "ns/name" or a ClusterRole "name"; a rule is "verbs groups resources [names]" or "verbs /url".
func role(name string, rules ...string) rbac.Role {
	r := rbac.Role{Name: name, Stored: true}
	if ns, short, ok := strings.Cut(name, "/"); ok {
		r.Namespace, r.Name = ns, short
	}
	for _, text := range rules {
		f := strings.Fields(text)
		p := rbacv1.PolicyRule{Verbs: strings.Split(f[0], ",")}
		if strings.HasPrefix(f[1], "/") {
			p.NonResourceURLs = strings.Split(f[1], ",")
		} else {
			p.APIGroups, p.Resources = strings.Split(strings.ReplaceAll(f[1], "-", ""), ","), strings.Split(f[2], ",")
		}
		if len(f) > 3 {
			p.ResourceNames = strings.Split(f[3], ",")
		}
		r.Rules = append(r.Rules, p)
	}
	return r
}

func bind(t testing.TB, name, to string, subjects ...string) rbac.Binding {
	t.Helper()
	b := rbac.Binding{Name: name, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: to}, Origin: "b.yaml:7"}
	if ns, short, ok := strings.Cut(name, "/"); ok {
		b.Namespace, b.Name = ns, short
	}
	for _, text := range subjects {
		s, err := rbac.ParseSubject(text)
		if err != nil {
			t.Fatal(err)
		}
		b.Subjects = append(b.Subjects, s.RBAC())
	}
	return b
}

func world(t testing.TB) *rbac.Snapshot {
	t.Helper()
	return &rbac.Snapshot{
		Roles: []rbac.Role{
			role("cluster-admin", "* * *", "* /*"),
			role("edit", "get,list,watch,create,delete - pods,configmaps", "create - pods/exec", "get - secrets"),
			role("view", "get,list,watch - pods,configmaps"),
			role("one-secret", "get - secrets db"),
			role("nodes", "get,list,delete - nodes,namespaces"),
			role("metrics", "get /metrics"),
			role("token", "create - serviceaccounts/token bot"),
			role("foos", "get example.com foos/status", "use things.example bars", "get wild.example */status"),
		},
		Bindings: []rbac.Binding{
			bind(t, "masters", "cluster-admin", "group:system:masters"),
			bind(t, "controller", "cluster-admin", "user:system:kube-controller-manager"),
			bind(t, "team-a/edit", "edit", "dana", "group:ml-a"),
			bind(t, "team-b/edit", "edit", "group:ml-b"),
			bind(t, "team-b/view", "view", "dana"),
			bind(t, "prod/db", "one-secret", "sa:prod/api"),
			bind(t, "ops", "view", "group:ops"),
			bind(t, "sre", "nodes", "group:sre"),
			bind(t, "team-a/ns", "nodes", "erin"),
			bind(t, "prober", "metrics", "sa:prod/prober"),
			bind(t, "prod/token", "token", "sa:prod/builder"),
			bind(t, "prod/foos", "foos", "max"),
		},
		Namespaces:      []rbac.Namespace{{Name: "team-a"}, {Name: "team-b"}, {Name: "prod"}, {Name: "empty"}},
		ServiceAccounts: []rbac.ObjectRef{{Namespace: "prod", Name: "idle"}},
	}
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expectation string
		groups      string
		gaps        []rbac.Gap
		// want are the findings, a line each: "ID severity line: message".
		want []string
		// why is that of the first finding.
		why string
	}{
		"can, and does": {expectation: `{subjects: [user:dana], can: {verbs: [get, delete], resources: [pods], namespaces: [team-a]}}`},
		"can, everywhere": {
			expectation: `{subjects: [group:ops], can: {verbs: [list], resources: [pods]}}`,
		},
		"can, but not there": {
			expectation: `{subjects: [user:dana], can: {verbs: [get, delete], resources: [pods], namespaces: ["team-*"]}}`,
			want:        []string{"EX001 error 4: user:dana may not delete pods in team-b"},
			why: "nearest: rolebinding/team-a/edit > clusterrole/edit: allows it in team-a only\n" +
				"nearest: rolebinding/team-b/view > clusterrole/view: allows the verbs get, list, watch",
		},
		"can, but not everywhere": {
			expectation: `{reason: "on call", subjects: [user:dana], can: {verbs: [get], resources: [pods, nodes]}}`,
			want:        []string{"EX001 error 4: user:dana may not get pods everywhere; get nodes"},
			why: "nearest: rolebinding/team-a/edit > clusterrole/edit: a RoleBinding (in team-a), and this takes a ClusterRoleBinding\n" +
				"nearest: rolebinding/team-b/view > clusterrole/view: a RoleBinding (in team-b), and this takes a ClusterRoleBinding\n" +
				"expected because: on call",
		},
		"can, nobody near": {
			expectation: `{subjects: [user:zed], can: {verbs: [get], resources: [pods], namespaces: [prod]}}`,
			want:        []string{"EX001 error 4: user:zed may not get pods in prod"},
			why:         "no binding of user:zed or of its groups comes near",
		},
		"can through a group": {
			expectation: `{subjects: [user:bob], can: {verbs: [create], resources: [pods/exec], namespaces: [team-b]}}`, groups: "bob: [ml-b]",
		},
		"can, every member of a pattern": {
			expectation: `{subjects: ["group:ml-*"], can: {verbs: [get], resources: [pods], namespaces: [team-a]}}`,
			want:        []string{"EX001 error 4: group:ml-b may not get pods in team-a"},
			why:         "nearest: rolebinding/team-b/edit > clusterrole/edit: allows it in team-b only",
		},
		"can, a superuser": {expectation: `{subjects: [user:root], can: {verbs: ["*"], resources: ["*"]}}`, groups: "root: ['system:masters']"},
		"can, all verbs": {
			expectation: `{subjects: [user:dana], can: {verbs: ["*"], resources: [configmaps], namespaces: [team-a]}}`,
			want:        []string{"EX001 error 4: user:dana may not update, patch, deletecollection configmaps in team-a"},
			why:         "nearest: rolebinding/team-a/edit > clusterrole/edit: allows the verbs create, delete, get, list and 1 more",
		},
		"can, verbs that one resource lacks": {
			expectation: `{subjects: [user:dana], can: {verbs: [list, create], resources: [pods, pods/exec], namespaces: [team-a]}}`,
		},
		"can, by name": {expectation: `{subjects: [sa:prod/api], can: {verbs: [get], resources: [secrets], names: [db], namespaces: [prod]}}`},
		"can, any name": {
			expectation: `{subjects: [sa:prod/api], can: {verbs: [get], resources: [secrets], namespaces: [prod]}}`,
			want:        []string{"EX001 error 4: sa:prod/api may not get secrets in prod"},
			why:         "nearest: rolebinding/prod/db > clusterrole/one-secret: allows it for the names db only",
		},
		"cannot, and does not": {expectation: `{subjects: [user:dana], cannot: {verbs: ["*"], resources: [secrets, pods], namespaces: [prod]}}`},
		"cannot, anywhere": {
			expectation: `{subjects: [user:dana, sa:prod/api], cannot: {verbs: [get, list], resources: [secrets]}}`,
			want: []string{
				"EX002 error 4: sa:prod/api may get secrets in prod (only db)",
				"EX002 error 4: user:dana may get secrets in team-a",
			},
			why: "sa:prod/api: rolebinding/prod/db > clusterrole/one-secret (b.yaml:7)",
		},
		"cannot, through a group and everywhere": {
			expectation: `{subjects: [user:bob], cannot: {verbs: [get, list], resources: [pods], namespaces: [empty]}}`, groups: "bob: [ops, ml-a]",
			want: []string{"EX002 error 4: user:bob may get, list pods everywhere"},
			why:  "group:ops: clusterrolebinding/ops > clusterrole/view (b.yaml:7)",
		},
		"cannot, another name": {expectation: `{subjects: [sa:prod/api], cannot: {verbs: [get], resources: [secrets], names: [key]}}`},
		"cannot, a token by name": {
			expectation: `{subjects: ["sa:prod/*"], cannot: {verbs: [create], resources: [serviceaccounts/token]}}`,
			want:        []string{"EX002 error 4: sa:prod/builder may create serviceaccounts/token in prod (only bot)"},
			why:         "sa:prod/builder: rolebinding/prod/token > clusterrole/token (b.yaml:7)",
		},
		"cannot, an account that is in no binding": {expectation: `{subjects: [sa:prod/idle], cannot: {verbs: ["*"], resources: [secrets]}}`},
		"cannot, stars leave built-in subjects alone": {
			expectation: `{subjects: ["user:*", "group:*"], cannot: {verbs: [delete], resources: [configmaps], namespaces: [prod]}}`,
		},
		"cannot, built-in subjects too": {
			expectation: `{subjects: ["user:*"], includeSystem: true, cannot: {verbs: [delete], resources: [configmaps], namespaces: [prod]}}`,
			want:        []string{"EX002 error 4: user:system:kube-controller-manager may delete configmaps everywhere"},
			why:         "user:system:kube-controller-manager: clusterrolebinding/controller > clusterrole/cluster-admin (b.yaml:7)",
		},
		"cannot, a superuser by name": {
			expectation: `{subjects: [group:system:masters], cannot: {verbs: [get], urls: [/healthz]}}`,
			want:        []string{"EX002 error 4: group:system:masters may get /healthz"},
			why:         "group:system:masters: superuser, not checked against RBAC",
		},
		"cannot, namespaces through a RoleBinding": {
			expectation: `{subjects: [user:erin], cannot: {verbs: [get, list, delete], resources: [namespaces, nodes]}}`,
			want:        []string{"EX002 error 4: user:erin may get, delete namespaces in team-a"},
			why:         "user:erin: rolebinding/team-a/ns > clusterrole/nodes (b.yaml:7)",
		},
		"namespaces are the objects": {
			expectation: `{subjects: [user:erin], can: {verbs: [get], resources: [namespaces], namespaces: [team-a, prod]}}`,
			want:        []string{"EX001 error 4: user:erin may not get namespaces prod"},
			why:         "nearest: rolebinding/team-a/ns > clusterrole/nodes: allows it in team-a only",
		},
		"cannot, everything of a group of the API": {
			expectation: `{subjects: [group:sre], cannot: {verbs: ["*"], resources: ["*.apps", "*/exec"]}}`,
		},
		"cannot, everything": {
			expectation: `{subjects: [group:sre], cannot: {verbs: ["*"], resources: ["*"]}}`,
			want:        []string{"EX002 error 4: group:sre may get, list, delete namespaces; get, list, delete nodes"},
			why:         "group:sre: clusterrolebinding/sre > clusterrole/nodes (b.yaml:7)",
		},
		"cannot, everything in namespaces": {
			expectation: `{subjects: [user:erin], cannot: {verbs: ["*"], resources: ["*"], namespaces: ["*"]}}`,
		},
		"nobody but, and nobody else": {
			expectation: `{nobodyBut: [user:dana, "group:ml-*"], can: {verbs: [create], resources: [pods/exec]}}`,
		},
		"nobody but, others": {
			expectation: `{nobodyBut: [group:ml-a], can: {verbs: [get, create], resources: [pods/exec, secrets], namespaces: ["team-*"]}}`,
			want: []string{
				"EX003 error 4: group:ml-b may get secrets in team-b; create pods/exec in team-b",
				"EX003 error 4: user:dana may get secrets in team-a; create pods/exec in team-a",
			},
			why: "group:ml-b: rolebinding/team-b/edit > clusterrole/edit (b.yaml:7)",
		},
		"nobody but members of a group": {
			expectation: `{nobodyBut: [group:ml-a], can: {verbs: [create], resources: [pods/exec], namespaces: [team-a]}}`, groups: "dana: [ml-a]",
		},
		"nobody but service accounts, by their group": {
			expectation: `{nobodyBut: ["group:system:serviceaccounts:prod"], can: {verbs: [get], resources: [secrets], names: [db], namespaces: [prod]}}`,
		},
		"a star for groups is not everybody": {
			expectation: `{nobodyBut: ["group:*"], can: {verbs: [get], urls: [/metrics]}}`,
			want:        []string{"EX003 error 4: sa:prod/prober may get /metrics"},
			why:         "sa:prod/prober: clusterrolebinding/prober > clusterrole/metrics (b.yaml:7)",
		},
		"nobody at all": {
			expectation: `{nobodyBut: [], can: {verbs: [delete], resources: [nodes]}}`,
			want:        []string{"EX003 error 4: group:sre may delete nodes"},
			why:         "group:sre: clusterrolebinding/sre > clusterrole/nodes (b.yaml:7)",
		},
		"nobody at all, not even built-in subjects": {
			expectation: `{nobodyBut: [group:sre], includeSystem: true, can: {verbs: [delete], resources: [nodes]}}`,
			want: []string{
				"EX003 error 4: group:system:masters may delete nodes",
				"EX003 error 4: user:system:kube-controller-manager may delete nodes",
			},
			why: "group:system:masters: superuser, not checked against RBAC",
		},
		"nobody but, for certain names": {
			expectation: `{nobodyBut: [user:dana, group:ml-a, group:ml-b], can: {verbs: [get], resources: [secrets]}}`,
			want:        []string{"EX003 error 4: sa:prod/api may get secrets in prod (only db)"},
			why:         "sa:prod/api: rolebinding/prod/db > clusterrole/one-secret (b.yaml:7)",
		},
		"patterns that match nothing": {
			expectation: `{subjects: ["group:zz-*", "sa:zz/*"], cannot: {verbs: [get], resources: [pods], namespaces: ["zz-*"]}}`,
			want: []string{
				`EX004 error 4: namespace "zz-*" matches none that is known`,
				`EX004 error 4: subject "group:zz-*" matches nobody that is known`,
				`EX004 error 4: subject "sa:zz/*" matches nobody that is known`,
			},
		},
		"an exemption that matches nobody": {
			expectation: `{nobodyBut: ["group:zz-*", "group:sre"], can: {verbs: [delete], resources: [nodes]}}`,
			want:        []string{`EX004 warning 4: subject "group:zz-*" matches nobody that is known`},
		},
		"slips": {
			expectation: `{subjects: [user:dnaa, user:somebody], cannot: {verbs: [gett, get], resources: [secretz, pods/exce, x.example.com, "*.zz"], namespaces: [team-c]}}`,
			want: []string{
				`EX004 error 4: resource "*.zz" matches nothing that is known`,
				`EX004 error 4: resource "pods/exce" is not known: asked as written; did you mean pods/exec?`,
				`EX004 error 4: resource "secretz" is not known: asked as written; did you mean secrets?`,
				`EX004 warning 4: namespace "team-c" is not known: asked as written; did you mean team-a, team-b?`,
				`EX004 warning 4: resource "x.example.com" is not known: asked as written`,
				`EX004 warning 4: verb "gett" is not known: asked as written; did you mean get?`,
				`EX004 info 4: user:dnaa is in no binding; did you mean user:dana?`,
			},
		},
		"a verb that none of the resources has": {
			expectation: `{subjects: [user:dana], cannot: {verbs: [impersonate], resources: [pods]}}`,
			want:        []string{`EX004 warning 4: none of the resources has the verb "impersonate": asked as written`},
		},
		"partial: somebody may, all the same": {
			expectation: `{subjects: [group:ops], can: {verbs: [get], resources: [pods]}}`,
			gaps:        []rbac.Gap{{What: "roles", Cause: "forbidden"}},
		},
		"partial: may not, for all that is known": {
			expectation: `{subjects: [group:ops], can: {verbs: [delete], resources: [pods]}}`,
			gaps:        []rbac.Gap{{What: "roles", Cause: "forbidden"}},
			want:        []string{"EX005 warning 4: cannot be decided: group:ops may not delete pods everywhere, for all that could be read"},
			why:         "nearest: clusterrolebinding/ops > clusterrole/view: allows the verbs get, list, watch\nnot read: roles: forbidden",
		},
		"partial: may not, and nothing of that is hidden": {
			expectation: `{subjects: [group:ops], can: {verbs: [delete], resources: [pods]}}`,
			gaps:        []rbac.Gap{{What: "namespaces", Cause: "forbidden"}, {What: "resources of x", Cause: "down"}},
			want:        []string{"EX001 error 4: group:ops may not delete pods everywhere"},
			why:         "nearest: clusterrolebinding/ops > clusterrole/view: allows the verbs get, list, watch",
		},
		"partial: a pattern may match somebody": {
			expectation: `{subjects: ["group:zz-*"], cannot: {verbs: [get], resources: [pods], namespaces: ["zz-*"]}}`,
			gaps:        []rbac.Gap{{What: "rolebindings in all namespaces", Cause: "forbidden"}},
			want: []string{
				`EX005 warning 4: cannot be decided: namespace "zz-*" matches none that is known, for all that could be read`,
				`EX005 warning 4: cannot be decided: subject "group:zz-*" matches nobody that is known, for all that could be read`,
			},
			why: "not read: rolebindings in all namespaces: forbidden",
		},
		"partial: other resources don't matter": {
			expectation: `{subjects: [group:ops], cannot: {verbs: [delete], resources: [pods]}}`,
			gaps:        []rbac.Gap{{What: "resources of zz", Cause: "down"}},
		},
		"partial: stars may stand for more": {
			expectation: `{subjects: [group:ops], cannot: {verbs: [delete], resources: ["*"]}}`,
			gaps:        []rbac.Gap{{What: "resources of zz", Cause: "down"}},
			want:        []string{"EX005 warning 4: cannot be decided: not everything could be read"},
			why:         "not read: resources of zz: down",
		},
		"partial: a resource may be known": {
			expectation: `{subjects: [group:ops], can: {verbs: [get], resources: ["*.zz"]}}`,
			gaps:        []rbac.Gap{{What: "resources of zz", Cause: "down"}},
			want:        []string{`EX005 warning 4: cannot be decided: resource "*.zz" matches nothing that is known, for all that could be read`},
			why:         "not read: resources of zz: down",
		},
		"resources that only rules name": {
			expectation: `{subjects: [user:max], cannot: {verbs: [get, use], resources: ["*/status", "*.things.example"]}}`,
			want:        []string{"EX002 error 4: user:max may get foos/status.example.com in prod; get */status.wild.example in prod; use bars.things.example in prod"},
			why:         "user:max: rolebinding/prod/foos > clusterrole/foos (b.yaml:7)",
		},
		"partial: a pattern may match more": {
			expectation: `{subjects: [group:ops], can: {verbs: [get], resources: [pods], namespaces: ["*"]}}`,
			gaps:        []rbac.Gap{{What: "namespaces", Cause: "forbidden"}},
			want:        []string{"EX005 warning 4: cannot be decided: not everything could be read"},
			why:         "not read: namespaces: forbidden",
		},
		"partial: must not is undecided": {
			expectation: `{subjects: [group:ops], cannot: {verbs: [delete], resources: [pods]}}`,
			gaps:        []rbac.Gap{{What: "roles", Cause: "forbidden"}},
			want:        []string{"EX005 warning 4: cannot be decided: not everything could be read"},
			why:         "not read: roles: forbidden",
		},
		"partial: nobody but is undecided": {
			expectation: `{nobodyBut: [group:sre], can: {verbs: [delete], resources: [nodes]}}`,
			gaps:        []rbac.Gap{{What: "roles", Cause: "forbidden"}},
			want:        []string{"EX005 warning 4: cannot be decided: not everything could be read"},
			why:         "not read: roles: forbidden",
		},
		"partial: what is proven stays": {
			expectation: `{nobodyBut: [], can: {verbs: [delete], resources: [nodes]}}`,
			gaps:        []rbac.Gap{{What: "roles", Cause: "forbidden"}},
			want:        []string{"EX003 error 4: group:sre may delete nodes"},
			why:         "group:sre: clusterrolebinding/sre > clusterrole/nodes (b.yaml:7)",
		},
		"partial: in another namespace": {
			expectation: `{subjects: [group:ops], cannot: {verbs: [delete], resources: [pods], namespaces: [prod]}}`,
			gaps:        []rbac.Gap{{What: "roles", Namespace: "team-a", Cause: "forbidden"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := head + fmt.Sprintf("expectations: [\n  {name: it, %s]\n", strings.TrimPrefix(test.expectation, "{"))
			if test.groups != "" {
				doc += "groups: {" + test.groups + "}\n"
			}
			snap := world(t)
			snap.Gaps = test.gaps
			got := expect.Evaluate(rbac.Compile(snap), parse(t, doc))
			var lines []string
			why := ""
			for i, f := range got.Findings {
				if f.Object != "it" || f.Location.File != "f.yaml" {
					t.Errorf("object %q at %s", f.Object, f.Location)
				}
				if i == 0 {
					why = f.Why
				}
				lines = append(lines, fmt.Sprintf("%s %s %d: %s", f.ID, f.Severity, f.Location.Line, f.Message))
			}
			if diff := cmp.Diff(test.want, lines); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.why, why); diff != "" {
				t.Errorf("why (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvaluateCounts(t *testing.T) {
	t.Parallel()
	snap := world(t)
	snap.Gaps = []rbac.Gap{{What: "roles", Namespace: "prod", Cause: "forbidden"}}
	got := expect.Evaluate(rbac.Compile(snap), parse(t, head+`expectations:
- {name: holds, subjects: [group:ops], can: {verbs: [get], resources: [pods]}}
- {name: fails, subjects: [group:ops], can: {verbs: [delete], resources: [pods]}}
- {name: undecided, subjects: [group:ops], cannot: {verbs: [delete], resources: [pods]}}
- {name: info only, subjects: [user:dnaa], cannot: {verbs: [get], resources: [pods], namespaces: [empty]}}
- {name: warns, subjects: [group:ops], can: {verbs: [get], resources: [pods], namespaces: [nowhere]}}
`))
	got.Findings = nil
	want := expect.Result{Passed: []string{"holds", "info only"}, Failed: 1, Undecided: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
