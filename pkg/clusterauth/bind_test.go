package clusterauth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// manifests writes objects as a file.
func manifests(t *testing.T, objects []*unstructured.Unstructured) string {
	t.Helper()
	var out []string
	for _, o := range objects {
		data, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(data))
	}
	return strings.Join(out, "---\n")
}

// bound returns the ClusterAuthentication of a test, with other mappings.
func bound(t *testing.T, username, groups string) Authentication {
	t.Helper()
	text := strings.Replace(dex, `username: {claim: email, prefix: ""}`, "username: "+username, 1)
	text = strings.Replace(text, `groups: {claim: groups, prefix: ""}`, "groups: "+groups, 1)
	a, err := state(t, text).Authentication("team-a", "dex")
	if err != nil || a.Problem != nil {
		t.Fatal(err, a.Problem)
	}
	return a
}

const plainName = `{claim: email, prefix: ""}`

func TestBind(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: rbac.authorization.k8s.io/v1\nkind: "
	const metadata = "metadata:\n  annotations:\n    gatehouse.dev/clusterauthentication: team-a/dex\n  name: "
	body := func(kind, role, subject, name string) string {
		namespace := ""
		if kind == "RoleBinding" {
			namespace = "  namespace: dev\n"
		}
		return head + kind + "\n" + metadata + name + "\n" + namespace +
			"roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: " + role +
			"\nsubjects:\n- apiGroup: rbac.authorization.k8s.io\n  kind: " + subject + "\n"
	}
	tests := map[string]struct {
		username, groups string
		binding          Binding
		want             string
		notes            []string
	}{
		"group without a prefix": {
			plainName, `{claim: groups, prefix: ""}`,
			Binding{Group: "Ops Team", Role: "viewer"},
			body("ClusterRoleBinding", "view", "Group\n  name: Ops Team", "clusterauth-group-ops-team-264f1e5f"), nil,
		},
		"group with a prefix": {
			plainName, `{claim: groups, prefix: "oidc:"}`,
			Binding{Group: "ops", Role: "editor", Namespace: "dev"},
			body("RoleBinding", "edit", "Group\n  name: oidc:ops", "clusterauth-group-oidc-ops-039631c4"),
			[]string{"the API server sees group ops of the issuer as oidc:ops"},
		},
		"group with the prefix in front": {
			plainName, `{claim: groups, prefix: "oidc:"}`,
			Binding{Group: "oidc:ops", Role: "editor", Namespace: "dev"},
			body("RoleBinding", "edit", "Group\n  name: oidc:ops", "clusterauth-group-oidc-ops-039631c4"),
			[]string{"oidc:ops has the prefix oidc: already, and is taken as it is"},
		},
		"user with a prefix": {
			`{claim: sub, prefix: "https://x#"}`, "{}",
			Binding{User: "alice", Role: "owner", Issuer: "https://dex.example.com:5556"},
			body("ClusterRoleBinding", "admin", "User\n  name: https://x#alice", "clusterauth-user-https-x-alice-7aa07758"),
			[]string{"the API server sees user alice of the issuer as https://x#alice"},
		},
		"group of an expression": {
			plainName, "{expression: claims.roles}",
			Binding{Group: "ops", Role: "my:role"},
			body("ClusterRoleBinding", "my:role", "Group\n  name: ops", "clusterauth-group-ops-12b1c15e"),
			[]string{"names of groups are made by an expression, so that ops is taken as it is: explain shows what comes out for a token"},
		},
		"everything": {
			plainName, `{claim: groups, prefix: ""}`,
			Binding{Group: "日本", Role: "cluster-admin"},
			body("ClusterRoleBinding", "cluster-admin", "Group\n  name: 日本", "clusterauth-group-name-e342ec8c"),
			[]string{"cluster-admin may do everything in the cluster, and give it to others"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects, notes, err := Bind(bound(t, tt.username, tt.groups), tt.binding)
			checkRefusal(t, err, "", "")
			if diff := cmp.Diff(tt.want, manifests(t, objects)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBindRefuses(t *testing.T) {
	t.Parallel()
	const groups = `{claim: groups, prefix: ""}`
	tests := map[string]struct {
		groups  string
		binding Binding
		want    string
		hint    string
	}{
		"nobody":  {groups, Binding{Role: "viewer"}, "want a group or a user", ""},
		"both":    {groups, Binding{User: "a", Group: "b", Role: "viewer"}, "want a group or a user", ""},
		"masters": {groups, Binding{Group: "system:masters", Role: "viewer"}, "members of system:masters may do everything whatever is bound, and can't be stopped", "use the ClusterRole cluster-admin for a group of your own"},
		"masters by a prefix": {
			`{claim: groups, prefix: "system:"}`,
			Binding{Group: "masters", Role: "viewer"},
			"members of system:masters may do everything whatever is bound, and can't be stopped",
			"use the ClusterRole cluster-admin for a group of your own",
		},
		"system behind a prefix": {
			`{claim: groups, prefix: "oidc:"}`,
			Binding{Group: "system:nodes", Role: "viewer"},
			"system:nodes is a name of Kubernetes' own: nobody should have it from an issuer", "name a group of the issuer",
		},
		"everybody":      {groups, Binding{Group: "system:authenticated", Role: "viewer"}, "system:authenticated is everybody, not only who logs in through the issuer", "name a group of the issuer"},
		"system user":    {groups, Binding{User: "system:admin", Role: "viewer"}, "system:admin is a name of Kubernetes' own: nobody should have it from an issuer", "name a user of the issuer"},
		"no groups":      {"{}", Binding{Group: "ops", Role: "viewer"}, "issuer https://dex.example.com:5556 gives no groups", "bind users, or map a claim to groups"},
		"no role":        {groups, Binding{Group: "ops"}, `role "" is none of viewer, editor and owner, and no name of a ClusterRole`, ""},
		"bad role":       {groups, Binding{Group: "ops", Role: "a/b"}, `role "a/b" is none of viewer, editor and owner, and no name of a ClusterRole`, ""},
		"bad namespace":  {groups, Binding{Group: "ops", Role: "viewer", Namespace: "A"}, `bad namespace "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`, ""},
		"another issuer": {groups, Binding{Group: "ops", Role: "viewer", Issuer: "https://x"}, "clusterauthentication team-a/dex has no issuer https://x", "it has https://dex.example.com:5556"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			objects, _, err := Bind(bound(t, plainName, tt.groups), tt.binding)
			checkRefusal(t, err, "bind for clusterauthentication team-a/dex: "+tt.want, tt.hint)
			if objects != nil {
				t.Errorf("there are manifests: %v", objects)
			}
		})
	}
	several, err := state(t, inlined("", "")).Authentication("team-a", "dex")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Bind(several, Binding{User: "a", Role: "viewer"})
	checkRefusal(t, err, "bind for clusterauthentication team-a/dex: clusterauthentication team-a/dex has several issuers: want one of them",
		"it has https://dex.example.com:5556 and https://b.example.com")
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	objects, _, err := Bind(bound(t, plainName, "{}"), Binding{User: "a", Role: "viewer"})
	if err != nil {
		t.Fatal(err)
	}
	got, notes, err := Deliver("team-a", "dex-access", append(objects, objects...))
	if err != nil {
		t.Fatal(err)
	}
	var inner string
	if inner, _, err = unstructured.NestedString(got[0].Object, "data", "manifests.yaml"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(manifests(t, append(objects, objects...)), inner); diff != "" {
		t.Errorf("manifests (-want +got):\n%s", diff)
	}
	want := "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ServiceTemplate\nmetadata:\n  name: dex-access\n  namespace: team-a\n" +
		"spec:\n  resources:\n    deploymentType: Remote\n    localSourceRef:\n      kind: ConfigMap\n      name: dex-access\n" +
		"      namespace: team-a\n"
	if diff := cmp.Diff(want, manifests(t, got[1:])); diff != "" {
		t.Errorf("template (-want +got):\n%s", diff)
	}
	wantNotes := []string{
		"add it to spec.serviceSpec.services of the clusterdeployment, or of a MultiClusterService: " +
			"{template: dex-access, name: dex-access, namespace: default}",
		"the spec of a ServiceTemplate can't be changed; change the ConfigMap instead",
	}
	if diff := cmp.Diff(wantNotes, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	_, _, err = Deliver("team-a", "x", nil)
	checkRefusal(t, err, "deliver manifests: there are none", "")
}
