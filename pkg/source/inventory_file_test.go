package source_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// readFiles reads the inventory of a text from stdin and of further paths, and returns it with what was said meanwhile.
func readFiles(t *testing.T, text string, want inventory.Want, paths ...string) (*inventory.Inventory, []string, error) {
	t.Helper()
	var said []string
	say := func(kind string) source.Warn {
		return func(format string, args ...any) { said = append(said, kind+": "+fmt.Sprintf(format, args...)) }
	}
	if text != "" {
		paths = append([]string{"-"}, paths...)
	}
	options := source.FilesOptions{Stdin: strings.NewReader(text), Warn: say("warning"), Note: say("note")}
	inv, err := source.FileInventory(t.Context(), paths, options, want)
	return inv, said, err
}

const workspaceManifests = `
apiVersion: kubeflow.org/v1beta1
kind: Profile
metadata: {name: team-a, managedFields: [{manager: kubectl}]}
spec:
  owner: {kind: User, name: alice@acme.example}
  resourceQuotaSpec: {hard: {cpu: 2, memory: 4Gi}}
---
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata:
    name: members
    namespace: team-b
    annotations: {user: bob, role: edit}
    creationTimestamp: 2026-01-02T03:04:05Z
  roleRef: {kind: ClusterRole, name: kubeflow-edit}
  subjects:
  - {kind: User, name: bob}
  - {kind: ServiceAccount, name: default-editor, namespace: team-b}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: profiles-config, namespace: kubeflow}
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: other, namespace: team-b}
- apiVersion: v1
  kind: Secret
  metadata: {name: password, namespace: team-b}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: team-a}
spec: {hard: {cpu: 2, requests.nvidia.com/gpu: "1"}}
---
{"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
 "metadata": {"name": "p", "namespace": "team-a"}, "spec": {"rules": [{"weight": 1.5, "count": 3, "on": true, "off": null}]}}
---
apiVersion: example.com/v1
kind: Profile
metadata: {name: somebody-elses}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: notebooks.kubeflow.org}
spec:
  group: kubeflow.org
  scope: Namespaced
  names: {kind: Notebook, plural: notebooks}
  versions: [{name: v1, served: true}]
`

func TestFileInventory(t *testing.T) {
	t.Parallel()
	kinds := append(allKinds(), inventory.Profiles) // twice is once
	inv, said, err := readFiles(t, workspaceManifests, inventory.Want{Kinds: kinds})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{
		"kubeflow.org/v1 Profile team-a", "security.istio.io/v1 AuthorizationPolicy team-a/p",
		"rbac.authorization.k8s.io/v1 RoleBinding team-b/members", "v1 ResourceQuota team-a/q",
		"v1 ConfigMap kubeflow/profiles-config",
	}, names(inv))
	diff(t, "said", []string{
		"note: stdin: 1 document of other kinds (Profile.example.com 1) skipped",
	}, said)
	served := map[inventory.Kind]bool{}
	for _, kind := range allKinds() {
		served[kind] = kind != inventory.ServiceRoles && kind != inventory.ServiceRoleBindings
	}
	diff(t, "served", served, inv.Served)
	if inv.Live || !inv.Taken.IsZero() || inv.Source != "stdin" || len(inv.Gaps) > 0 {
		t.Errorf("live %v, taken %v, source %q, gaps %v", inv.Live, inv.Taken, inv.Source, inv.Gaps)
	}
	diff(t, "profile", map[string]any{
		"apiVersion": "kubeflow.org/v1", "kind": "Profile", "metadata": map[string]any{"name": "team-a"},
		"spec": map[string]any{
			"owner":             map[string]any{"kind": "User", "name": "alice@acme.example"},
			"resourceQuotaSpec": map[string]any{"hard": map[string]any{"cpu": int64(2), "memory": "4Gi"}},
		},
	}, inv.Profiles[0].Object)
	diff(t, "policy", map[string]any{
		"rules": []any{map[string]any{"weight": 1.5, "count": int64(3), "on": true, "off": nil}},
	}, inv.Policies[0].Object["spec"])
	// Defaults are those that an API server fills in.
	diff(t, "role binding", &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{
			Name: "members", Namespace: "team-b", Annotations: map[string]string{"user": "bob", "role": "edit"},
			CreationTimestamp: metav1.Date(2026, 1, 2, 3, 4, 5, 0, inv.RoleBindings[0].CreationTimestamp.Location()),
		},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "kubeflow-edit"},
		Subjects: []rbacv1.Subject{
			{APIGroup: rbacv1.GroupName, Kind: "User", Name: "bob"}, {Kind: "ServiceAccount", Name: "default-editor", Namespace: "team-b"},
		},
	}, inv.RoleBindings[0])
	diff(t, "quota", corev1.ResourceList{"cpu": resource.MustParse("2"), "requests.nvidia.com/gpu": resource.MustParse("1")}, inv.Quotas[0].Spec.Hard)
}

func TestFileInventoryNarrow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		want    inventory.Want
		objects []string
		served  map[inventory.Kind]bool
	}{
		"kinds": {
			want:    inventory.Want{Kinds: []inventory.Kind{inventory.Quotas, inventory.Notebooks, inventory.ServiceRoles}},
			objects: []string{"v1 ResourceQuota team-a/q"},
			served:  map[inventory.Kind]bool{inventory.Quotas: true, inventory.Notebooks: true, inventory.ServiceRoles: false},
		},
		"namespace": {
			want:    inventory.Want{Kinds: []inventory.Kind{inventory.RoleBindings, inventory.Quotas, inventory.Profiles}, Namespace: "team-b"},
			objects: []string{"rbac.authorization.k8s.io/v1 RoleBinding team-b/members"},
			served:  map[inventory.Kind]bool{inventory.RoleBindings: true, inventory.Quotas: true, inventory.Profiles: true},
		},
		"system": {
			want:    inventory.Want{Kinds: []inventory.Kind{inventory.Controller}, Namespace: "team-a", System: "team-b"},
			objects: []string{"v1 ConfigMap team-b/other"},
			served:  map[inventory.Kind]bool{inventory.Controller: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv, _, err := readFiles(t, workspaceManifests, test.want)
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "objects", test.objects, names(inv))
			diff(t, "served", test.served, inv.Served)
		})
	}
}

func TestFileInventorySaid(t *testing.T) {
	t.Parallel()
	binding := func(namespace, name string) string {
		return fmt.Sprintf("apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: %s%s}\n", name, namespace) +
			"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
	}
	for name, test := range map[string]struct {
		text    string
		objects []string
		said    []string
	}{
		"nothing": {
			text: "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
			said: []string{"warning: no objects of workspaces in stdin; 1 document of other kinds (Service 1) skipped"},
		},
		"only what others read": {
			text: "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x}\n",
			said: []string{"warning: no objects of workspaces in stdin"},
		},
		"no namespace": {
			text:    binding("", "x"),
			objects: []string{"rbac.authorization.k8s.io/v1 RoleBinding default/x"},
			said:    []string{`warning: stdin: 1 object is taken to be in namespace "default", since none is given, first stdin:1`},
		},
		"twice": {
			text:    binding(", namespace: a", "x") + "---\n" + binding(", namespace: a", "x") + "subjects: [{kind: User, name: bob}]\n",
			objects: []string{"rbac.authorization.k8s.io/v1 RoleBinding a/x"},
			said:    []string{"warning: stdin:6: rolebinding/a/x replaces the one of stdin:1"},
		},
		"twice the same": {
			text:    binding(", namespace: a", "x") + "---\n" + binding(", namespace: a", "x"),
			objects: []string{"rbac.authorization.k8s.io/v1 RoleBinding a/x"},
		},
		"unknown field": {
			text:    binding(", namespace: a, annotation: {}", "x"),
			objects: []string{"rbac.authorization.k8s.io/v1 RoleBinding a/x"},
			said:    []string{`warning: stdin:1: RoleBinding "x": unknown field "metadata.annotation": it is ignored`},
		},
		"unknown field of a subject": {
			text:    binding(", namespace: a", "x") + "subjects: [{kind: User, name: bob, mail: bob@acme.example}]\nsubject: bob\n",
			objects: []string{"rbac.authorization.k8s.io/v1 RoleBinding a/x"},
			said: []string{
				`warning: stdin:5: RoleBinding has no field "subjects[0].mail": it is ignored`,
				`warning: stdin:1: RoleBinding "x": unknown field "subject": it is ignored`,
			},
		},
		"namespace in a namespace": {
			text:    "apiVersion: v1\nkind: Namespace\nmetadata: {name: x, namespace: z}\n",
			objects: []string{"v1 Namespace x"},
			said:    []string{`warning: stdin:1: Namespace "x" is in no namespace: "z" is ignored`},
		},
		"old role binding": {
			text:    strings.Replace(binding(", namespace: a", "x"), "/v1", "/v1beta1", 1),
			objects: []string{"rbac.authorization.k8s.io/v1 RoleBinding a/x"},
			said: []string{
				"warning: stdin: 1 object is of rbac.authorization.k8s.io/v1beta1, which servers since 1.22 refuse, first stdin:1",
			},
		},
		"nobody": {
			text:    binding(", namespace: a", "x") + "subjects: [{kind: Robot, name: r2}]\n",
			objects: []string{"rbac.authorization.k8s.io/v1 RoleBinding a/x"},
			said:    []string{`warning: stdin:1: RoleBinding "x": subjects[0] is nobody: kind "Robot", namespace ""`},
		},
		"anchors": {
			text: "apiVersion: v1\nkind: List\nitems:\n- &a\n  apiVersion: v1\n  kind: ServiceAccount\n  metadata: &m {name: x, namespace: a}\n" +
				"- <<: *a\n  metadata: {<<: *m, name: z}\n",
			objects: []string{"v1 ServiceAccount a/x", "v1 ServiceAccount a/z"},
		},
		"numbers": {
			text: "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: x, namespace: a}\n" +
				"spec: {hard: {pods: 0x10, cpu: 0.5, memory: 1_000, services: 014, secrets: 0}}\n",
			objects: []string{"v1 ResourceQuota a/x"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv, said, err := readFiles(t, test.text, inventory.Want{Kinds: []inventory.Kind{
				inventory.RoleBindings, inventory.Namespaces, inventory.ServiceAccounts, inventory.Quotas,
			}})
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "objects", test.objects, names(inv))
			diff(t, "said", test.said, said)
		})
	}
}

func TestFileInventoryErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"broken":      {"\n\napiVersion: v1\nkind: Pod\nmetadata: {name: [}\n", "read stdin:4: broken YAML: did not find expected node content"},
		"no name":     {"---\napiVersion: v1\nkind: Pod\nmetadata: {}\n", "read stdin:4: Pod: metadata.name is missing"},
		"no version":  {"kind: Profile\nmetadata: {name: x}\n", "read stdin:1: Profile: apiVersion is missing"},
		"old version": {"\napiVersion: kubeflow.org/v1alpha1\nkind: Profile\nmetadata: {name: x}\n", `read stdin:2: Profile: apiVersion "kubeflow.org/v1alpha1" is not known, want kubeflow.org/v1`},
		"no kind":     {"apiVersion: rbac.authorization.k8s.io/v1\nmetadata: {name: x}\n", "read stdin:1: kind is missing"},
		"no role":     {"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: x}\n", `read stdin:1: RoleBinding "x": roleRef is missing`},
		"annotation": {
			"\napiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: x, annotations: {gatehouse.dev/http: false}}\n",
			`read stdin:4: metadata.annotations.gatehouse.dev/http: want a string, got the boolean false (quotes make it a string)`,
		},
		"old boolean": {
			"apiVersion: v1\nkind: Namespace\nmetadata: {name: x, annotations: {a: yes}}\n",
			"read stdin:3: metadata.annotations.a: want a string, got the boolean yes (quotes make it a string)",
		},
		"type": {
			"apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x, namespace: a, finalizers: [x]}\nautomountServiceAccountToken: maybe\n",
			`read stdin:1: ServiceAccount "x": automountServiceAccountToken: want true or false, got string`,
		},
		"key twice": {
			"apiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: x}\nspec:\n  owner: {}\n  owner: {}\n",
			`read stdin:6: spec: key "owner" is given twice, first on line 5`,
		},
		"quantity": {
			"apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: x, namespace: a}\nspec: {hard: {cpu: lots}}\n",
			`read stdin:1: ResourceQuota "x": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
		},
		"infinite": {
			"apiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: x}\nspec:\n  weight: .inf\n",
			`read stdin:5: spec.weight: ".inf" is not a number that JSON has`,
		},
		"metadata": {"apiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: [x]\n", "read stdin:3: metadata: want an object, got a list"},
		"deep":     {"apiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: x}\nspec: " + strings.Repeat("[", 300) + strings.Repeat("]", 300) + "\n", "read stdin:4: spec" + strings.Repeat("[0]", 200) + ": nested deeper than 200"},
		"bomb": {
			"apiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: x}\nspec:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + bomb(8),
			"more than 1048576 values in one object",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := readFiles(t, test.text, inventory.Want{Kinds: allKinds()})
			if err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
	if _, _, err := readFiles(t, "", inventory.Want{}); err == nil || err.Error() != "read manifests: no file is given" {
		t.Errorf("no file: %v", err)
	}
	if _, _, err := readFiles(t, "a: b", inventory.Want{Kinds: []inventory.Kind{"nodes"}}); err == nil || err.Error() != `read inventory: there is no kind "nodes"` {
		t.Errorf("unknown kind: %v", err)
	}
}

// bomb is YAML whose aliases unfold to ten times as much with each line.
func bomb(lines int) string {
	var b strings.Builder
	for i := 1; i <= lines; i++ {
		alias := fmt.Sprintf("*a%d, ", i-1)
		fmt.Fprintf(&b, "  a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(alias, 10), ", "))
	}
	return b.String()
}

// That there are profiles at all is seen by those of other names, too.
func TestFileInventoryOfOneNamespaceServes(t *testing.T) {
	t.Parallel()
	const other = "apiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: other}\nspec: {owner: {kind: User, name: a@x.com}}\n"
	inv, err := source.FileInventory(t.Context(), []string{"-"}, source.FilesOptions{Stdin: strings.NewReader(other)},
		inventory.Want{Namespace: "mine", Kinds: []inventory.Kind{inventory.Profiles}})
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Profiles) != 0 || !inv.Served[inventory.Profiles] {
		t.Errorf("%d profiles, served %t; want none, and served", len(inv.Profiles), inv.Served[inventory.Profiles])
	}
}
