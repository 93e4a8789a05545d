package source_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// tree writes files below a new directory, goes there, and returns nothing: paths in tests are relative.
func tree(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// load reads paths without built-in roles, and returns the warnings too.
func load(t *testing.T, stdin io.Reader, paths ...string) (*rbac.Snapshot, []string, error) {
	t.Helper()
	var warnings []string
	s, err := source.FilesWith(paths, source.FilesOptions{
		Stdin: stdin, Bootstrap: source.BootstrapNever,
		Warn: func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) },
		Note: func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) },
	})
	if err != nil {
		return nil, nil, err
	}
	snapshot, err := s.Load(t.Context(), source.Want{})
	return snapshot, warnings, err
}

// objects names what a snapshot holds: "role/dev/reader a.yaml:1".
func objects(s *rbac.Snapshot) []string {
	if s == nil {
		return nil
	}
	var out []string
	for _, r := range s.Roles {
		out = append(out, "role/"+r.Namespace+"/"+r.Name+" "+r.Origin)
	}
	for _, b := range s.Bindings {
		out = append(out, "binding/"+b.Namespace+"/"+b.Name+" "+b.Origin)
	}
	for _, n := range s.Namespaces {
		out = append(out, "namespace/"+n.Name)
	}
	for _, a := range s.ServiceAccounts {
		out = append(out, "sa/"+a.Namespace+"/"+a.Name)
	}
	return out
}

const (
	roleYAML = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: reader
  namespace: dev
rules:
- apiGroups: [""]
  resources: [pods]
  verbs: [get]
`
	bindingYAML = `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: dev}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: bob}]
`
	podYAML = `apiVersion: v1
kind: Pod
metadata: {name: web}
`
)

func indent(text, first, rest string) string {
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	return first + strings.Join(lines, rest) + "\n"
}

func TestFiles(t *testing.T) { // changes the directory, so it is not parallel
	skipped := func(where, what string) []string { return []string{where + ": " + what + " skipped"} }
	none := func(where, what string) []string { return []string{"no RBAC objects in " + where + what} }
	one := []string{"role/dev/reader a.yaml:1"}
	tests := map[string]struct {
		files    map[string]string
		paths    []string // a.yaml when nil
		stdin    string
		want     []string
		warnings []string
		err      string
	}{
		"one document": {files: map[string]string{"a.yaml": roleYAML}, want: one},
		"several documents": {
			files:    map[string]string{"a.yaml": "# a comment\n---\n" + roleYAML + "--- # next\n" + podYAML + "---\n\n---\n" + bindingYAML + "...\n"},
			want:     []string{"role/dev/reader a.yaml:3", "binding/dev/readers a.yaml:19"},
			warnings: skipped("a.yaml", "1 document of other kinds (Pod 1)"),
		},
		"a document on the line of its marker": {
			files: map[string]string{"a.yaml": "--- {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reader, namespace: dev}}\n"},
			want:  one,
		},
		"directives": {files: map[string]string{"a.yaml": "%YAML 1.2\n---\n" + roleYAML}, want: []string{"role/dev/reader a.yaml:3"}},
		"CRLF":       {files: map[string]string{"a.yaml": strings.ReplaceAll("---\n"+roleYAML+"---\n"+bindingYAML, "\n", "\r\n")}, want: []string{"role/dev/reader a.yaml:2", "binding/dev/readers a.yaml:12"}},
		"byte order mark": {
			files: map[string]string{"a.yaml": "\xef\xbb\xbf" + roleYAML}, want: one,
		},
		"UTF-16": {files: map[string]string{"a.yaml": "\xff\xfea\x00"}, err: "read a.yaml: the text is UTF-16; only UTF-8 is read"},
		"separator inside a block text": {
			files: map[string]string{"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: |\n    ---\n" +
				indent(roleYAML, "    ", "    ") + "---\n" + bindingYAML},
			want:     []string{"binding/dev/readers a.yaml:17"},
			warnings: skipped("a.yaml", "1 document of other kinds (ConfigMap 1)"),
		},
		"kind inside a block text": {
			files:    map[string]string{"a.yaml": "data: |\n  kind: Role\n  apiVersion: rbac.authorization.k8s.io/v1\nkind: Secret\napiVersion: v1\n"},
			warnings: none("a.yaml", "; 1 document of other kinds (Secret 1) skipped"),
		},
		"kind inside a quoted text": {
			files:    map[string]string{"a.yaml": "apiVersion: v1\nkind: Secret\ndata: \"x\nkind: Role\n\"\n"},
			warnings: none("a.yaml", "; 1 document of other kinds (Secret 1) skipped"),
		},
		"keys in any order and form": {
			files: map[string]string{"a.yaml": "\"metadata\": {\"name\": reader,\n 'namespace': dev}\n'kind' : \"Role\" # x\napiVersion: 'rbac.authorization.k8s.io/v1'\n"},
			want:  one,
		},
		"kind on the next line": {
			files: map[string]string{"a.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind:\n  Role\nmetadata: {name: reader, namespace: dev}\n"},
			want:  one,
		},
		"anchors and merge keys": {
			files: map[string]string{"a.yaml": "x: &m {name: reader, namespace: dev}\napiVersion: &v rbac.authorization.k8s.io/v1\nkind: !!str Role\nmetadata: {<<: *m}\nrules: []\n"},
			want:  one, warnings: []string{`a.yaml:1: Role has no field "x": it is ignored`},
		},
		"indented as a whole": {files: map[string]string{"a.yaml": indent(roleYAML, "  ", "  ")}, want: one},
		"list of kubectl": {
			files: map[string]string{"a.yaml": "apiVersion: v1\nitems:\n" + indent(roleYAML, "- ", "  ") + indent(podYAML, "- ", "  ") +
				indent(bindingYAML, "- ", "  ") + "kind: List\nmetadata:\n  resourceVersion: \"\"\n"},
			want:     []string{"role/dev/reader a.yaml:3", "binding/dev/readers a.yaml:15"},
			warnings: skipped("a.yaml", "1 document of other kinds (Pod 1)"),
		},
		"indented list": {
			files: map[string]string{"a.yaml": "kind: List\napiVersion: v1\nitems:\n\n  # first\n" + indent(roleYAML, "  -   ", "      ") + indent(bindingYAML, "  - ", "    ")},
			want:  []string{"role/dev/reader a.yaml:6", "binding/dev/readers a.yaml:15"},
		},
		"typed list": {
			files: map[string]string{"a.yaml": "kind: RoleList\napiVersion: rbac.authorization.k8s.io/v1\nitems:\n- metadata: {name: reader, namespace: dev}\n"},
			want:  []string{"role/dev/reader a.yaml:4"},
		},
		"typed list, kind last": {
			files: map[string]string{"a.yaml": "items:\n- metadata: {name: reader, namespace: dev}\n- metadata: {name: b, namespace: dev}\nkind: RoleList\napiVersion: rbac.authorization.k8s.io/v1\n"},
			want:  []string{"role/dev/reader a.yaml:2", "role/dev/b a.yaml:3"},
		},
		"list in a list": {
			files: map[string]string{"a.yaml": "kind: List\napiVersion: v1\nitems:\n- kind: List\n  apiVersion: v1\n  items:\n" + indent(roleYAML, "  - ", "    ") + indent(bindingYAML, "- ", "  ")},
			want:  []string{"role/dev/reader a.yaml:7", "binding/dev/readers a.yaml:16"},
		},
		"flow list": {
			files: map[string]string{"a.yaml": "kind: List\napiVersion: v1\nitems: [{kind: Role, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: reader, namespace: dev}}]\n"},
			want:  []string{"role/dev/reader a.yaml:3"},
		},
		"list with an item that needs a parser": {
			files: map[string]string{"a.yaml": "kind: RoleList\napiVersion: rbac.authorization.k8s.io/v1\nitems:\n" + indent(roleYAML, "- ", "  ") +
				"- {metadata: {name: b, namespace: dev}}\n- metadata: {name: c, namespace: dev}\n"},
			want: []string{"role/dev/reader a.yaml:4", "role/dev/b a.yaml:13", "role/dev/c a.yaml:14"},
		},
		"JSON": {
			files: map[string]string{"a.json": `
{"kind": "Role", "apiVersion": "rbac.authorization.k8s.io/v1",
 "metadata": {"name": "reader", "namespace": "dev", "annotations": {"a": "\ud83d\ude00 } \" {"}}, "rules": [{"verbs": ["get"]}]}
{"kind": "Pod"} {"kind": "RoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "readers", "namespace": "dev"},
 "roleRef": {"kind": "Role", "name": "reader"}}
`}, paths: []string{"a.json"},
			want:     []string{"role/dev/reader a.json:2", "binding/dev/readers a.json:4"},
			warnings: skipped("a.json", "1 document of other kinds (Pod 1)"),
		},
		"JSON list, kind last": {
			files: map[string]string{"a.json": `{"apiVersion": "v1", "items": [
 {"kind": "Role", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "reader", "namespace": "dev"}},
 {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}}],
"kind": "List"}`}, paths: []string{"a.json"},
			want: []string{"role/dev/reader a.json:2"}, warnings: skipped("a.json", "1 document of other kinds (Pod 1)"),
		},
		"typed JSON list, kind last": {
			files: map[string]string{"a.json": "{\"apiVersion\": \"rbac.authorization.k8s.io/v1\", \"items\": [\n {\"metadata\": {\"name\": \"reader\", \"namespace\": \"dev\"}}],\n\"kind\": \"RoleList\"}"},
			paths: []string{"a.json"}, want: []string{"role/dev/reader a.json:2"},
		},
		"JSON, then YAML": {
			files: map[string]string{"a.yaml": `{"kind": "Pod"}` + "\n---\n" + roleYAML}, want: []string{"role/dev/reader a.yaml:3"},
			warnings: skipped("a.yaml", "1 document of other kinds (Pod 1)"),
		},
		"YAML that begins like JSON": {
			files: map[string]string{"a.yaml": "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, # x\n metadata: {name: reader, namespace: dev}}\n---\n" + bindingYAML},
			want:  []string{"role/dev/reader a.yaml:1", "binding/dev/readers a.yaml:4"},
		},
		"other groups": {
			files:    map[string]string{"a.yaml": "apiVersion: authorization.openshift.io/v1\nkind: Role\nmetadata: {name: x, namespace: dev}\n"},
			warnings: none("a.yaml", "; 1 document of other kinds (Role.authorization.openshift.io 1) skipped"),
		},
		"namespaces and service accounts": {
			files: map[string]string{"a.yaml": "kind: Namespace\napiVersion: v1\nmetadata: {name: dev}\n---\nkind: ServiceAccount\napiVersion: v1\nmetadata: {name: ci, namespace: dev}\n"},
			want:  []string{"namespace/dev", "sa/dev/ci"}, warnings: none("a.yaml", ""),
		},
		"no namespace given": {
			files:    map[string]string{"a.yaml": strings.ReplaceAll(roleYAML+"---\n"+bindingYAML, "namespace: dev", "x-y: z")},
			want:     []string{"role/default/reader a.yaml:1", "binding/default/readers a.yaml:11"},
			warnings: []string{`a.yaml: 2 objects are taken to be in namespace "default", since none is given, first a.yaml:1`},
		},
		"a ClusterRole with a namespace": {
			files: map[string]string{"a.yaml": strings.Replace(roleYAML, "kind: Role", "kind: ClusterRole", 1)},
			want:  []string{"role//reader a.yaml:1"}, warnings: []string{`a.yaml:1: ClusterRole "reader" is in no namespace: "dev" is ignored`},
		},
		"old version": {
			files: map[string]string{"a.yaml": strings.Replace(roleYAML, "/v1", "/v1beta1", 1)}, want: one,
			warnings: []string{"a.yaml: 1 object is of rbac.authorization.k8s.io/v1beta1, which servers since 1.22 refuse, first a.yaml:1"},
		},
		"the same object twice": {files: map[string]string{"a.yaml": roleYAML + "---\n" + roleYAML}, want: []string{"role/dev/reader a.yaml:11"}},
		"another object of the same name": {
			files: map[string]string{"a.yaml": roleYAML, "b.yaml": strings.Replace(roleYAML, "get", "list", 1)}, paths: []string{"a.yaml", "b.yaml"},
			want: []string{"role/dev/reader b.yaml:1"}, warnings: []string{"b.yaml:1: role/dev/reader replaces the one of a.yaml:1"},
		},
		"unknown fields": {
			files: map[string]string{"a.yaml": strings.Replace(roleYAML, "resources:", "resource:", 1)}, want: one,
			warnings: []string{`a.yaml:8: Role has no field "rules[0].resource": it is ignored`},
		},
		"subjects that are nobody": {
			files: map[string]string{"a.yaml": strings.Replace(bindingYAML, "User", "Robot", 1)}, want: []string{"binding/dev/readers a.yaml:1"},
			warnings: []string{`a.yaml:1: RoleBinding "readers": subjects[0] is nobody: kind "Robot", namespace ""`},
		},
		"a roleRef no server takes": {
			files: map[string]string{"a.yaml": strings.Replace(bindingYAML, "kind: Role,", "kind: Rôle,", 1)}, want: []string{"binding/dev/readers a.yaml:1"},
			warnings: []string{`a.yaml:1: RoleBinding "readers": an API server refuses the kind "Rôle" in roleRef`},
		},
		"directory": {
			files: map[string]string{
				"d/b/x.yml": roleYAML, "d/a.json": `{"kind":"Pod"}`, "d/.git/x.yaml": "{{", "d/readme.md": "{{", "d/z.YAML": bindingYAML,
			},
			paths: []string{"d"}, want: []string{"role/dev/reader d/b/x.yml:1", "binding/dev/readers d/z.YAML:1"},
			warnings: skipped("d", "1 document of other kinds (Pod 1)"),
		},
		"directory without RBAC": {
			files: map[string]string{"d/a.yaml": podYAML + "---\nkind: Service\n---\nkind: Service\n---\na: b\n"}, paths: []string{"d"},
			warnings: none("d", "; 4 documents of other kinds (Service 2, no kind 1, Pod 1) skipped"),
		},
		"empty directory": {files: map[string]string{"d/x.txt": ""}, paths: []string{"d"}, warnings: none("d", "")},
		"stdin":           {paths: []string{"-"}, stdin: roleYAML, want: []string{"role/dev/reader stdin:1"}},
		"stdin twice":     {paths: []string{"-", "-"}, err: "read stdin: it is given twice"},
		"no such file":    {paths: []string{"nope.yaml"}, err: "read nope.yaml: no such file or directory"},
		"URL": {
			paths: []string{"https://x.example/a.yaml"},
			err:   "read https://x.example/a.yaml: URLs are not fetched; fetch it and give it as a file or as -",
		},
		"empty file": {files: map[string]string{"a.yaml": ""}, warnings: none("a.yaml", "")},
		"a dump that an API server wrote": {
			files: map[string]string{"a.yaml": strings.Replace(roleYAML, "metadata:", "metadata:\n  uid: 1a2b\n  managedFields: [{manager: x}]", 1)}, want: one,
		},

		// Errors: each with file and line.
		"broken YAML": {
			files: map[string]string{"a.yaml": podYAML + "---\n" + roleYAML + "  x: [\n"},
			err:   "read a.yaml:14: broken YAML: did not find expected node content",
		},
		"tab": {
			files: map[string]string{"a.yaml": "# x\n" + strings.Replace(roleYAML, "  name", "\tname", 1)},
			err:   "read a.yaml:5: broken YAML: found character that cannot start any token",
		},
		"broken item": {
			files: map[string]string{"a.yaml": "kind: List\napiVersion: v1\nitems:\n" + indent(roleYAML, "- ", "  ") + "- kind: Role\n  a: b: c\n"},
			err:   "read a.yaml:14: broken YAML: mapping values are not allowed in this context",
		},
		"unknown anchor": {
			files: map[string]string{"a.yaml": "---\n" + strings.Replace(roleYAML, "[get]", "*x", 1)},
			err:   "read a.yaml:2: broken YAML: unknown anchor 'x' referenced",
		},
		"key twice": {
			files: map[string]string{"a.yaml": "kind: Pod\n" + roleYAML}, err: `read a.yaml:3: key "kind" is given twice, first on line 1`,
		},
		"key twice in a field": {
			files: map[string]string{"a.yaml": roleYAML + "  verbs: [list]\n"},
			err:   `read a.yaml:10: rules[0]: key "verbs" is given twice, first on line 9`,
		},
		"verbs are no list": {
			files: map[string]string{"a.yaml": strings.Replace(roleYAML, "[get]", "get", 1)},
			err:   `read a.yaml:9: rules[0].verbs: want a list, got the string "get"`,
		},
		"verb is a number": {
			files: map[string]string{"a.yaml": strings.Replace(roleYAML, "[get]", "[get, 1]", 1)},
			err:   `read a.yaml:9: rules[0].verbs[1]: want a string, got the number 1 (quotes make it a string)`,
		},
		"name is a boolean for kubectl": {
			files: map[string]string{"a.yaml": strings.Replace(roleYAML, "reader", "yes", 1)},
			err:   `read a.yaml:4: metadata.name: want a string, got the boolean yes (quotes make it a string)`,
		},
		"rules are a mapping": {
			files: map[string]string{"a.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: x, namespace: y-z}\nrules:\n  verbs: [get]\n"},
			err:   `read a.yaml:5: rules: want a list, got an object`,
		},
		"no name": {
			files: map[string]string{"a.yaml": strings.Replace(roleYAML, "name: reader", "generateName: r-", 1)},
			err:   `read a.yaml:4: Role: metadata.name is missing`,
		},
		"no metadata": {
			files: map[string]string{"a.yaml": "\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n"}, err: `read a.yaml:2: Role: metadata is missing`,
		},
		"no kind":       {files: map[string]string{"a.yaml": strings.Replace(roleYAML, "kind", "Kind", 1)}, err: `read a.yaml:1: kind is missing`},
		"no apiVersion": {files: map[string]string{"a.yaml": strings.Replace(roleYAML, "apiVersion", "x", 1)}, err: `read a.yaml:1: Role: apiVersion is missing`},
		"unknown version": {
			files: map[string]string{"a.yaml": strings.Replace(roleYAML, "/v1", "/v1alpha1", 1)},
			err:   `read a.yaml:1: Role: apiVersion "rbac.authorization.k8s.io/v1alpha1" is not known, want rbac.authorization.k8s.io/v1`,
		},
		"no roleRef": {
			files: map[string]string{"a.yaml": strings.Replace(bindingYAML, "roleRef", "roleref", 1)},
			err:   `read a.yaml:1: RoleBinding "readers": roleRef is missing`,
			// The unknown field is told before; here only the error counts.
		},
		"roleRef without a name": {
			files: map[string]string{"a.yaml": strings.Replace(bindingYAML, "name: reader}", "name: }", 1)}, err: `read a.yaml:4: roleRef.name is missing`,
		},
		"subject without a name": {
			files: map[string]string{"a.yaml": strings.Replace(bindingYAML, "name: bob", "namespace: bob", 1)}, err: `read a.yaml:5: subjects[0]: name is missing`,
		},
		"broken JSON": {
			files: map[string]string{"a.json": "{\"kind\": \"Role\",\n\"metadata\": {\"name\": nope}}"}, paths: []string{"a.json"},
			err: `read a.json:2: broken JSON: invalid character 'o' in literal null (expecting 'u')`,
		},
		"cut off JSON": {
			files: map[string]string{"a.json": "\n{\"kind\": \"Role\",\n\"metadata\": {"}, paths: []string{"a.json"},
			err: "read a.json:3: the JSON ends in the middle of the object that begins on line 2",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tree(t, tc.files)
			paths := tc.paths
			if paths == nil {
				paths = []string{"a.yaml"}
			}
			got, warnings, err := load(t, strings.NewReader(tc.stdin), paths...)
			gotErr := ""
			if err != nil {
				gotErr, got, warnings = err.Error(), nil, nil
			}
			if diff := cmp.Diff(tc.err, gotErr); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.want, objects(got)); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilesContent(t *testing.T) {
	tree(t, map[string]string{"a.yaml": `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: all
  labels: {rbac.example.com/aggregate: "true", "on": "1"}
aggregationRule:
  clusterRoleSelectors:
  - matchLabels: {a: b}
    matchExpressions:
    - {key: c, operator: In, values: [d, "on"]}
rules:
- {verbs: ["*"], apiGroups: ["", apps], resources: [pods, pods/exec], resourceNames: [""]}
- verbs:
  - get
  nonResourceURLs: [/metrics]
- apiGroups:
  -
  verbs: null
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all, resourceVersion: "1"}
roleRef: {kind: ClusterRole, name: all}
subjects:
- {kind: Group, name: ops}
- {kind: ServiceAccount, name: bot, namespace: dev}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: empty, uid: x}
aggregationRule: {}
`})
	got, warnings, err := load(t, nil, "a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := &rbac.Snapshot{
		Cluster: "a.yaml", Marked: true,
		Roles: []rbac.Role{
			{
				Name: "all", Labels: map[string]string{"rbac.example.com/aggregate": "true", "on": "1"}, Origin: "a.yaml:2",
				Aggregates: []metav1.LabelSelector{{
					MatchLabels:      map[string]string{"a": "b"},
					MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "c", Operator: "In", Values: []string{"d", "on"}}},
				}},
				Rules: []rbacv1.PolicyRule{
					{Verbs: []string{"*"}, APIGroups: []string{"", "apps"}, Resources: []string{"pods", "pods/exec"}, ResourceNames: []string{""}},
					{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}},
					{APIGroups: []string{""}},
				},
			},
			{Name: "empty", Origin: "a.yaml:29", Stored: true, Aggregates: []metav1.LabelSelector{}},
		},
		Bindings: []rbac.Binding{{
			Name: "all", Origin: "a.yaml:21", RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "all"},
			Subjects: []rbacv1.Subject{
				{Kind: "Group", APIGroup: rbacv1.GroupName, Name: "ops"}, {Kind: "ServiceAccount", Name: "bot", Namespace: "dev"},
			},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(warnings) > 0 {
		t.Errorf("warnings: %q", warnings)
	}
}

func TestCustomResources(t *testing.T) {
	const crd = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.x.example}
spec:
  group: x.example
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
  - {name: v1alpha1, served: true, subresources: {status: {}}}
  - {name: v1, served: true, subresources: {scale: {specReplicasPath: .spec.replicas}}}
  - {name: v2, served: false}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: olds.x.example}
spec: {group: x.example, scope: Cluster, names: {plural: olds, kind: Old}, versions: [{name: v1, served: false}]}
`
	tree(t, map[string]string{"a.yaml": crd, "bad.yaml": "\n" + strings.Replace(crd, "group: x.example\n", "\n", 1)})
	got, _, err := load(t, nil, "a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	verbs := []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
	sub := []string{"get", "patch", "update"}
	want := []rbac.Resource{
		{
			Group: "x.example", Version: "v1", Name: "widgets", Singular: "widget", Kind: "Widget", ShortNames: []string{"wd"},
			Categories: []string{"all"}, Namespaced: true, Verbs: verbs,
		},
		{Group: "x.example", Version: "v1", Name: "widgets/scale", Kind: "Scale", Namespaced: true, Verbs: sub},
		{Group: "x.example", Version: "v1alpha1", Name: "widgets/status", Kind: "Widget", Namespaced: true, Verbs: sub},
	}
	custom := got.Resources[max(0, len(got.Resources)-3):]
	if diff := cmp.Diff(want, custom); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, known := rbac.NewCatalog(got.Resources).Lookup("", "pods"); !known {
		t.Error("beside custom resources, those of Kubernetes itself are gone")
	}
	_, _, err = load(t, nil, "bad.yaml")
	wantErr := `read bad.yaml:3: CustomResourceDefinition "widgets.x.example": spec.group, spec.names.plural and spec.names.kind are needed`
	if err == nil || err.Error() != wantErr {
		t.Errorf("want %q, got %v", wantErr, err)
	}
}

func TestSymbolicLinks(t *testing.T) {
	tree(t, map[string]string{"d/sub/a.yaml": roleYAML, "real/b.yaml": bindingYAML})
	for link, target := range map[string]string{
		"d/sub/loop": "..", "d/again": "sub", "d/other": "../real", "d/file.yaml": "../real/b.yaml", "d/dead": "nowhere",
	} {
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := load(t, nil, "d")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"role/dev/reader d/again/a.yaml:1", "binding/dev/readers d/other/b.yaml:1"}
	if diff := cmp.Diff(want, objects(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := os.Symlink("nowhere", "d/dead.yaml"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := load(t, nil, "d"); err == nil || err.Error() != "read d/dead.yaml: no such file or directory" {
		t.Errorf("dead link: %v", err)
	}
}

func TestStdin(t *testing.T) {
	t.Parallel()
	s, err := source.Files([]string{"-"}, strings.NewReader(roleYAML), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Name() != "stdin" {
		t.Errorf("name %q", s.Name())
	}
	if _, err := s.Load(t.Context(), source.Want{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load(t.Context(), source.Want{}); err == nil {
		t.Error("stdin was read a second time")
	}
}

// TestInterrupted waits for input that never comes.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	never, w := io.Pipe()
	defer w.Close() //nolint:errcheck // a pipe's end
	s, err := source.Files([]string{"-"}, never, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Load(ctx, source.Want{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("want the context's error, got %v", err)
	}
}

func TestBootstrap(t *testing.T) {
	dump := strings.NewReplacer("kind: Role", "kind: ClusterRole", "name: reader", "name: edit\n  uid: x", "  namespace: dev\n", "").Replace(roleYAML)
	own := strings.NewReplacer("kind: Role", "kind: ClusterRole", "name: reader", "name: edit", "  namespace: dev\n", "").Replace(roleYAML)
	whole := ""
	for _, name := range []string{"cluster-admin", "admin", "edit", "view", "system:basic-user"} {
		whole += "---\n" + strings.Replace(dump, "name: edit", "name: "+name, 1)
	}
	tree(t, map[string]string{"a.yaml": roleYAML, "dump.yaml": dump, "own.yaml": own, "whole.yaml": whole, "none.yaml": podYAML})
	read := func(path string) (names map[string]string, aggregated int) {
		t.Helper()
		s, err := source.Files([]string{path}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		snapshot, err := s.Load(t.Context(), source.Want{})
		if err != nil {
			t.Fatal(err)
		}
		names = map[string]string{}
		for _, r := range snapshot.Roles {
			names[r.Namespace+"/"+r.Name] = r.Origin
			if len(r.Aggregates) > 0 && !r.Stored {
				aggregated++
			}
		}
		for _, b := range snapshot.Bindings {
			names["binding "+b.Namespace+"/"+b.Name] = b.Origin
		}
		return names, aggregated
	}
	names, aggregated := read("a.yaml")
	for _, name := range []string{
		"/cluster-admin", "/admin", "/edit", "/view", "/system:aggregate-to-edit", "/system:controller:job-controller",
		"kube-system/extension-apiserver-authentication-reader", "binding /cluster-admin", "binding /system:basic-user",
	} {
		if names[name] != "built-in" {
			t.Errorf("%s is from %q", name, names[name])
		}
	}
	if names["dev/reader"] != "a.yaml:1" || aggregated != 3 {
		t.Errorf("reader is from %q, %d aggregated roles", names["dev/reader"], aggregated)
	}
	if names, _ := read("own.yaml"); names["/edit"] != "own.yaml:1" || names["/view"] != "built-in" {
		t.Errorf("edit is from %q, view from %q", names["/edit"], names["/view"])
	}
	// One role of a dump says nothing about the others.
	if names, _ := read("dump.yaml"); names["/edit"] != "dump.yaml:1" || names["/view"] != "built-in" {
		t.Errorf("edit is from %q, view from %q", names["/edit"], names["/view"])
	}
	if names, _ := read("whole.yaml"); len(names) != 5 {
		t.Errorf("a dump of all roles got built-in ones: %v", names)
	}
	if names, _ := read("none.yaml"); len(names) != 0 {
		t.Errorf("what holds no RBAC objects got built-in roles: %v", names)
	}
}

// TestAggregateAcross adds manifests to a dump: the controller would fill the aggregated role anew.
func TestAggregateAcross(t *testing.T) {
	const head = "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\n"
	part := func(name, meta, verb string) string {
		return head + "metadata: {name: " + name + meta + "}\nrules: [{verbs: [" + verb + "], apiGroups: [''], resources: [pods]}]\n"
	}
	tree(t, map[string]string{
		"dump.yaml": part("all", ", uid: a", "get") + "aggregationRule: {clusterRoleSelectors: [{matchLabels: {to: all}}]}\n" +
			part("old", ", uid: b, labels: {to: all}", "get"),
		"part.yaml":     part("new", ", labels: {to: all}", "list"),
		"replaced.yaml": part("old", "", "list"),
		"other.yaml":    part("other", ", labels: {to: none}", "list"),
		"stored.yaml":   part("later", ", uid: c, labels: {to: all}", "list"),
	})
	for path, want := range map[string]bool{"part.yaml": false, "replaced.yaml": false, "other.yaml": true, "stored.yaml": true} {
		for _, paths := range [][]string{{"dump.yaml", path}, {path, "dump.yaml"}} {
			if path == "replaced.yaml" && paths[0] == path {
				continue // then the dump's replaces the manifest's
			}
			snapshot, _, err := load(t, nil, paths...)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range snapshot.Roles {
				if r.Name == "all" && (r.Stored != want || (len(r.Rules) > 0) != want) {
					t.Errorf("%v: stored %v, rules %v, want it stored: %v", paths, r.Stored, r.Rules, want)
				}
			}
		}
	}
}

func TestNotEmpty(t *testing.T) {
	tree(t, map[string]string{"none/x.txt": "", "pod.yaml": podYAML, "ns.yaml": "kind: Namespace\napiVersion: v1\nmetadata: {name: dev}\n"})
	for path, want := range map[string]string{"none": "read none: it is empty", "pod.yaml": "", "ns.yaml": ""} {
		s, err := source.FilesWith([]string{path}, source.FilesOptions{NotEmpty: true})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if _, err := s.Load(t.Context(), source.Want{}); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: error %q, want %q", path, got, want)
		}
	}
}
